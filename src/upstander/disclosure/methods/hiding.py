"""Which cells of a table to hide, and what shown counts become."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.methods import Answer, Method, Output, Param
from upstander.disclosure.attack import attack
from upstander.disclosure.bounds import Wanted, reach
from upstander.disclosure.cubes import Cube
from upstander.disclosure.methods.tables import INPUTS, OPTIONAL, PARAMS, Given, given
from upstander.disclosure.protecting import protect_cube
from upstander.disclosure.suppression import Problem, complementary
from upstander.disclosure.types import Numbers
from upstander.errors import NotAcceptable


def _suppression(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    table = given(frames, params)
    if table.cube.cells["count"].null_count():
        raise NotAcceptable(
            "table: a count is missing.",
            where="table, column count",
            found="an empty cell",
            expected="every true count",
        )
    return _by_distance(table, params) if params["protection"] else _by_rule(table, params)


def _by_rule(table: Given, params: Mapping[str, Any]) -> Answer:
    """As a release does it: every hidden count can still be as many numbers as its rule hides."""
    few = int(params["suppress_up_to"])
    has_persons = table.cube.cells["persons"].null_count() < table.cube.cells.height
    base, no_group = int(params["round_to"]), bool(params["no_group"])
    rule = CountRule("asked for", "", few, base, of_persons=has_persons, no_group=no_group)
    publication = protect_cube(Cube(table.cube.dimensions, table.cube.cells, table.cube.hierarchies), rule)
    found = attack([publication])
    cells = publication.cells.join(table.cube.cells, on=table.cube.dimensions, how="left", maintain_order="left")
    is_hidden = pl.col("why").is_not_null()
    for_itself = is_hidden & ~pl.col("why").is_in(["others", "withdrawn"])
    role = (
        pl.when(for_itself).then(pl.lit("primary")).when(is_hidden).then(pl.lit("secondary")).otherwise(pl.lit("shown"))
    )
    rows = cells.select(cell=pl.Series(table.names), count="count", value="value", role=role)
    return _answer(rows, exposed=found.exposed.height, is_optimal=None)


def _by_distance(table: Given, params: Mapping[str, Any]) -> Answer:
    """As the handbook has it: each primary cell can be so far below and above its count, whatever is shown."""
    cells, far = table.cube.cells, float(params["protection"])
    counts = cells["count"].to_numpy().astype(np.float64)
    primary = cells["is_primary"].to_numpy()
    if not primary.any():
        primary = (counts > 0) & (counts <= params["suppress_up_to"])
    may = ~primary & (counts > 0)
    limit = 4 * (counts.sum() + 1_000.0)
    low, high = np.where(primary, 0.0, counts), np.where(primary, limit, counts)
    hidden = np.where(may, 0.0, low), np.where(may, limit, high)
    targets = np.flatnonzero(primary)
    wanted = Wanted(targets, np.ones(len(targets)), np.maximum(counts[targets] - far, 0), counts[targets] + far)
    problem = Problem(table.linked.sums, (low, high), hidden, _cost(table, counts, params), may, wanted)
    choice = complementary(problem)
    left = reach(problem.sums, *problem.ranges(choice.hide.astype(np.float64)), wanted)
    value = np.where(primary | choice.hide, np.nan, counts)
    role = np.where(primary, "primary", np.where(choice.hide, "secondary", "shown"))
    rows = pl.DataFrame({
        "cell": table.names, "count": cells["count"], "value": pl.Series(value).fill_nan(None), "role": role.tolist()
    })  # fmt: skip
    return _answer(rows, exposed=int((~left.met).sum()), is_optimal=choice.is_optimal)


def _cost(table: Given, counts: Numbers, params: Mapping[str, Any]) -> Numbers:
    stated = table.cube.cells["cost"].fill_null(np.nan).to_numpy()
    usual = np.ones(len(counts)) if params["cost"] == "cells" else counts if params["cost"] == "counts" else 1 + counts
    return np.where(np.isnan(stated), usual, stated)


def _answer(rows: pl.DataFrame, *, exposed: int, is_optimal: bool | None) -> Answer:
    def size(role: str) -> int:
        return rows.filter(role=role).height

    lost = rows.filter(role="secondary")["count"].sum()
    summary = {
        "cells": rows.height, "primary": size("primary"), "secondary": size("secondary"), "shown": size("shown"),
        "count_hidden_for_others": int(lost or 0), "exposed": exposed, "is_optimal": is_optimal,
    }  # fmt: skip
    warnings = (f"{exposed} hidden cells can still be worked out.",) if exposed else ()
    return Answer(rows, summary, warnings)


SUPPRESSION = Method(
    name="suppression",
    version="1.0.0",
    title="Which cells to hide",
    says="Small counts are hidden, and the cheapest further cells so that no sum gives them back. "
    "The result is attacked.",
    source="Fischetti & Salazar, Solving the cell suppression problem on tabular data with linear constraints, "
    "Management Science 47, 2001",
    inputs=INPUTS,
    optional_roles=OPTIONAL,
    params=(
        *PARAMS,
        Param("suppress_up_to", "integer", "the largest count that is hidden for itself", 4, "count", 0, 1_000_000),
        Param("round_to", "integer", "the base to which shown counts are rounded", 1, "count", 1, 1_000_000),
        Param("no_group", "boolean", "hide a count that makes up all of a sum", False),  # noqa: FBT003 # the default
        Param(
            "protection", "number",
            "0: each hidden count can still be every number from 1 to suppress_up_to, even to who knows which cells "
            "are small. Else: how far below and above its count each must reach, to who knows that none is negative",
            0.0, "count", 0, 1_000_000,
        ),
        Param(
            "cost", "text", "with protection: what a hidden cell loses", "both", choices=("both", "counts", "cells"),
        ),
    ),
    outputs=(
        Output("cell", "text", "the cell: its values, joined by |"),
        Output("count", "integer", "its true count", "count"),
        Output("value", "number", "what is shown; absent: hidden", "count"),
        Output("role", "text", "primary: hidden for itself; secondary: hidden to protect others; shown"),
    ),
    compute=_suppression,
    assumes=("Every sum that readers know is in the table, the hierarchies or the linked tables.",),
)  # fmt: skip
