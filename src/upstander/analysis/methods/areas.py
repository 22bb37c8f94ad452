"""Methods that set areas beside one another: smoothed rates and funnels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import UnfitNumbers
from upstander.analysis.measures.funnel import Funnel, funnel, signals
from upstander.analysis.measures.smoothing import smoothed_globally, smoothed_locally
from upstander.analysis.methods.denominators import POPULATION
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn


def _smoothed(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    areas = frames["areas"]
    events, people = areas["events"].to_numpy(), areas["population"].to_numpy()
    everywhere = smoothed_globally(events, people)
    local = pl.lit(None, pl.Float64)
    summary = {
        "a": float(everywhere.between[0]), "b": float(everywhere.mean[0]), "areas": areas.height,
        "population": params["population"],
    }  # fmt: skip
    warnings = []
    if "neighbours" in frames:
        left, right = _pairs(areas["i"], frames["neighbours"])
        local = pl.lit(smoothed_locally(events, people, left, right).rate)
        summary["links"] = left.size
        alone = areas.height - np.unique(left).size
        if alone:
            warnings.append(f"{alone} areas have no neighbour: their local rate is their own.")
    if summary["a"] == 0:
        warnings.append("Areas differ no more than chance gives: every area has the mean.")
    rows = areas.with_columns(
        as_given(areas["i"]), raw=pl.col("events") / pl.col("population"), eb_global=everywhere.rate, eb_local=local
    )
    return Answer(rows, summary, tuple(warnings))


def _pairs(names: pl.Series, pairs: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of neighbours, each pair in both directions once, none with itself."""
    if names.is_duplicated().any():
        raise UnfitNumbers("An area stands twice.", where="areas, column i", expected="each area once")
    number = pl.DataFrame({"name": names, "at": range(names.len())})
    ends = [
        pairs.select(name=end).join(number, on="name", how="left", maintain_order="left")["at"] for end in ("i", "j")
    ]
    lost = ends[0].is_null() | ends[1].is_null()
    if lost.any():
        row = int(lost.arg_true()[0]) + 1
        raise UnfitNumbers(
            f"neighbours, row {row} names an area that is not among the areas.",
            where=f"neighbours, row {row}", found="an unknown area", expected="areas of the first input",
        )  # fmt: skip
    one, other = (end.to_numpy() for end in ends)
    both = np.unique(np.concatenate([one * names.len() + other, other * names.len() + one]))
    left, right = both // names.len(), both % names.len()
    return left[left != right], right[left != right]


EB_SMOOTHING = Method(
    name="empirical_bayes_smoothing",
    version="1.0.0",
    title="Smoothed rates (empirical Bayes)",
    says="Rates of areas with few people swing by chance; drawn towards the rate of all areas, or of the areas around, "
    "they err less over all. A smoothed rate has no interval here, and never says that an area is low or high.",
    source="Marshall, Applied Statistics 40(2), 1991, pp. 283–294; as EBest and EBlocal of R's spdep 1.2-7",
    inputs={
        "areas": (
            WantedColumn("i", "text", "name of the area"),
            WantedColumn("events", "number", "events there, none is 0", "events"),
            WantedColumn("population", "number", "persons (or person-years) of the population named", "persons"),
        ),
        "neighbours": (
            WantedColumn("i", "text", "an area"),
            WantedColumn("j", "text", "an area that touches it"),
        ),
    },
    optional_roles=("neighbours",),
    params=(POPULATION,),
    outputs=(
        Output("i", "text", "as given"),
        Output("events", "number", "as given", "events"),
        Output("population", "number", "as given", "persons"),
        Output("raw", "number", "events over population", "per person"),
        Output("eb_global", "number", "drawn towards the rate of all areas", "per person"),
        Output("eb_local", "number", "drawn towards that of the area and its neighbours; null without",
               "per person"),
    ),
    compute=_smoothed,
    assumes=(
        "Events are Poisson about each area's own rate; repeat victims make areas look more alike or less at random.",
        "Areas are exchangeable (global), or alike to those around (local): a lone hot spot is drawn down.",
    ),
)  # fmt: skip


