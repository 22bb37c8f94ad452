"""Files that people take away: equal to the released tables, nothing hidden, nothing live, the same bytes again."""

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment

from checkout import ROOT
from conftest import PROVE, Record
from publish.evil import LEADS, about, altered, facts, parts_of, random_export, repacked, table
from publish.plants import ODS_PLANTS, XLSX_PLANTS
from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Edition, ReleasedTable
from upstander.publish.exports import Copy, checked_copy, export_release
from upstander.publish.exports.copies import refuse_different
from upstander.publish.exports.errors import (
    CannotBeWritten,
    CopyDiffers,
    FolderInUse,
    NotForPublication,
    OutlivesItsAgreement,
)
from upstander.publish.exports.reopening import faults, footers
from upstander.publish.exports.texts import neutralised, plain
from upstander.publish.exports.tidy import tidied
from upstander.publish.exports.workbook import workbook

EXPORTS = 500 if PROVE else 60
FOLDER_OF_TESTS = Path(__file__).parents[1]
XLSX, ODS = "tables-2026-Q3.xlsx", "tables-2026-Q3.ods"
SHORTHAND = {"suppressed": "[c]", "missing": "[x]", "not_applicable": "[z]", "too_uncertain": "[u]"}
STATUS = {mark: status for status, mark in SHORTHAND.items()}
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
COPY = Copy("the tasking group of Wharram & Marl", "where to patrol", date(2026, 12, 1), "0042")
NAMES = {"area": {"ward24:F05000001": "Weir Gate", "ward24:F05000002": "=Corn Steps"}}


def places() -> ReleasedTable:
    cells = [
        ("ward24:F05000001", "amb", 1240.0, None, None, "shown"),
        ("ward24:F05000001", "police", None, None, None, "suppressed"),
        ("ward24:F05000002", "amb", 0.0, None, None, "shown"),
        ("ward24:F05000002", "police", None, None, None, "missing"),
    ]  # fmt: skip
    return table("places", ("area", "source"), cells, about(caveats=("Records, not people.",)))


def rates() -> ReleasedTable:
    cells = [
        ("2026-07-06", 3.25, 1.0, 9.125, "shown"),
        ("2026-07-13", None, 0.5, 40.0, "too_uncertain"),
        ("2026-07-20", None, None, None, "not_applicable"),
    ]
    return table("rates", ("week",), cells, about("Rates by week", measure="rate", unit="per 100,000 person-years"))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return checked_copy([places(), rates()], facts(labels=NAMES))


# What is written, by hand


def test_a_csv_is_tidy_and_no_value_stands_under_a_status_that_has_none(files: Mapping[str, bytes]) -> None:
    assert files["places.csv"].decode() == (
        "area_code,area_name,source,value,low,high,status\r\n"
        "F05000001,Weir Gate,amb,1240,,,shown\r\n"
        "F05000001,Weir Gate,police,,,,suppressed\r\n"
        "F05000002,'=Corn Steps,amb,0,,,shown\r\n"
        "F05000002,'=Corn Steps,police,,,,missing\r\n"
    )
    assert files["rates.csv"].decode().splitlines()[1:] == [
        "2026-07-06,3.25,1,9.125,shown",
        "2026-07-13,,0.5,40,too_uncertain",
        "2026-07-20,,,,not_applicable",
    ]


def test_a_worksheet_has_its_title_in_a1_and_its_table_below_without_an_empty_row_or_cell(
    files: Mapping[str, bytes],
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files[XLSX]))
    assert book.sheetnames == ["Cover", "Contents", "Notes", "Table_1", "Table_2"]
    for page in book:
        assert page["A1"].font.sz == 16
        assert page["A1"].font.b
        assert not page.merged_cells.ranges
        assert not page.freeze_panes
        rows = list(page.iter_rows(values_only=True))
        assert all(row[0] is not None for row in rows), page.title
        for one in page.tables.values():
            assert all(cell.value not in (None, "") for row in page[one.ref] for cell in row), page.title
            assert all(cell.font.name == "Arial" and cell.font.sz == 12 for row in page[one.ref] for cell in row)
        assert len(page.tables) == (page.title != "Cover")
    rows = list(book["Table_1"].iter_rows(values_only=True))
    assert rows[0][0] == "Table 1: Records by place [note 1] [note 2]"
    assert rows[-5:] == [
        ("Area code", "Area name", "Source", "Records"),
        ("F05000001", "Weir Gate", "amb", 1240),
        ("F05000001", "Weir Gate", "police", "[c]"),
        ("F05000002", "=Corn Steps", "amb", 0),
        ("F05000002", "=Corn Steps", "police", "[x]"),
    ]
    last = list(book["Table_2"].iter_rows(values_only=True))
    assert last[-4:] == [
        ("Week", "Rate (per 100,000 person-years)", "Lower limit", "Upper limit"),
        ("2026-07-06", 3.25, 1, 9.125),
        ("2026-07-13", "[u]", 0.5, 40),
        ("2026-07-20", "[z]", "[z]", "[z]"),
    ]


