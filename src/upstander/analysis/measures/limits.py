"""Confidence limits of a count and of a proportion: Byar, exact Poisson, Wilson.

Sources: Byar: Breslow and Day, Statistical Methods in Cancer Research, vol. II (IARC, 1987), eq. 2.13 and p. 69;
exact Poisson by chi-square: Garwood, Biometrika 28, 1936; Wilson, J. American Statistical Association 22, 1927.
The rule of Public Health England (and so of Fingertips): exact below ten events, Byar from ten on.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import UnfitNumbers

Floats = NDArray[np.float64]
How = Literal["auto", "byar", "exact", "wilson"]

FEW = 10
"""Below so many events Byar's approximation drifts, and a standardised rate is not given."""


class Limits(NamedTuple):
    """Lower and upper confidence limits, as many as there were counts; NaN where a count is missing."""

    low: Floats
    high: Floats


def require(is_right: NDArray[np.bool_], says: str, *, where: str, expected: str) -> None:
    """Raises UnfitNumbers, naming the first row (from 1) that is not right."""
    if not is_right.all():
        row = int(np.argmin(is_right)) + 1
        raise UnfitNumbers(f"{where}, row {row}: {says}", where=f"{where}, row {row}", found=says, expected=expected)


def sums(group: NDArray[np.int64], values: Floats, groups: int = 0) -> Floats:
    """The sum of the values of each group, numbered from 0."""
    return np.bincount(group, values, minlength=groups).astype(np.float64)


def normal_quantile(confidence: ArrayLike) -> Floats:
    """The z of a two-sided interval of this confidence: 1.96 for 0.95."""
    from scipy.special import ndtri

    return np.asarray(ndtri(0.5 + np.asarray(confidence, dtype=np.float64) / 2), dtype=np.float64)


def byar(events: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
    """Byar's limits of a Poisson count. events: 0 or more, NaN where missing.

    The lower limit is NaN where the approximation falls below zero or does not exist (few events, high confidence).
    """
    x, z = np.asarray(events, dtype=np.float64), normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
    above = x + 1
    high = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return Limits(np.where(low >= 0, low, np.nan), high)


def exact_poisson(events: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
    """Garwood's exact limits of a Poisson count; the lower limit of no events is 0. events: NaN where missing."""
    from scipy.special import gammainccinv, gammaincinv

    x, tail = np.asarray(events, dtype=np.float64), (1 - np.asarray(confidence, dtype=np.float64)) / 2
    low = np.where(x == 0, 0.0, gammaincinv(np.where(x == 0, 1.0, x), tail))
    return Limits(np.where(np.isnan(x), np.nan, low), np.asarray(gammainccinv(x + 1, tail), dtype=np.float64))


def poisson_limits(events: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
    """Exact below ten events, Byar from ten on."""
    x = np.asarray(events, dtype=np.float64)
    exact, approximate = exact_poisson(x, confidence), byar(x, confidence)
    return Limits(*(np.where(x < FEW, one, other) for one, other in zip(exact, approximate, strict=True)))


def wilson(events: ArrayLike, out_of: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
    """Wilson's score limits of a proportion, 0 to 1. events: at most `out_of`; NaN where either is missing."""
    x, n = (np.asarray(values, dtype=np.float64) for values in (events, out_of))
    z = normal_quantile(confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle, half = 2 * x + z**2, z * np.sqrt(z**2 + 4 * x * (1 - x / n))
        low, high = ((middle + side * half) / (2 * (n + z**2)) for side in (-1, 1))
    # Rounding alone may reach past 0 or 1 where none or all are events.
    return Limits(np.where((x == 0) & (n > 0), 0.0, low), np.where(x == n, 1.0, high))