def _funnel(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    areas = frames["areas"]
    found = funnel(
        areas["events"].to_numpy(), areas["base"].to_numpy(), kind=params["kind"], target=params["target"],
        how=params["limits"], spread=params["overdispersion"], scale=params["scale"], tails=params["tails"],
        tail_rule=params["tail_rule"],
    )  # fmt: skip
    name = areas["area"] if "area" in areas.columns else pl.Series("area", range(1, areas.height + 1), dtype=pl.String)
    per = params["multiplier"]
    rows = areas.with_columns(
        as_given(name).alias("area"), value=found.value * per, target=pl.lit(found.target * per), z=found.z,
        p_low=found.p_low, p_high=found.p_high, signal=pl.Series(signals(found.p_low, found.p_high)),
        **{f"lower_{level}": limits.low * per for level, limits in found.limits.items()},
        **{f"upper_{level}": limits.high * per for level, limits in found.limits.items()},
    )  # fmt: skip
    summary = {
        "areas": rows.height, "target": found.target * per, "phi": found.dispersion.phi, "tau2": found.dispersion.tau2,
        "signals_95": int((rows["signal"] != "none").sum()),
        "signals_998": int(rows["signal"].str.ends_with("998").sum()), "population": params["population"],
    }  # fmt: skip
    return Answer(rows, summary, tuple(_funnel_doubts(found, params["overdispersion"], params["tail_rule"])))


def _funnel_doubts(found: Funnel, spread: str, tail_rule: str) -> list[str]:
    if spread == "none":
        return ["Of areas that differ by chance alone, up to 5% lie beyond the 95% limits: use 99.8% to name one."]
    if not found.dispersion.is_more:
        return ["Areas differ no more than chance gives: limits are those of chance, normal on the scale."]
    if tail_rule != "made good":
        return ["Tails are drawn in as published: of areas that differ at random, one in ten lies beyond 95%."]
    return []


FUNNEL_LIMITS = Method(
    name="funnel_limits",
    version="1.0.0",
    title="Funnel limits",
    says="Whether an area is further from the rest than chance takes an area of its size. Limits are wide where few "
    "events are expected. Where areas differ for many reasons, overdispersion can be allowed for. A signal is "
    "judged by its exact chance, which a drawn limit between two counts is not.",
    source="Spiegelhalter, Statistics in Medicine 24, 2005, pp. 1185–1202 (appendix A); inverted limits: NHS-R "
    "FunnelPlotR; normal limits of a proportion: Public Health England funnels",
    inputs={
        "areas": (
            WantedColumn("area", "text", "name of the area; its position where there is none", required=False),
            WantedColumn("events", "number", "events there; the parameter `events` names another heading", "events"),
            WantedColumn("base", "number", "expected events, person-years, or out of how many; the parameter `base` "
                         "names another heading"),
        )
    },
    params=(
        Param("events", "text", "heading of the column with the events", "events"),
        Param("base", "text", "heading of the column with the base", "base"),
        Param("kind", "text", "what the base is: expected events, person-years, out of how many", "rate",
              choices=("ratio", "rate", "proportion")),
        Param("target", "number", "0: 1 for a ratio, else all events over all base", 0, least=0, most=1e9),
        Param("multiplier", "number", "values are per so many", 1, least=1e-9, most=1e9),
        Param("limits", "text", "interpolated quantiles, inverted, or normal", "quantile",
              choices=("quantile", "inverted", "normal")),
        Param("overdispersion", "text", "none, variance multiplied by phi, or tau² added", "none",
              choices=("none", "multiplied", "added")),
        Param("scale", "text", "of scores where overdispersion is allowed for", "root", choices=("root", "log")),
        Param("tails", "number", "share of scores drawn in at each end for phi", 0.1, "share", 0, 0.4),
        Param("tail_rule", "text", "what becomes of the tails", "drawn in",
              choices=("drawn in", "made good", "left out")),
        POPULATION,
    ),
    outputs=(
        Output("area", "text", "as given"),
        Output("events", "number", "as given", "events"),
        Output("base", "number", "as given"),
        Output("value", "number", "events over base × multiplier"),
        Output("target", "number", "what chance is about", "as value"),
        Output("lower_95", "number", "lower 95% limit", "as value"),
        Output("upper_95", "number", "upper 95% limit", "as value"),
        Output("lower_998", "number", "lower 99.8% limit", "as value"),
        Output("upper_998", "number", "upper 99.8% limit", "as value"),
        Output("z", "number", "distance from the target in standard deviations"),
        Output("p_low", "number", "chance of so few or fewer"),
        Output("p_high", "number", "chance of so many or more"),
        Output("signal", "text", "high_998, high_95, low_998, low_95 or none"),
    ),
    compute=_funnel,
    assumes=(
        "The base is right: a centre with many visitors and few residents is high for that alone.",
        "Events are independent, unless overdispersion is allowed for.",
        "Overdispersion allowed for hides what all areas share: it names only what is odd among them.",
    ),
)  # fmt: skip
