"""The number that a statistic takes for each released cell: what is shown, or the middle of what may be hidden."""

from collections.abc import Mapping

import polars as pl

from upstander.contracts.releasing import ReleasedTable, Status
from upstander.disclosure import strictest


def middle_of_hidden(table: ReleasedTable) -> float:
    """What a statistic takes for a withheld count: the middle of what its reader knows it can be."""
    return (1 + strictest(table.about.rules).suppress_up_to) / 2


def numbered(cells: pl.DataFrame, hidden: float) -> pl.DataFrame:
    """The cells that have, or hide, a number."""
    is_hidden = pl.col("status") == Status.SUPPRESSED.value
    known = cells.filter(is_hidden | pl.col("value").is_not_null())
    return known.with_columns(number=pl.when(is_hidden).then(hidden).otherwise("value"))


def numbers_of(tables: Mapping[str, ReleasedTable], *names: str) -> dict[str, pl.DataFrame]:
    """The cells of these tables with the `number` that a statistic takes for each; nothing where one is absent."""
    return {name: numbered(tables[name].cells, middle_of_hidden(tables[name])) for name in names if name in tables}
