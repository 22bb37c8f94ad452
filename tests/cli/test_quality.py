"""Quality at the keyboard: what is due, the scorecard for the owner, what bands support; and the guide with numbers."""

from pathlib import Path

import pytest

from cli.conftest import END, START, Keyboard
from intake.desk import rms, varied
from pipeline.homes import agreement, injury_schedule

POLICE = ("--dataset", "police_incidents", "--supplier", "rms")
BLUNT = ("postcode_sector", "age_band", "sex", "ethnic_group")


@pytest.fixture
def held(types: Keyboard, signed: Path, tmp_path: Path) -> Path:
    """A month of ninety rows held, and a second agreement that lets stewards read places, ages and sexes."""
    terms = tmp_path / "stewards.toml"
    read = injury_schedule(
        id="stewards", fields=[*BLUNT, "event_from_local"], purposes=["stewardship"], gateway="cda_1998_s115",
        start=START, end=END,
    )  # fmt: skip
    terms.write_bytes(agreement(read, name="stewards"))
    assert types("agreement", "sign", terms).code == 0
    file = tmp_path / "rms_2026-07.csv"
    file.write_bytes(rms(*(
        varied(n) | {"occurred_from": f"{n % 28 + 1:02d}/07/2026 22:40", "recorded_at": ""} for n in range(90)
    )))  # fmt: skip
    assert types("deliver", file, *POLICE).code == 0
    return file


def test_the_calendar_shows_what_is_missing_and_with_all_what_came(types: Keyboard, held: Path) -> None:
    amiss = types("quality", "calendar", "--on", "2026-09-20", "--json").json
    assert ("2026-08", "late") in [(one["period"], one["state"]) for one in amiss]
    every = types("quality", "calendar", "--on", "2026-09-20", "--all", "--json").json
    assert [one["period"] for one in every] == ["2026-07", "2026-08"]
    assert "missing" in types("quality", "calendar", "--on", "2026-09-20").out


def test_a_calendar_of_no_dataset_or_no_day_is_told_as_a_slip(types: Keyboard, held: Path) -> None:
    assert types("quality", "calendar", "--dataset", "police_accidents").code == 2
    assert types("quality", "calendar", "--on", "soon").code == 2


def test_the_scorecard_writes_a_page_and_its_numbers(types: Keyboard, held: Path, tmp_path: Path) -> None:
    html, csv = tmp_path / "card.html", tmp_path / "card.csv"
    said = types("quality", "scorecard", *POLICE, "--html", html, "--csv", csv)
    assert said.code == 0
    assert "What to change" in said.out
    assert html.read_text("utf-8").lower().startswith("<!doctype html>")
    assert csv.read_text("utf-8").startswith("table,")
    assert types("quality", "scorecard", *POLICE, "--json").json["worst"]


def test_a_scorecard_of_a_feed_that_sent_nothing_is_told_as_a_slip(types: Keyboard, signed: Path) -> None:
    said = types("quality", "scorecard", *POLICE)
    assert said.code == 2
    assert "Nothing of police_incidents" in said.err


def test_what_bands_support_is_said_in_sentences_a_table_and_the_least_that_serves(types: Keyboard, held: Path) -> None:
    said = types("quality", "grain", "--dataset", "police_incidents")
    assert said.code == 0
    for words in ("To link.", "To map.", "To hide.", "sector, age band, sex", "The least that serves"):
        assert words in said.out
    told = types("quality", "grain", "--dataset", "police_incidents", "--json").json
    usual = next(one for one in told["options"] if one["fields"] == "sector+band+sex")
    assert set(usual) >= {"wrong_links", "right_area", "smallest", "alone", "says"}
    assert usual["smallest"] == "under 8"
    assert len(types("quality", "grain", "--dataset", "police_incidents", "--all", "--json").json["options"]) > len(
        told["options"]
    )


def test_another_window_overlap_and_file_change_what_links_are_worth(types: Keyboard, held: Path) -> None:
    asked = ("quality", "grain", "--dataset", "police_incidents", "--days", 0, "--overlap", 0.9, "--against", 20_000)
    (linking, *_) = types(*asked, "--json").json["says"]
    assert "a file of 20,000 rows a year, of records of the same day" in linking
    assert types("quality", "grain", "--dataset", "police_incidents", "--overlap", 2).code == 2


def test_a_dataset_of_figures_says_why_it_is_no_question(types: Keyboard, signed: Path) -> None:
    said = types("quality", "grain", "--dataset", "child_deprivation")
    assert said.code == 0
    assert "It does not apply." in said.out
    assert "a published figure" in said.out


def test_who_may_not_look_after_a_feed_is_refused(types: Keyboard, held: Path) -> None:
    said = types("quality", "grain", "--dataset", "police_incidents", "--agency", "nobody")
    assert said.code == 4
    assert "Refused" in said.err


def test_the_guide_carries_the_numbers_of_the_rows_held_where_they_are_asked_for(
    types: Keyboard, held: Path, tmp_path: Path
) -> None:
    plain, counted = tmp_path / "plain.html", tmp_path / "counted.html"
    assert types("contract", "guide", "police_incidents", "--html", plain).code == 0
    assert types("contract", "guide", "police_incidents", "--html", counted, "--numbers").code == 0
    assert "in the rows held" not in plain.read_text("utf-8")
    assert "in the rows held" in counted.read_text("utf-8")
