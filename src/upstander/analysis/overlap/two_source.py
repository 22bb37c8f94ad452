"""Two lists of the same events: how many there may be in all, and how few there can be."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import UnfitNumbers

FEWEST_SHARED = 7
"""Below so many shared events Chapman's estimate is biased low, and only a lower bound is read from it (Robson and
Regier, Transactions of the American Fisheries Society 93(3), 1964; Seber 1982, section 3.1.1)."""
_FAR = 2.0**52

Numbers = NDArray[np.float64]
Claims = NDArray[np.bool_]


@dataclass(frozen=True)
class Interval:
    """Lower and upper limits, one a row. An upper limit that does not exist is NaN."""

    low: Numbers
    high: Numbers


def two_source(n1: ArrayLike, n2: ArrayLike, m: ArrayLike, *, confidence: float = 0.95) -> pl.DataFrame:
    """How many events two lists see and miss together, one row for each triple of counts.

    n1, n2: events on each list; m: on both, at most the shorter list. Whole numbers.
    Gives `chapman`, its Seber variance `var` and `se`, Wald limits as published (`lo95_wald`, may lie below what was
    seen or below zero), `lincoln_petersen` (null at m = 0), limits that do not: `lo_lognormal`, `hi_lognormal`
    (Burnham; Chao 1987), `lo_logit`, `hi_logit` (transformed logit), `lo_exact`, `hi_exact` (hypergeometric, the latter
    null at m = 0), `seen`, `lower_bound` (`lo_exact`), and `read_as`: estimate, or lower bound only where m < 7.
    Raises UnfitNumbers for counts that cannot be.
    Sources: Chapman, University of California Publications in Statistics 1(7), 1951; Seber, Biometrika 57(2), 1970;
    Burnham and others, Wildlife Monographs 99, 1987, p. 212; Sadinle, Communications in Statistics 38(9), 2009.
    """
    first, second, both = _counts(n1, n2, m)
    chapman = (first + 1) * (second + 1) / (both + 1) - 1
    var = _seber(first, second, both)
    se, z, seen = np.sqrt(var), _z(confidence), first + second - both
    shown = np.where(both > 0, both, np.nan)
    lognormal, logit = _lognormal(chapman, var, seen, z), _logit(first, second, both, z)
    exact = exact_interval(first, second, both, confidence=confidence)
    rows = pl.DataFrame({
        "n1": first, "n2": second, "m": both, "seen": seen, "chapman": chapman, "var": var, "se": se,
        "lo95_wald": chapman - z * se, "hi95_wald": chapman + z * se, "lincoln_petersen": first * second / shown,
        "lo_lognormal": lognormal.low, "hi_lognormal": lognormal.high, "lo_logit": logit.low, "hi_logit": logit.high,
        "lo_exact": exact.low, "hi_exact": exact.high, "lower_bound": exact.low,
        "read_as": np.where(both < FEWEST_SHARED, "lower bound only", "estimate"),
    })  # fmt: skip
    whole = pl.selectors.by_name("n1", "n2", "m", "seen")
    return rows.with_columns(pl.selectors.float().fill_nan(None)).with_columns(whole.cast(pl.Int64))


def exact_interval(n1: ArrayLike, n2: ArrayLike, m: ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Totals under which an overlap of m is not too small and not too large: hypergeometric tests turned round.

    The limits hold at least their confidence whatever the counts, as long as the lists are independent; `high` is NaN
    at m = 0, where no total is too large.
    """
    first, second, both = _counts(n1, n2, m)
    alpha = (1 - confidence) / 2
    seen = first + second - both
    # A lower total makes a large overlap likely: the smallest total under which so small an overlap is not surprising.
    low = _first_true(seen, lambda total: _at_most(both, total, first, second) > alpha)
    high = _first_true(seen, lambda total: _at_least(both, total, first, second) <= alpha) - 1
    return Interval(low, np.where(both > 0, high, np.nan))


def _seber(n1: Numbers, n2: Numbers, m: Numbers) -> Numbers:
    return (n1 + 1) * (n2 + 1) * (n1 - m) * (n2 - m) / ((m + 1) ** 2 * (m + 2))


def _lognormal(total: Numbers, var: Numbers, seen: Numbers, z: float) -> Interval:
    """The missed as log-normal, so that the lower limit is never below what was seen."""
    missed = total - seen
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(z * np.sqrt(np.log1p(var / missed**2)))
    spread = np.where(missed > 0, spread, 1.0)
    return Interval(seen + missed / spread, seen + missed * spread)


def _logit(n1: Numbers, n2: Numbers, m: Numbers, z: float) -> Interval:
    """Sadinle's transformed logit interval: a half added to each cell, the log of the missed as normal."""
    alone1, alone2, both = n1 - m + 0.5, n2 - m + 0.5, m + 0.5
    spread = np.exp(z * np.sqrt(1 / alone1 + 1 / alone2 + 1 / both + both / (alone1 * alone2)))
    middle = alone1 * alone2 / both
    seen = n1 + n2 - m
    return Interval(np.maximum(seen, seen + middle / spread - 0.5), seen + middle * spread - 0.5)


def _at_most(m: Numbers, total: Numbers, n1: Numbers, n2: Numbers) -> Numbers:
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.cdf(m, total, n1, n2), dtype=np.float64)


def _at_least(m: Numbers, total: Numbers, n1: Numbers, n2: Numbers) -> Numbers:
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.sf(m - 1, total, n1, n2), dtype=np.float64)


def _first_true(start: Numbers, is_true: Callable[[Numbers], Claims]) -> Numbers:
    """The smallest whole total from `start` on for which a claim that turns true once holds: doubling, then halving."""
    low, high = start - 1, start.copy()
    for _ in range(60):
        open_ends = ~is_true(high) & (high < _FAR)
        if not open_ends.any():
            break
        low, high = np.where(open_ends, high, low), np.where(open_ends, 2 * high + 1, high)
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        middle = np.where(high - low > 1, middle, high)
        holds = is_true(middle)
        low, high = np.where(holds, low, middle), np.where(holds, middle, high)
    return high


def _counts(n1: ArrayLike, n2: ArrayLike, m: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    first, second, both = (np.asarray(each, dtype=np.float64) for each in np.broadcast_arrays(n1, n2, m))
    whole = all(np.isfinite(each).all() and (each == np.floor(each)).all() for each in (first, second, both))
    if not whole or (both < 0).any() or (both > np.minimum(first, second)).any() or (first + second == 0).any():
        raise UnfitNumbers(
            "Two lists need whole counts, and what both hold is at most the shorter list.",
            where="n1, n2, m", found="counts that cannot be", expected="0 ≤ m ≤ n1 and n2, one list not empty",
        )  # fmt: skip
    return np.atleast_1d(first), np.atleast_1d(second), np.atleast_1d(both)


def _z(confidence: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(0.5 + confidence / 2)
