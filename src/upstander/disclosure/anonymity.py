"""How many people are alike in what an outsider could know: k-anonymity of rows, before any figure is made of them.

A row hides among the rows that agree with it in every named column. Source: Samarati and Sweeney, Protecting privacy
when disclosing information: k-anonymity and its enforcement through generalization and suppression (SRI, 1998);
Sweeney, k-anonymity: a model for protecting privacy (2002). It says nothing of what members of a group share.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from upstander.values.agebands import BROAD_BANDS

_FEW, _SAFE = 5, 10
DISTRICT, WIDE_AGE = "postcode_district", "wide_age"


@dataclass(frozen=True)
class Anonymity:
    """How rows hide when `columns` are known: `k` is the smallest group of rows that are alike, 0 where no rows are.

    `unique`, `below_5` and `below_10` count rows in groups of one, of fewer than five, of fewer than ten.
    """

    columns: tuple[str, ...]
    rows: int
    groups: int
    k: int
    unique: int
    below_5: int
    below_10: int


def anonymity(rows: pl.DataFrame, columns: Sequence[str]) -> Anonymity:
    """How the rows hide by these columns; an empty value is a value like any other."""
    sizes = rows.group_by(list(columns)).len()["len"] if columns and rows.height else pl.Series([rows.height])
    sizes = sizes.filter(sizes > 0)
    return Anonymity(
        columns=tuple(columns),
        rows=rows.height,
        groups=len(sizes),
        k=int(sizes.min() or 0) if len(sizes) else 0,  # type: ignore[arg-type] # polars types a minimum as any literal
        unique=int(sizes.filter(sizes == 1).sum()),
        below_5=int(sizes.filter(sizes < _FEW).sum()),
        below_10=int(sizes.filter(sizes < _SAFE).sum()),
    )


def ladder(rows: pl.DataFrame, columns: Sequence[str]) -> Iterator[Anonymity]:
    """All columns together; the same with postcodes and ages made coarser; then every smaller set of them.

    So that an owner and an analyst can see which one column, or how much detail of it, sets people apart.
    """
    yield anonymity(rows, columns)
    wider = coarser(rows)
    for swapped in _swaps(columns):
        yield anonymity(wider, swapped)
    for size in range(len(columns) - 1, 0, -1):
        for fewer in combinations(columns, size):
            yield anonymity(rows, fewer)


def coarser(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the district of each postcode sector, and ages as under 18, 18 to 24, 25 and over."""
    made: list[pl.Expr] = []
    if "postcode_sector" in rows.columns:
        made.append(pl.col("postcode_sector").str.split(" ").list.first().alias(DISTRICT))
    if "age_band" in rows.columns:
        made.append(pl.col("age_band").replace(BROAD_BANDS).alias(WIDE_AGE))
    return rows.with_columns(made)


def _swaps(columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The columns with the postcode coarser, the age coarser, and both."""
    coarse = {"postcode_sector": DISTRICT, "age_band": WIDE_AGE}
    present = [name for name in coarse if name in columns]
    return [
        tuple(coarse[name] if name in chosen else name for name in columns)
        for size in range(1, len(present) + 1)
        for chosen in combinations(present, size)
    ]
