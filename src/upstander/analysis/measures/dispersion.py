"""Do counts vary more than chance alone makes them, from one point to the next?

Judged on neighbouring points, not on the distance of all points from the mean: a shift of the level moves every point
from the mean but only one pair of neighbours, and a shift is what a chart must find, not what should widen its limits.
Source: mean square successive difference, von Neumann, Annals of Mathematical Statistics 12, 1941; its variance under a
Poisson or binomial model from the fourth cumulant.
"""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

MOVING_RANGE_SCREEN = 3.267
"""A difference of neighbours beyond so many mean ones is a break, not noise; Nelson, J. Quality Technology 14, 1982."""
_ENOUGH = 0.05


@dataclass(frozen=True)
class Dispersion:
    """ratio: variance between neighbours over the variance of chance; 1 is chance alone. p: chance of so much or more
    where there is chance alone (one-sided). pairs: neighbours compared.
    """

    ratio: float
    p: float
    pairs: int

    @property
    def is_over(self) -> bool:
        """Whether chance alone does not explain it, at one in twenty."""
        return self.p < _ENOUGH


def share_deviation(share: float, n: NDArray[np.float64]) -> NDArray[np.float64]:
    """Binomial standard deviation of a share of n."""
    deviation: NDArray[np.float64] = np.sqrt(share * (1 - share) / n)
    return deviation


def dispersion(
    y: NDArray[np.float64], n: NDArray[np.float64], baseline: NDArray[np.int64], *, shares: bool
) -> Dispersion:
    """Overdispersion of counts y out of n, by neighbours within a baseline (a number a point).

    shares: y of n are binomial; otherwise Poisson with a mean in step with n. A baseline without events, or in which
    everybody has one, has no variance and says nothing. One break is left out, so that a single terrible week does
    not pass for overdispersion.
    """
    z, kurtosis, same = _standard(y, n, baseline, shares=shares)
    step = np.abs(np.diff(z)[same])
    step = step[step < MOVING_RANGE_SCREEN * step.mean()] if step.any() else step
    pairs = step.size
    if pairs < 2:
        return Dispersion(1.0, 1.0, pairs)
    ratio = float((step**2).mean() / 2)
    fourth = float(kurtosis.mean())
    spread = sqrt((3 * pairs - 1) + fourth * (pairs - 0.5)) / pairs
    return Dispersion(ratio, _upper_tail((ratio - 1) / spread), pairs)


def neighbour_factor(y: NDArray[np.float64], n: NDArray[np.float64]) -> float:
    """Variance between neighbouring counts over that of Poisson counts of one rate; no centre is assumed.

    Pairs without an event tell nothing and are left out. 1 where there is no pair.
    """
    total = y[1:] + y[:-1]
    known = total > 0
    if not known.any():
        return 1.0
    cross = (y[1:] * n[:-1] - y[:-1] * n[1:])[known] ** 2
    return float((cross / (total * n[1:] * n[:-1])[known]).mean())


def _standard(
    y: NDArray[np.float64], n: NDArray[np.float64], baseline: NDArray[np.int64], *, shares: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Standardised points, their excess kurtosis, and which neighbours lie in one baseline that varies."""
    _, number = np.unique(baseline, return_inverse=True)
    rate = (np.bincount(number, y) / np.bincount(number, n))[number]
    variance = n * rate * ((1 - rate) if shares else 1)
    varies = variance > 0
    safe = np.where(varies, variance, 1.0)
    kurtosis = np.where(varies, (1 - 6 * rate * (1 - rate) if shares else 1) / safe, 0.0)
    same = (np.diff(number) == 0) & varies[1:] & varies[:-1]
    return (y - n * rate) / np.sqrt(safe), kurtosis, same


def _upper_tail(z: float) -> float:
    return erfc(z / sqrt(2)) / 2
