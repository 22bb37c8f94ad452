"""Methods that weigh whether something worked."""

from collections.abc import Mapping
from math import exp, inf
from typing import Any

import polars as pl

from upstander.analysis.impact.tutorial import six_models
from upstander.analysis.methods.declaring import Answer, Method, Output, Param, WantedColumn


def _six(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    series = frames["series"]
    number = {name: series[name].cast(pl.Float64).to_numpy() for name in ("count", "exposure", "after", "time")}
    season = series["season"] if "season" in series.columns else series["time"]
    found = six_models(
        **number, season=season.cast(pl.Float64).to_numpy(), period=params["period"], lag=params["lag"],
        after_name=params["after"], time_name=params["time"],
    )  # fmt: skip
    rows = pl.concat(
        pl.DataFrame({
            "model": [name] * len(fit.design.terms), "term": fit.design.terms, "estimate": fit.coefficients,
            "se": fit.errors,
        })
        for name, fit in found.models.items()
    )  # fmt: skip
    after = str(params["after"])
    theta = found.models["m5"].theta
    summary = {
        "dispersion_m2": found.models["m2"].dispersion, "dispersion_m3": found.models["m3"].dispersion,
        "theta_m5": theta,
        **{f"rr_{after}_{name}": exp(found.models[name].coefficient(after)) for name in ("m1", "m2", "m3", "m5")},
        **{f"nw_lag{params['lag']}_se_{name}": found.robust[name].tolist() for name in ("m6", "m1")},
        "dw_m6": found.durbin_watson,
    }  # fmt: skip
    warnings = ["m1 takes the counts as Poisson: with a dispersion well above 1 its errors are too small."]
    if theta == inf:
        warnings.append("The counts vary no more than Poisson counts do: m5 is a Poisson regression, theta infinite.")
    return Answer(rows, summary, tuple(warnings))


ITS_SICILY = Method(
    name="its_sicily",
    version="1.0.0",
    title="Interrupted time series, six models side by side",
    says="What each choice of model does to the answer: Poisson, quasi-Poisson, seasons, change of slope, negative "
    "binomial, least squares of the rate. `interrupted_time_series` is the one to use on a project.",
    source="Lopez Bernal, Cummins and Gasparrini, International Journal of Epidemiology 46(1), 2017, pp. 348-355; "
    "Newey and West, Econometrica 55(3), 1987",
    inputs={
        "series": (
            WantedColumn("count", "integer", "events in the period", "events"),
            WantedColumn("exposure", "number", "people at risk", "people"),
            WantedColumn("after", "number", "0 before the interruption, 1 from it on"),
            WantedColumn("time", "integer", "position, rising", "periods"),
            WantedColumn("season", "number", "position in the year; time if missing", "periods", required=False),
        )
    },
    params=(
        Param("count", "text", "heading of the column with the events", "aces"),
        Param("exposure", "text", "heading of the column with the people at risk", "stdpop"),
        Param("after", "text", "heading of the column that turns from 0 to 1", "smokban"),
        Param("time", "text", "heading of the column with the position", "time"),
        Param("season", "text", "heading of the column with the position in the year", "month"),
        Param("period", "number", "positions in a year", 12.0, "periods", 2, 366),
        Param("lag", "integer", "of the Newey–West errors", 3, "periods", 0, 52),
    ),
    outputs=(
        Output("model", "text", "m1 Poisson, m2 quasi-Poisson, m3 + seasons, m4 + change of slope, m5 negative "
               "binomial, m6 least squares of the rate per 100,000"),
        Output("term", "text", "term of the model, under the file's own headings"),
        Output("estimate", "number", "coefficient; log rate ratio in m1 to m5, events per 100,000 in m6"),
        Output("se", "number", "standard error of the model itself"),
    ),
    compute=_six,
    assumes=(
        "Nothing else that changes the counts began at the same time.",
        "The trend before would have gone on as it was.",
    ),
)  # fmt: skip
