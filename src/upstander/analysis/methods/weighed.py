"""Methods that weigh offences by harm. No weights are shipped: they are an input, with a version and a source."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.measures.harm import Harm, crime_harm
from upstander.analysis.methods.denominators import CONFIDENCE, POPULATION, YEARS, whose
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage


def _harm(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    offences, weights = frames["offences"], _in_force(frames["weights"], params)
    if offences.is_empty():
        raise TooFewPoints(where="offences", found=0, needed=1)
    if "area" not in offences.columns:
        offences = offences.with_columns(area=pl.lit("all"))
    if (offences["count"] < 0).any():
        row = int((offences["count"] < 0).arg_true()[0]) + 1
        raise UnfitNumbers(
            f"offences, row {row}: count is negative.",
            where=f"offences, row {row}",
            found="below 0",
            expected="0, 1, …",
        )
    areas = offences["area"].unique(maintain_order=True)
    number = pl.DataFrame({"area": areas, "group": range(areas.len())})
    weighed = offences.join(number, on="area", maintain_order="left", nulls_equal=True).join(
        weights, on="code", how="left", maintain_order="left"
    )
    rows = _by_area(weighed, areas, weights, params)
    if "population" in frames:
        rows = _per_head(rows, frames["population"], params)
    unweighted = int(rows["unweighted"].sum())
    summary = {
        "areas": rows.height, "index": params["index"], "version": weights["version"][0], "weights": weights.height,
        "source": "; ".join(weights["source"].drop_nulls().unique().sort()), "unweighted": unweighted, **whose(params),
    }  # fmt: skip
    warnings = [f"{unweighted} offences have no weight and are in no score."] if unweighted else []
    if not weights["homicide"].any():
        warnings.append("No weight is marked as homicide: harm without homicide is harm.")
    return Answer(rows.with_columns(as_given(areas)), summary, tuple(warnings))


def _by_area(weighed: pl.DataFrame, areas: pl.Series, weights: pl.DataFrame, params: Mapping[str, Any]) -> pl.DataFrame:
    """One row an area: count and harm, with and without homicide, and what has no weight."""

    def harm_of(rows: pl.DataFrame) -> Harm:
        return crime_harm(
            rows["count"].to_numpy(), rows["weight"].to_numpy(), rows["group"].cast(pl.Int64).to_numpy(), areas.len()
        )

    known = weighed.filter(pl.col("weight").is_not_null())
    lost = weighed.filter(pl.col("weight").is_null())
    everything, without = harm_of(known), harm_of(known.filter(~pl.col("homicide")))
    lesser = weights.filter(~pl.col("homicide"))["weight"]
    columns: dict[str, Any] = {
        "area": areas,
        "count": everything.events + np.bincount(lost["group"], lost["count"], minlength=areas.len()),
        "unweighted": np.bincount(lost["group"], lost["count"], minlength=areas.len()),
        "homicides": everything.events - without.events,
    }
    for name, harm, heaviest in (
        ("harm", everything, weights["weight"].max()), ("harm_without_homicide", without, lesser.max() or 0.0)
    ):  # fmt: skip
        limits = harm.limits(params["confidence"], heaviest=float(heaviest), how=params["limits"])  # type: ignore[arg-type]
        columns |= {
            name: harm.score, f"{name}_low": limits.low, f"{name}_high": limits.high, f"{name}_variance": harm.variance,
        }  # fmt: skip
    none = pl.lit(None, pl.Float64)
    counts = ("count", "unweighted", "homicides")
    return pl.DataFrame(columns).with_columns(
        pl.col(counts).cast(pl.Int64),
        *(none.alias(f"rate_of_{name}") for name in _RATED),
        person_years=none,
        population=pl.lit(params["population"]),
    )


_RATED = ("count", "harm", "harm_low", "harm_high", "harm_without_homicide", "harm_without_homicide_low",
          "harm_without_homicide_high")  # fmt: skip


def _per_head(rows: pl.DataFrame, people: pl.DataFrame, params: Mapping[str, Any]) -> pl.DataFrame:
    joined = rows.select("area").join(people, on="area", how="left", maintain_order="left")
    if joined["population"].null_count() or joined.height != rows.height or (joined["population"] <= 0).any():
        raise UnfitNumbers(
            "An area has no population, or two.", where="population", found=f"{people.height} rows",
            expected="one above 0 for each area of the offences",
        )  # fmt: skip
    person_years = joined["population"] * params["years"]
    return rows.with_columns(
        *(
            (pl.col(name) / pl.lit(person_years) * params["multiplier"]).alias(f"rate_of_{name}") for name in _RATED
        ),
        person_years=person_years,
    )  # fmt: skip


def _in_force(weights: pl.DataFrame, params: Mapping[str, Any]) -> pl.DataFrame:
    """One weight a code: those of the version asked for, in force on the day asked for."""
    frame = weights.with_columns(
        pl.lit(None, kind).alias(name)
        for name, kind in (("version", pl.String), ("source", pl.String), ("starts", pl.Date), ("ends", pl.Date))
        if name not in weights.columns
    )
    frame = _marked(frame, params["homicide_codes"])
    if params["version"]:
        frame = frame.filter(pl.col("version") == params["version"])
    if params["at"]:
        day = _day(params["at"])
        frame = frame.filter(pl.col("starts").fill_null(day) <= day, pl.col("ends").fill_null(day) >= day)
    versions = frame["version"].unique().sort().to_list()
    if len(versions) != 1:
        raise WrongUsage(
            "One version of the weights must be named: another one makes a step that is no change of harm.",
            where="parameter version", found=params["version"] or f"{len(versions)} versions",
            expected=", ".join(str(each) for each in weights["version"].unique().sort()) if "version" in weights.columns
            else "no version, as the file has none",
        )  # fmt: skip
    if frame["code"].is_duplicated().any():
        row = int(frame["code"].is_duplicated().arg_true()[0]) + 1
        raise UnfitNumbers(
            "A code has two weights.", where=f"weights of that version, row {row}", found="a code that stands twice",
            expected="one weight a code; say the day with the parameter at",
        )  # fmt: skip
    if (frame["weight"] < 0).any():
        raise UnfitNumbers("A weight is negative.", where="weights", expected="0 or more")
    return frame.select("code", "weight", "homicide", "version", "source")


def _marked(weights: pl.DataFrame, codes: str) -> pl.DataFrame:
    if "homicide" in weights.columns and not codes:
        return weights.with_columns(pl.col("homicide").fill_null(value=False))
    if not codes:
        raise MissingColumn(
            "Say which codes are homicide: one of them outweighs all else, so harm is also shown without.",
            where="weights, column homicide", found=", ".join(weights.columns),
            expected="a column homicide (true or false), or the parameter homicide_codes",
        )  # fmt: skip
    listed = [code.strip() for code in codes.split(";")]
    return weights.with_columns(homicide=pl.col("code").is_in(listed))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as why:
        raise WrongUsage(
            "at is not a date.", where="parameter at", found=text, expected="a date such as 2026-07-04"
        ) from why


CRIME_HARM = Method(
    name="crime_harm",
    version="1.0.0",
    title="Crime harm",
    says="Offences weighed by harm, always beside their plain count and the harm without homicide, which alone may "
    "outweigh all else. Weights are an input: code, weight, homicide (true or false), version, source, starts, ends; "
    "such as the ONS Crime Severity Score or the Cambridge Crime Harm Index of one edition. None are shipped.",
    source="ONS, Developing a Crime Severity Score for England and Wales, 2016; Sherman, Neyroud and Neyroud, Policing "
    "10(3), 2016; limits: Fay and Feuer, Statistics in Medicine 16, 1997, pp. 791–801; Dobson et al., Statistics in "
    "Medicine 10, 1991",
    inputs={
        "offences": (
            WantedColumn("area", "text", "name of the area or period; all together if missing", required=False),
            WantedColumn("code", "text", "offence code, as the weights have it"),
            WantedColumn("count", "integer", "offences", "offences"),
        ),
        "weights": (
            WantedColumn("code", "text", "offence code"),
            WantedColumn("weight", "number", "harm of one offence", "days"),
            WantedColumn("homicide", "boolean", "whether it is homicide", required=False),
            WantedColumn("version", "text", "edition of the weights", required=False),
            WantedColumn("starts", "date", "first day it holds", required=False),
            WantedColumn("ends", "date", "last day it holds", required=False),
            WantedColumn("source", "text", "where the weight is from", required=False),
        ),
        "population": (
            WantedColumn("area", "text", "name of the area"),
            WantedColumn("population", "number", "persons of the population named", "persons"),
        ),
    },
    optional_roles=("population",),
    params=(
        Param("index", "text", "name of the index, for the reader", ""),
        Param("version", "text", "edition of the weights; may be left out if the file has one", ""),
        Param("at", "text", "day on which the weights must hold, such as 2026-07-04; any if left out", ""),
        Param("homicide_codes", "text", "codes of homicide, parted by ;, where no column says so", ""),
        Param("limits", "text", "gamma (Fay and Feuer), or dobson: narrower, misses too often with few", "gamma",
              choices=("gamma", "dobson")),
        CONFIDENCE,
        Param("multiplier", "number", "rates are per so many person-years", 1, "person-years", 1e-9, 1e9),
        YEARS, POPULATION,
    ),
    outputs=(
        Output("area", "text", "as given"),
        Output("count", "integer", "all offences, weighed or not", "offences"),
        Output("unweighted", "integer", "offences whose code has no weight", "offences"),
        Output("homicides", "integer", "offences marked as homicide", "offences"),
        Output("harm", "number", "sum of weight × count", "days"),
        Output("harm_low", "number", "lower limit of the expected harm", "days"),
        Output("harm_high", "number", "upper limit of the expected harm", "days"),
        Output("harm_variance", "number", "sum of weight² × count", "days²"),
        Output("harm_without_homicide", "number", "the same, homicide left out", "days"),
        Output("harm_without_homicide_low", "number", "its lower limit", "days"),
        Output("harm_without_homicide_high", "number", "its upper limit", "days"),
        Output("harm_without_homicide_variance", "number", "its sum of weight² × count", "days²"),
        Output("person_years", "number", "persons × length of the period; null without a population", "person-years"),
        *(Output(f"rate_of_{name}", "number", f"{name} per `multiplier` person-years; null without a population")
          for name in _RATED),
        Output("population", "text", "who the denominator counts"),
    ),
    compute=_harm,
    assumes=(
        "Offences are of one definition and one edition of weights: another edition makes a step that is no change.",
        "Offences are independent of each other.",
        "Every record has an offence code: ambulance and hospital records have none and are never to be converted.",
        "The heaviest weight of the file could have occurred; give only weights of offences that are counted.",
    ),
)  # fmt: skip
