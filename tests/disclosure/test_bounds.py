"""What an attacker can work out, and why: each bound comes with the sums that prove it."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from upstander.disclosure import bounds
from upstander.disclosure.bounds import Wanted, rates, reach

# w is 2 or 3; v and w are 7; u and v are 10: so u is 5 or 6, which neither sum tells by itself. s and t are 7.
SUMS = csr_matrix(np.array([[0, 1, 1, -1, 0, 0, 0, 0], [1, 1, 0, 0, -1, 0, 0, 0], [0, 0, 0, 0, 0, 1, 1, -1]], float))
LOW = np.array([0.0, 0, 2, 7, 10, 0, 3, 7])
HIGH = np.array([20.0, 20, 3, 7, 10, 20, 5, 7])
U, S = 0, 5


def proven(target: int, found: bounds.Reach) -> tuple[float, float]:
    """The bounds that the proofs of a target give, by linear duality: least and most."""
    told = []
    for proof, sign in zip(found.proofs[target], (-1, 1), strict=True):
        cells, rate = rates(SUMS, target, proof, sign)
        folded = np.where(rate > 0, rate * LOW[cells], rate * HIGH[cells]).sum()
        told.append(folded * sign)
    return told[1], told[0]


@pytest.mark.parametrize("huge", [1, 10_000], ids=["sum by sum first", "programmes alone"])
def test_each_bound_that_is_too_close_is_proven_by_sums_even_where_one_sum_leans_on_another(
    huge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "_HUGE", huge)
    found = reach(SUMS, LOW, HIGH, Wanted.widths(np.array([U, S]), np.array([4.0, 4.0])))
    assert (found.least[U], found.most[U]) == (5, 6)
    assert (found.least[S], found.most[S]) == (2, 4)
    assert proven(U, found) == (5, 6)
    assert proven(S, found) == (2, 4)


def test_in_a_large_table_the_bounds_are_those_of_frechet() -> None:
    # Source: Dobra and Fienberg, Bounds for cell entries in contingency tables (PNAS 97, 2000): of two margins alone,
    # a cell lies from max(0, row + column - all) to the lesser of row and column.
    side, draw = 30, np.random.default_rng(7)
    table = draw.poisson(draw.gamma(0.3, 1.0, (side, 1)) * draw.gamma(0.5, 3.0, (1, side)))
    across, down = table.sum(1), table.sum(0)
    place = np.arange(side * side).reshape(side, side)
    sums = np.zeros((2 * side, side * side + 2 * side))
    for line in range(side):
        sums[line, place[line]] = sums[side + line, place[:, line]] = 1
    sums[np.arange(2 * side), side * side + np.arange(2 * side)] = -1
    low = np.concatenate([np.zeros(side * side), across, down])
    high = np.concatenate([np.full(side * side, 1_000.0), across, down])
    targets = np.arange(side * side)
    found = reach(csr_matrix(sums), low, high, Wanted.widths(targets, np.full(side * side, 5.0)))
    least = np.maximum(0, across[:, None] + down - table.sum()).ravel()
    most = np.minimum(across[:, None], down).ravel()
    few = most - least + 1 < 5
    assert (low < high).sum() > 500
    assert 100 < few.sum() < 800
    np.testing.assert_array_equal(found.met, ~few)
    np.testing.assert_allclose(found.least[targets[few]], least[few], atol=1e-6)
    np.testing.assert_allclose(found.most[targets[few]], most[few], atol=1e-6)
