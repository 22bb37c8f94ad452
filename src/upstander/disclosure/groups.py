"""Group disclosure: a breakdown that tells what everybody of a row is like, however many they are.

Source: Hundepool and others, Statistical Disclosure Control (Wiley 2012), section 5.2.1.
"""

from collections.abc import Sequence

import polars as pl


def telling_groups(cells: pl.DataFrame, dimensions: Sequence[str], breakdowns: Sequence[str]) -> pl.DataFrame:
    """The cells with `tells`: whether a cell is of a row whose people are all, or all but one, in one category.

    cells: the dimensions and `count` (null: missing), and more. breakdowns: those of the dimensions that say what the
    people of a row are like; the others say which row it is. All but one, since the one knows about the rest. Every
    cell of such a row tells, its zeros as well. A category of the table that a row does not have is added to it as a
    zero, since leaving it out tells the same.
    """
    found = _completed(cells, dimensions, breakdowns)
    tells = pl.lit(value=False)
    for breakdown in breakdowns:
        row = [pl.lit(1), *(pl.col(name) for name in dimensions if name != breakdown)]
        whole, largest = pl.col("count").fill_null(0).sum().over(row), pl.col("count").fill_null(0).max().over(row)
        tells = tells | ((whole > 0) & (whole - largest <= 1))
    return found.with_columns(tells=tells)


def _completed(cells: pl.DataFrame, dimensions: Sequence[str], breakdowns: Sequence[str]) -> pl.DataFrame:
    """With every combination of the values that breakdowns have, for every row; one that is not there counts nought."""
    rows = [name for name in dimensions if name not in breakdowns]
    every = cells.select(rows).unique() if rows else None
    for breakdown in breakdowns:
        values = cells.select(breakdown).unique()
        every = values if every is None else every.join(values, how="cross")
    if every is None:
        return cells
    held = cells.with_columns(_held=pl.lit(value=True))
    whole = every.join(held, on=list(dimensions), how="left", maintain_order="left")
    numbers = [name for name in ("count", "persons") if name in cells.columns]
    absent = pl.col("_held").is_null()
    filled = (pl.when(absent).then(0).otherwise(pl.col(name)).cast(pl.Int64).alias(name) for name in numbers)
    return whole.with_columns(*filled).select(cells.columns)
