"""The demo twice, one year of it: what is already held stays as it is, and planted truth is found by who can see it."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipeline.attacker import COUNTS, pinned_in
from pipeline.county import GROWING, KEPT, County
from pipeline.homes import ANALYST, desk_at
from pipeline.shown import ledger_of, output_facts, page_in, tables_in, told_of
from upstander.cli.desk import remembered
from upstander.pipeline.accountability import annex_html
from upstander.pipeline.desk import Desk
from upstander.synthetic.deliveries import DATASETS

AMBULANCE, POLICE, ED = "ambulance_callouts", "police_incidents", "ed_assaults"
GUILDGATE, SELMARSH, QUARROWBY = "Guildgate quarter, Tavenholt", "Selmarsh Seafront", "Quarrowby Station"
# Who can see which of the great hot spots: the police hear of 12% at the seafront, the hospital of 30% at the station.
SEEN = {
    AMBULANCE: (GUILDGATE, SELMARSH, QUARROWBY),
    POLICE: (GUILDGATE, QUARROWBY),
    ED: (GUILDGATE, SELMARSH),
}


def areas_of(county: County, *names: str) -> set[str]:
    """The small areas of planted hot spots."""
    spots = {spot["name"]: spot["areas"] for spot in county.truth.summary["hot_spots"]}
    return {f"lsoa21:{area}" for name in names for area in spots[name]}


def test_the_second_run_finds_every_file_already_held(county: County) -> None:
    first, second = (run["lines"] for run in county.told)
    sent = [file["path"].removeprefix("deliveries/") for file in county.truth.summary["files"]]
    assert len(sent) == 35
    files = sorted(line for line in second if ".csv: already held" in line)
    assert files == sorted(f"{path}: already held" for path in sent)
    assert not [line for line in first if "already held" in line]
    assert all(line.endswith("already held") for line in second if line.startswith("Places: "))
    assert {line.split(": ")[1] for line in second if line.startswith("brackenshire_") and "files" in line} == {"NOOP"}


@pytest.mark.parametrize("name", KEPT)
def test_the_second_run_changes_no_byte_of_what_is_kept(name: str, county: County) -> None:
    first, second = (run["kept"][name] for run in county.told)
    assert len(first) > 0
    new = {path for path in second.keys() - first.keys() if path.startswith("exact/bulletin-")}  # of the new bulletin
    assert {path: held for path, held in second.items() if path not in new} == first


@pytest.mark.parametrize("name", GROWING)
def test_what_grows_is_the_old_bytes_and_a_suffix(name: str, county: County) -> None:
    first, second = (run["growing"][name] for run in county.told)
    assert set(first) <= set(second)
    for path, before in first.items():
        assert second[path].startswith(before), path
    assert sum(map(len, second.values())) > sum(map(len, first.values())) > 0


def test_the_bulletin_s_paths_are_printed_last_and_are_there(county: County) -> None:
    for run in county.told:
        paths = [Path(line) for line in run["lines"][-4:]]
        assert [path.name for path in paths] == ["bulletin.pdf", "bulletin.html"] * 2
        assert all(path.is_file() and path.stat().st_size > 10_000 for path in paths)


def test_the_second_run_s_tables_are_the_first_s_to_the_byte(county: County) -> None:
    for first, second in ((1, 3), (2, 4)):
        before, after = county.output(first), county.output(second)
        names = sorted(path.name for path in before.glob("*.parquet"))
        assert names == sorted(path.name for path in after.glob("*.parquet"))
        for name in names:
            assert (before / name).read_bytes() == (after / name).read_bytes(), name


def test_every_delivered_line_is_accounted_for(county: County) -> None:
    desk = desk_at(county.folder / "demo")
    for agency, told in county.truth.summary["agencies"].items():
        held = desk.warehouse.manifests(DATASETS[agency])
        assert all(one.lines.adds_up for one in held)
        assert sum(one.lines.records for one in held) == told["rows_delivered"]
        if agency == "ambulance":
            assert sum(one.lines.set_aside for one in held) == told["not_violence"]
        assert sum(one.lines.accepted for one in held) > 0.95 * (told["rows_delivered"] - told["not_violence"])


@pytest.mark.parametrize("source", SEEN)
def test_the_planted_hot_spots_that_a_source_sees_are_its_highest_ranks(source: str, county: County) -> None:
    planted = areas_of(county, *SEEN[source])
    ranks = tables_in(county.output(1))["ranks"].filter(source=source).sort("value")
    assert set(ranks["area"].head(len(planted))) == planted


def test_the_seafront_stands_out_for_the_ambulance_and_not_for_the_police(county: County) -> None:
    stands_out = tables_in(county.output(1))["stands_out"]
    found = {source: set(stands_out.filter(source=source)["area"]) for source in SEEN}
    assert all(areas_of(county, GUILDGATE) <= areas for areas in found.values())
    assert areas_of(county, SELMARSH) <= found[AMBULANCE]
    assert not areas_of(county, SELMARSH) & found[POLICE]


def test_every_great_hot_spot_stands_out_in_each_source_that_sees_it(county: County) -> None:
    stands_out = tables_in(county.output(1))["stands_out"]
    missed = {
        (source, name)
        for source, names in SEEN.items()
        for name in names
        if not areas_of(county, name) & set(stands_out.filter(source=source)["area"])
    }
    assert missed == set()


def test_what_stands_out_is_named_on_the_page(county: County) -> None:
    words = page_in(county.output(1))
    lookup = pl.read_csv(county.folder / "demo" / "brackenshire" / "places" / "lookup_lsoa21_ward24_ltla24.csv")
    columns = {column: lookup[column].cast(pl.String) for column in lookup.columns}
    code = next(name for name, values in columns.items() if values[0].startswith("F01"))
    name = next(column for column in lookup.columns if column.startswith("lsoa21") and column != code)
    names = dict(lookup.select(code, name).rows())
    for area in areas_of(county, GUILDGATE, SELMARSH):
        assert names[area.partition(":")[2]] in words


def test_one_year_is_too_little_to_call_a_place_unusual_and_the_page_says_so(county: County) -> None:
    assert "cannot be said: no source has two earlier years" in page_in(county.output(1))


def test_the_month_of_hospital_attendances_that_has_not_come_is_said(county: County) -> None:
    assert county.truth.summary["late"] == {"agency": "ed", "month": "2026-07", "supplier": "brackenshire_ed"}
    assert "to 30 June 2026 only" in page_in(county.output(1))
    weeks = tables_in(county.output(1))["weekly"].filter(source=ED)["week"]
    assert weeks.max() == "2026-06-22"  # the last Saturday night that lies whole in what was delivered


def test_the_shareable_edition_moves_up_until_most_of_its_cells_can_be_shown(county: County) -> None:
    folder = county.output(2)
    places = tables_in(folder)["places"]
    assert (places["status"] == "shown").mean() >= 0.8  # type: ignore[operator]
    layers = {told_of(folder, name)["area_layer"] for name in tables_in(folder)} - {""}
    assert len(layers) == 1
    assert layers != {"lsoa21"}
    assert re.search(r"Areas and months were widened until .*80% of cells could be shown", page_in(folder))


@pytest.mark.parametrize("number", [2, 4])
def test_no_shareable_cell_of_the_county_follows_from_the_others(number: int, county: County) -> None:
    tables = tables_in(county.output(number))
    assert sum(tables[name].filter(status="suppressed").height for name in COUNTS if name in tables) > 50
    assert pinned_in(county.output(number), suppress_up_to=7, round_to=5) == []


def of_people(desk: Desk) -> set[str]:
    """The datasets of which rows about people or events are held."""
    return {one.dataset for one in desk.warehouse.manifests() if one.figures is None}


def test_the_annex_tells_of_people_in_datasets_that_also_come_as_figures(county: County, tmp_path: Path) -> None:
    shutil.copytree(county.home, tmp_path / "home")
    shutil.copy(county.home.parent / "home.key", tmp_path / "home.key")
    register, audit = remembered(tmp_path / "home")
    steward = ANALYST.model_copy(update={"agency": "brackenshire_vrn"})
    desk = replace(desk_at(tmp_path, who=steward), register=register, audit=audit)
    assert "share them with fewer than four others" in annex_html(desk, ["child_criminal_exploitation"])
    assert annex_html(desk).count("fewer than four others") == len(of_people(desk))


def test_the_ledger_has_a_line_for_each_edition_of_each_run(county: County) -> None:
    lines = ledger_of(county.home / "outputs")
    bulletins = [line for line in lines if line["kind"] == "bulletin"]
    assert [(line["number"], line["edition"], line.get("release")) for line in bulletins] == [
        (1, "operational", None), (2, "shareable", "2026-Q2/0001"),
        (3, "operational", None), (4, "shareable", "2026-Q2/0001"),
    ]  # fmt: skip
    (release,) = [line for line in lines if line["kind"] == "release"]
    assert release["shown"]["release"] == "2026-Q2/0001"
    assert len(release["shown"]["approved_by"]) == 2
    for number in range(1, 5):
        facts = output_facts(county.output(number))
        assert {source for source, _, _ in facts["readings"]} == {AMBULANCE, POLICE, ED}
        assert facts["definitions"] == ["all_violence 2026.1"]


def test_no_name_or_text_of_the_police_files_is_in_what_is_kept_or_shown(county: County) -> None:
    files = sorted((county.folder / "demo" / "brackenshire" / "deliveries" / "brackenshire_police").glob("*.csv"))
    sent = pl.read_csv(files[0], infer_schema=False)
    refs = sent["Crime Ref"].drop_nulls().unique().head(200).to_list()
    words = [*refs, *sent["MO"].drop_nulls().unique().head(50).to_list(), *sent["DOB"].drop_nulls().head(20).to_list()]
    shown = [path for path in county.home.rglob("*") if path.is_file() and "vault" not in path.parts]
    parts = [path for path in shown if path.suffix == ".parquet" and "warehouse" in path.parts]
    text = b"".join(path.read_bytes() for path in shown)
    assert [word for word in words if word.encode() in text] == []
    for path in parts[:6]:
        values = pl.read_parquet(path).write_csv()
        assert [word for word in refs if word in values] == []


def test_the_page_says_whether_the_busiest_places_held_on(county: County) -> None:
    tried = tables_in(county.output(1))["tried"]
    by_source = {source: dict(rows.select("what", "value").iter_rows()) for (source,), rows in tried.group_by("source")}
    assert set(by_source) == set(SEEN)
    for told in by_source.values():
        assert told["at_random"] < told["caught"] <= told["at_best"]
    assert "busiest places of the months before held" in page_in(county.output(1))