def test_every_note_and_shorthand_in_a_worksheet_is_explained_on_the_notes(files: Mapping[str, bytes]) -> None:
    grids = ods_grids(files[ODS])
    explained = {row[0] for row in grids["Notes"][3:]}
    texts = " ".join(str(cell) for name in grids if name != "Notes" for row in grids[name] for cell in row)
    used = set(re.findall(r"\[(?:note \d+|[a-z])\]", texts))
    assert {"[note 1]", "[note 2]", "[c]", "[x]", "[z]", "[u]"} <= used
    assert used <= explained


def test_both_workbooks_say_the_same(files: Mapping[str, bytes]) -> None:
    assert ods_grids(files[ODS]) == xlsx_grids(files[XLSX])


def test_the_page_to_read_first_says_what_an_empty_value_is(files: Mapping[str, bytes]) -> None:
    text = files["README.txt"].decode()
    for words in ("Wharram Violence Reduction Network", "2026-Q3", "Open licence", "never zero", "places.csv",
                  "Counts of 1 to 7 are withheld", "to the nearest 5", "DSA-014", "Records, not people"):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (CountRule("r", "a", 0, 1, open_data=True), "Open data"),
        (CountRule("r", "a", 0, 1), "given as they are"),
        (CountRule("r", "a", 0, 5), "zero may stand for up to 2"),
        (CountRule("r", "a", 4, 1), "1 to 4 are withheld"),
        (CountRule("r", "a", 7, 5, of_persons=True, rate_from=10), "fewer than 10"),
    ],
)
def test_a_rule_is_told_in_words(rule: CountRule, words: str) -> None:
    told = checked_copy([table("t", ("source",), [("a", 10.0, None, None, "shown")], about(rules=(rule,)))], facts())
    assert words in told["README.txt"].decode()


# CSV on the Web: what the W3C's model asks of a group of tables, checked without any library

DATATYPES: dict[str, Callable[[str], object]] = {
    "string": str, "number": float, "date": date.fromisoformat,
    "gYearMonth": lambda text: date.fromisoformat(f"{text}-01"),
}  # fmt: skip


def csvw_faults(files: Mapping[str, bytes]) -> list[str]:
    """Where the metadata and the files do not agree, by the rules for names, titles, datatypes and keys."""
    told = json.loads(files["csv-metadata.json"])
    found = [] if told["@context"][0] == "http://www.w3.org/ns/csvw" else ["context"]
    for one in told["tables"]:
        rows = list(csv.reader(io.StringIO(files[one["url"]].decode(), newline="")))
        columns = [column for column in one["tableSchema"]["columns"] if not column.get("virtual")]
        names = [column["name"] for column in one["tableSchema"]["columns"]]
        found += [f"{name}: no name" for name in names if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_]*", name)]
        titles = [column["titles"] for column in columns]
        if len(set(names)) < len(names) or not all(map(list.__contains__, titles, rows[0])):
            return [*found, f"{one['url']}: columns"]
        for column, cells in zip(columns, zip(*rows[1:], strict=True), strict=True):
            found += [f"{one['url']}, {column['name']}" for cell in cells if not is_valid(cell, column)]
        keys = [rows[0].index(name) for name in one["tableSchema"]["primaryKey"]]
        if len({tuple(row[place] for place in keys) for row in rows[1:]}) < len(rows) - 1:
            found.append(f"{one['url']}: key")
    return found


def is_valid(cell: str, column: Mapping[str, Any]) -> bool:
    if cell == "":
        return not column["required"]
    kind = column["datatype"]
    if isinstance(kind, dict):
        return re.fullmatch(kind["format"], cell) is not None
    try:
        DATATYPES[kind](cell)
    except ValueError:
        return False
    return True


