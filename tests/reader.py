"""A reader of released tables with a solver of their own: what can be worked out of sums listed one by one.

It shares no code with the attack of `disclosure`, so that each can be held against the other. Source: Fischetti and
Salazar, Solving the cell suppression problem (Management Science 47, 2001), attacker's problems; HiGHS through SciPy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Status
from upstander.disclosure import Sum

_SLACK = 1e-6
_MOST = 1e8  # of a cell of which nothing says how large it is


@dataclass(frozen=True)
class Bounds:
    """The least and the most whole number a cell can hold, given all that is shown."""

    cell: tuple[str, ...]
    low: int
    high: int

    @property
    def is_pinned(self) -> bool:
        """Whether only one number is left."""
        return self.low >= self.high


def pinned(
    ranges: Mapping[tuple[str, ...], tuple[float, float]],
    sums: Sequence[Sum],
    targets: Sequence[tuple[str, ...]],
) -> list[Bounds]:
    """The targets that only one whole number fits.

    A cell is (table name, the dimensions' values…).
    ranges: what each cell can be on its own. sums: the margins. targets: the hidden cells that appear in a sum.
    Every solution is a table that fits what is shown, so it also bounds from inside all other targets: few
    programmes are needed. Raises ValueError where no table fits, which means the ranges or sums are wrong.
    """
    return [bounds for bounds in attacked(ranges, sums, targets, tight=False) if bounds.is_pinned]


def attacked(
    ranges: Mapping[tuple[str, ...], tuple[float, float]],
    sums: Sequence[Sum],
    targets: Sequence[tuple[str, ...]],
    *,
    tight: bool = True,
) -> list[Bounds]:
    """Bounds of each target that appears in a sum.

    Not `tight`: bounds from inside, enough to certify that more than one number fits, with far fewer programmes.
    """
    cells = sorted({cell for margin in sums for cell in (margin.total, *margin.parts)})
    at = {cell: index for index, cell in enumerate(cells)}
    wanted = [cell for cell in targets if cell in at]
    if not wanted:
        return []
    matrix = _balance(sums, at)
    limits = [(low, min(high, _MOST)) for low, high in (ranges.get(cell, (0.0, _MOST)) for cell in cells)]
    least = np.full(len(cells), np.inf)
    most = np.full(len(cells), -np.inf)
    for cell in wanted:
        place = at[cell]
        if not tight and np.floor(most[place] + _SLACK) > np.ceil(least[place] - _SLACK):
            continue
        for sign in (1.0, -1.0):
            solution = _extreme(place, sign, matrix, limits)
            least, most = np.minimum(least, solution), np.maximum(most, solution)
    return [Bounds(cell, ceil(least[at[cell]] - _SLACK), floor(most[at[cell]] + _SLACK)) for cell in wanted]


def _balance(sums: Sequence[Sum], at: Mapping[tuple[str, ...], int]) -> csr_matrix:
    rows = [row for row, margin in enumerate(sums) for _ in range(len(margin.parts) + 1)]
    columns = [at[cell] for margin in sums for cell in (margin.total, *margin.parts)]
    signs = [sign for margin in sums for sign in (-1.0, *(1.0 for _ in margin.parts))]
    return csr_matrix((signs, (rows, columns)), shape=(len(sums), len(at)))


def _extreme(
    place: int, sign: float, matrix: csr_matrix, limits: Sequence[tuple[float, float | None]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    aim = np.zeros(matrix.shape[1])
    aim[place] = sign
    found = linprog(aim, A_eq=matrix, b_eq=np.zeros(matrix.shape[0]), bounds=limits, method="highs")
    if found.status != 0:
        raise ValueError(f"no table fits the numbers shown: {found.message}")
    return np.asarray(found.x, dtype=np.float64)


def possible_range(status: str, value: float | None, rule: CountRule) -> tuple[float, float] | None:
    """What who knows the rule learns of a cell on its own, if nothing is hidden to protect others; None: nothing."""
    if status == Status.SUPPRESSED:
        any_size = rule.of_persons or rule.no_group
        return 0.0 if rule.no_group else 1.0, _MOST if any_size else float(rule.suppress_up_to)
    if status != Status.SHOWN or value is None:
        return None
    below, above = rule.round_to // 2, (rule.round_to - 1) // 2
    if value == 0:
        # A zero is a true zero, unless rounding could have brought a shown count down to it.
        return 0.0, float(above if above > rule.suppress_up_to else 0)
    return max(value - below, rule.suppress_up_to + 1.0), value + above
