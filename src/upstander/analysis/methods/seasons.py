"""Seasons: telling one, taking it out, and comparing with the same time last year."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.measures.seasons import same_time_last_year, seasonality
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_SERIES = (
    WantedColumn("date", "date", "start of the week or month, rising"),
    WantedColumn("y", "number", "events of that period"),
    WantedColumn("n", "number", "what y is out of", required=False),
)
_FEW_YEARS = 3 * 365 - 31


def _numbers(series: pl.DataFrame, name: str) -> Any:
    return series[name].to_numpy().astype(np.float64) if name in series.columns else None


def _season(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    series = frames["series"]
    if series.is_empty():
        raise TooFewPoints(where="series", found=0, needed=24)
    dates = series["date"].to_list()
    found = seasonality(dates, _numbers(series, "y"), _numbers(series, "n"), harmonics=params["harmonics"])
    summary = {
        "p": found.p, "f": found.f, "dispersion": found.dispersion, "peak_day_of_year": found.peak_day,
        "peak_over_trough": found.peak_over_trough, "yearly_change": found.yearly_change,
    }  # fmt: skip
    warnings = []
    if (dates[-1] - dates[0]).days < _FEW_YEARS:
        warnings.append("Under three years: one unusual summer can pass for a season.")
    return Answer(pl.concat([series.select("date", "y"), found.points], how="horizontal"), summary, tuple(warnings))


SEASONALITY = Method(
    name="seasonality",
    version="1.0.0",
    title="Season of a series, and the series without it",
    says="Whether counts rise and fall with the time of year beyond what a trend and chance explain, and each number "
    "divided by the factor of its time of year, ready for a process chart of measurements.",
    source="Serfling, Public Health Reports 78(6), 1963; quasi-Poisson regression: McCullagh and Nelder, Generalized "
    "Linear Models, 2nd ed., 1989, ch. 9",
    inputs={"series": _SERIES},
    params=(Param("harmonics", "integer", "waves a year: 1 for one peak, 2 for two", 1, "waves", 1, 4),),
    outputs=(
        Output("date", "date", "as given"),
        Output("y", "number", "as given"),
        Output("expected", "number", "by trend and season", "events"),
        Output("season", "number", "factor of that time of year; its geometric mean over a year is 1"),
        Output("adjusted", "number", "y over that factor", "events"),
    ),
    compute=_season,
    assumes=(
        "The season is the same every year, and multiplies; the trend is steady.",
        "What is left varies by chance, perhaps more than Poisson, but each period by itself.",
        "School holidays, Ramadan, big matches and heat move from year to year: they are not in it.",
    ),
)


def _last_year(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    series = frames["series"]
    if series.is_empty():
        raise TooFewPoints(where="dates that have their like a year before", found=0, needed=1)
    found = same_time_last_year(
        series["date"].to_list(), _numbers(series, "y"), _numbers(series, "n"), confidence=params["confidence"],
        factor=1.0 if params["by_chance_alone"] else None,
    )  # fmt: skip
    told = int((found.points["change"] != "cannot tell").sum())
    expected = found.points.height * (1 - params["confidence"])
    warning = (
        f"{told} of {found.points.height} differ from the year before; with no change at all about {expected:.1f} "
        "would."
    )
    summary = {"compared": found.points.height, "differ": told, "factor": found.factor, "step": found.step}
    return Answer(found.points, summary, (warning,))


SAME_TIME_LAST_YEAR = Method(
    name="same_time_last_year",
    version="1.0.0",
    title="Compared with the same week or month last year",
    says="The ratio of each count to that of the same week (364 days before) or calendar month of the year before, "
    "with its interval, and whether the two can be told apart.",
    source="Przyborowski and Wilenski, Biometrika 31, 1940 (exact conditional comparison of two Poisson counts); "
    "Clopper and Pearson, Biometrika 26, 1934",
    inputs={"series": _SERIES},
    params=(
        Param("confidence", "number", "of each interval", 0.95, "", 0.5, 0.999),
        Param(
            "by_chance_alone",
            "boolean",
            "take counts as Poisson; else intervals widen by the spread of neighbours",
            default=False,
        ),
    ),
    outputs=(
        Output("date", "date", "as given"),
        Output("y", "number", "as given", "events"),
        Output("n", "number", "as given, else 1"),
        Output("date_before", "date", "its like of the year before"),
        Output("y_before", "number", "the count then", "events"),
        Output("n_before", "number", "what that is out of"),
        Output("ratio", "number", "of the rates; null where there was no event before"),
        Output("low", "number", "lower end of the interval of the ratio"),
        Output("high", "number", "upper end; null where there is none"),
        Output("change", "text", "higher, lower or cannot tell"),
    ),
    compute=_last_year,
    assumes=(
        "Both years are recorded in one way and delivered whole.",
        "Counts that vary more than chance alone do so each period by itself; slow drifts are not in the interval.",
    ),
)
