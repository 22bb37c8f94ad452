"""Many tests at once: which of them may be called discoveries."""

import numpy as np
from numpy.typing import NDArray


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """P-values adjusted so that calling those at or under q discoveries keeps the expected share of false ones at q.

    Holds for independent tests and for positively dependent ones, such as overlapping neighbourhoods.
    Source: Benjamini and Hochberg, Journal of the Royal Statistical Society B 57(1), 1995, p. 293; Benjamini and
    Yekutieli, Annals of Statistics 29(4), 2001, theorem 1.2; for hot spots Caldas de Castro and Singer,
    Geographical Analysis 38(2), 2006.
    """
    order = np.argsort(p, kind="stable")[::-1]
    by_rank = p[order] * p.size / np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.minimum.accumulate(by_rank), 1.0)
    return adjusted


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """P-values adjusted so that the chance of even one false discovery stays under the level, whatever the dependence.

    Source: Holm, Scandinavian Journal of Statistics 6(2), 1979, p. 65.
    """
    order = np.argsort(p, kind="stable")
    by_rank = p[order] * np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(by_rank), 1.0)
    return adjusted
