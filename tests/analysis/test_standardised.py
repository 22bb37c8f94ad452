"""Standardised rates: comparable between areas with other ages, withheld where events are too few."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import MissingColumn, UnfitNumbers
from upstander.analysis.measures.limits import byar
from upstander.analysis.measures.standardised import (
    ESP_2013,
    directly_standardised,
    indirectly_standardised,
    variance_of_repeats,
)
from upstander.analysis.methods import ALL, Result

FOLDER = "dsr_dobson"
VALUES = ("value", "lower95_0cl", "upper95_0cl", "lower99_8cl", "upper99_8cl")
TWO = {"area": ["a", "a"], "ageband": ["0-29", "30+"], "count": [12, 8], "pop": [100, 200]}
BANDS = {"ageband": ["0-29", "30+"], "stdpop": [1, 3]}


def run(name: str, params: dict[str, str] | None = None, **inputs: object) -> Result:
    frames = {role: each if isinstance(each, pl.DataFrame) else pl.DataFrame(each) for role, each in inputs.items()}
    return methods.run(ALL[name], frames, params or {}, seed=1)


@given(st.lists(st.integers(0, 60), min_size=3, max_size=3).filter(lambda counts: sum(counts) >= 10))
def test_an_area_with_the_ages_of_the_standard_has_its_crude_rate(counts):
    people = np.array([300.0, 200.0, 500.0])
    found = directly_standardised(counts, people, people, np.zeros(3, dtype=np.int64))
    assert found.value[0] == pytest.approx(sum(counts) / 1000)
    crude = byar(float(sum(counts)))
    assert found.limits(0.95).high[0] == pytest.approx(float(crude.high) / 1000)


@given(st.floats(0.001, 1e6))
def test_only_the_proportions_of_the_standard_count(times):
    one, other = (
        directly_standardised([12, 8], [100, 200], np.array([1, 3]) * scale, np.zeros(2, dtype=np.int64))
        for scale in (1.0, times)
    )
    assert other.value[0] == pytest.approx(one.value[0])
    assert other.variance[0] == pytest.approx(one.variance[0])


@given(st.integers(0, 9))
def test_below_ten_events_no_standardised_rate_is_given(events):
    row = run("dsr_dobson", events=TWO | {"count": [events, 0]}, standard=BANDS).rows[0]
    assert (row["value"], row["lowercl"], row["uppercl"]) == (None, None, None)
    assert row["total_count"] == events


def test_the_european_standard_population_of_2013_has_a_hundred_thousand_people():
    assert (sum(ESP_2013.values()), len(ESP_2013)) == (100_000, 19)


def test_without_a_standard_it_is_the_european_one_and_leading_zeros_do_not_matter():
    bands = [f"0{band}" if band in ("0-4", "5-9") else band for band in ESP_2013]
    result = run("dsr_dobson", events={"ageband": bands, "count": [2] * 19, "pop": [100] * 19})
    assert result.summary["standard"] == "European Standard Population 2013"
    assert result.rows[0]["value"] == pytest.approx(2000)


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (TWO | {"ageband": ["0-29", "30-59"]}, "no such age band"),
        ({name: values[:1] for name, values in TWO.items()}, "lack bands"),
        (TWO | {"area": ["a", "b"]}, "lack an age band or have one twice"),
        (TWO | {"pop": [100, 0]}, "nobody is at risk"),
        (TWO | {"count": [12, -8]}, "negative"),
        (TWO | {"f1": [12, 8], "f2": [0, 1]}, "do not add up"),
    ],
)
def test_bands_that_do_not_fit_are_refused(events, says):
    with pytest.raises(UnfitNumbers, match=says):
        run("dsr_dobson", events=events, standard=BANDS)


def test_a_file_without_age_bands_is_refused():
    with pytest.raises(MissingColumn, match="ageband"):
        run("dsr_dobson", events={"count": [12], "pop": [100]})
    with pytest.raises(MissingColumn, match="one column must hold"):
        run("dsr_dobson", events=TWO, standard={"ageband": ["0-29", "30+"]})


def test_the_variance_of_repeats_is_the_sum_of_squares():
    assert variance_of_repeats(np.array([[4.0, 0.0, 2.0]])).tolist() == [22.0]


@given(st.integers(0, 500), st.floats(0.5, 500))
def test_an_observed_count_over_what_is_expected_has_the_limits_of_the_count(observed, expected):
    found = indirectly_standardised([observed], [1.0], [expected], np.zeros(1, dtype=np.int64))
    assert found.ratio[0] == pytest.approx(observed / expected)
    limits = found.limits(0.95)
    assert limits.low[0] <= found.ratio[0] <= limits.high[0]


def test_the_reference_itself_has_a_ratio_of_one():
    result = run("indirectly_standardised_rate", {"multiplier": "100000"}, events=TWO, reference=TWO)
    row = result.rows[0]
    assert (row["ratio"], row["value"]) == pytest.approx((1, 20 / 300 * 100_000))


def test_totals_stand_for_ages_that_are_not_known():
    no_ages = {name: values for name, values in TWO.items() if name != "count"}
    by_total = run(
        "indirectly_standardised_rate", events=no_ages, reference=TWO, totals={"area": ["a"], "observed": [20]}
    )
    assert by_total.rows == run("indirectly_standardised_rate", events=TWO, reference=TWO).rows


def test_events_without_counts_or_totals_are_not_taken_as_none():
    no_ages = {name: values for name, values in TWO.items() if name != "count"}
    with pytest.raises(MissingColumn, match="count"):
        run("indirectly_standardised_rate", events=no_ages, reference=TWO)
    with pytest.raises(UnfitNumbers, match="no total"):
        run("indirectly_standardised_rate", events=no_ages, reference=TWO, totals={"area": ["b"], "observed": [20]})


def test_years_of_the_area_and_of_the_reference_may_differ():
    one = run("indirectly_standardised_rate", {"years": "3", "reference_years": "3"}, events=TWO, reference=TWO)
    assert one.rows[0]["ratio"] == pytest.approx(1)
    assert one.rows[0]["value"] == pytest.approx(20 / 900 * 100_000)


def test_a_file_may_bring_its_own_reference_for_each_area():
    own = TWO | {"refcount": [10, 20], "refpop": [100, 100]}
    reference = {"ageband": ["0-29", "30+"], "count": [10, 20], "pop": [100, 100]}
    assert (
        run("indirectly_standardised_rate", events=own).rows
        == run("indirectly_standardised_rate", events=TWO, reference=reference).rows
    )
    with pytest.raises(MissingColumn, match="no reference"):
        run("indirectly_standardised_rate", events=TWO)