def test_the_metadata_describes_every_file_as_csv_on_the_web_asks(files: Mapping[str, bytes]) -> None:
    assert csvw_faults(files) == []
    told = json.loads(files["csv-metadata.json"])
    assert {one["url"] for one in told["tables"]} == {name for name in files if name.endswith(".csv")}
    assert told["dc:license"] == {"@id": "https://example.invalid/licence"}
    assert told["dc:publisher"]["schema:name"] == "Wharram Violence Reduction Network"
    by_url = {one["url"]: one["tableSchema"]["columns"] for one in told["tables"]}
    assert by_url["rates.csv"][0]["datatype"] == "date"
    assert by_url["places.csv"][0]["propertyUrl"].endswith("#refArea")
    said = [note["dc:description"] for note in told["tables"][0]["notes"]]
    assert any("1 to 7 are withheld" in words for words in said)
    assert "Records, not people." in said


@pytest.mark.parametrize(
    ("old", "new"),
    [(",amb,1240,", ",amb,many,"), (",police,,,,missing", ",police,,,,perhaps"),
     ("F05000002,'=Corn Steps,amb", ",x,amb"),
     ("F05000001,Weir Gate,police", "F05000001,Weir Gate,amb"), ("area_code", "area")],
)  # fmt: skip
def test_a_file_that_its_metadata_does_not_describe_would_be_found(
    files: Mapping[str, bytes], old: str, new: str
) -> None:
    changed = files["places.csv"].decode().replace(old, new, 1)
    assert csvw_faults({**files, "places.csv": changed.encode()}) != []


# Random exports, opened again by readers that are not ours


