"""What is taken in, what is refused and how, and that nothing held ever changes."""

import hashlib
import json
from datetime import date

import polars as pl
import pytest

from upstander.errors import WrongUsage
from upstander.places import NoSuchLayer, UnknownLayout, load, open_reference

from .conftest import VILLAGE_CRS, block, geojson, village_areas, write


def fingerprint(folder):
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def outlines(tmp_path):
    return geojson(tmp_path / "village.geojson", village_areas(), crs=VILLAGE_CRS)


@pytest.fixture
def reference(tmp_path):
    return tmp_path / "reference"


def test_the_same_sources_are_held_once_and_nothing_changes(reference, outlines):
    first = load(reference, kind="boundaries", source=[outlines])
    before = fingerprint(reference)
    again = load(reference, kind="boundaries", source=[outlines])
    assert not first.already_held
    assert again.already_held
    assert again.held == first.held
    assert fingerprint(reference) == before


def test_stating_what_the_file_says_anyway_makes_no_other_data(reference, outlines):
    first = load(reference, kind="boundaries", source=[outlines])
    again = load(reference, kind="boundaries", source=[outlines], layer="lsoa21", quality="full", where_from="a hat")
    assert again.already_held
    assert again.held == first.held


def test_files_in_another_order_are_the_same_sources(reference, tmp_path):
    parts = [geojson(tmp_path / f"{code}.geojson", {code: block(0, 0)}, crs=VILLAGE_CRS) for code in ("F1", "F2")]
    first = load(reference, kind="boundaries", source=parts)
    assert load(reference, kind="boundaries", source=parts[::-1]).held == first.held


def test_other_sources_for_a_vintage_get_a_folder_of_their_own_and_become_the_newest(reference, outlines, tmp_path):
    old = load(reference, kind="boundaries", source=[outlines]).held
    before = fingerprint(old.folder)
    fewer = geojson(tmp_path / "fewer.geojson", {"F1": block(0, 0)}, crs=VILLAGE_CRS)
    new = load(reference, kind="boundaries", source=[fewer]).held
    assert [held.folder.name for held in (old, new)] == ["lsoa21", "lsoa21.2"]
    assert fingerprint(old.folder) == before
    assert open_reference(reference).vintages() == (("boundaries/lsoa21.2", new.id),)
    assert set(open_reference(reference).names("lsoa21")) == {"F1"}


def test_the_latest_postcode_file_answers_in_whichever_order_files_were_loaded(reference, tmp_path):
    for vintage, area in (("2024-02", "F2"), ("2021-11", "F1"), ("2021-11", "F3")):
        path = write(tmp_path / f"{area}.csv", f"postcode,lsoa21_code\nZZ1 1AA,{area}\n")
        load(reference, kind="postcodes", source=[path], vintage=vintage)
    latest = open_reference(reference)
    found = latest.locate(pl.DataFrame({"postcode": ["ZZ1 1AA"]}), crs=None, layers=["lsoa21"])
    assert found["area_code"].to_list() == ["F2"]
    assert [folder for folder, _ in latest.vintages()] == ["postcodes/2021-11.2", "postcodes/2024-02"]


def test_what_a_killed_run_left_is_cleared_and_never_seen(reference, outlines):
    left = reference / "boundaries" / ".lsoa21.unfinished"
    left.mkdir(parents=True)
    write(left / "areas.parquet", "half")
    assert open_reference(reference).vintages() == ()
    load(reference, kind="boundaries", source=[outlines])
    assert not left.exists()
    assert len(open_reference(reference).shapes("lsoa21")) == 6


def test_it_is_written_down_where_it_came_from(reference, outlines):
    held = load(reference, kind="boundaries", source=[outlines], attribution="Invented.", where_from="a hat").held
    facts = json.loads((held.folder / "source.json").read_text())
    assert facts["attribution"] == "Invented."
    assert facts["where_from"] == "a hat"
    assert facts["quality"] == "full"
    assert facts["crs"] == VILLAGE_CRS
    assert facts["sources"] == [
        {
            "name": "village.geojson",
            "sha256": hashlib.sha256(outlines.read_bytes()).hexdigest(),
            "bytes": outlines.stat().st_size,
        }
    ]
    assert open_reference(reference).attribution("lsoa21") == "Invented."


def test_an_outline_that_crosses_itself_is_repaired_and_said(reference, tmp_path):
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]]}
    held = load(
        reference, kind="boundaries", source=[geojson(tmp_path / "a.geojson", {"F1": bow_tie}, crs=VILLAGE_CRS)]
    ).held
    assert held.notes == ("1 of 1 outlines crossed themselves and were repaired.",)
    frame = pl.DataFrame({"x": [9.0, 5.0], "y": [5.0, 9.0]})
    found = open_reference(reference).locate(frame, crs=VILLAGE_CRS, layers=["lsoa21"], metric_crs=VILLAGE_CRS)
    assert found["area_kind"].to_list() == ["lsoa", "outside"]


