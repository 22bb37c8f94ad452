"""Ways of changing counts a little instead of hiding them."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from upstander.contracts.methods import OTHERS, Answer, Method, Output, Param, WantedColumn
from upstander.disclosure.cell_keys import KEYS, noise_table
from upstander.disclosure.methods.tables import INPUTS, JOIN, OPTIONAL, PARAMS, given
from upstander.disclosure.rounding import controlled_rounding
from upstander.errors import NotAcceptable

_MOST_DIMENSIONS = 6


def _rounding(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    table = given(frames, params)
    if table.cube.cells["count"].null_count():
        raise NotAcceptable(
            "table: a count is missing.",
            where="table, column count",
            found="an empty cell",
            expected="every true count",
        )
    counts = table.cube.cells["count"].to_numpy()
    found = controlled_rounding(table.linked.sums, counts, int(params["base"]))
    rows = pl.DataFrame({"cell": table.names, "count": counts, "rounded": found.counts})
    off = np.abs(table.linked.sums @ found.counts)
    summary = {
        "cells": len(counts), "sums": len(off), "is_additive": not off.any(), "is_zero_restricted": found.steps == 0,
        "steps": found.steps, "moved": found.moved, "largest_move": int(np.abs(found.counts - counts).max(initial=0)),
    }  # fmt: skip
    return Answer(rows, summary)


CONTROLLED_ROUNDING = Method(
    name="controlled_rounding",
    version="1.0.0",
    title="Controlled rounding",
    says="Every count becomes a neighbouring multiple of the base so that all sums still add up, moving counts least. "
    "Where no such table exists, some counts go one step beyond their neighbours.",
    source="Cox, A constructive procedure for unbiased controlled rounding, JASA 82, 1987; Salazar, Mathematical "
    "Programming 105, 2006",
    inputs=INPUTS,
    optional_roles=OPTIONAL,
    params=(*PARAMS, Param("base", "integer", "the base", 5, "count", 2, 100)),
    outputs=(
        Output("cell", "text", "the cell: its values, joined by |"),
        Output("count", "integer", "its true count", "count"),
        Output("rounded", "integer", "a multiple of the base", "count"),
    ),
    compute=_rounding,
    assumes=("Every sum that must add up is in the table, the hierarchies or the linked tables.",),
)


def _cell_key(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    records, total = frames["records"], str(params["total"])
    dimensions = [name for name in records.columns if name != "key"]
    if not 1 <= len(dimensions) <= _MOST_DIMENSIONS:
        raise NotAcceptable(
            f"records: {len(dimensions)} dimensions.", where="records", found=", ".join(records.columns),
            expected=f"1 to {_MOST_DIMENSIONS} columns beside the key",
        )  # fmt: skip
    cells = pl.concat(
        records.group_by(kept).agg(count=pl.len().cast(pl.Int64), key=pl.col("key").sum() % KEYS)
        .with_columns(pl.lit(total).alias(name) for name in dimensions if name not in kept)
        .select(*dimensions, "count", "key")
        for size in range(1, len(dimensions) + 1) for kept in map(list, combinations(dimensions, size))
    )  # fmt: skip
    everyone = records.select(pl.len().cast(pl.Int64).alias("count"), pl.col("key").sum() % KEYS)
    cells = pl.concat(
        [cells, everyone.with_columns(pl.lit(total).alias(name) for name in dimensions).select(cells.columns)]
    )
    stays = float(params["stays"])
    noises = noise_table(
        int(params["most"]), float(params["variance"]), never_up_to=int(params["never_up_to"]),
        stays=stays if stays > 0 else None,
    )  # fmt: skip
    cells = cells.sort(dimensions)
    noise = noises.noise(cells["count"].to_numpy(), cells["key"].to_numpy())
    rows = cells.select(
        pl.concat_str([pl.col(name).fill_null("") for name in dimensions], separator=JOIN).alias("cell"), "count", "key"
    ).with_columns(noise=pl.Series(noise)).with_columns(perturbed=pl.col("count") + pl.col("noise"))  # fmt: skip
    steps = np.arange(-noises.most, noises.most + 1)
    summary = {
        "cells": rows.height, "changed": int((noise != 0).sum()), "mean_noise": float(noise.mean()),
        "table_rows": int((noises.chances > 0).sum()), "table": noises.chances.tolist(), "steps": steps.tolist(),
        "largest_bias": float(np.abs(noises.chances @ steps).max()),
    }  # fmt: skip
    return Answer(rows, summary)


CELL_KEY = Method(
    name="cell_key",
    version="1.0.0",
    title="Cell-key perturbation",
    says="Adds small noise to each count, looked up by the keys of its records: the same cell has the same noise in "
    "every table and every release. Zero stays zero; noisy tables do not add up.",
    source="Fraser & Wooton, A proposed method for confidentialising tabular output to protect against differencing, "
    "UNECE, 2005; Giessing, Computational issues in the design of transition probabilities, PSD, 2016",
    inputs={
        "records": (
            WantedColumn("key", "integer", "the record's key, drawn once at random and kept for life", "0 to 255"),
            WantedColumn(OTHERS, "text", "the dimensions", required=False),
        ),
    },
    params=(
        Param("total", "text", "the value that stands for all of a dimension", "Total"),
        Param("most", "integer", "the most noise (D)", 5, "count", 1, 20),
        Param("variance", "number", "the variance of the noise (V)", 3.0, "count²", 0.01, 400),
        Param("never_up_to", "integer", "1 to this are never shown (js)", 0, "count", 0, 20),
        Param("stays", "number", "the chance that a count is not changed (pstay); 0: open", 0.0, "share", 0, 0.99),
    ),
    outputs=(
        Output("cell", "text", "the cell: its values, joined by |"),
        Output("count", "integer", "its true count", "count"),
        Output("key", "integer", "its key: the sum of its records' keys modulo 256"),
        Output("noise", "integer", "what is added", "count"),
        Output("perturbed", "integer", "what would be shown", "count"),
    ),
    compute=_cell_key,
    assumes=("Keys were drawn at random, once, and do not depend on what a record says.",),
)
