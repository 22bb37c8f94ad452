"""Bytes, encodings, headers and quotes: what stops a file, what holds it, what is mended and said."""

import codecs

import pytest

from intake.desk import RMS_HEADER, read_bytes, rms, variant
from upstander.contracts.readings import Outcome

GOOD = rms({}, {"surname": "Müller"}, {})

STOPPED = {
    "empty": (b"", Outcome.FILEQ, "empty"),
    "blanks": (b" \r\n\t\r\n" * 9, Outcome.FILEQ, "empty"),
    "pdf": (b"%PDF-1.7\n", Outcome.REFUSE, "PDF"),
    "gzip": (b"\x1f\x8b\x08\0rest", Outcome.FILEQ, "gzip"),
    "damaged workbook": (b"PK\x03\x04rest", Outcome.FILEQ, "damaged"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1", Outcome.REFUSE, ".xls"),
    "sign-in page": (b"<!DOCTYPE html><html>", Outcome.FILEQ, "web page"),
    "nul": (GOOD.replace(b"shop", b"sh\0p", 1), Outcome.FILEQ, "Line 2 holds NUL"),
    "ebcdic": (GOOD.decode().replace("ü", "u").encode("cp500"), Outcome.FILEQ, "encoding"),
    "no header": (GOOD.split(b"\r\n", 1)[1], Outcome.FILEQ, "header"),
    "missing column": (GOOD.replace(b"offence_code", b"offense"), Outcome.FILEQ, "missing column: offence_code"),
    "heading twice": (GOOD.replace(b",role,", b",sex,"), Outcome.FILEQ, "more than once"),
    "open quote": (rms({}, {"notes": '"oops'}, {}), Outcome.FILEQ, "quote opened on line 3"),
    "no line ending": (b"a," * 500_000, Outcome.REFUSE, "no line ending"),
}


@pytest.mark.parametrize(("content", "outcome", "says"), STOPPED.values(), ids=STOPPED)
def test_a_file_that_cannot_be_trusted_is_stopped_with_the_reason(content: bytes, outcome: Outcome, says: str) -> None:
    result, tray = read_bytes(content, block_bytes=1 << 19)
    assert (result.outcome, tray.batches) == (outcome, [])
    assert says in result.message
    assert result.byte_count == len(content)


MENDED = {
    "byte order mark": (codecs.BOM_UTF8 + GOOD, "byte order mark"),
    "windows-1252": (GOOD.decode().encode("cp1252"), "Windows-1252"),
    "utf-16 with mark": (GOOD.decode().encode("utf-16"), "UTF-16"),
    "semicolons": (GOOD.replace(b",", b";"), "delimiter ;"),
    "pipes": (GOOD.replace(b",", b"|"), "delimiter |"),
    "mixed endings": (GOOD.replace(b"\r\n", b"\n", 2).replace(b"\r\n", b"\r", 1), "line ending"),
    "blank lines": (GOOD + b"\r\n" * 500, "500 blank lines"),
    "header case": (GOOD.replace(RMS_HEADER.encode(), RMS_HEADER.upper().replace(",", "\u00a0, ").encode()), "header"),
    "24:00": (rms({}, {"occurred_from": "03/07/2026 24:00"}), "24:00"),
    "ambiguous hour": (rms({"occurred_from": "25/10/2026 01:30", "recorded_at": "26/10/2026 09:00"}), "ambiguous"),
    "offsets": (rms({"occurred_from": "2026-07-04T21:40:00Z"}, {}), "offset"),
    "serials": (rms({"occurred_from": "46207.944444"}, {}), "serial"),
    "missing in words": (rms({"weapon": "n/k", "person_ref": "NULL"}, {}), "2 cells say in words"),
    "postcodes": (rms({"postcode": "LE1O 1AA"}, {"postcode": "le27fq"}, {}), "1 postcode was brought"),
    "partial postcodes": (rms({"postcode": "LE3"}, {"postcode": "LE3 5"}, {}), "2 postcodes are partial"),
}


@pytest.mark.parametrize(("content", "says"), MENDED.values(), ids=MENDED)
def test_what_can_be_mended_is_mended_and_said(content: bytes, says: str) -> None:
    result, _ = read_bytes(content)
    assert result.outcome == Outcome.NORMALISE, result.message
    assert says in result.message
    assert result.lines.accepted == result.lines.records


HELD = {
    "unknown columns": (
        GOOD.replace(b"\r\n", b",x\r\n").replace(b",x", b",nhs_number", 1),
        "Column 21 is not in the agreement",
    ),
    "no rows": (RMS_HEADER.encode() + b"\n", "no rows"),
    "utf-16 without mark": (GOOD.decode().encode("utf-16-be"), "encoding could not be told"),
    "two-digit years": (rms(*({"dob": "01/02/68"} for _ in range(4))), "two-digit"),
    "all midnight": (rms(*({"occurred_from": "04/07/2026 00:00"} for _ in range(12))), "midnight"),
    "long ago": (rms(*({"occurred_from": "14/02/1994 21:00", "dob": ""} for _ in range(12))), "before"),
}


@pytest.mark.parametrize(("content", "says"), HELD.values(), ids=HELD)
def test_what_needs_a_steward_is_held_and_still_read_whole(content: bytes, says: str) -> None:
    result, _ = read_bytes(content)
    assert result.outcome == Outcome.HOLD, result.message
    assert says in result.message
    assert result.lines.adds_up


def test_a_column_that_the_agreement_leaves_out_is_not_read() -> None:
    known = frozenset(RMS_HEADER.split(",")) - {"ethnicity"}
    result, tray = read_bytes(GOOD, known_columns=known)
    assert result.outcome == Outcome.HOLD
    assert tray.accepted["ethnic_group"].unique().to_list() == ["not_asked"]


def test_columns_are_told_by_name_never_by_position() -> None:
    names = RMS_HEADER.split(",")
    rows = [line.split(",") for line in GOOD.decode().splitlines()]
    turned = "\n".join(",".join(row[names.index(name)] for name in reversed(names)) for row in rows) + "\n"
    straight, reverse = read_bytes(GOOD)[1].accepted, read_bytes(turned.encode())[1].accepted
    assert straight.equals(reverse)


def test_rows_of_broken_bytes_are_kept_back_alone() -> None:
    result, tray = read_bytes(GOOD.replace(b"Outside", b"Out\xc3\x28side", 1))
    assert tray.quarantined.select("line", "rule").rows() == [(2, "not valid UTF-8")]
    assert result.lines.accepted == 2


def test_a_second_header_and_an_undeclared_total_are_kept_back() -> None:
    content = GOOD + RMS_HEADER.encode() + b"\r\nTotal,3" + b"," * 18 + b"\r\n*** END OF REPORT ***\r\n"
    _, tray = read_bytes(content)
    assert tray.quarantined.sort("line").select("line", "rule").rows() == [
        (5, "second header"), (6, "total or footer line"), (7, "wrong number of columns"),
    ]  # fmt: skip


def test_a_quote_in_the_middle_of_a_plain_cell_is_an_ordinary_character() -> None:
    result, _ = read_bytes(rms({"notes": 'a 5" blade'}, {"notes": 'and "so" on'}))
    assert (result.outcome, result.lines.accepted) == (Outcome.ACCEPT, 2)


def test_a_stray_quote_costs_its_own_record_only() -> None:
    _, tray = read_bytes(rms({"notes": '"he said "no" to him"'}, {"notes": '"said ""no"""'}))
    assert tray.quarantined.select("line", "rule").rows() == [(2, "stray quote")]


def test_a_stated_semicolon_needs_no_note() -> None:
    result, _ = read_bytes(GOOD.replace(b",", b";"), variant("rms", file={"delimiter": ";"}))
    assert result.outcome == Outcome.ACCEPT


@pytest.mark.parametrize("name", [*STOPPED, *MENDED, *HELD])
def test_no_message_holds_a_personal_value(name: str) -> None:
    content = (STOPPED | MENDED | HELD)[name][0]
    result, _ = read_bytes(content, block_bytes=1 << 19)
    said = " ".join([result.message, *result.notes, *result.holds, *(repr(mistake) for mistake in result.mistakes)])
    assert not [word for word in ("Adeyemi", "Müller", "Outside a shop", "P000001", "14/03/2008") if word in said]
