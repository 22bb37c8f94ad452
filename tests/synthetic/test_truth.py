"""What is said to be planted is there, at the rates that are stated."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from upstander.synthetic.dirt import RATES

# One year's counts, each plus or minus a tenth.
A_YEAR = {"police": 14_000, "ambulance": 6_000, "ed": 5_500}


def _first_lines(county, agency):
    """One line an incident, the victim's or patient's, whether delivered or not."""
    return county.truth.seen.filter(
        (pl.col("agency") == agency) & (pl.col("incident") > 0) & ~pl.col("is_repeat")
        & pl.col("role").is_in(["victim", "patient"])
    )  # fmt: skip


def _known_to(county, agency):
    return county.truth.incidents.join(_first_lines(county, agency), on="incident", how="semi")


def _at_window(incidents, spot):
    hour, weekday = pl.col("at_local").dt.hour(), pl.col("at_local").dt.offset_by("-6h").dt.weekday() - 1
    start, end = spot["hours"]
    return incidents.filter(weekday.is_in(spot["nights"]) & ((hour >= start) | (hour < end)))


@pytest.mark.parametrize("agency", A_YEAR)
def test_each_agency_sees_about_as_much_as_in_a_county_of_a_million(county, agency):
    # The force's recording change falls in this one year and lifts it by about an eighth.
    assert _first_lines(county, agency).height == pytest.approx(
        A_YEAR[agency] * (1.12 if agency == "police" else 1), rel=0.1
    )


@pytest.mark.parametrize(
    ("agency", "fault", "rate"),
    [
        ("police", "is_default_time", "default_midnight"),
        ("police", "has_bad_code", "bad_code"),
        ("ambulance", "has_bad_code", "bad_code"),
        ("ed", "is_time_unknown", "no_event_time"),
        ("ed", "is_default_time", "default_midnight"),
        ("ed", "has_bad_code", "bad_code"),
    ],
)
def test_faults_come_at_the_stated_rate(county, agency, fault, rate):
    lines, wanted = _first_lines(county, agency), getattr(RATES[agency], rate)
    if fault == "is_default_time":
        wanted *= 1 - RATES[agency].no_event_time
    within = 4 * np.sqrt(wanted * (1 - wanted) / lines.height)
    assert lines[fault].mean() == pytest.approx(wanted, abs=within)


@pytest.mark.parametrize(("agency", "rate"), [("police", 0.03), ("ambulance", 0.02), ("ed", 0.29)])
def test_places_are_missing_at_the_stated_rate(county, agency, rate):
    lines = _first_lines(county, agency)
    assert (lines["place"] == "none").mean() == pytest.approx(rate, abs=4 * np.sqrt(rate / lines.height))


def test_patients_arrive_about_an_hour_after_they_were_hurt(county):
    assert 50 <= _first_lines(county, "ed")["delay_min"].median() <= 65
    assert _first_lines(county, "ambulance")["delay_min"].median() < 15


def test_friday_and_saturday_nights_stand_out(county):
    """Eleven hours of a week's 168 hold a fifth of what ambulances see."""
    seen = _known_to(county, "ambulance")
    nights = _at_window(seen, {"nights": [4, 5], "hours": [21, 3]})
    assert nights.height / seen.height > 0.2


def test_each_main_hot_spot_leads_its_window_for_those_who_see_all_of_it(county):
    for spot in (one for one in county.truth.summary["hot_spots"] if not one["is_lesser"]):
        for agency in (agency for agency, chance in spot["seen"].items() if chance == 1):
            counts = _at_window(_known_to(county, agency), spot).group_by("area_code").len()
            leaders = counts.sort("len", "area_code", descending=True)["area_code"].head(9)
            assert set(spot["areas"]) <= set(leaders), (spot["name"], agency)


def test_a_hot_spot_s_relative_risk_is_what_the_incidents_show(county):
    areas = county.summary.areas
    for spot in county.truth.summary["hot_spots"]:
        out = _at_window(county.truth.incidents.filter(pl.col("setting").is_in(["street", "licensed"])), spot)
        usual = out.filter((pl.col("hot_spot") == "") & ~pl.col("is_outbreak")).height / areas
        there = out.filter(pl.col("area_code").is_in(spot["areas"])).height / len(spot["areas"])
        noise = 4 / np.sqrt(there * len(spot["areas"]))
        prevented = 0.75 if spot["name"].startswith("Wexlow") else 1.0
        assert there / usual == pytest.approx(spot["relative_risk"] * prevented, rel=noise + 0.12), spot["name"]


