"""Rows taken out of the parts of a reading, for the erasure of a person. Only the warehouse opens its own files."""

import io
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from upstander.contracts.readings import Manifest, Part
from upstander.values.durable import sync_folder, write_whole
from upstander.warehouse.manifests import ERASED_PART, MANIFEST, part_of, read_manifest, written

_UNLIKE = ("row_id", "incident_token", "person_token")  # texts that hardly repeat: a dictionary of them only costs


def part_without(content: bytes, lines: Collection[int]) -> tuple[bytes, int]:
    """A Parquet part without the rows of these lines of the file, and how many they were; the same bytes if none."""
    source = pq.ParquetFile(pa.BufferReader(content))
    kept = [_kept(source.read_row_group(group), lines) for group in range(source.num_row_groups)]
    gone = source.metadata.num_rows - sum(table.num_rows for table in kept)
    if not gone:
        return content, 0
    out = io.BytesIO()
    repeating = [field.name for field in source.schema_arrow if _is_text(field) and field.name not in _UNLIKE]
    with pq.ParquetWriter(out, source.schema_arrow, compression="zstd", use_dictionary=repeating) as writer:
        for table in kept:
            writer.write_table(table)
    return out.getvalue(), gone


def rows_in(content: bytes) -> int:
    """How many rows a Parquet part has."""
    return int(pq.ParquetFile(pa.BufferReader(content)).metadata.num_rows)


def rewrite_reading(folder: Path, lines: Collection[int], erasure: str, note: str) -> int:
    """Take these rows out of a reading, as this erasure; how many rows that was. `note` joins the manifest's notes.

    New parts lie beside the old ones before the manifest names them, by one rename; then the old ones go. A killed run
    is finished by the same call, which counts nothing twice.
    """
    manifest = read_manifest(folder / MANIFEST)
    gone = 0
    if erasure not in manifest.erasures:
        remade = [_part(folder, part, lines, erasure) for part in manifest.parts]
        gone = manifest.rows - sum(part.rows for part in remade if part)
        parts = tuple(part for part in remade if part)
        notes = (*manifest.notes, note) if note else manifest.notes
        manifest = replace(
            manifest, parts=parts, notes=notes, erased=manifest.erased + gone, erasures=(*manifest.erasures, erasure)
        )
        sync_folder(folder)
        write_whole(folder / MANIFEST, written(manifest))
    tidy_parts(folder, manifest)
    return gone


def tidy_parts(folder: Path, manifest: Manifest) -> None:
    """Remove the parts that the manifest names no more, and those it never came to name."""
    for path in left_behind(folder, manifest):
        path.unlink()
    sync_folder(folder)


def left_behind(folder: Path, manifest: Manifest) -> list[Path]:
    """Parts from before an erasure, or from one that was not finished."""
    named = {part.name for part in manifest.parts}
    others = [path for path in sorted(folder.glob("*.parquet")) if path.name not in named]
    return [path for path in others if manifest.erasures or ERASED_PART.search(path.name)]


def tokens_by_line(paths: Collection[Path]) -> pl.DataFrame:
    """The line and the person_token of every row in these parts that has a token."""
    rows = pl.scan_parquet(sorted(paths), glob=False) if paths else pl.LazyFrame(schema={"row_id": pl.String})
    if "person_token" not in rows.collect_schema():
        return pl.DataFrame(schema={"line": pl.Int64, "person_token": pl.String})
    found = rows.select(_line(), pl.col("person_token").cast(pl.String))
    return found.filter(pl.col("person_token").fill_null("") != "").unique().collect()


def _line() -> pl.Expr:
    """The line of the file that a row came from; `row_id` is reading:line, or reading:line:figure."""
    return pl.col("row_id").str.split(":").list.get(1).cast(pl.Int64).alias("line")


def _part(folder: Path, part: Part, lines: Collection[int], erasure: str) -> Part | None:
    """The part that takes the place of this one: itself, a new one, or none where no row is left."""
    content, gone = part_without((folder / part.name).read_bytes(), lines)
    if not gone:
        return part
    if gone == part.rows:
        return None
    path = folder / f"{ERASED_PART.sub('', part.name).removesuffix('.parquet')}-{erasure}.parquet"
    write_whole(path, content)
    return part_of(path)


def _kept(table: pa.Table, lines: Collection[int]) -> pa.Table:
    rows = pl.DataFrame(pl.from_arrow(table.select(["row_id"])))
    keep = rows.select(~_line().is_in(list(lines))).to_series()
    return table if keep.all() else table.filter(pa.array(keep.to_list()))


def _is_text(field: pa.Field) -> bool:
    return bool(pa.types.is_string(field.type) or pa.types.is_large_string(field.type))
