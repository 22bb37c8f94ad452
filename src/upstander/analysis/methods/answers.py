"""The one-page answer as a method: the parts of EMMIE from tables of what is known."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.impact.answer import (
    Delivery,
    Effect,
    Money,
    Part,
    PeakCheck,
    Sign,
    Subgroup,
    impact_answer,
)
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn


def _answer(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    parts = impact_answer(
        _effect(frames["effect"], params["outcome"]), mechanism=_signs(frames.get("mechanism")),
        moderators=_subgroups(frames.get("moderators")), implementation=_deliveries(frames.get("implementation")),
        money=_money(frames.get("money")), peak=_peak(frames.get("peak")),
    )  # fmt: skip
    rows = pl.DataFrame(
        [(part.name, said, part.is_known) for part in parts for said in part.says],
        schema=["part", "says", "is_known"], orient="row",
    )  # fmt: skip
    return Answer(rows, {"not_known": [part.name for part in parts if not part.is_known]}, _warnings(parts))


def _warnings(parts: tuple[Part, ...]) -> tuple[str, ...]:
    missing = [part.name for part in parts if not part.is_known]
    return (f"Not known yet: {', '.join(missing)}.",) if missing else ()


def _effect(frame: pl.DataFrame, outcome: str) -> Effect:
    if frame.height != 1:
        raise TooFewPoints(where="effect (one row)", found=frame.height, needed=1)
    row = frame.row(0, named=True)
    if not 0 < row["low"] <= row["rate_ratio"] <= row["high"]:
        raise UnfitNumbers(
            "The ratio does not lie between its limits.", where="effect, row 1", found="limits the wrong way round",
            expected="0 < low ≤ rate_ratio ≤ high",
        )  # fmt: skip
    parts = [row.get(name) for name in ("prevented", "prevented_low", "prevented_high")]
    prevented = None if None in parts else (float(parts[0]), float(parts[1]), float(parts[2]))  # type: ignore[arg-type]
    return Effect(outcome, row["rate_ratio"], row["low"], row["high"], prevented)


def _signs(frame: pl.DataFrame | None) -> list[Sign]:
    return [] if frame is None else [Sign(what, seen) for what, seen in frame.select("what", "was_seen").iter_rows()]


def _subgroups(frame: pl.DataFrame | None) -> list[Subgroup]:
    return [] if frame is None else [Subgroup(*row) for row in frame.select("name", "ratio", "low", "high").iter_rows()]


def _deliveries(frame: pl.DataFrame | None) -> list[Delivery]:
    return [] if frame is None else [Delivery(*row) for row in frame.select("what", "planned", "delivered").iter_rows()]


def _money(frame: pl.DataFrame | None) -> Money | None:
    if frame is None or frame.is_empty():
        return None
    return Money(*frame.select("benefit", "benefit_low", "benefit_high", "programme_cost").row(0))


def _peak(frame: pl.DataFrame | None) -> PeakCheck | None:
    if frame is None or frame.is_empty():
        return None
    row = frame.row(0, named=True)
    return PeakCheck(row["expected_fall"], row.get("fall_beyond"), row.get("p"))


IMPACT_ANSWER = Method(
    name="impact_answer",
    version="1.0.0",
    title="Did it work? The answer on one page",
    says="Effect, mechanism, moderators, implementation and economic cost (EMMIE), regression to the mean, and what "
    "would change our mind. What nobody looked at is said, never left out.",
    source="Johnson, Tilley and Bowers, J. Experimental Criminology 11(3), 2015; College of Policing, Crime Reduction "
    "Toolkit",
    inputs={
        "effect": (
            WantedColumn("rate_ratio", "number", "rate with the project over the rate expected"),
            WantedColumn("low", "number", "lower limit"),
            WantedColumn("high", "number", "upper limit"),
            WantedColumn("prevented", "number", "events fewer than expected", "events", required=False),
            WantedColumn("prevented_low", "number", "lower limit", "events", required=False),
            WantedColumn("prevented_high", "number", "upper limit", "events", required=False),
        ),
        "mechanism": (
            WantedColumn("what", "text", "what would be seen if it works as it is meant to"),
            WantedColumn("was_seen", "boolean", "whether it was; empty if nobody looked", gaps=True),
        ),
        "moderators": (
            WantedColumn("name", "text", "where, when or for whom"),
            WantedColumn("ratio", "number", "rate with the project over the rate expected"),
            WantedColumn("low", "number", "lower limit"),
            WantedColumn("high", "number", "upper limit"),
        ),
        "implementation": (
            WantedColumn("what", "text", "what was to be done"),
            WantedColumn("planned", "number", "how much"),
            WantedColumn("delivered", "number", "how much of it was done"),
        ),
        "money": (
            WantedColumn("benefit", "number", "as cost_benefit_unit_costs gives it", "GBP"),
            WantedColumn("benefit_low", "number", "lower limit", "GBP"),
            WantedColumn("benefit_high", "number", "upper limit", "GBP"),
            WantedColumn("programme_cost", "number", "what the project cost", "GBP"),
        ),
        "peak": (
            WantedColumn("expected_fall", "number", "as regression_to_the_mean gives it"),
            WantedColumn("fall_beyond", "number", "fall beyond that", required=False),
            WantedColumn("p", "number", "chance of as low a count without a project", required=False),
        ),
    },
    optional_roles=("mechanism", "moderators", "implementation", "money", "peak"),
    params=(Param("outcome", "text", "what was counted, as the page names it", "Violence"),),
    outputs=(
        Output("part", "text", "part of the answer"),
        Output("says", "text", "a sentence of it"),
        Output("is_known", "boolean", "false where nobody looked"),
    ),
    compute=_answer,
    assumes=("The effect comes from a design that was fixed before its result was seen.",),
)