def test_ons_names_a_grid_reference_and_wide_vertices_are_understood(reference, tmp_path):
    areas = {"E05000001": block(450_000, 300_000)}
    path = geojson(tmp_path / "w.geojson", areas, crs="urn:ogc:def:crs:EPSG::27700", code="WD24CD", name="WD24NM")
    held = load(reference, kind="boundaries", source=[path]).held
    assert (held.layers, held.crs, held.quality) == (("ward24",), "EPSG:27700", "generalised")
    stated = load(reference, kind="boundaries", source=[path], quality="full").held
    assert stated.folder.name == "ward24"


def test_files_without_ons_names_are_read_by_stated_properties(reference, tmp_path):
    path = geojson(tmp_path / "beats.geojson", {"B1": block(0, 0)}, crs=VILLAGE_CRS, code="beat", name="called")
    held = load(
        reference, kind="boundaries", source=[path], layer="beat", code_property="beat", name_property="called"
    ).held
    assert held.layers == ("beat",)
    assert open_reference(reference).names("beat") == {"B1": "Area B1"}


def refused(reference, match, **asked):
    with pytest.raises(UnknownLayout, match=match) as caught:
        load(reference, **asked)
    assert caught.value.exit_code == 3
    assert caught.value.facts()["expected"]
    assert open_reference(reference).vintages() == ()


def test_boundaries_of_an_unknown_layout_are_refused_with_what_would_be_right(reference, tmp_path):
    def given(text):
        return {"kind": "boundaries", "source": [write(tmp_path / "x.geojson", text)]}

    refused(reference, "not JSON", **given("code,name"))
    refused(reference, "not a collection", **given('{"type": "Feature"}'))
    refused(reference, "not a collection", **given('{"type": "FeatureCollection", "features": []}'))
    point = '{"type": "FeatureCollection", "features": [{"properties": {"lsoa21_code": "F1"}, "geometry": %s}]}'
    refused(reference, "no polygon", **given(point % '{"type": "Point", "coordinates": [0, 0]}'))
    refused(reference, "no polygon", **given(point % "null"))
    names = geojson(tmp_path / "n.geojson", {"F1": block(0, 0)}, code="id", name="label")
    refused(reference, "no area codes", kind="boundaries", source=[names])
    far = geojson(tmp_path / "f.geojson", {"F1": block(1000, 1000)})
    refused(reference, "outside EPSG:4326", kind="boundaries", source=[far])
    same = [geojson(tmp_path / f"{n}.geojson", {"F1": block(0, 0)}, crs=VILLAGE_CRS) for n in "ab"]
    refused(reference, "more than once", kind="boundaries", source=same)
    mixed = [same[0], geojson(tmp_path / "c.geojson", {"F2": block(0, 0, 1)})]
    refused(reference, "different coordinate", kind="boundaries", source=mixed)


def test_tables_of_an_unknown_layout_are_refused_with_what_would_be_right(reference, tmp_path):
    one_layer = write(tmp_path / "one.csv", "lsoa21_code,lsoa21_name\nF1,A\n")
    refused(reference, "two or more layers", kind="lookup", source=[one_layer])
    refused(reference, "not a postcode file", kind="postcodes", source=[one_layer], vintage="2026")
    refused(reference, "each year of age", kind="population", source=[one_layer], vintage="2026")
    empty = write(tmp_path / "empty.csv", "")
    refused(reference, "not a CSV file", kind="lookup", source=[empty])


@pytest.mark.parametrize(
    ("cell", "match"), [("-1", "whole numbers"), ("1.5", "whole numbers"), ("", "whole numbers"), ("4", "do not sum")]
)
def test_a_population_that_cannot_be_right_is_refused(reference, tmp_path, cell, match):
    ages = [*map(str, range(90)), "90+"]
    text = f"lsoa21_code,total_population,{','.join(ages)}\nF1,91,{cell},{','.join(['1'] * 90)}\n"
    path = write(tmp_path / "people.csv", text)
    refused(reference, match, kind="population", source=[path], vintage="2026")


VISITORS = "lsoa21_code,when,persons,source,measured_on\n"


