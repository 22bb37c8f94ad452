"""Conditional permutations, Gi* by them, and local Moran: as every arrangement counted one by one would have it."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.reading import as_numbers, as_text
from shared_data import needs_shared
from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots.gi_star_permutations import gi_star_permuted
from upstander.analysis.hotspots.local_moran import local_moran
from upstander.analysis.hotspots.neighbours import grid_neighbours, listed_neighbours
from upstander.analysis.hotspots.permuting import deal_neighbours

ROW, COLUMN = (axis.ravel() for axis in np.indices((12, 12)))
GRID = grid_neighbours(COLUMN, ROW)
SMALL_ROW, SMALL_COLUMN = (axis.ravel() for axis in np.indices((3, 3)))
SMALL = grid_neighbours(SMALL_COLUMN, SMALL_ROW)
NINE = [3, 0, 1, 7, 7, 2, 0, 0, 1]


def every_deal(x: np.ndarray, cell: int, many: int) -> np.ndarray:
    """Sums of the neighbours of a cell over all ways to draw them from the other cells."""
    return np.array([sum(drawn) for drawn in combinations(np.delete(x, cell), many)], dtype=float)


def neighbours_in_a_chain(size: int):
    return listed_neighbours(np.arange(size - 1), np.arange(1, size), size)


def test_chances_are_those_of_every_deal_counted():
    x, chain = np.array(NINE, dtype=float), neighbours_in_a_chain(9)
    dealt = deal_neighbours(x, chain, times=100_000, seed=1)
    for cell, (many, found) in enumerate(zip(chain.counts(), chain.sums(x), strict=True)):
        sums = every_deal(x, cell, int(many))
        assert dealt.p_high[cell] == pytest.approx((sums >= found).mean(), abs=0.006)
        assert dealt.p_low[cell] == pytest.approx((sums <= found).mean(), abs=0.006)
        assert dealt.mean[cell] == pytest.approx(sums.mean(), abs=0.03)
        assert dealt.sd[cell] == pytest.approx(sums.std(), abs=0.03)


@given(st.lists(st.integers(0, 4), min_size=16, max_size=16), st.integers(0, 2**32 - 1))
def test_ties_count_in_both_tails_and_no_deal_is_lost(values, seed):
    x = np.array(values, dtype=float)
    row, column = (axis.ravel() for axis in np.indices((4, 4)))
    dealt = deal_neighbours(x, grid_neighbours(column, row), times=99, seed=seed)
    assert (dealt.at_or_above + dealt.at_or_below >= 99).all()
    assert ((dealt.at_or_above >= 0) & (dealt.at_or_above <= 99)).all()
    assert ((dealt.at_or_below >= 0) & (dealt.at_or_below <= 99)).all()


def one_deal_at_a_time(x, neighbours, times, seed):
    """The same deals, each cell's draws picked out by hand: slow, and without the shortcut of shared sums."""
    from upstander.analysis.hotspots.permuting import distinct_draws

    many, found = neighbours.counts(), neighbours.sums(x)
    drawn = distinct_draws(x.size, int(many.max()) + 1, times, np.random.default_rng(seed))
    at_or_above = np.zeros(x.size, dtype=int)
    for deal in drawn:
        for cell in range(x.size):
            others = [other for other in deal.tolist() if other != cell][: many[cell]]
            at_or_above[cell] += x[others].sum() >= found[cell] - 1e-9
    return at_or_above


def test_sums_shared_by_all_cells_equal_deals_made_for_each_cell_apart():
    x = np.random.default_rng(2).gamma(2, 2, 36)
    row, column = (axis.ravel() for axis in np.indices((6, 6)))
    grid = grid_neighbours(column, row)
    dealt = deal_neighbours(x, grid, times=50, seed=3)
    assert dealt.at_or_above.tolist() == one_deal_at_a_time(x, grid, 50, 3).tolist()


def test_a_cell_never_draws_itself():
    x = np.zeros(20)
    x[7] = 100.0
    dealt = deal_neighbours(x, neighbours_in_a_chain(20), times=2000, seed=1)
    assert (dealt.mean[7], dealt.sd[7]) == (0.0, 0.0)
    assert dealt.mean[3] == pytest.approx(2 * 100 / 19, abs=1)


def test_a_cell_without_neighbours_is_no_discovery():
    x = np.r_[50.0, np.arange(11.0)]
    found = gi_star_permuted(x, listed_neighbours([1, 2], [2, 3], 12), seed=1)
    assert found.p_two_sided[0] == 1.0
    assert np.isnan(found.z_sim[0])
    assert local_moran(x, listed_neighbours([1, 2], [2, 3], 12)).quadrant[0] is None


def test_where_every_cell_touches_every_other_there_is_nothing_to_draw():
    pairs = np.array(list(combinations(range(9), 2)))
    with pytest.raises(UnfitNumbers, match="nothing to draw from"):
        gi_star_permuted(np.arange(9), listed_neighbours(*pairs.T, 9), seed=1)


