"""Who is next to whom: squares of a grid, or a list of pairs; and places made of squares that touch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import UnfitNumbers

_EIGHT_AROUND = [(across, up) for across in (-1, 0, 1) for up in (-1, 0, 1) if (across, up) != (0, 0)]


@dataclass(frozen=True)
class Neighbours:
    """Ordered pairs of cell numbers that touch; no cell is paired with itself. `size` is the number of cells."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    size: int

    def counts(self) -> NDArray[np.int64]:
        """How many neighbours each cell has, itself left out."""
        return np.bincount(self.left, minlength=self.size)

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of the values of each cell's neighbours, its own left out."""
        return np.bincount(self.left, weights=values[self.right], minlength=self.size).astype(np.float64)

    def among(self, cells: NDArray[np.int64]) -> "Neighbours":
        """The pairs of which both are among `cells`, numbered from 0 in the order of `cells` (each cell once)."""
        number = np.full(self.size, -1, dtype=np.int64)
        number[cells] = np.arange(cells.size)
        left, right = number[self.left], number[self.right]
        kept = (left >= 0) & (right >= 0)
        return Neighbours(left[kept], right[kept], cells.size)


def grid_neighbours(column: ArrayLike, row: ArrayLike) -> Neighbours:
    """Squares that share an edge or a corner (queen). column, row: whole numbers, one pair a square.

    A square that is not in the list is no neighbour: give every square of the frame, the empty ones too.
    Raises UnfitNumbers where a square stands twice.
    """
    across, up = np.asarray(column, dtype=np.int64), np.asarray(row, dtype=np.int64)
    if across.size == 0:
        return Neighbours(np.empty(0, np.int64), np.empty(0, np.int64), 0)
    width = int(np.ptp(across)) + 3
    key = (across - across.min() + 1) + width * (up - up.min() + 1)
    order = np.argsort(key, kind="stable")
    sorted_keys = key[order]
    if (np.diff(sorted_keys) == 0).any():
        raise UnfitNumbers("A square stands twice in the grid.", where="column, row", expected="each square once")
    cells = np.arange(across.size)
    pairs = [
        _beside(cells, key + step_across + width * step_up, sorted_keys, order)
        for step_across, step_up in _EIGHT_AROUND
    ]
    return Neighbours(
        np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs]), across.size
    )


def listed_neighbours(left: ArrayLike, right: ArrayLike, size: int) -> Neighbours:
    """Neighbours from a list of pairs of cell numbers (0 to size - 1), both ways; repeats and selfs are dropped."""
    one, other = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    if one.size and (min(one.min(), other.min()) < 0 or max(one.max(), other.max()) >= size):
        raise UnfitNumbers(
            "A neighbour is named that is not a cell.", where="neighbours", expected=f"cells 0 to {size - 1}"
        )
    both = np.unique(np.concatenate([one * size + other, other * size + one]))
    left_cells, right_cells = both // size, both % size
    kept = left_cells != right_cells
    return Neighbours(left_cells[kept], right_cells[kept], size)


def connected(neighbours: Neighbours, members: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number the groups of member cells that touch one another, from 0 in order of their first cell; -1 elsewhere."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    kept = members[neighbours.left] & members[neighbours.right]
    ones = np.ones(int(kept.sum()), dtype=np.int8)
    shape = (neighbours.size, neighbours.size)
    graph = coo_matrix((ones, (neighbours.left[kept], neighbours.right[kept])), shape=shape)
    _, label = connected_components(graph, directed=False)
    found, numbered = np.full(neighbours.size, -1, dtype=np.int64), label[members]
    _, first, inverse = np.unique(numbered, return_index=True, return_inverse=True)
    found[members] = np.argsort(np.argsort(first))[inverse]
    return found


def _beside(
    cells: NDArray[np.int64], wanted: NDArray[np.int64], sorted_keys: NDArray[np.int64], order: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    at = np.minimum(np.searchsorted(sorted_keys, wanted), sorted_keys.size - 1)
    is_there = sorted_keys[at] == wanted
    return cells[is_there], order[at[is_there]]
