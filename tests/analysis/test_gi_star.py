"""Gi*: exact chances, honest discoveries, and places made of squares that touch."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis.discoveries import benjamini_hochberg, holm
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots.gi_star import chance_of_sum, exact_tails, gi_star, named_places
from upstander.analysis.hotspots.neighbours import connected, grid_neighbours, listed_neighbours

ROW, COLUMN = (axis.ravel() for axis in np.indices((12, 12)))
GRID = grid_neighbours(COLUMN, ROW)


BUSY, MODERATE = 2 * 12 + 2, 8 * 12 + 8


def hot_square(base: int, hot: int) -> np.ndarray:
    counts = np.full((12, 12), base)
    counts[4:7, 4:7] = hot
    return counts.ravel()


def beside_a_busy_place() -> np.ndarray:
    """One or two a square, 60 in three by three squares around BUSY, 6 in those around MODERATE."""
    counts = 1 + np.arange(144).reshape(12, 12) % 5 // 4
    counts[1:4, 1:4] = 60
    counts[7:10, 7:10] = 6
    return counts.ravel()


def test_a_corner_has_three_neighbours_an_edge_five_and_a_middle_square_eight():
    assert sorted(set(GRID.counts().tolist())) == [3, 5, 8]
    assert GRID.counts()[[0, 1, 13]].tolist() == [3, 5, 8]


def test_squares_of_two_rows_far_apart_are_no_neighbours():
    # Column 9 of one row and column 0 of the next lie side by side in the list, not on the ground.
    assert grid_neighbours([9, 0], [0, 1]).left.size == 0


def test_a_square_that_stands_twice_is_refused():
    with pytest.raises(UnfitNumbers, match="stands twice"):
        grid_neighbours([1, 1], [2, 2])


def test_a_list_of_neighbours_holds_in_both_directions():
    pairs = listed_neighbours([0, 1, 1], [1, 2, 1], 3)
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 2), (2, 1)]


def test_pairs_among_some_cells_are_numbered_in_the_order_of_those_cells():
    pairs = listed_neighbours([0, 1, 2], [1, 2, 3], 4).among(np.array([3, 2, 0]))
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == [(1, 0), (0, 1)]
    assert pairs.size == 3


def test_touching_squares_are_one_place_and_others_another():
    members = np.zeros(144, dtype=bool)
    members[[0, 13, 100, 101]] = True
    place = connected(GRID, members)
    assert place[[0, 13, 100, 101]].tolist() == [0, 0, 1, 1]
    assert (place[~members] == -1).all()


@given(st.lists(st.integers(0, 6), min_size=3, max_size=8), st.integers(1, 3))
def test_exact_chances_equal_counting_every_draw(values, k):
    sums = [sum(drawn) for drawn in combinations(values, k)]
    tails = exact_tails(np.array(values), k)[k]
    assert tails == pytest.approx([np.mean([total >= s for total in sums]) for s in range(tails.size)], abs=1e-12)


def test_a_chance_of_one_in_millions_keeps_its_digits():
    values = np.array([10] * 5 + [0] * 195)
    tails = exact_tails(values, 5)[5]
    assert tails[50] == pytest.approx(1 / 2_535_650_040, rel=1e-9)


def test_random_arrangements_agree_with_exact_chances():
    counts = np.random.default_rng(4).poisson(2, 144).astype(float)
    sums, drawn = counts + GRID.sums(counts), GRID.counts() + 1
    exact, how = chance_of_sum(counts, sums, drawn, seed=0, permutations=100_000)
    # A hundredth added to each cell leaves the order of sums within one size of neighbourhood as it was.
    drawn_at_random, other = chance_of_sum(counts + 0.01, sums + 0.01 * drawn, drawn, seed=1, permutations=100_000)
    assert (how, other) == ("exact", "permutations")
    assert np.abs(exact - drawn_at_random).max() < 0.01


def test_a_random_arrangement_takes_no_cell_twice():
    x = np.array([0.5, 1.25, 2, 3, 4, 5, 6, 7, 8])
    all_of_them, _ = chance_of_sum(x, np.full(9, x.sum()), np.full(9, 9), seed=0, permutations=100_000)
    assert all_of_them.tolist() == [1.0] * 9


def test_fewer_permutations_than_the_correction_needs_are_refused():
    with pytest.raises(UnfitNumbers, match="Too few permutations"):
        gi_star(np.linspace(0.1, 1, 144), GRID, permutations=999)


def test_a_hot_square_is_one_place_with_its_peak_in_the_middle():
    counts = hot_square(1, 9)
    (place,) = named_places(counts, gi_star(counts, GRID))
    assert place.peak == 5 * 12 + 5
    assert 5 * 12 + 5 in place.cells
    assert place.total >= 81


def test_equal_cells_name_no_place_and_have_no_z():
    found = gi_star(np.full(144, 3), GRID)
    assert not found.is_hot.any()
    assert np.isnan(found.z_star).all()
    assert named_places(np.full(144, 3), found) == ()


def test_one_very_busy_square_is_no_hot_spot():
    counts = np.random.default_rng(9).poisson(1, 144)
    counts[65] = 60
    assert not gi_star(counts, GRID).is_hot.any()


def test_a_very_busy_place_does_not_hide_a_moderate_one():
    counts = beside_a_busy_place()
    found = gi_star(counts, GRID)
    one_round, _ = chance_of_sum(
        counts.astype(float), counts + GRID.sums(counts), GRID.counts() + 1, seed=0, permutations=100_000
    )
    assert not (benjamini_hochberg(one_round)[MODERATE] <= 0.05).any()
    assert (found.round[BUSY], found.round[MODERATE]) == (1, 2)
    assert [found.is_hot[BUSY], found.is_hot[MODERATE]] == [True, True]
    assert len(named_places(counts, found)) == 2


def test_a_cell_is_judged_among_those_that_no_earlier_round_named():
    counts = beside_a_busy_place()
    found = gi_star(counts, GRID)
    left = np.flatnonzero(found.round > 1)
    again = gi_star(counts[left], GRID.among(left))
    assert again.p_hot.tolist() == found.p_hot[left].tolist()
    assert again.p_hot_bh.tolist() == found.p_hot_bh[left].tolist()
    assert (again.round + 1).tolist() == found.round[left].tolist()


def test_a_quiet_county_has_one_round_and_its_chances_are_those_of_all_cells():
    counts = np.random.default_rng(2).poisson(2, 144).astype(float)
    found = gi_star(counts, GRID)
    every, _ = chance_of_sum(counts, counts + GRID.sums(counts), GRID.counts() + 1, seed=0, permutations=100_000)
    assert not found.is_hot.any()
    assert set(found.round.tolist()) == {1}
    assert found.p_hot.tolist() == every.tolist()


@given(st.lists(st.integers(0, 5), min_size=144, max_size=144), st.sets(st.integers(0, 143), max_size=6))
def test_rounds_end_with_one_that_names_nothing_and_no_round_is_empty(values, busy):
    counts = np.array(values)
    counts[sorted(busy)] += 40
    found = gi_star(counts, GRID)
    rounds = range(1, int(found.round.max()) + 1)
    assert [bool(found.is_hot[found.round == number].any()) for number in rounds] == [True] * (len(rounds) - 1) + [
        False
    ]
    assert (found.is_hot == (found.p_hot_bh <= 0.05)).all()


def test_an_ordinary_cell_beside_a_busy_place_is_not_named_for_it_later():
    found = gi_star(beside_a_busy_place(), GRID)
    ring = [(row, column) for row in range(5) for column in range(5) if max(abs(row - 2), abs(column - 2)) == 2]
    assert {found.round[row * 12 + column] for row, column in ring if found.is_hot[row * 12 + column]} <= {1}


@given(st.permutations(range(144)))
def test_the_order_in_which_squares_are_given_does_not_matter_to_the_rounds(order):
    counts = beside_a_busy_place()
    one, other = gi_star(counts, GRID), gi_star(counts[order], grid_neighbours(COLUMN[order], ROW[order]))
    assert one.round[order].tolist() == other.round.tolist()
    assert one.p_hot[order] == pytest.approx(other.p_hot, rel=1e-9)
    assert one.is_hot[order].tolist() == other.is_hot.tolist()


@given(st.permutations(range(144)))
def test_the_order_in_which_squares_are_given_does_not_matter(order):
    counts = hot_square(1, 5) + np.arange(144) % 3
    one, other = gi_star(counts, GRID), gi_star(counts[order], grid_neighbours(COLUMN[order], ROW[order]))
    assert one.p_hot[order] == pytest.approx(other.p_hot, rel=1e-9)
    assert one.is_hot[order].tolist() == other.is_hot.tolist()


def test_too_few_cells_and_missing_cells_are_refused():
    with pytest.raises(TooFewPoints, match="9 or more"):
        gi_star([1, 2, 3], listed_neighbours([0], [1], 3))
    with pytest.raises(UnfitNumbers, match="an empty cell is a zero"):
        gi_star(np.full(144, np.nan), GRID)


def test_benjamini_hochberg_agrees_with_the_paper():
    # Benjamini and Hochberg 1995, section 4: of 15 comparisons, four are discoveries at 0.05, three by Bonferroni.
    # fmt: off
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
                  0.6528, 0.7590, 1.0])
    # fmt: on
    assert int((benjamini_hochberg(p) <= 0.05).sum()) == 4
    assert int((holm(p) <= 0.05).sum()) == 3


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_chances_are_never_smaller_and_keep_their_order(chances):
    p = np.array(chances)
    for adjusted in (benjamini_hochberg(p), holm(p)):
        assert (adjusted >= p - 1e-12).all()
        assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-12).all()
