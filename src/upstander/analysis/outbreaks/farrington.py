"""Farrington's improved algorithm ("flexible"): is this week above what earlier years lead to expect?

Sources: Farrington, Andrews, Beale and Catchpole, Journal of the Royal Statistical Society A 159(3), 1996; Noufaily
and others, Statistics in Medicine 32(7), 2013; Salmon, Schumacher and Höhle, Journal of Statistical Software 70(10),
2016, as run by `farringtonFlexible` of the R package surveillance 1.20.3. Two of its habits are kept, for its results
are the reference: the standard error after reweighting comes from sum(w ((y - mean) / mean)²) / df, and the trend is
tested with it. One is not: our score is (y - expected) / (upper bound - expected), on the scale of counts throughout.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.discoveries import benjamini_hochberg
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.outbreaks.baseline import Baseline, baseline, years_of_history
from upstander.analysis.outbreaks.counts import chance_of_at_least, quantile
from upstander.analysis.outbreaks.fitting import Design, Fit, Numbers, design, with_slope, without_slope

Threshold = Literal["nbPlugin", "muan", "delta"]
LEAST_YEARS = 2
_TREND_YEARS = 3
_TILE = 512  # series at once, so that the arrays of a week stay near the processor


@dataclass(frozen=True)
class Settings:
    """years: earlier years compared with, at most. half_window: weeks around the same week of an earlier year.
    seasons: levels a year, 1 for the windows alone. recent: last weeks left out of the baseline. reweigh_above: a
    residual that makes a past week count less. trend: whether one is fitted, kept at p under `trend_p`. threshold:
    `nbPlugin` (a quantile of the negative binomial), `muan` (the same at the upper limit of the mean), `delta` (the
    2/3 power, 1996). alpha: chance of a false alarm a week. An alarm needs `least_cases` in the last `within` weeks.
    """

    years: int = 5
    half_window: int = 3
    seasons: int = 10
    recent: int = 26
    reweigh_above: float = 2.58
    trend: bool = True
    trend_p: float = 1.0
    threshold: Threshold = "nbPlugin"
    alpha: float = 0.01
    least_cases: int = 5
    within: int = 4


@dataclass(frozen=True)
class Alarms:
    """One entry a week judged and series, weeks × series; NaN where it cannot be said. `expected`: mean expected.
    `upper`: the alarm is above it; NaN with fewer than the least cases. `judged_at`: the mean behind `upper`.
    `dispersion`: 1 or more. `p`: chance of so many or more. `p_bh`: adjusted over the series of the week. `score`:
    above 1 is an alarm. `trend`: slope of the log a week, NaN where none was kept. `years` compared with, 0 for none.
    `false`: chance of an alarm if nothing has changed.
    """

    weeks: NDArray[np.int64]
    observed: Numbers
    expected: Numbers
    upper: Numbers
    judged_at: Numbers
    dispersion: Numbers
    p: Numbers
    p_bh: Numbers
    score: Numbers
    trend: Numbers
    is_alarm: NDArray[np.bool_]
    years: NDArray[np.int64]
    false: Numbers


def farrington(
    counts: ArrayLike, weeks: Sequence[int], *, starts: Sequence[date] | None = None,
    population: ArrayLike | None = None, excluded: NDArray[np.bool_] | None = None, settings: Settings | None = None,
) -> Alarms:  # fmt: skip
    """Each series in each week of `weeks` against its own earlier years.

    counts: weeks × series, whole numbers of 0 or more; NaN is a week not known, and is never a zero. starts: the day
    each week begins with. population: same shape, if the counts are to be seen per head. excluded: weeks that are no
    part of any baseline. A week with fewer than two earlier years gets NaN and `years` 0.
    Raises UnfitNumbers, TooFewPoints.
    """
    settings = settings or Settings()
    y = _checked(counts)
    heads = None if population is None else _heads(population, y)
    judged = [_judged(y, heads, week, starts, excluded, settings) for week in weeks]
    enough = np.array([_has_enough(y, week, settings) for week in weeks]).reshape(len(judged), y.shape[1])
    observed = y[np.asarray(weeks, dtype=np.int64)]
    return _alarms(np.asarray(weeks, dtype=np.int64), observed, judged, enough)


@dataclass(frozen=True)
class _Judged:
    """What one week's fits say of every series."""

    expected: Numbers
    judged_at: Numbers
    dispersion: Numbers
    upper: Numbers
    p: Numbers
    trend: Numbers
    years: NDArray[np.int64]


