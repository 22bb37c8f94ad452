"""A workbook is read as the same rows sent as CSV would be, and its hash and size are those of the file as sent."""

import hashlib
import io
from collections.abc import Callable
from datetime import datetime

import openpyxl
import polars as pl
import pytest

from intake.desk import RMS_HEADER, RMS_ROW, read_bytes, rms
from upstander.contracts.readings import Outcome

HEADINGS = RMS_HEADER.split(",")
EVENTS = ("occurred_from", "recorded_at")
Change = Callable[[openpyxl.Workbook], None]


def _sent(*rows: dict[str, str]) -> list[dict[str, str]]:
    named = ({"incident_ref": f"C{number}", "person_ref": f"P{number:06d}"} for number in range(1, len(rows) + 1))
    return [RMS_ROW | name | row for name, row in zip(named, rows, strict=True)]


def _cell(name: str, text: str) -> object:
    """Times as Excel keeps them, numbers as numbers."""
    if name in EVENTS:
        return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007 - a wall clock, as in a cell
    if name == "dob":
        return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007
    return int(text) if name in {"easting", "northing"} else text


def _book(*rows: dict[str, str], change: Change = lambda _: None) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(HEADINGS)
    for row in _sent(*rows):
        book.active.append([_cell(name, row[name]) for name in HEADINGS])
    change(book)
    book.save(out)
    return out.getvalue()


def _put(cell: str, value: object) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        book.active[cell] = value

    return change


ROWS: tuple[dict[str, str], ...] = (
    {}, {"occurred_from": "05/07/2026 00:00"}, {"sex": "M", "role": "suspect"}, {"offence_code": "not one"},
    {"postcode": "LE1"}, {"dob": "01/01/1900"},
)  # fmt: skip


def test_the_rows_are_those_of_the_same_file_as_csv() -> None:
    book, kept = read_bytes(_book(*ROWS))
    text, same = read_bytes(rms(*_sent(*ROWS)))
    assert (book.outcome, book.lines) == (text.outcome, text.lines)
    assert kept.accepted.equals(same.accepted)
    assert kept.quarantined["line"].to_list() == same.quarantined["line"].to_list() != []
    assert kept.quarantined["rule"].to_list() == same.quarantined["rule"].to_list()


def test_its_hash_and_size_are_those_of_the_file_as_sent() -> None:
    content = _book(*ROWS)
    result, _ = read_bytes(content)
    assert (result.sha256, result.byte_count) == (hashlib.sha256(content).hexdigest(), len(content))
    assert result.dialect is not None
    assert result.dialect.encoding == "workbook (XLSX)"


@pytest.mark.parametrize("content", [_book(*[{}] * 3), rms(*[{}] * 3)], ids=["workbook", "csv"])
def test_a_sound_file_of_either_kind_is_accepted_without_a_word_of_repair(content: bytes) -> None:
    result, _ = read_bytes(content)
    assert (result.outcome, result.lines.accepted, result.notes) == (Outcome.ACCEPT, 3, ())


@pytest.mark.parametrize(
    ("value", "rule"), [("=1+1", "a formula was never worked out"), ("#REF!", "a cell holds an error such as #REF!")]
)
def test_a_row_that_a_formula_or_an_error_spoils_is_kept_back_by_its_row_number(value: str, rule: str) -> None:
    result, tray = read_bytes(_book(*[{}] * 4, change=_put("C3", value)))
    assert (result.outcome, result.lines.accepted, result.lines.quarantined) == (Outcome.ROWQ, 3, 1)
    assert tray.quarantined.select("line", "rule", "expected").row(0) == (3, rule, "a value in C3")
    assert result.lines.adds_up


def test_what_cannot_be_seen_at_a_glance_holds_a_whole_reading() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book.active.row_dimensions[3].hidden = True

    result, tray = read_bytes(_book(*[{}] * 4, change=hide))
    assert (result.outcome, tray.accepted.height) == (Outcome.HOLD, 4)
    assert "hidden" in result.holds[0]


def test_text_that_is_called_a_workbook_is_read_as_the_text_it_is() -> None:
    result, tray = read_bytes(rms(*[{}] * 3), file_name="rms_2026-07.xlsx")
    assert (result.outcome, tray.accepted.height) == (Outcome.NORMALISE, 3)
    assert "not a spreadsheet" in result.message


def test_blocks_of_any_size_give_the_same_rows() -> None:
    content = _book(*ROWS * 20)
    _, whole = read_bytes(content)
    _, small = read_bytes(content, block_bytes=1 << 10)
    assert pl.concat(small.batches).equals(whole.accepted)
