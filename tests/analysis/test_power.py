"""Power before a pilot: exact tests of two rates, and the smallest fall a series could show."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from analysis.impact_runs import rows_of, run
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.impact import power
from upstander.analysis.impact.detectable import smallest_detectable_fall
from upstander.analysis.impact.power import c_test, detectable_ratio, e_test, power_two_rates, ratio_limits
from upstander.errors import WrongUsage


@pytest.mark.parametrize(("counts", "published"), [((3, 0), 0.0884), ((6, 2), 0.1749)])
def test_the_e_test_gives_the_p_values_of_its_paper(counts, published):
    assert e_test(*counts) == pytest.approx(published, abs=5e-5)
    assert e_test(*reversed(counts)) == pytest.approx(published, abs=5e-5)


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.3, 5), st.floats(0.3, 5))
@settings(max_examples=30, deadline=None)
def test_the_e_test_agrees_with_another_implementation(k1, k2, n1, n2):
    from statsmodels.stats.rates import test_poisson_2indep as theirs

    if k1 + k2:
        other = theirs(k1, n1, k2, n2, method="etest-wald", compare="ratio").pvalue
        assert e_test(k1, k2, n1, n2) == pytest.approx(other, abs=1e-6)


def test_two_counts_in_the_thousands_are_compared_in_blocks_of_memory():
    assert e_test(4000, 4100) == pytest.approx(0.2665, abs=1e-3)


@given(st.integers(0, 30), st.integers(0, 30))
def test_limits_of_the_ratio_leave_out_one_where_the_conditional_test_does(k1, k2):
    low, high = ratio_limits(k1, k2, 1, 1)
    assert (low > 1 or high < 1) == (c_test(k1, k2) < 0.05)


@pytest.mark.parametrize("test", ["e", "c"])
def test_power_counts_every_pair_of_counts(test):
    counts = range(40)
    p_of = {"e": lambda a, b: e_test(a, b, 6, 9), "c": lambda a, b: c_test(a, b, 6, 9)}[test]
    chance = sum(
        poisson.pmf(a, 6 * 0.3) * poisson.pmf(b, 9) for a in counts for b in counts if p_of(a, b) <= 0.05
    )  # fmt: skip
    assert power_two_rates(6, 9, 0.3, test=test).power == pytest.approx(chance, abs=1e-9)


@pytest.mark.parametrize(("test", "tolerance"), [("c", 1e-9), ("e", 0.002)])
def test_the_way_for_large_counts_agrees_with_the_way_for_small_ones(test, tolerance, monkeypatch):
    small = power_two_rates(90, 60, 0.7, test=test)
    monkeypatch.setattr(power, "MOST_EXPECTED", 1.0)
    large = power_two_rates(90, 60, 0.7, test=test)
    assert (large.power, large.size) == pytest.approx((small.power, small.size), abs=tolerance)


@pytest.mark.parametrize(("expected", "comparison"), [(5, 5), (20, 60), (80, 80), (3000, 5000)])
def test_false_alarms_stay_at_one_in_twenty(expected, comparison):
    assert power_two_rates(expected, comparison, 1.0).size <= 0.0525
    assert power_two_rates(expected, comparison, 1.0, test="c").size <= 0.05


@pytest.mark.parametrize("expected", [20, 80, 2000])
def test_a_slightly_larger_fall_than_the_detectable_one_is_found_and_a_smaller_one_is_not(expected):
    ratio = detectable_ratio(expected, expected)
    assert power_two_rates(expected, expected, ratio).power >= 0.8
    assert power_two_rates(expected, expected, ratio + 0.01).power < 0.8


def test_more_events_show_smaller_falls():
    ratios = [detectable_ratio(expected, expected) for expected in (10, 20, 40, 80, 160, 320)]
    assert [each for each in ratios if each is not None] == sorted(each for each in ratios if each is not None)


def test_what_a_pilot_can_show_is_said_in_a_sentence():
    result = run("power_two_rates", plans={"expected": [100], "comparison": [100], "ratio": [0.5]})
    (row,) = result.rows
    assert row["says"] == "This pilot can detect a fall of 36% with 80% power; it will miss most smaller ones."
    assert row["power"] == pytest.approx(0.985, abs=0.001)


def test_counts_that_are_none_are_refused():
    with pytest.raises(UnfitNumbers, match="whole"):
        e_test(-1, 3)
    with pytest.raises(UnfitNumbers, match="expected"):
        power_two_rates(0, 3, 0.5)
    with pytest.raises(WrongUsage):
        run("power_two_rates", {"power": 1.5}, plans={"expected": [1], "comparison": [1]})


def test_a_pilot_in_a_busier_place_shows_a_smaller_fall():
    rng = np.random.default_rng(1)
    quiet, busy = (
        smallest_detectable_fall(rng.poisson(mean, 104).astype(float), 26, pilots=100, seed=1) for mean in (5, 60)
    )
    assert busy.fall < 0.25 < quiet.fall
    assert busy.expected == pytest.approx(26 * 60, rel=0.1)
    assert max(busy.false_alarms, quiet.false_alarms) <= 0.1


def test_a_pilot_is_made_the_same_way_from_the_same_seed():
    series = {"count": np.random.default_rng(2).poisson(8, 60)}
    runs = [run("pilot_power", {"pilots": 100, "periods": 13}, seed=3, series=series).as_json() for _ in range(2)]
    assert runs[0] == runs[1]
    assert rows_of(run("pilot_power", {"pilots": 100}, series=series))["found"].is_between(0, 1).all()


def test_too_short_a_time_before_says_nothing_of_a_pilot():
    with pytest.raises(TooFewPoints):
        smallest_detectable_fall(np.ones(10), 26, seed=1)