def _judged(
    y: Numbers, heads: Numbers | None, week: int, starts: Sequence[date] | None, excluded: NDArray[np.bool_] | None,
    settings: Settings,
) -> _Judged:  # fmt: skip
    years = years_of_history(week, settings.years, settings.half_window, starts)
    series = y.shape[1]
    if years < LEAST_YEARS:
        return _unknown(series)
    base = baseline(
        week, years, half_window=settings.half_window, seasons=settings.seasons, recent=settings.recent, starts=starts,
        excluded=excluded,
    )  # fmt: skip
    if not base.weeks.size:
        return _unknown(series)
    shape = design(base.weeks, base.season, week, settings.seasons)
    tiles = [
        _judged_tile(
            y[:, tile], None if heads is None else heads[:, tile], week, base, shape, settings
        )
        for tile in (slice(start, start + _TILE) for start in range(0, series, _TILE))
    ]  # fmt: skip
    return _Judged(**{
        each.name: np.concatenate([getattr(tile, each.name) for tile in tiles]) for each in fields(_Judged)
    })  # fmt: skip


def _judged_tile(
    y: Numbers, heads: Numbers | None, week: int, base: Baseline, shape: Design, settings: Settings
) -> _Judged:
    past = y[base.weeks]
    known = ~np.isnan(past)
    is_whole = bool(known.all())
    exposure = None if heads is None else heads[base.weeks]
    given = past if is_whole else np.where(known, past, 0.0)
    fitted = _fitted(given, None if is_whole else known.astype(float), exposure, shape, base.years, settings)
    scale = 1.0 if heads is None else heads[week]
    known_own = known[base.season == settings.seasons - 1].any(axis=0)
    is_usable = known_own & (known.sum(axis=0) > shape.seasons + 1) & shape.has_own_season
    return _thresholds(fitted, y[week], scale, np.where(is_usable, base.years, 0), settings)


def _unknown(series: int) -> _Judged:
    nothing = np.full(series, np.nan)
    return _Judged(nothing, nothing, nothing, nothing, nothing, nothing, np.zeros(series, dtype=np.int64))


@dataclass(frozen=True)
class _Prediction:
    """Of every series: log mean expected, its standard error, dispersion, slope a week (NaN for none)."""

    at: Numbers
    error: Numbers
    dispersion: Numbers
    trend: Numbers


def _fitted(
    y: Numbers, known: Numbers | None, exposure: Numbers | None, shape: Design, years: int, settings: Settings
) -> _Prediction:
    """The reweighted fit with a trend where it is kept, without elsewhere."""
    if not settings.trend or years < _TREND_YEARS:
        return _prediction(*_reweighted(y, known, exposure, shape, settings, has_slope=False), y)
    fit, weights = _reweighted(y, known, exposure, shape, settings, has_slope=True)
    first = _prediction(fit, weights, y)
    drop = np.flatnonzero(~_keeps_trend(fit, first, weights, y, exposure, settings))
    if not drop.size:
        return first
    some = [None if each is None else each[:, drop] for each in (y, known, exposure)]
    flat, flat_weights = _reweighted(y[:, drop], some[1], some[2], shape, settings, has_slope=False)
    second = _prediction(flat, flat_weights, y[:, drop])
    merged = {}
    for each in fields(_Prediction):
        values = getattr(first, each.name).copy()
        values[drop] = getattr(second, each.name)
        merged[each.name] = values
    return _Prediction(**merged)


def _reweighted(
    y: Numbers, known: Numbers | None, exposure: Numbers | None, shape: Design, settings: Settings, *, has_slope: bool
) -> tuple[Fit, Numbers]:
    """A fit, the same again with past outbreaks counting less, and the weights. Weights sum to the weeks known."""
    fitting = with_slope if has_slope else without_slope
    fit = fitting(y, known, exposure, shape)
    weeks = float(y.shape[0]) if known is None else known.sum(axis=0)
    phi = _dispersion(y, fit, known, weeks - fit.parameters)
    weights = _anscombe_weights(y, fit, phi, settings.reweigh_above)
    if known is not None:
        weights *= known
    weights *= weeks / np.maximum(weights.sum(axis=0), 1e-300)
    return fitting(y, weights, exposure, shape, fit.slope), weights


def _anscombe_weights(y: Numbers, fit: Fit, phi: Numbers, above: float) -> Numbers:
    root = np.cbrt(np.sqrt(fit.mean))
    residual = np.cbrt(y * y)
    residual /= root
    residual -= root * root * root
    with np.errstate(divide="ignore", invalid="ignore"):
        residual *= 1.5 / np.sqrt(phi * np.maximum(1 - fit.leverage, 0.0))
    weights = np.ones_like(residual)
    is_high = residual > above
    weights[is_high] = residual[is_high] ** -2.0
    return weights


def _dispersion(y: Numbers, fit: Fit, weights: Numbers | None, df: Numbers | float) -> Numbers:
    squares = y - fit.mean
    squares *= squares
    squares /= fit.mean
    if weights is not None:
        squares *= weights
    phi: Numbers = np.maximum(squares.sum(axis=0) / np.maximum(df, 1e-9), 1.0)
    return phi


