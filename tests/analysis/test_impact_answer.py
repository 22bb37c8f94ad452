"""The one-page answer, and what prevention was worth: nothing left out, nothing counted twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.impact_runs import rows_of, run
from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongType
from upstander.analysis.impact.answer import Delivery, Effect, Money, PeakCheck, Sign, Subgroup, impact_answer
from upstander.analysis.impact.costs import discounted, uprated, worth
from upstander.errors import WrongUsage

PARTS = [
    "Effect", "Mechanism", "Moderators", "Implementation", "Economic cost", "Regression to the mean",
    "What would change our mind",
]  # fmt: skip
COSTS = {"offence": ["violence"], "unit_cost_gbp_2015_16": ["14050"]}


@given(st.floats(0.2, 3), st.floats(1.01, 3), st.booleans())
def test_every_part_is_there_whatever_is_known(ratio, reach, has_peak):
    effect = Effect("Violence", ratio, ratio / reach, ratio * reach)
    parts = impact_answer(effect, peak=PeakCheck(0.1, 0.2, 0.03) if has_peak else None)
    assert [part.name for part in parts] == PARTS
    assert all(part.says and all(said.endswith(".") for said in part.says) for part in parts)


def test_an_interval_that_holds_one_is_never_called_a_fall():
    (effect, *_) = impact_answer(Effect("Violence", 0.8, 0.6, 1.1))
    assert "no change can be told from chance" in effect.says[0]
    assert "fell" not in effect.says[0]
    assert "40% fewer to 10% more" in effect.says[0]


def test_a_rise_is_called_a_rise():
    assert impact_answer(Effect("Violence", 1.3, 1.1, 1.5))[0].says[0].startswith("Violence rose by 30%")


def test_a_half_delivered_project_is_a_reason_to_change_our_mind():
    parts = impact_answer(Effect("Violence", 1.0, 0.8, 1.2), implementation=[Delivery("patrol hours", 100, 20)])
    assert "20 of 100" in parts[3].says[0]
    assert any("done in full" in said for said in parts[-1].says)


def test_a_fall_that_the_peak_accounts_for_is_said_to_be():
    parts = impact_answer(Effect("Violence", 0.8, 0.7, 0.9), peak=PeakCheck(0.18, 0.02, 0.4))
    assert any("accounts for it" in said for said in parts[-1].says)


def test_all_that_is_known_is_said():
    parts = impact_answer(
        Effect("Violence", 0.8, 0.7, 0.9, (40, 10, 80)), mechanism=[Sign("more glass found", None)],
        moderators=[Subgroup("weekends", 0.7, 0.5, 0.95)], money=Money(90, 50, 200, 100),
    )  # fmt: skip
    assert parts[1].says == ("more glass found: not looked for.",)
    assert "None of these differs" in parts[2].says[-1]
    assert "cannot be told yet" in parts[4].says[-1]


def test_the_answer_is_made_from_what_the_methods_give():
    counts = np.random.default_rng(1).poisson(20 * np.where(np.arange(156) < 104, 1, 0.6))
    effect = run("interrupted_time_series", {"starts": 104}, series={"count": counts}).summary
    row = {
        name: [effect[name]] for name in ("rate_ratio", "low", "high", "prevented", "prevented_low", "prevented_high")
    }
    result = run("impact_answer", {"outcome": "Night-time violence"}, effect=row)
    assert rows_of(result)["says"][0].startswith("Night-time violence fell by")
    assert result.summary["not_known"] == PARTS[1:6]
    with pytest.raises(UnfitNumbers, match="limits"):
        run("impact_answer", effect={"rate_ratio": [0.9], "low": [1.0], "high": [1.2]})
    with pytest.raises(TooFewPoints, match="one row"):
        run("impact_answer", effect={"rate_ratio": [0.9, 1], "low": [0.8, 1], "high": [1.2, 1]})


def test_a_pound_next_year_is_worth_less_and_a_pound_now_is_not():
    assert discounted(np.array([103.5, 100]), np.array([1, 0]), 0.035) == pytest.approx([100, 100])
    assert uprated(np.array([80.0]), 80, 100) == pytest.approx([100])


@given(st.floats(1, 5), st.booleans())
def test_the_multiplier_counts_once_and_only_for_recorded_crime(multiplier, is_recorded):
    value = worth(
        np.array([10.0]), np.array([3.0]), multiplier=np.array([multiplier]), is_recorded=np.array([is_recorded]),
        year=np.array([0.0]), rate=0.035,
    )  # fmt: skip
    assert value[0] == pytest.approx(30 * (multiplier if is_recorded else 1))


def test_costs_and_effects_that_cannot_be_used_are_refused():
    effects = {"offence": ["violence"], "prevented": [3]}
    with pytest.raises(WrongType, match="row 1"):
        run("cost_benefit_unit_costs", costs={"offence": ["a"], "unit_cost_gbp_2015_16": ["dear"]})
    with pytest.raises(UnfitNumbers, match="less than nothing"):
        run("cost_benefit_unit_costs", costs={"offence": ["a"], "unit_cost_gbp_2015_16": ["-5"]})
    with pytest.raises(UnfitNumbers, match="no unit cost"):
        run("cost_benefit_unit_costs", costs=COSTS, effects=effects | {"offence": ["robbery"]})
    with pytest.raises(UnfitNumbers, match="recorded nor all"):
        run("cost_benefit_unit_costs", costs=COSTS, effects=effects | {"counts": ["some"]})
    with pytest.raises(UnfitNumbers, match="multiplier"):
        run("cost_benefit_unit_costs", costs=COSTS, effects=effects | {"multiplier": [0.5]})
    with pytest.raises(UnfitNumbers, match="order"):
        run("cost_benefit_unit_costs", costs=COSTS, effects=effects | {"low": [4]})
    with pytest.raises(WrongUsage, match="need an index"):
        run("cost_benefit_unit_costs", {"price_year": "2024/25"}, costs=COSTS)
    with pytest.raises(WrongUsage, match="no year"):
        run("cost_benefit_unit_costs", costs=COSTS, index={"year": ["2019/20"], "index": [100]})
