"""Getis–Ord Gi* judged by conditional permutations: hot and cold cells, as esda and spdep do, with ties in both tails.

A cell keeps its value and its neighbours are dealt from the others. Beside `gi_star`, which counts all arrangements
exactly and judges in rounds, this tells of cold cells too, takes rates as well as counts, and agrees with what other
software prints. Its smallest p is 1 ÷ (permutations + 1), so many cells need many permutations.

Sources: Ord and Getis, Geographical Analysis 27(4), 1995; permutations: Anselin, Geographical Analysis 27(2), 1995.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.discoveries import benjamini_hochberg
from upstander.analysis.hotspots.gi_star import checked, z_scores
from upstander.analysis.hotspots.neighbours import Neighbours
from upstander.analysis.hotspots.permuting import deal_neighbours


@dataclass(frozen=True)
class GiStarPermuted:
    """Gi* of every cell by conditional permutations, in the order given.

    `z_star`, `z`: as `gi_star`. `z_sim`: the sum found against mean and spread of the deals (NaN where they do not
    vary). `p_high`, `p_low`: chance of a sum as high or higher, as low or lower; ties count in both. `p_folded`: the
    smaller. `p_two_sided`: twice that. `p_bh`: p_two_sided adjusted over all cells. `is_hot`, `is_cold`: p_bh ≤ q.
    """

    z_star: NDArray[np.float64]
    z: NDArray[np.float64]
    z_sim: NDArray[np.float64]
    p_high: NDArray[np.float64]
    p_low: NDArray[np.float64]
    p_folded: NDArray[np.float64]
    p_two_sided: NDArray[np.float64]
    p_bh: NDArray[np.float64]
    is_hot: NDArray[np.bool_]
    is_cold: NDArray[np.bool_]


def gi_star_permuted(
    values: ArrayLike, neighbours: Neighbours, *, permutations: int = 999, q: float = 0.05, seed: int
) -> GiStarPermuted:
    """Gi* with binary weights including the cell itself, p by conditional permutations.

    values: one number a cell. Raises TooFewPoints under 9 cells, UnfitNumbers for values that are missing or do not
    match the neighbours.
    """
    x = checked(values, neighbours)
    z_star, z = z_scores(x, neighbours)
    dealt = deal_neighbours(x, neighbours, times=permutations, seed=seed)
    folded = np.minimum(dealt.p_high, dealt.p_low)
    p = np.minimum(2 * folded, 1.0)
    p_bh = benjamini_hochberg(p)
    off = neighbours.sums(x) - dealt.mean
    spread = np.where(dealt.sd > 1e-9 * np.maximum(np.abs(dealt.mean), 1), dealt.sd, np.nan)
    is_high = dealt.p_high < dealt.p_low
    return GiStarPermuted(
        z_star, z, off / spread, dealt.p_high, dealt.p_low, folded, p, p_bh, (p_bh <= q) & is_high,
        (p_bh <= q) & ~is_high,
    )  # fmt: skip