def _prediction(fit: Fit, weights: Numbers, y: Numbers) -> _Prediction:
    df = np.maximum((weights > 0).sum(axis=0) - fit.parameters, 1)
    relative = (y - fit.mean) / fit.mean
    relative *= relative
    relative *= weights
    working = relative.sum(axis=0) / df
    has_slope = fit.slope_information.any()
    return _Prediction(
        at=fit.at,
        error=np.sqrt(working * fit.variance_at),
        dispersion=_dispersion(y, fit, weights, df),
        trend=fit.slope / 100.0 if has_slope else np.full(fit.at.size, np.nan),
    )


def _keeps_trend(
    fit: Fit, first: _Prediction, weights: Numbers, y: Numbers, exposure: Numbers | None, settings: Settings
) -> NDArray[np.bool_]:
    """The search ended, the trend is significant at `trend_p`, and it leads to no more than was ever seen."""
    highest = y.max(axis=0) if exposure is None else (y / exposure).max(axis=0)
    keeps: NDArray[np.bool_] = fit.is_found & (np.exp(np.minimum(fit.at, 700.0)) <= highest)
    if settings.trend_p < 1:
        from scipy.special import stdtr

        df = np.maximum((weights > 0).sum(axis=0) - fit.parameters, 1)
        working = first.error**2 / np.maximum(fit.variance_at, 1e-300)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.abs(fit.slope) / np.sqrt(working / fit.slope_information)
        keeps &= 2 * stdtr(df, -t) < settings.trend_p
    return keeps


def _thresholds(
    found: _Prediction, y: Numbers, scale: Numbers | float, years: NDArray[np.int64], settings: Settings
) -> _Judged:
    from scipy.special import ndtr, ndtri

    z = float(ndtri(1 - settings.alpha))
    expected = np.where(years > 0, np.exp(found.at) * scale, np.nan)
    phi = np.where(years > 0, found.dispersion, np.nan)
    if settings.threshold == "delta":
        variance = 4 / 9 * np.cbrt(expected) * (phi + found.error**2 * expected)
        power, error = np.cbrt(expected) ** 2, np.sqrt(variance)
        upper = np.maximum(power + z * error, 0.0) ** 1.5
        p = ndtr(-(np.cbrt(y) ** 2 - power) / error)
        return _Judged(expected, expected, phi, upper, p, found.trend, years)
    at = expected * np.exp(z * found.error) if settings.threshold == "muan" else expected
    return _Judged(
        expected, at, phi, quantile(1 - settings.alpha, at, phi), chance_of_at_least(y, at, phi), found.trend, years
    )


def _has_enough(y: Numbers, week: int, settings: Settings) -> NDArray[np.bool_]:
    last = y[max(week - settings.within + 1, 0) : week + 1]
    enough: NDArray[np.bool_] = np.nansum(last, axis=0) >= settings.least_cases
    return enough


def _alarms(weeks: NDArray[np.int64], observed: Numbers, judged: list[_Judged], enough: NDArray[np.bool_]) -> Alarms:
    stacked = {
        each.name: np.array([getattr(one, each.name) for one in judged]).reshape(observed.shape)
        for each in fields(_Judged)
    }
    bound, expected = stacked["upper"], stacked["expected"]
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.where(bound > expected, (observed - expected) / (bound - expected), np.nan)
        is_alarm = enough & (observed > bound)
    p = np.where(np.isnan(observed), np.nan, stacked["p"])
    by_chance = chance_of_at_least(np.floor(bound) + 1, expected, stacked["dispersion"])
    return Alarms(
        weeks=weeks, observed=observed, expected=expected, upper=np.where(enough, bound, np.nan),
        judged_at=stacked["judged_at"], dispersion=stacked["dispersion"], p=p, p_bh=adjusted_by_week(p), score=score,
        trend=stacked["trend"], is_alarm=is_alarm, years=stacked["years"],
        false=np.where(enough & ~np.isnan(observed), by_chance, 0.0),
    )  # fmt: skip


def adjusted_by_week(p: Numbers) -> Numbers:
    """P-values adjusted by Benjamini and Hochberg over the series of each week; NaN takes no part."""
    adjusted = np.full_like(p, np.nan)
    for row, out in zip(p, adjusted, strict=True):
        known = ~np.isnan(row)
        if known.any():
            out[known] = benjamini_hochberg(row[known])
    return adjusted


def _checked(counts: ArrayLike) -> Numbers:
    y = np.asarray(counts, dtype=np.float64)
    if y.ndim != 2 or not y.size:
        raise TooFewPoints(where="counts", found=y.size, needed=8)
    known = y[~np.isnan(y)]
    if (known < 0).any() or (known != np.floor(known)).any():
        raise UnfitNumbers(
            "A count is a whole number of 0 or more.", where="counts", expected="whole numbers of 0 or more"
        )
    return y


def _heads(population: ArrayLike, y: Numbers) -> Numbers:
    heads = np.asarray(population, dtype=np.float64)
    if heads.shape != y.shape or not (heads > 0).all():
        raise UnfitNumbers(
            "A population is needed for every week and series, more than 0.",
            where="population", expected="a number above 0 for every count",
        )  # fmt: skip
    return heads
