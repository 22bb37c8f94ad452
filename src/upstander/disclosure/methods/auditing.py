"""The attack on a table that somebody else protected."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.contracts.methods import OTHERS, Answer, Method, Output, Param, WantedColumn
from upstander.disclosure.bounds import Free, Wanted, reach, whole_numbers
from upstander.disclosure.methods.tables import INPUTS, OPTIONAL, PARAMS, Given, given, patterns
from upstander.disclosure.programmes import SLACK, Programme
from upstander.disclosure.types import Flags, Numbers

_WHOLE_CELLS = 400  # connected hidden cells up to which integer programmes are asked too
_ROOM = 1_000.0


def _audit(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    table = given(frames, params)
    names = np.array(table.names)
    hidden = {"": table.cube.cells["is_hidden"].to_numpy()}
    named = patterns(frames.get("patterns"), table)
    if named:
        hidden = {name: np.isin(names, cells) for name, cells in named.items()}
    told = [_told(table, name, flags, params) for name, flags in hidden.items()]
    rows = pl.concat(told)
    pinned = int((rows["values"] == 1).sum())
    exposed = int(rows["is_exposed"].sum())
    summary = {
        "cells": len(names), "sums": table.linked.says.height, "hidden": rows.height, "pinned": pinned,
        "exposed": exposed, "is_safe": exposed == 0, "narrowest": rows["values"].min(),
    }  # fmt: skip
    warnings = () if rows.height else ("No cell of the table is hidden, so there is nothing to attack.",)
    return Answer(rows, summary, warnings)


def _told(table: Given, name: str, flags: Flags, params: Mapping[str, Any]) -> pl.DataFrame:
    cells = table.cube.cells
    low, high, limit = ranges(table, flags, params)
    targets = np.flatnonzero(flags)
    need = float(params["width"] or max(params["suppress_up_to"], 2))
    found = reach(table.linked.sums, low, high, Wanted.widths(targets, np.full(len(targets), np.inf)))
    least, most = found.least[targets], found.most[targets]
    whole = whole_bounds(table, low, high, targets)
    is_limited = most < limit / 2
    values = whole_numbers(np.fmax(whole[0], least), np.fmin(whole[1], most))
    true = cells["count"].to_numpy()[targets] if cells["count"].null_count() == 0 else None
    protection = float(params["protection"])
    is_near = np.zeros(len(targets), np.bool_)
    if true is not None and protection:
        is_near = (most < true + protection - SLACK) | (least > np.maximum(true - protection, 0) + SLACK)
    return pl.DataFrame({
        "pattern": [name] * len(targets),
        "cell": np.array(table.names)[targets].tolist(),
        "true": cells["count"].gather(targets.tolist()).cast(pl.Float64),
        "low": least, "high": _limited(most, is_limited),
        "whole_low": _limited(whole[0], ~np.isnan(whole[0])),
        "whole_high": _limited(whole[1], ~np.isnan(whole[1]) & (whole[1] < limit / 2)),
        "values": _limited(values, is_limited).cast(pl.Int64),
        "is_pinned": values == 1,
        "is_exposed": (values < need) | is_near,
    }, schema_overrides={"pattern": pl.String, "cell": pl.String})  # fmt: skip


def _limited(values: Numbers, is_limited: Flags) -> pl.Series:
    return pl.Series(
        [value if kept else None for value, kept in zip(values.tolist(), is_limited, strict=True)], dtype=pl.Float64
    )


def ranges(table: Given, hidden: Flags, params: Mapping[str, Any]) -> tuple[Numbers, Numbers, float]:
    """What each cell can be on its own where some are hidden, and the number that stands for no limit."""
    cells, few = table.cube.cells, float(params["suppress_up_to"])
    counts = cells["count"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    base = float(params["round_to"])
    shown = np.floor(counts / base + 0.5) * base if base > 1 else counts
    low, high = shown - base // 2, shown + (base - 1) // 2
    low, high = np.where(shown == 0, 0.0, low), np.where(shown == 0, 0.0 if few >= (base - 1) // 2 else high, high)
    if base > 1:
        low = np.where(shown > 0, np.maximum(low, few + 1), low)
    limit = 4 * (float(np.nansum(high[~hidden])) + _ROOM)
    is_small = cells["is_primary"].to_numpy() | (counts <= few)
    least = (
        np.where(is_small, 1.0, few + 1.0) if params["knows_rule"] else np.full(len(counts), float(params["at_least"]))
    )
    most = np.where(is_small & (few > 0), few, limit) if params["knows_rule"] else np.full(len(counts), limit)
    return np.where(hidden, least, low), np.where(hidden, most, high), limit


def whole_bounds(table: Given, low: Numbers, high: Numbers, targets: np.ndarray[Any, Any]) -> tuple[Numbers, Numbers]:
    """Bounds over whole-number tables, by integer programmes in each connected part that is not too large; else NaN."""
    least, most = np.full(len(targets), np.nan), np.full(len(targets), np.nan)
    place = {int(target): number for number, target in enumerate(targets)}
    for part, cells in Free.of(table.linked.sums, low, high).parts(targets):
        if len(part.cells) > _WHOLE_CELLS:
            continue
        programme = Programme(part.rows, part.low, part.high, row_low=part.right, row_high=part.right, whole=True)
        for target in cells:
            cost = (part.cells == target).astype(np.float64)
            at = place[int(target)]
            least[at] = np.round(programme.least(cost) @ cost)
            most[at] = np.round(programme.least(-cost) @ cost)
    return least, most


PATTERNS = (
    WantedColumn("pattern", "text", "the pattern's name, if there are several", required=False),
    WantedColumn("patterns", "text", "JSON: names, and lists of cells", required=False),
    WantedColumn(OTHERS, "text", "the dimensions of a hidden cell"),
)
ATTACKER = (
    Param(
        "suppress_up_to",
        "integer",
        "the largest count that the table hides for itself; 0: not known",
        0,
        "count",
        0,
        1_000_000,
    ),
    Param("round_to", "integer", "the base to which shown counts are rounded", 1, "count", 1, 1_000_000),
    Param("knows_rule", "boolean", "whether the attacker knows which hidden cells are small", False),  # noqa: FBT003 # the default
    Param("at_least", "number", "the least that a hidden cell can be, to who does not know the rule", 0.0, "count"),
)

AUDIT = Method(
    name="sdc_audit_intervals",
    version="1.0.0",
    title="What can be worked out of a protected table",
    says="The least and the most that each hidden cell can be, given all that is shown, by linear and integer "
    "programmes. Asks nothing of how the pattern was made, so it judges any.",
    source="Fischetti & Salazar, Solving the cell suppression problem on tabular data with linear constraints, "
    "Management Science 47, 2001, attacker's problems",
    inputs={**INPUTS, "patterns": PATTERNS},
    optional_roles=(*OPTIONAL, "patterns"),
    params=(
        *PARAMS, *ATTACKER,
        Param("width", "integer", "how many whole numbers a hidden cell must still be able to be; 0: as many as are "
              "hidden, at least 2", 0, "count", 0, 1_000_000),
        Param("protection", "number", "how far below and above its true count each must reach; 0: not asked", 0.0,
              "count", 0, 1_000_000),
    ),
    outputs=(
        Output("pattern", "text", "the pattern's name"),
        Output("cell", "text", "the hidden cell: its values, joined by |"),
        Output("true", "number", "its count, if told", "count"),
        Output("low", "number", "the least it can be", "count"),
        Output("high", "number", "the most it can be; absent: no limit", "count"),
        Output("whole_low", "number", "the least in tables of whole numbers; absent: too many cells hang together"),
        Output("whole_high", "number", "the most in tables of whole numbers"),
        Output("values", "integer", "how many whole numbers it can be; absent: no limit"),
        Output("is_pinned", "boolean", "whether only one number fits"),
        Output("is_exposed", "boolean", "whether it is narrower than asked"),
    ),
    compute=_audit,
    assumes=(
        "Every sum that holds is in the table, the hierarchies or the linked tables: the attack knows no others.",
        "Readers know nothing else of the hidden cells.",
    ),
)  # fmt: skip
