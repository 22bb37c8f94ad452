"""The shared clock of the subjects: night labels and the parts of a local wall-clock time, as Ibis and polars."""

from datetime import time
from typing import TYPE_CHECKING, Any, overload

import polars as pl

if TYPE_CHECKING:
    import ibis.expr.types as ir

NIGHT_TURNS = time(6)
TIMED = ("minute", "hour")
"""The precisions that know the hour. A day, a month or an unknown time has none, whatever the clock shows."""


def minutes(at: time) -> int:
    """Minutes since midnight."""
    return at.hour * 60 + at.minute


@overload
def night_of(local: pl.Expr, turn: time = ...) -> pl.Expr: ...
@overload
def night_of(local: "ir.Value", turn: time = ...) -> "ir.DateValue": ...
def night_of(local: Any, turn: time = NIGHT_TURNS) -> Any:
    """The date of the night a local time belongs to: the calendar date, less one before `turn`. A label only.

    local: wall-clock time without zone, as a polars or an Ibis expression. Null stays null.
    """
    if isinstance(local, pl.Expr):
        return (local - pl.duration(minutes=minutes(turn))).dt.date()
    import ibis

    return (local - ibis.interval(minutes=minutes(turn))).date()


def minute_of_day(local: Any) -> Any:
    """Minutes since local midnight, 0 to 1439, as polars or Ibis expression."""
    if isinstance(local, pl.Expr):
        return local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute()
    return local.hour() * 60 + local.minute()


def day_of_week(local: Any) -> Any:
    """Calendar day of the week, Monday = 1 to Sunday = 7, as polars or Ibis expression."""
    if isinstance(local, pl.Expr):
        return local.dt.weekday()
    return local.day_of_week.index() + 1


def wall_minutes(start: Any, end: Any, zone: str) -> pl.LazyFrame:
    """Every minute that really passed while the local date in `zone` lay in [start, end): one row each, `local`.

    On the night the clocks go forward an hour is absent, on the night they go back one stands twice.
    """
    ticks = pl.datetime_range(
        pl.lit(start).cast(pl.Datetime("us")) - pl.duration(days=1),
        pl.lit(end).cast(pl.Datetime("us")) + pl.duration(days=1),
        interval="1m", time_zone="UTC",
    )  # fmt: skip
    local = ticks.dt.convert_time_zone(zone).dt.replace_time_zone(None).alias("local")
    return pl.LazyFrame().select(local).filter(pl.col("local").dt.date().is_between(start, end, closed="left"))
