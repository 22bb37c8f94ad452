"""Methods about places."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.discoveries import benjamini_hochberg
from upstander.analysis.hotspots.gi_star import LEAST_PERMUTATIONS, gi_star, named_places
from upstander.analysis.hotspots.neighbours import Neighbours
from upstander.analysis.hotspots.ranks import rank_intervals
from upstander.analysis.methods.cells import CELLS, VALUE, alone_warning, neighbours_of
from upstander.analysis.methods.names import as_given
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn


def _gi_star(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    from scipy.special import ndtr

    cells = frames["values"]
    neighbours = neighbours_of(cells, frames.get("neighbours"))
    values = cells["value"].to_numpy()
    found = gi_star(values, neighbours, q=params["q"], seed=seed, permutations=params["permutations"])
    z = np.where(np.isnan(found.z_star), 0.0, found.z_star)
    p_normal = 2 * ndtr(-np.abs(z))
    rows = pl.DataFrame({
        "i": as_given(cells["i"]), "gi_star_z": found.z_star, "gi_z": found.z, "p_two_sided": p_normal,
        "p_fdr_bh": benjamini_hochberg(p_normal), "p_bonf": np.minimum(p_normal * values.size, 1.0),
        "p_hot": found.p_hot, "p_hot_fdr_bh": found.p_hot_bh, "is_hot": found.is_hot, "round": found.round,
        "place": found.place + 1,
    }).with_columns(pl.col("place").replace(0, None))  # fmt: skip
    places = named_places(values, found)
    summary = {
        "cells": values.size, "links": neighbours.left.size, "hot_cells": int(found.is_hot.sum()),
        "places": len(places), "rounds": int(found.round.max()), "p_hot_is": found.how,
    }  # fmt: skip
    return Answer(rows, summary, tuple(_gi_warnings(found.how, values.size, neighbours, params)))


def _gi_warnings(how: str, size: int, neighbours: Neighbours, params: Mapping[str, Any]) -> list[str]:
    warnings = ["p_two_sided, p_fdr_bh and p_bonf take z as normal, which misleads for counts; p_hot does not."]
    if how == "permutations" and size / (params["permutations"] + 1) > params["q"]:
        warnings.append(f"With {size} cells a lone hot cell needs {int(size / params['q'])} permutations to be found.")
    return [*warnings, *alone_warning(neighbours)]


GI_STAR = Method(
    name="gi_star",
    version="1.1.0",
    title="Hot spots (Getis–Ord Gi*)",
    says="Which cells stand, with the cells around them, above what chance arrangement would give. Cells that are "
    "hot and touch are one place. Counts get exact p-values, rates (and very large counts) random arrangements. "
    "Cells are named in rounds: what one round names is left out of the next, so that it hides nothing smaller.",
    source="Ord and Getis, Geographical Analysis 27(4), 1995; Caldas de Castro and Singer, Geographical Analysis "
    "38(2), 2006; Benjamini and Hochberg, J. Royal Statistical Society B 57(1), 1995; rounds after Zhang, Assunção "
    "and Kulldorff, J. Probability and Statistics 2010, 642379",
    inputs=CELLS,
    optional_roles=("neighbours",),
    params=(
        VALUE,
        Param("q", "number", "share of false discoveries accepted", 0.05, least=0.001, most=0.5),
        Param("permutations", "integer", "random arrangements, where exact is not possible", LEAST_PERMUTATIONS,
              least=LEAST_PERMUTATIONS, most=10_000_000),
    ),
    outputs=(
        Output("i", "text", "as given"),
        Output("gi_star_z", "number", "z of Gi*, the cell counted"),
        Output("gi_z", "number", "z of Gi, the cell left out"),
        Output("p_two_sided", "number", "of gi_star_z as a normal score"),
        Output("p_fdr_bh", "number", "p_two_sided adjusted by Benjamini and Hochberg"),
        Output("p_bonf", "number", "p_two_sided adjusted by Bonferroni"),
        Output("p_hot", "number", "chance of a neighbourhood sum this high or higher, in the cell's round"),
        Output("p_hot_fdr_bh", "number", "p_hot adjusted by Benjamini and Hochberg over the cells of that round"),
        Output("is_hot", "boolean", "a discovery at q"),
        Output("round", "integer", "in which the cell was decided; cells named in earlier rounds are left out of it"),
        Output("place", "integer", "number of the named place; null for none"),
    ),
    compute=_gi_star,
)  # fmt: skip


def _ranks(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:
    places = frames["counts"]
    exposure = places["exposure"].to_numpy() if "exposure" in places.columns else None
    found = rank_intervals(
        places["count"].to_numpy(),
        exposure,
        confidence=params["confidence"],
        draws=params["draws"],
        spread=params["spread"],
        seed=seed,
    )
    rows = pl.DataFrame({
        "place": as_given(places["place"]), "count": places["count"], "rate": found.rate, "rank": found.rank,
        "low": found.low, "high": found.high, "group": found.group,
    }).sort("rank")  # fmt: skip
    return Answer(rows, {"places": rows.height, "groups": int(found.group.max())})


RANK_PARAMS = (
    Param("confidence", "number", "chance that the interval holds the true rank", 0.95, least=0.5, most=0.99),
    Param("draws", "integer", "random draws", 2000, least=500, most=20_000),
    Param("spread", "number", "variance of a place's count over its mean; 1 where events come one by one", 1.0,
          "variance ÷ mean", 1, 100),
)  # fmt: skip
"""How ranks are drawn, wherever a method gives them an interval."""

RANK_INTERVALS = Method(
    name="rank_intervals",
    version="1.1.0",
    title="Rank intervals",
    says="How sure the order of places is: an interval for each rank, and groups that cannot be told apart.",
    source="Clayton and Kaldor, Biometrics 43(3), 1987; Goldstein and Spiegelhalter, J. Royal Statistical Society A "
    "159(3), 1996",
    inputs={
        "counts": (
            WantedColumn("place", "text", "name of the place"),
            WantedColumn("count", "integer", "events there; places without any belong in the list", "events"),
            WantedColumn("exposure", "number", "what the rate is per; the same for all if missing", required=False),
        )
    },
    params=RANK_PARAMS,
    outputs=(
        Output("place", "text", "as given"),
        Output("count", "integer", "as given", "events"),
        Output("rate", "number", "drawn towards the others where counts are few", "events per unit of exposure"),
        Output("rank", "integer", "1 is the highest rate"),
        Output("low", "integer", "highest rank the place may have"),
        Output("high", "integer", "lowest rank the place may have"),
        Output("group", "integer", "places of one group cannot be told apart from its first place"),
    ),
    compute=_ranks,
)
