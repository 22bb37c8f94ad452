"""Fitting a confidence to labelled matches, and asking of any confidence how often it came true."""

import numpy as np
import polars as pl

from upstander.places.texts.confidence import Numbers, chance

_ROUNDS = 60
_RIDGE = 0.5  # keeps a feature that the labelled set hardly shows from being believed too much
BINS = 10


def fitted(rows: Numbers, is_right: Numbers) -> tuple[float, Numbers]:
    """Intercept and weights of a logistic regression with a small ridge on the weights.

    rows: one a labelled match, a column a feature. Newton's method; the intercept is not held back.
    Source: le Cessie and van Houwelingen, Applied Statistics 41(1), 1992.
    """
    design = np.column_stack([np.ones(len(rows)), rows])
    held_back = np.diag([0.0] + [_RIDGE] * rows.shape[1])
    weights = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        p = chance(design, 0.0, weights)
        slope = design.T @ (is_right - p) - held_back @ weights
        curve = (design * (p * (1 - p))[:, None]).T @ design + held_back
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(curve)), slope)
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return float(weights[0]), weights[1:]


def calibration_table(confidence: Numbers, is_right: Numbers) -> pl.DataFrame:
    """Ten bins of equal width: low, high, matches, expected (mean confidence), observed (share right). Empty bins
    too.
    """
    bins = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    with np.errstate(invalid="ignore"):
        expected, observed = (
            np.bincount(bins, weights=weights, minlength=BINS) / counts for weights in (confidence, is_right)
        )
    edges = np.arange(BINS + 1) / BINS
    return pl.DataFrame({
        "low": edges[:-1], "high": edges[1:], "matches": counts, "expected": expected, "observed": observed,
    }).with_columns(pl.col("expected", "observed").fill_nan(None))  # fmt: skip


def expected_error(table: pl.DataFrame) -> float:
    """Mean distance of expected and observed over all matches (expected calibration error)."""
    told = table.filter(pl.col("matches") > 0)
    apart = (told["expected"] - told["observed"]).abs() * told["matches"]
    return float(apart.sum() / max(int(told["matches"].sum()), 1))


def precision_and_recall(confidence: Numbers, is_right: Numbers, locatable: int, thresholds: Numbers) -> pl.DataFrame:
    """threshold, told, precision (share of told that is right), recall (share of all locatable that is told and right).

    confidence: of the best place of each text, 0 where none is told. locatable: texts that have a place to be found.
    """
    told = [confidence >= threshold for threshold in thresholds]
    right = [float((is_right * one).sum()) for one in told]
    return pl.DataFrame({
        "threshold": thresholds, "told": [int(one.sum()) for one in told],
        "precision": [ok / max(int(one.sum()), 1) for ok, one in zip(right, told, strict=True)],
        "recall": [ok / max(locatable, 1) for ok in right],
    })  # fmt: skip
