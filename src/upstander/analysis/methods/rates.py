"""Methods about rates: crude, of people harmed again, and the ratio of two."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.measures.limits import FEW
from upstander.analysis.measures.rates import dispersed_limits, rate, rate_ratio
from upstander.analysis.methods.denominators import (
    CONFIDENCE,
    MULTIPLIER,
    PERSON_YEARS_OUT,
    POPULATION,
    POPULATION_OUT,
    YEARS,
    per,
    whose,
)
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_WAYS = ("auto", "byar", "exact", "wilson")
_SPELT = {"byars": "byar", "byar": "byar", "exact": "exact", "wilson": "wilson", "auto": "auto"}
_SHOWN = {"byar": "Byars", "exact": "Exact", "wilson": "Wilson"}


def _rates(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    asked = _asked(frames["counts"], params)
    events, at_risk, way = asked["events"].to_numpy(), asked["person_years"].to_numpy(), asked["way"].to_numpy()
    multiplier = asked["multiplier"].to_numpy()
    levels: dict[str, ArrayLike] = {"cl": asked["confidence"].to_numpy(), "95_0cl": 0.95, "99_8cl": 0.998}
    found = {
        name: rate(events, at_risk, multiplier=multiplier, confidence=level, how=way) for name, level in levels.items()
    }
    rows = asked.with_columns(
        value=found["cl"].value,
        **{f"lower{name}": each.low for name, each in found.items()},
        **{f"upper{name}": each.high for name, each in found.items()},
        population=pl.lit(params["population"]),
    ).with_columns(pl.selectors.float().fill_nan(None))
    rows = rows.with_columns(
        method=pl.when((pl.col("way") == "wilson") | pl.col("events").is_not_null()).then(
            pl.col("way").replace(_SHOWN)
        ),
        person_years=pl.when(~pl.col("is_count")).then("person_years"),
    )
    warnings = tuple(_doubts(rows))
    return Answer(
        rows.rename({"events": "Numerator", "below": "Denominator"}), {"rows": rows.height, **whose(params)}, warnings
    )


def _asked(counts: pl.DataFrame, params: Mapping[str, Any]) -> pl.DataFrame:
    """One row as it is to be computed: events, person_years, way, multiplier, confidence, is_count (bare)."""
    if counts.is_empty():
        raise TooFewPoints(where="counts", found=0, needed=1)
    is_bare = "x" in counts.columns and "Numerator" not in counts.columns
    events, below = ("x", "n") if is_bare else ("Numerator", "Denominator")
    if events not in counts.columns or (below not in counts.columns and not is_bare):
        raise MissingColumn(
            "Rates need Numerator and Denominator, or x (and n, if it is a proportion).",
            where="counts", found=", ".join(counts.columns) or "none of them", expected="Numerator, Denominator",
        )  # fmt: skip
    frame = counts.with_columns(
        pl.lit(None, kind).alias(name)
        for name, kind in (("Area", pl.String), ("n", pl.Float64), ("multiplier", pl.Float64), ("method", pl.String),
                           ("confidence", pl.String))
        if name not in counts.columns
    )  # fmt: skip
    way = _ways(frame["method"], params["method"])
    is_count = pl.col(below).is_null() if is_bare else pl.lit(value=False)
    asked = frame.select(
        as_given(frame["Area"]), way, _levels(frame["confidence"], params["confidence"]), events=pl.col(events),
        below=pl.col(below), given=pl.col("multiplier"), is_count=is_count,
    )  # fmt: skip
    usual = pl.when(pl.col("is_count") | (pl.col("way") == "wilson")).then(1.0).otherwise(100_000.0)
    return asked.with_columns(
        multiplier=pl.coalesce("given", pl.lit(params["multiplier"] or None, pl.Float64), usual),
        person_years=pl.when("is_count").then(1.0).when(pl.col("way") == "wilson").then("below")
        .otherwise(pl.col("below") * params["years"]),
        way=pl.when(pl.col("way") != "auto").then("way").when(pl.col("events") < FEW).then(pl.lit("exact"))
        .otherwise(pl.lit("byar")),
    ).with_columns(statistic=_statistic())  # fmt: skip


def _statistic() -> pl.Expr:
    number = pl.col("multiplier")
    is_whole = number == number.floor()
    words = pl.when(is_whole).then(number.cast(pl.Int64).cast(pl.String)).otherwise(number.cast(pl.String))
    is_share = pl.col("way") == "wilson"
    return (
        pl.when("is_count").then(pl.lit("count"))
        .when(is_share & (pl.col("multiplier") == 100)).then(pl.lit("percentage"))
        .when(is_share).then(pl.lit("proportion of ") + words)
        .otherwise(pl.lit("rate per ") + words)
    )  # fmt: skip


def _ways(given: pl.Series, usual: str) -> pl.Series:
    """The method of each row, as the file or else the parameter says."""
    word = given.str.to_lowercase().str.replace_all("['’]", "")
    way = word.replace_strict(_SPELT, default=None, return_dtype=pl.String)
    _refuse(way.is_null() & given.is_not_null(), "method", "Byars, Exact or Wilson")
    return way.fill_null(usual).alias("way")


def _levels(given: pl.Series, usual: float) -> pl.Series:
    """The confidence of each row: 0.95, 95 or 95%."""
    number = given.str.strip_chars_end("% ").cast(pl.Float64, strict=False)
    share = pl.select(pl.when(number > 1).then(number / 100).otherwise(number)).to_series()
    _refuse((given.is_not_null() & ~share.is_between(0.5, 0.9999).fill_null(value=False)), "confidence", "such as 95%")
    return share.fill_null(usual).alias("confidence")


def _refuse(is_wrong: pl.Series, column: str, expected: str) -> None:
    if is_wrong.any():
        row = int(is_wrong.arg_true()[0]) + 1
        raise UnfitNumbers(
            f"counts, row {row}: {column} is not one of those known.",
            where=f"counts, row {row}, column {column}", found="something else", expected=expected,
        )  # fmt: skip


def _doubts(rows: pl.DataFrame) -> list[str]:
    missing = rows["value"].is_null().sum()
    crowded = rows.filter(~pl.col("is_count") & (pl.col("events") > pl.col("person_years"))).height
    told = [f"{missing} rows lack a numerator or a denominator and have no rate."] if missing else []
    if crowded:
        told.append(f"{crowded} rows have more events than person-years: is it the right population?")
    return told


_LIMIT_OUTS = (
    Output("value", "number", "the rate, in the unit of `statistic`"),
    Output("lowercl", "number", "lower limit at the confidence asked for", "as value"),
    Output("uppercl", "number", "upper limit at the confidence asked for", "as value"),
    Output("lower95_0cl", "number", "lower 95% limit", "as value"),
    Output("upper95_0cl", "number", "upper 95% limit", "as value"),
    Output("lower99_8cl", "number", "lower 99.8% limit", "as value"),
    Output("upper99_8cl", "number", "upper 99.8% limit", "as value"),
)

RATES_CI = Method(
    name="rates_ci_byar_wilson_exact",
    version="1.0.0",
    title="Rates and proportions with limits",
    says="Events per 100,000 person-years, or a proportion, with the limits that public health uses: exact below ten "
    "events, Byar's from ten on, Wilson's for a proportion. No events is a rate of 0 with an upper limit above 0. A "
    "file may mix them row by row, and may give bare counts (x) to have limits of the count.",
    source="Public Health England Technical Guide (PHEindicatormethods 2.1); Breslow and Day, Statistical Methods in "
    "Cancer Research II, IARC, 1987, p. 69; Garwood, Biometrika 28, 1936; Wilson, JASA 22, 1927",
    inputs={
        "counts": (
            WantedColumn("Area", "text", "name of the area", required=False),
            WantedColumn("Numerator", "number", "events; missing gives no rate", "events", required=False),
            WantedColumn("Denominator", "number", "persons of the population named", "persons", required=False),
            WantedColumn("x", "number", "instead of Numerator: a bare count", "events", required=False),
            WantedColumn("n", "number", "with x: out of how many; missing for a bare count", required=False),
            WantedColumn("method", "text", "Byars, Exact or Wilson, where rows differ", required=False),
            WantedColumn("multiplier", "number", "the rate is per so many, where rows differ", required=False),
            WantedColumn("confidence", "text", "such as 95%, where rows differ", required=False),
        )
    },
    params=(
        Param("method", "text", "auto: exact below ten events, else Byar", "auto", choices=_WAYS),
        Param("multiplier", "number", "per so many; 0: 100,000, or 1 for a proportion", 0, least=0, most=1e9),
        CONFIDENCE, YEARS, POPULATION,
    ),
    outputs=(
        Output("Area", "text", "as given"),
        Output("Numerator", "number", "as given, or x", "events"),
        Output("Denominator", "number", "as given, or n"),
        PERSON_YEARS_OUT,
        *_LIMIT_OUTS,
        Output("confidence", "number", "of lowercl and uppercl"),
        Output("statistic", "text", "what the value is"),
        Output("method", "text", "which limits these are"),
        Output("multiplier", "number", "the value is per so many"),
        POPULATION_OUT,
    ),
    compute=_rates,
    assumes=(
        "Events are independent: where the same people are harmed again, see repeat_victim_rate.",
        "Numerator and denominator are of the same people: residents are no denominator for visitors.",
        "A rate is per person-year: Denominator × years.",
    ),
)  # fmt: skip


def _repeats(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    victims, people = frames["victims"], frames["population"]
    if victims.is_empty():
        raise TooFewPoints(where="victims", found=0, needed=1)
    _count_what_counts(victims)
    if people["area"].is_duplicated().any():
        raise UnfitNumbers("An area stands twice.", where="population, column area", expected="each area once")
    strangers = set(victims["area"]) - set(people["area"])
    if strangers:
        raise UnfitNumbers(
            f"{len(strangers)} areas of victims have no population.",
            where="population, column area", found=f"{people.height} areas", expected="every area of victims",
        )  # fmt: skip
    tallied = victims.group_by("area").agg(
        events=(pl.col("events") * pl.col("persons")).sum(),
        variance=(pl.col("events").pow(2) * pl.col("persons")).sum(),
        victims=pl.col("persons").sum(),
    )
    areas = people.join(tallied, on="area", how="left", maintain_order="left").fill_null(0)
    return Answer(*_repeat_rows(areas, params))


def _count_what_counts(victims: pl.DataFrame) -> None:
    wrong = (victims["events"] < 1) | (victims["persons"] < 0)
    if wrong.any():
        row = int(wrong.arg_true()[0]) + 1
        raise UnfitNumbers(
            f"victims, row {row}: no number of events to a person.",
            where=f"victims, row {row}", found="events below 1, or persons below 0",
            expected="events 1, 2, …; persons 0, 1, …",
        )  # fmt: skip


def _repeat_rows(areas: pl.DataFrame, params: Mapping[str, Any]) -> tuple[pl.DataFrame, dict[str, Any]]:
    person_years = areas["population"].to_numpy() * params["years"]
    events, variance = areas["events"].to_numpy().astype(float), areas["variance"].to_numpy().astype(float)
    plain = rate(events, person_years, multiplier=params["multiplier"], confidence=params["confidence"])
    wide = dispersed_limits(events, variance, params["confidence"])
    scale = params["multiplier"] / person_years
    rows = areas.drop("population").with_columns(
        as_given(areas["area"]), person_years=person_years, value=plain.value, lowercl=wide.low * scale,
        uppercl=wide.high * scale, lower_if_independent=plain.low, upper_if_independent=plain.high,
        dispersion=np.divide(variance, events, out=np.ones(events.size), where=events > 0),
        statistic=pl.lit(f"rate per {per(params['multiplier'])}"), population=pl.lit(params["population"]),
    )  # fmt: skip
    return rows, {
        "areas": rows.height,
        "events": int(events.sum()),
        "victims": int(areas["victims"].sum()),
        **whose(params),
    }


REPEAT_VICTIM_RATE = Method(
    name="repeat_victim_rate",
    version="1.0.0",
    title="Rate of events that befall the same people again",
    says="A crude rate whose limits allow for repeat victims: ten attacks on one person say less about a place than "
    "one on each of ten. The variance is the sum of k² over people with k events; limits as if independent beside.",
    source="Public Health England, PHEindicatormethods 2.1 (use_nonindependent_events), after Dobson et al., "
    "Statistics in Medicine 10, 1991, pp. 457–462",
    inputs={
        "victims": (
            WantedColumn("area", "text", "name of the area"),
            WantedColumn("events", "integer", "events that befell each of them", "events"),
            WantedColumn("persons", "integer", "how many people had just so many", "persons"),
        ),
        "population": (
            WantedColumn("area", "text", "name of the area; those without victims too"),
            WantedColumn("population", "number", "persons of the population named", "persons"),
        ),
    },
    params=(CONFIDENCE, MULTIPLIER, YEARS, POPULATION),
    outputs=(
        Output("area", "text", "as given"),
        Output("events", "integer", "all events", "events"),
        Output("victims", "integer", "people with one event or more", "persons"),
        PERSON_YEARS_OUT,
        Output("value", "number", "the rate, in the unit of `statistic`"),
        Output("lowercl", "number", "lower limit, repeats allowed for", "as value"),
        Output("uppercl", "number", "upper limit, repeats allowed for", "as value"),
        Output("lower_if_independent", "number", "lower limit if no event had to do with another", "as value"),
        Output("upper_if_independent", "number", "upper limit if no event had to do with another", "as value"),
        Output("dispersion", "number", "variance of the count over the count; 1 without repeats"),
        Output("statistic", "text", "what the value is"),
        POPULATION_OUT,
    ),
    compute=_repeats,
    assumes=(
        "The same person is known to be the same: links that are missed make limits too narrow.",
        "People are harmed independently of each other: a fight that hurts five is still five.",
    ),
)  # fmt: skip


def _ratio(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    pairs = frames["rates"]
    if pairs.is_empty():
        raise TooFewPoints(where="rates", found=0, needed=1)
    found = rate_ratio(
        pairs["events"].to_numpy(), pairs["person_years"].to_numpy(), pairs["other_events"].to_numpy(),
        pairs["other_person_years"].to_numpy(), confidence=params["confidence"], mid_p=params["limits"] == "mid-p",
    )  # fmt: skip
    scale = params["multiplier"]
    name = pairs["name"] if "name" in pairs.columns else pl.Series(range(1, pairs.height + 1), dtype=pl.String)
    rows = pairs.with_columns(
        name=as_given(name), rate=pairs["events"] / pairs["person_years"] * scale,
        other_rate=pairs["other_events"] / pairs["other_person_years"] * scale, ratio=found.ratio, low=found.low,
        high=found.high, p=found.p,
    )  # fmt: skip
    endless = int(np.isinf(found.high).sum())
    warnings = (f"{endless} rows have no events in the other rate: no ratio is too large.",) if endless else ()
    return Answer(rows, {"rows": rows.height, "population": params["population"]}, warnings)


RATE_RATIO = Method(
    name="rate_ratio",
    version="1.0.0",
    title="Ratio of two rates",
    says="How many times one rate is the other, with exact limits: of the events of both together, the share that is "
    "the first one's is binomial. Limits that hold 1 leave open which is the higher.",
    source="Breslow and Day, Statistical Methods in Cancer Research II, IARC, 1987, section 3.4; mid-p: Rothman and "
    "Boice, Epidemiologic Analysis with a Programmable Calculator, NIH, 1979",
    inputs={
        "rates": (
            WantedColumn("name", "text", "what is compared; its position where there is none", required=False),
            WantedColumn("events", "integer", "events of the one", "events"),
            WantedColumn("person_years", "number", "at risk in the one", "person-years"),
            WantedColumn("other_events", "integer", "events of the other", "events"),
            WantedColumn("other_person_years", "number", "at risk in the other", "person-years"),
        )
    },
    params=(
        CONFIDENCE, MULTIPLIER, POPULATION,
        Param("limits", "text", "exact, or mid-p: shorter, right on average", "exact", choices=("exact", "mid-p")),
    ),
    outputs=(
        Output("name", "text", "as given"),
        Output("events", "integer", "as given", "events"),
        Output("rate", "number", "of the one, per `multiplier` person-years"),
        Output("other_events", "integer", "as given", "events"),
        Output("other_rate", "number", "of the other, per `multiplier` person-years"),
        Output("ratio", "number", "the one over the other; null where the other has no events"),
        Output("low", "number", "lower limit of the ratio"),
        Output("high", "number", "upper limit of the ratio; null where it has none"),
        Output("p", "number", "chance of a split as uneven, were the rates the same; twice the smaller tail"),
    ),
    compute=_ratio,
    assumes=(
        "Events are independent, and the two rates are of different people or of different times.",
        "Recording did not change between the two.",
    ),
)  # fmt: skip
