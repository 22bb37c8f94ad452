"""Methods about cells and the cells around them, judged by conditional permutations."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from upstander.analysis.hotspots.gi_star_permutations import gi_star_permuted
from upstander.analysis.hotspots.local_moran import local_moran
from upstander.analysis.methods.cells import CELLS, VALUE, alone_warning, neighbours_of
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, Param

_Q = Param("q", "number", "share of false discoveries accepted", 0.05, least=0.001, most=0.5)
_DEALS = Param("permutations", "integer", "times the other cells' values are dealt anew", 9999, least=99, most=200_000)
_ASSUMES = (
    "Under chance every arrangement is as likely; rates of few people vary more, so smooth them or give counts first.",
    "All cells share the same deals, so their p-values err together, by about √(p ÷ permutations).",
)


def _gi_permuted(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    cells = frames["values"]
    neighbours = neighbours_of(cells, frames.get("neighbours"))
    found = gi_star_permuted(
        cells["value"].to_numpy(), neighbours, permutations=params["permutations"], q=params["q"], seed=seed
    )
    rows = pl.DataFrame({
        "i": as_given(cells["i"]), "gi_star_z": found.z_star, "gi_z": found.z, "z_sim": found.z_sim,
        "p_high": found.p_high, "p_low": found.p_low, "p_folded": found.p_folded, "p_two_sided": found.p_two_sided,
        "p_fdr_bh": found.p_bh, "is_hot": found.is_hot, "is_cold": found.is_cold,
    })  # fmt: skip
    summary = {
        "cells": cells.height, "links": neighbours.left.size, "hot_cells": int(found.is_hot.sum()),
        "cold_cells": int(found.is_cold.sum()), "permutations": params["permutations"],
    }  # fmt: skip
    return Answer(rows, summary, (*_too_few(cells.height, params), *alone_warning(neighbours)))


def _too_few(cells: int, params: Mapping[str, Any]) -> tuple[str, ...]:
    """A warning where a lone cell could never be a discovery, however high it stands."""
    needed = int(2 * cells / params["q"])
    if params["permutations"] + 1 >= needed:
        return ()
    return (f"With {cells} cells a lone cell needs {needed:,} permutations to be a discovery.",)


GI_STAR_PERMUTATIONS = Method(
    name="gi_star_permutations",
    version="1.0.0",
    title="Hot and cold cells (Gi*, conditional permutations)",
    says="Gi* judged by dealing the other cells' values anew, as other software does, with ties counted in both tails. "
    "Use gi_star to name hot spots of counts: its chances are exact and a busy place hides no other.",
    source="Ord and Getis, Geographical Analysis 27(4), 1995; Anselin, Geographical Analysis 27(2), 1995; Benjamini "
    "and Hochberg, J. Royal Statistical Society B 57(1), 1995",
    inputs=CELLS,
    optional_roles=("neighbours",),
    params=(VALUE, _Q, _DEALS),
    outputs=(
        Output("i", "text", "as given"),
        Output("gi_star_z", "number", "z of Gi*, the cell counted"),
        Output("gi_z", "number", "z of Gi, the cell left out"),
        Output("z_sim", "number", "the sum found against mean and spread of the deals"),
        Output("p_high", "number", "chance of a sum this high or higher"),
        Output("p_low", "number", "chance of a sum this low or lower"),
        Output("p_folded", "number", "the smaller of the two"),
        Output("p_two_sided", "number", "twice the smaller"),
        Output("p_fdr_bh", "number", "p_two_sided adjusted by Benjamini and Hochberg"),
        Output("is_hot", "boolean", "a discovery at q, high"),
        Output("is_cold", "boolean", "a discovery at q, low"),
    ),
    compute=_gi_permuted,
    assumes=_ASSUMES,
)


def _moran(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    cells = frames["values"]
    neighbours = neighbours_of(cells, frames.get("neighbours"))
    found = local_moran(
        cells["value"].to_numpy(), neighbours, is_row_standardised=params["weights"] == "row",
        permutations=params["permutations"], q=params["q"], seed=seed,
    )  # fmt: skip
    columns = (
        "i_n", "i_n_1", "expected", "variance", "z", "p_normal", "expected_total", "variance_total", "z_total", "p",
        "p_folded", "p_bh", "is_discovery",
    )  # fmt: skip
    rows = pl.DataFrame({
        "i": as_given(cells["i"]), **{name: getattr(found, name) for name in columns},
        "quadrant": pl.Series(found.quadrant, dtype=pl.String),
    })  # fmt: skip
    named = rows.filter("is_discovery")["quadrant"].value_counts().sort("quadrant").iter_rows()
    summary = {
        "cells": cells.height, "links": neighbours.left.size, "global_i": found.global_i,
        "discoveries": int(found.is_discovery.sum()),
        **{str(quadrant).replace("-", "_"): many for quadrant, many in named},
    }  # fmt: skip
    return Answer(rows, summary, (*_too_few(cells.height, params), *alone_warning(neighbours)))


LOCAL_MORAN = Method(
    name="local_moran",
    version="1.0.0",
    title="Local Moran's I",
    says="Which cells are like those around them (high among high, low among low) and which stand apart (high among "
    "low, low among high).",
    source="Anselin, Geographical Analysis 27(2), 1995; Sokal, Oden and Thomson, Geographical Analysis 30(4), 1998; "
    "i_n as R's spdep, i_n_1 as esda",
    inputs=CELLS,
    optional_roles=("neighbours",),
    params=(
        VALUE,
        Param("weights", "text", "1 ÷ neighbours (row), or 1 (binary)", "row", choices=("row", "binary")),
        _Q, _DEALS,
    ),
    outputs=(
        Output("i", "text", "as given"),
        Output("i_n", "number", "local I, divided by the variance over n"),
        Output("i_n_1", "number", "local I, divided by the variance over n - 1"),
        Output("expected", "number", "of i_n, the cell's own value held"),
        Output("variance", "number", "of i_n, the cell's own value held"),
        Output("z", "number", "i_n against those two"),
        Output("p_normal", "number", "of z, two-sided, as a normal score"),
        Output("expected_total", "number", "of i_n, all values dealt anew"),
        Output("variance_total", "number", "of i_n, all values dealt anew"),
        Output("z_total", "number", "i_n against those two"),
        Output("p", "number", "two-sided, from deals of the others' values"),
        Output("p_folded", "number", "the smaller tail alone"),
        Output("p_bh", "number", "p adjusted by Benjamini and Hochberg"),
        Output("is_discovery", "boolean", "p_bh at or under q"),
        Output("quadrant", "text", "own value, then the neighbours' mean, against the mean of all"),
    ),
    compute=_moran,
    assumes=_ASSUMES,
)  # fmt: skip
