"""Knox's test: do events near in space tend to be near in time, more than their places and times alone would give?

Three chances are given. Two are as published and take the pairs as independent, which they are not: an event with many
others about it is in many pairs. Shuffling the times of the events (Mantel) keeps that, and is the one to read.

Sources: Knox, "The detection of space-time interactions", Applied Statistics 13(1), 1964; Mantel, Cancer Research
27(2), 1967; limits inclusive and both published chances as in `knox` of the R package surveillance.
"""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import UnfitNumbers
from upstander.analysis.hotspots.pairs import Distance, PairCounts, pair_counts

PERMUTATIONS = 999


def knox(
    x: ArrayLike, y: ArrayLike, time: ArrayLike, *, eps_s: ArrayLike, eps_t: ArrayLike,
    permutations: int = PERMUTATIONS, seed: int, distance: Distance = "euclidean",
) -> pl.DataFrame:  # fmt: skip
    """Knox's test at every pair of limits: one row each, in the order given, limits of distance first.

    x, y on a metric grid, time in any unit; eps_s, eps_t: limits in those units, counted as near (≤).
    Gives `eps_s`, `eps_t`, `observed` (pairs near in both), `expected` (pairs near in space × near in time ÷ all
    pairs), `ratio` (NaN where nothing is expected), `near_in_space`, `near_in_time`, `pairs`, and the chances, were
    there no interaction: `p_poisson` of more than observed and `p_poisson_at_least` of as many or more, Poisson about
    expected; `p_perm` of as many or more, the pairs shuffled (hypergeometric, exact); `p_shuffled` of as many or more,
    the times of the events shuffled `permutations` times, the observed order counted as one.
    Raises TooFewPoints under 2 events, UnfitNumbers for a limit that is missing or below 0.
    """
    near, soon = _limits("eps_s", eps_s), _limits("eps_t", eps_t)
    space, apart = np.unique(near), np.unique(soon)
    counts = pair_counts(
        x, y, time, space=np.r_[-1, space], apart=np.r_[-1, apart], permutations=permutations, seed=seed,
        closed="right", distance=distance,
    ).up_to()  # fmt: skip
    row = np.repeat(np.searchsorted(space, near), soon.size)
    column = np.tile(np.searchsorted(apart, soon), near.size)
    tails = _tails(counts, row, column)
    as_many = (counts.permuted >= counts.observed).sum(axis=0)[row, column]
    return pl.DataFrame({
        "eps_s": space[row], "eps_t": apart[column], "observed": counts.observed[row, column], **tails,
        "p_shuffled": (1 + as_many) / (1 + permutations),
        "near_in_space": counts.in_space[row], "near_in_time": counts.in_time[column],
        "pairs": np.full(row.size, counts.pairs),
    })  # fmt: skip


def _tails(counts: PairCounts, row: NDArray[np.int64], column: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """What is expected, and the two published chances, which need no shuffling."""
    from scipy.special import pdtrc
    from scipy.stats import hypergeom

    observed, near, soon = counts.observed[row, column], counts.in_space[row], counts.in_time[column]
    expected = near * soon / counts.pairs
    return {
        "expected": expected,
        "ratio": np.divide(observed, expected, out=np.full(observed.size, np.nan), where=expected > 0),
        "p_poisson": pdtrc(observed, expected),
        "p_poisson_at_least": np.where(observed > 0, pdtrc(np.maximum(observed - 1, 0), expected), 1.0),
        "p_perm": hypergeom.sf(observed - 1, counts.pairs, soon, near),
    }


def _limits(name: str, limits: ArrayLike) -> NDArray[np.float64]:
    found = np.atleast_1d(np.asarray(limits, dtype=np.float64))
    if not found.size or not (np.isfinite(found) & (found >= 0)).all():
        raise UnfitNumbers(
            f"{name} must be limits of 0 or more.",
            where=name, found=", ".join(f"{limit:g}" for limit in found.tolist()), expected="25, or 10, 25, 50",
        )  # fmt: skip
    return found