def xlsx_grids(content: bytes) -> dict[str, list[list[object]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {page.title: [trimmed(row) for row in page.iter_rows(values_only=True)] for page in book}


def ods_grids(content: bytes) -> dict[str, list[list[object]]]:
    """Every cell of an ODS by a few lines of XML, as the standard says where it stands."""
    tree = ET.fromstring(parts_of(content)["content.xml"])
    return {
        page.attrib[f"{TABLE}name"]: [
            trimmed([ods_value(cell) for cell in row.iter(f"{TABLE}table-cell")])
            for row in page.iter(f"{TABLE}table-row")
        ]
        for page in tree.iter(f"{TABLE}table")
    }  # fmt: skip


def ods_value(cell: ET.Element) -> object:
    if cell.attrib[f"{OFFICE}value-type"] == "float":
        return float(cell.attrib[f"{OFFICE}value"])
    return "".join(cell.itertext())


def trimmed(row: Any) -> list[object]:
    cells = list(row)
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def cells_wanted(one: ReleasedTable) -> list[tuple[object, ...]]:
    """The rows of a released table as a reader must find them: keys as plain text, then numbers or their status."""
    wanted = []
    for *keys, value, low, high, status in one.cells.iter_rows():
        texts = [
            plain(key.partition(":")[2] if name == "area" else key)
            for name, key in zip(one.dimensions, keys, strict=True)
        ]
        wanted.append((*texts, value, low, high, status))
    return wanted


def cells_in(grid: list[list[object]], one: ReleasedTable, labelled: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Released rows again from a worksheet: the columns of labels left out, shorthand read as statuses."""
    rows = grid[-one.cells.height :]
    width = len(one.dimensions) + len(labelled)
    keep = [at + sum(name in labelled for name in one.dimensions[:at]) for at in range(len(one.dimensions))]
    found = []
    for row in rows:
        numbers = [cell if isinstance(cell, (int, float)) else None for cell in row[width:]]
        status = STATUS.get(str(row[width]), "shown")
        found.append((*(row[at] for at in keep), *numbers, *[None] * (3 - len(numbers)), status))
    return found


def openpyxl_faults(content: bytes) -> list[str]:
    """What openpyxl finds in a workbook that nobody would see or that runs."""
    book = openpyxl.load_workbook(io.BytesIO(content), keep_links=True)
    found = [f"author {name}" for name in (book.properties.creator, book.properties.lastModifiedBy) if name]
    found += [f"name {name}" for name in book.defined_names] + ["macro"] * has_vba(content)
    found += ["external link" for _ in book._external_links]
    for page in book:
        found += [f"{page.title} is {page.sheet_state}"] if page.sheet_state != "visible" else []
        found += [f"row {at}" for at, row in page.row_dimensions.items() if row.hidden or row.height == 0]
        found += [f"column {at}" for at, column in page.column_dimensions.items() if column.hidden or column.width == 0]
        found += ["drawing"] * len(page._images) + ["pivot"] * len(page._pivots)
        cells = [cell for row in page.iter_rows() for cell in row]
        found += [f"comment {cell.coordinate}" for cell in cells if cell.comment]
        found += [f"formula {cell.coordinate}" for cell in cells if cell.data_type == "f"]
        found += [f"link {cell.coordinate}" for cell in cells if cell.hyperlink and cell.hyperlink.target]
    return found


def has_vba(content: bytes) -> bool:
    return any("vba" in name.lower() for name in parts_of(content))


def fifteen_digits(cell: object) -> object:
    """A number as a spreadsheet program keeps it."""
    return float(f"{cell:.15g}") if isinstance(cell, float) else cell


def check_export(seed: int) -> int:
    """Make one random export, open all of it again, compare; gives how many cells were compared."""
    tables, told = random_export(seed)
    made = checked_copy(tables, told)
    labelled = tuple(told.labels)
    mine = {one.name: cells_wanted(one) for one in tables}
    for grids in (xlsx_grids(made[XLSX]), ods_grids(made[ODS])):
        for number, one in enumerate(tables, start=1):
            found = cells_in(grids[f"Table_{number}"], one, labelled)
            assert found == [tuple(map(fifteen_digits, row)) for row in mine[one.name]], (seed, one.name)
    assert openpyxl_faults(made[XLSX]) == [], seed
    assert all(faults(made[name]) == () for name in (XLSX, ODS)), seed
    assert csvw_faults(made) == [], seed
    for one in tables:
        compare_csv(made[f"{one.name}.csv"], one, mine[one.name])
    if told.copy is not None:
        check_mark(made, told.copy)
    return 3 * sum(one.cells.height for one in tables)


def compare_csv(content: bytes, one: ReleasedTable, wanted: list[tuple[object, ...]]) -> None:
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert len(rows) == len(wanted)
    for row, (*keys, value, low, high, status) in zip(rows, wanted, strict=True):
        for name, key in zip(one.dimensions, keys, strict=True):
            said = row["area_code" if name == "area" else name]
            assert said.replace("'", "") == str(key).replace("'", "")
            assert not re.match(r"[=+\-@\t\r\n＝＋－＠ ]", said)
        numbers = [float(row[name]) if row[name] else None for name in ("value", "low", "high")]
        assert (numbers, row["status"]) == ([value, low, high], status)


def check_mark(made: Mapping[str, bytes], copy: Copy) -> None:
    """Recipient, purpose, end, number and handling on the cover, on every worksheet, at the foot of pages."""
    for grids in (xlsx_grids(made[XLSX]), ods_grids(made[ODS])):
        for name in [name for name in grids if name != "Contents"]:
            line = str(grids[name][1][0])
            for words in (
                plain(copy.recipient),
                plain(copy.purpose),
                copy.number,
                "Destroy by 1 December 2026",
                "OFFICIAL",
            ):
                assert words in line, (name, words)
    pages = len(xlsx_grids(made[XLSX]))
    for content, expected in ((made[XLSX], pages), (made[ODS], 1)):
        found = footers(content)
        assert len(found) == expected
        assert all(f"Copy {copy.number}. Destroy by 1 December 2026" in foot for foot in found)
    assert f"Copy {copy.number}" in made["README.txt"].decode()


def test_random_exports_are_equal_to_their_tables_with_nothing_hidden_or_live(proof: Record) -> None:
    compared = [check_export(seed) for seed in range(EXPORTS)]
    assert min(compared) > 0
    proof(
        "random exports opened again by other readers: equal, nothing hidden, nothing live",
        figure=f"{len(compared)} of {EXPORTS}, {sum(compared)} cells",
        goal="500 of 500",
        seed=0,
    )


# What is planted is found


@pytest.fixture(scope="module")
def copy_files() -> dict[str, bytes]:
    return checked_copy([places(), rates()], facts(labels=NAMES, copy=COPY))


def differences(files: dict[str, bytes]) -> str:
    """What the check says of the files of the two tables; empty if it lets them pass."""
    told = facts(labels=NAMES, copy=COPY)
    tables = [places(), rates()]
    ready = tidied(tables, told)
    try:
        refuse_different(files, workbook(ready, told), ready, tables)
    except CopyDiffers as found:
        return found.where
    return ""


@pytest.mark.parametrize(
    ("name", "plant"),
    [*((XLSX, plant) for plant in XLSX_PLANTS), *((ODS, plant) for plant in ODS_PLANTS)],
    ids=[*(f"xlsx {plant}" for plant in XLSX_PLANTS), *(f"ods {plant}" for plant in ODS_PLANTS)],
)
def test_what_is_planted_in_a_workbook_is_found(copy_files: dict[str, bytes], name: str, plant: str) -> None:
    change = (XLSX_PLANTS if name == XLSX else ODS_PLANTS)[plant]
    assert name in differences(copy_files | {name: altered(copy_files[name], change)})


def test_a_workbook_that_is_only_packed_anew_passes(copy_files: dict[str, bytes]) -> None:
    assert differences(copy_files) == ""
    assert (
        differences({name: repacked(parts_of(c)) if name in (XLSX, ODS) else c for name, c in copy_files.items()}) == ""
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("1240", "1245"), (",suppressed", ",missing"), ("'=Corn", "=Corn"), ("Weir Gate", "Weir Gates"),
     (",amb,0,,", ",amb,,,"), ("status\r\n", "status,x\r\n"), (",shown\r\n", ",shown,3\r\n"),
     ("F05000002,'=Corn Steps,police,,,,missing\r\n", ""), ("police,,,,suppressed", "police,3,,,suppressed"),
     ("low", "lower")],
)  # fmt: skip
def test_what_is_planted_in_a_csv_is_found(copy_files: dict[str, bytes], old: str, new: str) -> None:
    text = copy_files["places.csv"].decode()
    assert old in text
    assert "places.csv" in differences(copy_files | {"places.csv": text.replace(old, new, 1).encode()})


def test_bytes_after_before_or_beside_the_parts_of_an_archive_are_found(copy_files: dict[str, bytes]) -> None:
    content = copy_files[ODS]
    assert faults(b"x" + content) != ()
    assert faults(content + b"x") != ()
    assert faults(repacked({name: parts_of(content)[name] for name in reversed(parts_of(content))})) != ()
    assert faults(b"no workbook at all") != ()


def test_a_workbook_as_an_analyst_would_leave_it_is_found_wanting_in_every_way() -> None:
    """Made by openpyxl as by hand: a hidden sheet of rows, a hidden row and column, a comment, a formula, an author."""
    book = openpyxl.Workbook()
    book.properties.creator = "J. Analyst"
    page = book.active
    page["A1"], page["B1"] = "Weir Gate", "=1+1"
    page["A1"].comment = Comment("the Smith boy", "J. Analyst")
    page.row_dimensions[2].hidden = True
    page.column_dimensions["C"].hidden = True
    book.create_sheet("rows").sheet_state = "hidden"
    made = io.BytesIO()
    book.save(made)
    said = " ".join(faults(made.getvalue()))
    for word in (
        "comments",
        "element f",
        "row with hidden",
        "col with hidden",
        "sheet with state",
        "name under creator",
    ):
        assert word in said, word
    assert len(openpyxl_faults(made.getvalue())) >= 6


# What must not leave does not


@pytest.mark.parametrize(
    "cell",
    [(3.0, None, None, "suppressed"), (None, 1.0, 7.0, "suppressed"), (0.0, None, None, "missing"),
     (None, None, None, "shown"),
     (float("nan"), None, None, "shown"), (float("inf"), None, None, "shown"), (1.0, None, None, "hidden"),
     (1.0, None, None, None), (None, None, 2.0, "not_applicable")],
)  # fmt: skip
def test_a_table_that_contradicts_itself_is_refused_and_nothing_is_written(
    tmp_path: Path, cell: tuple[object, ...]
) -> None:
    with pytest.raises(CannotBeWritten, match="cannot be written as it is"):
        export_release([table("t", ("source",), [("a", *cell)])], facts(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keys", [("a b", "a\tb"), ("x", "x\u200b"), ("", "x"), (None, "x")])
def test_keys_that_would_read_alike_or_are_empty_are_refused(keys: tuple[str | None, ...]) -> None:
    with pytest.raises(CannotBeWritten):
        checked_copy([table("t", ("source",), [(key, 10.0, None, None, "shown") for key in keys])], facts())


def test_only_what_is_marked_for_everyone_is_published(tmp_path: Path) -> None:
    cells: list[tuple[object, ...]] = [("a", 10.0, None, None, "shown")]
    for told in (about(edition=Edition.OPERATIONAL), about(handling="OFFICIAL-SENSITIVE")):
        with pytest.raises(NotForPublication):
            export_release([places(), table("t", ("source",), cells, told)], facts(), tmp_path / "out")
        assert checked_copy([table("t", ("source",), cells, told)], facts(copy=COPY))
    assert list(tmp_path.iterdir()) == []


def test_a_copy_does_not_outlive_its_agreement() -> None:
    ends = table("t", ("source",), [("a", 10.0, None, None, "shown")], about(expires=date(2026, 11, 30)))
    with pytest.raises(OutlivesItsAgreement, match="2026-11-30"):
        checked_copy([ends], facts(copy=COPY))


def test_a_copy_is_handled_as_the_strictest_of_its_tables_asks() -> None:
    strict = table("t", ("source",), [("a", 10.0, None, None, "shown")], about(handling="OFFICIAL-SENSITIVE"))
    cover = xlsx_grids(checked_copy([places(), strict], facts(copy=COPY))[XLSX])["Cover"]
    assert str(cover[1][0]).startswith(
        "OFFICIAL, OFFICIAL-SENSITIVE. Copy 0042 for the tasking group of Wharram & Marl."
    )


def test_a_text_that_a_worksheet_cannot_hold_is_refused() -> None:
    with pytest.raises(CannotBeWritten, match="cannot hold"):
        checked_copy([table("t", ("source",), [("a" * 40_000, 10.0, None, None, "shown")])], facts())


def test_two_tables_of_one_name_are_refused() -> None:
    with pytest.raises(CannotBeWritten):
        checked_copy([places(), places()], facts())


def test_an_export_takes_nothing_but_released_tables() -> None:
    with pytest.raises(TypeError, match="ReleasedTables only"):
        checked_copy([places().cells], facts())  # type: ignore[list-item]


def test_an_export_appears_whole_in_a_new_folder_only(tmp_path: Path) -> None:
    out = tmp_path / "2026-Q3"
    out.mkdir()
    written = export_release([places(), rates()], facts(labels=NAMES), out)
    assert {path.name for path in written} == {path.name for path in out.iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == ["2026-Q3"]
    with pytest.raises(FolderInUse):
        export_release([places()], facts(), out)


def test_a_total_without_dimensions_is_written_too() -> None:
    whole = table("total", (), [(120.0, None, None, "shown")])
    assert checked_copy([whole], facts())["total.csv"].decode() == "value,low,high,status\r\n120,,,shown\r\n"


# Formula leads


@pytest.mark.parametrize("text", LEADS)
def test_a_lead_of_a_formula_is_neutralised(text: str) -> None:
    """No part of the cell between separators starts, behind spaces and quotes, as a formula does, unguarded."""
    said = pl.select(neutralised(pl.lit(plain(text)))).item()
    for part in re.split(r"[,;|]", said):
        assert not re.match(r"[\s\"‘’“”]*[=+\-@＝＋－＠]", part), said


@given(st.text(alphabet=st.sampled_from(list("=+-@＝'\"‘ ,;|ab")), max_size=12))
def test_a_neutralised_text_can_be_read_back(text: str) -> None:
    said = pl.select(neutralised(pl.lit(text))).item()
    again = re.sub(r"(^|[,;|])'(?=['\"‘’“”\s]*[=+\-@＝＋－＠])", r"\1", said)
    assert again == text


@given(st.text(max_size=30))
def test_plain_text_is_stable_and_has_nothing_that_cannot_be_seen(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    said = plain(text)
    assert plain(said) == said
    assert said == said.strip()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\ufeff]|  ", said)


# The same bytes


_HASHES = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
from publish.evil import random_export
from upstander.publish.exports import checked_copy
for seed in range(6):
    for name, content in checked_copy(*random_export(seed)).items():
        print(seed, name, hashlib.sha256(content).hexdigest())
"""


def test_the_same_tables_give_the_same_bytes_in_another_locale_zone_and_hash_seed() -> None:
    here = [
        f"{seed} {name} {hashlib.sha256(content).hexdigest()}"
        for seed in range(6)
        for name, content in checked_copy(*random_export(seed)).items()
    ]
    for changed in (
        {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "1", "POLARS_MAX_THREADS": "1"},
        {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "POLARS_MAX_THREADS": "2"},
    ):
        said = subprocess.run(
            [sys.executable, "-c", _HASHES, str(FOLDER_OF_TESTS)], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, **changed},
        ).stdout  # fmt: skip
        assert said.splitlines() == here
