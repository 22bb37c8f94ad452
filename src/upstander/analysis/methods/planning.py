"""Methods to use before a project starts: could it show what it hopes for?"""

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.impact.detectable import smallest_detectable_fall
from upstander.analysis.impact.power import c_test, detectable_ratio, e_test, power_two_rates, ratio_limits
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn


def _e_test(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    pairs = frames["pairs"]
    if pairs.is_empty():
        raise TooFewPoints(where="pairs", found=0, needed=1)
    ones = pl.Series([1.0] * pairs.height)
    given = zip(
        pairs["k1"].to_list(), pairs["k2"].to_list(),
        (pairs["n1"].fill_null(1.0) if "n1" in pairs.columns else ones).to_list(),
        (pairs["n2"].fill_null(1.0) if "n2" in pairs.columns else ones).to_list(), strict=True,
    )  # fmt: skip
    difference, confidence = params["difference"], params["confidence"]
    found = []
    for k1, k2, n1, n2 in given:
        low, high = ratio_limits(k1, k2, n1, n2, confidence=confidence)
        found.append({
            "k1": k1, "k2": k2, "n1": n1, "n2": n2, "rate1": k1 / n1, "rate2": k2 / n2,
            "ratio": k1 / n1 / (k2 / n2) if k2 else None, "low": low, "high": high if high < inf else None,
            "p_e": e_test(k1, k2, n1, n2, difference=difference), "p_c": c_test(k1, k2, n1, n2),
        })  # fmt: skip
    schema = {"ratio": pl.Float64, "high": pl.Float64}
    return Answer(pl.DataFrame(found, schema_overrides=schema), {"pairs": len(found)})


E_TEST = Method(
    name="e_test",
    version="1.0.0",
    title="Do two rates of rare events differ? (E-test)",
    says="p of two Poisson counts, by estimated p-values and by the older conditional test, with exact limits of the "
    "ratio.",
    source="Krishnamoorthy and Thomson, J. Statistical Planning and Inference 119(1), 2004; Przyborowski and "
    "Wilenski, Biometrika 31, 1940",
    inputs={
        "pairs": (
            WantedColumn("k1", "integer", "events of the first", "events"),
            WantedColumn("k2", "integer", "events of the second", "events"),
            WantedColumn("n1", "number", "how long or among how many; 1 if missing", required=False),
            WantedColumn("n2", "number", "the same of the second", required=False),
        )
    },
    params=(
        Param("difference", "number", "rate 1 less rate 2 if nothing differs (E-test)", 0.0, "events per unit", -1e6,
              1e6),
        Param("confidence", "number", "chance that the limits hold the ratio", 0.95, least=0.5, most=0.999),
    ),
    outputs=(
        Output("k1", "integer", "as given", "events"),
        Output("k2", "integer", "as given", "events"),
        Output("n1", "number", "as given"),
        Output("n2", "number", "as given"),
        Output("rate1", "number", "k1 / n1", "events per unit"),
        Output("rate2", "number", "k2 / n2", "events per unit"),
        Output("ratio", "number", "rate 1 over rate 2; null where rate 2 is 0"),
        Output("low", "number", "lower limit of the ratio"),
        Output("high", "number", "upper limit of the ratio; null is without limit"),
        Output("p_e", "number", "two-sided, E-test"),
        Output("p_c", "number", "two-sided, conditional test"),
    ),
    compute=_e_test,
    assumes=("Each event happens independently of the others: not for groups injured together.",),
)  # fmt: skip


def _power(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    plans = frames["plans"]
    if plans.is_empty():
        raise TooFewPoints(where="plans", found=0, needed=1)
    names = plans["plan"].to_list() if "plan" in plans.columns else [f"plan {at + 1}" for at in range(plans.height)]
    ratios = plans["ratio"].to_list() if "ratio" in plans.columns else [None] * plans.height
    test, alpha, wanted = params["test"], params["alpha"], params["power"]
    rows = []
    for name, expected, comparison, ratio in zip(
        names, plans["expected"].to_list(), plans["comparison"].to_list(), ratios, strict=True
    ):
        found = power_two_rates(expected, comparison, 1.0 if ratio is None else ratio, alpha=alpha, test=test)
        least = detectable_ratio(expected, comparison, power=wanted, alpha=alpha, test=test)
        rows.append({
            "plan": name, "expected": expected, "comparison": comparison, "ratio": ratio,
            "power": None if ratio is None else found.power, "size": found.size,
            "detectable_fall": None if least is None else 1 - least, "says": sentence(least, wanted),
        })  # fmt: skip
    schema = {"ratio": pl.Float64, "power": pl.Float64, "detectable_fall": pl.Float64}
    return Answer(pl.DataFrame(rows, schema_overrides=schema), {"plans": len(rows)})


def sentence(ratio: float | None, power: float) -> str:
    """What a pilot can show, as it is printed before it starts."""
    if ratio is None:
        return f"This pilot cannot detect even an end to all events with {power:.0%} power. Make it longer or larger."
    return f"This pilot can detect a fall of {1 - ratio:.0%} with {power:.0%} power; it will miss most smaller ones."


POWER_TWO_RATES = Method(
    name="power_two_rates",
    version="1.0.0",
    title="What a pilot can show: exact power of two rates",
    says="The chance that a comparison of two counts shows a change, and the smallest fall it is likely to show.",
    source="Krishnamoorthy and Thomson, J. Statistical Planning and Inference 119(1), 2004, section 4",
    inputs={
        "plans": (
            WantedColumn("plan", "text", "its name", required=False),
            WantedColumn("expected", "number", "events expected with the project if it does nothing", "events"),
            WantedColumn("comparison", "number", "events expected where or when it is compared with", "events"),
            WantedColumn("ratio", "number", "rate hoped for over the rate without", required=False, gaps=True),
        )
    },
    params=(
        Param("power", "number", "chance of being found that is asked for", 0.8, least=0.5, most=0.99),
        Param("alpha", "number", "chance of a false alarm accepted, two-sided", 0.05, least=0.001, most=0.2),
        Param("test", "text", "e: E-test; c: conditional test", "e", choices=("e", "c")),
    ),
    outputs=(
        Output("plan", "text", "as given"),
        Output("expected", "number", "as given", "events"),
        Output("comparison", "number", "as given", "events"),
        Output("ratio", "number", "as given"),
        Output("power", "number", "exact chance that this ratio is found"),
        Output("size", "number", "exact chance of a false alarm"),
        Output("detectable_fall", "number", "smallest share fewer found with the power asked for; null for none"),
        Output("says", "text", "the same in a sentence"),
    ),
    compute=_power,
    assumes=(
        "Events are independent and no more variable than Poisson counts; where they are, power is less.",
        "The expected numbers are right; take them from several years, not from the peak that drew attention.",
    ),
)  # fmt: skip


def _pilot(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    before = frames["series"]["count"].cast(pl.Float64).to_numpy()
    found = smallest_detectable_fall(
        before, params["periods"], season=params["season"], pairs=params["pairs"], power=params["power"],
        alpha=params["alpha"], pilots=params["pilots"], seed=seed,
    )  # fmt: skip
    rows = pl.DataFrame(found.curve, schema=["fall", "found"], orient="row")
    summary = {
        "detectable_fall": found.fall, "expected_events": found.expected, "false_alarms": found.false_alarms,
        "theta": found.theta,
        "says": sentence(None if found.fall is None else 1 - found.fall, params["power"]),
    }  # fmt: skip
    error = float(np.sqrt(params["power"] * (1 - params["power"]) / params["pilots"]))
    return Answer(rows, summary, (f"Shares are of {params['pilots']} made pilots: give or take {2 * error:.0%}.",))


PILOT_POWER = Method(
    name="pilot_power",
    version="1.0.0",
    title="What a pilot can show: interrupted time series",
    says="Makes many pilots from what the counts were like before, and finds the smallest fall that "
    "`interrupted_time_series` would show.",
    source="Zhang, Wagner and Ross-Degnan, J. Clinical Epidemiology 64(11), 2011",
    inputs={
        "series": (WantedColumn("count", "integer", "events a period before the start, in order", "events"),),
    },
    params=(
        Param("count", "text", "heading of the column with the events", "count"),
        Param("periods", "integer", "how long the pilot runs", 26, "periods", 4, 520),
        Param("season", "number", "periods a year", 365.25 / 7, "periods", 2, 366),
        Param("pairs", "integer", "sine and cosine pairs of the season", 2, least=0, most=6),
        Param("power", "number", "chance of being found that is asked for", 0.8, least=0.5, most=0.99),
        Param("alpha", "number", "chance of a false alarm accepted, two-sided", 0.05, least=0.001, most=0.2),
        Param("pilots", "integer", "made pilots", 500, least=100, most=5000),
    ),
    outputs=(
        Output("fall", "number", "share fewer events"),
        Output("found", "number", "share of made pilots in which it comes out significant"),
    ),
    compute=_pilot,
    assumes=(
        "Weeks depend on one another no more than season and trend say.",
        "The place was not chosen at its peak; if it was, part of any fall is regression to the mean.",
    ),
)  # fmt: skip
