"""Weekly counts of a place or a service, ahead: two plain models, their median, and intervals that held in the past.

The negative binomial regression has a trend that is damped to a stop, two pairs of waves a year and flags for the weeks
of bank holidays; the other model is the same week a year ago. What they give together is set right by how far they were
off when they forecast the past from its own past (split conformal on rolling origins).
Sources: Hyndman and Athanasopoulos, 3rd edition 2021; Lei et al., Journal of the American Statistical Association
113(523), 2018 (split conformal); Stankevičiūtė, Alaa and van der Schaar, NeurIPS 2021 (one set of errors a horizon).
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.impact.regression import Design, harmonics, many_log_linear, negative_binomial
from upstander.analysis.impact.scores import pit_histogram, weighted_interval_score

Array = NDArray[np.float64]
LEVELS = (0.5, 0.8, 0.95)
WEEKS_A_YEAR = 365.25 / 7
_SEASON = 52
_LEAST_WEEKS = 2 * _SEASON
_LEAST_ORIGINS = 39  # 95% of errors can be told from the largest only with 39 of them


@dataclass(frozen=True)
class Weekly:
    """A forecast and how such forecasts did. Rows of `low` and `high` are levels (50%, 80%, 95%), columns weeks.

    `median`, `regression`, `last_year`: by week ahead. `coverage`, `score`, `score_last_year`: over the past origins
    that were not used to set the intervals; nan where there were none. `pit`: shares by tenth.
    """

    median: Array
    regression: Array
    last_year: Array
    low: Array
    high: Array
    coverage: Array
    score: float
    score_last_year: float
    pit: Array
    origins: int


def forecast_weekly(
    count: Array, horizon: int, *, holiday: Array | None = None, holiday_ahead: Array | None = None,
    origins: int = 78, damping: float = 0.9,
) -> Weekly:  # fmt: skip
    """The next weeks of a weekly series, with intervals that held at past origins.

    count: events a week, oldest first, none missing; two years or more. holiday: share of a week that is bank holiday,
    or 0 and 1; holiday_ahead: the same for the weeks to come. origins: past weeks from which the past is forecast;
    two in three set the intervals, the latest third says how they do. damping: share of the trend that lasts a week.
    Medians and limits are not below 0; limits are whole. Raises TooFewPoints, UnfitNumbers.
    """
    _check(count, horizon, holiday, holiday_ahead)
    flags = np.zeros(count.size + horizon)
    if holiday is not None and holiday_ahead is not None:
        flags = np.concatenate([holiday, holiday_ahead])
    origins = min(origins, count.size - horizon - _LEAST_WEEKS + 1)
    if origins < _LEAST_ORIGINS:
        raise TooFewPoints(
            where="series", found=int(count.size), needed=_LEAST_WEEKS + horizon + _LEAST_ORIGINS - 1
        )  # fmt: skip
    ends = count.size - horizon - np.arange(origins)[::-1]
    spread = _spread(count, flags)
    past, naive = _both(count, flags, np.append(ends, count.size), horizon, spread, damping)
    centre = np.median(np.stack([past, naive]), axis=0)
    came = np.stack([count[end : end + horizon] for end in ends])
    errors = _scaled(came, centre[:-1])
    fitted = errors[: 2 * origins // 3]
    low, high = _limits(centre[-1], errors)
    told = _told(centre[:-1], naive[:-1], came, fitted)
    return Weekly(centre[-1], past[-1], naive[-1], low, high, *told, origins)


def _check(count: Array, horizon: int, holiday: Array | None, ahead: Array | None) -> None:
    if (~np.isfinite(count) | (count < 0) | (count != np.floor(count))).any():
        raise UnfitNumbers(
            "Every week has a count, whole and not negative. A week nobody delivered is no zero.",
            where="series, column count", expected="0, 1, 2, …",
        )  # fmt: skip
    if (holiday is None) != (ahead is None) or (ahead is not None and ahead.size != horizon):
        raise UnfitNumbers(
            "Bank holidays are needed both for the weeks that were and for those to come.",
            where="holiday", expected=f"a number for every week and for the {horizon} ahead",
        )  # fmt: skip


def _columns(size: int, flags: Array) -> Array:
    at = np.arange(size, dtype=np.float64)
    waves = harmonics(at, WEEKS_A_YEAR, 2)
    columns = [np.ones(size), at / WEEKS_A_YEAR, *waves.values()]
    return np.column_stack([*columns, flags] if flags.any() else columns)


def _spread(count: Array, flags: Array) -> float:
    """1 / theta of the whole series: needed for weights only, so that one value does for all origins."""
    columns = _columns(count.size, flags[: count.size])
    fit = negative_binomial(count, Design(tuple(map(str, range(columns.shape[1]))), columns, np.zeros(count.size)))
    return 1 / fit.theta if fit.theta else 0.0


def _both(
    count: Array, flags: Array, ends: NDArray[np.int64], horizon: int, spread: float, damping: float
) -> tuple[Array, Array]:
    """Both models' forecasts from each origin, which sees only the weeks before it: a row an origin."""
    columns = _columns(count.size + horizon, flags)
    last = np.arange(1, horizon + 1)
    slowed = np.cumsum(damping**last)
    regression = np.empty((ends.size, horizon))
    for row, end in enumerate(ends):
        # Without a bank holiday so far its column could not be fitted.
        used = columns if flags[:end].any() else columns[:, :6]
        solved, _, _ = many_log_linear(count[None, :end], used[:end], np.zeros(end), spread=spread)
        ahead = used[end : end + horizon].copy()
        ahead[:, 1] = (end - 1 + slowed) / WEEKS_A_YEAR
        regression[row] = np.exp(np.clip(ahead @ solved[0], -20, 20))
    naive = np.stack([count[end - _SEASON + (last - 1) % _SEASON] for end in ends])
    return regression, naive


