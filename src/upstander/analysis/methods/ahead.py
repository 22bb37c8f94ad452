"""Methods that look ahead. They forecast counts of places and services, never a person."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import UnfitNumbers, WrongOrder
from upstander.analysis.impact.baselines import (
    Ahead,
    airline,
    drift,
    holt_winters,
    seasonal_naive,
    smoothed,
    theta,
)
from upstander.analysis.impact.structural import structural
from upstander.analysis.impact.weekly import LEVELS, Weekly, forecast_weekly
from upstander.analysis.methods.panels import complete_numbers, listed, refuse_people
from upstander.contracts.methods import OTHERS, Answer, Method, Output, Param, WantedColumn

Array = NDArray[np.float64]
_ABOUT_PEOPLE = WantedColumn(OTHERS, "any", "no forecast uses it; a file about people is refused", required=False)
_PLAIN = ("snaive", "naive", "drift", "ets_ANN", "theta")
_MAKE: Mapping[str, Callable[[Array, int, int, int], Ahead]] = {
    "snaive": lambda y, horizon, season, _: seasonal_naive(y, horizon, season),
    "naive": lambda y, horizon, _season, _: seasonal_naive(y, horizon, 1),
    "drift": lambda y, horizon, _season, _: drift(y, horizon),
    "ets_ANN": lambda y, horizon, _season, _: smoothed(y, horizon),
    "theta": lambda y, horizon, season, _: theta(y, horizon, season),
    "ets_MAM": lambda y, horizon, season, seed: holt_winters(y, horizon, season, seed=seed),
    "arima_011_011": lambda y, horizon, season, _: airline(y, horizon, season),
}


def _baselines(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    series = frames["series"]
    rising_times(series, "t")
    y = series["y"].to_numpy()
    if params["log"]:
        if (y <= 0).any():
            raise UnfitNumbers("A logarithm needs numbers above zero.", where="series, column y", expected="above 0")
        y = np.log(y)
    models = _PLAIN if params["model"] == "all" else (params["model"],)
    rows = pl.concat(_MAKE[name](y, params["horizon"], params["season"], seed).table(name) for name in models)
    warnings = []
    if (rows["lo80"] < 0).any() and (series["y"] >= 0).all() and not params["log"]:
        warnings.append("Normal intervals run below zero, where no count can be; forecast_weekly's do not.")
    return Answer(rows, {"points": y.size, "horizon": params["horizon"]}, tuple(warnings))


def rising_times(series: pl.DataFrame, column: str) -> None:
    """Raises WrongOrder where the times of a series do not rise."""
    if column not in series.columns:
        return
    falls = (series[column].cast(pl.Float64).diff().fill_null(1) <= 0).fill_null(value=False)
    if falls.any():
        row = int(falls.arg_true()[0]) + 1
        raise WrongOrder(
            f"Time runs backwards or repeats at row {row}.", where=f"series, row {row}, column {column}",
            found="a time not after the one before", expected="rising times",
        )  # fmt: skip


FORECAST_BASELINES = Method(
    name="forecast_baselines",
    version="1.0.0",
    title="Plain forecasts that any other must beat",
    says="Seasonal naive, naive, drift, exponential smoothing, theta and the airline model, with the intervals "
    "published for them.",
    source="Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition 2021; Hyndman and Billah, "
    "International Journal of Forecasting 19(2), 2003; Box and Jenkins 1976",
    inputs={
        "series": (
            WantedColumn("t", "number", "position in the series, rising", required=False),
            WantedColumn("y", "number", "the number of that period"),
        )
    },
    params=(
        Param("y", "text", "heading of the column with the numbers", "y"),
        Param("model", "text", "which forecast; all: those that need no more than a season", "all",
              choices=("all", *_MAKE)),
        Param("season", "integer", "periods in a year: 52 weeks, 13 four-weeks, 12 months; 1 for none", 13, "periods",
              1, 366),
        Param("horizon", "integer", "periods ahead", 13, "periods", 1, 366),
        Param("log", "boolean", "forecast the logarithm", default=False),
    ),
    outputs=(
        Output("model", "text", "which forecast"),
        Output("h", "integer", "periods ahead", "periods"),
        Output("mean", "number", "forecast", "as y"),
        *(Output(f"{end}{level}", "number", f"{word} limit, {level}%", "as y")
          for level in (80, 95) for end, word in (("lo", "lower"), ("hi", "upper"))),
    ),
    compute=_baselines,
    assumes=(
        "What made the numbers goes on as it did.",
        "Intervals are normal and take the model as known: they are too narrow where it is not.",
    ),
)  # fmt: skip


def _weekly(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    series, ahead = frames["series"], frames.get("ahead")
    for role, frame in frames.items():
        refuse_people(frame, role)
    weeks = _every_week(series)
    horizon = params["horizon"] if ahead is None else ahead.height
    has_flags = "holiday" in series.columns and ahead is not None
    found = forecast_weekly(
        series["count"].cast(pl.Float64).to_numpy(), horizon,
        holiday=series["holiday"].to_numpy() if has_flags else None,
        holiday_ahead=ahead["holiday"].to_numpy() if has_flags and ahead is not None else None,
        origins=params["origins"], damping=params["damping"],
    )  # fmt: skip
    limits = {
        f"{end}{level * 100:.0f}": values[at].astype(np.int64)
        for at, level in enumerate(LEVELS)
        for end, values in (("lo", found.low), ("hi", found.high))
    }
    rows = pl.DataFrame({
        "week": _following(weeks, horizon), "h": np.arange(1, horizon + 1), "median": found.median,
        "regression": found.regression, "last_year": found.last_year, **limits,
    })  # fmt: skip
    warnings = []
    if "holiday" in series.columns and ahead is None:
        warnings.append("Bank holidays are not used: give those to come as --input ahead=FILE.")
    if found.score_last_year < found.score:
        warnings.append("The same week of last year has done better than this forecast: use that.")
    return Answer(rows, _weekly_summary(found), tuple(warnings))


def _every_week(series: pl.DataFrame) -> pl.Series | None:
    """The weeks, if dates are given; none may be missing, since a week nobody delivered is no zero."""
    if "week" not in series.columns:
        return None
    weeks = series["week"]
    rising_times(series.with_columns(week=weeks.to_physical()), "week")
    gaps = weeks.diff().dt.total_days().fill_null(7) != 7
    if gaps.any():
        row = int(gaps.arg_true()[0]) + 1
        raise UnfitNumbers(
            f"Row {row} is not the week after the one before.", where=f"series, row {row}, column week",
            found="another gap than 7 days", expected="every week; one without an event is 0",
        )  # fmt: skip
    return weeks


def _following(weeks: pl.Series | None, horizon: int) -> pl.Series:
    if weeks is None:
        return pl.Series([None] * horizon, dtype=pl.Date)
    last = weeks[-1]
    return pl.select(pl.lit(last) + pl.duration(weeks=pl.int_range(1, horizon + 1))).to_series()


def _weekly_summary(found: Weekly) -> dict[str, Any]:
    coverage = {f"coverage{level * 100:.0f}": float(share) for level, share in zip(LEVELS, found.coverage, strict=True)}
    return {
        "origins": found.origins, **coverage, "weighted_interval_score": found.score,
        "weighted_interval_score_last_year": found.score_last_year, "pit": found.pit.tolist(),
    }  # fmt: skip


FORECAST_WEEKLY = Method(
    name="forecast_weekly",
    version="1.0.0",
    title="Weekly counts, ahead",
    says="The next weeks of a place or a service, from a regression with seasons and from last year, with intervals "
    "that held when it forecast its own past. Never of a person.",
    source="Bracher et al., PLOS Computational Biology 17(2), 2021; Lei et al., J. American Statistical Association "
    "113(523), 2018; Czado, Gneiting and Held, Biometrics 65(4), 2009; Hyndman and Athanasopoulos 2021",
    inputs={
        "series": (
            WantedColumn("week", "date", "first day of the week, none missing", required=False),
            WantedColumn("count", "integer", "events in it; a week without any is 0", "events"),
            WantedColumn("holiday", "number", "1 if a bank holiday falls in it, else 0", required=False),
            _ABOUT_PEOPLE,
        ),
        "ahead": (WantedColumn("holiday", "number", "the same for each week to come, in order"), _ABOUT_PEOPLE),
    },
    optional_roles=("ahead",),
    params=(
        Param("count", "text", "heading of the column with the events", "count"),
        Param("week", "text", "heading of the column with the week", "week"),
        Param("horizon", "integer", "weeks ahead; as many as `ahead` has rows, if given", 8, "weeks", 1, 26),
        Param("origins", "integer", "past weeks from which the past is forecast", 78, "weeks", 39, 520),
        Param("damping", "number", "share of the trend that lasts a week", 0.9, least=0, most=1),
    ),
    outputs=(
        Output("week", "date", "first day of the week"),
        Output("h", "integer", "weeks ahead", "weeks"),
        Output("median", "number", "forecast: the median of the two models", "events"),
        Output("regression", "number", "negative binomial regression", "events"),
        Output("last_year", "number", "the same week a year ago", "events"),
        *(Output(f"{end}{level}", "integer", f"{word} limit, {level}%", "events")
          for level in (50, 80, 95) for end, word in (("lo", "lower"), ("hi", "upper"))),
    ),
    compute=_weekly,
    assumes=(
        "The weeks to come are like those of the past origins: a new recording rule or a closed venue is not known.",
        "Counts are as they were known at the time; later corrections make past forecasts look better than they were.",
    ),
)  # fmt: skip


def _structural(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    series = frames["series"]
    rising_times(series, "t")
    start = params["starts"]
    named = listed(params["controls"])
    found = structural(
        series["y"].to_numpy(), start, controls=complete_numbers(series, named) if named else None,
        season=params["season"], pairs=params["pairs"], confidence=params["confidence"],
    )  # fmt: skip
    rows = pl.DataFrame({
        "period": np.arange(start, series.height), "y": series["y"][start:], "expected": found.expected,
        "low": found.low, "high": found.high, "effect": series["y"][start:].to_numpy() - found.expected,
    })  # fmt: skip
    summary: dict[str, Any] = {}
    for name, values in (("average", found.average), ("cumulative", found.total), ("relative", found.relative)):
        summary |= {name: values[0], f"{name}_low": values[1], f"{name}_high": values[2]}
    summary |= {"p": found.p, "level_variance": found.level_variance, "irregular_variance": found.irregular_variance}
    warnings = () if named else ("Without a series that the project could not touch, whatever else moved counts too.",)
    return Answer(rows, summary, warnings)


STRUCTURAL = Method(
    name="structural_time_series",
    version="1.0.0",
    title="Structural time series",
    says="What a series would have been, from a level that drifts and from series that the project could not touch; "
    "with the summary of CausalImpact.",
    source="Brodersen et al., Annals of Applied Statistics 9(1), 2015; Durbin and Koopman, Time Series Analysis by "
    "State Space Methods, 2nd edition 2012",
    inputs={
        "series": (
            WantedColumn("t", "number", "position, rising", required=False),
            WantedColumn("y", "number", "the number of that period"),
            WantedColumn(OTHERS, "any", "what `controls` names", required=False),
        )
    },
    params=(
        Param("y", "text", "heading of the column with the numbers", "y"),
        Param("starts", "integer", "how many periods come before the project", 52, "periods", 12, 5000),
        Param("controls", "text", "headings of the series that the project could not touch", ""),
        Param("season", "number", "periods a year", 365.25 / 7, "periods", 2, 366),
        Param("pairs", "integer", "sine and cosine pairs of the season; 0 for none", 0, least=0, most=6),
        Param("confidence", "number", "chance that the limits hold the truth", 0.95, least=0.5, most=0.999),
    ),
    outputs=(
        Output("period", "integer", "counted from 0"),
        Output("y", "number", "as given"),
        Output("expected", "number", "without the project", "as y"),
        Output("low", "number", "lower limit of one period", "as y"),
        Output("high", "number", "upper limit of one period", "as y"),
        Output("effect", "number", "y less expected", "as y"),
    ),
    compute=_structural,
    assumes=(
        "The controls were not touched by the project, and go with the series after the start as before.",
        "Numbers vary about as much whatever their size; take logarithms of counts that grow several times over.",
    ),
)  # fmt: skip
