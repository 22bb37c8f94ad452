"""Methods about records that come late."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.outbreaks.delays import Completeness, Nowcast, completeness, nowcast
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_FIRST_DAY = date(1, 1, 1)


def _delays(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    records = frames["records"]
    if records.is_empty():
        raise TooFewPoints(where="records", found=0, needed=20)
    if params["least_nowcast"] > params["least_shown"]:
        raise UnfitNumbers(
            "A week is shown at a lower completeness than it is foretold at.", where="least_nowcast",
            found=str(params["least_nowcast"]), expected=f"{params['least_shown']} or less",
        )  # fmt: skip
    backwards = records.filter(pl.col("recorded_date") < pl.col("event_date")).height
    kept = _each_record(records.filter(pl.col("recorded_date") >= pl.col("event_date")))
    event, recorded = (_day_numbers(kept[name]) for name in ("event_date", "recorded_date"))
    as_of = _as_of(params["as_of"], records)
    curve = completeness(
        event, recorded, as_of.toordinal(), longest=params["longest_delay"], history=params["history"],
        confidence=params["confidence"],
    )  # fmt: skip
    weeks = nowcast(
        event, recorded, as_of.toordinal(), curve, weeks=params["weeks"], confidence=params["confidence"]
    )  # fmt: skip
    shown = [_week(weeks, at, as_of, params) for at in range(weeks.week.size)]
    rows = pl.concat([_curve_rows(curve), pl.DataFrame(shown, schema=_WEEK_SCHEMA, orient="row")], how="diagonal")
    states = [week["status"] for week in shown]
    late = int(((recorded - event) > params["longest_delay"]).sum())
    notes = []
    if backwards:
        notes.append(f"{backwards} records are dated before their event and are left out.")
    if late:
        notes.append(
            f"{late} records came after more than {params['longest_delay']} days; shares are of those that came sooner."
        )
    summary = {
        "as_of": as_of, "records": kept.height, "clustering": float(np.median(curve.clustering)),
        **{f"days_to_{share}_percent": int(np.argmax(curve.share >= share / 100)) for share in (50, 90, 95)},
        **{f"weeks_{state}": states.count(state) for state in ("shown", "nowcast", "withheld")},
    }  # fmt: skip
    return Answer(rows, summary, tuple(notes))


def _each_record(records: pl.DataFrame) -> pl.DataFrame:
    if "n" not in records.columns:
        return records
    if (records["n"] < 0).any():
        raise UnfitNumbers("A number of records is under 0.", where="records, column n", expected="0 or more")
    return records.select(pl.all().repeat_by("n").explode())


def _day_numbers(days: pl.Series) -> NDArray[np.int64]:
    return (days - pl.Series([_FIRST_DAY])).dt.total_days().to_numpy() + 1


def _as_of(text: str, records: pl.DataFrame) -> date:
    if text:
        try:
            return date.fromisoformat(text)
        except ValueError as why:
            raise UnfitNumbers(
                f"'{text}' is no day.", where="parameter as_of", found=text, expected="2026-07-04"
            ) from why
    last: date = records["recorded_date"].max()  # type: ignore[assignment]
    return last


def _curve_rows(curve: Completeness) -> pl.DataFrame:
    return pl.DataFrame({
        "kind": ["delay"] * curve.share.size, "delay_days": np.arange(curve.share.size), "completeness": curve.share,
        "completeness_low": curve.low, "completeness_high": curve.high, "at_risk": curve.at_risk,
    })  # fmt: skip


_WEEK_SCHEMA = {
    "kind": pl.String, "week_start": pl.Date, "reported": pl.Int64, "completeness": pl.Float64,
    "completeness_low": pl.Float64, "completeness_high": pl.Float64, "status": pl.String, "nowcast": pl.Float64,
    "nowcast_low": pl.Float64, "nowcast_high": pl.Float64, "reason": pl.String,
}  # fmt: skip


def _week(weeks: Nowcast, at: int, as_of: date, params: Mapping[str, Any]) -> dict[str, Any]:
    known = float(weeks.completeness[at])
    start = date.fromordinal(int(weeks.week[at]))
    status, reason = _status(known, bool(weeks.is_over[at]), as_of, params)
    total, low, high = (float(values[at]) for values in (weeks.total, weeks.low, weeks.high))
    has_number = status == "nowcast"
    return {
        "kind": "week", "week_start": start, "reported": int(weeks.reported[at]) if status != "withheld" else None,
        "completeness": known, "completeness_low": float(weeks.completeness_low[at]),
        "completeness_high": float(weeks.completeness_high[at]), "status": status,
        "nowcast": total if has_number else None, "nowcast_low": low if has_number else None,
        "nowcast_high": high if has_number else None, "reason": reason,
    }  # fmt: skip


def _status(known: float, is_over: bool, as_of: date, params: Mapping[str, Any]) -> tuple[str, str]:  # noqa: FBT001
    if not is_over:
        return "withheld", f"On {as_of} the week was not over."
    if known >= params["least_shown"]:
        return "shown", f"By {as_of} about {known:.0%} of its records had come, {params['least_shown']:.0%} or more."
    if known >= params["least_nowcast"]:
        return "nowcast", f"By {as_of} only about {known:.0%} of its records had come; the rest is estimated."
    return "withheld", (
        f"By {as_of} only about {known:.0%} of its records had come, under {params['least_nowcast']:.0%}: "
        "too few to say what it will come to."
    )


REPORTING_DELAY = Method(
    name="reporting_delay",
    version="1.0.0",
    title="How complete the last weeks are",
    says="What share of records has come after so many days, and which of the last weeks can be shown, estimated or "
    "must be withheld. A week that is still filling up is no fall.",
    source="Kalbfleisch and Lawless, Statistica Sinica 1, 1991; Lawless, Canadian J. Statistics 22(1), 1994; Korn and "
    "Graubard, Survey Methodology 24(2), 1998; Höhle and an der Heiden, Biometrics 70(4), 2014",
    inputs={
        "records": (
            WantedColumn("event_date", "date", "day of the event"),
            WantedColumn("recorded_date", "date", "day its record came, or was first in a snapshot"),
            WantedColumn("n", "integer", "records of the row; 1 if missing", "records", required=False),
        )
    },
    params=(
        Param("as_of", "text", "day of the snapshot; later records are not seen. The last recorded day if empty", ""),
        Param("longest_delay", "integer", "delays beyond it are left out", 90, "days", 1, 730),
        Param("history", "integer", "how far back events are used, besides the longest delay", 365, "days", 28, 3650),
        Param("weeks", "integer", "last weeks told, the week of the snapshot included", 13, "weeks", 1, 104),
        Param("least_shown", "number", "a week is shown as it is from this completeness on", 0.95, "", 0.5, 1),
        Param("least_nowcast", "number", "a week is estimated from this completeness on, and withheld under it", 0.5,
              "", 0.05, 1),
        Param("confidence", "number", "chance that an interval holds the truth", 0.95, "", 0.5, 0.999),
    ),
    outputs=(
        Output("kind", "text", "delay: a point of the curve; week: one of the last weeks"),
        Output("delay_days", "integer", "days since the event", "days"),
        Output("week_start", "date", "Monday"),
        Output("completeness", "number", "share of records that have come by then, of those within the longest delay"),
        Output("completeness_low", "number", "of its interval"),
        Output("completeness_high", "number", "of its interval"),
        Output("at_risk", "integer", "records the point is taken from", "records"),
        Output("reported", "integer", "records so far; null where withheld", "records"),
        Output("status", "text", "shown, nowcast or withheld"),
        Output("nowcast", "number", "what the week will come to; null unless estimated", "records"),
        Output("nowcast_low", "number", "of its interval", "records"),
        Output("nowcast_high", "number", "of its interval", "records"),
        Output("reason", "text", "why it is shown, estimated or withheld"),
    ),
    compute=_delays,
    assumes=(
        "Records of the last weeks come as quickly as those of the time before: a backlog breaks the curve.",
        "No record is taken back; corrections that remove events are not seen.",
        "Every day of the event is as likely to be stated; dates filled in by a system hide delays.",
    ),
)  # fmt: skip