def _scaled(came: Array, centre: Array) -> Array:
    """Errors on a scale on which a count varies alike at any level (variance of a square root is about 1/4)."""
    scaled: Array = 2 * (np.sqrt(came + 0.375) - np.sqrt(centre + 0.375))
    return scaled


def _limits(centre: Array, errors: Array) -> tuple[Array, Array]:
    """Whole limits by level. errors: a row an origin, a column a week ahead."""
    low, high = np.empty((len(LEVELS), centre.size)), np.empty((len(LEVELS), centre.size))
    n = errors.shape[0]
    ordered = np.sort(errors, axis=0)
    root = np.sqrt(centre + 0.375)
    for at, level in enumerate(LEVELS):
        tail = (1 - level) / 2
        rank = min(ceil((n + 1) * (1 - tail)), n)
        below = np.maximum(root + ordered[n - rank] / 2, 0) ** 2 - 0.375
        above = np.maximum(root + ordered[rank - 1] / 2, 0) ** 2 - 0.375
        low[at] = np.maximum(np.ceil(below - 1e-9), 0)
        high[at] = np.maximum(np.floor(above + 1e-9), low[at])
    return low, high


def _told(centre: Array, naive: Array, came: Array, fitted: Array) -> tuple[Array, float, float, Array]:
    """Coverage, scores and transform at the origins that did not set the intervals."""
    first = fitted.shape[0] + centre.shape[1]
    if first >= centre.shape[0]:
        first = fitted.shape[0]
    if first >= centre.shape[0]:
        nothing = np.full(len(LEVELS), np.nan)
        return nothing, float("nan"), float("nan"), np.full(10, np.nan)
    pairs = [_limits(each, fitted) for each in centre[first:]]
    low, high = np.stack([each[0] for each in pairs]), np.stack([each[1] for each in pairs])
    truth = came[first:]
    inside = (truth[:, None, :] >= low) & (truth[:, None, :] <= high)
    intervals = {level: (low[:, at], high[:, at]) for at, level in enumerate(LEVELS)}
    score = float(weighted_interval_score(truth, centre[first:], intervals).mean())
    old_pairs = [_limits(each, _scaled(came[: fitted.shape[0]], naive[: fitted.shape[0]])) for each in naive[first:]]
    old = {
        level: (np.stack([each[0][at] for each in old_pairs]), np.stack([each[1][at] for each in old_pairs]))
        for at, level in enumerate(LEVELS)
    }
    score_old = float(weighted_interval_score(truth, naive[first:], old).mean())
    return inside.mean(axis=(0, 2)), score, score_old, _pit(centre[first:], truth, fitted)


def _pit(centre: Array, truth: Array, fitted: Array) -> Array:
    scaled, lower = _scaled(truth, centre), _scaled(np.maximum(truth - 1, -0.375), centre)
    ordered = np.sort(fitted, axis=0)
    share = [
        (ordered[:, None, at] <= each[None, :, at]).mean(axis=0)
        for each in (lower, scaled)
        for at in range(centre.shape[1])
    ]
    weeks = centre.shape[1]
    return pit_histogram(np.concatenate(share[:weeks]), np.concatenate(share[weeks:]))
