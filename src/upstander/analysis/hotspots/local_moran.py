"""Local Moran's I: which cells are like the cells around them (high among high, low among low), and which are not.

Sources: Anselin, "Local indicators of spatial association: LISA", Geographical Analysis 27(2), 1995, equations 12-13
and appendix A; the variance given a cell's own value: Sokal, Oden and Thomson, Geographical Analysis 30(4), 1998. The
R package spdep divides by the variance over n, esda by that over n - 1: both are given, their ratio is (n - 1) ÷ n.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.discoveries import benjamini_hochberg
from upstander.analysis.hotspots.gi_star import checked
from upstander.analysis.hotspots.neighbours import Neighbours
from upstander.analysis.hotspots.permuting import deal_neighbours

QUADRANTS = ("high-high", "low-low", "high-low", "low-high")


@dataclass(frozen=True)
class LocalMoran:
    """Local Moran's I of every cell, in the order given.

    `i_n`, `i_n_1`: with the variance over n, and over n - 1. `expected`, `variance`, `z`, `p_normal` (two-sided): of
    i_n given the cell's own value; `expected_total`, `variance_total`, `z_total`: with its value dealt anew as well.
    `p`: two-sided, from deals of the other values (twice the smaller tail, ties in both); `p_folded`: the smaller tail.
    `p_bh`: p adjusted over all cells. `is_discovery`: p_bh ≤ q. `quadrant`: own value and the neighbours' mean against
    the mean of all, as "high-low"; None for a cell on the mean, or without neighbours. `global_i`: Moran's I.
    """

    i_n: NDArray[np.float64]
    i_n_1: NDArray[np.float64]
    expected: NDArray[np.float64]
    variance: NDArray[np.float64]
    z: NDArray[np.float64]
    p_normal: NDArray[np.float64]
    expected_total: NDArray[np.float64]
    variance_total: NDArray[np.float64]
    z_total: NDArray[np.float64]
    p: NDArray[np.float64]
    p_folded: NDArray[np.float64]
    p_bh: NDArray[np.float64]
    is_discovery: NDArray[np.bool_]
    quadrant: tuple[str | None, ...]
    global_i: float


def local_moran(
    values: ArrayLike, neighbours: Neighbours, *, is_row_standardised: bool = True, permutations: int = 9999,
    q: float = 0.05, seed: int = 0,
) -> LocalMoran:  # fmt: skip
    """Local Moran's I with weights 1 (binary) or 1 ÷ neighbours (row-standardised), the cell itself left out.

    values: one number a cell, rates rather than counts where populations differ. NaN comes out where nothing varies.
    Raises TooFewPoints under 9 cells, UnfitNumbers for values that are missing or do not match the neighbours.
    """
    x = checked(values, neighbours)
    many = neighbours.counts()
    weight = np.divide(1.0, many, out=np.zeros(x.size), where=many > 0) if is_row_standardised else np.ones(x.size)
    z = x - x.mean()
    z[np.abs(z) <= 1e-12 * max(float(np.abs(x).max()), 1.0)] = 0.0
    lag = weight * neighbours.sums(z)
    with np.errstate(divide="ignore", invalid="ignore"):
        i_n = z * lag / np.square(z).mean()
        analytic = _given_own_value(z, weight * many, weight**2 * many)
        total = _value_dealt_too(z, weight * many, weight**2 * many)
        standard, standard_total = ((i_n - mean) / np.sqrt(variance) for mean, variance in (analytic, total))
    dealt = deal_neighbours(z, neighbours, times=permutations, seed=seed)
    # Below the mean a higher sum makes a lower I: the tails change places, and the smaller stays the smaller.
    folded = np.where(z == 0, 1.0, np.minimum(dealt.p_high, dealt.p_low))
    p = np.minimum(2 * folded, 1.0)
    p_bh = benjamini_hochberg(p)
    return LocalMoran(
        i_n=i_n, i_n_1=i_n * (x.size - 1) / x.size, expected=analytic[0], variance=analytic[1], z=standard,
        p_normal=_two_sided(standard), expected_total=total[0], variance_total=total[1], z_total=standard_total,
        p=p, p_folded=folded, p_bh=p_bh, is_discovery=p_bh <= q, quadrant=_quadrants(z, lag),
        global_i=float(i_n.sum() / (weight * many).sum()) if many.any() else float("nan"),
    )  # fmt: skip


def _given_own_value(
    z: NDArray[np.float64], w: NDArray[np.float64], w2: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of I, the cell's value held and the others dealt to its neighbours. Sokal and others 1998."""
    n, m2 = z.size, np.square(z).mean()
    mean = -np.square(z) * w / ((n - 1) * m2)
    variance = np.square(z / m2) * n / (n - 2) * (w2 - np.square(w) / (n - 1)) * (m2 - np.square(z) / (n - 1))
    return mean, variance


def _value_dealt_too(
    z: NDArray[np.float64], w: NDArray[np.float64], w2: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and variance of I with all values dealt anew. Anselin 1995, equation 13."""
    n, m2 = z.size, np.square(z).mean()
    b2 = (z**4).mean() / m2**2
    mean = -w / (n - 1)
    both = (np.square(w) - w2) * (2 * b2 - n) / ((n - 1) * (n - 2))
    return mean, w2 * (n - b2) / (n - 1) + both - np.square(mean)


def _two_sided(z: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtr

    p: NDArray[np.float64] = 2 * ndtr(-np.abs(z))
    return p


def _quadrants(z: NDArray[np.float64], lag: NDArray[np.float64]) -> tuple[str | None, ...]:
    around = np.where(np.abs(lag) <= 1e-12 * np.abs(z).max(initial=1.0), 0.0, lag)
    own, near = np.sign(z), np.sign(around)
    number = np.select(
        [(own > 0) & (near > 0), (own < 0) & (near < 0), (own > 0) & (near < 0), (own < 0) & (near > 0)], range(4), -1
    )
    return tuple(None if at < 0 else QUADRANTS[at] for at in number.tolist())
