"""A cube is published so that no attacker can work a hidden count out, and the attacker would if he could."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from disclosure.made_cubes import TOTAL, every_table, plainly_hidden, with_margins
from upstander.contracts.asking import CountRule
from upstander.disclosure import Cube, Publication, attack, protect_cube
from upstander.disclosure.bounds import Wanted, reach
from upstander.disclosure.cubes import link
from upstander.disclosure.errors import TooFine, UnfitTables
from upstander.disclosure.knowledge import knowledge
from upstander.disclosure.suppression import Problem, complementary

FIVE = CountRule("under five", "DSA-1", 4, 1)
HOSPITAL = CountRule("hospital", "DSA-2", 7, 5)
RULES = (FIVE, HOSPITAL)

counts_of = st.lists(st.integers(0, 14), min_size=12, max_size=12)


def plain(cube: Cube, rule: CountRule) -> Publication:
    shown = plainly_hidden(cube, rule.suppress_up_to)
    return Publication(shown.dimensions, shown.cells, shown.hierarchies, rule)


@given(counts=st.lists(st.integers(0, 6), min_size=4, max_size=4))
def test_the_attackers_bounds_are_those_of_every_table_that_fits(counts):
    cube = with_margins(np.array(counts).reshape(2, 2), ("a", "b"))
    publication = plain(cube, FIVE)
    linked = link([publication])
    facts = knowledge(linked, [publication], None)
    assert facts.low.min() >= 0
    tables = every_table(facts.sums.toarray().astype(int), facts.low, facts.high)
    for row in attack([publication], tight=True).cells.iter_rows(named=True):
        at = linked.keys.with_row_index("i").filter(a=row["a"], b=row["b"])["i"].item()
        assert (row["low"], row["high"]) == (tables[:, at].min(), tables[:, at].max())
        assert row["is_exposed"] == (row["high"] - row["low"] + 1 < 4)


@given(counts=counts_of, rule=st.sampled_from(RULES))
def test_no_hidden_count_of_a_published_cube_is_narrower_than_its_rule(counts, rule):
    cube = with_margins(np.array(counts).reshape(4, 3), ("a", "b"))
    publication = protect_cube(cube, rule)
    assert attack([publication]).is_clean
    tight = attack([publication], tight=True)
    assert tight.cells.filter(pl.col("values") < rule.width).is_empty()
    truth = cube.cells.rename({"count": "true"})
    both = tight.cells.join(truth, on=["a", "b"])
    assert both.filter((pl.col("true") < pl.col("low")) | (pl.col("true") > pl.col("high"))).is_empty()


@settings(max_examples=20)
@given(counts=st.lists(st.integers(0, 9), min_size=12, max_size=12), rule=st.sampled_from(RULES))
def test_nor_is_one_of_a_cube_of_three_dimensions(counts, rule):
    publication = protect_cube(with_margins(np.array(counts).reshape(3, 2, 2), ("a", "b", "c")), rule)
    assert attack([publication], tight=True).cells.filter(pl.col("values") < rule.width).is_empty()


@given(counts=counts_of, rule=st.sampled_from(RULES))
def test_what_is_shown_is_the_true_count_as_its_rule_rounds_it(counts, rule):
    cube = with_margins(np.array(counts).reshape(4, 3), ("a", "b"))
    both = protect_cube(cube, rule).cells.join(cube.cells, on=["a", "b", "vintage"])
    shown = both.filter(status="shown")
    base = rule.round_to
    assert shown["value"].to_list() == [(count + base // 2) // base * base for count in shown["count"]]
    assert both.filter(pl.col("count").is_between(1, rule.suppress_up_to), pl.col("status") == "shown").is_empty()
    assert both.filter((pl.col("count") == 0) & (pl.col("status") != "shown")).is_empty()


def test_a_plain_hide_under_five_gives_the_lone_cells_of_a_row_away():
    counts = np.array([[3, 20, 9], [12, 8, 2], [6, 2, 30]])
    found = attack([plain(with_margins(counts, ("a", "b")), FIVE)])
    assert found.exposed.select("a", "b", "low", "high").rows() == [
        ("a0", "b0", 3, 3), ("a1", "b2", 2, 2), ("a2", "b1", 2, 2),
    ]  # fmt: skip
    blamed = found.sums.filter(target=0)
    assert set(blamed["dimension"]) <= {"a", "b"}
    assert blamed.height >= 1


@pytest.mark.parametrize("seed", range(8))
def test_the_further_cells_are_the_cheapest_that_any_pattern_could_choose(seed):
    counts = np.random.default_rng(seed).poisson(4, (3, 3))
    cube = with_margins(counts, ("a", "b"))
    linked = link([Cube(cube.dimensions, cube.cells, cube.hierarchies)])
    true = np.zeros(linked.keys.height)
    true[linked.at[0]] = cube.cells["count"].to_numpy()
    primary = (true > 0) & (true < 5)
    may = (true >= 5) & ~primary
    low, high = np.where(primary, 1.0, true), np.where(primary, 4.0, true)
    hidden = np.where(may, 5.0, low), np.where(may, 500.0, high)
    targets = np.flatnonzero(primary)
    wanted = Wanted.widths(targets, np.full(len(targets), 3.0))
    problem = Problem(linked.sums, (low, high), hidden, 1 + true, may, wanted)
    best = cheapest_by_listing(problem)
    choice = complementary(problem)
    if best is None:
        assert choice.stuck
    else:
        assert not choice.stuck
        assert problem.cost[choice.hide].sum() == best


def cheapest_by_listing(problem: Problem) -> float | None:
    """Every pattern in turn, each attacked by two programmes a target from nothing."""
    from scipy.optimize import linprog

    def is_safe(chosen: np.ndarray) -> bool:
        low, high = problem.ranges(chosen)
        for target in problem.wanted.cells:
            ends = []
            for sign in (1, -1):
                cost = np.zeros(len(low))
                cost[target] = sign
                rows = csr_matrix(problem.sums)
                ends.append(linprog(cost, A_eq=rows, b_eq=np.zeros(rows.shape[0]), bounds=np.c_[low, high]).fun * sign)
            if ends[1] - ends[0] < 2 - 1e-6:
                return False
        return True

    columns = np.flatnonzero(problem.may)
    patterns = [
        np.isin(np.arange(len(problem.may)), chosen).astype(float)
        for size in range(len(columns) + 1)
        for chosen in combinations(columns, size)
    ]
    patterns.sort(key=lambda chosen: problem.cost @ chosen)
    fitting = (float(problem.cost @ chosen) for chosen in patterns if is_safe(chosen))
    if not is_safe(problem.may.astype(float)):
        return None
    return next(fitting)


def test_bounds_with_sums_that_contradict_one_another_are_refused():
    sums = csr_matrix(np.array([[1.0, 1.0, -1.0]]))
    with pytest.raises(UnfitTables, match="No counts fit"):
        reach(sums, np.array([0.0, 5.0, 1.0]), np.array([1.0, 9.0, 2.0]), Wanted.widths(np.array([0]), np.array([2.0])))


WARDS = pl.DataFrame(
    {"parent": ["A", "A", "B", "B", "X", "Y", "Y", "A", "A", "Y", "Y"],
     "child": ["L1", "L2", "L3", "L4", "L1", "L2", "L3", "X", "AY", "AY", "L3"],
     "split": ["lsoa"] * 7 + ["beat"] * 4}
)  # fmt: skip


def test_an_overlap_of_two_geographies_that_nobody_published_is_a_target_too():
    # Ward A is L1 and L2; beat X is L1, beat Y is L2 and L3. A less X is L2: two people.
    counts = {"A": 9, "B": 21, "X": 7, "Y": 11, "L1": 7, "L2": 2, "L3": 9, "L4": 12, "AY": 2}
    told = {"A", "B", "X", "Y"}
    cells = pl.DataFrame({"area": list(counts), "count": list(counts.values())}).with_columns(
        told=pl.col("area").is_in(told)
    )
    wards = Cube(("area",), cells.with_columns(told=pl.col("area").is_in({"A", "B"})), {"area": WARDS})
    both = Cube(("area",), cells, {"area": WARDS})
    alone = protect_cube(wards, FIVE)
    assert alone.cells.filter(pl.col("told"), pl.col("status") == "shown").height == 2
    open_ = plain(both, FIVE)
    assert "L2" in attack([open_]).exposed["area"].to_list()
    assert attack([protect_cube(both, FIVE)]).is_clean


def test_a_restated_quarter_does_not_tell_of_the_few_who_came_late():
    first = with_margins(np.array([[20, 30], [40, 50]]), ("area", "kind"), "reading 1")
    late = with_margins(np.array([[22, 30], [40, 50]]), ("area", "kind"), "reading 2")
    published = protect_cube(first, FIVE)
    careless = attack([published, plain(late, FIVE)])
    assert careless.exposed.filter(since="reading 1").select("area", "kind", "low", "high").rows() == [
        ("Total", "Total", 2, 2), ("Total", "kind0", 2, 2), ("area0", "Total", 2, 2), ("area0", "kind0", 2, 2),
    ]  # fmt: skip
    careful = protect_cube(late, FIVE, earlier=[published])
    assert attack([published, careful]).is_clean
    assert careful.cells.filter(area="area1", kind="kind1")["value"].item() == 50


def test_the_same_readings_are_not_hidden_again_and_tell_nothing_new():
    cube = with_margins(np.array([[3, 20, 9], [12, 8, 2], [6, 2, 30]]), ("a", "b"), "reading 1")
    first = protect_cube(cube, FIVE)
    again = protect_cube(cube, FIVE, earlier=[first])
    assert again.cells.equals(first.cells)
    assert attack([first, again]).is_clean


def test_what_the_press_reported_is_not_asked_to_be_secret_but_gives_nobody_else_away():
    cube = with_margins(np.array([[2, 3, 20], [30, 12, 9], [40, 8, 7]]), ("a", "b"))
    known = pl.DataFrame({"a": ["a0"], "b": ["b0"], "low": [2], "high": [2]})
    publication = protect_cube(cube, FIVE, known=known)
    found = attack([publication], known=known)
    assert found.is_clean
    assert found.cells.filter(a="a0", b="b0").is_empty()
    assert found.cells.filter(a="a0", b="b1")["values"].item() == 4


def test_four_events_of_one_person_are_one_person():
    cube = with_margins(np.array([[9, 20], [30, 12]]), ("a", "b"))
    persons = cube.cells.with_columns(
        persons=pl.when((pl.col("a") == "a0") & (pl.col("b") == "b0")).then(1).otherwise(50)
    )
    rule = CountRule("persons", "DSA-3", 4, 1, of_persons=True)
    published = protect_cube(Cube(cube.dimensions, persons, cube.hierarchies), rule)
    assert published.cells.filter(a="a0", b="b0")["why"].item() == "persons"
    assert attack([published]).is_clean


def test_a_group_that_is_all_alike_is_hidden():
    cube = with_margins(np.array([[30, 0], [14, 12]]), ("a", "b"))
    published = protect_cube(cube, CountRule("group", "DSA-4", 4, 1, no_group=True))
    assert published.cells.filter(a="a0", b="b0")["why"].item() == "group"


def test_lsoas_by_month_are_refused_under_a_rule_that_only_hides():
    cells = pl.DataFrame({"area": ["lsoa21:E01000001"], "period": ["2026-07"], "count": [30]})
    cube = Cube(("area", "period"), cells, {})
    with pytest.raises(TooFine, match="LSOAs by month"):
        protect_cube(cube, FIVE)
    assert protect_cube(cube, HOSPITAL).cells["value"].to_list() == [30]


def test_a_total_that_is_not_the_sum_of_its_parts_is_refused_by_name():
    cube = with_margins(np.array([[30, 6], [14, 12]]), ("a", "b"))
    wrong = cube.cells.with_columns(
        count=pl.when((pl.col("a") == "a0") & (pl.col("b") == TOTAL)).then(40).otherwise("count")
    )
    with pytest.raises(UnfitTables, match="a=Total, b=Total is not the sum of its parts by a") as refused:
        protect_cube(Cube(cube.dimensions, wrong, cube.hierarchies), FIVE)
    assert (refused.value.found, refused.value.expected) == ("62", "66")


def test_the_same_cube_gives_the_same_publication_whatever_the_order_of_its_rows():
    cube = with_margins(np.random.default_rng(4).poisson(8, (6, 5)), ("a", "b"))
    shuffled = Cube(cube.dimensions, cube.cells.sample(fraction=1, shuffle=True, seed=2), cube.hierarchies)
    assert protect_cube(cube, FIVE).cells.equals(protect_cube(shuffled, FIVE).cells)


@settings(max_examples=25)
@given(
    counts=st.lists(st.integers(0, 14), min_size=6, max_size=6),
    late=st.lists(st.lists(st.integers(0, 5), min_size=6, max_size=6), min_size=1, max_size=3),
    rule=st.sampled_from(RULES),
)
def test_no_sequence_of_restatements_gives_a_count_or_a_difference_of_few_away(counts, late, rule):
    true, published = np.array(counts), []
    for number, more in enumerate([[0] * 6, *late]):
        true = true + np.array(more)
        cube = with_margins(true.reshape(3, 2), ("a", "b"), f"reading {number}")
        published.append(protect_cube(cube, rule, earlier=published))
        assert attack(published).is_clean


def test_without_further_cells_the_attack_finds_the_victims_that_protection_hides():
    counts = np.random.default_rng(8).poisson(np.random.default_rng(9).gamma(1.2, 8, (24, 8)))
    cube = with_margins(counts, ("a", "b"))
    assert attack([plain(cube, FIVE)]).exposed.height >= 7
    assert attack([protect_cube(cube, FIVE)]).exposed.height == 0
