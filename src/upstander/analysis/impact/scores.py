"""How good forecasts of counts were: weighted interval score, coverage, probability integral transform.

Sources: Bracher, Ray, Gneiting and Reich, PLOS Computational Biology 17(2), 2021, e1008618 (weighted interval score);
Gneiting and Raftery, Journal of the American Statistical Association 102(477), 2007 (interval score); Czado, Gneiting
and Held, Biometrics 65(4), 2009 (transform for counts).
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def interval_score(y: Array, low: Array, high: Array, alpha: float) -> Array:
    """Width of a 1 - alpha interval plus 2 / alpha times how far the outcome lies outside. Lower is better."""
    score: Array = (high - low) + 2 / alpha * (np.maximum(low - y, 0) + np.maximum(y - high, 0))
    return score


def weighted_interval_score(y: Array, median: Array, intervals: dict[float, tuple[Array, Array]]) -> Array:
    """Mean distance from a whole forecast to what came, in events; for a single number it is the absolute error.

    y: outcomes. median: forecasts. intervals: level (0.8 for 80%) → lower and upper limits. Lower is better.
    Weights: 1/2 of the absolute error of the median, alpha/2 of each interval score, over K + 1/2 (equation 2).
    """
    total = 0.5 * np.abs(y - median)
    for level, (low, high) in intervals.items():
        alpha = 1 - level
        total = total + alpha / 2 * interval_score(y, low, high, alpha)
    score: Array = total / (len(intervals) + 0.5)
    return score


def pit_histogram(below: Array, upto: Array, bins: int = 10) -> Array:
    """Share of outcomes in each tenth of their forecasts; all near 1 / bins if forecasts are right.

    below, upto: forecast chance of less than what came, and of that or less; an outcome is spread evenly between.
    """
    edges = np.linspace(0, 1, bins + 1)
    width = np.maximum(upto - below, 1e-12)
    reached = np.clip((edges[None, :] - below[:, None]) / width[:, None], 0, 1)
    share: Array = np.diff(reached, axis=1).mean(axis=0)
    return share
