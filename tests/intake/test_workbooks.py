"""Workbooks: values only, row for line; whatever could run, hide or swell is refused or waits for a person."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from types import ModuleType

import openpyxl
import pytest
from openpyxl.comments import Comment

from shared_data import SHARED, needs_shared
from upstander.contracts.readings import Outcome
from upstander.intake import archives
from upstander.intake.errors import FileStopped
from upstander.intake.workbooks import is_workbook, sheet_of

HEAD = ("reference", "when", "count")
EVENING, MIDNIGHT = datetime.fromisoformat("2026-07-10 22:15"), datetime.fromisoformat("2026-07-11 00:00")
ROWS = (("A1", EVENING, 3), ("A2", MIDNIGHT, 0.5), ("A3", None, True))
SHEET = "xl/worksheets/sheet1.xml"
Workbook = openpyxl.Workbook
Edit = Callable[[bytes], bytes]


def _book(*rows: tuple[object, ...]) -> Workbook:
    book = openpyxl.Workbook()
    for row in (HEAD, *(rows or ROWS)):
        book.active.append(row)
    return book


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _edited(content: bytes, part: str, edit: Edit, **added: bytes) -> bytes:
    out, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as remade:
        for name in source.namelist():
            remade.writestr(name, edit(source.read(name)) if name == part else source.read(name))
        for name, text in added.items():
            remade.writestr(name, text)
    return out.getvalue()


def _lines(book: Workbook) -> list[str]:
    return sheet_of(_saved(book)).text.decode().split("\n")


def _stopped(content: bytes, *, wanted: str | None = None) -> tuple[Outcome, str]:
    with pytest.raises(FileStopped) as stop:
        sheet_of(content, wanted=wanted)
    return stop.value.outcome, stop.value.message


# ── What it says ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_line_twelve_is_row_twelve_whatever_is_empty_or_broken_above_it() -> None:
    book = openpyxl.Workbook()
    book.active["A3"] = "a text\nof two lines"
    book.active["B12"] = "here"
    lines = _lines(book)
    assert (lines[2], lines[11]) == ("a text of two lines,", ",here")
    assert set(lines[:2] + lines[3:11]) == {""}


def test_values_are_written_as_a_person_would_type_them() -> None:
    assert _lines(_book())[:4] == [
        "reference,when,count",
        "A1,2026-07-10 22:15,3",
        "A2,2026-07-11 00:00,0.5",
        "A3,,TRUE",
    ]


def test_a_column_of_days_has_no_midnights() -> None:
    assert _lines(_book(("A1", date(2026, 7, 10), 1)))[1] == "A1,2026-07-10,1"


def test_a_time_that_is_a_hair_short_of_its_second_is_that_second() -> None:
    moment = EVENING - timedelta(microseconds=5)
    assert _lines(_book(("A1", moment, 1)))[1] == "A1,2026-07-10 22:15,1"


def test_commas_and_quotes_in_a_cell_stay_in_their_cell() -> None:
    assert _lines(_book(('say "no", twice', None, 1)))[1] == '"say ""no"", twice",,1'


def test_a_formula_counts_with_the_value_it_last_had() -> None:
    book = _book()
    content = _edited(
        _saved(book), SHEET, lambda d: d.replace(b'<c r="C2" t="n"><v>3</v>', b'<c r="C2"><f>1+6</f><v>7</v>')
    )
    sheet = sheet_of(content)
    assert sheet.text.decode().split("\n")[1] == "A1,2026-07-10 22:15,7"
    assert (sheet.notes, sheet.faults.height) == (("1 cells hold formulas; the values they last had were read.",), 0)


def test_a_formula_that_was_never_worked_out_and_an_error_keep_their_rows_back() -> None:
    book = _book()
    book.active["C2"], book.active["A3"] = "=1+6", "#REF!"
    assert sheet_of(_saved(book)).faults.rows() == [
        (2, "a formula was never worked out", "a value in C2"),
        (3, "a cell holds an error such as #REF!", "a value in A3"),
    ]


# ── What waits for a person ──────────────────────────────────────────────────────────────────────────────────────────


def _hide_column(book: Workbook) -> None:
    book.active.column_dimensions["B"].hidden = True


def _hide_row(book: Workbook) -> None:
    book.active.row_dimensions[3].hidden = True


def _hide_sheet(book: Workbook) -> None:
    hidden = book.create_sheet("people")
    hidden.append(["a name"])
    hidden.sheet_state = "veryHidden"


def _comment(book: Workbook) -> None:
    book.active["A2"].comment = Comment("the caller's sister", "A. Clerk")


def _second_sheet(book: Workbook) -> None:
    book.create_sheet("final FINAL").append(["more"])


def _far_cell(book: Workbook) -> None:
    book.active["XFD1048576"] = "x"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_hide_column, "1 of its columns are hidden"),
        (_hide_row, "1 of its rows are hidden"),
        (_hide_sheet, "hidden sheets (1)"),
        (_comment, "comments, which may name people"),
        (_second_sheet, "which sheet is meant: 2 have rows. The first of them was read."),
        (_far_cell, "far outside the table, at XFD1048576; it was left out"),
    ],
)
def test_what_cannot_be_seen_at_a_glance_waits_for_a_person(change: Callable[[Workbook], None], said: str) -> None:
    book = _book()
    assert sheet_of(_saved(book)).holds == ()
    change(book)
    sheet = sheet_of(_saved(book))
    assert any(said in hold for hold in sheet.holds), sheet.holds
    assert sheet.text.count(b"\n") == 4


def test_columns_hidden_beyond_the_table_hide_nothing() -> None:
    book = _book()
    book.active.column_dimensions["Q"].hidden = True
    assert sheet_of(_saved(book)).holds == ()


def test_a_map_that_names_its_sheet_leaves_nothing_to_ask() -> None:
    book = _book()
    _second_sheet(book)
    sheet = sheet_of(_saved(book), wanted="final FINAL")
    assert (sheet.holds, sheet.text) == ((), b"more\n")
    outcome, said = _stopped(_saved(book), wanted="July")
    assert outcome is Outcome.FILEQ
    assert "no sheet 'July', as the map has it, can be seen and has rows; 2 do." in said


def test_an_empty_workbook_is_told_as_one() -> None:
    assert _stopped(_saved(openpyxl.Workbook()))[1].endswith("no sheet that can be seen has a row.")


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_part_that_declares_an_entity_is_refused_in_any_encoding(encoding: str) -> None:
    laughing = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'.encode(encoding)
    assert "entity" in _stopped(_edited(_saved(_book()), SHEET, lambda _: laughing))[1]


def test_an_unused_part_that_declares_an_entity_is_refused_too() -> None:
    content = _edited(_saved(_book()), SHEET, lambda d: d, **{"xl/else.xml": b'<!DOCTYPE l SYSTEM "http://h/x">'})
    assert _stopped(content)[0] is Outcome.REFUSE


def test_a_macro_is_refused_whatever_the_name_says() -> None:
    content = _edited(_saved(_book()), SHEET, lambda d: d, **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    assert "macro" in _stopped(content)[1]


@pytest.mark.parametrize(
    ("name", "said"),
    [("../x.csv", "path"), ("/etc/x", "path"), ("C:\\x", "path"), ("a/../../x", "path"), ("in.zip", "archive inside")],
)
def test_an_archive_with_a_trap_in_its_directory_is_not_opened(name: str, said: str) -> None:
    outcome, message = _stopped(_edited(_saved(_book()), SHEET, lambda d: d, **{name: b"x"}))
    assert (outcome, said in message) == (Outcome.REFUSE, True)


def test_more_than_the_limit_is_not_unpacked_and_the_sizes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1_000)
    outcome, said = _stopped(_saved(_book()))
    assert (outcome, "expands to" in said) == (Outcome.REFUSE, True)


def test_a_directory_that_lies_about_a_size_is_damage() -> None:
    content = bytearray(_saved(_book()))
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(SHEET.encode()))
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert _stopped(bytes(content))[0] is Outcome.FILEQ


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_workbook_that_was_cut_short_is_damage(share: float) -> None:
    content = _saved(_book())
    outcome, said = _stopped(content[: int(len(content) * share)])
    assert (outcome, "damaged" in said) == (Outcome.FILEQ, True)


def test_any_changed_byte_gives_the_same_text_or_an_answer_in_words() -> None:
    content = _saved(_book())
    whole = sheet_of(content).text
    for at in range(4, len(content), 7):
        changed = bytearray(content)
        changed[at] ^= 0xFF
        with suppress(FileStopped):
            assert sheet_of(bytes(changed)).text == whole  # every value lies under a checksum


def test_an_archive_that_is_no_workbook_is_told_as_one() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("rows.csv", "a,b\n1,2\n")
        archive.writestr("more.csv", "a,b\n1,2\n")
    assert is_workbook(out.getvalue()[:4])
    assert "no workbook" in _stopped(out.getvalue())[1]


# ── The corpus ───────────────────────────────────────────────────────────────────────────────────────────────────────

_ANSWERS = {"ACCEPT", "NORMALISE", "ROWQ", "HOLD"}


@pytest.fixture(scope="module")
def corpus() -> ModuleType:
    path = SHARED / "hostile" / "gen.py"
    module = ModuleType("gen")
    exec(compile(path.read_text("utf-8"), str(path), "exec"), module.__dict__)
    return module


@needs_shared
def test_every_spreadsheet_and_archive_of_the_hostile_corpus_gets_its_answer(corpus: ModuleType) -> None:
    answered: dict[str, bool] = {}
    for name, reaction, said, category, make in corpus.CASES:
        (content,) = make().values() if category == "F" else (b"",)
        if not isinstance(content, bytes) or not is_workbook(content[:4]):
            continue
        try:
            sheet = sheet_of(content)
            heard = " ".join([*sheet.holds, *sheet.notes, *sheet.faults["rule"]])
            kind = "HOLD" if sheet.holds else "ROWQ" if sheet.faults.height else "ACCEPT"
        except FileStopped as stop:
            heard, kind = stop.message, stop.outcome.value
        answered[name] = kind == reaction and said in heard
    assert len(answered) >= 18
    assert [name for name, is_right in answered.items() if not is_right] == []
