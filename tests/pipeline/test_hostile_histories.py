"""The corpus of bad deliveries, where an earlier delivery decides: what is used again, cut short, late or repeated."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from intake.desk import rms, varied
from pipeline.homes import NOW as TODAY
from pipeline.homes import at, injury_schedule, send, with_pact
from shared_data import SHARED, needs_shared
from upstander.contracts.profiles import Concern
from upstander.errors import WrongUsage
from upstander.intake import DeliveryReport
from upstander.pipeline.deliver import reread
from upstander.pipeline.desk import Desk
from upstander.pipeline.held import decide_held, held_readings
from upstander.places import load

CASES = ("seq_recycled_ids", "seq_shrunk_snapshot", "seq_overlapping_window", "seq_out_of_order")
ALONE = (
    "sdc_village_single",
    "postcode_all_police_hq",
    "poison_one_ward",
    "coords_swapped",
    "drift_codelist_renumbered",
)
PERSONAL = ("Adeyemi", "Kowalska", "Sukarno", "LE1 1AA", "LE19 2BX", "P000666")
INTAKE = Path(__file__).parents[1] / "intake"
PLACES = SHARED / "data" / "places"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, str(SHARED / "hostile" / "gen.py"), str(folder), "--only", *CASES, *ALONE]
    subprocess.run(command, check=True, capture_output=True)
    cases = json.loads((folder / "manifest.json").read_text("utf-8"))
    return {case["name"]: case | {"folder": folder} for case in cases}


def hostile_desk(folder: Path, *, delivers: str) -> Desk:
    """A home that takes the corpus's layout, delivered this way."""
    desk = with_pact(folder, injury_schedule(suppliers=["hostile"]))
    layout = (INTAKE / "hostile.toml").read_text("utf-8").replace('delivers = "whole"', f'delivers = "{delivers}"')
    desk.home.suppliers.mkdir(exist_ok=True)
    (desk.home.suppliers / "hostile.toml").write_text(layout, "utf-8")
    return desk


def sent_all(desk: Desk, folder: Path, case: dict[str, Any]) -> DeliveryReport:
    """Every file of a case in its order; the answer to the last."""
    paths = [Path(case["folder"]) / file["path"] for file in case["files"]]
    reports = [send(desk, folder, path.read_bytes(), name=path.name, supplier="hostile") for path in paths]
    return reports[-1]


@needs_shared
@pytest.mark.parametrize("name", CASES)
def test_a_file_after_another_gets_its_reaction_and_its_words(
    name: str, corpus: dict[str, dict[str, Any]], tmp_path: Path, folder: Path
) -> None:
    case = corpus[name]
    report = sent_all(hostile_desk(tmp_path, delivers="increment"), folder, case)
    assert report.result.outcome == case["reaction"], report.result.message
    assert case["message_must_contain"] in report.result.message
    assert report.result.lines.adds_up
    assert not [word for word in PERSONAL if word in report.result.message]


@needs_shared
@pytest.mark.parametrize("name", ["seq_recycled_ids", "seq_shrunk_snapshot"])
@pytest.mark.parametrize("delivers", ["whole", "snapshot"])
def test_what_is_used_again_or_cut_short_is_held_however_the_supplier_delivers(
    name: str, delivers: str, corpus: dict[str, dict[str, Any]], tmp_path: Path, folder: Path
) -> None:
    desk = hostile_desk(tmp_path, delivers=delivers)
    report = sent_all(desk, folder, corpus[name])
    assert report.result.outcome == "HOLD", report.result.message
    assert len(desk.warehouse.manifests()) == 1


@needs_shared
@pytest.mark.parametrize("name", ALONE)
def test_in_a_home_that_knows_the_land_the_places_of_a_file_get_their_reaction(
    name: str, corpus: dict[str, dict[str, Any]], tmp_path: Path, folder: Path
) -> None:
    desk = hostile_desk(tmp_path, delivers="whole")
    load(desk.home.reference, kind="boundaries", source=sorted((PLACES / "lsoa11-boundaries").glob("*.geojson")))
    load(desk.home.reference, kind="postcodes", source=[PLACES / "codepoint-open-2014" / "le.csv"], vintage="2014")
    case = corpus[name]
    report = sent_all(desk, folder, case)
    assert report.result.outcome == case["reaction"], report.result.message
    assert case["message_must_contain"] in report.result.message
    if name == "coords_swapped":
        assert "40 of 40 points lie outside the area" in report.result.message


