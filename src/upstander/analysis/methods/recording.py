"""Methods that tell a change in violence from a change in how it is recorded."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.methods.weekly import Panel, panel
from upstander.analysis.outbreaks.recording import Change, Evidence, Piece, Source, evidence
from upstander.analysis.outbreaks.steps import FEWEST_AFTER, FEWEST_BEFORE, best_start
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_PARTS = ("severe", "located", "timed")


def _recording(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    weekly = panel(frames["weeks"].rename({"source": "series"}), "weeks", extra=_PARTS)
    _check_parts(weekly)
    changes = [Change(*row) for row in _changes(frames.get("changes"))]
    codes = frames.get("codes")
    found = [
        _evidence(weekly, name, since, codes, changes, params)
        for name in _rising_names(weekly, params["rise"])
        if (since := _since(weekly, name, params)) is not None
    ]
    rows = [row for each in found for row in _evidence_rows(weekly, each)]
    readings = [f"{each.source} since {_start(weekly, each.since)}: {each.reading}" for each in found]
    notes = [] if len(weekly.names) > 1 else ["There is one source only: from one source it cannot be told."]
    if not found:
        notes.append("No source has a step up that stands out from its own weeks.")
    summary = {
        "sources": len(weekly.names), "rises": sum(each.reading != "no_rise" for each in found), "readings": readings,
        "says": " ".join(each.sentence for each in found) or "No source has risen more than chance allows.",
    }  # fmt: skip
    schema = {out.column: _SCHEMA[out.type] for out in RECORDING_CHANGE.outputs}
    return Answer(pl.DataFrame(rows, schema=schema, orient="row"), summary, tuple(notes))


def _check_parts(weekly: Panel) -> None:
    for name, part in weekly.extra.items():
        if (part > weekly.counts).any() or (part < 0).any():
            raise UnfitNumbers(
                f"{name} is more than the count it is a part of, or under 0.",
                where=f"weeks, column {name}", expected="0 up to the count of the row",
            )  # fmt: skip


def _changes(changes: pl.DataFrame | None) -> list[tuple[date, str, str]]:
    return [] if changes is None else changes.select("date", "source", "what").rows()


def _rising_names(weekly: Panel, source: str) -> tuple[str, ...]:
    if source and source not in weekly.names:
        raise UnfitNumbers(
            f"There is no source '{source}'.", where="parameter rise", found=source, expected=", ".join(weekly.names)
        )
    return (source,) if source else weekly.names


def _since(weekly: Panel, name: str, params: Mapping[str, Any]) -> int | None:
    counts = weekly.counts[:, weekly.names.index(name)]
    if not params["since"]:
        return best_start(counts, search=params["search_weeks"], lasting=params["after_weeks"])
    try:
        day = date.fromisoformat(params["since"])
    except ValueError as why:
        raise UnfitNumbers(
            f"'{params['since']}' is no day.", where="parameter since", found=params["since"], expected="2026-07-06"
        ) from why
    if weekly.starts is None:
        raise UnfitNumbers("since needs week_start.", where="weeks", expected="a column week_start")
    at = int(np.searchsorted([start.toordinal() for start in weekly.starts], day.toordinal() - 6))
    if not FEWEST_BEFORE <= at <= len(weekly.starts) - FEWEST_AFTER:
        raise TooFewPoints(where=f"weeks before {day}", found=at, needed=FEWEST_BEFORE)
    return at


def _evidence(
    weekly: Panel, name: str, since: int, codes: pl.DataFrame | None, changes: list[Change], params: Mapping[str, Any]
) -> Evidence:
    first = max(since - params["baseline_weeks"], 0)
    part = slice(first, since + params["after_weeks"])
    sources = {
        each: Source(
            each, weekly.counts[part, number],
            **{extra: _part(values[part, number]) for extra, values in weekly.extra.items()},
        )
        for number, each in enumerate(weekly.names)
    }  # fmt: skip
    found = evidence(
        sources[name], [each for each in sources.values() if each.name != name], since - first,
        starts=None if weekly.starts is None else weekly.starts[part],
        new_codes=_new_codes(weekly, name, codes, since, part), changes=changes, log_days=params["log_days"],
        confidence=params["confidence"],
    )  # fmt: skip
    return Evidence(found.source, since, found.pieces, found.reading, found.sentence)


def _part(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    return None if np.isnan(values).all() else values


def _new_codes(
    weekly: Panel, name: str, codes: pl.DataFrame | None, since: int, part: slice
) -> dict[str, NDArray[np.float64]]:
    """Weeks of each code that the source used since and never before."""
    if codes is None or weekly.starts is None:
        return {}
    at = {start: number for number, start in enumerate(weekly.starts)}
    own = codes.filter((pl.col("source") == name) & pl.col("week_start").is_in(list(at)) & (pl.col("count") > 0))
    weeks: dict[str, NDArray[np.float64]] = {}
    for code, start, count in own.select("code", "week_start", "count").iter_rows():
        weeks.setdefault(code, np.zeros(len(at)))[at[start]] += count
    return {code: counts[part] for code, counts in weeks.items() if not counts[:since].any()}


def _start(weekly: Panel, since: int) -> str:
    return str(weekly.starts[since]) if weekly.starts else f"week {weekly.positions[since]}"


def _evidence_rows(weekly: Panel, found: Evidence) -> list[dict[str, Any]]:
    head = {"rise": found.source, "since": weekly.starts[found.since] if weekly.starts else None,
            "i": int(weekly.positions[found.since])}  # fmt: skip
    pieces = [{**head, **_piece_row(piece)} for piece in found.pieces]
    reading = {"piece": "reading", "source": found.source, "points_to": found.reading, "sentence": found.sentence}
    return [*pieces, {**head, **reading}]


def _piece_row(piece: Piece) -> dict[str, Any]:
    row: dict[str, Any] = {
        "piece": piece.kind,
        "source": piece.source,
        "points_to": piece.points_to,
        "sentence": piece.sentence,
    }
    if piece.own is not None:
        own = piece.own
        row |= {"before": own.before, "after": own.after, "ratio": own.ratio, "ratio_low": own.low,
                "ratio_high": own.high, "p": own.p}  # fmt: skip
    if piece.beside is not None:
        beside = piece.beside
        row |= {"beside": beside.ratio, "beside_low": beside.low, "beside_high": beside.high, "beside_p": beside.p}
    return row


_SCHEMA: Mapping[str, Any] = {
    "integer": pl.Int64,
    "number": pl.Float64,
    "text": pl.String,
    "date": pl.Date,
    "boolean": pl.Boolean,
}

RECORDING_CHANGE = Method(
    name="recording_change",
    version="1.0.0",
    title="A rise: violence, or its recording?",
    says="For each rise in one source, the evidence that violence has changed and the evidence that its recording has: "
    "what other sources did in the same weeks, whether severe records rose with minor ones, how complete records are, "
    "new codes and sites, and the log of changes. Each piece with its numbers; never a verdict from one source.",
    source="HM Inspectorate of Constabulary, Crime-recording: making the victim count, 2014; Sutherland and others, "
    "Cambridge J. Evidence-Based Policing 5, 2021; McCullagh and Nelder, Generalized Linear Models, 1989; rules and "
    "their errors: ours, by simulation",
    inputs={
        "weeks": (
            WantedColumn("source", "text", "who recorded: police, ambulance, an emergency department"),
            WantedColumn("week_start", "date", "the day the week begins with", required=False),
            WantedColumn("i", "integer", "position of the week, where there are no dates", required=False),
            WantedColumn("count", "integer", "records that week for the same area and kind of violence", "records",
                         gaps=True),
            WantedColumn("severe", "integer", "of which severe", "records", required=False),
            WantedColumn("located", "integer", "of which with a known place", "records", required=False),
            WantedColumn("timed", "integer", "of which with a known time", "records", required=False),
        ),
        "codes": (
            WantedColumn("source", "text", "who recorded"),
            WantedColumn("week_start", "date", "the day the week begins with"),
            WantedColumn("code", "text", "code, site or system of the records"),
            WantedColumn("count", "integer", "records of it that week", "records"),
        ),
        "changes": (
            WantedColumn("date", "date", "from when"),
            WantedColumn("source", "text", "whose recording changed"),
            WantedColumn("what", "text", "what changed, in a few words"),
        ),
    },
    optional_roles=("codes", "changes"),
    params=(
        Param("rise", "text", "the rising source; every one that rose if empty", ""),
        Param("since", "text", "a day in the first week of the rise; searched for if empty", ""),
        Param("after_weeks", "integer", "weeks since then looked at, at most", 13, "weeks", FEWEST_AFTER, 104),
        Param("baseline_weeks", "integer", "weeks before it compared with, at most", 104, "weeks", FEWEST_BEFORE, 520),
        Param("search_weeks", "integer", "last weeks searched for a rise", 52, "weeks", 2, 260),
        Param("log_days", "integer", "how near to the rise an entry of the log must be", 42, "days", 1, 366),
        Param("confidence", "number", "of every interval", 0.95, "", 0.8, 0.999),
    ),
    outputs=(
        Output("rise", "text", "the rising source"),
        Output("since", "date", "first week of the rise"),
        Output("i", "integer", "its position"),
        Output("piece", "text", "rise, other_source, severity, completeness, new_codes, change_log; last the reading"),
        Output("source", "text", "whose numbers these are"),
        Output("before", "number", "mean a week, or the share, before"),
        Output("after", "number", "the same since"),
        Output("ratio", "number", "since over what was expected; an odds ratio for a share"),
        Output("ratio_low", "number", "of its interval"),
        Output("ratio_high", "number", "of its interval"),
        Output("p", "number", "two-sided, of no change"),
        Output("beside", "number", "how many times as much the rising source, or its minor records, changed as this"),
        Output("beside_low", "number", "of its interval"),
        Output("beside_high", "number", "of its interval"),
        Output("beside_p", "number", "two-sided, of the same change"),
        Output("points_to", "text", "violence, recording or neither; of the reading also cannot_tell and no_rise"),
        Output("sentence", "text", "the same in words"),
    ),
    compute=_recording,
    assumes=(
        "All sources count the same kind of violence in the same area, each seeing a part of it.",
        "A change in violence reaches every source; one that a source cannot see looks like recording.",
        "The last weeks are all reported in every source; see reporting_delay.",
        "Recording rarely changes in two sources at once.",
    ),
)  # fmt: skip
