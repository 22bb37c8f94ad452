"""Methods that say whether two sets of records are alike."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.analysis.measures.drift import EPSILON, drift, psi
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn


def _drift(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    epsilon = params["epsilon"]
    told = drift(frames["reference"]["v"].to_numpy(), frames["current"]["v"].to_numpy(), epsilon=epsilon)
    uppers = [*np.unique(told.edges).tolist(), None]
    rows = pl.DataFrame({
        "bin": range(1, len(uppers) + 1), "below": uppers, "expected": told.expected, "found": told.found,
    })  # fmt: skip
    summary: dict[str, Any] = {
        "psi": told.psi, "ks": told.ks, "ks_p_asymp": told.ks_p, "decile_edges": told.edges.tolist(),
        "reference": frames["reference"].height, "current": frames["current"].height, "empty_bins": told.empty,
    }  # fmt: skip
    warnings = []
    if told.empty:
        warnings.append(f"{told.empty} bins are empty in one of the two; their share is taken as {epsilon}.")
    if "shares" in frames:
        shares = frames["shares"]
        summary["psi_of_shares"] = psi(shares["p"].to_numpy(), shares["q"].to_numpy(), epsilon=epsilon)
    return Answer(rows, summary, tuple(warnings))


DRIFT = Method(
    name="drift_psi_ks",
    version="1.0.0",
    title="Drift between two sets of records",
    says="How far current numbers are from reference ones: PSI over the reference's deciles (under 0.1 alike, over "
    "0.25 changed), and the largest distance of the distributions. With thousands of records read the distance, not p.",
    source="PSI: Siddiqi, Credit Risk Scorecards, 2006; KS: Hodges, 1958, as scipy.stats.ks_2samp(method='asymp')",
    inputs={
        "reference": (WantedColumn("v", "number", "the numbers before"),),
        "current": (WantedColumn("v", "number", "the numbers now"),),
        "shares": (
            WantedColumn("p", "number", "shares or counts of each class before"),
            WantedColumn("q", "number", "shares or counts of each class now"),
        ),
    },
    optional_roles=("shares",),
    params=(Param("epsilon", "number", "share that stands for an empty bin", EPSILON, "share", 1e-12, 0.01),),
    outputs=(
        Output("bin", "integer", "decile of the reference, 1 first"),
        Output("below", "number", "its upper edge; absent for the last", "as v"),
        Output("expected", "number", "share of the reference in it", "share"),
        Output("found", "number", "share of the current numbers in it", "share"),
    ),
    compute=_drift,
)