def test_visitors_are_held_with_their_time_source_and_day(reference, tmp_path):
    rows = "F1,all hours,900,Footfall counters,2026-06-30\nF1,Saturday night,4000,Footfall counters,2026-06-30\n"
    load(reference, kind="visitors", source=[write(tmp_path / "v.csv", VISITORS + rows)], vintage="2026")
    held = open_reference(reference).visitors("lsoa21")
    assert held.rows() == [
        ("F1", "Saturday night", 4000, "Footfall counters", date(2026, 6, 30)),
        ("F1", "all hours", 900, "Footfall counters", date(2026, 6, 30)),
    ]


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ("F1,all hours,12.5,Counters,2026-06-30", "whole number"),
        ("F1,all hours,-1,Counters,2026-06-30", "whole number"),
        ("F1,all hours,900,,2026-06-30", "without"),
        ("F1,all hours,900,Counters,June", "without"),
        ("F1,all hours,9,A,2026-06-30\nF1,all hours,8,B,2026-06-30", "more than once"),
    ],
)
def test_visitors_that_cannot_be_right_are_refused(reference, tmp_path, row, match):
    path = write(tmp_path / "v.csv", f"{VISITORS}{row}\n")
    refused(reference, match, kind="visitors", source=[path], vintage="2026")


def test_visitors_without_their_columns_or_year_are_refused(reference, tmp_path):
    bare = write(tmp_path / "v.csv", "lsoa21_code,persons\nF1,9\n")
    refused(reference, "numbers of visitors", kind="visitors", source=[bare], vintage="2026")
    with pytest.raises(WrongUsage, match="year"):
        load(reference, kind="visitors", source=[bare])


@pytest.mark.parametrize(
    "words",
    [
        {"kind": "rivers"},
        {"kind": "boundaries", "quality": "fine"},
        {"kind": "boundaries", "source": []},
        {"kind": "boundaries", "layer": "LSOA 21"},
        {"kind": "boundaries", "metric_crs": "grid"},
        {"kind": "postcodes"},
        {"kind": "population"},
    ],
)
def test_words_that_are_off_are_the_askers_to_mend(reference, tmp_path, words):
    path = write(tmp_path / "p.csv", "postcode,lsoa21_code\nZZ1 1AA,F1\n")
    with pytest.raises(WrongUsage):
        load(reference, **({"source": [path]} | words))


def test_a_file_that_is_not_there_is_named(reference, tmp_path):
    with pytest.raises(WrongUsage) as caught:
        load(reference, kind="lookup", source=[tmp_path / "gone.csv"])
    assert caught.value.found == "gone.csv"


def test_a_postcode_used_again_counts_as_it_is_now_and_pseudo_codes_are_no_areas(reference, tmp_path):
    text = (
        "pcds,doterm,oseast1m,osnrth1m,lsoa11\n"
        "ZZ1 1AA,201001,1000,2000,F0\nZZ1 1AA,,1500,2500,F1\nZZ1 1AB,,,,E99999999\nnone,,,,F1\n"
    )
    held = load(reference, kind="postcodes", source=[write(tmp_path / "NSPL_MAY_2024_UK.csv", text)]).held
    assert held.vintage == "2024-05"
    assert held.notes == ("1 rows without a whole postcode were left out.",)
    assert held.table("units").rows() == [("ZZ1 1AA", "F1", 1500.0, 2500.0), ("ZZ1 1AB", None, None, None)]


def test_a_file_of_points_alone_asks_the_outlines_and_leaves_points_without_coordinates_out(tmp_path):
    areas = ",".join(['"F"'] * 6)
    rows = f'"ZZ1 1AA",10,1500,1500,{areas}\n"ZZ1 1AB",60,9000,9000,{areas}\n"ZZ1 1AD",90,0,0,{areas}\n'
    loaded = load(tmp_path, kind="postcodes", source=[write(tmp_path / "zz.csv", rows)], vintage="2026-08")
    assert "points alone" in loaded.message
    assert loaded.held.table("units").rows() == [
        ("ZZ1 1AA", 1500.0, 1500.0), ("ZZ1 1AB", 9000.0, 9000.0), ("ZZ1 1AD", None, None),
    ]  # fmt: skip
    asked = pl.DataFrame({"postcode": ["ZZ1 1AA", "ZZ1 1AB", "ZZ1 1AD"]})
    before = open_reference(tmp_path).locate(asked, crs=None, layers=["lsoa21"])
    assert before["area_code"].to_list() == ["ZZ1 1"] * 3
    square = geojson(tmp_path / "b.geojson", {"F1": block(1000, 1000)}, crs="EPSG:27700")
    load(tmp_path, kind="boundaries", source=[square], quality="full")
    after = open_reference(tmp_path).locate(asked, crs=None, layers=["lsoa21"])
    assert after["area_code"].to_list() == ["F1", "ZZ1 1", "ZZ1 1"]
    assert after["x_m"].null_count() == 3


def test_a_layer_that_is_not_loaded_is_named_with_those_that_are(village):
    with pytest.raises(NoSuchLayer) as caught:
        village.shapes("msoa21")
    assert caught.value.expected == "lsoa21"
    with pytest.raises(NoSuchLayer):
        village.population("lsoa21")
