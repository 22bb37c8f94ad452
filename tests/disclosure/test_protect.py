"""Small numbers do not leave, and arithmetic does not get them back."""

from dataclasses import replace
from datetime import date
from math import inf

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader import attacked, pinned, possible_range
from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, Edition, Status
from upstander.disclosure import Exact, Sum, derive, protect, protect_linked, releasable_count, strictest
from upstander.values.periods import Period

HOSPITAL = CountRule("hospital", "DSA-1", suppress_up_to=7, round_to=5)
OPEN = CountRule("open", "OGL", suppress_up_to=0, round_to=1, open_data=True)
MONTH = Period.parse("2026-07")
assert MONTH.start == date(2026, 7, 1)


def about(*rules):
    return About("t", "records", "records", Edition.SHAREABLE, MONTH, "lsoa21", rules, (), "counts", "1", "all", "test")


def exact(name, rows, *rules):
    return Exact(name, ("area",), pl.DataFrame(rows, schema=["area", "count"], orient="row"), about(*rules))


@given(count=st.integers(min_value=1, max_value=10_000))
def test_no_small_count_survives_release(count):
    shown = releasable_count(count, HOSPITAL)
    assert shown is None or (shown > HOSPITAL.suppress_up_to and shown % HOSPITAL.round_to == 0)


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (7, None), (8, 10), (12, 10), (13, 15), (25, 25)])
def test_hospital_counts_are_hidden_to_seven_and_rounded_to_five(count, shown):
    assert releasable_count(count, HOSPITAL) == shown


def test_halves_are_rounded_up_where_the_base_is_even():
    even = CountRule("even", "DSA-2", suppress_up_to=4, round_to=10)
    assert [releasable_count(count, even) for count in (15, 25, 35)] == [20, 30, 40]


@given(counts=st.lists(st.integers(0, 60) | st.none(), min_size=1, max_size=30))
def test_a_column_is_protected_as_each_of_its_counts_would_be(counts):
    rows = [(f"F{index:03}", count) for index, count in enumerate(counts)]
    table = protect(exact("counts", rows, HOSPITAL))
    for area, count in rows:
        cell = table.cell(area=area)
        if count is None:
            assert cell["status"] == Status.MISSING
        else:
            assert cell["value"] == releasable_count(count, HOSPITAL)
            assert (cell["status"] == Status.SUPPRESSED) == (cell["value"] is None)


@given(count=st.integers(0, 200))
def test_what_a_reader_can_learn_of_a_cell_always_holds_its_count(count):
    for rule in (HOSPITAL, OPEN, CountRule("five", "x", 4, 1), CountRule("ten", "x", 9, 10)):
        shown = releasable_count(count, rule)
        status = Status.SUPPRESSED if shown is None else Status.SHOWN
        low, high = possible_range(status.value, shown, rule)
        assert low <= count <= high


def test_where_sources_meet_the_strictest_rule_governs():
    table = protect(exact("both", [("F1", 6)], OPEN, HOSPITAL))
    assert strictest([OPEN, HOSPITAL]) == replace(HOSPITAL, name="hospital; open", agreement="DSA-1; OGL")
    assert table.cell(area="F1")["status"] == Status.SUPPRESSED


def test_a_margin_that_would_give_hidden_counts_away_is_hidden_too():
    # 8 shows as 10 (8 to 12) and the total of 12 as 10 (8 to 12): four hidden cells must each be exactly 1.
    rows = [("A", 8), ("B", 1), ("C", 1), ("D", 1), ("E", 1)]
    parts = exact("parts", rows, HOSPITAL)
    whole = exact("whole", [("all", 12)], HOSPITAL)
    link = Sum(("whole", "all"), tuple(("parts", name) for name, _ in rows))
    alone = {"parts": protect(parts), "whole": protect(whole)}
    ranges = {("parts", "A"): (8.0, 12.0), ("whole", "all"): (8.0, 12.0)}
    ranges |= {("parts", name): (1.0, 7.0) for name in "BCDE"}
    assert alone["whole"].cell(area="all")["value"] == 10
    assert {found.cell[1] for found in pinned(ranges, [link], [("parts", name) for name in "BCDE"])} == set("BCDE")
    together = protect_linked([parts, whole], [link])
    assert together["whole"].cell(area="all")["status"] == Status.SUPPRESSED
    assert together["parts"].cell(area="A")["value"] == 10


@given(counts=st.lists(st.integers(0, 20), min_size=2, max_size=8))
def test_the_attack_never_excludes_the_truth_and_finds_each_as_wide_as_its_rule(counts):
    rows = [(f"a{index}", count) for index, count in enumerate(counts)]
    parts, whole = exact("parts", rows, HOSPITAL), exact("whole", [("all", sum(counts))], HOSPITAL)
    link = Sum(("whole", "all"), tuple(("parts", name) for name, _ in rows))
    tables = protect_linked([parts, whole], [link])
    ranges, hidden = {}, []
    for table in tables.values():
        for area, value, status in table.cells.select("area", "value", "status").rows():
            is_hidden = status == Status.SUPPRESSED
            ranges[table.name, area] = (1.0, inf) if is_hidden else possible_range(status, value, HOSPITAL)
            if is_hidden and table.name == "parts":
                hidden.append((table.name, area))
    truth = {("parts", area): count for area, count in rows}
    for bounds in attacked(ranges, [link], hidden):
        assert bounds.low <= truth[bounds.cell] <= bounds.high
        assert bounds.high - bounds.low + 1 >= HOSPITAL.width


def test_a_statistic_sees_only_released_cells():
    table = protect(exact("counts", [("F1", 6), ("F2", 23)], HOSPITAL))
    seen = []

    def mean(cells):
        seen.append(cells)
        return pl.DataFrame({"what": ["mean"], "value": [cells["value"].mean()]})

    derived = derive("mean", ("what",), table.about, [table], mean)
    assert seen[0]["value"].to_list() == [None, 25.0]
    assert derived.cell(what="mean") == {"value": 25.0, "low": None, "high": None, "status": "shown"}
