"""Does a series have a season, what is left without it, and is this week other than the same week last year?

Season: a harmonic of the year in a quasi-Poisson regression with a trend; Serfling, Public Health Reports 78(6), 1963,
for counts as in McCullagh and Nelder, Generalized Linear Models (2nd ed., 1989), chapter 9. Same time last year: two
counts by the exact conditional interval of their ratio, Przyborowski and Wilenski, Biometrika 31, 1940, on effective
counts where neighbouring points vary more than chance alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder
from upstander.analysis.measures.dispersion import neighbour_factor

MIN_CYCLES = 2
_YEAR = 365.2425
_WEEKS_52 = timedelta(days=364)  # keeps the day of the week
_ENOUGH = 0.01
_ROUNDS = 50
_MONTHS = {27, 28, 29, 30, 31}


@dataclass(frozen=True)
class Season:
    """points: `expected` (with the season), `season` (the factor of that time of year, geometric mean 1 over a year),
    `adjusted` (y over it). p: chance of so much season where there is none. dispersion: quasi-Poisson. peak_day: day of
    the year, 0 is 1 January, at which the season is highest. peak_over_trough: of the fitted factor.
    """

    points: pl.DataFrame
    p: float
    f: float
    dispersion: float
    peak_day: float
    peak_over_trough: float
    yearly_change: float


def seasonality(
    dates: Sequence[date], y: NDArray[np.float64], n: NDArray[np.float64] | None = None, *, harmonics: int = 1
) -> Season:
    """The season of counts y (out of n) at dates in rising order, with a trend beside it.

    Raises TooFewPoints under two years or too few points for the terms, WrongOrder, UnfitNumbers for a series of zeros
    or numbers under 0.
    """
    days = _rising(dates)
    out_of = np.ones(y.size) if n is None else n
    _check_counts(y, out_of)
    if days[-1] - days[0] < MIN_CYCLES * _YEAR - 31 or y.size < 4 * harmonics + 6:
        raise TooFewPoints(
            where="series (two years are needed to tell a season)", found=y.size, needed=max(4 * harmonics + 6, 24)
        )
    trend = np.column_stack([np.ones(y.size), (days - days.mean()) / _YEAR])
    waves = _waves(_day_of_year(dates), harmonics)
    plain, full = _fit(trend, y, out_of), _fit(np.column_stack([trend, waves]), y, out_of)
    season = np.exp(waves @ full.effects[2:])
    f = max(plain.deviance - full.deviance, 0.0) / waves.shape[1] / full.dispersion if full.dispersion > 0 else 0.0
    year = np.exp(_waves(np.arange(366.0), harmonics) @ full.effects[2:])
    return Season(
        points=pl.DataFrame({"expected": full.mean, "season": season, "adjusted": y / season}),
        p=_beyond(f, waves.shape[1], full.free), f=f, dispersion=full.dispersion, peak_day=float(np.argmax(year)),
        peak_over_trough=float(year.max() / year.min()), yearly_change=float(np.expm1(full.effects[1])),
    )  # fmt: skip


def has_season(dates: Sequence[date], y: NDArray[np.float64], n: NDArray[np.float64] | None = None) -> bool:
    """Whether a season is sure enough, at one in a hundred, to spoil a chart of one level; False where none can be
    told.
    """
    try:
        return seasonality(dates, y, n).p < _ENOUGH
    except (UnfitNumbers, WrongOrder):
        return False


@dataclass(frozen=True)
class LastYear:
    """points: one row for each date that has its like a year before, see `same_time_last_year`. factor: variance
    between neighbours over that of chance, 1 at the least, by which the intervals are widened.
    """

    points: pl.DataFrame
    factor: float
    step: str


def same_time_last_year(
    dates: Sequence[date], y: NDArray[np.float64], n: NDArray[np.float64] | None = None, *, confidence: float = 0.95,
    factor: float | None = None,
) -> LastYear:  # fmt: skip
    """Each count beside that of the same week (364 days before) or the same calendar month a year before.

    factor: 1 for counts by chance alone; None works it out from neighbouring points.
    Gives `date`, `y`, `n`, `date_before`, `y_before`, `n_before`, `ratio` (of the rates; null where the earlier is 0),
    `low`, `high` (interval of the ratio; null where it has no end), `change` (higher, lower, or cannot tell).
    Raises TooFewPoints where no date has its like, WrongOrder, UnfitNumbers.
    """
    days = _rising(dates)
    out_of = np.ones(y.size) if n is None else n
    _check_counts(y, out_of)
    step = "month" if _is_monthly(dates) else "week"
    now, before = _pairs(dates, days, step)
    if not now.size:
        raise TooFewPoints(where="dates that have their like a year before", found=0, needed=1)
    wide = max(1.0, neighbour_factor(y, out_of)) if factor is None else factor
    ratio, low, high = _ratio(y[now], out_of[now], y[before], out_of[before], wide, confidence)
    change = np.select([low > 1, high < 1], ["higher", "lower"], "cannot tell")
    points = pl.DataFrame({
        "date": [dates[int(at)] for at in now], "y": y[now], "n": out_of[now],
        "date_before": [dates[int(at)] for at in before], "y_before": y[before], "n_before": out_of[before],
        "ratio": ratio, "low": low, "high": high, "change": change,
    })  # fmt: skip
    ends = pl.col("ratio", "low", "high")
    return LastYear(points.with_columns(pl.when(ends.is_finite()).then(ends)), wide, step)


def _ratio(
    y: NDArray[np.float64], n: NDArray[np.float64], y0: NDArray[np.float64], n0: NDArray[np.float64],
    factor: float, confidence: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Ratio of two rates with its interval: Clopper and Pearson's for the share of the later in both."""
    from scipy.special import betaincinv

    tail, now, before = (1 - confidence) / 2, y / factor, y0 / factor
    # Where a count is 0 the beta has no such parameter; the limit is then the end of the scale.
    low = np.where(now > 0, betaincinv(np.maximum(now, 1e-300), before + 1, tail), 0.0)
    high = np.where(before > 0, betaincinv(now + 1, np.maximum(before, 1e-300), 1 - tail), 1.0)
    scale = n0 / n
    with np.errstate(divide="ignore", invalid="ignore"):
        return y / y0 * scale, low / (1 - low) * scale, high / (1 - high) * scale


