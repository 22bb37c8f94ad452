"""Published figures through the whole: delivered, kept, and read through the gate with their marks beside them."""

from pathlib import Path

import polars as pl
import pytest

from pipeline.homes import desk_at, send
from real_files import STATISTICS, content_of
from shared_data import needs_shared
from upstander.contracts import INDICATOR_COLUMNS
from upstander.contracts.asking import Purpose
from upstander.contracts.readings import Outcome
from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.intake.suppliers import load
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NoFeed, NotGranted, ask
from upstander.pipeline.reading import ReadingProcess
from upstander.pipeline.table import Question, table
from upstander.sharing import shipped
from upstander.values.periods import Period

FIELDS = tuple(column.name for column in INDICATOR_COLUMNS if column.name != "row_id")
HEAD = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "la_name,new_la_code,population_type,population_estimate,children_count,rate_per_10000"
)
TAVENHOLT = (
    "Local authority,F92000001,Bracken Isles,,,1,Tavenholt,F06000001,Children looked after on 31 March each year"
)


def care(*rows: tuple[int, str, str]) -> bytes:
    """A table of looked-after children in one place: year, population, children."""
    lines = [f"{year},Reporting year,{TAVENHOLT},{there},{children},9" for year, there, children in rows]
    return "\n".join([HEAD, *lines, ""]).encode()


def read(desk: Desk, dataset: str, *, period: str = "", suppliers: tuple[str, ...] = ()) -> pl.DataFrame:
    """The figures in force, as the person at the desk may read them."""
    allowed = ask(desk, dataset, FIELDS, Edition.SHAREABLE, suppliers=suppliers)
    days = Period.parse(period) if period else None
    return desk.warehouse.read(allowed, secrets=desk.keyring.secret, period=days).to_polars()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A home that holds the shipped agreement about open statistics."""
    made = desk_at(tmp_path)
    sign(made, shipped("open_statistics"))
    return made


def test_marks_come_out_of_the_warehouse_as_they_went_in(desk: Desk, folder: Path) -> None:
    content = care((2021, "100", "0"), (2022, "100", "c"), (2023, "100", "z"), (2024, "x", "5"), (2025, "100", "k"))
    report = send(desk, folder, content, name="care.csv", supplier="dfe_looked_after", dataset="children_in_care")
    assert report.result.outcome is Outcome.ACCEPT
    found = read(desk, "children_in_care").sort("period")
    assert found.select("period", "value", "marker", "denominator", "denominator_marker").rows() == [
        ("FY2020", 0.0, "shown", 100.0, "shown"),
        ("FY2021", None, "suppressed", 100.0, "shown"),
        ("FY2022", None, "not_applicable", 100.0, "shown"),
        ("FY2023", 5.0, "shown", None, "not_available"),
        ("FY2024", None, "low", 100.0, "shown"),
    ]
    assert found["supplier"].unique().to_list() == ["dfe_looked_after"]


def test_the_manifest_counts_figures_and_lines_apart(desk: Desk, folder: Path) -> None:
    content = content_of_need("120", "c")
    send(desk, folder, content, name="need.csv", supplier="dfe_children_in_need", dataset="children_in_care")
    (manifest,) = desk.warehouse.manifests("children_in_care")
    assert (manifest.lines.accepted, manifest.figures, manifest.rows) == (1, 8, 8)
    assert sum(part.rows for part in manifest.parts) == 8
    assert "8 figures, of which 1 suppressed" in " ".join(manifest.notes)
    assert read(desk, "children_in_care")["value"].count() == 7


def content_of_need(children: str, waiting: str) -> bytes:
    """One line of the table of children in need, with its eight figures."""
    head = (
        "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
        "new_la_code,la_name,category,Anypoint_episodes,Anypoint_child,Started_episodes,Started_child,Ended_episodes,"
        "Ended_child,At31_episodes,awaiting_assessment"
    )
    place = "2025,Reporting year,Local authority,F92000001,Bracken Isles,,,1,F06000001,Tavenholt,Children in Need"
    return f"{head}\n{place},9,{children},9,9,9,9,9,{waiting}\n".encode()


def test_a_newer_table_takes_the_place_of_the_years_it_speaks_for(desk: Desk, folder: Path) -> None:
    for name, content in (
        ("old.csv", care((2023, "100", "1"), (2024, "100", "c"))),
        ("new.csv", care((2024, "100", "7"), (2025, "100", "8"))),
    ):
        report = send(desk, folder, content, name=name, supplier="dfe_looked_after", dataset="children_in_care")
    assert report.result.outcome is Outcome.RESTATE
    found = read(desk, "children_in_care").sort("period")
    assert found.select("period", "value").rows() == [("FY2022", 1.0), ("FY2023", 7.0), ("FY2024", 8.0)]


def test_a_period_keeps_the_figures_that_begin_in_it(desk: Desk, folder: Path) -> None:
    content = care((2024, "100", "7"), (2025, "100", "8"))
    send(desk, folder, content, name="care.csv", supplier="dfe_looked_after", dataset="children_in_care")
    assert read(desk, "children_in_care", period="FY2024")["value"].to_list() == [8.0]


def test_figures_without_an_agreement_are_not_taken_in_and_not_read(tmp_path: Path, folder: Path) -> None:
    alone = desk_at(tmp_path)
    with pytest.raises(NoFeed):
        send(alone, folder, care((2024, "1", "1")), supplier="dfe_looked_after", dataset="children_in_care")
    with pytest.raises(NotGranted):
        read(alone, "children_in_care")


def test_the_matrix_still_says_what_open_figures_are_for(desk: Desk) -> None:
    with pytest.raises(NotGranted, match="no operational tick"):
        read(desk.asking(purpose=Purpose.OPERATIONAL), "child_deprivation")
    with pytest.raises(NotGranted, match="no monitoring tick"):
        read(desk, "child_deprivation")


def test_figures_that_somebody_counted_are_not_counted_once_more(desk: Desk) -> None:
    asked = Question("child_deprivation", ("area",), (), "all_violence", None, (), "")
    with pytest.raises(WrongUsage, match="already counted"):
        table(desk, asked)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Every real table, delivered by the reading process and held."""
    place = tmp_path_factory.mktemp("library")
    made = desk_at(place)
    sign(made, shipped("open_statistics"))
    with ReadingProcess() as reader:
        for path, supplier in STATISTICS.items():
            send(
                made, place / "sent", content_of(path), name=Path(path).name, supplier=supplier,
                dataset=load(supplier).dataset, runner=reader,
            )  # fmt: skip
    return made


