"""Knox and near repeats: pairs counted as by brute force, bands named for what they hold, times shuffled honestly."""

from itertools import combinations, pairwise, permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers, WrongOrder
from upstander.analysis.hotspots import pairs
from upstander.analysis.hotspots.knox import knox
from upstander.analysis.hotspots.near_repeat import near_repeats, one_row_an_incident, share_of_shared_points
from upstander.errors import WrongUsage

EVENTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 8)), min_size=2, max_size=12)
SPACE, DAYS = [0, 1, 2.5, 4, np.inf], [0, 1, 2, 5, np.inf]


def by_brute_force(events, space, days, *, closed, distance):
    """Pairs by band, one after the other."""
    table = np.zeros((len(space) - 1, len(days) - 1), dtype=int)
    for (x, y, t), (a, b, u) in combinations(events, 2):
        far = abs(x - a) + abs(y - b) if distance == "manhattan" else np.hypot(x - a, y - b)
        table[band(far, space, closed), band(abs(t - u), days, closed)] += 1
    return table


def band(apart, edges, closed):
    for number, (low, high) in enumerate(pairwise(edges)):
        if low <= apart < high if closed == "left" else low < apart <= high:
            return number
    return len(edges)  # nowhere: an IndexError that fails the test


@given(EVENTS, st.sampled_from(["euclidean", "manhattan"]))
def test_pairs_are_those_that_brute_force_counts(events, distance):
    x, y, t = np.array(events, dtype=float).T
    found = near_repeats(x, y, t, space=SPACE, days=DAYS, permutations=5, seed=1, distance=distance)
    expected = by_brute_force(events, SPACE, DAYS, closed="left", distance=distance)
    assert found.bands["observed"].to_list() == expected.ravel().tolist()
    assert found.bands["observed"].sum() == found.pairs


@given(EVENTS)
def test_bands_closed_on_the_right_hold_their_far_edge(events):
    x, y, t = np.array(events, dtype=float).T
    space, days = [-1, 1, 2, np.inf], [-1, 0, 3, np.inf]
    found = near_repeats(x, y, t, space=space, days=days, permutations=5, seed=1, closed="right")
    expected = by_brute_force(events, space, days, closed="right", distance="euclidean")
    assert found.bands["observed"].to_list() == expected.ravel().tolist()


@given(EVENTS)
def test_shuffling_keeps_how_many_pairs_are_near_in_space_and_how_many_in_time(events):
    x, y, t = np.array(events, dtype=float).T
    counts = pairs.pair_counts(x, y, t, space=SPACE, apart=DAYS, permutations=20, seed=3)
    assert (counts.permuted.sum(axis=2) == counts.in_space).all()
    assert (counts.permuted.sum(axis=1) == counts.in_time).all()
    assert (counts.observed.sum(axis=0) == counts.in_time).all()


def test_the_chance_by_shuffling_is_that_of_every_order_of_the_times():
    x, y, t = np.array([0, 0, 5, 5, 9.0]), np.array([0, 1, 0, 1, 9.0]), np.array([0, 1, 5, 6, 20.0])
    found = knox(x, y, t, eps_s=1, eps_t=1, permutations=9999, seed=4)
    every = [sum(abs(order[i] - order[j]) <= 1 for i, j in ((0, 1), (2, 3))) for order in permutations(t.tolist())]
    assert found["observed"][0] == 2
    assert found["p_shuffled"][0] == pytest.approx(np.mean(np.array(every) >= 2), abs=0.01)


def test_decimal_times_at_the_very_edge_count_alike_in_space_time_and_in_time_alone():
    t = np.arange(40) * 0.1
    counts = pairs.pair_counts(np.zeros(40), np.zeros(40), t, space=[-1, 1], apart=[-1, 0.3], permutations=1, seed=1,
                               closed="right")  # fmt: skip
    assert counts.observed.tolist() == [counts.in_time.tolist()]


def test_order_of_events_and_the_seed_of_another_day_do_not_change_what_is_observed():
    rng = np.random.default_rng(1)
    x, y, t = rng.random((3, 80)) * [[100], [100], [30]]
    one = knox(x, y, t, eps_s=[10, 30], eps_t=[2, 7], seed=1)
    other = knox(x[::-1], y[::-1], t[::-1], eps_s=[10, 30], eps_t=[2, 7], seed=2)
    assert one.drop("p_shuffled").equals(other.drop("p_shuffled"))
    assert (one["p_shuffled"] - other["p_shuffled"]).abs().max() < 0.06
    assert one.equals(knox(x, y, t, eps_s=[10, 30], eps_t=[2, 7], seed=1))


