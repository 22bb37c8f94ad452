"""Comparing with places that had no project: displacement, differences in differences, regression to the mean."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.impact_runs import rows_of, run
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.impact.differences import group_time_effects, two_periods
from upstander.analysis.impact.displacement import BeforeAfter, displacement_difference
from upstander.analysis.impact.peaks import regression_to_the_mean

COUNTS = st.integers(0, 500)


def test_areas_of_unequal_size_are_compared_by_density():
    # Wheeler's worked example with areas of 1.2 and 0.9: -91.9, standard error 31.5.
    found = displacement_difference(BeforeAfter(207, 110, 1.2), BeforeAfter(308, 318, 0.9))["local"]
    assert (found.estimate, found.error) == pytest.approx((-91.9, 31.5), abs=0.06)


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.floats(1, 5))
def test_dispersion_widens_the_limits_and_moves_nothing(before, after, other_before, other_after, dispersion):
    own, other = BeforeAfter(before, after), BeforeAfter(other_before, other_after)
    plain = displacement_difference(own, other)["total"]
    wide = displacement_difference(own, other, dispersion=dispersion)["total"]
    assert wide.estimate == plain.estimate
    assert wide.error == pytest.approx(plain.error * dispersion**0.5)


def test_areas_with_other_names_and_unlike_levels_are_pointed_out():
    with pytest.raises(UnfitNumbers, match="weighted displacement"):
        run("weighted_displacement_difference", areas={"area": ["treated", "there"], "before": [1, 2], "after": [1, 2]})
    said = run(
        "weighted_displacement_difference", areas={"area": ["treated", "control"], "before": [90, 9], "after": [50, 8]}
    ).warnings
    assert any("two to one" in each for each in said)
    assert any("under 10" in each for each in said)


def test_ratio_of_ratios_of_places_that_halve_is_a_half():
    outcome = np.array([[10.0, 20, 10, 30, 40], [5.0, 10, 10, 30, 40]])
    found = two_periods(
        outcome, np.array([1, 1, 0, 0, 0], bool), np.array([0, 1], bool), scale="ratio", seed=1
    )  # fmt: skip
    assert np.exp(found.effect) == pytest.approx(0.5)


def test_p_counts_every_way_to_choose_the_treated_areas():
    rng = np.random.default_rng(3)
    outcome = rng.normal(size=(2, 8))
    found = two_periods(outcome, np.arange(8) < 3, np.array([False, True]), seed=1)
    change = outcome[1] - outcome[0]
    effects = [
        change[list(own)].mean() - np.delete(change, list(own)).mean() for own in combinations(range(8), 3)
    ]  # fmt: skip
    assert found.p == pytest.approx(np.mean([abs(each) >= abs(found.effect) - 1e-12 for each in effects]))


def test_areas_that_already_rose_faster_are_pointed_out():
    rng = np.random.default_rng(4)
    times = np.arange(10.0)[:, None]
    outcome = 50 + times * np.where(np.arange(12) < 4, 3.0, 0.0) + rng.normal(size=(10, 12))
    found = two_periods(outcome, np.arange(12) < 4, times[:, 0] >= 7, seed=1)
    assert found.pre_trend[1] < 0.001
    assert two_periods(outcome[5:], np.arange(12) < 4, times[5:, 0] >= 7, seed=1).pre_trend is None


def staggered(seed: int, effect: float = 2.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    starts = np.array([5.0] * 6 + [8.0] * 6 + [np.nan] * 8)
    times = np.arange(12.0)
    outcome = rng.normal(size=20) + times[:, None] * 0.3 + rng.normal(0, 0.5, (12, 20))
    return outcome + effect * (times[:, None] >= starts), times, starts


def test_group_time_effects_are_plain_differences_of_means():
    outcome, times, starts = staggered(1)
    cells = group_time_effects(outcome, times, starts, draws=199, seed=1).cells
    own, never = starts == 8, np.isnan(starts)
    for row, base, time in ((9, 7, 9.0), (3, 2, 3.0)):
        moved = outcome[row] - outcome[base]
        by_hand = moved[own].mean() - moved[never].mean()
        found = cells.filter((pl.col("group") == 8) & (pl.col("time") == time))["effect"].item()
        assert found == pytest.approx(by_hand)


def test_staggered_effects_that_grow_are_not_turned_around():
    outcome, times, starts = staggered(2, effect=0)
    since = times[:, None] - np.nan_to_num(starts, nan=99)
    outcome = outcome - np.where(since >= 0, since + 1, 0)
    found = group_time_effects(outcome, times, starts, seed=1)
    assert found.overall[2] < 0
    assert found.dynamic.filter(pl.col("since") == 6)["effect"].item() == pytest.approx(-7, abs=1)
    assert found.pre_trend_p > 0.001


def test_groups_without_enough_areas_are_refused():
    outcome, times, starts = staggered(3)
    lone = np.where(np.arange(20) == 0, 6.0, starts)
    with pytest.raises(TooFewPoints, match="start at 6"):
        group_time_effects(outcome, times, lone, seed=1)
    with pytest.raises(TooFewPoints):
        group_time_effects(outcome, times, np.full(20, 5.0), seed=1)
    with pytest.raises(UnfitNumbers, match="no time before"):
        group_time_effects(outcome, times, np.where(starts == 5, 0.0, starts), seed=1)


def test_two_starts_of_one_area_are_refused():
    panel = {"unit": ["A", "A"], "time": [1, 2], "outcome": [1, 2], "starts": [1, 2]}
    with pytest.raises(UnfitNumbers, match="two starts"):
        run("group_time_effects", panel=panel)


def places(seed: int, chosen: int = 20) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rates = rng.gamma(2, 5, 300)
    before = rng.poisson(rates).astype(float)
    marked = np.zeros(300, dtype=bool)
    marked[np.argsort(-before, kind="stable")[:chosen]] = True
    return before, rng.poisson(rates).astype(float), marked


def test_places_chosen_at_their_peak_fall_by_about_what_is_expected():
    falls = []
    for seed in range(40):
        before, after, marked = places(seed)
        found = regression_to_the_mean(before, marked, seed=seed, draws=1000)
        falls.append((found.fall, 1 - after[marked].sum() / before[marked].sum()))
    expected, seen = np.mean(falls, axis=0)
    assert expected == pytest.approx(seen, abs=0.02)
    assert expected > 0.05


def test_a_fall_common_to_all_places_is_not_the_projects():
    before, after, marked = places(50)
    found = regression_to_the_mean(before, marked, after=np.floor(after / 2), seed=1)
    assert found.moved == pytest.approx(0.5, abs=0.07)
    assert found.p > 0.01


def test_a_project_that_halves_goes_beyond_regression_to_the_mean():
    before, after, marked = places(51)
    found = regression_to_the_mean(before, marked, after=np.where(marked, np.floor(after / 2), after), seed=1)
    assert found.p < 0.01
    assert found.beyond == pytest.approx(0.5, abs=0.15)


@given(st.lists(st.integers(0, 50), min_size=12, max_size=40))
@settings(max_examples=30, deadline=None)
def test_an_expected_count_lies_between_the_mean_and_the_count(values):
    before = np.array(values, dtype=float)
    marked = np.arange(before.size) == int(before.argmax())
    if before.max() > 0:
        found = regression_to_the_mean(before, marked, seed=1, draws=1000)
        assert 0 <= found.shrinkage <= 1
        assert before.mean() - 1e-9 <= found.expected[marked][0] <= before.max() + 1e-9


def test_who_was_chosen_must_be_said():
    frame = {"place": range(12), "before": range(12)}
    with pytest.raises(MissingColumn, match="chosen"):
        run("regression_to_the_mean", places=frame)
    assert rows_of(run("regression_to_the_mean", {"top": 2}, places=frame))["chosen"].sum() == 2
