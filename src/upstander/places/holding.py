"""Reference data at rest: `reference/<kind>/<vintage>/` with its tables and `source.json`, never changed once there.

The same sources read the same way have the same id and are already held. Other sources for the same vintage get a
folder of their own, `<vintage>.2`, and become the newest. A folder exists whole or not at all: it is made under a
name that starts with a dot and renamed.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from upstander.errors import WrongUsage
from upstander.values import durable
from upstander.values.canonical import canonical_json, short_id

KINDS = ("boundaries", "lookup", "population", "visitors", "postcodes", "gazetteer", "aliases", "sites")
FULL, GENERALISED = "full", "generalised"
# What to say of reference data that is of no layer.
_CONTENT = {
    "gazetteer": "{rows:,} venues, streets and towns", "aliases": "{rows:,} names that people use",
    "sites": "{rows:,} treating sites",
} | dict.fromkeys(
    ("boundaries", "lookup", "population", "visitors", "postcodes"),
    "points alone, whose areas the outlines held will tell",
)  # fmt: skip
_FORMAT = "1"  # part of every id: a new way of normalising is a new reading of the same sources
_VINTAGE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Source:
    """One file that reference data was made from."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Held:
    """One set of reference data as it lies in its folder. `quality` and `crs` are empty except for boundaries."""

    kind: str
    vintage: str
    edition: int
    id: str
    folder: Path
    layers: tuple[str, ...]
    crs: str
    quality: str
    attribution: str
    rows: int
    notes: tuple[str, ...]

    def table(self, name: str) -> pl.DataFrame:
        """One of its tables."""
        return pl.read_parquet(self.folder / f"{name}.parquet", glob=False)


@dataclass(frozen=True)
class Loaded:
    """What became of a load. `already_held` means that nothing was written."""

    held: Held
    already_held: bool

    @property
    def message(self) -> str:
        """What to tell the person who loaded it."""
        state = "already held" if self.already_held else "held now"
        layers = ", ".join(self.held.layers) or _CONTENT[self.held.kind].format(rows=self.held.rows)
        return f"{self.held.kind} {self.held.folder.name}: {layers}; {state}"


@dataclass(frozen=True)
class Normalised:
    """Reference data read and ready to be held: its tables, how many rows its sources had, and what was noticed."""

    kind: str
    vintage: str
    layers: tuple[str, ...]
    tables: Mapping[str, pl.DataFrame]
    rows: int
    crs: str = ""
    quality: str = ""
    notes: tuple[str, ...] = ()


def sources_of(paths: Sequence[Path]) -> tuple[Source, ...]:
    """Name, SHA-256 and size of each file. The order in which files are named makes no difference."""
    found = []
    for path in paths:
        with path.open("rb") as file:
            found.append(Source(path.name, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size))
    return tuple(sorted(found, key=lambda source: (source.sha256, source.name)))


def hold(
    reference: Path, data: Normalised, *, sources: Sequence[Source], attribution: str, where_from: str, read_as: str
) -> Loaded:
    """Keep normalised reference data, or say that it is already held.

    read_as: the options that change what was read and show nowhere else. Where a file was fetched makes no other data.
    """
    if not _VINTAGE.fullmatch(data.vintage):
        raise WrongUsage(
            f"'{data.vintage}' cannot name a vintage.",
            found=data.vintage, expected="small letters, digits and single hyphens, such as 2021-11",
        )  # fmt: skip
    identity = short_id(
        [_FORMAT, data.kind, data.vintage, *data.layers, data.crs, data.quality, attribution, read_as]
        + [source.sha256 for source in sources]
    )
    with durable.locked(reference / ".lock"):
        siblings = [held for held in all_held(reference) if (held.kind, held.vintage) == (data.kind, data.vintage)]
        same = next((held for held in siblings if held.id == identity), None)
        if same is not None:
            return Loaded(same, already_held=True)
        edition = max((held.edition for held in siblings), default=0) + 1
        facts = _facts(data, sources) | {
            "id": identity, "edition": edition, "attribution": attribution, "where_from": where_from,
        }  # fmt: skip
        folder = reference / data.kind / (data.vintage if edition == 1 else f"{data.vintage}.{edition}")
        _write(folder, facts, data.tables)
    return Loaded(_read(folder), already_held=False)


def all_held(reference: Path) -> tuple[Held, ...]:
    """Everything held, older editions too, ordered by kind, vintage and edition. Empty where there is no folder."""
    found = [_read(path.parent) for kind in KINDS for path in reference.glob(f"{kind}/[!.]*/source.json")]
    return tuple(sorted(found, key=lambda held: (held.kind, held.vintage, held.edition)))


def newest(held: Sequence[Held]) -> tuple[Held, ...]:
    """The last edition of each kind and vintage, given all in the order of `all_held` and kept in it."""
    return tuple({(each.kind, each.vintage): each for each in held}.values())


def _facts(data: Normalised, sources: Sequence[Source]) -> dict[str, Any]:
    return {
        "kind": data.kind, "vintage": data.vintage, "layers": list(data.layers),
        "crs": data.crs, "quality": data.quality, "rows": data.rows, "notes": list(data.notes),
        "sources": [{"name": each.name, "sha256": each.sha256, "bytes": each.size} for each in sources],
    }  # fmt: skip


def _write(folder: Path, facts: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    unfinished = folder.parent / f".{folder.name}.unfinished"
    if unfinished.exists():  # a run was killed here; the lock says that nobody is at work on it now
        shutil.rmtree(unfinished)
    durable.make_folder(unfinished)
    for name, table in tables.items():
        table.write_parquet(unfinished / f"{name}.parquet")
        durable.sync_file(unfinished / f"{name}.parquet")
    durable.write_whole(unfinished / "source.json", canonical_json(facts) + b"\n")
    durable.publish(unfinished, folder)


def _read(folder: Path) -> Held:
    facts = json.loads((folder / "source.json").read_bytes())
    return Held(
        kind=facts["kind"], vintage=facts["vintage"], edition=facts["edition"], id=facts["id"], folder=folder,
        layers=tuple(facts["layers"]), crs=facts["crs"], quality=facts["quality"], attribution=facts["attribution"],
        rows=facts["rows"], notes=tuple(facts["notes"]),
    )  # fmt: skip
