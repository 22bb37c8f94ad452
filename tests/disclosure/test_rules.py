"""Who counts, what tells of a group, and who makes up a sum: the parts of a rule beyond its threshold."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from disclosure.test_protect import HOSPITAL, OPEN, about
from reader import possible_range
from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Status
from upstander.disclosure import (
    Cube,
    Exact,
    Group,
    PersonsNotCounted,
    Sum,
    attack,
    dominated,
    protect,
    protect_cube,
    protect_linked,
)
from upstander.disclosure.counts import releasable_count
from upstander.disclosure.groups import telling_groups
from upstander.pipeline.injuries.matching import matched_of

OF_PERSONS = replace(HOSPITAL, of_persons=True)
NO_GROUP = replace(HOSPITAL, no_group=True)


def counted(rows, *rules):
    frame = pl.DataFrame(rows, schema=["area", "count", "persons"], orient="row")
    return Exact("counts", ("area",), frame, about(*rules))


def broken_down(rows, *rules):
    frame = pl.DataFrame(rows, schema=["area", "sex", "count"], orient="row")
    return Exact("counts", ("area", "sex"), frame, about(*rules), ("sex",))


# ── Who counts ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nine_events_of_one_person_are_hidden_where_persons_count():
    rows = [("F1", 9, 1), ("F2", 9, 8), ("F3", 6, 6), ("F4", 0, 0)]
    shown = protect(counted(rows, OF_PERSONS)).cells
    assert shown["value"].to_list() == [None, 10.0, None, 0.0]
    assert shown["status"].to_list() == ["suppressed", "shown", "suppressed", "shown"]
    assert protect(counted(rows, HOSPITAL)).cells["value"].to_list() == [10.0, 10.0, None, 0.0]


def test_a_table_that_cannot_tell_persons_apart_is_not_shown_where_they_count():
    blind = Exact("counts", ("area",), pl.DataFrame({"area": ["F1"], "count": [900]}), about(OPEN, OF_PERSONS))
    with pytest.raises(PersonsNotCounted, match="is about persons, and this table cannot tell one from another"):
        protect(blind)


@given(rows=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12))
def test_neither_few_events_nor_few_persons_are_ever_shown(rows):
    told = [(f"F{number}", max(pair), min(pair)) for number, pair in enumerate(rows)]
    for (_, count, persons), value in zip(told, protect(counted(told, OF_PERSONS)).cells.sort(
        pl.col("area").str.slice(1).cast(pl.Int64))["value"], strict=True):  # fmt: skip
        few = 0 < count <= 7 or 0 < persons <= 7
        assert value == (None if few else releasable_count(count, HOSPITAL))


def test_an_attacker_knows_that_a_count_hidden_for_its_persons_may_be_large():
    low, high = possible_range(Status.SUPPRESSED.value, None, OF_PERSONS)
    assert low == 1.0
    assert high > 1e6
    # 200 events, 190 of them of one person: the attacker's programme fits the truth.
    parts = counted([("A", 190, 1), ("B", 10, 9)], OF_PERSONS)
    total = pl.DataFrame({"area": ["all"], "count": [200], "persons": [10]})
    whole = Exact("whole", ("area",), total, about(OF_PERSONS))
    tables = protect_linked([parts, whole], [Sum(("whole", "all"), (("counts", "A"), ("counts", "B")))])
    assert tables["counts"].cell(area="A")["status"] == Status.SUPPRESSED


# ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def kinds_and_all(home, custody, rule):
    kinds = Exact(
        "kinds", ("what",), pl.DataFrame({"what": ["home", "custody"], "count": [home, custody]}), about(rule)
    )
    whole = Exact("whole", ("what",), pl.DataFrame({"what": ["records"], "count": [home + custody]}), about(rule))
    parts = (("kinds", "home"), ("kinds", "custody"))
    told = protect_linked([kinds, whole], [Sum(("whole", "records"), parts)], [Group(("whole", "records"), parts)])
    return [told["kinds"].cell(what=what)["status"] for what in ("home", "custody")]


@pytest.mark.parametrize(("home", "custody"), [(30, 0), (31, 1), (0, 30)])
def test_a_listed_group_whose_people_are_all_alike_or_all_but_one_is_hidden_whole(home, custody):
    assert kinds_and_all(home, custody, NO_GROUP) == [Status.SUPPRESSED, Status.SUPPRESSED]


def test_a_listed_group_of_two_kinds_is_shown_and_without_the_rule_so_is_any():
    assert kinds_and_all(30, 20, NO_GROUP) == [Status.SHOWN, Status.SHOWN]
    assert kinds_and_all(30, 0, HOSPITAL) == [Status.SHOWN, Status.SHOWN]


def test_matched_records_that_are_all_that_could_be_matched_are_a_group():
    shared = [
        ("police", "ed", "by point: matchable", 30), ("ed", "police", "by point: matchable", 40),
        ("police", "ed", "250 m, -30 to 60 min: matched", 30), ("police", "ed", "same area, -30 to 60 min: matched", 9),
        ("police", "ed", "250 m, -30 to 60 min: by chance", 3),
    ]  # fmt: skip
    frame = pl.DataFrame(shared, schema=["source", "other", "what", "count"], orient="row")
    near, area = "250 m, -30 to 60 min: matched", "same area, -30 to 60 min: matched"
    assert list(matched_of(frame)) == [
        (("police", "ed", "by point: matchable"), ("police", "ed", near)),
        (("ed", "police", "by point: matchable"), ("police", "ed", near)),
        (("police", "ed", "by area: matchable"), ("police", "ed", area)),
        (("ed", "police", "by area: matchable"), ("police", "ed", area)),
    ]


def test_a_row_whose_people_are_all_alike_or_all_but_one_is_hidden_whole():
    rows = [
        ("all", "F", 30),
        ("all", "M", 0),
        ("one", "F", 30),
        ("one", "M", 1),
        ("mixed", "F", 30),
        ("mixed", "M", 20),
    ]
    cells = protect(broken_down([*rows, ("none", "F", 0), ("none", "M", 0)], NO_GROUP))
    statuses = {(area, sex): status for area, sex, status in cells.cells.select("area", "sex", "status").rows()}
    assert {statuses[area, sex] for area in ("all", "one") for sex in "FM"} == {"suppressed"}
    assert {statuses[area, sex] for area in ("mixed", "none") for sex in "FM"} == {"shown"}


def test_a_category_that_is_left_out_tells_as_much_as_a_nought():
    cells = protect(broken_down([("all", "F", 30), ("mixed", "F", 30), ("mixed", "M", 20)], NO_GROUP))
    assert cells.cell(area="all", sex="F")["status"] == Status.SUPPRESSED
    assert cells.cell(area="all", sex="M")["status"] == Status.SUPPRESSED
    open_to_all = protect(broken_down([("all", "F", 30), ("mixed", "F", 30), ("mixed", "M", 20)], HOSPITAL))
    assert open_to_all.cell(area="all", sex="F")["value"] == 30.0


def test_a_table_of_one_category_tells_that_everybody_is_in_it():
    frame = pl.DataFrame({"sex": ["F"], "count": [30]})
    assert protect(Exact("counts", ("sex",), frame, about(NO_GROUP), ("sex",))).cells["value"].to_list() == [None]


@given(counts=st.lists(st.integers(0, 30), min_size=8, max_size=8))
def test_after_protection_no_shown_row_is_of_people_who_are_all_alike(counts):
    keys = [(area, sex, weapon) for area in "AB" for sex in "FM" for weapon in ("knife", "none")]
    frame = pl.DataFrame([(*key, count) for key, count in zip(keys, counts, strict=True)],
                         schema=["area", "sex", "weapon", "count"], orient="row")  # fmt: skip
    found = telling_groups(frame, ("area", "sex", "weapon"), ("sex", "weapon"))
    assert found["count"].sum() == sum(counts)
    shown = {key[:3] for key in found.filter(~pl.col("tells")).select("area", "sex", "weapon").rows()}
    truth = dict(zip(keys, counts, strict=True))
    for area, sex, weapon in shown:
        for row in ([truth[area, other, weapon] for other in "FM"], [truth[area, sex, o] for o in ("knife", "none")]):
            assert sum(row) == 0 or sum(row) - max(row) > 1


# ── Sums ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

# Contributions of 60, 30 and 10: the largest makes 60%, the two largest 90%; what remains without them is 10, which is
# 16.7% of the largest.
THREE = pl.DataFrame({"area": ["F1"] * 4, "contributor": ["a", "b", "c", "a"], "amount": [50.0, 30.0, 10.0, 10.0]})


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ({"dominance": (1, 59.0)}, True), ({"dominance": (1, 60.0)}, False), ({"dominance": (2, 85.0)}, True),
        ({"dominance": (2, 90.0)}, False), ({"dominance": (3, 99.0)}, True),
        ({"p_percent": 16.0}, False), ({"p_percent": 17.0}, True), ({}, False),
        ({"dominance": (1, 60.0), "p_percent": 17.0}, True), ({"suppress_up_to": 2}, False),
        ({"suppress_up_to": 3}, True),
    ],
)  # fmt: skip
def test_a_sum_is_dominated_by_hand(parts, hidden):
    rule = replace(CountRule("sums", "DSA-3", 0, 1), **parts)
    found = dominated(THREE, ["area"], rule)
    assert found.row(0) == ("F1", 100.0, 3, hidden)
    assert dominated(THREE, [], rule).row(0) == (100.0, 3, hidden)


def test_one_contributor_alone_is_always_found_by_the_p_percent_rule_and_nought_is_not():
    amounts = pl.DataFrame({"area": ["F1", "F2"], "contributor": ["a", "a"], "amount": [500.0, 0.0]})
    found = dominated(amounts, ["area"], CountRule("sums", "DSA-3", 0, 1, p_percent=1.0))
    assert found["dominated"].to_list() == [True, False]


@given(amounts=st.lists(st.integers(0, 100), min_size=2, max_size=8), p=st.integers(1, 100))
def test_the_second_contributor_of_a_sum_that_is_shown_cannot_guess_the_first_within_p_percent(amounts, p):
    frame = pl.DataFrame({"contributor": [str(n) for n in range(len(amounts))], "amount": amounts})
    found = dominated(frame, [], CountRule("sums", "DSA-3", 0, 1, p_percent=float(p)))
    first, second = sorted(amounts, reverse=True)[:2]
    guess = sum(amounts) - second  # the most that the first can be, to who knows its own part
    assert found["dominated"][0] or 100 * (guess - first) >= p * first


# ── What a zero may be ───────────────────────────────────────────────────────────────────────────────────────────────


@given(count=st.integers(0, 60), suppress=st.integers(0, 9), base=st.sampled_from([1, 2, 5, 10, 15]))
def test_what_a_reader_can_learn_holds_the_count_under_every_threshold_and_base(count, suppress, base):
    rule = CountRule("any", "x", suppress, base)
    shown = releasable_count(count, rule)
    status = Status.SUPPRESSED if shown is None else Status.SHOWN
    low, high = possible_range(status.value, shown, rule)
    assert low <= count <= high


def test_counts_that_add_up_to_nothing_are_hidden_alone_and_give_nothing_away():
    cells = pl.DataFrame({"area": ["a", "b", "c"], "count": [3, 12, 0]})
    shown = protect_cube(Cube(("area",), cells, {}), CountRule("few", "DSA-1", 7, 5))
    assert shown.cells.select("area", "value", "status").rows() == [
        ("a", None, "suppressed"), ("b", 10.0, "shown"), ("c", 0.0, "shown"),
    ]  # fmt: skip
    assert attack([shown]).is_clean
