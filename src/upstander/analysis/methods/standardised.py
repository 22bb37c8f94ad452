"""Methods that make rates comparable between areas with other ages."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.measures.limits import FEW, require, sums
from upstander.analysis.measures.standardised import (
    ESP_2013,
    directly_standardised,
    indirectly_standardised,
    variance_of_repeats,
)
from upstander.analysis.methods.denominators import (
    CONFIDENCE,
    MULTIPLIER,
    POPULATION,
    POPULATION_OUT,
    YEARS,
    per,
    whose,
)
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_MOST_REPEATS = 20
_STANDARDS = ("stdpop", "esp2013", "esp1976")
_REPEATS = tuple(f"f{k}" for k in range(1, _MOST_REPEATS + 1))


def _direct(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    events = _banded(frames["events"])
    rows, named = _with_standard(events, frames.get("standard"))
    _every_band(rows)
    group = rows["area"].rle_id().cast(pl.Int64).to_numpy()
    at_risk = rows["pop"].to_numpy() * params["years"]
    variance, how = _variance(rows)
    found = directly_standardised(
        rows["count"].to_numpy(), at_risk, rows["standard"].to_numpy(), group, variance=variance
    )
    areas = rows["area"].unique(maintain_order=True)
    limits = {name: found.limits(level) for name, level in _levels(params).items()}
    scale = params["multiplier"]
    table = pl.DataFrame({
        "area": as_given(areas), "total_count": found.events, "total_pop": np.bincount(group, rows["pop"].to_numpy()),
        "person_years": found.at_risk, "value": found.value * scale,
        **{f"lower{name}": each.low * scale for name, each in limits.items()},
        **{f"upper{name}": each.high * scale for name, each in limits.items()},
        "variance": found.variance * scale**2,
    })  # fmt: skip
    table = table.with_columns(
        pl.selectors.float().fill_nan(None),
        statistic=pl.when(pl.col("total_count") < FEW).then(pl.lit(f"dsr NA for total count < {FEW}"))
        .otherwise(pl.lit(f"dsr per {per(scale)}")),
        method=pl.lit(how), population=pl.lit(params["population"]),
    )  # fmt: skip
    withheld = int((table["total_count"] < FEW).sum())
    warnings = [f"{withheld} areas have fewer than {FEW} events and no standardised rate."] if withheld else []
    return Answer(
        table, {"areas": table.height, "withheld": withheld, "standard": named, **whose(params)}, tuple(warnings)
    )


def _levels(params: Mapping[str, Any]) -> dict[str, float]:
    return {"cl": params["confidence"], "95_0cl": 0.95, "99_8cl": 0.998}


def _banded(events: pl.DataFrame) -> pl.DataFrame:
    """Rows by area (in order of first mention) with one band each; counts that are missing are none."""
    if events.is_empty():
        raise TooFewPoints(where="events", found=0, needed=1)
    heading = next((name for name in ("ageband", "Age Band") if name in events.columns), None)
    if heading is None:
        raise MissingColumn(
            "events: there is no column 'ageband'.",
            where="events, column ageband", found=", ".join(events.columns), expected="ageband",
        )  # fmt: skip
    named = events if "area" in events.columns else events.with_columns(area=pl.lit(None, pl.String))
    first = pl.int_range(pl.len()).min().over("area")
    return named.with_columns(pl.col("count").fill_null(0), band=_band(heading)).sort(first, maintain_order=True)


def _band(heading: str) -> pl.Expr:
    """An age band without leading zeros and blanks, so that 00-04 is 0-4."""
    return pl.col(heading).str.replace_all(r"\s", "").str.replace_all("–", "-").str.replace_all(r"\b0+(\d)", "$1")


def _with_standard(events: pl.DataFrame, standard: pl.DataFrame | None) -> tuple[pl.DataFrame, str]:
    """Rows with the standard's persons of their band; and which standard: the role's, the file's own, or Europe's."""
    if standard is None:
        own = [name for name in _STANDARDS if name in events.columns]
        if own:
            return events.with_columns(standard=pl.col(own[0])), own[0]
        esp = pl.DataFrame({"band": list(ESP_2013), "standard": list(ESP_2013.values())})
        return _joined(events, esp), "European Standard Population 2013"
    named = [name for name in _STANDARDS if name in standard.columns]
    if len(named) != 1:
        raise MissingColumn(
            "standard: one column must hold the standard population.",
            where="standard", found=", ".join(named) or "none", expected="one of " + ", ".join(_STANDARDS),
        )  # fmt: skip
    return _joined(events, standard.select(band=_band("ageband"), standard=named[0])), named[0]


def _joined(events: pl.DataFrame, standard: pl.DataFrame) -> pl.DataFrame:
    if standard["band"].is_duplicated().any():
        raise UnfitNumbers("A band stands twice.", where="standard, column ageband", expected="each band once")
    joined = events.join(standard, on="band", how="left", maintain_order="left")
    if joined["standard"].null_count():
        row = int(joined["standard"].is_null().arg_true()[0]) + 1
        raise UnfitNumbers(
            f"events, row {row}: the standard has no such age band.",
            where=f"events, row {row}", found="another band", expected=", ".join(standard["band"]),
        )  # fmt: skip
    absent = sorted(set(standard["band"]) - set(joined["band"]))
    if absent:
        raise UnfitNumbers(
            "events lack bands of the standard.", where="events", found="no " + ", ".join(absent), expected="every band"
        )
    return joined


def _every_band(rows: pl.DataFrame) -> None:
    """Each area has each band once: a band left out would count as if nobody were ever harmed at that age."""
    per_area = rows.group_by("area", maintain_order=True).agg(rows=pl.len(), bands=pl.col("band").n_unique())
    wrong = per_area.filter((pl.col("rows") != pl.col("bands")) | (pl.col("bands") != rows["band"].n_unique()))
    if wrong.height:
        raise UnfitNumbers(
            f"{wrong.height} areas lack an age band or have one twice.",
            where="events", found=f"{wrong['rows'][0]} rows, {wrong['bands'][0]} bands in the first of them",
            expected=f"{rows['band'].n_unique()} bands, each once; no events is 0",
        )  # fmt: skip


def _variance(rows: pl.DataFrame) -> tuple[NDArray[np.float64] | None, str]:
    columns = [name for name in _REPEATS if name in rows.columns]
    if not columns:
        return None, "Dobson"
    persons = rows.select(
        [pl.col(name).fill_null(0) if name in columns else pl.lit(0.0).alias(name) for name in _REPEATS]
    ).to_numpy()
    repeated = persons @ np.arange(1, _MOST_REPEATS + 1)
    wrong = ~np.isclose(repeated, rows["count"].to_numpy())
    if wrong.any():
        row = int(np.argmax(wrong)) + 1
        raise UnfitNumbers(
            f"events, row {row}: the people with 1, 2, … events do not add up to the count.",
            where=f"events, row {row}", found=f"{repeated[row - 1]:g} events by people",
            expected=f"f1 + 2·f2 + … = count, up to f{_MOST_REPEATS}",
        )  # fmt: skip
    return variance_of_repeats(persons), "Dobson, with confidence adjusted for non-independent events"


_STANDARD_COLUMNS = tuple(
    WantedColumn(name, "number", f"persons of the band in the {what}", required=False)
    for name, what in zip(_STANDARDS, ("standard population", "European standard of 2013", "one of 1976"), strict=True)
)
_LIMITS_OUT = tuple(
    Output(f"{side}{name}", "number", f"{side} {level} limit", "as value")
    for name, level in (("cl", "asked"), ("95_0cl", "95%"), ("99_8cl", "99.8%"))
    for side in ("lower", "upper")
)

_AREA_AND_AGE = (
    WantedColumn("area", "text", "name of the area; one area if missing", required=False),
    WantedColumn("ageband", "text", "such as 15-19", required=False),
    WantedColumn("Age Band", "text", "another heading for it", required=False),
)

DSR_DOBSON = Method(
    name="dsr_dobson",
    version="1.0.0",
    title="Directly standardised rate",
    says="The rate an area would have with the ages of a standard population, so that areas with many young people can "
    "be compared with others. Withheld below ten events. With f1, f2, … (people with 1, 2, … events) the limits allow "
    "for repeat victims. Without a standard it is the European Standard Population 2013.",
    source="Dobson, Kuulasmaa, Eberle and Scherer, Statistics in Medicine 10, 1991, pp. 457–462; Public Health England "
    "Technical Guide (PHEindicatormethods 2.1); Eurostat, Revision of the European Standard Population, 2013",
    inputs={
        "events": (
            *_AREA_AND_AGE,
            WantedColumn("count", "number", "events; missing is none", "events", gaps=True),
            WantedColumn("pop", "number", "persons of that age in the population named", "persons"),
            *_STANDARD_COLUMNS,
            *(WantedColumn(name, "number", f"people with just {name[1:]} events", "persons", required=False)
              for name in _REPEATS),
        ),
        "standard": (WantedColumn("ageband", "text", "such as 15-19"), *_STANDARD_COLUMNS),
    },
    optional_roles=("standard",),
    params=(CONFIDENCE, MULTIPLIER, YEARS, POPULATION),
    outputs=(
        Output("area", "text", "as given"),
        Output("total_count", "number", "events of all ages", "events"),
        Output("total_pop", "number", "persons of all ages", "persons"),
        Output("person_years", "number", "persons × length of the period", "person-years"),
        Output("value", "number", "the standardised rate; null below ten events"),
        *_LIMITS_OUT,
        Output("variance", "number", "of the value"),
        Output("statistic", "text", "what the value is"),
        Output("method", "text", "how the limits were made"),
        POPULATION_OUT,
    ),
    compute=_direct,
    assumes=(
        "Events and people are of the same ages, area and period.",
        "Without f1, f2, … no person is counted twice.",
        "The value compares areas; it is nobody's real rate.",
    ),
)  # fmt: skip


def _indirect(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    rows, years = _with_reference(frames["events"], frames.get("reference")), params["reference_years"]
    if "count" not in frames["events"].columns and "totals" not in frames:
        raise MissingColumn(
            "events: there is no column 'count', and no totals instead.",
            where="events, column count", found=", ".join(frames["events"].columns), expected="count, or input totals",
        )  # fmt: skip
    areas = rows["area"].unique(maintain_order=True)
    observed = _observed(rows, areas, frames.get("totals"))
    group = rows["area"].rle_id().cast(pl.Int64).to_numpy()
    events, people = rows["refcount"].to_numpy(), rows["refpop"].to_numpy() * years
    found = indirectly_standardised(observed, rows["pop"].to_numpy() * params["years"], events / people, group)
    overall = sums(group, events) / sums(group, people) * params["multiplier"]
    limits = {name: found.limits(level) for name, level in _levels(params).items()}
    table = pl.DataFrame({
        "area": as_given(areas), "observed": observed, "expected": found.expected, "ratio": found.ratio,
        "ratio_lowercl": limits["cl"].low, "ratio_uppercl": limits["cl"].high, "value": found.ratio * overall,
        **{f"lower{name}": each.low * overall for name, each in limits.items()},
        **{f"upper{name}": each.high * overall for name, each in limits.items()},
    }).with_columns(
        ref_rate=pl.Series(overall),
        method=pl.when(pl.col("observed") < FEW).then(pl.lit("Exact")).otherwise(pl.lit("Byars")),
        statistic=pl.lit(f"indirectly standardised rate per {per(params['multiplier'])}"),
        population=pl.lit(params["population"]),
    )  # fmt: skip
    return Answer(table, {"areas": table.height, **whose(params)})


def _with_reference(events: pl.DataFrame, reference: pl.DataFrame | None) -> pl.DataFrame:
    """Rows with the reference's events and people of their band (refcount, refpop): the role's, or the file's own."""
    counted = events if "count" in events.columns else events.with_columns(count=pl.lit(None, pl.Float64))
    if reference is not None:
        banded = reference.select(band=_band("ageband"), standard=pl.col("count").fill_null(0), refpop="pop")
        rows = _joined(_banded(counted.drop("refcount", "refpop", strict=False)), banded).rename(
            {"standard": "refcount"}
        )
    elif {"refcount", "refpop"} <= set(events.columns):
        rows = _banded(counted).with_columns(pl.col("refcount", "refpop").fill_null(0))
    else:
        raise MissingColumn(
            "There is no reference: give it as an input, or as columns refcount and refpop.",
            where="events", found=", ".join(events.columns), expected="--input reference=FILE, or refcount and refpop",
        )  # fmt: skip
    _every_band(rows)
    require(rows["refpop"].to_numpy() > 0, "nobody is at risk.", where="reference", expected="people above 0")
    return rows


