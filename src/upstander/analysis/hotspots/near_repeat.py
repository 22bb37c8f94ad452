"""Near repeats: how much likelier is another event within so many metres and days of one, than chance would give?

Every pair of events falls in one band of distance and one of days. Bands are half-open, [a, b), and named so: the
Near Repeat Calculator (version 1.3) names a band [a-1, b) "a to b", which calls the same day "0 to 1 days".

Sources: Knox, Applied Statistics 13(1), 1964; Townsley, Homel and Chaseling, British J. Criminology 43(3), 2003;
Ratcliffe and Rengert, Security Journal 21(1-2), 2008; ratio and p as in the R package NearRepeat (Steenbeek).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from upstander.analysis.discoveries import benjamini_hochberg
from upstander.analysis.hotspots.pairs import Closed, Distance, pair_counts

PERMUTATIONS = 999


@dataclass(frozen=True)
class NearRepeats:
    """The table, one row a band of distance and of days (distance first), and the number of pairs of all events.

    `bands`: `space_from`, `space_to`, `time_from`, `time_to`, `space_band` and `time_band` in interval notation,
    `observed` pairs, `expected` (mean over shufflings), `knox_ratio` and `knox_ratio_median` (observed ÷ mean and
    median; NaN where those are 0), `p` (share of shufflings with as many or more, the observed one counted in),
    `p_fdr_bh` (adjusted over the table).
    """

    bands: pl.DataFrame
    pairs: int


def near_repeats(
    x: ArrayLike, y: ArrayLike, time: ArrayLike, *, space: ArrayLike, days: ArrayLike,
    permutations: int = PERMUTATIONS, seed: int, closed: Closed = "left", distance: Distance = "euclidean",
) -> NearRepeats:  # fmt: skip
    """The near-repeat table of events.

    x, y: metres on a grid; time: days, whole or not. space, days: rising edges of the bands, the last may be infinite;
    a first band of space as narrow as [0, 1) is "the same place". Collapse co-victims of one incident first
    (`one_row_an_incident`): each pair of them would count as a repeat at no distance and no days.
    Raises as `pair_counts` does.
    """
    counts = pair_counts(
        x, y, time, space=space, apart=days, permutations=permutations, seed=seed, closed=closed, distance=distance
    )
    far, late = np.asarray(space, dtype=np.float64), np.asarray(days, dtype=np.float64)
    row, column = (each.ravel() for each in np.indices(counts.observed.shape))
    observed = counts.observed.ravel().astype(np.float64)
    mean, median = counts.permuted.mean(axis=0).ravel(), np.median(counts.permuted, axis=0).ravel()
    p = (1 + (counts.permuted >= counts.observed).sum(axis=0).ravel()) / (1 + permutations)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [np.where(middle > 0, observed / middle, np.nan) for middle in (mean, median)]
    space_names, time_names = _names(far, closed), _names(late, closed)
    return NearRepeats(
        pl.DataFrame({
            "space_from": far[row], "space_to": far[row + 1], "time_from": late[column], "time_to": late[column + 1],
            "space_band": [space_names[at] for at in row], "time_band": [time_names[at] for at in column],
            "observed": counts.observed.ravel(), "expected": mean, "knox_ratio": ratios[0],
            "knox_ratio_median": ratios[1], "p": p, "p_fdr_bh": benjamini_hochberg(p),
        }),
        counts.pairs,
    )  # fmt: skip


def one_row_an_incident(events: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Events with those that share `by` (an incident number, or place and time) collapsed to the first of them.

    A row with a gap in `by` stands for itself. Order is kept.
    """
    has_all = pl.all_horizontal(pl.col(name).is_not_null() for name in by)
    return events.filter(~has_all | pl.struct(by).is_first_distinct())


def share_of_shared_points(x: ArrayLike, y: ArrayLike) -> float:
    """Share of events that lie on a point where another lies too: high where a geocoder snaps to streets."""
    points = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    _, inverse, many = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    return float((many[inverse] > 1).mean()) if points.size else 0.0


def _names(edges: np.ndarray, closed: Closed) -> list[str]:
    opening, closing = ("[", ")") if closed == "left" else ("(", "]")
    return [
        f"{opening}{low:g}, {high:g}{closing}"
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
