"""Real input, minutes and points: a county's call log, drawn on squares because no boundaries are loaded."""

import json
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pipeline.homes import counted, numbers, total
from pipeline.real import bulletin
from pipeline.shown import page_in, tables_in, told_of
from shared_data import SHARED, needs_shared
from upstander.cli import app
from upstander.contracts.releasing import Edition
from upstander.pipeline.desk import Desk
from upstander.pipeline.outputs import Output

pytestmark = needs_shared
SATURDAY_NIGHT = 48  # by `timeStamp`, as counted with nothing of ours


@pytest.fixture(scope="module")
def picture(montgomery: Desk) -> Output:
    return bulletin(montgomery, Edition.OPERATIONAL, start=date(2015, 9, 1), end=date(2016, 9, 1))


@pytest.mark.oracle
def test_the_log_gives_its_violence_and_sets_the_rest_aside(montgomery: Desk) -> None:
    (held,) = montgomery.warehouse.manifests("ambulance_callouts")
    lines = held.lines
    assert (lines.accepted, lines.quarantined, lines.set_aside) == (728, 2, 98_762)
    assert lines.records == 99_492
    assert dict(held.quarantined_by_rule) == {"needs a person": 2}
    (part,) = montgomery.home.root.glob("warehouse/ambulance_callouts/*/*.parquet")
    kinds = dict(pl.read_parquet(part)["nature_code"].value_counts().iter_rows())
    assert kinds == {"assault": 657, "shooting": 39, "stabbing": 32}


def test_every_call_of_the_log_counts_as_violence(montgomery: Desk) -> None:
    answer = counted(montgomery, "weapon", dataset="ambulance_callouts")
    assert total(answer) == sum(numbers(answer.cells).values()) == 728  # type: ignore[arg-type]


@pytest.mark.oracle
def test_48_calls_lie_in_saturday_night_by_the_bulletin_s_own_tables(picture: Output) -> None:
    hours = tables_in(picture.folder)["hours"]
    is_saturday_night = ((pl.col("day") == "6") & (pl.col("hour") >= "20")) | (
        (pl.col("day") == "7") & (pl.col("hour") < "02")
    )
    assert hours["value"].sum() == 728
    assert hours.filter(is_saturday_night)["value"].sum() == SATURDAY_NIGHT
    # Points outside the county's frame would be missing here; there are none in the window.
    assert tables_in(picture.folder)["places"]["value"].sum() == SATURDAY_NIGHT


@pytest.mark.oracle
def test_48_calls_lie_in_saturday_night_by_the_method_on_the_raw_log(tmp_path: Path) -> None:
    with zipfile.ZipFile(SHARED / "data" / "ambulance" / "montgomery-pa-911.zip") as archive:
        archive.extract("911.csv", tmp_path)
    log = pl.read_csv(tmp_path / "911.csv", infer_schema=False)
    wanted = log.filter(pl.col("title").is_in(["EMS: ASSAULT VICTIM", "EMS: SHOOTING", "EMS: STABBING"]))
    wanted.select(local="timeStamp").write_csv(tmp_path / "events.csv")
    ran = CliRunner().invoke(
        app, ["method", "run", "temporal_windows", "--input", str(tmp_path / "events.csv"), "--json"]
    )
    rows = json.loads(ran.stdout)["rows"]
    assert len(rows) == 728
    assert sum(row["in_window"] for row in rows) == SATURDAY_NIGHT


def test_the_page_says_that_the_kind_of_place_is_not_supplied(picture: Output) -> None:
    assert "kind of place not supplied" in page_in(picture.folder)


def test_the_window_map_is_drawn_on_squares_with_no_boundaries_loaded(montgomery: Desk, picture: Output) -> None:
    assert not (montgomery.home.reference / "boundaries").exists()
    assert told_of(picture.folder, "places")["area_layer"] == "square500"
    places = tables_in(picture.folder)["places"]
    assert places["area"].str.contains(r"^square500:E-?\d+N-?\d+$").all()
    page = (picture.folder / "bulletin.html").read_text("utf-8")
    assert page.count("map-") > 0
    assert "No boundaries are loaded: squares by arithmetic" in page_in(picture.folder)
    assert "There is no window map" not in page_in(picture.folder)


def test_a_night_counts_in_the_week_it_began(picture: Output) -> None:
    weekly = tables_in(picture.folder)["weekly"]
    assert weekly["value"].sum() == SATURDAY_NIGHT
    assert weekly["week"].str.to_date().dt.weekday().unique().to_list() == [1]
