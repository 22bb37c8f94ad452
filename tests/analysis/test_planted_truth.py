"""Planted truth, small: what Gi* and the rank intervals make of counties whose truth is known.

`bench/planted_truth.py` makes the whole table of docs/methods/planted-truth.md; `make prove` runs more seeds here.
"""

import importlib.util
import os
import sys
from types import ModuleType

import numpy as np
import pytest

from checkout import ROOT

SEEDS = 300 if os.environ.get("UPSTANDER_PROVE") == "1" else 40


def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("planted_truth", ROOT / "bench" / "planted_truth.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


planted = bench()


def scores(base: float, risk: float, *, unevenness: float = 0.0) -> list:
    counties = (
        planted.county(np.random.default_rng([seed, 1]), base, risk, unevenness=unevenness) for seed in range(SEEDS)
    )
    return [planted.score(county) for county in counties]


def error(values: list[float]) -> float:
    """Twice the Monte Carlo standard error of a mean."""
    return float(2 * np.std(values) / np.sqrt(len(values)))


def test_nine_in_ten_hot_spots_at_three_times_two_a_square_are_found(proof):
    recall = float(np.mean([score.found for score in scores(2.0, 3.0)]))
    proof("Hot spots found, relative risk 3 at 2 a square", figure=f"{recall:.3f}", goal="0.9 or more")
    assert recall >= 0.9


@pytest.mark.parametrize(("base", "risk"), [(0.5, 2.0), (0.5, 5.0), (2.0, 2.0), (2.0, 3.0), (8.0, 5.0)])
def test_false_discoveries_stay_under_one_in_ten(base, risk, proof):
    shares = [score.false_share for score in scores(base, risk)]
    proof(
        f"False discoveries, relative risk {risk:g} at {base:g}", figure=f"{np.mean(shares):.3f}", goal="0.10 or less"
    )
    assert np.mean(shares) <= 0.10 + error(shares)


def test_a_very_busy_place_hides_no_other_and_takes_no_more_along(proof):
    counties = (planted.county(np.random.default_rng([seed, 3]), 2.0, 3.0, busiest=40.0) for seed in range(SEEDS))
    found = [planted.score_beside(county) for county in counties]
    recall, false_shares = float(np.mean([each.found for each in found])), [each.false_share for each in found]
    proof("Hot spots found beside one of relative risk 40", figure=f"{recall:.3f}", goal="0.9 or more")
    assert np.mean([each.found_at_once for each in found]) < 0.1
    assert recall >= 0.9
    assert np.mean(false_shares) <= 0.10 + error(false_shares)
    assert np.mean([each.dragged - each.dragged_at_once for each in found]) < 0.1


@pytest.mark.parametrize("unevenness", [0.0, 1.0])
@pytest.mark.parametrize("base", [0.5, 2.0])
def test_a_county_with_nothing_planted_names_no_place(base, unevenness, proof):
    quiet = float(np.mean([score.names_none for score in scores(base, 1.0, unevenness=unevenness)]))
    name = f"Counties without hot spots that name none, {base:g} a square, unevenness {unevenness:g}"
    proof(name, figure=f"{quiet:.3f}", goal="0.90 or more")
    assert quiet >= 0.90


def test_the_normal_curve_would_name_places_where_there_are_none():
    found = scores(0.5, 1.0)
    assert np.mean([score.normal_names_none for score in found]) < 0.80


@pytest.mark.parametrize("rates", ["gamma, shape 2, mean 2", "gamma, shape 20, mean 8", "log-normal, sd 1, median 2"])
@pytest.mark.parametrize("places", [20, 600])
def test_rank_intervals_hold_the_true_rank_in_92_to_98_percent(rates, places, proof):
    rng = np.random.default_rng(places)
    counties = range(max(SEEDS // 8, 5) if places == 600 else 2 * SEEDS)
    held = [planted.rank_coverage(planted.RATES[rates](rng, places), rng, seed)[0] for seed in counties]
    proof(f"True rank held, {places} places, {rates}", figure=f"{np.mean(held):.3f}", goal="0.92 to 0.98")
    assert 0.92 - error(held) <= np.mean(held) <= 0.98 + error(held)


def test_places_that_tie_are_held_at_any_of_their_ranks():
    held, _ = planted.rank_coverage(np.full(50, 3.0), np.random.default_rng(1), 1)
    assert held == 1.0
