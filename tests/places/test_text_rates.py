"""The labelled texts of the fictional county: how often right, as sure as it says, where it does not reach."""

import json
import subprocess
import sys
from functools import cache

from checkout import ROOT

SCRIPT = """
import json
from texts import answered, calibration_table, county, hit_rates, rates_at, told
from upstander.places.texts.calibration import expected_error
made = county()
one = told(made, 21, 8_000)
matches = one.matches
table = calibration_table(matches["confidence"].to_numpy(), matches["is_right"].to_numpy().astype(float))
named = one.truth.filter(one.truth["x_min"].is_not_null())
named = named.with_columns(is_located=named["found"] != "")
homes = one.truth.filter(place_class="home")
towns = one.truth.filter(one.truth["level"].is_in(["town", "bare town"]))
print(json.dumps({
    "rates": rates_at(made, [one], 0.75), "loose": rates_at(made, [one], 0.5), "error": expected_error(table),
    "bins": table.rows(), "hits": hit_rates(named, "source").rows(),
    "homes": float((homes["says"] == "home").mean()),
    "told_at_home": int((homes.filter(level="home")["found"] != "").sum()),
    "points_of_towns": int((towns["found"] == "venue").sum()),
}))
"""


@cache
def measured() -> dict:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT / "bench", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_told_at_the_default_threshold_is_right_19_times_in_20():
    count, precision, recall = measured()["rates"]
    print(f"free text: {count:,} told, precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.95
    assert recall >= 0.65


def test_a_lower_threshold_tells_more_and_is_right_less_often():
    told, precision, recall = measured()["rates"]
    more, less_often, reached = measured()["loose"]
    assert more > told
    assert less_often < precision
    assert reached >= recall


def test_a_stated_confidence_comes_true_about_as_often_as_it_says():
    assert measured()["error"] <= 0.02
    for low, high, matches, expected, observed in measured()["bins"]:
        if matches >= 200:
            assert abs(expected - observed) <= 0.08, (low, high)


def test_hit_rates_are_told_by_source_against_the_85_per_cent_line():
    rates = {source: (share, is_enough) for source, _, _, share, _, _, is_enough in measured()["hits"]}
    assert set(rates) == {"ambulance", "ed"}
    assert rates["ed"][0] > rates["ambulance"][0]  # a treating site tells one chain's places apart
    assert all(is_enough == (share >= 0.85) for share, is_enough in rates.values())


def test_homes_are_classed_as_homes_and_a_bare_home_is_told_no_place():
    assert measured()["homes"] >= 0.95
    assert measured()["told_at_home"] == 0


def test_texts_that_mean_a_town_are_hardly_ever_told_a_point():
    assert measured()["points_of_towns"] <= 5
