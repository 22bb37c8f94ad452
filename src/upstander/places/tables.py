"""Reading a reference CSV: every column as text, by name, with one answer to a file that is not what it should be."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from upstander.places.errors import UnknownLayout


def header_of(path: Path) -> list[str]:
    """The column names of a CSV file."""
    return _scan(path).collect_schema().names()


def text_columns(path: Path, columns: Sequence[str], *, names: Sequence[str] = ()) -> pl.DataFrame:
    """The named columns as text without outer spaces; an empty cell is null. `names`: of a file without a header."""
    trimmed = [pl.col(column).str.strip_chars().replace("", None) for column in columns]
    try:
        return _scan(path, names).select(trimmed).collect()
    except pl.exceptions.PolarsError as why:
        raise UnknownLayout(f"{path.name} cannot be read as CSV.", where=path.name, expected="UTF-8 CSV") from why


def _scan(path: Path, names: Sequence[str] = ()) -> pl.LazyFrame:
    try:
        frame = pl.scan_csv(
            path, infer_schema=False, glob=False, encoding="utf8-lossy", has_header=not names,
            new_columns=list(names) or None,
        )  # fmt: skip
        frame.collect_schema()
    except pl.exceptions.PolarsError as why:
        raise UnknownLayout(f"{path.name} is not a CSV file with a header.", where=path.name, expected="CSV") from why
    return frame
