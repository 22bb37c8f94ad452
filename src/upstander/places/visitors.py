"""Who is there: how many people are in each area at a stated time, whoever lives there, from a source that says so."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from upstander.errors import WrongUsage
from upstander.places.errors import UnknownLayout
from upstander.places.holding import Normalised
from upstander.places.layers import EXPECTED_COLUMNS, layer_columns
from upstander.places.tables import header_of, text_columns

ALL_HOURS = "all hours"
_COLUMNS = ("when", "persons", "source", "measured_on")


def read_visitors(paths: Sequence[Path], *, layer: str, vintage: str) -> Normalised:
    """One row an area and time: area_code, when (`all hours`, or words such as `Saturday night`), persons (a mean, in
    whole persons), source, measured_on (the last day it was measured).

    vintage: what the numbers are of, such as 2026. Raises UnknownLayout for other columns, numbers that are not whole,
    a source or day that is missing, and an area that comes twice for one time.
    """
    if not vintage:
        raise WrongUsage("Numbers of visitors need their year stated.", expected="a vintage such as 2026")
    parts = [_present(path, layer) for path in paths]
    if len(found := {part_layer for part_layer, _ in parts}) != 1:
        raise UnknownLayout("These files are of different layers.", found=", ".join(sorted(found)), expected="one")
    visitors = pl.concat([part for _, part in parts]).sort("area_code", "when")
    if visitors.select("area_code", "when").is_duplicated().any():
        raise UnknownLayout("Some areas come more than once for one time.", expected="each area and time once")
    its_layer = found.pop()
    areas = visitors["area_code"].n_unique()
    return Normalised("visitors", f"{its_layer}-{vintage}", (its_layer,), {"visitors": visitors}, areas)


def _present(path: Path, layer: str) -> tuple[str, pl.DataFrame]:
    header = header_of(path)
    layers = {found: columns for found, columns in layer_columns(header).items() if layer in ("", found)}
    if len(layers) != 1 or not set(_COLUMNS) <= set(header):
        raise UnknownLayout(
            f"{path.name} is not laid out as numbers of visitors.", where=path.name, found=", ".join(header[:6]),
            expected=f"{EXPECTED_COLUMNS.split(' and ')[0]} and {', '.join(_COLUMNS)}",
        )  # fmt: skip
    its_layer, columns = next(iter(layers.items()))
    table = text_columns(path, [columns.code, *_COLUMNS]).select(
        area_code=columns.code, when="when", persons=pl.col("persons").cast(pl.Int64, strict=False), source="source",
        measured_on=pl.col("measured_on").str.to_date("%Y-%m-%d", strict=False),
    )  # fmt: skip
    if sum(table.null_count().row(0)) or (table["persons"] < 0).any():
        raise UnknownLayout(
            f"{path.name} has a row without an area, a time, a source, a day or a whole number of persons.",
            where=path.name, expected="every cell filled: persons 0 or more, measured_on such as 2026-06-30",
        )  # fmt: skip
    return its_layer, table
