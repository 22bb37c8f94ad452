"""Windows of the week on the local wall clock, such as Saturday 20:00–02:00, and the hours they really last."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, overload

import polars as pl

from upstander.analysis.clock import TIMED, day_of_week, minute_of_day, night_of, wall_minutes
from upstander.values.periods import Period
from upstander.values.windows import Window as WrittenWindow

__all__ = ["Window", "by_day_and_hour", "exposure_by_day_and_hour", "in_window", "night_of", "without_hour"]

if TYPE_CHECKING:
    import ibis.expr.types as ir

_ALL_DAYS = tuple(range(1, 8))


class Window(WrittenWindow):
    """A window that finds the nights of local times, and tells how long it really lasted."""

    @overload
    def night_of(self, local: pl.Expr) -> pl.Expr: ...
    @overload
    def night_of(self, local: "ir.Value") -> "ir.DateValue": ...
    def night_of(self, local: Any) -> Any:
        """The date on which the night of a local time began, as polars or Ibis; null for a time outside the window.

        local: the supplier's wall clock, without zone, of rows whose precision knows the hour (see `in_window`).
        """
        minute, after_midnight = minute_of_day(local), self._is_after_midnight(minute_of_day(local))
        is_in_hours = (minute >= self.start_minute) & (minute < self.end_minute)
        if self.wraps_midnight:
            is_in_hours = (minute >= self.start_minute) | after_midnight
        if isinstance(local, pl.Expr):
            night = local.dt.date() - pl.when(after_midnight).then(pl.duration(days=1)).otherwise(pl.duration(days=0))
            return pl.when(is_in_hours & night.dt.weekday().is_in(self.days)).then(night)
        import ibis

        night = ibis.ifelse(after_midnight, (local - ibis.interval(days=1)).date(), local.date())
        return ibis.ifelse(is_in_hours & day_of_week(night).isin(self.days), night, None)

    def _is_after_midnight(self, minute: Any) -> Any:
        return minute < (self.end_minute if self.wraps_midnight else 0)

    def nights(self, period: Period) -> tuple[date, ...]:
        """The nights of the window that begin on a day of the period."""
        days = (period.start + timedelta(days=ahead) for ahead in range(period.days))
        return tuple(day for day in days if day.isoweekday() in self.days)

    def nights_within(self, covered: Iterable[date]) -> tuple[date, ...]:
        """The nights of the window that lie wholly within the covered local days, in order.

        A night that runs past midnight needs the day after as well: a delivery up to Saturday speaks for half of it.
        """
        days = set(covered)
        after = timedelta(days=1 if self.end_minute and self.wraps_midnight else 0)
        return tuple(sorted(day for day in days if day.isoweekday() in self.days and day + after in days))

    def exposure_hours(self, period: Period, zone: str) -> float:
        """Hours the window really lasted over the nights that begin in the period, by the clocks of `zone` (IANA).

        Saturday 20:00–02:00 in London lasts 5 hours on the night of 30 March 2024 and 7 on that of 26 October 2024.
        """
        ticks = wall_minutes(period.start, period.end + timedelta(days=1), zone)
        night = self.night_of(pl.col("local"))
        inside = ticks.select((night >= period.start) & (night < period.end)).sum().collect()
        return int(inside.item() or 0) / 60


def in_window(table: "ir.Table", window: Window) -> "ir.Table":
    """Incidents (Ibis) that fall in the window, with their `night`. Rows whose precision knows no hour are left out."""
    night = window.night_of(table.event_from_local)
    timed = table.mutate(night=night).filter(table.event_precision.isin(TIMED))
    return timed.filter(timed.night.notnull())


def by_day_and_hour(table: "ir.Table") -> "ir.Table":
    """Count incidents by calendar day and hour of their start: `day` (Monday = 1), `hour` (0–23), `incidents`.

    Takes an Ibis table of incidents, gives an Ibis expression with a row for each cell that has any. Only rows whose
    precision knows the hour count; `without_hour` counts the others, so that the two add up to the table.
    """
    timed = table.filter(table.event_precision.isin(TIMED))
    local = timed.event_from_local
    cells = timed.group_by(day=day_of_week(local).cast("int32"), hour=local.hour().cast("int32"))
    return cells.agg(incidents=lambda rows: rows.count()).order_by("day", "hour")


def without_hour(table: "ir.Table") -> "ir.Table":
    """Incidents that no day × hour picture can hold, by `event_precision`: an Ibis expression."""
    untimed = table.filter(~table.event_precision.isin(TIMED))
    return untimed.group_by("event_precision").agg(incidents=lambda rows: rows.count()).order_by("event_precision")


def exposure_by_day_and_hour(period: Period, zone: str) -> pl.DataFrame:
    """Hours each cell of the day × hour matrix really lasted in the period, by the clocks of `zone`: 168 rows,
    `day` (Monday = 1), `hour`, `exposure_hours`.
    """
    local = pl.col("local")
    cells = pl.DataFrame({"day": [day for day in _ALL_DAYS for _ in range(24)], "hour": list(range(24)) * 7})
    lasted = (
        wall_minutes(period.start, period.end, zone)
        .group_by(day=day_of_week(local).cast(pl.Int64), hour=local.dt.hour().cast(pl.Int64))
        .agg(exposure_hours=pl.len() / 60)
        .collect()
    )
    return cells.join(lasted, on=["day", "hour"], how="left").with_columns(pl.col("exposure_hours").fill_null(0.0))
