"""What blunt fields can tell apart: by hand on six rows, against brute force over pairs, and for any table."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.measures.granularity import (
    AreaCertainty,
    area_certainty,
    chance_agreements,
    collisions,
    false_match_rate,
    hiding,
    journalist_risk,
    pairs_alike,
    pairs_alike_within,
)

# Two sectors, two bands. Alike in both: {A young} × 3, {A old} × 1, {B young} × 1, {B old} × 1.
TOY = pl.DataFrame({"place": list("AAAABB"), "age": ["y", "y", "y", "o", "y", "o"]})
rows = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 9)), min_size=2, max_size=30)


def brute_pairs(lines: list[tuple[str, str, int]], within: int) -> int:
    return sum(1 for a, b in combinations(lines, 2) if a[:2] == b[:2] and abs(a[2] - b[2]) <= within)


def test_six_rows_by_hand_give_the_chances_of_each_field_and_of_both() -> None:
    told = {names: (collision, product) for names, collision, product in collisions(TOY, ("place", "age")).rows()}
    # 15 pairs: 6 + 1 agree in place, 6 + 1 in age, 3 in both.
    assert told["place"] == pytest.approx((7 / 15, 7 / 15))
    assert told["place + age"] == pytest.approx((3 / 15, (7 / 15) ** 2))


def test_six_rows_by_hand_give_the_wrong_links() -> None:
    # 3 of 15 pairs agree, so a row meets 6 × 3/15 = 1.2 others by chance; of 1.2 + 0.4 links 1.2 are wrong.
    assert chance_agreements(3, 6) == pytest.approx(1.2)
    assert false_match_rate(1.2, 0.4) == pytest.approx(0.75)


def test_six_rows_by_hand_hide_as_four_groups_of_which_three_are_alone() -> None:
    found = hiding([3, 1, 1, 1])
    assert (found.rows, found.groups, found.smallest, found.alone, found.below_5) == (6, 4, 1, 3, 6)
    assert found.prosecutor == pytest.approx((3 * (1 / 3) + 3 * 1) / 6)


def test_the_method_gives_the_same_for_the_toy() -> None:
    lines = methods.run(methods.ALL["granularity"], {"rows": TOY}, {}, seed=1).rows
    both = lines[-1]
    assert (both["fields"], both["smallest"], both["alone"]) == ("place + age", 1, 3)
    assert both["false_match_rate"] == pytest.approx(0.75)


def test_rows_that_leave_a_field_blank_are_left_out_and_counted() -> None:
    blank = pl.concat([TOY, pl.DataFrame({"place": ["B"], "age": [None]}, schema=TOY.schema)])
    result = methods.run(methods.ALL["granularity"], {"rows": blank}, {}, seed=1)
    assert (result.summary["rows"], result.summary["left_out"]) == (6, 1)
    with pytest.raises(TooFewPoints):
        methods.run(methods.ALL["granularity"], {"rows": TOY.head(1)}, {}, seed=1)


def test_two_rows_spread_over_four_cells_are_alone_three_times_in_four() -> None:
    found = hiding([2], 4)
    assert found.alone == pytest.approx(2 * 3 / 4)
    # Sixteen ways to lay two rows in four cells: four with one group, twelve with two.
    assert found.groups == pytest.approx((4 * 1 + 12 * 2) / 16)
    assert found.smallest is None
    assert pairs_alike([2], 4) == pytest.approx(1 / 4)


def test_an_area_is_as_sure_as_the_largest_share_of_its_sector() -> None:
    places = pl.DataFrame({"place": ["S", "T", "unheard of"], "rows": [10, 4, 3]})
    shares = pl.DataFrame({"place": ["S", "S", "T"], "area": ["1", "2", "2"], "share": [0.7, 0.3, 1.0]})
    assert area_certainty(places, shares) == AreaCertainty(rows=14, wholly=4, right=pytest.approx(11.0), areas=24)


def test_an_outsider_has_the_residents_to_choose_among_and_never_fewer_than_the_rows() -> None:
    assert journalist_risk([2, 1], [100, 50]) == pytest.approx((2 / 100 + 1 / 50) / 3)
    assert journalist_risk([4], [1]) == pytest.approx(1 / 4)


@given(rows, st.integers(0, 9))
def test_pairs_agree_with_brute_force_over_all_pairs(lines: list[tuple[str, str, int]], within: int) -> None:
    table = pl.DataFrame(lines, schema=["place", "sex", "day"], orient="row")
    sizes = table.group_by("place", "sex").len()["len"].to_numpy()
    group = table.select(pl.struct("place", "sex").rank("dense")).to_series().to_numpy()
    assert pairs_alike(sizes) == brute_pairs(lines, within=9)
    assert pairs_alike_within(group, table["day"].to_numpy(), within) == brute_pairs(lines, within)


@given(rows)
def test_hiding_agrees_with_counting_each_row_by_hand(lines: list[tuple[str, str, int]]) -> None:
    keys = [line[:2] for line in lines]
    sizes = [keys.count(key) for key in keys]
    found = hiding([keys.count(key) for key in set(keys)])
    assert found.alone == pytest.approx(sizes.count(1))
    assert found.below_5 == pytest.approx(sum(size < 5 for size in sizes))
    assert found.prosecutor == pytest.approx(sum(1 / size for size in sizes) / len(sizes))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.integers(1, 50))
def test_a_finer_field_makes_fewer_wrong_links_and_leaves_more_rows_alone(sizes: list[int], split: int) -> None:
    blunt, fine = hiding(sizes), hiding(sizes, split)
    assert fine.alone >= blunt.alone - 1e-9
    assert fine.prosecutor >= blunt.prosecutor - 1e-9
    assert pairs_alike(sizes, split) <= pairs_alike(sizes)


@given(st.floats(0, 1e6), st.floats(0.001, 1), st.floats(0.001, 1))
def test_a_larger_true_overlap_never_makes_more_links_wrong(chance: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= false_match_rate(chance, high) <= false_match_rate(chance, low) <= 1


def test_an_overlap_or_a_group_that_cannot_be_is_refused() -> None:
    with pytest.raises(UnfitNumbers):
        false_match_rate(1.0, 0.0)
    with pytest.raises(UnfitNumbers):
        hiding([0, 3])
