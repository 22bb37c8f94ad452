"""The smallest fall that a pilot could show, found by making many pilots from what the place was like before.

Each made pilot is judged by the very test that `interruption` would apply to it. Source of the idea: Zhang, Wagner and
Ross-Degnan, Journal of Clinical Epidemiology 64(11), 2011, on the power of interrupted time series by simulation.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.impact.interruption import effective_autocorrelation
from upstander.analysis.impact.regression import (
    Design,
    harmonics,
    many_log_linear,
    negative_binomial,
    newey_west_lag,
)

Array = NDArray[np.float64]
_STEPS = 7
_MOST_FALL = 0.95


@dataclass(frozen=True)
class Detectable:
    """What a pilot can show. `fall`: smallest share fewer found with the power asked for; None if not even 95% is.

    `expected`: events expected over the pilot if nothing is done. `false_alarms`: share of pilots without any effect
    that come out significant. `curve`: falls and the share of pilots in which each is found. `theta`: of the
    negative binomial fitted to the time before; infinite where it varies no more than Poisson counts.
    """

    fall: float | None
    expected: float
    false_alarms: float
    curve: tuple[tuple[float, float], ...]
    theta: float


def smallest_detectable_fall(
    before: Array, periods: int, *, season: float = 365.25 / 7, pairs: int = 2, power: float = 0.8, alpha: float = 0.05,
    pilots: int = 500, seed: int,
) -> Detectable:  # fmt: skip
    """Made pilots of so many periods after a series of counts, until the smallest fall is bracketed to a hundredth.

    before: counts a period before the start, 26 or more. periods: how long the pilot runs. The level during it is that
    of the last fitted period, with the same seasons; the trend is not carried on. Two-sided test at alpha.
    Raises TooFewPoints under 26 periods before or 4 after.
    """
    if before.size < 26 or periods < 4:
        raise TooFewPoints(where="series before, or periods of the pilot", found=min(before.size, periods), needed=26)
    mean, theta = _going_on(before, periods, season, pairs)
    columns = _columns(before.size, periods, season, pairs)
    ranks = np.random.default_rng(seed).random((pilots, before.size + periods))

    def found(fall: float) -> float:
        made = _counts(ranks, np.concatenate([mean[: before.size], mean[before.size :] * (1 - fall)]), theta)
        return float((step_p(made, columns, 2) <= alpha).mean())

    false_alarms = found(0.0)
    curve = [(fall, found(fall)) for fall in (0.1, 0.2, 0.3, 0.4, 0.5)]
    low, high, chance = 0.0, _MOST_FALL, found(_MOST_FALL)
    if chance < power:
        return Detectable(None, float(mean[before.size :].sum()), false_alarms, tuple(curve), theta)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= power else (middle, high)
    return Detectable(high, float(mean[before.size :].sum()), false_alarms, tuple(curve), theta)


def step_p(counts: Array, columns: Array, term: int) -> Array:
    """Two-sided p of one coefficient of a log-linear regression, one a row of counts, by the errors of `interruption`.

    columns: the same for all rows, in order of time.
    """
    from scipy.stats import t as student

    n, terms = columns.shape
    coefficients, mean, weight = many_log_linear(counts, columns, np.zeros(n))
    bread = np.linalg.inv(np.einsum("sn,np,nq->spq", weight, columns, columns))
    residuals = (counts - mean) / np.sqrt(mean)
    dispersion = np.maximum((residuals**2).sum(axis=1) / (n - terms), 1.0)
    r = effective_autocorrelation(residuals, terms)
    plain = bread[:, term, term] * dispersion * (1 + r) / (1 - r)
    influence = np.einsum("sp,np->sn", bread[:, term, :], columns) * (counts - mean)
    robust = (influence**2).sum(axis=1)
    lag = newey_west_lag(n)
    for back in range(1, lag + 1):
        robust = robust + 2 * (1 - back / (lag + 1)) * (influence[:, back:] * influence[:, :-back]).sum(axis=1)
    error = np.sqrt(np.maximum(plain, robust * n / (n - terms)))
    p: Array = 2 * student.sf(np.abs(coefficients[:, term]) / error, n - terms)
    return p


def _columns(before: int, periods: int, season: float, pairs: int) -> Array:
    at = np.arange(before + periods, dtype=np.float64)
    waves = harmonics(at, season, pairs)
    return np.column_stack([np.ones(at.size), (at - before) / season, at >= before, *waves.values()])


def _going_on(before: Array, periods: int, season: float, pairs: int) -> tuple[Array, float]:
    """Means of the periods before and of the pilot, and theta."""
    columns = _columns(before.size, periods, season, pairs)
    columns[:, 1] = np.minimum(columns[:, 1], columns[before.size - 1, 1])
    used = np.delete(columns, 2, axis=1)
    design = Design(tuple(map(str, range(used.shape[1]))), used[: before.size], np.zeros(before.size))
    fit = negative_binomial(before, design)
    return np.exp(used @ fit.coefficients), fit.theta or inf


def _counts(ranks: Array, mean: Array, theta: float) -> Array:
    """Counts at given ranks of their distributions, so that pilots of two falls differ by the fall alone."""
    from scipy.stats import nbinom, poisson

    found = poisson.ppf(ranks, mean) if theta == inf else nbinom.ppf(ranks, theta, theta / (theta + mean))
    counts: Array = np.asarray(found, dtype=np.float64)
    return counts
