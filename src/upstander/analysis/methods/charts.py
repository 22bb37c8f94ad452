"""Process charts of counts, shares, gaps and measurements."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.measures.charts import Asked, LeftOut, ProcessChart, process_chart
from upstander.analysis.measures.choosing import Chart, Numbers
from upstander.analysis.measures.seasons import MIN_CYCLES, has_season
from upstander.analysis.methods.change import rebases_in
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage

_AUTO = "auto"
_SEASON = (
    "The series has a season, which limits of one level take for change: chart its adjusted numbers (method "
    "seasonality), or compare with the same time last year (same_time_last_year)."
)
_EXACT = {_AUTO: None, "three_sigma": False, "probability": True}


def _chart(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    series = frames["series"]
    if series.is_empty():
        raise TooFewPoints(where="series", found=0, needed=2)
    asked = Asked(
        numbers=Numbers(params["numbers"]), chart=None if params["chart"] == _AUTO else Chart(params["chart"]),
        exact=_EXACT[params["limits"]], better=params["better"], baseline_points=params["baseline_points"],
        rebases=rebases_in(params["rebase"]), left_out=_left_out(params["exclude"]),
    )  # fmt: skip
    y = series["y"].to_numpy().astype(np.float64)
    n = series["n"].to_numpy().astype(np.float64) if "n" in series.columns else None
    dates = series["date"].to_list() if "date" in series.columns else None
    chart = process_chart(y, n, dates=dates, asked=asked)
    points = chart.points if dates else chart.points.with_columns(date=pl.lit(None, pl.Date))
    rows = points.with_columns(i=pl.int_range(1, pl.len() + 1))
    return Answer(rows, _summary(chart), (*chart.warnings, *_season(asked, y, n, dates)))


def _summary(chart: ProcessChart) -> dict[str, Any]:
    runs, spread = chart.runs, chart.spread
    last = chart.points.row(-1, named=True)
    return {
        "chart": str(chart.choice.chart), "reason": chart.choice.reason,
        "limits": "none" if last["ucl"] is None else "probability" if chart.choice.exact else "three_sigma",
        "points": chart.points.height, "cl": last["cl"],
        "signals": int((chart.points["special_cause"] != "Common Cause").sum()),
        "n_useful": runs.useful, "longest_run": runs.longest, "longest_run_max": runs.longest_allowed,
        "n_crossings": runs.crossings, "n_crossings_min": runs.crossings_needed, "runs_signal": runs.is_signal,
        "dispersion": spread.ratio if spread else None, "dispersion_p": spread.p if spread else None,
    }  # fmt: skip


def _season(asked: Asked, y: np.ndarray, n: np.ndarray | None, dates: list[Any] | None) -> tuple[str, ...]:
    if not dates or asked.numbers in {Numbers.GAPS, Numbers.MEASUREMENTS} or None in dates:
        return ()
    if has_season(dates, y, n):
        return (_SEASON,)
    if (dates[-1] - dates[0]).days < MIN_CYCLES * 365:
        return ("Under two years: a season cannot be told from a change of level.",)
    return ()


def _left_out(text: str) -> tuple[LeftOut, ...]:
    """`15 new batch; 23 new worker` as recorded decisions."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        said = re.fullmatch(r"(\d+)\s+(\S.*)", part)
        if said is None:
            raise WrongUsage(
                f"'{part}' is not a point with the recorded reason to leave it out.",
                where="parameter exclude", found=part, expected="15 the system was down; …",
            )  # fmt: skip
        found.append(LeftOut(int(said[1]), said[2].strip()))
    return tuple(found)


PROCESS_CHART = Method(
    name="process_chart",
    version="1.0.0",
    title="Process chart, chosen by the data",
    says="Draws the chart that fits a series – run, XmR, c, u, p, Laney u' or p', g or t – says why that one, and "
    "names the points and runs that are signal, not noise. New limits and points left out only for a recorded reason.",
    source="Montgomery, Introduction to Statistical Quality Control, 7th ed., 2013, ch. 7; Laney, Quality Engineering "
    "14(4), 2002; Benneyan, Health Care Management Science 4, 2001; Nelson, J. Quality Technology 26(3), 1994; Anhøj "
    "and Olesen, PLoS ONE 9(11), 2014; Provost and Murray, The Health Care Data Guide, 2nd ed., 2022; points: NHS "
    "England, Making Data Count",
    inputs={
        "series": (
            WantedColumn("date", "date", "start of the period, rising; needed to rebase", required=False),
            WantedColumn("y", "number", "events of that period, or the gap from one event to the next"),
            WantedColumn("n", "number", "what y is out of: people, visits, nights", required=False),
        )
    },
    params=(
        Param("numbers", "text", "what y is", "counts", choices=tuple(Numbers)),
        Param("chart", "text", "the chart, or auto to let the data choose", _AUTO, choices=(_AUTO, *Chart)),
        Param("limits", "text", "three sigma as printed, or exact chances as rare", _AUTO, choices=tuple(_EXACT)),
        Param("baseline_points", "integer", "limits from so many first points; 0 for all", 0, "points", 0, 1000),
        Param("better", "text", "which way is improvement of the events", "down", choices=("down", "up", "neutral")),
        Param("rebase", "text", "dates of new limits, each with its reason, parted by ;", ""),
        Param("exclude", "text", "positions left out of the limits, each with its reason, parted by ;", ""),
    ),
    outputs=(
        Output("i", "integer", "position in the chart"),
        Output("date", "date", "as given; of a gap, the period of the event that ends it"),
        Output("y", "number", "as charted"),
        Output("n", "number", "as given, else 1"),
        Output("value", "number", "y over n: what is drawn"),
        Output("cl", "number", "centre line", "as value"),
        Output("lcl", "number", "lower control limit; null on a run chart", "as value"),
        Output("ucl", "number", "upper control limit; null on a run chart", "as value"),
        Output("lwl", "number", "lower warning limit, at two sigma", "as value"),
        Output("uwl", "number", "upper warning limit, at two sigma", "as value"),
        Output("runs_line", "number", "the line that runs are counted against", "as value"),
        Output("special_cause", "text", "the rule that names the point, or Common Cause"),
        Output("point_type", "text", "common cause, improvement, concern, or neutral high or low"),
        Output("baseline", "integer", "number of the baseline, 1 first"),
        Output("in_baseline", "boolean", "whether the limits rest on the point"),
        Output("longest_run", "integer", "longest run of its baseline", "points"),
        Output("longest_run_max", "integer", "longest run that chance explains", "points"),
        Output("n_crossings", "integer", "crossings of the line in its baseline"),
        Output("n_crossings_min", "integer", "fewest crossings that chance explains"),
        Output("runs_signal", "boolean", "whether the runs say that the baseline is more than one level"),
    ),
    compute=_chart,
    assumes=(
        "Every period is there, quiet ones as 0, and all are equally long unless n says otherwise.",
        "Within a baseline the events are recorded in one way; a change of recording needs a recorded rebase.",
        "Events are counted once: one fight with five victims is one event or five, but always the same.",
        "Points follow one another by chance alone; a season or a trend makes false signals and hides true ones.",
    ),
)
