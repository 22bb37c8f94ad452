"""Process charts of counts, shares, gaps and measurements: chosen by the data, new limits for recorded reasons only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.measures import chart_limits as making
from upstander.analysis.measures.chart_limits import Limits, Series
from upstander.analysis.measures.choosing import Chart, Choice, Numbers, choose
from upstander.analysis.measures.dispersion import Dispersion, dispersion
from upstander.analysis.measures.runs import Runs, runs_about
from upstander.analysis.measures.spc import (
    FEW_POINTS,
    Better,
    Rebase,
    baseline_starts,
    named_points,
    point_types,
)

_ROUNDING = 1e-12
_EXACT: Mapping[Chart, Callable[..., Limits]] = {
    Chart.C: making.counts_chart, Chart.U: making.counts_chart, Chart.P: making.shares_chart,
    Chart.G: making.gaps_chart,
}  # fmt: skip
_SIGMA: Mapping[Chart, Callable[..., Limits]] = {
    Chart.RUN: making.run_chart, Chart.XMR: making.individuals, Chart.LANEY_U: making.laney_counts_chart,
    Chart.LANEY_P: making.laney_shares_chart, Chart.T: making.times_chart,
}  # fmt: skip
_SHARES = (Chart.P, Chart.LANEY_P)
_GAPS = (Chart.G, Chart.T)
_COUNTS = (Chart.C, Chart.U, Chart.LANEY_U, *_SHARES, Chart.G)


@dataclass(frozen=True)
class LeftOut:
    """A recorded decision that the point at `position` (1 first) had a cause of its own and is not in the limits."""

    position: int
    reason: str


@dataclass(frozen=True)
class Asked:
    """What is asked of a chart. chart: None lets the data choose. exact: None lets the data choose, and means three
    sigma where the chart is named. baseline_points: limits from so many first points of each baseline, 0 for all.
    Rebases and points left out carry their recorded reason.
    """

    numbers: Numbers = Numbers.COUNTS
    chart: Chart | None = None
    exact: bool | None = None
    better: Better = "down"
    baseline_points: int = 0
    rebases: tuple[Rebase, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class ProcessChart:
    """points: one row a point, in order, see `process_chart`. runs: of the last baseline. spread: None for gaps and
    measurements. warnings: sentences for the reader.
    """

    points: pl.DataFrame
    choice: Choice
    runs: Runs
    spread: Dispersion | None
    warnings: tuple[str, ...]


def process_chart(
    y: NDArray[np.float64], n: NDArray[np.float64] | None = None, *, dates: Sequence[date] | None = None,
    asked: Asked = Asked(),
) -> ProcessChart:  # fmt: skip
    """The chart that fits a series in order of time, with its limits, named points, runs, and the reason for the chart.

    y: one number a period, or a gap between events; n: what y is out of, above zero, None where there is none.
    dates: the period each begins with, rising; needed to rebase. Quiet periods must be there as zeros.
    Gives points: date (where given), `y` (as charted), `n`, `value` (y over n), `cl`, `lcl`, `ucl`, `lwl`, `uwl`
    (control and warning limits; null where there is none), `runs_line`, `special_cause`, `point_type`, `baseline`,
    `in_baseline`, and the run rules of its baseline. Where quiet periods between events are charted there is one row a
    gap, dated by the event that ends it.
    Raises TooFewPoints under 2 points a baseline, UnfitNumbers for numbers the chart cannot hold, WrongOrder.
    """
    n = np.ones(y.size) if n is None else n
    _check(y, n)
    part = _Part(y, n, list(dates) if dates is not None else None)
    number, kept = _baselines(part, asked)
    choice, spread = _chosen(part, number, kept, asked)
    waiting: tuple[str, ...] = ()
    if choice.as_gaps:
        part, waiting = _between(part, number)
        number, kept = _baselines(part, asked, gaps=True)
    _check_fits(choice.chart, part)
    drawn = [_drawn(part, choice, asked, number == one, kept) for one in np.unique(number)]
    points = pl.concat([frame for frame, _ in drawn]).with_columns(baseline=pl.Series(number))
    if part.dates is not None:
        points = points.insert_column(0, pl.Series("date", part.dates, dtype=pl.Date))
    runs = [found for _, found in drawn]
    return ProcessChart(points, choice, runs[-1], spread, (*_warnings(choice, asked, number, part, runs), *waiting))


@dataclass(frozen=True)
class _Part:
    y: NDArray[np.float64]
    n: NDArray[np.float64]
    dates: list[date] | None


def _check(y: NDArray[np.float64], n: NDArray[np.float64]) -> None:
    if y.size < 2:
        raise TooFewPoints(where="series", found=y.size, needed=2)
    if not np.isfinite(y).all():
        raise UnfitNumbers(
            "A process chart needs a number for every period.",
            where="y", found=f"{int((~np.isfinite(y)).sum())} missing", expected="none missing; quiet periods as 0",
        )  # fmt: skip
    if not (np.isfinite(n) & (n > 0)).all():
        at = int(np.argmax(~(np.isfinite(n) & (n > 0)))) + 1
        raise UnfitNumbers(
            f"Point {at} is out of nothing.", where=f"n, point {at}", found="no number above 0", expected="n above 0"
        )


def _check_fits(chart: Chart, part: _Part) -> None:
    counts = chart in _COUNTS
    if (counts or chart is Chart.T) and (part.y < 0).any():
        raise UnfitNumbers(
            f"A {chart} chart holds no negative number.", where=f"y, point {int(np.argmax(part.y < 0)) + 1}",
            found="a number under 0", expected="0 or more; or chart measurements",
        )  # fmt: skip
    if counts and (part.y != np.round(part.y)).any():
        at = int(np.argmax(part.y != np.round(part.y))) + 1
        raise UnfitNumbers(
            f"A {chart} chart holds whole numbers.", where=f"y, point {at}", found="a fraction",
            expected="counts; give what they are out of as n, or chart measurements",
        )  # fmt: skip
    if chart in _SHARES and (part.y > part.n).any():
        at = int(np.argmax(part.y > part.n)) + 1
        raise UnfitNumbers(
            f"Point {at} has more than there are.", where=f"y, point {at}", found="y above n", expected="y of n"
        )


def _baselines(part: _Part, asked: Asked, *, gaps: bool = False) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Number of the baseline of each point, 1 first, and whether the limits rest on it."""
    starts = baseline_starts(part.y.size, None if gaps and not asked.rebases else part.dates, asked.rebases)
    number = np.zeros(part.y.size, dtype=np.int64)
    number[starts] = 1
    number = np.cumsum(number)
    place = np.arange(part.y.size) - np.asarray(starts)[number - 1]
    kept = place < (asked.baseline_points or part.y.size)
    if not gaps:
        kept = kept & _not_left_out(part.y.size, asked.left_out)
    for one in np.unique(number):
        if kept[number == one].sum() < 2:
            found = int(kept[number == one].sum())
            raise TooFewPoints(where=f"baseline {one}", found=found, needed=2)
    return number, kept


