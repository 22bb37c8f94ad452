"""Series of weekly counts as a person's file holds them: one row a week and series."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder
from upstander.contracts.methods import WantedColumn
from upstander.errors import WrongUsage

Numbers = NDArray[np.float64]
ONLY = ""

WEEKLY_COLUMNS = (
    WantedColumn("series", "text", "name of the series, where a file holds several", required=False),
    WantedColumn("i", "integer", "position of the week, rising; 1 first if missing", required=False),
    WantedColumn("week_start", "date", "the day the week begins with, each a week after the last", required=False),
    WantedColumn("count", "integer", "events that week; empty for a week not known, which is no zero", "events",
                 gaps=True),
)  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """`counts`: weeks × series, NaN for a week that is empty or absent. `positions`: as given, or 1 first. `starts`:
    the days weeks begin with, if given. `extra`: other columns in the same shape.
    """

    names: tuple[str, ...]
    positions: NDArray[np.int64]
    starts: tuple[date, ...] | None
    counts: Numbers
    extra: dict[str, Numbers]

    def week_of(self, position: int) -> int:
        """The row whose position is that. Raises UnfitNumbers if there is none."""
        at = np.flatnonzero(self.positions == position)
        if not at.size:
            first, last = int(self.positions[0]), int(self.positions[-1])
            raise UnfitNumbers(
                f"There is no week {position}.", where="week", found=str(position), expected=f"{first} to {last}"
            )
        return int(at[0])


def panel(frame: pl.DataFrame, role: str, *, extra: Sequence[str] = ()) -> Panel:
    """The series side by side. Raises TooFewPoints, WrongOrder, UnfitNumbers with the row."""
    if frame.is_empty():
        raise TooFewPoints(where=role, found=0, needed=1)
    frame = frame.with_columns(row=pl.int_range(1, pl.len() + 1))
    if "series" not in frame.columns:
        frame = frame.with_columns(series=pl.lit(ONLY))
    frame = frame.with_columns(pl.col("series").fill_null(ONLY))
    negative = frame.filter(pl.col("count") < 0)
    if negative.height:
        where = f"{role}, row {negative['row'][0]}"
        raise UnfitNumbers(f"{where}: a count is under 0.", where=where, found="under 0", expected="0 or more")
    frame = _numbered(frame, role)
    _rising(frame, role)
    return _side_by_side(frame, extra)


def _numbered(frame: pl.DataFrame, role: str) -> pl.DataFrame:
    """With `week`, a whole number that rises by one a week."""
    if "week_start" in frame.columns and not frame["week_start"].null_count():
        first: date = frame["week_start"].min()  # type: ignore[assignment]
        frame = frame.with_columns(days=(pl.col("week_start") - first).dt.total_days())
        off = frame.filter(pl.col("days") % 7 != 0)
        if off.height:
            where = f"{role}, row {off['row'][0]}"
            raise UnfitNumbers(
                f"{where}: the week does not begin whole weeks after the first, {first}.",
                where=where, found=str(off["week_start"][0]), expected="the same weekday in every row",
            )  # fmt: skip
        return frame.with_columns(week=pl.col("days") // 7)
    if "i" in frame.columns and not frame["i"].null_count():
        return frame.with_columns(week=pl.col("i") - pl.col("i").min())
    return frame.with_columns(week=pl.int_range(pl.len()).over("series"))


def _rising(frame: pl.DataFrame, role: str) -> None:
    wrong = frame.filter(pl.col("week").diff().over("series") <= 0)
    if wrong.height:
        where = f"{role}, row {wrong['row'][0]}"
        raise WrongOrder(
            f"{where}: weeks run backwards or repeat.",
            where=where, found="a week not after the one before", expected="rising weeks within a series",
        )  # fmt: skip


def _side_by_side(frame: pl.DataFrame, extra: Sequence[str]) -> Panel:
    names = frame["series"].unique(maintain_order=True)
    column = frame.join(pl.DataFrame({"series": names, "at": range(names.len())}), on="series", how="left")["at"]
    week = frame["week"].to_numpy()
    shape = (int(week.max()) + 1, names.len())

    def matrix(name: str) -> Numbers:
        values = np.full(shape, np.nan)
        values[week, column.to_numpy()] = frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return values

    starts = None
    if "days" in frame.columns:
        begin: date = frame["week_start"].min()  # type: ignore[assignment]
        starts = tuple(begin + timedelta(weeks=number) for number in range(shape[0]))
    offset = 1
    if "i" in frame.columns and not frame["i"].null_count():
        apart = (frame["i"] - frame["week"]).unique()
        offset = int(apart[0]) if apart.len() == 1 else 1
    positions = np.arange(shape[0]) + offset
    found = {name: matrix(name) for name in extra if name in frame.columns}
    return Panel(tuple(names), positions, starts, matrix("count"), found)


def chosen_weeks(panel: Panel, first: int, last: int, default: int) -> list[int]:
    """Rows from position `first` to `last`; 0 stands for `default` (a row) and for the last week."""
    begin = panel.week_of(first) if first else default
    end = panel.week_of(last) if last else panel.counts.shape[0] - 1
    if begin > end:
        raise UnfitNumbers(
            "The first week lies after the last.", where="range_from", found=str(first), expected=f"{last} or before"
        )
    return list(range(begin, end + 1))


@dataclass(frozen=True)
class Excluded:
    """A stretch of days left out of every baseline, both ends included, and why."""

    first: date
    last: date
    reason: str

    def __str__(self) -> str:
        """As a sentence for the record."""
        return f"Weeks from {self.first} to {self.last} are in no baseline: {self.reason}."


def excluded_ranges(text: str) -> tuple[Excluded, ...]:
    """`2020-03-23..2021-07-19 COVID restrictions; …`; raises WrongUsage for a range without its reason."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        days, _, reason = part.partition(" ")
        try:
            first, last = (date.fromisoformat(day) for day in days.split(".."))
        except ValueError as why:
            raise _not_a_range(part) from why
        if last < first or not reason.strip():
            raise _not_a_range(part)
        found.append(Excluded(first, last, reason.strip()))
    return tuple(found)


def excluded_weeks(starts: Sequence[date] | None, ranges: Sequence[Excluded], weeks: int) -> NDArray[np.bool_]:
    """Which weeks have a day in any range. Raises UnfitNumbers where weeks have no dates."""
    if ranges and starts is None:
        raise UnfitNumbers("Leaving out dates needs week_start.", where="exclude", expected="a column week_start")
    is_out = np.zeros(weeks, dtype=bool)
    if starts is not None:
        days = np.array([day.toordinal() for day in starts])
        for each in ranges:
            is_out |= (days + 6 >= each.first.toordinal()) & (days <= each.last.toordinal())
    return is_out


def _not_a_range(text: str) -> WrongUsage:
    return WrongUsage(
        f"'{text}' is not a range of days with its reason.",
        where="parameter exclude", found=text, expected="2020-03-23..2021-07-19 COVID restrictions; …",
    )  # fmt: skip