@needs_shared
def test_every_real_table_is_held_whole_with_all_its_figures(library: Desk) -> None:
    held = {one.supplier: one for one in library.warehouse.manifests()}
    assert sorted(held) == sorted(STATISTICS.values())
    assert sum(one.figures or 0 for one in held.values()) == 353_091
    assert sum(one.lines.quarantined for one in held.values()) == 0
    assert all(one.rows == sum(part.rows for part in one.parts) for one in held.values())


@needs_shared
def test_a_suppressed_figure_and_a_true_nought_leave_the_gate_as_what_they_are(library: Desk) -> None:
    found = read(library, "school_exclusions_national", period="AY2016")
    here = found.filter(area_name="England", group="primary").select("indicator", "value", "marker").rows_by_key(
        "indicator", unique=True
    )  # fmt: skip
    assert here["permanent_drugs_alcohol"] == (None, "suppressed")
    assert here["permanent_theft"] == (0.0, "shown")
    counts = dict(found.group_by("marker").len().iter_rows())
    assert found["value"].null_count() == counts["suppressed"]


@needs_shared
def test_two_tables_of_one_dataset_are_read_side_by_side_and_each_says_where_it_is_from(library: Desk) -> None:
    found = read(library.asking(purpose=Purpose.STRATEGIC), "child_deprivation")
    worst = found.filter(area_code="E01013600").select("supplier", "period", "indicator", "value")
    assert worst.filter(indicator="imd_rank").sort("period").rows() == [
        ("imd_2019", "2019", "imd_rank", 1928.0), ("imd_2025", "2025", "imd_rank", 1320.0),
    ]  # fmt: skip
    assert worst.filter(indicator="idaci_children")["value"].to_list() == [245.0]
