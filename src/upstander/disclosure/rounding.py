"""Controlled rounding: every count becomes a neighbouring multiple of the base, and the sums still add up.

Source: Cox, A constructive procedure for unbiased controlled rounding (JASA 82, 1987), zero-restricted; as an integer
programme: Salazar, Controlled rounding and cell perturbation (Mathematical Programming 105, 2006).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack

from upstander.disclosure.errors import UnfitTables
from upstander.disclosure.programmes import Programme
from upstander.disclosure.types import Ints, Numbers

_STEPS = 3


@dataclass(frozen=True)
class Rounded:
    """counts: multiples of the base that add up. steps: how many multiples beyond the neighbours were needed (0: none,
    which is zero-restricted). moved: how far all counts moved together.
    """

    counts: Ints
    steps: int
    moved: int


def controlled_rounding(sums: csr_matrix, counts: Ints, base: int) -> Rounded:
    """The closest table of multiples of the base; multiples, zeros among them, stay where no step is needed.

    sums: rows that are zero for the counts. A zero always stays zero. Raises UnfitTables where not even a few steps
    beyond the neighbours make the sums add up.
    """
    for steps in range(_STEPS + 1):
        try:
            rounded = _rounded(sums, counts, base, steps)
        except UnfitTables:
            continue
        return Rounded(rounded, steps, int(np.abs(rounded - counts).sum()))
    raise UnfitTables(
        f"The counts cannot be rounded to multiples of {base} that add up.",
        found="sums that contradict one another", expected="tables whose sums add up", state="Nothing was rounded.",
    )  # fmt: skip


def _rounded(sums: csr_matrix, counts: Ints, base: int, steps: int) -> Ints:
    """With up to so many multiples beyond the neighbours, each dearer than any move to a neighbour."""
    below = counts // base
    over = counts - below * base
    up_only = (over > 0).astype(np.float64)
    further = np.where(counts > 0, float(steps), 0.0)
    back = np.minimum(further, below)  # never below zero
    size = len(counts)
    columns = hstack([sums, sums, -sums]).tocsr() if steps else sums
    low = np.zeros(columns.shape[1])
    high = np.concatenate([up_only, further, back]) if steps else up_only
    price = float(base * size)
    cost = (base - 2.0 * over) * up_only
    cost = np.concatenate([cost, np.full(size, price), np.full(size, price)]) if steps else cost
    right: Numbers = -(sums @ below.astype(np.float64))
    found = np.round(Programme(columns, low, high, row_low=right, row_high=right, whole=True).least(cost))
    multiple = below + found[:size] + (found[size : 2 * size] - found[2 * size :] if steps else 0.0)
    return (multiple * base).astype(np.int64)