def test_limits_come_back_in_the_order_in_which_they_were_given():
    found = knox([0, 1, 2], [0, 0, 0], [0, 1, 2], eps_s=[2, 1], eps_t=[1, 0, 1], seed=1)
    assert found.select("eps_s", "eps_t").rows() == [(2, 1), (2, 0), (2, 1), (1, 1), (1, 0), (1, 1)]
    assert found["observed"].to_list() == [2, 0, 2, 2, 0, 2]


def test_same_day_is_named_zero_to_one_and_holds_no_other_day():
    found = near_repeats([0, 0, 0], [0, 0, 0], [0, 0, 1], space=[0, 1], days=[0, 1, 2], seed=1).bands
    assert dict(zip(found["time_band"], found["observed"], strict=True)) == {"[0, 1)": 1, "[1, 2)": 2}


def test_planted_repeats_stand_out_and_only_in_their_bands():
    rng = np.random.default_rng(5)
    x, y, t = rng.random((3, 300)) * [[5000], [5000], [365]]
    near = rng.integers(0, 300, 60)
    x, y = (np.r_[at, at[near] + rng.uniform(-60, 60, 60)] for at in (x, y))
    t = np.floor(np.r_[t, t[near] + rng.uniform(0, 5, 60)])
    found = near_repeats(x, y, t, space=[0, 100, 200, 400], days=[0, 7, 14, 28], seed=1).bands
    stands_out = found.filter(pl.col("p_fdr_bh") <= 0.05)
    assert stands_out.select("space_band", "time_band").rows()[0] == ("[0, 100)", "[0, 7)")
    assert stands_out["knox_ratio"][0] > 10
    assert found.filter(pl.col("space_from") >= 200)["p_fdr_bh"].min() > 0.05


def test_co_victims_are_collapsed_and_rows_without_an_incident_are_not():
    events = pl.DataFrame({"incident": ["a", "a", None, None], "at": [1, 2, 3, 4]})
    assert one_row_an_incident(events, ["incident"])["at"].to_list() == [1, 3, 4]


def test_share_of_points_that_several_events_lie_on():
    assert share_of_shared_points([0, 0, 1, 2], [0, 0, 1, 2]) == 0.5
    assert share_of_shared_points([], []) == 0.0


@pytest.mark.parametrize(
    ("wrong", "where", "arguments"),
    [
        (TooFewPoints, "events", {"x": [0], "y": [0], "time": [0]}),
        (UnfitNumbers, "events", {"time": [0, np.nan, 1]}),
        (UnfitNumbers, "eps_s", {"eps_s": [-1]}),
        (UnfitNumbers, "eps_t", {"eps_t": []}),
    ],
)
def test_what_knox_cannot_answer_is_refused_with_the_place(wrong, where, arguments):
    given = {"x": [0, 1, 2], "y": [0, 1, 2], "time": [0, 1, 2], "eps_s": [1], "eps_t": [1]} | arguments
    with pytest.raises(wrong) as refused:
        knox(**given, seed=1)
    assert refused.value.where == where


def test_bands_that_do_not_rise_are_refused():
    with pytest.raises(WrongOrder, match="bands of space"):
        near_repeats([0, 1], [0, 1], [0, 1], space=[0, 2, 2], days=[0, 1], seed=1)


def test_more_pairs_than_memory_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(pairs, "MOST_PAIRS", 10)
    with pytest.raises(UnfitNumbers, match="narrower bands"):
        knox(np.zeros(20), np.zeros(20), np.zeros(20), eps_s=1, eps_t=1, seed=1)


def run(name, params=None, **frames):
    return methods.run(methods.ALL[name], {role: pl.DataFrame(frame) for role, frame in frames.items()}, params or {},
                       seed=1)  # fmt: skip


def test_events_need_a_time_or_a_date():
    with pytest.raises(MissingColumn, match="'time' or 'date'"):
        run("near_repeat", events={"x": ["0", "1"], "y": ["0", "1"]})


def test_limits_that_are_no_numbers_are_wrong_usage():
    with pytest.raises(WrongUsage, match="not a list of numbers"):
        run("knox", {"eps_s": "near"}, events={"x": ["0", "1"], "y": ["0", "1"], "time": ["0", "1"]})


def test_shared_places_and_times_and_snapped_points_are_told():
    events = {"x": [0, 0, 9], "y": [0, 0, 9], "time": [1, 1, 2], "is_snapped": ["true", "true", "no"]}
    result = run("near_repeat", events=events)
    assert result.summary["share_snapped"] == pytest.approx(2 / 3)
    assert result.summary["share_on_shared_points"] == pytest.approx(2 / 3)
    assert [warning.split()[0] for warning in result.warnings] == ["1", "67%"]
    assert run("near_repeat", {"collapse": "true"}, events=events).summary["collapsed"] == 1
    del events["is_snapped"]
    assert "67% of the events share their point" in run("near_repeat", events=events).warnings[1]
