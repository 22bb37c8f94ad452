"""A method that says what a few fields of a person can tell apart."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.measures.granularity import (
    chance_agreements,
    collisions,
    false_match_rate,
    hiding,
)
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn

_FIELDS = ("place", "age", "sex", "other")


def _granularity(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    told = frames["rows"].drop_nulls()
    if told.height < 2:
        raise TooFewPoints(where="rows", found=told.height, needed=2)
    fields = [name for name in _FIELDS if name in told.columns]
    chances = collisions(told, fields)
    every = told.height * (told.height - 1) / 2
    hidden = [hiding(told.group_by(names.split(" + ")).len()["len"].to_numpy()) for names in chances["fields"]]
    others = [chance_agreements(chance * every, told.height) for chance in chances["collision"]]
    rows = chances.with_columns(
        others=pl.Series(others),
        false_match_rate=pl.Series([false_match_rate(one, params["overlap"]) for one in others]),
        groups=pl.Series([round(one.groups) for one in hidden]), smallest=pl.Series([one.smallest for one in hidden]),
        alone=pl.Series([round(one.alone) for one in hidden]),
        below_5=pl.Series([round(one.below_5) for one in hidden]),
        below_10=pl.Series([round(one.below_10) for one in hidden]),
        prosecutor=pl.Series([one.prosecutor for one in hidden]),
    )  # fmt: skip
    left_out = frames["rows"].height - told.height
    warnings = [f"{left_out} rows do not tell every field and were left out."] if left_out else []
    return Answer(rows, {"rows": told.height, "left_out": left_out}, tuple(warnings))


GRANULARITY = Method(
    name="granularity",
    version="1.0.0",
    title="What part of a postcode, age band and sex can tell apart",
    says="For every set of up to four fields: how often two different rows agree by chance, the share of links that "
    "would be wrong, and how rows hide (k-anonymity). What makes links right makes people easy to find.",
    source="Fellegi and Sunter, 1969 (chance agreement); Samarati and Sweeney, 1998 (k-anonymity); El Emam and "
    "Dankar, 2008 (prosecutor risk)",
    inputs={
        "rows": (
            WantedColumn("place", "text", "where, at the grain that is asked about", gaps=True),
            WantedColumn("age", "text", "age or band", required=False),
            WantedColumn("sex", "text", "sex", required=False),
            WantedColumn("other", "text", "any further field, such as ethnic group or week", required=False),
        )
    },
    params=(
        Param("overlap", "number", "share of rows that have a counterpart in the other file", 0.4, "share", 0.001, 1),
    ),
    outputs=(
        Output("fields", "text", "what is known of a row"),
        Output("collision", "number", "chance that two different rows agree", "share"),
        Output("product", "number", "that chance, were the fields independent", "share"),
        Output("others", "number", "other rows that agree with one by chance, in a file as large", "rows"),
        Output("false_match_rate", "number", "wrong links among all links", "share"),
        Output("groups", "integer", "groups of rows that are alike"),
        Output("smallest", "integer", "k: the smallest group", "rows"),
        Output("alone", "integer", "rows that nobody is like", "rows"),
        Output("below_5", "integer", "rows in groups of fewer than five", "rows"),
        Output("below_10", "integer", "rows in groups of fewer than ten", "rows"),
        Output("prosecutor", "number", "mean of 1/k over the rows", "share"),
    ),
    compute=_granularity,
)
