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
from upstander.analysis.methods.declaring import Answer, Method, Output, Param, WantedColumn

Array = NDArray[np.float64]
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
