"""What rates are per: the population named in every output, the period's length, the multiplier, the confidence."""

from collections.abc import Mapping
from typing import Any

from upstander.contracts.methods import Output, Param

CONFIDENCE = Param(
    "confidence", "number", "chance that an interval made so holds the true value", 0.95, least=0.5, most=0.9999
)
MULTIPLIER = Param("multiplier", "number", "the rate is per so many person-years", 100_000, "person-years", 1e-9, 1e9)
YEARS = Param("years", "number", "length of the period that the events are of", 1.0, "years", 0.001, 200)
POPULATION = Param(
    "population", "text", "who the denominator counts: where people come to work or go out, residents mislead",
    "resident", choices=("resident", "workday", "visitor", "other"),
)  # fmt: skip
POPULATION_OUT = Output("population", "text", "who the denominator counts")
PERSON_YEARS_OUT = Output("person_years", "number", "persons × length of the period", "person-years")


def whose(params: Mapping[str, Any]) -> dict[str, Any]:
    """The population and the period, as every summary of rates names them."""
    return {"population": params["population"], "years": params["years"]}


def per(multiplier: float) -> str:
    """A multiplier as written in words: 100000, not 100000.0."""
    return f"{multiplier:.0f}" if multiplier == int(multiplier) else f"{multiplier:g}"
