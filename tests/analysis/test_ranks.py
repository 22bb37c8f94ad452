"""Rank intervals: sure where counts are many, honest where they are few."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots.agencies import seen_by, seen_by_one_only
from upstander.analysis.hotspots.ranks import rank_intervals


def test_places_far_apart_have_ranks_without_doubt():
    found = rank_intervals([4000, 1000, 250], seed=1)
    assert found.rank.tolist() == found.low.tolist() == found.high.tolist() == [1, 2, 3]
    assert found.group.tolist() == [1, 2, 3]


def test_equal_places_cannot_be_told_apart():
    found = rank_intervals([5] * 30, seed=1)
    assert set(found.group.tolist()) == {1}
    assert (found.high - found.low).min() > 20


def test_one_place_that_stands_out_of_many_equal_ones_is_a_group_of_its_own():
    found = rank_intervals([80] + [10] * 20, seed=1)
    assert found.group.tolist() == [1] + [2] * 20
    assert (found.low[0], found.high[0]) == (1, 1)


def test_a_rate_is_drawn_towards_the_others_where_counts_are_few():
    found = rank_intervals([3, 300, 100, 110, 90, 105, 95, 100], [1, 100, 100, 100, 100, 100, 100, 100], seed=1)
    assert found.rate[0] < 3
    assert found.rank[1] == 1


def test_exposure_decides_not_the_count_alone():
    found = rank_intervals([100, 100, 100], [1, 10, 100], seed=1)
    assert found.rank.tolist() == [1, 2, 3]


def test_the_same_seed_gives_the_same_intervals_and_another_nearly_the_same():
    counts = np.random.default_rng(2).poisson(np.random.default_rng(3).gamma(2, 2, 60))
    one, again, other = (rank_intervals(counts, seed=seed) for seed in (7, 7, 8))
    assert one.low.tolist() == again.low.tolist()
    assert np.abs(one.low - other.low).mean() < 3


@given(st.lists(st.integers(0, 50), min_size=3, max_size=25))
def test_every_interval_lies_within_the_list_and_ranks_are_a_permutation(counts):
    found = rank_intervals(counts, seed=0, draws=500)
    assert sorted(found.rank.tolist()) == list(range(1, len(counts) + 1))
    assert (found.low >= 1).all()
    assert (found.low <= found.high).all()
    assert (found.high <= len(counts)).all()
    assert found.group[found.rank.argmin()] == 1


@pytest.mark.parametrize("counts", [[1, 2, -1], [1, 2, 0.5], [1, 2, np.nan]])
def test_what_does_not_count_is_refused(counts):
    with pytest.raises(UnfitNumbers, match="whole numbers"):
        rank_intervals(counts, seed=0)


def test_two_places_and_places_without_exposure_are_refused():
    with pytest.raises(TooFewPoints):
        rank_intervals([1, 2], seed=0)
    with pytest.raises(UnfitNumbers, match="exposure above zero"):
        rank_intervals([1, 2, 3], [1, 0, 1], seed=0)


def by_source():
    base = [10] * 40
    ambulance, police = base.copy(), base.copy()
    ambulance[0], police[0] = 90, 90
    ambulance[1], police[1] = 90, 0
    ambulance[2] = 90  # the police see it like any other: they cannot say that it is not high
    return {name: rank_intervals(counts, seed=1) for name, counts in (("ambulance", ambulance), ("police", police))}


def test_a_place_one_agency_sees_high_and_the_other_low_is_seen_by_one_only():
    alone = seen_by_one_only(by_source(), top=10)
    assert alone.select("place", "source").rows() == [(1, "ambulance")]


def test_a_source_that_cannot_say_leaves_a_place_open():
    seen = seen_by(by_source(), top=10).filter(pl.col("place") == 2)
    assert dict(zip(seen["source"], seen["seen"], strict=True)) == {"ambulance": "high", "police": "cannot say"}


def test_sources_are_compared_over_one_list_of_places():
    with pytest.raises(UnfitNumbers, match="one list of places"):
        seen_by({"a": rank_intervals([1, 2, 3], seed=0), "b": rank_intervals([1, 2, 3, 4], seed=0)}, top=1)


def test_counts_that_spread_make_wider_intervals_about_the_same_ranks():
    counts = np.arange(10, 400, 13)
    told, untold = (rank_intervals(counts, spread=spread, seed=1) for spread in (4.0, 1.0))
    assert (told.high - told.low).mean() > 1.5 * (untold.high - untold.low).mean()
    assert told.rank.tolist() == untold.rank.tolist()
