"""One record to one record: from pairs that may be links to an assignment that uses each record once."""

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]


def most_pairs(first: Whole, second: Whole, sizes: tuple[int, int]) -> Whole:
    """Positions of as many pairs as can stand with each record in one pair at most (maximum matching), rising.

    sizes: how many records each source has. Source: Hopcroft and Karp, SIAM J. Computing 2(4), 1973.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    settled, open_pairs = _settled(first, second, sizes)
    if not open_pairs.size:
        return settled
    own, left = np.unique(first[open_pairs], return_inverse=True)
    theirs, right = np.unique(second[open_pairs], return_inverse=True)
    number = np.arange(1, open_pairs.size + 1)
    graph = csr_array((number, (left, right)), shape=(own.size, theirs.size))
    taken = maximum_bipartite_matching(graph, perm_type="column")
    rows = np.flatnonzero(taken >= 0)
    return np.sort(np.concatenate([settled, open_pairs[graph[rows, taken[rows]] - 1]]))


def best_pairs(first: Whole, second: Whole, weight: Numbers, sizes: tuple[int, int]) -> Whole:
    """Positions of the pairs, each record in one at most, whose weights sum to most; pairs that add nothing left out.

    weight: of each pair; only those above zero may stand. Ties go the way the order of pairs goes.
    Source: Jonker and Volgenant, Computing 38, 1987, in its sparse form.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    useful = np.flatnonzero(weight > 0)
    lone, contested = _settled(first[useful], second[useful], sizes)
    lone, contested = useful[lone], useful[contested]
    sure, open_pairs = _sure(first[contested], second[contested], weight[contested], sizes)
    sure, open_pairs = np.concatenate([lone, contested[sure]]), contested[open_pairs]
    if not open_pairs.size:
        return np.sort(sure)
    own, left = np.unique(first[open_pairs], return_inverse=True)
    theirs, right = np.unique(second[open_pairs], return_inverse=True)
    # Each record may also stay alone, at the price of a pair that weighs nothing.
    top = float(weight[open_pairs].max()) + 1.0
    alone = np.arange(own.size)
    price = np.concatenate([top - weight[open_pairs], np.full(own.size, top)])
    rows, columns = np.concatenate([left, alone]), np.concatenate([right, theirs.size + alone])
    row, column = min_weight_full_bipartite_matching(
        csr_array((price, (rows, columns)), shape=(own.size, theirs.size + own.size))
    )
    position = csr_array((np.arange(1, open_pairs.size + 1), (left, right)), shape=(own.size, theirs.size))
    linked = column < theirs.size
    return np.sort(np.concatenate([sure, open_pairs[position[row[linked], column[linked]] - 1]]))


def _sure(first: Whole, second: Whole, weight: Numbers, sizes: tuple[int, int]) -> tuple[Whole, Whole]:
    """Pairs that some best assignment holds, and the pairs that are then still open.

    A pair that weighs at least as much as the best other pairs of its two records together loses nothing by standing.
    """
    left, found = np.arange(first.size), [np.empty(0, dtype=np.int64)]
    while left.size:
        one, other, weighs = first[left], second[left], weight[left]
        stands = left[weighs >= _best_other(one, weighs, sizes[0]) + _best_other(other, weighs, sizes[1])]
        # Of two such pairs that share a record, which then weigh the same, the earlier stands.
        stands = stands[_is_first(first[stands], sizes[0])]
        stands = stands[_is_first(second[stands], sizes[1])]
        if not stands.size:
            break
        found.append(stands)
        used, taken = np.zeros(sizes[0], dtype=bool), np.zeros(sizes[1], dtype=bool)
        used[first[stands]], taken[second[stands]] = True, True
        left = left[~used[one] & ~taken[other]]
    return np.concatenate(found), left


def _is_first(record: Whole, size: int) -> NDArray[np.bool_]:
    """Which places name a record that no earlier one names."""
    number, at = np.arange(record.size), np.empty(size, dtype=np.int64)
    at[record[::-1]] = number[::-1]  # of equal ones the last that is written stays
    return np.asarray(at[record] == number)


def _best_other(record: Whole, weight: Numbers, size: int) -> Numbers:
    """For each pair, what the heaviest other pair of its record weighs; nothing where there is none."""
    heaviest = np.zeros(size)
    np.maximum.at(heaviest, record, weight)
    is_top = weight == heaviest[record]
    tops = np.bincount(record[is_top], minlength=size)
    runner_up = np.zeros(size)
    np.maximum.at(runner_up, record[~is_top], weight[~is_top])
    return np.where(is_top & (tops[record] == 1), runner_up[record], heaviest[record])


def _settled(first: Whole, second: Whole, sizes: tuple[int, int]) -> tuple[Whole, Whole]:
    """Pairs whose two records stand in no other pair, and the rest."""
    lone = (np.bincount(first, minlength=sizes[0])[first] == 1) & (np.bincount(second, minlength=sizes[1])[second] == 1)
    return np.flatnonzero(lone), np.flatnonzero(~lone)
