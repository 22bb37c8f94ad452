"""Where rules meet, the strictest of every part governs, and what a rule does is told in words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.contracts.asking import CountRule
from upstander.contracts.rules import rule_in_words, strictest
from upstander.values.areas import AREA_KINDS, coarsest, is_finer

DOMINANCES = st.none() | st.tuples(st.integers(1, 5), st.floats(1, 99))
RULES = st.builds(
    CountRule,
    name=st.sampled_from("abcd"), agreement=st.sampled_from("pqr"), suppress_up_to=st.integers(0, 12),
    round_to=st.sampled_from([1, 2, 3, 5, 10]), open_data=st.booleans(), of_persons=st.booleans(),
    finest=st.sampled_from(["", "parish", *AREA_KINDS]), rate_from=st.integers(0, 12), no_group=st.booleans(),
    dominance=DOMINANCES, p_percent=st.none() | st.floats(1, 100), least_width=st.integers(0, 9),
)  # fmt: skip
ALL_OF_IT = CountRule(
    "n", "a", 7, 5, of_persons=True, finest="ward", rate_from=8, no_group=True, dominance=(2, 80.0), p_percent=10.0,
    least_width=9,
)  # fmt: skip


def dominates(dominance, shares):
    """Whether the n largest of some shares (in percent, largest first) make more than k."""
    return dominance is not None and sum(shares[: dominance[0]]) > dominance[1]


@given(rules=st.lists(RULES, min_size=1, max_size=4), kind=st.sampled_from(AREA_KINDS))
def test_what_any_owners_rule_hides_the_governing_one_hides(rules, kind):
    governing = strictest(rules)
    for rule in rules:
        assert governing.suppress_up_to >= rule.suppress_up_to
        assert governing.round_to % rule.round_to == 0
        assert governing.of_persons >= rule.of_persons
        assert governing.no_group >= rule.no_group
        assert governing.open_data <= rule.open_data
        assert governing.rate_from >= rule.rate_from
        assert governing.width >= rule.width
        assert is_finer(kind, governing.finest) or not is_finer(kind, rule.finest)
        assert (governing.p_percent or 0) >= (rule.p_percent or 0)


@given(rules=st.lists(RULES, min_size=1, max_size=4), parts=st.lists(st.floats(0.1, 100), min_size=1, max_size=8))
def test_a_sum_that_any_owner_finds_dominated_the_governing_rule_finds_so(rules, parts):
    shares = sorted((100 * part / sum(parts) for part in parts), reverse=True)
    governing = strictest(rules).dominance
    assert not any(dominates(rule.dominance, shares) for rule in rules) or dominates(governing, shares)


@given(rules=st.lists(RULES, min_size=1, max_size=4), data=st.data())
def test_neither_order_nor_grouping_nor_repeats_change_the_governing_rule(rules, data):
    governing = strictest(rules)
    assert strictest(data.draw(st.permutations(rules))) == governing
    assert strictest([strictest(rules[:1]), *rules[1:]]) == governing
    assert strictest([governing, *rules, governing]) == governing


@given(rule=RULES)
def test_a_rule_alone_governs_as_it_is(rule):
    assert strictest([rule]) == rule


def test_rounding_to_bases_that_do_not_divide_meets_every_owners_base():
    assert strictest([CountRule("a", "a", 0, 3), CountRule("b", "b", 0, 5)]).round_to == 15


def test_every_rule_and_agreement_that_governs_is_named():
    both = strictest([CountRule("b", "two", 4, 1), CountRule("a", "one", 7, 5)])
    assert (both.name, both.agreement) == ("a; b", "one; two")


def test_no_rule_at_all_is_our_defect():
    with pytest.raises(ValueError, match="at least one rule"):
        strictest([])


def test_every_part_of_a_rule_is_told():
    assert rule_in_words(ALL_OF_IT) == (
        "1 to 7 hidden, others to the nearest 5; no area smaller than ward; hidden too where they are of 7 persons or "
        "fewer; hidden where they would tell that everybody of a group is alike; a hidden count can still be any of 9 "
        "numbers, whatever else is known; no rate, mean or percentage of fewer than 8; no sum of which 2 contributors "
        "make more than 80%; no sum of which one contributor could work out another's part to within 10%"
    )
    assert rule_in_words(replace(ALL_OF_IT, open_data=True)) == "as published, since they are open data"
    assert rule_in_words(CountRule("n", "a", 0, 1)) == "none hidden, none rounded"


@pytest.mark.parametrize(
    ("kind", "floor", "finer"),
    [
        ("lsoa", "ward", True), ("ward", "ward", False), ("ltla", "ward", False), ("lsoa", "", False),
        ("square250", "lsoa", True), ("square250", "", False), ("outside", "ltla", False), ("school", "ward", True),
        ("ltla", "parish", True), ("parish", "parish", False),
    ],
)  # fmt: skip
def test_an_area_of_an_unknown_kind_may_be_as_small_as_a_building(kind, floor, finer):
    assert is_finer(kind, floor) is finer


def test_the_coarsest_of_some_kinds_is_finer_than_none_of_them():
    assert coarsest(["", "lsoa", "ltla", "ward"]) == "ltla"
    assert coarsest(["", ""]) == ""
