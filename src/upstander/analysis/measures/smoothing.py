"""Empirical Bayes smoothing of rates: where few are at risk, a rate is drawn towards that of all, or of those around.

Source: Marshall, Applied Statistics 40(2), 1991, pp. 283–294; global and local as EBest and EBlocal of R's spdep
compute them (1.2-7). A variance between areas below zero is taken as none: every area then has the mean.
A smoothed rate is an estimate without an interval: it has less error over all areas, and a bias in each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.measures.limits import Floats, require, sums


@dataclass(frozen=True)
class Smoothed:
    """`rate`: smoothed, per one at risk. `mean` and `between` (variance): of the areas it was drawn towards."""

    rate: Floats
    mean: Floats
    between: Floats


def smoothed_globally(events: ArrayLike, at_risk: ArrayLike) -> Smoothed:
    """Each area's rate, drawn towards that of all areas together; the less, the more are at risk.

    events: 0 or more; at_risk: more than 0. Raises TooFewPoints under 2 areas, UnfitNumbers.
    """
    x, n = _checked(events, at_risk)
    mean = x.sum() / n.sum()
    within = np.square(x / n - mean)
    between = max((n * within).sum() / n.sum() - mean / n.mean(), 0.0)
    return _drawn(x, n, np.full(x.size, mean), np.full(x.size, between))


def smoothed_locally(
    events: ArrayLike, at_risk: ArrayLike, left: NDArray[np.int64], right: NDArray[np.int64]
) -> Smoothed:
    """Each area's rate, drawn towards that of its neighbours and itself together.

    left, right: pairs of neighbours (numbers of areas from 0), each pair in both directions, none with itself.
    The spread around an area is that of each neighbour about the mean of its own neighbourhood, as spdep has it (others
    take the area's mean for all). An area without neighbours keeps its own rate.
    """
    x, n = _checked(events, at_risk)
    itself = np.arange(x.size)
    of, by = np.concatenate([itself, left]), np.concatenate([itself, right])

    def around(values: Floats) -> Floats:
        return sums(of, values, x.size)

    people = around(n[by])
    mean = around(x[by]) / people
    spread = around((n * np.square(x / n - mean))[by]) / people
    between = np.maximum(spread - mean * np.bincount(of, minlength=x.size) / people, 0.0)
    return _drawn(x, n, mean, between)


def _drawn(x: Floats, n: Floats, mean: Floats, between: Floats) -> Smoothed:
    noise = between + mean / n
    trust = np.divide(between, noise, out=np.zeros(x.size), where=noise > 0)
    return Smoothed(mean + trust * (x / n - mean), mean, between)


def _checked(events: ArrayLike, at_risk: ArrayLike) -> tuple[Floats, Floats]:
    x, n = (np.asarray(values, dtype=np.float64) for values in (events, at_risk))
    if x.size < 2:
        raise TooFewPoints(where="events", found=x.size, needed=2)
    require(x >= 0, "negative or missing.", where="events", expected="0 or more")
    require(n > 0, "nobody is at risk.", where="at risk", expected="more than 0")
    return x, n