def _not_left_out(size: int, left_out: Sequence[LeftOut]) -> NDArray[np.bool_]:
    stays = np.ones(size, dtype=bool)
    for one in left_out:
        if not 1 <= one.position <= size:
            raise UnfitNumbers(
                f"There is no point {one.position} to leave out.", where="exclude", found=str(one.position),
                expected=f"1 to {size}",
            )  # fmt: skip
        stays[one.position - 1] = False
    return stays


def _chosen(
    part: _Part, number: NDArray[np.int64], kept: NDArray[np.bool_], asked: Asked
) -> tuple[Choice, Dispersion | None]:
    counted = asked.numbers in {Numbers.COUNTS, Numbers.SHARES} and asked.chart not in {Chart.XMR, *_GAPS}
    spread = None
    if counted:
        shares = asked.numbers is Numbers.SHARES or asked.chart in _SHARES
        _check_fits(Chart.P if shares else Chart.U, part)
        spread = dispersion(part.y[kept], part.n[kept], number[kept], shares=shares)
    if asked.chart is not None:
        return Choice(asked.chart, bool(asked.exact), f"{asked.chart} chart, as asked."), spread
    choice = choose(part.y[kept], part.n[kept], asked.numbers, spread or Dispersion(1.0, 1.0, 0))
    exact = choice.exact if asked.exact is None else asked.exact
    return Choice(choice.chart, exact, choice.reason, choice.as_gaps), spread


