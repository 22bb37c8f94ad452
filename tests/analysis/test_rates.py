"""Rates and their limits: exact where events are few, honest about repeats, equal to what public health publishes."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest, chi2

from upstander.analysis import methods
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.measures.limits import byar, exact_poisson, poisson_limits, wilson
from upstander.analysis.measures.rates import dispersed_limits, rate, rate_ratio
from upstander.analysis.methods import ALL, Result
from upstander.errors import WrongUsage

COUNTS = st.lists(st.integers(0, 3000), min_size=1, max_size=30)
FOLDER = "rates_ci_byar_wilson_exact"


def run(name: str, params: dict[str, str] | None = None, **inputs: object) -> Result:
    frames = {role: each if isinstance(each, pl.DataFrame) else pl.DataFrame(each) for role, each in inputs.items()}
    return methods.run(ALL[name], frames, params or {}, seed=1)


def rates(params: dict[str, str] | None = None, **columns: list[object]) -> Result:
    return run(FOLDER, params, counts=columns)


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.998]))
def test_exact_limits_are_those_of_chi_square(counts, confidence):
    x, tail = np.array(counts), (1 - confidence) / 2
    limits = exact_poisson(x, confidence)
    assert limits.low == pytest.approx(np.where(x > 0, chi2.ppf(tail, 2 * np.maximum(x, 1)) / 2, 0), rel=1e-9)
    assert limits.high == pytest.approx(chi2.isf(tail, 2 * x + 2) / 2, rel=1e-9)


@given(st.integers(10, 100_000))
def test_byar_is_within_half_a_percent_of_exact_from_ten_events_on(events):
    near, exact = byar([events]), exact_poisson([events])
    assert near.low[0] == pytest.approx(exact.low[0], rel=5e-3)
    assert near.high[0] == pytest.approx(exact.high[0], rel=5e-3)


@given(COUNTS)
def test_every_rate_lies_within_its_limits_and_no_event_is_a_rate_of_zero_that_is_not_sure(counts):
    found = rate(counts, np.full(len(counts), 5000.0), multiplier=100_000)
    assert (found.low <= found.value).all()
    assert (found.value <= found.high).all()
    assert (found.high > 0).all()


@given(st.integers(0, 400), st.integers(1, 400))
def test_wilson_limits_are_those_of_an_independent_implementation(events, others):
    n = events + others
    told = binomtest(events, n).proportion_ci(method="wilson")
    limits = wilson([events], [n])
    assert (limits.low[0], limits.high[0]) == pytest.approx((told.low, told.high), abs=1e-12)


@given(COUNTS, st.floats(0.1, 1000))
def test_as_many_times_the_people_give_as_many_times_less_a_rate(counts, times):
    people = np.full(len(counts), 800.0)
    one, other = rate(counts, people), rate(counts, people * times)
    assert other.high * times == pytest.approx(one.high)
    assert other.low * times == pytest.approx(one.low)


def test_the_rule_changes_from_exact_to_byar_at_ten_events():
    both = poisson_limits([9, 10])
    assert both.low.tolist() == [exact_poisson([9]).low[0], byar([10]).low[0]]


def test_a_missing_number_gives_no_rate_and_disturbs_no_other():
    result = rates(Area=["a", "b", "c"], Numerator=["5", "", "7"], Denominator=["100", "100", None])
    assert [row["value"] for row in result.rows] == [5000.0, None, None]
    assert any("2 rows lack" in said for said in result.warnings)


def test_a_rate_is_per_person_year_and_names_its_population():
    result = rates({"years": "5", "population": "workday"}, Numerator=[30], Denominator=[2000])
    (row,) = result.rows
    assert (row["person_years"], row["value"], row["population"]) == (10_000, 300, "workday")
    assert result.summary["population"] == "workday"
    assert result.summary["years"] == 5


def test_more_events_than_people_are_doubted_not_refused():
    assert any("right population" in said for said in rates(Numerator=[250], Denominator=[220]).warnings)


def test_a_column_that_bears_a_parameters_name_speaks_for_its_own_rows():
    result = rates({"confidence": "0.9"}, x=[65, 65], confidence=["99.8%", None])
    assert [row["confidence"] for row in result.rows] == pytest.approx([0.998, 0.9])
    assert result.rows[0]["lowercl"] == pytest.approx(result.rows[0]["lower99_8cl"])


@pytest.mark.parametrize(
    ("columns", "where"),
    [
        ({"Numerator": [1, -1], "Denominator": [9, 9]}, "events, row 2"),
        ({"Numerator": [1, 1], "Denominator": [9, 0]}, "at risk, row 2"),
        ({"Numerator": [10], "Denominator": [9], "method": ["Wilson"]}, "events, row 1"),
        ({"Numerator": [1], "Denominator": [9], "method": ["wald"]}, "counts, row 1, column method"),
        ({"x": [1, 2], "confidence": ["95%", "sure"]}, "counts, row 2, column confidence"),
    ],
)
def test_numbers_that_are_no_rate_are_refused_with_their_row(columns, where):
    with pytest.raises(UnfitNumbers) as refused:
        rates(**columns)
    assert refused.value.where == where


def test_a_file_without_numerators_or_rows_is_refused():
    with pytest.raises(MissingColumn, match="Numerator and Denominator"):
        rates(Area=["a"])
    with pytest.raises(TooFewPoints):
        rates(Numerator=[], Denominator=[])
    with pytest.raises(WrongUsage):
        rates({"confidence": "95"}, Numerator=[1], Denominator=[2])


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.2, 5))
def test_a_ratio_has_the_limits_of_clopper_and_pearson(one, other, times):
    found = rate_ratio([one], [times], [other], [1.0])
    low = beta.ppf(0.025, one, other + 1) if one else 0.0
    high = beta.ppf(0.975, one + 1, other) if other else 1.0
    odds = [share / (1 - share) / times if share < 1 else np.inf for share in (low, high)]
    assert (found.low[0], found.high[0]) == pytest.approx(tuple(odds), rel=1e-6)


@given(st.integers(0, 60), st.integers(0, 60), st.booleans())
def test_turning_the_ratio_round_turns_its_limits_round(one, other, mid_p):
    found, turned = (
        rate_ratio([one], [3.0], [other], [2.0], mid_p=mid_p),
        rate_ratio([other], [2.0], [one], [3.0], mid_p=mid_p),
    )
    assert found.p[0] == pytest.approx(turned.p[0], abs=1e-9)
    if one:
        assert found.low[0] * turned.high[0] == pytest.approx(1, rel=1e-6)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mid_p_limits_are_never_wider_than_exact_ones(one, other):
    exact, shorter = rate_ratio([one], [1.0], [other], [1.0]), rate_ratio([one], [1.0], [other], [1.0], mid_p=True)
    assert shorter.low[0] >= exact.low[0] * (1 - 1e-9)
    assert shorter.high[0] <= exact.high[0] * (1 + 1e-9)


def test_no_events_in_the_other_leave_the_ratio_without_an_end():
    result = run(
        "rate_ratio",
        rates={"events": [4], "person_years": [10], "other_events": [0], "other_person_years": [10]},
    )
    assert result.as_json()["rows"][0]["high"] is None
    assert result.warnings == ("1 rows have no events in the other rate: no ratio is too large.",)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_people_harmed_once_each_have_the_limits_of_independent_events(persons):
    events = np.array([float(sum(persons))])
    one, other = dispersed_limits(events, events, 0.95), poisson_limits(events)
    assert (one.low[0], one.high[0]) == pytest.approx((other.low[0], other.high[0]))


@given(st.integers(1, 30), st.integers(2, 6))
def test_the_more_often_the_same_people_are_harmed_the_wider_the_limits(victims, times):
    once = run("repeat_victim_rate", victims={"area": ["a"], "events": [1], "persons": [victims * times]},
               population={"area": ["a"], "population": [1000]}).rows[0]  # fmt: skip
    again = run("repeat_victim_rate", victims={"area": ["a"], "events": [times], "persons": [victims]},
                population={"area": ["a"], "population": [1000]}).rows[0]  # fmt: skip
    assert (once["events"], once["value"]) == (again["events"], again["value"])
    assert again["uppercl"] > once["uppercl"]
    assert again["lowercl"] < once["lowercl"]
    assert again["upper_if_independent"] == once["uppercl"]


@pytest.mark.parametrize(
    ("victims", "people", "says"),
    [
        ({"area": ["a"], "events": [0], "persons": [2]}, {"area": ["a"], "population": [9]}, "no number of events"),
        ({"area": ["b"], "events": [1], "persons": [2]}, {"area": ["a"], "population": [9]}, "no population"),
        ({"area": ["a"], "events": [1], "persons": [2]}, {"area": ["a", "a"], "population": [9, 9]}, "stands twice"),
    ],
)
def test_victims_that_do_not_fit_the_population_are_refused(victims, people, says):
    with pytest.raises(UnfitNumbers, match=says):
        run("repeat_victim_rate", victims=victims, population=people)