def test_a_hot_and_a_cold_square_are_told_apart():
    counts = np.full((12, 12), 5.0)
    counts[2:5, 2:5], counts[8:11, 8:11] = 14, 0
    counts += np.arange(144).reshape(12, 12) % 3
    found = gi_star_permuted(counts.ravel(), GRID, permutations=9999, seed=1)
    assert found.is_hot[3 * 12 + 3]
    assert found.is_cold[9 * 12 + 9]
    assert not (found.is_hot & found.is_cold).any()


def test_conditional_mean_and_variance_of_local_moran_are_those_of_every_deal():
    x, chain = np.array(NINE, dtype=float), neighbours_in_a_chain(9)
    z, m2 = x - x.mean(), np.square(x - x.mean()).mean()
    found = local_moran(x, chain)
    for cell, many in enumerate(chain.counts()):
        dealt = z[cell] * every_deal(z, cell, int(many)) / many / m2
        assert found.expected[cell] == pytest.approx(dealt.mean())
        assert found.variance[cell] == pytest.approx(dealt.var())


def test_total_mean_and_variance_of_local_moran_are_those_of_every_deal_of_all_values():
    x, chain = np.array(NINE, dtype=float), neighbours_in_a_chain(9)
    z, m2 = x - x.mean(), np.square(x - x.mean()).mean()
    found = local_moran(x, chain, is_row_standardised=False)
    for cell, many in enumerate(chain.counts()):
        dealt = np.concatenate([z[own] * every_deal(z, own, int(many)) / m2 for own in range(9)])
        assert found.expected_total[cell] == pytest.approx(dealt.mean())
        assert found.variance_total[cell] == pytest.approx(dealt.var())


@given(st.lists(st.integers(0, 20), min_size=144, max_size=144).filter(lambda values: len(set(values)) > 1))
def test_local_values_add_up_to_morans_i(values):
    found = local_moran(np.array(values), GRID, permutations=99)
    z = np.array(values) - np.mean(values)
    weights = 1 / GRID.counts()[GRID.left]
    whole = (weights * z[GRID.left] * z[GRID.right]).sum() / np.square(z).sum() * 144 / weights.sum()
    assert found.global_i == pytest.approx(whole)
    assert found.i_n_1 == pytest.approx(found.i_n * 143 / 144)


def test_neighbours_alike_and_neighbours_apart_are_named():
    counts = np.full((12, 12), 5.0) + np.arange(144).reshape(12, 12) % 4
    counts[1:5, 1:5] = 20
    counts[3, 3] = 0
    found = local_moran(counts.ravel(), GRID, permutations=9999, seed=1)
    assert [found.quadrant[at * 12 + at] for at in (2, 3)] == ["high-high", "low-high"]
    assert found.is_discovery[[2 * 12 + 2, 3 * 12 + 3]].all()


def test_equal_values_are_no_discovery_and_have_no_i():
    found = local_moran(np.full(144, 3.0), GRID)
    assert np.isnan(found.i_n).all()
    assert (found.p == 1).all()


@given(st.floats(0.01, 1000), st.floats(-50, 50))
def test_the_unit_and_the_origin_of_the_values_do_not_matter(factor, shift):
    x = np.random.default_rng(6).gamma(2, 2, 144)
    one, other = local_moran(x, GRID, permutations=199), local_moran(x * factor + shift, GRID, permutations=199)
    assert one.i_n == pytest.approx(other.i_n, rel=1e-6, abs=1e-9)
    assert one.p.tolist() == other.p.tolist()
    assert one.quadrant == other.quadrant


def test_too_few_cells_and_missing_values_are_refused():
    with pytest.raises(TooFewPoints):
        local_moran([1, 2, 3], neighbours_in_a_chain(3))
    with pytest.raises(UnfitNumbers):
        gi_star_permuted(np.full(144, np.nan), GRID, seed=1)


def test_a_correction_that_so_few_permutations_cannot_pass_is_told():
    cells = {"i": range(144), "value": range(144), "column": COLUMN, "row": ROW}
    result = methods.run(methods.ALL["local_moran"], {"values": pl.DataFrame(cells)}, {"permutations": "999"}, seed=1)
    assert "needs 5,760 permutations" in result.warnings[0]


@needs_shared
def test_the_z_of_permutations_is_near_the_published_z_of_normal_theory():
    frames = {"values": as_text("gi_star/input.csv"), "neighbours": as_text("gi_star/queen_neighbours.csv")}
    found = pl.DataFrame(
        list(methods.run(methods.ALL["gi_star_permutations"], frames, {"value": "rate74"}, seed=1).rows)
    )
    assert found["z_sim"].to_numpy() == pytest.approx(as_numbers("gi_star/expected.csv")["gi_z"].to_numpy(), abs=0.15)