def _pairs(dates: Sequence[date], days: NDArray[np.float64], step: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    wanted = np.array([_year_before(day, step).toordinal() for day in dates], dtype=np.float64)
    at = np.searchsorted(days, wanted)
    found = (at < days.size) & (days[np.minimum(at, days.size - 1)] == wanted)
    return np.flatnonzero(found), at[found]


def _year_before(day: date, step: str) -> date:
    return day.replace(year=day.year - 1) if step == "month" else day - _WEEKS_52


def _is_monthly(dates: Sequence[date]) -> bool:
    return {day.day for day in dates} == {1} and len(dates) > 1 and (dates[1] - dates[0]).days in _MONTHS


def _rising(dates: Sequence[date]) -> NDArray[np.float64]:
    days = np.array([day.toordinal() for day in dates], dtype=np.float64)
    wrong = np.diff(days) <= 0
    if wrong.any():
        at = int(np.argmax(wrong)) + 1
        raise WrongOrder(
            f"Dates run backwards or repeat at point {at + 1}.",
            where=f"dates, point {at + 1}", found=f"{dates[at]} after {dates[at - 1]}", expected="rising dates",
        )  # fmt: skip
    return days


def _check_counts(y: NDArray[np.float64], n: NDArray[np.float64]) -> None:
    if not (np.isfinite(y) & (y >= 0)).all() or not (np.isfinite(n) & (n > 0)).all():
        raise UnfitNumbers("Counts are 0 or more, out of more than 0.", where="y, n", expected="y 0 or more, n above 0")
    if not y.sum():
        raise UnfitNumbers("There is no event in the series.", where="y", found="only 0", expected="some events")


def _day_of_year(dates: Sequence[date]) -> NDArray[np.float64]:
    return np.array([day.timetuple().tm_yday - 1 for day in dates], dtype=np.float64)


def _waves(day_of_year: NDArray[np.float64], harmonics: int) -> NDArray[np.float64]:
    angles = [2 * np.pi * k * day_of_year / _YEAR for k in range(1, harmonics + 1)]
    return np.column_stack([wave(angle) for angle in angles for wave in (np.sin, np.cos)])


@dataclass(frozen=True)
class _Fitted:
    effects: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviance: float
    dispersion: float
    free: int


def _fit(terms: NDArray[np.float64], y: NDArray[np.float64], n: NDArray[np.float64]) -> _Fitted:
    """Poisson regression with a logarithmic link and log n as offset, by iterated weighted least squares."""
    effects = np.zeros(terms.shape[1])
    effects[0] = np.log(y.sum() / n.sum())
    for _ in range(_ROUNDS):
        mean = n * np.exp(terms @ effects)
        weighted = terms * mean[:, None]
        step = _solved(terms.T @ weighted, terms.T @ (y - mean))
        effects = effects + step
        if np.abs(step).max() < 1e-12:
            break
    mean = n * np.exp(terms @ effects)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(y > 0, y * np.log(y / mean), 0.0)
    free = y.size - terms.shape[1]
    dispersion = float(((y - mean) ** 2 / mean).sum() / free)
    return _Fitted(effects, mean, float(2 * (ratio - (y - mean)).sum()), dispersion, free)


def _solved(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    try:
        step = np.asarray(np.linalg.solve(left, right), dtype=np.float64)
    except np.linalg.LinAlgError as why:
        raise UnfitNumbers(
            "Too few events at too many times of year to tell a season.",
            where="y", expected="events spread over the year",
        ) from why  # fmt: skip
    return step


def _beyond(f: float, terms: int, free: int) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(terms, free, f))
