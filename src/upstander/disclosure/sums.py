"""Margins listed one by one, for tables that are no slices of one cube; the attack on them is the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from scipy.sparse import csr_matrix

from upstander.disclosure.bounds import Wanted, reach
from upstander.disclosure.programmes import SLACK

_ROOM = 1_000.0


@dataclass(frozen=True)
class Sum:
    """A margin that every reader knows to be the sum of its parts, in exact counts."""

    total: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


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
    Raises UnfitTables where no table fits, which means the ranges or sums are wrong.
    """
    return [bounds for bounds in attacked(ranges, sums, targets, tight=False) if bounds.is_pinned]


def attacked(
    ranges: Mapping[tuple[str, ...], tuple[float, float]],
    sums: Sequence[Sum],
    targets: Sequence[tuple[str, ...]],
    *,
    tight: bool = True,
) -> list[Bounds]:
    """Bounds of each target that appears in a sum; a cell without a range can be anything from zero.

    Not `tight`: bounds from inside, enough to certify that more than one number fits, with far fewer programmes.
    """
    cells = sorted({cell for margin in sums for cell in (margin.total, *margin.parts)})
    at = {cell: index for index, cell in enumerate(cells)}
    wanted = [cell for cell in targets if cell in at]
    if not wanted:
        return []
    low, high = np.array([ranges.get(cell, (0.0, np.inf)) for cell in cells], dtype=np.float64).T
    high = np.where(np.isfinite(high), high, 4 * (high[np.isfinite(high)].sum() + low.sum() + _ROOM))
    places = np.array([at[cell] for cell in wanted])
    width = np.full(len(places), np.inf if tight else 2.0)
    found = reach(balance(sums, at), low, high, Wanted.widths(places, width))
    return [Bounds(cell, ceil(found.least[at[cell]] - SLACK), floor(found.most[at[cell]] + SLACK)) for cell in wanted]


def balance(sums: Sequence[Sum], at: Mapping[tuple[str, ...], int]) -> csr_matrix:
    """One row a margin: its parts less its total."""
    rows = [row for row, margin in enumerate(sums) for _ in range(len(margin.parts) + 1)]
    columns = [at[cell] for margin in sums for cell in (margin.total, *margin.parts)]
    signs = [sign for margin in sums for sign in (-1.0, *(1.0 for _ in margin.parts))]
    return csr_matrix((signs, (rows, columns)), shape=(len(sums), len(at)))
