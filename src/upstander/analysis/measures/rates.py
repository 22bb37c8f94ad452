"""Crude rates and proportions, rates of events that befall the same people again, and the ratio of two rates.

Sources: rates and proportions as in Public Health England's Technical Guide (Fingertips; PHEindicatormethods 2.1); the
variance of repeated events as there (use_nonindependent_events), after Dobson et al., Statistics in Medicine 10, 1991,
p. 457; ratio: Breslow and Day, Statistical Methods in Cancer Research, vol. II (IARC, 1987), section 3.4.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.measures.limits import (
    Floats,
    Limits,
    byar,
    exact_poisson,
    poisson_limits,
    require,
    wilson,
)


@dataclass(frozen=True)
class Rate:
    """Rates or proportions, one a row, in the unit asked for. NaN where a number was missing."""

    value: Floats
    low: Floats
    high: Floats


def rate(
    events: ArrayLike, at_risk: ArrayLike, *, multiplier: ArrayLike = 1.0, confidence: ArrayLike = 0.95,
    how: ArrayLike = "auto",
) -> Rate:  # fmt: skip
    """Events per `multiplier` at risk, with limits.

    events: 0 or more; at_risk: person-years (residents × years observed) or, for a proportion, how many there were.
    how: auto (exact below ten events, else Byar), byar, exact, wilson (a proportion: events are some of those at
    risk). All four may differ by row; a missing number gives a missing rate. No events and somebody at risk is a rate
    of 0 with an upper limit above 0.
    Raises UnfitNumbers, with the row, for negative events, nobody at risk, or more events than a proportion has.
    """
    x, n = (np.asarray(values, dtype=np.float64) for values in (events, at_risk))
    way = np.broadcast_to(np.asarray(how), x.shape)
    require(~(x < 0), "events are negative.", where="events", expected="0 or more")
    require(~(n <= 0), "nobody is at risk.", where="at risk", expected="more than 0")
    require(~((way == "wilson") & (x > n)), "more events than a proportion has.", where="events",
            expected="no more events than the denominator")  # fmt: skip
    scale = np.asarray(multiplier, dtype=np.float64) / n
    limits = limits_by(way, x, n, confidence)
    return Rate(x * scale, limits.low * scale, limits.high * scale)


def limits_by(how: NDArray[np.str_], events: Floats, out_of: Floats, confidence: ArrayLike) -> Limits:
    """Limits of each count by its own method, all as counts. `out_of` is only looked at for wilson."""
    shares = wilson(events, np.where(how == "wilson", out_of, np.nan), confidence)
    choices = {
        "byar": byar(events, confidence), "exact": exact_poisson(events, confidence),
        "wilson": Limits(shares.low * out_of, shares.high * out_of),
    }  # fmt: skip
    usual = poisson_limits(events, confidence)
    met = [how == name for name in choices]
    return Limits(
        np.select(met, [each.low for each in choices.values()], usual.low),
        np.select(met, [each.high for each in choices.values()], usual.high),
    )


def dispersed_limits(events: Floats, variance: Floats, confidence: ArrayLike) -> Limits:
    """Limits of a count whose variance is not itself: the Poisson ones, stretched about the count by √(variance/count).

    With no events there is no spread to stretch by: the exact Poisson limits of 0 stand.
    """
    plain = poisson_limits(events, confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        stretch = np.where(events > 0, np.sqrt(variance / events), 1.0)
    return Limits(np.maximum(events + stretch * (plain.low - events), 0.0), events + stretch * (plain.high - events))


@dataclass(frozen=True)
class RateRatio:
    """Ratios of a first rate to a second, one a row. `p`: two-sided, of no difference (twice the smaller tail)."""

    ratio: Floats
    low: Floats
    high: Floats
    p: Floats


def rate_ratio(
    events: ArrayLike, at_risk: ArrayLike, other_events: ArrayLike, other_at_risk: ArrayLike, *,
    confidence: float = 0.95, mid_p: bool = False,
) -> RateRatio:  # fmt: skip
    """The first rate over the second, with exact conditional limits: given their sum, one count is binomial.

    events: 0 or more; at_risk: person-years. With no events in the second the ratio and its upper limit are infinite,
    with none in either the ratio is NaN and the limits 0 and infinite.
    mid_p: count half of the chance of just this split, which is nearer to the nominal confidence but not never below.
    Raises UnfitNumbers for negative or missing events and nobody at risk.
    """
    x, y = (np.asarray(values, dtype=np.float64) for values in (events, other_events))
    n, m = (np.asarray(values, dtype=np.float64) for values in (at_risk, other_at_risk))
    for counts, name in ((x, "events"), (y, "other events")):
        require((counts >= 0) & (counts == np.floor(counts)), "not a count.", where=name, expected="0, 1, 2, …")
    for persons, name in ((n, "at risk"), (m, "other at risk")):
        require(persons > 0, "nobody is at risk.", where=name, expected="more than 0")
    tail = (1 - confidence) / 2
    low, high = (_odds(share) * m / n for share in _split_limits(x, x + y, tail, mid_p=mid_p))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (x / n) / (y / m)
    return RateRatio(ratio, low, high, _two_sided(x, x + y, n / (n + m), mid_p=mid_p))


def _odds(share: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(share / (1 - share), dtype=np.float64)


def _split_limits(x: Floats, total: Floats, tail: float, *, mid_p: bool) -> tuple[Floats, Floats]:
    """Clopper and Pearson's limits of the share of the first count, or their mid-p form."""
    from scipy.special import betaincinv

    y = total - x
    low = np.where(x == 0, 0.0, betaincinv(np.maximum(x, 1), y + 1, tail))
    high = np.where(y == 0, 1.0, betaincinv(x + 1, np.maximum(y, 1), 1 - tail))
    if not mid_p:
        return low, high
    return (
        np.where(x == 0, 0.0, _solved(lambda share: _upper(x, total, share, mid_p=True) - tail, low, high)),
        np.where(y == 0, 1.0, _solved(lambda share: tail - _lower(x, total, share, mid_p=True), low, high)),
    )


def _solved(rising: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Where a rising function of a share is zero, by halving; 60 halvings are beyond a double."""
    for _ in range(60):
        middle = (low + high) / 2
        is_above = rising(middle) > 0
        low, high = np.where(is_above, low, middle), np.where(is_above, middle, high)
    return (low + high) / 2


def _upper(x: Floats, total: Floats, share: Floats, *, mid_p: bool) -> Floats:
    """P(at least x of total)."""
    from scipy.special import betainc

    return 1 - _lower(x, total, share, mid_p=True) if mid_p else np.where(x == 0, 1.0, betainc(x, total - x + 1, share))


def _lower(x: Floats, total: Floats, share: Floats, *, mid_p: bool) -> Floats:
    """P(at most x of total)."""
    from scipy.special import betainc

    def at_least(k: Floats) -> Floats:
        k, beyond = np.minimum(k, total), k > total
        reached = betainc(np.maximum(k, 1), total - k + 1, share)
        return np.where(beyond, 0.0, np.where(k <= 0, 1.0, reached))

    return 1 - (at_least(x + 1) + at_least(x)) / 2 if mid_p else 1 - at_least(x + 1)


def _two_sided(x: Floats, total: Floats, share: Floats, *, mid_p: bool) -> Floats:
    smaller = np.minimum(_upper(x, total, share, mid_p=mid_p), _lower(x, total, share, mid_p=mid_p))
    return np.where(total == 0, 1.0, np.minimum(2 * smaller, 1.0))
