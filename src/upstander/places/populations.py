"""Resident populations by area and single year of age."""

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from upstander.errors import WrongUsage
from upstander.places.errors import UnknownLayout
from upstander.places.holding import Normalised
from upstander.places.layers import EXPECTED_COLUMNS, layer_columns
from upstander.places.tables import header_of, text_columns

_AGE = re.compile(r"(\d{1,2})\+?")
_TOP_AGE = 90
_TOTALS = ("total_population", "total", "all ages")


def read_population(paths: Sequence[Path], *, layer: str, vintage: str) -> Normalised:
    """One row an area and single year of age: area_code, age (90 is 90 and over), persons.

    vintage: what the estimate is of, such as 2020 for mid-2020. Raises UnknownLayout unless the ages 0 to 90+ are all
    there, whole and, where the file gives totals, sum to them.
    """
    if not vintage:
        raise WrongUsage("A population needs its year stated.", expected="a vintage such as 2020 for mid-2020")
    parts = [_persons(path, layer) for path in paths]
    found = {part_layer for part_layer, _ in parts}
    if len(found) != 1:
        raise UnknownLayout("These files are of different layers.", found=", ".join(sorted(found)), expected="one")
    persons = pl.concat([part for _, part in parts]).sort("area_code", "age")
    if persons.select("area_code", "age").is_duplicated().any():
        raise UnknownLayout("Some areas come more than once.", expected="each area once")
    its_layer = found.pop()
    areas = persons["area_code"].n_unique()
    return Normalised("population", f"{its_layer}-{vintage}", (its_layer,), {"persons": persons}, areas)


def _persons(path: Path, layer: str) -> tuple[str, pl.DataFrame]:
    header = header_of(path)
    layers = {found: columns for found, columns in layer_columns(header).items() if layer in ("", found)}
    if len(layers) != 1:
        raise UnknownLayout(
            f"{path.name} does not say which one layer its areas are.",
            where=path.name, found=", ".join(layers) or ", ".join(header[:6]), expected=EXPECTED_COLUMNS,
        )  # fmt: skip
    ages = {column: int(found[1]) for column in header if (found := _AGE.fullmatch(column))}
    if sorted(ages.values()) != list(range(_TOP_AGE + 1)):
        raise UnknownLayout(
            f"{path.name} has not one column for each year of age.",
            where=path.name, found=f"{len(ages)} columns of ages", expected="0, 1, 2 … 89, 90+",
        )  # fmt: skip
    its_layer, columns = next(iter(layers.items()))
    total = next((column for column in header if column.lower() in _TOTALS), None)
    table = text_columns(path, [columns.code, *ages, *([total] if total else [])])
    counts = table.with_columns(pl.col(*ages, *([total] if total else [])).cast(pl.Float64, strict=False))
    _refuse_unsound(path, counts, list(ages), total)
    long = counts.unpivot(list(ages), index=columns.code, variable_name="age", value_name="persons")
    return its_layer, long.select(
        area_code=columns.code,
        age=pl.col("age").replace_strict(ages, return_dtype=pl.Int16),
        persons=pl.col("persons").cast(pl.Int64),
    )


def _refuse_unsound(path: Path, counts: pl.DataFrame, ages: list[str], total: str | None) -> None:
    values = pl.col(ages)
    whole = counts.select(pl.all_horizontal(values.is_not_null() & (values >= 0) & (values == values.floor())).all())
    if not whole.item():
        raise UnknownLayout(
            f"{path.name} has counts of people that are not whole numbers.", where=path.name, expected="0 or more"
        )
    if total and not counts.select((pl.sum_horizontal(ages) == pl.col(total)).fill_null(value=False).all()).item():
        raise UnknownLayout(
            f"{path.name} has areas whose ages do not sum to {total}.", where=path.name, expected="ages that sum to it"
        )