def test_files_that_repeat_the_days_before_do_not_make_a_repeat_look_short(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path, injury_schedule(suppliers=["daily"]))
    shipped = files("upstander.intake.suppliers").joinpath("rms.toml").read_text("utf-8")
    daily = shipped.replace('"whole"', '"increment"').replace('name = "rms"', 'name = "daily"')
    desk.home.suppliers.mkdir(exist_ok=True)
    (desk.home.suppliers / "daily.toml").write_text(daily, "utf-8")
    rows = [
        varied(n) | {"incident_ref": f"C{n:04d}", "person_ref": f"P{n:06d}", "recorded_at": "",
                     "occurred_from": f"{n // 2 + 1:02d}/07/2026 22:{n:02d}"}
        for n in range(28)
    ]  # fmt: skip
    for last in range(7, 15):  # a week each, two rows a day: each file brings one day that is new
        sent = rows[2 * last - 14 : 2 * last]
        report = send(desk, folder, rms(*sent), name=f"to_{last}.csv", supplier="daily")
        assert report.result.outcome in {"ACCEPT", "NORMALISE"}, report.result.message
    again = send(desk, folder, rms(*reversed(sent)), name="again.csv", supplier="daily")
    assert (again.result.outcome, again.result.lines.repeated) == ("ACCEPT", 14), again.result.message
    few = send(desk, folder, rms(*rows[22:25]), name="few.csv", supplier="daily", covers="2026-07-01/2026-07-15")
    assert few.result.outcome == "HOLD"
    assert "There are fewer rows than before: 3 here, 28 in" in few.result.message


PLACELESS = {"postcode": "", "easting": "", "northing": "", "recorded_at": ""}
PEOPLE = [PLACELESS | {"person_ref": "P777777", "occurred_from": f"{day:02d}/07/2026 22:40"} for day in range(1, 32)]


def test_what_a_person_accepted_is_not_held_again(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path)
    assert send(desk, folder, rms(*PEOPLE)).result.outcome == "HOLD"
    (waiting,) = held_readings(desk)
    assert "one person" in waiting["why"]
    with pytest.raises(WrongUsage, match="needs a reason"):
        decide_held(replace(desk, who=desk.who.model_copy(update={"why": " "})), waiting["reading"], accept=True)
    decide_held(desk.asking(why="one child, often missing; confirmed by phone"), waiting["reading"], accept=True)
    (manifest,) = desk.warehouse.manifests()
    assert manifest.profile is not None
    assert [(one.rule, one.column) for one in manifest.concerns] == [("one person", "person_ref")]
    august = [
        row | {"occurred_from": row["occurred_from"].replace("/07/", "/08/"), "incident_ref": f"D{number}"}
        for number, row in enumerate(PEOPLE)
    ]
    again = send(desk, folder, rms(*august), name="rms_2026-08.csv")
    assert again.result.outcome == "ACCEPT", again.result.message


def test_what_a_person_refused_is_held_again(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path)
    send(desk, folder, rms(*PEOPLE))
    decide_held(desk.asking(why="a test account"), held_readings(desk)[0]["reading"], accept=False)
    assert desk.warehouse.manifests() == ()
    august = [
        row | {"occurred_from": row["occurred_from"].replace("/07/", "/08/"), "incident_ref": f"D{number}"}
        for number, row in enumerate(PEOPLE)
    ]
    assert send(desk, folder, rms(*august), name="rms_2026-08.csv").result.outcome == "HOLD"


def test_an_accepted_delivery_that_is_read_again_is_not_held_anew(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path)
    report = send(desk, folder, rms(*PEOPLE))
    decide_held(desk.asking(why="confirmed"), report.reading, accept=True)
    shipped = (files("upstander.intake.suppliers") / "rms.toml").read_text("utf-8")
    desk.home.suppliers.mkdir(exist_ok=True)
    (desk.home.suppliers / "rms.toml").write_text(shipped.replace('version = "', 'version = "later '), "utf-8")
    again = reread(at(desk, TODAY), report.delivery)
    assert again.result.outcome in {"ACCEPT", "RESTATE"}, again.result.message
    assert again.result.concerns == ()


def test_resending_only_the_mended_rows_of_a_month_does_not_replace_the_month(tmp_path: Path, folder: Path) -> None:
    desk = with_pact(tmp_path)
    month = [PLACELESS | {"occurred_from": f"{1 + day % 28:02d}/07/2026 22:40"} for day in range(28)]
    assert send(desk, folder, rms(*month)).result.outcome == "ACCEPT"
    mended = send(desk, folder, rms(*month[:2]))
    assert mended.result.outcome == "HOLD", mended.result.message
    assert "There are fewer rows than before: 2 here, 28 in" in mended.result.message


def test_a_concern_names_its_rule_and_column() -> None:
    assert Concern("one person", "person_ref", 1.0, "said").rule == "one person"
