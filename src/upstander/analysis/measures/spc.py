"""XmR process charts with the NHS "Making Data Count" rules: is a change signal or noise?

Sources: NHS England, Making Data Count guides (2019 onwards); limits: Wheeler, Understanding Variation (1993);
rules and the order in which they name a point as in the NHS-R Community's NHSRplotthedots, development version
050b07d7. Limits are not cut off at zero: a lower limit under zero says that no fall can be told from noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder

Better = Literal["down", "up", "neutral"]

_LIMIT = 2.66  # 3 / 1.128: three sigma from the mean moving range of pairs
_NEAR = 2 / 3  # the outer third begins two sigma out
_SCREEN = 3.267  # a moving range beyond this many mean ones is a break, not noise
_RUN = 7
FEW_POINTS = 13
_LOW_MEAN = 5.0
_ROUNDING = 1e-12
_SIGN = {"down": -1, "up": 1, "neutral": 0}


@dataclass(frozen=True)
class Rebase:
    """A recorded decision to draw new limits from `at` on (a date, the first of the new baseline), with its reason."""

    at: date
    reason: str


@dataclass(frozen=True)
class Xmr:
    """An XmR chart. `points`: one row a point, in order: `y`, `mean`, `lpl`, `upl` (lower and upper process limit),
    `special_cause` (the rule that names it, or Common Cause), `point_type`, `baseline` (numbered from 1), and `date`
    where dates were given. `warnings` are sentences for the reader of the chart.
    """

    points: pl.DataFrame
    warnings: tuple[str, ...]


def xmr(
    y: ArrayLike, *, dates: Sequence[date] | None = None, rebases: Sequence[Rebase] = (), baseline_points: int = 0,
    screen_outliers: bool = True, better: Better = "down",
) -> Xmr:  # fmt: skip
    """Mean, process limits and named points of a series in order of time.

    y: one number a period, none missing. dates: the period each begins with, ascending. rebases: need dates; each
    starts new limits, and rules do not run across it. baseline_points: limits from that many first points of each
    baseline, 0 for all. screen_outliers: leave out moving ranges of 3.267 times their mean or more, once.
    better: which way is improvement; for violence, down.
    Raises TooFewPoints under 2 points a baseline, WrongOrder, UnfitNumbers for missing numbers.
    """
    values = np.asarray(y, dtype=np.float64)
    if not np.isfinite(values).all():
        raise UnfitNumbers(
            "A process chart needs a number for every period.",
            where="y", found=f"{int((~np.isfinite(values)).sum())} missing", expected="none missing",
        )  # fmt: skip
    starts = baseline_starts(values.size, dates, rebases)
    parts = [
        _baseline(part, number, baseline_points, better, screen_outliers=screen_outliers)
        for number, part in enumerate(np.split(values, starts[1:]), start=1)
    ]
    points = pl.concat(parts)
    if dates is not None:
        points = points.insert_column(0, pl.Series("date", list(dates), dtype=pl.Date))
    return Xmr(points, _warnings(parts, rebases))


def seven_one_side(side: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a point ends seven in a row on one side of the mean. side: -1, 0 or 1; a point on the mean is on none."""
    return _runs_of_same(side, _RUN)


def seven_trend(y: NDArray[np.float64]) -> NDArray[np.int64]:
    """1 where a point ends seven rising in a row, -1 where seven falling, else 0. Equal neighbours break a trend."""
    step = np.concatenate([[0.0], np.sign(np.diff(y))]) if y.size else np.empty(0)
    return np.where(_runs_of_same(step, _RUN - 1), step, 0).astype(np.int64)


