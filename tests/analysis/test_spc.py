"""XmR charts: limits, the rules that name a point, and new limits for a recorded reason only."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.reading import ORACLES
from shared_data import needs_shared
from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder
from upstander.analysis.measures.spc import Rebase, seven_one_side, seven_trend, two_in_three, xmr

CALM = [20, 22, 19, 21, 20, 18, 21, 22, 19, 20, 21, 19, 20, 22, 18]
MONDAYS = [date(2025, 1, 6) + timedelta(weeks=week) for week in range(40)]


def causes(y, **options):
    return xmr(y, **options).points["special_cause"].to_list()


def vectors(rule):
    return json.loads((ORACLES / "spc_xmr_nhs_making_data_count" / "rule_vectors.json").read_text())[rule]


def test_limits_are_the_mean_and_266_mean_moving_ranges():
    points = xmr([10, 12, 11, 13]).points
    reach = 2.66 * (2 + 1 + 2) / 3
    assert points.select("mean", "lpl", "upl").row(0) == pytest.approx((11.5, 11.5 - reach, 11.5 + reach))


def test_the_lower_limit_is_not_cut_off_at_zero():
    assert xmr([0, 3, 1, 4, 0, 2]).points["lpl"][0] < 0


def test_a_point_beyond_the_limit_is_concern_where_down_is_better():
    points = xmr([*CALM, 60]).points
    assert points.select("special_cause", "point_type").row(-1) == ("Above UCL", "special_cause_concern")
    assert xmr([*CALM, 60], better="up").points["point_type"][-1] == "special_cause_improvement"
    assert xmr([*CALM, 60], better="neutral").points["point_type"][-1] == "special_cause_neutral_high"


def test_a_break_is_screened_out_of_the_limits_unless_asked_not_to():
    with_break = [*CALM, 90, *CALM]
    assert xmr(with_break).points["upl"][0] < xmr(with_break, screen_outliers=False).points["upl"][0]


def test_limits_can_rest_on_the_first_points_alone():
    points = xmr([*CALM, *(40 for _ in CALM)], baseline_points=len(CALM)).points
    assert points["mean"][-1] == pytest.approx(np.mean(CALM))
    assert set(points["special_cause"][len(CALM) :].to_list()) == {"Above UCL"}


def test_a_flat_series_has_no_signal():
    assert set(causes([3.3] * 20)) == {"Common Cause"}


def test_two_near_one_limit_are_named_and_the_third_is_not():
    y = [10, 12] * 8
    reach = 2.66 * 2
    y += [11 + 0.8 * reach, 11.5, 11 + 0.8 * reach]
    found = causes(y, baseline_points=16)[-3:]
    assert found == ["2 in 3 Above CL", "Common Cause", "2 in 3 Above CL"]


def test_a_point_at_the_top_of_two_trends_belongs_to_the_one_that_follows():
    unsettled = [0, 20] * 8
    found = causes([*unsettled, 7, 8, 9, 10, 11, 12, 13, 12, 11, 10, 9, 8, 7], baseline_points=len(unsettled))[16:]
    assert found == ["7 Point Trend (Increasing)"] * 6 + ["7 Point Trend (Decreasing)"] * 7


def test_new_limits_need_a_recorded_reason_and_say_it():
    y = [*CALM, *(value + 30 for value in CALM)]
    change = Rebase(MONDAYS[15], "new recording system")
    chart = xmr(y, dates=MONDAYS[:30], rebases=[change])
    assert chart.points["baseline"].to_list() == [1] * 15 + [2] * 15
    assert set(chart.points["special_cause"].to_list()) == {"Common Cause"}
    assert f"New limits from {MONDAYS[15]}: new recording system." in chart.warnings
    assert set(causes(y)) != {"Common Cause"}


def test_limits_never_move_by_themselves():
    y = [*CALM, *(value + 30 for value in CALM)]
    assert xmr(y).points["mean"].n_unique() == 1


def test_new_limits_without_dates_are_refused():
    with pytest.raises(UnfitNumbers, match="need dates"):
        xmr(CALM, rebases=[Rebase(MONDAYS[3], "moved")])


def test_a_low_mean_and_a_short_series_are_said():
    warnings = " ".join(xmr([1, 0, 2, 1, 0]).warnings)
    assert "mean of 0.8" in warnings
    assert "5 points" in warnings
    assert xmr(CALM).warnings == ()


def test_dates_that_run_backwards_are_refused_with_the_place():
    with pytest.raises(WrongOrder, match="point 3"):
        xmr([1, 2, 3], dates=[MONDAYS[0], MONDAYS[2], MONDAYS[1]])


def test_one_point_and_missing_points_are_refused():
    with pytest.raises(TooFewPoints):
        xmr([1])
    with pytest.raises(UnfitNumbers, match="every period"):
        xmr([1, None, 3])


@given(st.lists(st.integers(0, 60), min_size=2, max_size=40), st.integers(-50, 50))
def test_moving_the_whole_series_moves_the_limits_and_no_name(y, shift):
    one, moved = xmr(y).points, xmr([value + shift for value in y]).points
    assert one["special_cause"].to_list() == moved["special_cause"].to_list()
    assert (moved["upl"] - one["upl"]).to_list() == pytest.approx([shift] * len(y), abs=1e-9)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=40))
def test_turning_the_series_over_turns_concern_into_improvement(y):
    turned = {
        "special_cause_concern": "special_cause_improvement",
        "special_cause_improvement": "special_cause_concern",
    }
    one = xmr(y).points["point_type"].to_list()
    other = xmr([-value for value in y]).points["point_type"].to_list()
    assert [turned.get(name, name) for name in one] == other


@pytest.mark.oracle
@needs_shared
def test_seven_on_one_side_agrees_with_the_reference_suite():
    for case in vectors("seven_one_side"):
        found = seven_one_side(np.array(case["relative_to_mean"], dtype=float))
        assert found.astype(int).tolist() == case["expect"]


@pytest.mark.oracle
@needs_shared
def test_trends_of_seven_agree_with_the_reference_suite():
    for case in vectors("seven_trend"):
        assert seven_trend(np.array(case["y"], dtype=float)).tolist() == case["expect"]


@pytest.mark.oracle
@needs_shared
def test_two_in_three_agrees_with_the_reference_suite():
    for case in vectors("two_in_three"):
        found = two_in_three(np.array(case["close"]) == 1, np.array(case["side"], dtype=float))
        assert found.astype(int).tolist() == case["expect"]
    for case in vectors("two_in_three_points"):
        near = np.array(case["close"]) == 1
        assert (two_in_three(near, np.ones(near.size)) & near).astype(int).tolist() == case["expect"]