def test_one_hot_spot_is_one_that_the_police_hardly_see(county):
    seafront = county.truth.incidents.filter(pl.col("hot_spot") == "Selmarsh Seafront").height
    seen = {
        agency: (_known_to(county, agency)["hot_spot"] == "Selmarsh Seafront").sum() / seafront for agency in A_YEAR
    }
    assert 3 * seen["police"] < min(seen["ambulance"], seen["ed"])


def test_the_outbreak_multiplies_street_violence_there_and_then_and_is_mostly_knives(county):
    outbreak = county.truth.summary["outbreak"]
    start, end = date.fromisoformat(outbreak["from"]), date.fromisoformat(outbreak["to"])
    there = county.truth.incidents.filter(
        pl.col("area_code").is_in(outbreak["areas"]) & (pl.col("setting") == "street")
    )
    during = there.filter(pl.col("at_local").dt.date().is_between(start, end, closed="left"))
    before = there.filter(pl.col("at_local").dt.date() < start)
    usual = before.height / (start - date(2025, 8, 1)).days
    times = during.height / (end - start).days / usual
    assert 0.6 * outbreak["factor"] < times < 1.7 * outbreak["factor"]
    planted = county.truth.incidents.filter("is_outbreak")
    assert set(planted["area_code"]) <= set(outbreak["areas"])
    assert (planted["weapon"] == "sharp").mean() > 0.6


def test_the_recording_change_lifts_records_but_not_violence(county):
    change = county.truth.summary["recording_change"]
    unhurt = county.truth.incidents.filter(pl.col("severity") == "none").with_columns(
        is_after=pl.col("at_local").dt.date() >= date.fromisoformat(change["from"])
    )
    known = unhurt.join(_first_lines(county, "police"), on="incident", how="semi")
    share = {after: known.filter(pl.col("is_after") == after).height / unhurt.filter(pl.col("is_after") == after).height
             for after in (False, True)}  # fmt: skip
    assert share[True] / share[False] == pytest.approx(change["factor"], rel=0.06)
    days = {False: 92, True: 273}
    a_day = {after: unhurt.filter(pl.col("is_after") == after).height / days[after] for after in days}
    assert a_day[True] / a_day[False] == pytest.approx(1.0, abs=0.12)


def test_the_intervention_prevents_two_fifths_of_what_it_reaches(county):
    one = county.truth.summary["intervention"]
    hour = pl.col("at_local").dt.hour()
    reached = county.truth.incidents.filter(
        pl.col("area_code").is_in(one["areas"]) & pl.col("setting").is_in(["street", "licensed"])
        & ((hour >= one["hours"][0]) | (hour < one["hours"][1]))
    )  # fmt: skip
    start = date.fromisoformat(one["from"])
    before, after = (reached.filter((pl.col("at_local").dt.date() < start) == side).height for side in (True, False))
    ratio = (after / 181) / (before / 184)
    assert ratio == pytest.approx(one["effect"], abs=4 * one["effect"] * np.sqrt(1 / after + 1 / before))


def test_many_whom_the_hospital_treats_are_unknown_to_the_police(county):
    ed = _first_lines(county, "ed")
    unknown = ed.join(_first_lines(county, "police"), on="incident", how="anti").height / ed.height
    assert 0.4 < unknown < 0.65


def test_some_people_are_harmed_again_and_again(county):
    times = county.truth.incidents.group_by("person_ref").len()["len"]
    assert 0.05 < (times > 1).mean() < 0.5
    assert times.max() >= 4


def test_what_came_too_late_is_known_but_not_delivered(county):
    lines = county.truth.seen
    late_crimes = lines.filter((pl.col("agency") == "police") & ~pl.col("is_delivered"))
    assert late_crimes.height > 0
    month_end = late_crimes["event_local"].dt.month_end().dt.date()
    assert ((late_crimes["recorded_local"].dt.date() - month_end).dt.total_days() > 28).all()
    assert lines.filter((pl.col("agency") == "ed") & (pl.col("month") == "2026-07"))["is_delivered"].sum() == 0


def test_last_meeting_s_actions_stand_in_planted_places_and_are_dated(county):
    actions = pl.read_csv(county.folder / "meetings" / "actions.csv", try_parse_dates=True)
    assert actions.columns == ["area_code", "what", "owner", "due", "since"]
    planted = {area for spot in county.truth.summary["hot_spots"] for area in spot["areas"]}
    assert set(actions["area_code"]) <= planted
    assert (actions["due"] > actions["since"]).all()
