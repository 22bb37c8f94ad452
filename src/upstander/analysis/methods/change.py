"""Methods about change over time."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from upstander.analysis.errors import TooFewPoints, WrongOrder
from upstander.analysis.measures.spc import Rebase, xmr
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage


def _xmr(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    series = frames["series"]
    if series.is_empty():
        raise TooFewPoints(where="series", found=0, needed=2)
    if "case" not in series.columns:
        series = series.with_columns(case=pl.lit(None, pl.String))
    rebases = rebases_in(params["rebase"])
    charts, warnings = [], []
    for part in series.partition_by("case", maintain_order=True):
        name = part["case"][0]
        position = _positions(part, name)
        dates = part["date"].to_list() if "date" in part.columns else None
        chart = xmr(
            part["y"].to_numpy(), dates=dates, rebases=rebases, baseline_points=params["baseline_points"],
            screen_outliers=params["screen_outliers"], better=params["better"],
        )  # fmt: skip
        points = chart.points if dates else chart.points.with_columns(date=pl.lit(None, pl.Date))
        charts.append(points.with_columns(part["case"], position))
        warnings += [f"{name}: {said}" if name else said for said in chart.warnings]
    rows = pl.concat(charts, how="diagonal")
    special = int((rows["special_cause"] != "Common Cause").sum())
    return Answer(
        rows, {"series": len(charts), "points": rows.height, "special_cause_points": special}, tuple(warnings)
    )


def _positions(part: pl.DataFrame, name: str | None) -> pl.Series:
    """Positions in the series, 1 first where the file gives none; they must rise."""
    if "i" not in part.columns:
        return pl.Series("i", range(1, part.height + 1), dtype=pl.Int64)
    falls = part["i"].diff().fill_null(1) <= 0
    if falls.any():
        raise WrongOrder(
            f"Positions run backwards or repeat{f' in {name}' if name else ''}.",
            where=f"series{f', {name}' if name else ''}, point {int(falls.arg_true()[0]) + 1}",
            found="a position not after the one before", expected="rising positions",
        )  # fmt: skip
    return part["i"]


def rebases_in(text: str) -> tuple[Rebase, ...]:
    """`2025-04-01 new recording system; 2026-01-05 second site` as recorded decisions."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        day, _, reason = part.partition(" ")
        try:
            found.append(Rebase(date.fromisoformat(day), reason.strip()))
        except ValueError as why:
            raise _not_a_rebase(part) from why
        if not reason.strip():
            raise _not_a_rebase(part)
    return tuple(found)


def _not_a_rebase(text: str) -> WrongUsage:
    return WrongUsage(
        f"'{text}' is not a recorded reason for new limits.",
        where="parameter rebase", found=text, expected="2025-04-01 new recording system; …",
    )  # fmt: skip


SPC_XMR = Method(
    name="spc_xmr_nhs_making_data_count",
    version="1.0.0",
    title="XmR process chart, Making Data Count rules",
    says="Process limits of a series and the points that are signal, not noise. New limits only for a recorded reason.",
    source="NHS England, Making Data Count; Wheeler, Understanding Variation, 1993; rules: NHSRplotthedots 050b07d7",
    inputs={
        "series": (
            WantedColumn("case", "text", "name of the series, where a file holds several", required=False),
            WantedColumn("i", "integer", "position in the series, rising", required=False),
            WantedColumn("date", "date", "start of the period, rising; needed to rebase", required=False),
            WantedColumn("y", "number", "the number of that period"),
        )
    },
    params=(
        Param("baseline_points", "integer", "limits from so many first points; 0 for all", 0, "points", 0, 1000),
        Param("screen_outliers", "boolean", "leave out moving ranges of 3.267 times their mean, once", default=True),
        Param("better", "text", "which way is improvement", "down", choices=("down", "up", "neutral")),
        Param("rebase", "text", "dates of new limits, each with its reason, parted by ;", ""),
    ),
    outputs=(
        Output("case", "text", "as given"),
        Output("i", "integer", "position in the series"),
        Output("date", "date", "as given"),
        Output("y", "number", "as given"),
        Output("mean", "number", "mean of the baseline", "as y"),
        Output("lpl", "number", "lower process limit, not cut off at zero", "as y"),
        Output("upl", "number", "upper process limit", "as y"),
        Output("special_cause", "text", "the rule that names the point, or Common Cause"),
        Output("point_type", "text", "common cause, improvement, concern, or neutral high or low"),
        Output("baseline", "integer", "number of the baseline"),
    ),
    compute=_xmr,
)
