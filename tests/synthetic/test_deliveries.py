"""The files are what the supplier maps say they are, and hold what the truth says they hold."""

import csv
import re
from pathlib import Path

import polars as pl
import pytest

import upstander.synthetic
from shared_data import SHARED, needs_shared
from upstander.contracts.codes import code_list
from upstander.intake import suppliers
from upstander.synthetic.deliveries import HEADINGS, SUPPLIERS
from upstander.synthetic.names import SURNAMES

AGENCIES = ("police", "ambulance", "ed")
MAPS = Path(upstander.synthetic.__file__).parent / "suppliers"


def _files(county, agency):
    return sorted((county.folder / "deliveries" / SUPPLIERS[agency]).glob("*.csv"))


def _sent(county, agency):
    read = (
        pl.read_csv(path, infer_schema=False).with_columns(file=pl.lit(path.stem[-7:]))
        for path in _files(county, agency)
    )
    return pl.concat(read)


def _lines(county, agency):
    return county.truth.seen.filter((pl.col("agency") == agency) & pl.col("is_delivered"))


@pytest.mark.parametrize("agency", AGENCIES)
def test_every_file_parses_with_the_stated_headings_and_no_ragged_line(county, agency):
    for path in _files(county, agency):
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert tuple(header) == HEADINGS[agency]
        assert {len(row) for row in rows} == {len(header)}


@pytest.mark.parametrize("agency", AGENCIES)
def test_the_supplier_map_knows_every_heading_and_finds_no_required_one_missing(agency):
    supplier = suppliers.load(SUPPLIERS[agency], folders=[MAPS])
    assert set(HEADINGS[agency]) - set(supplier.headings) == set()
    assert set(supplier.headings) - set(supplier.optional) - set(HEADINGS[agency]) == set()
    assert supplier.places.crs == "upstander:brackenshire"


@pytest.mark.parametrize("agency", AGENCIES)
def test_the_file_name_says_the_month_that_the_file_covers(county, agency):
    pattern = suppliers.load(SUPPLIERS[agency], folders=[MAPS]).covers_from_file_name
    assert [path.name for path in _files(county, agency) if not re.search(pattern, path.name)] == []


@pytest.mark.parametrize(
    ("agency", "moment"),
    [
        ("police", pl.col("Committed From").str.to_datetime("%d/%m/%Y %H:%M")),
        ("ambulance", pl.col("Call Date").str.to_datetime("%d/%m/%Y")),
        ("ed", pl.coalesce("ASSAULT DATE AND TIME", HEADINGS["ed"][3]).str.to_datetime("%Y-%m-%d %H:%M")),
    ],
)
def test_no_row_lies_outside_its_file_s_month(county, agency, moment):
    months = _sent(county, agency).select(said=moment.dt.strftime("%Y-%m"), file="file")
    assert (months["said"] == months["file"]).all()


@pytest.mark.parametrize("agency", AGENCIES)
def test_the_truth_counts_every_row_of_every_file(county, agency):
    sent = _sent(county, agency).group_by("file").len().sort("file")
    true = _lines(county, agency).group_by("month").len().sort("month")
    assert sent.rows() == true.rows()
    assert sent["len"].sum() == county.truth.summary["agencies"][agency]["rows_delivered"]
    listed = [one["rows"] for one in county.truth.summary["files"] if one["agency"] == agency]
    assert listed == sent["len"].to_list()


def test_faults_in_the_police_files_are_those_in_the_truth(county):
    sent, lines = _sent(county, "police"), _lines(county, "police")
    codes = code_list("offences")
    assert sent["Easting"].null_count() == (lines["place"] == "none").sum() > 0
    assert sent.filter(~pl.col("Offence Code").is_in(list(codes.meanings))).height == lines["has_bad_code"].sum() > 0
    assert sent.drop("file").is_duplicated().sum() == 2 * lines["is_repeat"].sum() > 0
    assert (
        sent["Role"].str.to_lowercase().value_counts().sort("Role").rows()
        == lines["role"].value_counts().sort("role").rows()
    )


