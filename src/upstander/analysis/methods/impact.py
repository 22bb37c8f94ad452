"""Methods that weigh whether something worked."""

from collections.abc import Mapping
from math import exp, inf
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import WrongOrder
from upstander.analysis.impact.interruption import FEW_AFTER, OVERDISPERSED, Interruption, Plan, interruption
from upstander.analysis.impact.tutorial import six_models
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage

Array = NDArray[np.float64]


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


def _interrupted(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    series = frames["series"]
    start = _start(series, str(params["starts"]))
    plan = Plan(
        family=params["family"], season=params["season"], pairs=params["pairs"], transition=params["transition"],
        slope=params["slope"], confidence=params["confidence"], draws=params["draws"],
    )  # fmt: skip
    found = interruption(
        _numbers(series, "count"), start, plan=plan, seed=seed, exposure=_optional(series, "exposure"),
        control=_optional(series, "control"), control_exposure=_optional(series, "control_exposure"),
    )  # fmt: skip
    at = np.arange(series.height)
    rows = pl.DataFrame({
        "period": series["period"].cast(pl.String) if "period" in series.columns else pl.Series(at).cast(pl.String),
        "count": series["count"], "fitted": found.fitted, "expected": found.expected,
        "expected_low": found.expected_low, "expected_high": found.expected_high,
        "stage": np.where(at < start, "before", np.where(at < start + plan.transition, "transition", "after")),
    })  # fmt: skip
    return Answer(
        rows,
        _interrupted_summary(found, params),
        tuple(_interrupted_warnings(found, series.height - start - plan.transition)),
    )


def _start(series: pl.DataFrame, text: str) -> int:
    """The first period of the project, by its date or name, or as a number of periods before it."""
    if "period" in series.columns:
        periods = series["period"]
        falls = (periods.str.zfill(12).rank("dense").diff().fill_null(1) <= 0).fill_null(value=False)
        if falls.any():
            row = int(falls.arg_true()[0]) + 1
            raise WrongOrder(
                f"Periods run backwards or repeat at row {row}.", where=f"series, row {row}, column period",
                found="a period not after the one before", expected="rising periods",
            )  # fmt: skip
        if text in periods.to_list():
            return periods.to_list().index(text)
    if text.isdigit() and int(text) < series.height:
        return int(text)
    raise WrongUsage(
        f"The series has no period '{text}'.", where="parameter starts", found=text or "nothing",
        expected="the name of the first period of the project, or how many come before it",
    )  # fmt: skip


def _numbers(series: pl.DataFrame, column: str) -> Array:
    values: Array = series[column].cast(pl.Float64).to_numpy()
    return values


def _optional(series: pl.DataFrame, column: str) -> Array | None:
    return _numbers(series, column) if column in series.columns else None


def _interrupted_summary(found: Interruption, params: Mapping[str, Any]) -> dict[str, Any]:
    best, low, high = found.prevented
    change = f"{abs(1 - found.ratio):.0%} {'lower' if found.ratio < 1 else 'higher'}"
    return {
        "rate_ratio": found.ratio, "low": found.low, "high": found.high, "p": found.p,
        "prevented": best, "prevented_low": low, "prevented_high": high, "family": found.family,
        "dispersion": found.dispersion, "theta": found.fit.theta, "durbin_watson": found.durbin_watson,
        "autocorrelation": found.autocorrelation.tolist(), "newey_west_lag": found.lag,
        "error_widened_by": found.factor,        "error_is": "newey_west" if found.is_newey_west else "model",
        "says": f"The rate was {change} than expected ({params['confidence']:.0%} interval of the ratio "
        f"{found.low:.2f} to {found.high:.2f}).",
    }  # fmt: skip


def _interrupted_warnings(found: Interruption, after: int) -> list[str]:
    said = []
    if after < FEW_AFTER:
        said.append(f"{after} periods after the start are few: a change of slope cannot be told from a step.")
    if found.autocorrelation[0] > 0.3:
        said.append("Periods depend on one another strongly: the interval holds the truth less often than it says.")
    if found.family == "poisson" and found.dispersion > OVERDISPERSED:
        said.append("The counts vary more than Poisson counts do; the interval allows for it.")
    said.append("If the place was chosen at its peak, part of a fall is regression to the mean: check it.")
    return said


INTERRUPTED = Method(
    name="interrupted_time_series",
    version="1.0.0",
    title="Interrupted time series",
    says="How far the counts after a start lie from where they were going, with trend, seasons, a comparison series "
    "where there is one, and a period of bringing in that is left out.",
    source="Wagner et al., J. Clinical Pharmacy and Therapeutics 27(4), 2002; Lopez Bernal et al., International J. "
    "Epidemiology 46(1), 2017 and 47(6), 2018; Newey and West, Econometrica 55(3), 1987",
    inputs={
        "series": (
            WantedColumn("period", "text", "name or date of the period, rising", required=False),
            WantedColumn("count", "integer", "events in it", "events"),
            WantedColumn("exposure", "number", "people or hours at risk", required=False),
            WantedColumn("control", "integer", "events that the project could not touch", "events", required=False),
            WantedColumn("control_exposure", "number", "the same for them", required=False),
        )
    },
    params=(
        Param("count", "text", "heading of the column with the events", "count"),
        Param("period", "text", "heading of the column with the period", "period"),
        Param("exposure", "text", "heading of the column with those at risk", "exposure"),
        Param("control", "text", "heading of the column with the comparison", "control"),
        Param("starts", "text", "first period of the project, or how many come before it", ""),
        Param("transition", "integer", "periods of bringing in, left out", 0, "periods", 0, 104),
        Param("season", "number", "periods a year", 365.25 / 7, "periods", 2, 366),
        Param("pairs", "integer", "sine and cosine pairs of the season; 0 for no season", 2, least=0, most=6),
        Param("slope", "boolean", "whether the trend may change too; the effect is then the mean after", default=False),
        Param("family", "text", "of the counts; auto: negative binomial where dispersion is above 1.5", "auto",
              choices=("auto", "poisson", "quasi", "negative_binomial")),
        Param("confidence", "number", "chance that the limits hold the truth", 0.95, least=0.5, most=0.999),
        Param("draws", "integer", "random draws for the counterfactual", 4000, least=500, most=50_000),
    ),
    outputs=(
        Output("period", "text", "as given, or its number"),
        Output("count", "integer", "as given", "events"),
        Output("fitted", "number", "by the model", "events"),
        Output("expected", "number", "had nothing been done", "events"),
        Output("expected_low", "number", "lower limit of expected", "events"),
        Output("expected_high", "number", "upper limit of expected", "events"),
        Output("stage", "text", "before, transition, after"),
    ),
    compute=_interrupted,
    assumes=(
        "Nothing else that changes the counts began at the same time; a comparison series is the best guard.",
        "The trend and seasons before would have gone on.",
        "The way events are recorded did not change.",
    ),
)  # fmt: skip
