"""Space-time scans: circles, ratios, worlds, clusters."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.methods import ALL, Result
from upstander.analysis.outbreaks.cylinders import (
    Cylinders,
    Screen,
    all_windows,
    circles,
    last_windows,
    least_count,
    log_likelihood_ratio,
    on_earth,
    ratios,
)
from upstander.analysis.outbreaks.scan import permutation_scan, poisson_scan

SIDE = 8
PLACES = SIDE * SIDE
ROW, COLUMN = (axis.ravel() for axis in np.indices((SIDE, SIDE)))
POINTS = np.column_stack([COLUMN, ROW]).astype(float) + np.random.default_rng(0).uniform(0, 0.1, (PLACES, 2))
GEO = {"id": [f"p{number}" for number in range(PLACES)], "x_m": POINTS[:, 0] * 1000, "y_m": POINTS[:, 1] * 1000}


def run(name: str, params: dict | None = None, seed: int = 1, **inputs: dict | pl.DataFrame) -> Result:
    frames = {role: pl.DataFrame(frame) for role, frame in inputs.items()}
    return methods.run(ALL[name], frames, params or {}, seed=seed)


def events(rng: np.random.Generator, size: int = 1500, days: int = 84) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, PLACES, size), rng.integers(0, days, size)


def zones(cell: np.ndarray, **asked: float):
    return circles(POINTS, np.bincount(cell, minlength=PLACES).astype(float), **asked)


def test_the_likelihood_ratio_is_that_of_the_unit_tests_of_satscan():
    assert log_likelihood_ratio([10, 2], 1.0, 1175).round(6).tolist() == [14.060437, 0.386720]


def test_fewer_than_expected_and_a_single_case_are_no_cluster():
    assert log_likelihood_ratio([5, 1, 6], [5.0, 0.01, 7.0], 100).tolist() == [0, 0, 0]


@given(st.floats(0.001, 400), st.integers(500, 5000), st.floats(0.05, 30))
def test_the_least_count_reaches_the_ratio_and_the_one_below_does_not(expected, total, ratio):
    least = int(least_count(np.array([expected]), total, ratio)[0])
    if least <= total:
        assert log_likelihood_ratio(least, expected, total) >= ratio * (1 - 1e-4) - 1e-9
        assert least == 2 or log_likelihood_ratio(least - 1, expected, total) < ratio


def test_places_equally_far_away_enter_a_circle_together():
    found = circles(np.array([[0, 0], [1, 0], [0, 1], [3, 0.0]]), np.ones(4), most_share=1)
    assert found.is_zone[0].tolist() == [True, False, True, True]
    assert set(found.cells[0, :3].tolist()) == {0, 1, 2}


def test_a_circle_holds_at_most_its_share_and_reaches_no_farther_than_allowed():
    weight = np.ones(PLACES)
    found = circles(POINTS, weight, most_share=0.25, most_km=2.0)
    assert found.is_zone.sum(axis=1).max() <= PLACES // 4
    assert found.km[found.is_zone].max() <= 2.0


def test_distances_on_the_globe_are_great_circles():
    # A quarter of the equator, and from the equator to the pole.
    found = circles(on_earth([0, 0, 90], [0, 90, 0]), np.ones(3), most_share=1)
    assert found.km[0, 1:] == pytest.approx([np.pi / 2 * 6371.3] * 2)


def test_windows_end_now_or_are_every_stretch():
    assert list(zip(last_windows(10, 3).start, last_windows(10, 3).end, strict=True)) == [(9, 9), (8, 9), (7, 9)]
    assert all_windows(5, 2).start.size == 5 + 4


@given(st.integers(0, 10_000), st.floats(0.2, 3))
@settings(max_examples=15, deadline=None)
def test_the_quick_search_finds_the_highest_of_every_world(seed, scale):
    rng = np.random.default_rng(seed)
    windows = last_windows(6, 4)
    made = windows.sums(rng.poisson(scale, (PLACES, 6, 11)).astype(np.int32))
    around = circles(POINTS, np.ones(PLACES), most_share=0.3)
    within = windows.sums(np.full((PLACES, 6, 1), scale))[:, :, 0]
    cylinders = Cylinders(around, windows, np.cumsum(within[around.cells], axis=1), scale * PLACES * 6 + 500)
    slow = [ratios(cylinders, made[:, :, world])[0].max() for world in range(11)]
    assert Screen(cylinders).highest(made) == pytest.approx(slow, abs=1e-9)


def test_a_planted_rise_is_found_with_its_places_and_its_days():
    rng = np.random.default_rng(5)
    cell, day = events(rng)
    near = np.flatnonzero(np.hypot(*(POINTS - POINTS[27]).T) < 1.3)
    cell, day = np.append(cell, rng.choice(near, 40)), np.append(day, rng.integers(79, 84, 40))
    found = permutation_scan(cell, day, zones(cell, most_share=0.2), last_windows(84, 28), stratum=day % 7, seed=1)
    first = found.clusters[0]
    assert set(near) <= set(first.cells)
    assert 77 <= first.start <= 80
    assert first.p == 0.001
    assert first.p_gumbel < 1e-4


def test_places_that_are_busy_on_saturdays_are_no_cluster_within_weekdays():
    rng = np.random.default_rng(6)
    cell, day = events(rng, 1200)
    saturday = rng.integers(0, 12, 500) * 7 + 6
    cell, day = np.append(cell, rng.choice([27, 28, 35, 36], 500)), np.append(day, saturday)
    asked = {"windows": last_windows(84, 1), "seed": 1}
    plain = permutation_scan(cell, day, zones(cell), **asked)
    by_weekday = permutation_scan(cell, day, zones(cell), stratum=day % 7, **asked)
    assert plain.clusters[0].p <= 0.01
    assert by_weekday.clusters[0].p > 0.05 or not by_weekday.clusters


def test_a_rise_everywhere_at_once_is_no_cluster():
    rng = np.random.default_rng(7)
    cell, day = events(rng)
    cell, day = np.append(cell, rng.integers(0, PLACES, 600)), np.append(day, rng.integers(77, 84, 600))
    assert permutation_scan(cell, day, zones(cell), last_windows(84, 14), seed=1).clusters[0].p > 0.05


def test_clusters_share_no_place():
    rng = np.random.default_rng(8)
    cell, day = events(rng)
    found = permutation_scan(cell, day, zones(cell, most_share=0.1), last_windows(84, 28), seed=1)
    taken = [place for cluster in found.clusters for place in cluster.cells]
    assert len(found.clusters) > 1
    assert len(taken) == len(set(taken))
    assert sorted((each.llr for each in found.clusters), reverse=True) == [each.llr for each in found.clusters]


def test_a_clear_null_stops_early_with_a_p_that_is_still_right():
    rng = np.random.default_rng(9)
    cell, day = events(rng)
    asked = (cell, day, zones(cell), last_windows(84, 28))
    whole, stopped = permutation_scan(*asked, seed=1), permutation_scan(*asked, seed=1, stop_at=20)
    assert stopped.worlds < whole.worlds
    assert stopped.clusters[0].p == pytest.approx(whole.clusters[0].p, abs=0.25)
    assert stopped.highest.tolist() == whole.highest[: stopped.worlds].tolist()


def test_as_many_worlds_as_cases_are_drawn_with_every_margin_kept():
    rng = np.random.default_rng(10)
    counts = rng.poisson(3, (PLACES, 12))
    found = poisson_scan(counts, np.ones((PLACES, 12)), circles(POINTS, np.ones(PLACES)), last_windows(12, 3), seed=4)
    assert found.worlds == 999
    assert (found.highest > 0).all()


@given(st.permutations(range(12)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_places_does_not_matter(order):
    rng = np.random.default_rng(11)
    points, counts = rng.uniform(0, 9, (12, 2)), rng.poisson(5, (12, 8))
    at = np.array(order)
    weight = np.ones(12)
    asked = {"windows": last_windows(8, 4), "worlds": 99}
    one = poisson_scan(counts, np.ones((12, 8)), circles(points, weight), **asked).clusters[0]
    other = poisson_scan(counts[at], np.ones((12, 8)), circles(points[at], weight), **asked).clusters[0]
    assert one.llr == pytest.approx(other.llr)
    assert set(one.cells) == {int(at[cell]) for cell in other.cells}


def made_cases() -> pl.DataFrame:
    cell, day = events(np.random.default_rng(12), 400)
    return pl.DataFrame({
        "id": [f"p{each}" for each in cell],
        "date": [date(2026, 4, 1) + timedelta(days=int(each)) for each in day],
    })  # fmt: skip


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_worlds():
    one, same, other = (run("scan_permutation", seed=seed, cases=made_cases(), geo=GEO) for seed in (1, 1, 2))
    assert json.dumps(one.as_json()) == json.dumps(same.as_json())
    assert one.summary["highest_95"] != other.summary["highest_95"]


def test_days_that_are_not_all_reported_are_left_out():
    result = run("scan_permutation", {"until": "2026-05-01"}, cases=made_cases(), geo=GEO)
    assert max(row["end"] for row in result.rows) == "2026-05-01"
    assert result.summary["cases"] == made_cases().filter(pl.col("date") <= date(2026, 5, 1)).height


def test_a_recurrence_interval_is_one_over_p_times_the_runs_of_a_year():
    result = run("scan_permutation", {"analyses_a_year": "365"}, cases=made_cases(), geo=GEO)
    last = result.rows[-1]
    assert last["recurrence_years"] == pytest.approx(1 / (last["p"] * 365))


@pytest.mark.parametrize(
    ("wrong", "inputs", "where"),
    [
        (UnfitNumbers, {"cases": {"id": ["p1", "nowhere"], "date": ["2026-07-04"] * 2}, "geo": GEO}, "cases, row 2"),
        (MissingColumn, {"cases": made_cases(), "geo": {"id": ["a", "b"]}}, "geo"),
        (TooFewPoints, {"cases": made_cases()[:1], "geo": GEO}, "cases"),
        (
            UnfitNumbers,
            {"cases": made_cases(), "geo": {"id": ["a", "a"], "x_m": [0, 1], "y_m": [0, 1]}},
            "geo, column id",
        ),
    ],
)
def test_an_input_that_does_not_fit_is_refused_with_the_place(wrong, inputs, where):
    with pytest.raises(wrong) as refused:
        run("scan_permutation", **inputs)
    assert refused.value.where == where


def test_a_scan_against_a_population_needs_one():
    cases = {"id": ["p1", "p2"], "year": ["2024", "2025"]}
    with pytest.raises(MissingColumn, match="expected, or the population"):
        run("scan_poisson", cases=cases, geo=GEO)