def two_in_three(is_near: NDArray[np.bool_], side: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a point is of three in a row, all on one side of the mean, of which two or more lie near its limit."""
    ends = _ends_two_in_three(np.asarray(is_near, dtype=bool), side)
    return _reaching_back(ends, 3)


def _runs_of_same(side: NDArray[np.float64], length: int) -> NDArray[np.bool_]:
    ends = np.zeros(side.size, dtype=bool)
    if side.size >= length:
        stretch = np.lib.stride_tricks.sliding_window_view(side, length)
        ends[length - 1 :] = (stretch == stretch[:, :1]).all(axis=1) & (stretch[:, 0] != 0)
    return ends


def _ends_two_in_three(is_near: NDArray[np.bool_], side: NDArray[np.float64]) -> NDArray[np.bool_]:
    ends = np.zeros(side.size, dtype=bool)
    if side.size >= 3:
        near = np.lib.stride_tricks.sliding_window_view(is_near, 3).sum(axis=1)
        ends[2:] = (near >= 2) & _runs_of_same(side, 3)[2:]
    return ends


def _reaching_back(ends: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Marks every point of a run that is marked at its end."""
    padded = np.concatenate([ends, np.zeros(length - 1, dtype=bool)])
    stretch = np.lib.stride_tricks.sliding_window_view(padded, length)
    reached: NDArray[np.bool_] = np.logical_or.reduce(stretch, axis=1)
    return reached


def baseline_starts(size: int, dates: Sequence[date] | None, rebases: Sequence[Rebase]) -> list[int]:
    """Index of the first point of each baseline. Raises WrongOrder, or UnfitNumbers where dates and numbers differ."""
    if dates is None:
        if rebases:
            raise UnfitNumbers("New limits need dates.", where="rebases", expected="a date for every point")
        return [0]
    days = np.asarray([day.toordinal() for day in dates])
    if days.size != size:
        raise UnfitNumbers(
            "Dates and numbers differ in length.", where="dates", found=f"{days.size} dates", expected=f"{size}"
        )
    if (np.diff(days) <= 0).any():
        at = int(np.argmax(np.diff(days) <= 0)) + 1
        raise WrongOrder(
            f"Dates run backwards or repeat at point {at + 1}.",
            where=f"dates, point {at + 1}", found=f"{dates[at]} after {dates[at - 1]}", expected="rising dates",
        )  # fmt: skip
    cuts = np.searchsorted(days, sorted(rebase.at.toordinal() for rebase in rebases))
    return [0, *(int(cut) for cut in np.unique(cuts) if 0 < cut < size)]


def _baseline(
    y: NDArray[np.float64], number: int, baseline_points: int, better: Better, *, screen_outliers: bool
) -> pl.DataFrame:
    base = y[: baseline_points or y.size]
    if base.size < 2:
        raise TooFewPoints(where=f"baseline {number}", found=base.size, needed=2)
    moving = np.abs(np.diff(base))
    if screen_outliers:
        moving = moving[moving < _SCREEN * moving.mean()]
    mean, reach = base.mean(), _LIMIT * (moving.mean() if moving.size else 0.0)
    # A number that differs from the mean by rounding alone lies on it: a flat series has no signal.
    off = np.where(np.abs(y - mean) <= _ROUNDING * max(abs(mean), 1.0), 0.0, y - mean)
    side, is_outside = np.sign(off), np.abs(off) > reach
    is_near = ~is_outside & (np.abs(off) > _NEAR * reach)
    direction, rule = named_points(y, side, is_outside, is_near)
    return pl.DataFrame({
        "y": y, "mean": np.full(y.size, mean), "lpl": np.full(y.size, mean - reach),
        "upl": np.full(y.size, mean + reach), "special_cause": rule, "point_type": point_types(direction, better),
        "baseline": np.full(y.size, number),
    })  # fmt: skip


def named_points(
    y: NDArray[np.float64], side: NDArray[np.float64], is_outside: NDArray[np.bool_], is_near: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], list[str]]:
    """Direction (1 high or rising, -1 low or falling, 0 none) and the Making Data Count rule that names each point.

    side: -1, 0 or 1 of the centre line. is_outside: beyond a limit. is_near: in the outer third, within the limit.
    """
    trend = seven_trend(y)
    is_trend = _reaching_back(trend != 0, _RUN)
    direction_of_trend = np.where(_reaching_back(trend > 0, _RUN), 1, -1)
    if is_trend.any():
        # A point at the foot or the top of two trends belongs to the one that follows.
        following = np.append(np.sign(np.diff(y)), 0)
        both = _reaching_back(trend > 0, _RUN) & _reaching_back(trend < 0, _RUN)
        direction_of_trend = np.where(both, following, direction_of_trend)
    is_pair = two_in_three(is_near, side) & is_near
    is_run = _reaching_back(seven_one_side(side), _RUN)
    above = np.where(side > 0, "Above", "Below")
    rules = [
        np.where(side > 0, "Above UCL", "Below LCL"),
        np.where(direction_of_trend > 0, "7 Point Trend (Increasing)", "7 Point Trend (Decreasing)"),
        np.strings.add(np.strings.add("2 in 3 ", above), " CL"),
        np.strings.add(np.strings.add("7 Points ", above), " CL"),
    ]
    met = [is_outside, is_trend, is_pair, is_run]
    direction = np.select(met, [side, direction_of_trend, side, side], 0).astype(np.int64)
    return direction, np.select(met, rules, "Common Cause").tolist()


def point_types(direction: NDArray[np.int64], better: Better) -> list[str]:
    """Whether each named point is improvement, concern, or neither, by which way is better."""
    if better == "neutral":
        names = {0: "common_cause", 1: "special_cause_neutral_high", -1: "special_cause_neutral_low"}
    else:
        names = {0: "common_cause", 1: "special_cause_improvement", -1: "special_cause_concern"}
        direction = direction * _SIGN[better]
    return [names[int(way)] for way in direction]


def _warnings(baselines: list[pl.DataFrame], rebases: Sequence[Rebase]) -> tuple[str, ...]:
    found = [f"New limits from {rebase.at}: {rebase.reason}." for rebase in sorted(rebases, key=lambda each: each.at)]
    for number, points in enumerate(baselines, start=1):
        mean = points["mean"][0]
        if points.height < FEW_POINTS:
            found.append(
                f"Baseline {number} has {points.height} points; below {FEW_POINTS} its limits are provisional."
            )
        if mean < _LOW_MEAN:
            found.append(
                f"Baseline {number} has a mean of {mean:.1f}; below {_LOW_MEAN:.0f} counts are too skewed for an XmR "
                "chart, which then misleads. Pool more weeks or areas, or chart the days between incidents."
            )
    return tuple(found)
