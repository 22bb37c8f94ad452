"""Real input, police: the eleven open files of Leicestershire from delivery to bulletin."""

from datetime import date

import polars as pl
import pytest

from pipeline.homes import counted, numbers, total
from pipeline.real import bulletin, figures_of_the_readme, police_files
from pipeline.shown import page_in, tables_in
from shared_data import needs_shared
from upstander.contracts.readings import Outcome
from upstander.contracts.releasing import Edition
from upstander.pipeline.desk import Desk
from upstander.pipeline.outputs import Output

pytestmark = needs_shared


@pytest.fixture(scope="module")
def first_half_of_2025(leicestershire: Desk) -> Output:
    return bulletin(leicestershire, Edition.OPERATIONAL, start=date(2025, 1, 1), end=date(2025, 7, 1))


def test_the_readme_states_a_figure_for_every_file() -> None:
    assert sorted(figures_of_the_readme()) == [path.name[:7] for path in police_files()]
    assert len(figures_of_the_readme()) == 11


def test_the_lines_of_every_file_add_up_and_no_row_is_lost_to_duplicates(leicestershire: Desk) -> None:
    held = {str(one.covers.start)[:7]: one for one in leicestershire.warehouse.manifests("police_incidents")}
    assert {one.outcome for one in held.values()} == {Outcome.ACCEPT}
    assert all(one.lines.adds_up for one in held.values())
    found = {month: (one.lines.records, one.lines.accepted, one.lines.repeated) for month, one in held.items()}
    assert found == {month: (rows, rows, 0) for month, (rows, _) in figures_of_the_readme().items()}
    physical = {month: one.lines.physical for month, one in held.items()}
    assert physical == {path.name[:7]: path.read_bytes().count(b"\n") for path in police_files()}


@pytest.mark.oracle
def test_violence_by_month_is_what_the_data_s_readme_says(leicestershire: Desk) -> None:
    answer = counted(leicestershire, "month")
    wanted = {month: violent for month, (_, violent) in figures_of_the_readme().items()}
    assert numbers(answer.cells) == wanted
    assert total(answer) == sum(wanted.values())
    assert answer.cells.about.definition == "all_violence 2026.1"


def test_one_month_asked_for_alone_is_the_same_month(leicestershire: Desk) -> None:
    assert total(counted(leicestershire, period="2025-04")) == figures_of_the_readme()["2025-04"][1]


@pytest.mark.oracle
def test_rows_that_state_an_area_elsewhere_are_accepted_as_outside(leicestershire: Desk) -> None:
    parts = leicestershire.home.root.glob("warehouse/police_incidents/*/*.parquet")
    outside = pl.concat([pl.read_parquet(path) for path in parts]).filter(area_kind="outside")
    assert outside.height == 536
    assert outside.filter(offence_code="policeuk:violence-and-sexual-offences").height == 321
    areas = numbers(counted(leicestershire, "area").cells)
    assert sum(count or 0 for area, count in areas.items() if area.startswith("outside")) == 321


def test_joined_areas_are_610_and_keep_the_total(leicestershire: Desk) -> None:
    apart, joined = (counted(leicestershire, "area", areas=areas) for areas in ("", "joined"))
    layers = {area.partition(":")[0] for area in numbers(apart.cells)}
    assert layers == {"lsoa11", "lsoa21", "outside", "not located"}
    found = [area for area in numbers(joined.cells) if area.startswith("joined:")]
    assert len(found) == 610
    assert total(joined) == total(apart) == sum(numbers(joined.cells).values())  # type: ignore[arg-type]


def test_the_lsoa_that_was_split_in_2021_is_counted_in_one_piece(leicestershire: Desk) -> None:
    old_winter = {"period": "2018-10-01/2019-03-01"}
    assert numbers(counted(leicestershire, "area", **old_winter).cells)["lsoa11:E01032867"] == 624
    apart = numbers(counted(leicestershire, "area").cells)
    pieces = ("lsoa11:E01032867", "lsoa21:E01034022", "lsoa21:E01034023")
    assert numbers(counted(leicestershire, "area", areas="joined").cells)["joined:E01032867"] == sum(
        apart[piece] or 0 for piece in pieces
    )


def test_the_bulletin_says_in_words_why_it_has_no_window_map(first_half_of_2025: Output) -> None:
    words = page_in(first_half_of_2025.folder)
    assert "There is no window map." in words
    assert "It gives the month of an event and not its hour" in words
    assert "weekly" not in tables_in(first_half_of_2025.folder)
    assert "hours" not in tables_in(first_half_of_2025.folder)


def test_the_bulletin_says_that_open_data_is_shown_as_it_is(first_half_of_2025: Output) -> None:
    assert "Open data, already published: counts are shown as they are." in page_in(first_half_of_2025.folder)


def test_areas_of_the_bulletin_and_what_lies_outside_them_are_all_the_violence(first_half_of_2025: Output) -> None:
    tables = tables_in(first_half_of_2025.folder)
    unknown = dict(tables["unknown"].select("what", "value").rows())
    assert unknown["records"] == sum(
        violent for month, (_, violent) in figures_of_the_readme().items() if month > "2025"
    )
    assert tables["places"]["value"].sum() == unknown["located"]
    assert unknown["located"] + unknown["outside"] + unknown["not_located"] == unknown["records"]