def _observed(rows: pl.DataFrame, areas: pl.Series, totals: pl.DataFrame | None) -> NDArray[np.float64]:
    """Events of each area: the sum of its bands, or as the totals say where ages of the harmed are not known."""
    if totals is None:
        summed = rows.group_by("area", maintain_order=True).agg(pl.col("count").sum())
        return summed["count"].to_numpy()
    found = areas.to_frame().join(totals, on="area", how="left", maintain_order="left", nulls_equal=True)
    if found["observed"].null_count() or found.height != areas.len():
        raise UnfitNumbers(
            "Some areas have no total, or two.", where="totals", found=f"{totals.height} rows",
            expected=f"one for each of {areas.len()} areas",
        )  # fmt: skip
    return found["observed"].to_numpy()


INDIRECT = Method(
    name="indirectly_standardised_rate",
    version="1.0.0",
    title="Indirectly standardised ratio and rate",
    says="How many times the events that a reference's rates by age would give an area; and that ratio times the "
    "reference's rate. Works with few events, and where the ages of the harmed are not known (totals).",
    source="Breslow and Day, Statistical Methods in Cancer Research II, IARC, 1987, pp. 65–72; Public Health England "
    "Technical Guide (PHEindicatormethods 2.1, calculate_ISRate, calculate_ISRatio)",
    inputs={
        "events": (
            *_AREA_AND_AGE,
            WantedColumn("count", "number", "events; missing is none", "events", required=False),
            WantedColumn("pop", "number", "persons of that age in the population named", "persons"),
            WantedColumn("refcount", "number", "events of the reference, where it is no input", required=False),
            WantedColumn("refpop", "number", "persons of the reference, where it is no input", required=False),
        ),
        "reference": (
            WantedColumn("ageband", "text", "such as 15-19"),
            WantedColumn("count", "number", "events in the reference", "events", gaps=True),
            WantedColumn("pop", "number", "persons of that age in the reference", "persons"),
        ),
        "totals": (
            WantedColumn("area", "text", "name of the area", required=False),
            WantedColumn("observed", "number", "events of all ages, instead of count", "events"),
        ),
    },
    optional_roles=("reference", "totals"),
    params=(
        CONFIDENCE, MULTIPLIER, YEARS, POPULATION,
        Param("reference_years", "number", "length of the reference's period", 1.0, "years", 0.001, 200),
    ),
    outputs=(
        Output("area", "text", "as given"),
        Output("observed", "number", "events of all ages", "events"),
        Output("expected", "number", "events at the reference's rates", "events"),
        Output("ratio", "number", "observed over expected"),
        Output("ratio_lowercl", "number", "lower limit of the ratio at the confidence asked for"),
        Output("ratio_uppercl", "number", "upper limit of the ratio at the confidence asked for"),
        Output("ref_rate", "number", "rate of the reference, all ages", "as value"),
        Output("value", "number", "ratio × ref_rate, in the unit of `statistic`"),
        *_LIMITS_OUT,
        Output("method", "text", "which limits these are"),
        Output("statistic", "text", "what the value is"),
        POPULATION_OUT,
    ),
    compute=_indirect,
    assumes=(
        "Each area is compared with the reference, not with another area: two ratios weigh ages differently.",
        "The reference is so large that its own noise does not matter.",
        "No person is counted twice.",
    ),
)  # fmt: skip
