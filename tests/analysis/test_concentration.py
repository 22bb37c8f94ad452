"""Concentration: what few events over many places look like by chance, and what is more than that."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.measures.concentration import (
    bootstrap_share,
    gini,
    lorenz,
    share_by_chance,
    share_of_places,
)
from upstander.analysis.methods import ALL, Result
from upstander.errors import NotAcceptable, WrongUsage
from upstander.pipeline.methods import read_frame

COUNTS = st.lists(st.integers(0, 40), min_size=2, max_size=40).filter(any)


def run(name: str, params: dict[str, str] | None = None, **inputs: object) -> Result:
    frames = {role: each if isinstance(each, pl.DataFrame) else pl.DataFrame(each) for role, each in inputs.items()}
    return methods.run(ALL[name], frames, params or {}, seed=1)


@given(COUNTS)
def test_the_gini_is_half_the_mean_difference_of_all_pairs_over_the_mean(counts):
    x = np.array(counts, dtype=float)
    pairs = np.abs(x[:, None] - x[None]).mean()
    assert gini(counts).gini == pytest.approx(pairs / (2 * x.mean()), abs=1e-12)


@given(COUNTS)
def test_the_generalised_gini_lies_between_none_and_all_in_one_place(counts):
    found = gini(counts)
    assert -1e-9 <= found.generalised <= found.gini + 1e-9
    assert found.gini <= 1 - 1 / len(counts) + 1e-9


@given(st.integers(1, 30), st.integers(0, 30))
def test_events_spread_as_evenly_as_so_few_can_be_are_not_concentrated(with_one, without):
    assert gini([1] * with_one + [0] * without).generalised == pytest.approx(0, abs=1e-12)


@given(COUNTS, st.floats(0.1, 0.9))
def test_no_fewer_places_hold_that_part(counts, part):
    x = np.sort(np.array(counts))[::-1]
    needed = round(share_of_places(counts, part) * x.size)
    assert x[:needed].sum() >= part * x.sum() * (1 - 1e-6)
    assert x[: needed - 1].sum() < part * x.sum() * (1 + 1e-6)


@given(COUNTS)
def test_places_without_events_leave_the_places_but_not_their_share_as_they_were(counts):
    some = [count for count in counts if count]
    assert share_of_places(some) * len(some) == pytest.approx(share_of_places(some + [0] * 50) * (len(some) + 50))


@given(COUNTS)
def test_the_curve_ends_with_all_events_and_never_falls_below_the_even_one(counts):
    curve = lorenz(counts)
    assert curve["share_of_events"][-1] == pytest.approx(1)
    assert (curve["share_of_events"] + 1e-12 >= curve["share_of_places"]).all()
    assert sorted(curve["place"].to_list()) == list(range(len(counts)))


@given(COUNTS, st.integers(0, 1000))
def test_the_interval_is_the_same_for_the_same_seed_and_whatever_the_order(counts, seed):
    one = bootstrap_share(counts, draws=199, seed=seed)
    assert one == bootstrap_share(counts[::-1], draws=199, seed=seed)
    assert 0 < one[0] <= one[1] <= 1


def test_events_thrown_at_random_are_not_told_as_concentrated():
    x = np.random.default_rng(3).multinomial(300, np.full(300, 1 / 300))
    assert share_by_chance(x, seed=1).p > 0.05
    assert share_of_places(x) < 0.3


def test_events_in_few_places_are_more_than_chance_gives():
    by_chance = share_by_chance([50, 40] + [1] * 98, seed=1)
    assert by_chance.p == pytest.approx(1 / 1000)
    assert by_chance.low > share_of_places([50, 40] + [1] * 98)


def test_longer_streets_may_hold_more_by_chance():
    counts, length = [90, 5, 5], [90.0, 5.0, 5.0]
    assert share_by_chance(counts, exposure=length, seed=1).p > 0.5
    assert share_by_chance(counts, seed=1).p <= 0.01


def test_many_draws_over_many_places_are_made_in_portions_that_give_one_answer():
    x = np.random.default_rng(5).poisson(0.4, 9000)
    assert share_by_chance(x, draws=999, seed=4) == share_by_chance(x, draws=999, seed=4)


def test_places_that_are_not_in_the_file_can_be_counted_in():
    few = {"place": ["a", "b"], "count": [3, 1]}
    filled = run("concentration", {"places": "10"}, places=few)
    assert (filled.summary["places"], filled.summary["places_without"]) == (10, 8)
    assert filled.summary["share_of_places"] == 0.1
    assert [row["place"] for row in filled.rows] == ["a", "b"] + [None] * 8
    with pytest.raises(WrongUsage, match="cannot be filled up"):
        run("concentration", {"places": "1"}, places=few)


def test_a_frame_without_empty_places_is_doubted():
    told = run("concentration", places={"place": list("abcdef"), "count": [3, 1, 1, 1, 1, 1]}).warnings
    assert any("left out" in said for said in told)


def test_harm_is_set_beside_events():
    places = {"place": list("abcd"), "count": [5, 5, 1, 1], "harm": [1.0, 1.0, 1.0, 97.0]}
    summary = run("concentration", places=places).summary
    assert (summary["share_of_places"], summary["harm_share_of_places"]) == (0.5, 0.25)
    assert summary["harm_gini"] > summary["gini"]


@pytest.mark.parametrize("counts", [[], [0, 0], [1, -1], [1, np.nan]])
def test_what_is_not_spread_over_places_is_refused(counts):
    with pytest.raises((TooFewPoints, UnfitNumbers)):
        gini(counts)


def test_harm_has_no_generalised_index_and_one_event_nothing_unbiased():
    assert np.isnan(gini([1.5, 2.5]).generalised)
    shown = run("gini_generalised", places={"count": [1, 0, 0]}).as_json()["rows"][0]
    assert shown["generalised_unbiased"] is None
    with pytest.raises(MissingColumn, match="count"):
        run("gini_generalised", places={"events": [1]})


def test_series_of_different_length_in_json_are_read_one_after_the_other(tmp_path):
    (tmp_path / "named.json").write_text('{"a": [2, 1], "b": [5]}', "utf-8")
    assert read_frame(tmp_path / "named.json").select("case", "i", "value").rows() == [
        ("a", 1, 2),
        ("a", 2, 1),
        ("b", 1, 5),
    ]
    (tmp_path / "columns.json").write_text('{"a": [2, 1], "b": [5, 6]}', "utf-8")
    assert read_frame(tmp_path / "columns.json").rows() == [(2, 5), (1, 6)]
    (tmp_path / "mixed.json").write_text('{"a": [2, {"x": 1}], "b": [5]}', "utf-8")
    with pytest.raises(NotAcceptable, match="cannot be read"):
        read_frame(tmp_path / "mixed.json")