def _between(part: _Part, number: NDArray[np.int64]) -> tuple[_Part, tuple[str, ...]]:
    """Quiet periods between one period with events and the next, dated by the later, and what is still open."""
    at = np.flatnonzero(part.y > 0)
    gaps = np.diff(at) - 1.0
    several = int((part.y > 1).sum())
    said = []
    if several:
        said.append(f"{several} periods had more than one event; the chart of gaps counts each such period once.")
    open_gap = part.y.size - 1 - int(at[-1])
    said.append(f"{open_gap} quiet periods since the last event so far; they are in no limit.")
    if np.unique(number).size > 1:
        said.append("A gap that spans new limits belongs to the baseline in which it ends.")
    dates = [part.dates[int(index)] for index in at[1:]] if part.dates is not None else None
    return _Part(gaps, np.ones(gaps.size), dates), tuple(said)


def _drawn(
    part: _Part, choice: Choice, asked: Asked, here: NDArray[np.bool_], kept: NDArray[np.bool_]
) -> tuple[pl.DataFrame, Runs]:
    series = Series(part.y[here], part.n[here], kept[here])
    found = _limits(choice, series)
    value = series.value
    side = _sides(value, found.middle)
    room = _ROUNDING * np.abs(value).max()
    # A comparison with a limit that is not there is false, which is what is meant.
    is_outside = (value > found.upper + room) | (value < found.lower - room)
    is_near = ~is_outside & ((value > found.upper_warning + room) | (value < found.lower_warning - room))
    direction, rule = named_points(value, side, is_outside, is_near)
    runs = runs_about(side)
    frame = pl.DataFrame({
        "y": series.y, "n": series.n, "value": value, "cl": found.centre, "lcl": found.lower, "ucl": found.upper,
        "lwl": found.lower_warning, "uwl": found.upper_warning, "runs_line": found.middle, "special_cause": rule,
        "point_type": point_types(direction, _improvement(asked.better, choice.chart)),
        "in_baseline": series.in_baseline,
    }).with_columns(
        pl.col("lcl", "ucl", "lwl", "uwl").fill_nan(None), pl.lit(runs.longest, pl.Int64).alias("longest_run"),
        pl.lit(runs.longest_allowed, pl.Int64).alias("longest_run_max"),
        pl.lit(runs.crossings, pl.Int64).alias("n_crossings"),
        pl.lit(runs.crossings_needed, pl.Int64).alias("n_crossings_min"),
        pl.lit(runs.is_signal).alias("runs_signal"),
    )  # fmt: skip
    return frame, runs


def _limits(choice: Choice, series: Series) -> Limits:
    if choice.chart in _EXACT:
        return _EXACT[choice.chart](series, exact=choice.exact)
    return _SIGMA[choice.chart](series)


def _sides(value: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.float64]:
    off = value - middle
    return np.sign(np.where(np.abs(off) <= _ROUNDING * np.abs(value).max(), 0.0, off))


def _improvement(better: Better, chart: Chart) -> Better:
    """Longer gaps are fewer events: on a chart of gaps, up is what down is on one of counts."""
    turned: Mapping[Better, Better] = {"down": "up", "up": "down", "neutral": "neutral"}
    return turned[better] if chart in _GAPS else better


def _warnings(
    choice: Choice, asked: Asked, number: NDArray[np.int64], part: _Part, runs: Sequence[Runs]
) -> tuple[str, ...]:
    said = [f"New limits from {one.at}: {one.reason}." for one in sorted(asked.rebases, key=lambda each: each.at)]
    said += [f"Point {one.position} is not in the limits: {one.reason}." for one in asked.left_out]
    for one, found in zip(np.unique(number), runs, strict=True):
        size = int((number == one).sum())
        if choice.chart is not Chart.RUN and size < FEW_POINTS:
            said.append(f"Baseline {one} has {size} points; below {FEW_POINTS} its limits are provisional.")
        if not found.can_tell:
            said.append(f"Baseline {one}: {_why_no_runs(found)}")
    if asked.exact and choice.chart not in _EXACT:
        said.append(f"A {choice.chart} chart has no probability limits; three sigma are drawn.")
    if choice.chart is Chart.T and (part.y == 0).any():
        said.append("Some times are 0: give times to the hour, or chart whole days on a g chart.")
    return tuple(said)


def _why_no_runs(found: Runs) -> str:
    if found.is_one_sided:
        return "no point lies on the other side of its middle line, so the run rules say nothing."
    return f"{found.useful} points off its middle line are too few for the run rules."
