"""Process charts: published limits, the chart chosen and why, runs, and new limits for a recorded reason only."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.measures.charts import Asked, LeftOut, process_chart
from upstander.analysis.measures.choosing import Chart, Numbers
from upstander.analysis.measures.dispersion import dispersion
from upstander.analysis.measures.runs import crossings_needed, longest_allowed, runs_about
from upstander.analysis.measures.spc import Rebase, xmr
from upstander.errors import WrongUsage

# fmt: off
# Montgomery, Introduction to Statistical Quality Control, 7th ed.: tables 7.1, 7.7, 7.10, 7.14.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
BOARDS = [21, 24, 16, 12, 15, 5, 28, 20, 31, 25, 20, 24, 16, 19, 10, 17, 13, 22, 18, 39, 30, 24, 16, 19, 17, 15]
SHIPMENTS = [2, 3, 8, 1, 1, 4, 1, 4, 5, 1, 8, 2, 4, 3, 4, 1, 8, 3, 7, 4]
VALVE = [286, 948, 536, 124, 816, 729, 4, 143, 431, 8, 2837, 596, 81, 227, 603, 492, 1199, 1214, 2831, 96]
# fmt: on


def drawn(y, n=None, **asked):
    return process_chart(np.array(y, float), None if n is None else np.array(n, float), asked=Asked(**asked))


def lines(y, n=None, **asked):
    return drawn(y, n, **asked).points.select("cl", "lcl", "ucl").row(0)


def run(params=None, **columns):
    return methods.run(methods.ALL["process_chart"], {"series": pl.DataFrame(columns)}, params or {}, seed=1)


@pytest.mark.oracle
def test_the_p_chart_of_juice_cans_is_montgomery_s():
    assert lines(CANS, [50] * 30, chart=Chart.P) == pytest.approx((0.2313, 0.0524, 0.4102), abs=5e-5)
    out = drawn(CANS, [50] * 30, chart=Chart.P).points["special_cause"].to_list()
    assert [at for at, rule in enumerate(out, 1) if rule == "Above UCL"] == [15, 23]


@pytest.mark.oracle
def test_the_p_chart_without_two_points_of_known_cause_is_montgomery_s():
    known = (LeftOut(15, "new cardboard stock"), LeftOut(23, "new operator"))
    chart = drawn(CANS, [50] * 30, chart=Chart.P, left_out=known)
    assert chart.points.select("cl", "lcl", "ucl").row(0) == pytest.approx((0.2150, 0.0407, 0.3893), abs=5e-5)
    assert chart.warnings[0] == "Point 15 is not in the limits: new cardboard stock."
    assert chart.points["special_cause"][20] == "Above UCL"  # sample 21, which the book then finds


@pytest.mark.oracle
def test_the_c_chart_of_circuit_boards_is_montgomery_s():
    assert lines(BOARDS, chart=Chart.C) == pytest.approx((19.85, 6.48, 33.22), abs=0.01)
    known = (LeftOut(6, "inspector"), LeftOut(20, "temperature"))
    assert lines(BOARDS, chart=Chart.C, left_out=known) == pytest.approx((19.67, 6.36, 32.97), abs=0.01)


@pytest.mark.oracle
def test_the_u_chart_of_shipping_errors_is_montgomery_s():
    assert lines(SHIPMENTS, [50] * 20, chart=Chart.U) == pytest.approx((0.0740, 0, 0.1894), abs=5e-5)


@pytest.mark.oracle
def test_the_t_chart_of_valve_failures_has_montgomery_s_limits():
    # He rounds 1/3.6 to 0.2777: centre 5.386 and upper limit 11.681 on that scale; the lower lies below 0.
    centre, lower, upper = lines(VALVE, numbers=Numbers.GAPS, chart=Chart.T)
    power = np.array(VALVE) ** 0.2777
    reach = 2.66 * np.abs(np.diff(power)).mean()
    assert (centre**0.2777, upper**0.2777) == pytest.approx((power.mean(), power.mean() + reach), abs=0.01)
    assert power[:3] == pytest.approx((4.80986, 6.70903, 5.72650), abs=5e-6)  # as printed in table 7.14
    assert lower == 0


@pytest.mark.oracle
def test_the_bounds_of_runs_are_those_of_anhoej_and_olesen():
    # PLoS ONE 2014, table 1: points off the line, longest run allowed, fewest crossings.
    # fmt: off
    printed = {10: (6, 2), 11: (6, 2), 12: (7, 3), 13: (7, 3), 14: (7, 4), 15: (7, 4), 16: (7, 4), 17: (7, 5),
               18: (7, 5), 19: (7, 6), 20: (7, 6), 21: (7, 6), 22: (7, 7), 23: (8, 7), 24: (8, 8), 25: (8, 8)}
    # fmt: on
    assert {n: (longest_allowed(n), crossings_needed(n)) for n in printed} == printed


def test_probability_limits_leave_no_more_outside_than_three_sigma_of_a_normal_would():
    from scipy.stats import binom, poisson

    _, lower, upper = lines([4, 6, 5, 5] * 5, chart=Chart.C, exact=True)
    assert (poisson.cdf(lower - 1, 5), poisson.sf(upper, 5)) < (0.00135, 0.00135)
    assert poisson.sf(upper - 1, 5) > 0.00135
    _, lower, upper = lines([4, 6, 5, 5] * 5, [20] * 20, chart=Chart.P, exact=True)
    assert binom.sf(round(upper * 20), 20, 0.25) <= 0.00135 < binom.sf(round(upper * 20) - 1, 20, 0.25)


def test_the_xmr_chart_is_the_one_there_was():
    ours = drawn(BOARDS, chart=Chart.XMR).points
    theirs = xmr(BOARDS).points
    assert ours.select("cl", "lcl", "ucl").row(0) == pytest.approx(theirs.select("mean", "lpl", "upl").row(0))
    assert ours["special_cause"].to_list() == theirs["special_cause"].to_list()


def test_laney_agrees_with_u_where_neighbours_vary_by_chance():
    y = np.random.default_rng(3).poisson(40, 400)
    _, lower, upper = lines(y, [100] * 400, chart=Chart.U)
    _, low, high = lines(y, [100] * 400, chart=Chart.LANEY_U)
    assert (high - low) / (upper - lower) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("y", "n", "numbers", "chart"),
    [
        ([5, 7] * 6, None, Numbers.COUNTS, Chart.RUN),
        ([20, 25, 18, 22, 21] * 4, None, Numbers.COUNTS, Chart.C),
        ([20, 25, 18, 22, 21] * 4, [9, 10] * 10, Numbers.COUNTS, Chart.U),
        ([20, 25, 18, 22, 21] * 4, [90, 100] * 10, Numbers.SHARES, Chart.P),
        ([20, 60] * 10, None, Numbers.COUNTS, Chart.XMR),
        ([20, 60] * 10, [9, 10] * 10, Numbers.COUNTS, Chart.LANEY_U),
        ([20, 60] * 10, [90, 100] * 10, Numbers.SHARES, Chart.LANEY_P),
        ([0, 0, 0, 1] * 20, None, Numbers.COUNTS, Chart.G),
        ([0, 0, 0, 1] * 5, None, Numbers.COUNTS, Chart.RUN),
        ([0, 0, 0, 1] * 20, [9, 10] * 40, Numbers.COUNTS, Chart.U),
        ([3, 9, 1, 4, 12] * 4, None, Numbers.GAPS, Chart.G),
        ([3.5, 9.25, 1, 4, 12] * 4, None, Numbers.GAPS, Chart.T),
        ([3.5, 9.25, 1, 4, 12] * 4, None, Numbers.MEASUREMENTS, Chart.XMR),
    ],
)
def test_the_data_choose_the_chart_and_the_reason_is_a_sentence(y, n, numbers, chart):
    choice = drawn(y, n, numbers=numbers).choice
    assert choice.chart is chart
    assert choice.reason.endswith(".")
    assert str(choice.chart)[0].lower() in choice.reason.lower()


def test_small_counts_get_limits_by_exact_chance_and_are_told_so():
    choice = drawn([2, 3, 1, 4, 2, 3] * 4).choice
    assert choice.exact
    assert "Probability limits, since 2.5 events are expected" in choice.reason


def test_a_shift_of_level_is_found_and_does_not_pass_for_overdispersion():
    y = np.concatenate([np.tile([20, 25, 18, 22, 21], 4), np.tile([50, 55, 48, 52, 51], 4)])
    chart = drawn(y)
    assert chart.choice.chart is Chart.C
    assert chart.runs.is_signal
    assert (chart.points["special_cause"] != "Common Cause").all()


def test_one_terrible_week_is_named_and_does_not_choose_the_chart():
    chart = drawn([20, 25, 18, 22, 21] * 4 + [90] + [20, 25, 18, 22, 21] * 4)
    assert chart.choice.chart is Chart.C
    assert chart.points.row(20, named=True)["special_cause"] == "Above UCL"


def test_longer_gaps_between_stabbings_are_improvement():
    points = drawn([3, 2, 4, 3, 2, 3, 4, 2, 3, 3, 2, 4, 3, 60], numbers=Numbers.GAPS).points
    assert points.row(-1, named=True)["point_type"] == "special_cause_improvement"


def test_quiet_periods_become_gaps_dated_by_the_event_that_ends_them():
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(80)]
    y = np.tile([0.0, 0, 0, 1], 20)
    y[7] = 2
    y[-1] = 0
    chart = process_chart(y, dates=days)
    assert chart.points.height == 18
    assert chart.points.row(0, named=True)["date"] == date(2026, 1, 8)
    assert set(chart.points["y"].to_list()) == {3.0}
    assert "4 quiet periods since the last event so far; they are in no limit." in chart.warnings
    assert chart.warnings[-2].startswith("1 periods had more than one event")


def test_limits_move_only_on_a_recorded_day_and_the_reason_is_told():
    days = [date(2025, 1, 6) + timedelta(weeks=week) for week in range(40)]
    y = np.concatenate([np.tile([20.0, 25, 18, 22, 21], 4), np.tile([50.0, 55, 48, 52, 51], 4)])
    chart = process_chart(y, dates=days, asked=Asked(rebases=(Rebase(days[20], "new recording system"),)))
    assert chart.points["baseline"].to_list() == [1] * 20 + [2] * 20
    assert chart.points["cl"].unique().sort().to_list() == pytest.approx([21.2, 51.2])
    assert f"New limits from {days[20]}: new recording system." in chart.warnings


def test_runs_leave_out_points_on_the_line():
    found = runs_about(np.array([1.0, 0, 1, -1, 0, -1, -1, 1]))
    assert (found.useful, found.longest, found.crossings) == (6, 3, 2)
    assert runs_about(np.zeros(5)).longest is None
    assert not runs_about(np.zeros(5)).is_signal


@given(st.lists(st.sampled_from([-1.0, 1.0]), min_size=1, max_size=80))
def test_runs_are_those_that_a_person_would_count(side):
    longest = here = 1
    for before, now in pairwise(side):
        here = here + 1 if before == now else 1
        longest = max(longest, here)
    found = runs_about(np.array(side))
    assert found.longest == longest
    assert found.crossings == sum(before != now for before, now in pairwise(side))
    turned = runs_about(-np.array(side))
    assert (turned.longest, turned.crossings) == (found.longest, found.crossings)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=40), st.sampled_from(list(Chart)))
def test_limits_lie_about_the_centre_and_hold_no_impossible_number(counts, chart):
    n = [50.0] * len(counts)
    numbers = Numbers.GAPS if chart in {Chart.G, Chart.T} else Numbers.COUNTS
    points = drawn(counts, n if chart not in {Chart.G, Chart.T} else None, chart=chart, numbers=numbers).points
    known = points.drop_nulls("ucl")
    assert (known["ucl"] >= known["cl"] - 1e-9).all()
    assert (known["lcl"] <= known["cl"] + 1e-9).all()
    if chart is not Chart.XMR:
        assert (known["lcl"] >= 0).all()


@given(st.integers(2, 9), st.lists(st.integers(1, 40), min_size=14, max_size=40))
def test_a_u_chart_of_twice_the_people_has_half_the_rate_and_names_the_same_points(times, counts):
    one, other = (drawn(counts, [10 * k] * len(counts), chart=Chart.U).points for k in (1, times))
    assert other["cl"][0] * times == pytest.approx(one["cl"][0])
    assert other["special_cause"].to_list() == one["special_cause"].to_list()


def test_neighbours_by_chance_alone_are_one_and_by_hand():
    found = dispersion(np.array([10.0, 14, 10, 14]), np.ones(4), np.ones(4, int), shares=False)
    assert found.ratio == pytest.approx(4**2 / 12 / 2)
    assert found.pairs == 3
    assert not found.is_over


@pytest.mark.parametrize(
    ("y", "n", "asked", "where"),
    [
        ([1.5, 2, 3], None, {"chart": Chart.C}, "y, point 1"),
        ([1, -2, 3], None, {"chart": Chart.C}, "y, point 2"),
        ([1, 2, 9], [5, 5, 5], {"chart": Chart.P}, "y, point 3"),
        ([1, 2, 3], [5, 0, 5], {}, "n, point 2"),
        ([1, np.nan, 3], None, {}, "y"),
        ([1, 2, 3], None, {"left_out": (LeftOut(9, "why"),)}, "exclude"),
        ([1, -2, 3], None, {"numbers": Numbers.GAPS, "chart": Chart.T}, "y, point 2"),
    ],
)
def test_numbers_that_a_chart_cannot_hold_are_refused_with_the_place(y, n, asked, where):
    with pytest.raises(UnfitNumbers) as refused:
        drawn(y, n, **asked)
    assert refused.value.where == where
    assert refused.value.expected


def test_one_point_is_too_few():
    with pytest.raises(TooFewPoints):
        run(y=["3"])
    with pytest.raises(TooFewPoints):
        drawn([3, 4, 5], left_out=(LeftOut(1, "a"), LeftOut(2, "b")))


def test_a_point_is_left_out_only_with_its_reason():
    with pytest.raises(WrongUsage, match="recorded reason"):
        run({"exclude": "3"}, y=["3", "4", "5"])
    assert run({"exclude": "3 the system was down"}, y=["3", "4", "50"]).summary["cl"] == 3.5


def test_a_chart_of_a_series_with_a_season_warns_that_it_has_one():
    days = [date(2022, 1, 3) + timedelta(weeks=week) for week in range(156)]
    y = np.random.default_rng(2).poisson([60 + 30 * np.sin(2 * np.pi * week / 52) for week in range(156)])
    told = run(date=[str(day) for day in days], y=y).warnings
    assert any("has a season" in said for said in told)
    flat = run(date=[str(day) for day in days], y=[60, 62, 58] * 52).warnings
    assert not any("season" in said for said in flat)
