"""PAI, PEI and RRI; rankings tried on periods they have not seen; tops that stay and tops that chance moves."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots.accuracy import accuracy_table
from upstander.analysis.hotspots.holdouts import Windows, hold_outs
from upstander.analysis.hotspots.stability import rank_stability
from upstander.analysis.methods import Result

PLACES = st.lists(st.tuples(st.integers(0, 9), st.floats(0, 50), st.floats(0.5, 5)), min_size=1, max_size=30).filter(
    lambda places: any(count for count, _, _ in places)
)


def run(name: str, params: dict | None = None, **frames: dict | pl.DataFrame) -> Result:
    given_ = {role: pl.DataFrame(frame) for role, frame in frames.items()}
    return methods.run(methods.ALL[name], given_, params or {}, seed=1)


def monthly(counts: np.ndarray) -> dict:
    """Counts of places × months from January 2024, as rows."""
    months = [f"{2024 + month // 12}-{month % 12 + 1:02d}-01" for month in range(counts.shape[1])]
    return {
        "place": np.repeat(np.arange(counts.shape[0]), counts.shape[1]),
        "period": months * counts.shape[0],
        "count": counts.ravel(),
    }


@given(PLACES)
def test_the_whole_area_catches_everything_and_has_a_pai_of_one(places):
    table = accuracy_table(*np.array(places, dtype=float).T)
    last = table.row(-1, named=True)
    assert (last["PCumCount"], last["PCumArea"]) == (1.0, 1.0)
    assert (last["PAI"], last["PEI"]) == pytest.approx((1.0, 1.0))
    assert sorted(table["row"].to_list()) == list(range(len(places)))


@given(PLACES)
def test_with_equal_areas_no_map_beats_the_best_order(places):
    count, score, _ = np.array(places, dtype=float).T
    assert accuracy_table(count, score)["PEI"].max() <= 1 + 1e-12
    perfect = accuracy_table(count, count)["PEI"].to_numpy()
    assert perfect == pytest.approx(np.ones(count.size))


@given(PLACES, st.floats(0.1, 10))
def test_the_unit_of_area_and_of_the_score_does_not_matter(places, factor):
    count, score, area = np.array(places, dtype=float).T
    score = np.round(score, 3)
    one, other = accuracy_table(count, score, np.ones(area.size)), accuracy_table(count, score * 4, area * 0 + factor)
    assert one["row"].to_list() == other["row"].to_list()
    assert one["PAI"].to_numpy() == pytest.approx(other["PAI"].to_numpy())


def test_equal_scores_claim_the_least():
    assert accuracy_table([5, 1, 3], [2, 2, 2])["Count"].to_list() == [1, 3, 5]


@pytest.mark.parametrize(
    ("observed", "predicted", "area", "where"),
    [
        ([0, 0], [1, 2], None, "places, column obs"), ([1, -1], [1, 2], None, "places, column obs"),
        ([1, 1], [1, np.nan], None, "places, column pred"), ([1, 1], [1, 2], [1, 0], "places, column area"),
        ([1, 1], [1, 2, 3], None, "places, column pred"),
    ],
)  # fmt: skip
def test_numbers_without_meaning_are_refused_with_their_column(observed, predicted, area, where):
    with pytest.raises(UnfitNumbers) as refused:
        accuracy_table(observed, predicted, area)
    assert refused.value.where == where


def test_no_place_is_too_few():
    with pytest.raises(TooFewPoints):
        accuracy_table([], [])


@given(st.lists(st.integers(0, 500), min_size=60, max_size=60))
def test_a_ranking_never_reads_the_test_it_is_tried_on(tested):
    before = np.repeat(np.arange(20)[:, None], 12, axis=1)
    counts = np.column_stack([before, np.array(tested).reshape(20, 3)])
    found = hold_outs(counts, np.ones(20), windows=Windows(), budget=0.25, seed=1)
    assert found.filter(pl.col("ranking") == "last year")["hits"].to_list() == [counts[15:, 12:].sum()] * 2


def test_hold_outs_roll_and_never_overlap_by_default():
    found = hold_outs(np.ones((10, 24), dtype=int), np.ones(10), windows=Windows(), budget=0.1, seed=1)
    tests = found.filter((pl.col("ranking") == "best") & pl.col("first").is_not_null())
    assert tests.select("first", "last").rows() == [(12, 14), (15, 17), (18, 20), (21, 23)]


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.9))
def test_hindsight_catches_most_and_no_ranking_passes_the_budget(seed, budget):
    rng = np.random.default_rng(seed)
    found = hold_outs(rng.poisson(2, (20, 6)), np.ones(20), windows=Windows(3, 1, 1), budget=budget, seed=seed)
    assert (found["area_share"] <= budget + 1e-9).all()
    best = pl.col("hits").filter(pl.col("ranking") == "best").first().over("first")
    assert found.select((pl.col("hits") <= best + 1e-9).all()).item()


def test_places_at_random_catch_their_share_of_places_where_areas_differ():
    rng = np.random.default_rng(3)
    area = rng.gamma(1, 1, 200)
    found = hold_outs(rng.poisson(5, (200, 4)), area, windows=Windows(3, 1, 1), budget=0.2, seed=1)
    row = found.filter(pl.col("ranking") == "random").row(0, named=True)
    assert row["hit_rate"] == pytest.approx(0.2, abs=0.01)
    assert row["pai"] == pytest.approx(1, abs=0.02)


def test_a_given_score_is_judged_beside_last_years_places():
    counts = np.ones((10, 4), dtype=int)
    counts[3, 3] = 50
    good, poor = ({**monthly(counts), "score": np.repeat(np.arange(10) == at, 4) * 1.0} for at in (3, 4))
    params = {"train": "3", "test": "1", "step": "1", "budget": "0.1"}
    found = run("hotspot_accuracy", params, counts=good)
    assert found.summary["hit_rate_given"] == pytest.approx(50 / 59)
    assert found.warnings == ()
    assert "catch no more" in run("hotspot_accuracy", params, counts=poor).warnings[0]


def test_a_month_that_nobody_delivered_is_refused_not_counted_as_quiet():
    rows = pl.DataFrame(monthly(np.ones((5, 16), dtype=int))).filter(pl.col("period") != "2024-05-01")
    with pytest.raises(UnfitNumbers) as refused:
        run("hotspot_accuracy", counts=rows)
    assert refused.value.found == "2024-04-01, then 2024-06-01"


def test_a_place_that_stands_twice_or_has_two_areas_is_refused():
    rows = pl.DataFrame(monthly(np.ones((5, 16), dtype=int)))
    with pytest.raises(UnfitNumbers, match="stands twice"):
        run("hotspot_accuracy", counts=pl.concat([rows, rows[:1]]))
    with pytest.raises(UnfitNumbers, match="no area, or several"):
        run("hotspot_accuracy", counts=rows.with_columns(area=pl.int_range(pl.len()) + 1))


def test_too_few_months_are_refused_with_how_many_are_needed():
    with pytest.raises(TooFewPoints) as refused:
        run("hotspot_accuracy", counts=monthly(np.ones((5, 14), dtype=int)))
    assert refused.value.expected == "15 points or more"


def test_a_score_that_is_missing_where_a_test_begins_is_refused():
    rows = pl.DataFrame(monthly(np.ones((3, 4), dtype=int))).with_columns(score=pl.lit(None, pl.Float64))
    with pytest.raises(UnfitNumbers, match="no score for the test"):
        run("hotspot_accuracy", {"train": "3", "test": "1"}, counts=rows)


def test_places_that_swap_are_told_from_places_that_chance_moves():
    rng = np.random.default_rng(2)
    rates = np.r_[np.full(10, 60.0), np.full(90, 10.0)]
    same = rank_stability(rng.poisson(rates[:, None], (100, 2)), top=10, seed=1).between[0]
    moved = rank_stability(rng.poisson(np.column_stack([rates, rates[::-1]])), top=10, seed=1).between[0]
    assert same.p_fewer > 0.05
    assert same.low <= same.kept <= same.high
    assert moved.kept == 0
    assert moved.p_fewer < 0.01
    assert same.rank_correlation > moved.rank_correlation


def test_a_top_that_moves_is_less_of_a_surprise_where_counts_spread():
    counts = np.random.default_rng(3).poisson(np.random.default_rng(4).gamma(2, 10, (60, 1)), (60, 2))
    counts[:5, 1] = counts[:5, 1] // 3
    told, untold = (rank_stability(counts, top=10, spread=spread, seed=1).between[0] for spread in (4.0, 1.0))
    assert told.expected < untold.expected
    assert told.p_fewer >= untold.p_fewer


def test_tests_without_an_event_say_nothing():
    result = run("hotspot_accuracy", counts=monthly(np.zeros((5, 15), dtype=int)))
    assert "nothing can be said" in result.warnings[-1]
    assert result.as_json()["summary"]["hit_rate_best"] is None


def test_equal_places_have_no_correlation_and_no_alarm():
    kept = rank_stability(np.full((20, 2), 4), top=5, seed=1).between[0]
    assert np.isnan(kept.rank_correlation)
    assert kept.p_fewer > 0.05


@pytest.mark.parametrize(
    ("counts", "top", "wrong"), [([[1], [2], [3]], 1, TooFewPoints), ([[1, 1]] * 4, 4, UnfitNumbers)]
)
def test_one_period_and_too_long_a_top_are_refused(counts, top, wrong):
    with pytest.raises(wrong):
        rank_stability(counts, top=top, seed=1)