def test_faults_in_the_ambulance_files_are_those_in_the_truth(county):
    sent, lines = _sent(county, "ambulance"), _lines(county, "ambulance")
    codes = code_list("ambulance_nature")
    is_violence = sent["Nature Code"].str.contains("^0?(4|27)") & ~sent["Nature Code"].str.contains("[XY]$")
    wrong = [code for code in sent.filter(is_violence)["Nature Code"] if codes.canonical(code) is None]
    assert len(wrong) == lines["has_bad_code"].sum() > 0
    assert (~is_violence).sum() == (lines["incident"] == 0).sum() > 0
    assert sent["Call Time"].str.starts_with("24:").sum() == lines["has_impossible_time"].sum() > 0
    assert sent["Postcode"].null_count() == (lines["place"] == "none").sum() > 0
    assert sent["Postcode"].str.contains(r"^QB\d+ \d$").sum() == (lines["place"] == "part").sum() > 0


def test_faults_in_the_ed_files_are_those_in_the_truth(county):
    sent, lines = _sent(county, "ed"), _lines(county, "ed")
    method = pl.col("ASSAULT METHOD").is_in(list(code_list("assault_methods").meanings))
    kind = pl.col("ASSAULT LOCATION TYPE").is_in(list(code_list("assault_location_types").meanings))
    assert sent.filter(~method).height == lines["has_bad_code"].sum() > 0
    assert sent.filter(~kind).height == 0
    assert sent["ASSAULT DATE AND TIME"].null_count() == lines["is_time_unknown"].sum() > 0
    assert sent["POSTCODE"].null_count() == (lines["place"] == "none").sum() > 0


def test_every_police_code_that_is_not_spoilt_is_known_to_the_contract(county):
    sent = _sent(county, "police")
    supplier = suppliers.load("brackenshire_police", folders=[MAPS])
    known = code_list("place_types")
    places = {supplier.codes["location_type"].get(one, one) for one in sent["Location Type"].drop_nulls().unique()}
    assert {one for one in places if known.canonical(one) is None} == set()
    for heading, codes in (
        ("Ethnicity", "ethnicity_police"),
        ("Sex", "sex"),
        ("Role", "roles"),
        ("Knife", "knife_flag"),
    ):
        values = sent[heading].drop_nulls().unique().to_list()
        assert [value for value in values if code_list(codes).canonical(value) is None] == [], heading


def test_every_ambulance_place_is_known_to_the_contract(county):
    supplier = suppliers.load("brackenshire_ambulance", folders=[MAPS])
    sent = _sent(county, "ambulance")["Scene Type"].drop_nulls().unique()
    assert {
        one for one in sent if code_list("place_types").canonical(supplier.codes["location_type"][one]) is None
    } == set()


def test_no_one_was_hurt_before_they_were_born_and_nothing_recorded_before_it_happened(county):
    sent = _sent(county, "police").with_columns(
        pl.col("Committed From", "Recorded").str.to_datetime("%d/%m/%Y %H:%M"), pl.col("DOB").str.to_date("%d/%m/%Y")
    )
    assert (sent["DOB"] < sent["Committed From"].dt.date()).all()
    # An hour's grace: on one night in October the clock goes back between the two.
    assert (sent["Recorded"] >= sent["Committed From"].dt.offset_by("-1h")).all()


def test_no_clock_shows_a_time_that_the_spring_night_left_out(county):
    shown = county.truth.seen["event_local"].dt.truncate("1h").dt.strftime("%Y-%m-%d %H")
    assert (shown == "2026-03-29 01").sum() == 0
    assert (shown == "2025-10-26 01").sum() > 0


def test_free_text_names_people_so_that_scrubbing_has_something_to_scrub(county):
    sent = _sent(county, "police").filter(pl.col("Role") == "VICTIM")
    assert sent.filter(pl.col("MO").str.contains(pl.col("Surname"), literal=True)).height == sent.height


@needs_shared
def test_no_name_of_ours_is_in_the_network_s_own_paper():
    paper = set(re.findall(r"[A-Z][\w'-]+", (SHARED / "board-paper.txt").read_text(encoding="utf-8", errors="replace")))
    assert set(SURNAMES) & paper == set()
