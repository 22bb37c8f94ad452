"""Methods about time of day and week."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.hotspots.aoristic import aoristic_weights
from upstander.analysis.hotspots.defaults import default_time_spikes, minute_counts
from upstander.analysis.hotspots.windows import Window
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.values.windows import DAY_NAMES

_MANY_LONG = 0.1


def _day_name(date: pl.Expr) -> pl.Expr:
    return date.dt.weekday().replace_strict(dict(enumerate(DAY_NAMES, start=1)), return_dtype=pl.String)


def _windows(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    window = Window.parse(params["window"])
    hours_of_any_day = Window(tuple(range(1, 8)), window.start_minute, window.end_minute)
    local = pl.col("local")
    rows = frames["events"].with_columns(
        calendar_dow=_day_name(local), hour=local.dt.hour().cast(pl.Int64),
        night=hours_of_any_day.night_of(local), in_window=window.night_of(local).is_not_null(),
    ).with_columns(in_hours=pl.col("night").is_not_null(), night_of=_day_name(pl.col("night")))  # fmt: skip
    return Answer(rows, {"window": str(window), "events": rows.height, "in_window": int(rows["in_window"].sum())})


TEMPORAL_WINDOWS = Method(
    name="temporal_windows",
    version="1.0.0",
    title="Windows of the week across midnight",
    says="Whether each local time falls in a window such as Saturday 20:00–02:00, and to which night it belongs. "
    "Windows are half-open on the wall clock; hours after midnight belong to the night that began the day before.",
    source="By definition; nights as in the Leicester, Leicestershire and Rutland VRN board paper, 18 June 2021",
    inputs={"events": (WantedColumn("local", "datetime", "when it happened", "local wall clock"),)},
    params=(Param("window", "text", "days and hours", "Sat 20:00-02:00"),),
    outputs=(
        Output("local", "datetime", "as given", "local wall clock"),
        Output("calendar_dow", "text", "calendar day of the week"),
        Output("hour", "integer", "hour of the day", "0 to 23"),
        Output("in_hours", "boolean", "within the hours of the window, on any night"),
        Output("night_of", "text", "day on which that night began; null outside the hours"),
        Output("night", "date", "date on which that night began; null outside the hours"),
        Output("in_window", "boolean", "within the hours, on a night of the window's days"),
    ),
    compute=_windows,
)


def _aoristic(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    events = frames["events"]
    found = aoristic_weights(events["from"], events["to"])
    names = as_given(events["id"]) if "id" in events.columns else pl.Series(range(1, events.height + 1))
    rows = found.weights.with_columns(
        id=names.gather(found.weights["event"]),
        hour_of_week_sun0=pl.col("day") % 7 * 24 + pl.col("hour"),
    ).sort("event", "hour_of_week_sun0")  # fmt: skip
    warnings = []
    if found.long_share > _MANY_LONG:
        warnings.append(f"{found.long_share:.0%} of the events span over 12 hours: they add to day and night alike.")
    if found.without_end:
        warnings.append(f"{found.without_end} events have no end, or one before the start: counted when they began.")
    summary = {"events": found.events, "share_over_12h": found.long_share, "without_end": found.without_end}
    return Answer(rows, summary, tuple(warnings))


AORISTIC = Method(
    name="aoristic",
    version="1.0.0",
    title="Aoristic weights",
    says="Spreads each event known only from–to evenly over the hours of the week it may have happened in.",
    source="Ratcliffe, Int. J. Geographical Information Science 14(7), 2000; J. Quantitative Criminology 18(1), 2002",
    inputs={
        "events": (
            WantedColumn("id", "text", "name of the event; its position where there is none", required=False),
            WantedColumn("from", "datetime", "earliest it can have happened", "local wall clock"),
            WantedColumn("to", "datetime", "latest; missing where not known", "local wall clock", gaps=True),
        )
    },
    params=(),
    outputs=(
        Output("id", "text", "as given"),
        Output("hour_of_week_sun0", "integer", "hour of the week, 0 = Sunday 00:00", "0 to 167"),
        Output("weight", "number", "share of the event; sums to 1 per event"),
        Output("day", "integer", "calendar day, Monday = 1"),
        Output("hour", "integer", "hour of the day", "0 to 23"),
    ),
    compute=_aoristic,
)


def _spikes(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    local = frames["events"]["local"]
    if local.is_empty():
        raise TooFewPoints(where="events", found=0, needed=1)
    spikes = default_time_spikes(minute_counts(local), level=params["level"])
    columns = [out.column for out in DEFAULT_TIME_SPIKES.outputs]
    rows = pl.DataFrame([[getattr(spike, name) for name in columns] for spike in spikes], schema=columns, orient="row")
    share = sum(spike.share for spike in spikes if spike.kind == "default")
    return Answer(rows, {"events": len(local), "share_defaulted": share})


DEFAULT_TIME_SPIKES = Method(
    name="default_time_spikes",
    version="1.0.0",
    title="Default times",
    says="Finds times that heap at 00:00, 12:00 and on the hour, against the minutes beside them.",
    source="Conditional test: Przyborowski and Wilenski, Biometrika 31, 1940; Holm, Scand. J. Statistics 6(2), 1979",
    inputs={"events": (WantedColumn("local", "datetime", "when it happened, to the minute", "local wall clock"),)},
    params=(Param("level", "number", "chance of even one false spike", 0.01, least=1e-6, most=0.2),),
    outputs=(
        Output("at", "text", "time of day", "local wall clock"),
        Output("kind", "text", "default (beyond rounding) or rounded"),
        Output("observed", "integer", "events at that minute", "events"),
        Output("expected", "number", "were it like the 15 minutes on each side", "events"),
        Output("expected_if_rounded", "number", "were it rounded as the other hours are", "events"),
        Output("p", "number", "adjusted by Holm"),
        Output("share", "number", "excess as a share of all events"),
    ),
    compute=_spikes,
)
