"""What a few blunt fields of a person (part of a postcode, age band, sex) can tell apart, and what they cannot.

Three questions of the same rows: how often two people agree by chance (linkage), how sure the area behind a part of a
postcode is (maps), and how few rows are alike (privacy). What serves the first harms the last.

A field may be asked about at a finer grain than it is held: `split` says over how many equal finer cells the rows of a
group are thought to be spread. That is an estimate; with a split of one every number is exact.

Sources: chance agreement: Fellegi and Sunter, J. American Statistical Association 64(328), 1969 (the u of a field, here
for all fields together); prosecutor and journalist risk: El Emam and Dankar, J. American Medical Informatics
Association 15(5), 2008; k-anonymity: Samarati and Sweeney (SRI, 1998).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import UnfitNumbers

FEW, SAFE = 5, 10
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hiding:
    """How rows hide: `alone` are in a group of one, `below_5` and `below_10` in groups of fewer; expected where split.

    smallest: the smallest group, None where that is an estimate. groups / rows is the mean prosecutor risk: the chance
    of naming the right row for somebody known to be among them, 1/k, over all rows.
    """

    rows: int
    groups: float
    smallest: int | None
    alone: float
    below_5: float
    below_10: float

    @property
    def prosecutor(self) -> float:
        """Mean of 1/k over the rows, 0 where there are none."""
        return self.groups / self.rows if self.rows else 0.0


@dataclass(frozen=True)
class AreaCertainty:
    """Of `rows` whose part of a postcode is known to the directory: how surely the area behind it is known.

    wholly: rows whose part lies in one area. right: rows for which the best-fit area (the likeliest) is expected to be
    the right one. areas: over the rows, the sum of how many areas their part reaches into.
    """

    rows: int
    wholly: int
    right: float
    areas: int


def hiding(sizes: ArrayLike, split: ArrayLike = 1) -> Hiding:
    """How the rows of groups of these sizes hide.

    A row's group is itself and, of its n − 1 companions, each with chance 1/split: binomial. So it is alone with
    chance (1 − 1/split)^(n − 1), and split × (1 − (1 − 1/split)^n) groups are expected.
    """
    from scipy.stats import binom

    n, m = _sizes_and_split(sizes, split)
    share = 1 / m
    alone, below_5, below_10 = (float((n * binom.cdf(most, n - 1, share)).sum()) for most in (0, FEW - 2, SAFE - 2))
    groups = float((m * (1 - (1 - share) ** n)).sum())
    is_exact = bool((m == 1).all())
    return Hiding(
        rows=int(n.sum()), groups=groups, smallest=int(n.min()) if is_exact and n.size else None,
        alone=alone, below_5=below_5, below_10=below_10,
    )  # fmt: skip


def pairs_alike(sizes: ArrayLike, split: ArrayLike = 1) -> float:
    """Pairs of different rows that agree: n(n − 1)/2 of each group, divided by its split."""
    n, m = _sizes_and_split(sizes, split)
    return float((n * (n - 1) / 2 / m).sum())


def pairs_alike_within(groups: ArrayLike, days: ArrayLike, within: int, split: ArrayLike = 1) -> float:
    """The same, of pairs whose days are at most `within` apart.

    groups: a whole number a row, the same for rows that agree. days: a whole number a row. split: one, or one a row.
    """
    group, day = np.asarray(groups, dtype=np.int64), np.asarray(days, dtype=np.int64)
    if not group.size:
        return 0.0
    # Groups are laid end to end on one line of days, further apart than the window, so that one search answers for all.
    span = int(day.max() - day.min()) + within + 1
    _, place = np.unique(group, return_inverse=True)
    at = place * span + (day - day.min())
    order = np.argsort(at, kind="stable")
    line = at[order]
    later = np.searchsorted(line, line + within, side="right") - np.arange(line.size) - 1
    parts = np.broadcast_to(np.asarray(split, dtype=np.float64), group.shape)[order]
    return float((later / parts).sum())


def chance_agreements(pairs: float, rows: int) -> float:
    """How many of so many other people's rows, alike in kind, agree with one row by chance.

    `pairs` of the rows(rows − 1)/2 there are agree, so a pair agrees with chance 2·pairs / rows(rows − 1); a row meets
    `rows` others in the file it is linked to.
    """
    return 2 * pairs / (rows - 1) if rows > 1 else 0.0


def false_match_rate(chance: float, overlap: float) -> float:
    """Share of links that join two different people, if every row that agrees is linked.

    chance: other people's rows that agree with one row. overlap: share of rows whose own counterpart is in the other
    file, its fields recorded alike. Links that are wrong / all links = chance / (chance + overlap).
    """
    if not 0 < overlap <= 1:
        raise UnfitNumbers(
            "The true overlap is the share of rows that have a counterpart.",
            where="overlap", found=str(overlap), expected="more than 0, at most 1",
        )  # fmt: skip
    return chance / (chance + overlap)


def collisions(rows: pl.DataFrame, fields: Sequence[str]) -> pl.DataFrame:
    """Chance that two different rows agree, for every set of the fields: fields (joined by ` + `), collision, product.

    rows: one a record, nothing missing in the fields. product: what the chance would be were the fields independent.
    """
    single = {field: _collision(rows, (field,)) for field in fields}
    sets = [chosen for size in range(1, len(fields) + 1) for chosen in combinations(fields, size)]
    told = [
        (" + ".join(chosen), _collision(rows, chosen), float(np.prod([single[name] for name in chosen])))
        for chosen in sets
    ]
    schema = {"fields": pl.String(), "collision": pl.Float64(), "product": pl.Float64()}
    return pl.DataFrame(told, schema=schema, orient="row")


def area_certainty(places: pl.DataFrame, shares: pl.DataFrame) -> AreaCertainty:
    """How surely the area is known behind each row's part of a postcode.

    places: place, rows. shares: place, area, share (of the people or postcodes of the place; they sum to 1 a place).
    Rows of a place that `shares` does not know are left out.
    """
    best = shares.group_by("place").agg(largest=pl.col("share").max(), areas=pl.len())
    known = places.join(best, on="place")
    rows = pl.col("rows")
    told = known.select(
        rows=rows.sum(), wholly=rows.filter(pl.col("areas") == 1).sum(), right=(rows * pl.col("largest")).sum(),
        areas=(rows * pl.col("areas")).sum(),
    ).row(0)  # fmt: skip
    return AreaCertainty(int(told[0]), int(told[1]), float(told[2]), int(told[3]))


def journalist_risk(rows: ArrayLike, residents: ArrayLike, split: ArrayLike = 1) -> float:
    """Mean of 1/K over the rows, K being the residents who are alike: the chance of naming the right person for
    somebody who is not known to be among the rows.

    rows, residents: of each group, spread over `split` finer cells. A cell has at least as many residents as rows are
    expected in it. 0 where there are no rows.
    """
    if not np.size(rows):
        return 0.0
    n, m = _sizes_and_split(rows, split)
    people = np.maximum(np.asarray(residents, dtype=np.float64) / m, 1 + (n - 1) / m)
    return float((n / people).sum() / n.sum())


def _collision(rows: pl.DataFrame, fields: Sequence[str]) -> float:
    every = rows.height * (rows.height - 1) / 2
    return pairs_alike(rows.group_by(fields).len()["len"].to_numpy()) / every if every else 0.0


def _sizes_and_split(sizes: ArrayLike, split: ArrayLike) -> tuple[Floats, Floats]:
    n = np.asarray(sizes, dtype=np.float64)
    m = np.broadcast_to(np.asarray(split, dtype=np.float64), n.shape)
    if (n < 1).any() or (n != np.floor(n)).any() or (m < 1).any():
        raise UnfitNumbers(
            "Groups have one row or more, and a split of one or more.",
            where="sizes", found="a group without rows, or a split below one", expected="1 and more",
        )  # fmt: skip
    return n, m
