"""One file, read in one block or in many: the same rows in the same order, and the same report."""

from functools import cache

import polars as pl
import pytest

from intake.desk import read_bytes, rms
from upstander.contracts.readings import Outcome
from upstander.intake import ReadResult

FAULTS = (
    {}, {"occurred_from": "31/02/2026 10:00"}, {"weapon": "knief"}, {"notes": '"two\nlines"'}, {"dob": "01/01/1900"},
    {"postcode": " le1 1aa "}, {"sex": "NOT STATED"}, {"occurred_from": "24/07/2026 24:00"}, {"surname": "Zoë"},
    {"occurred_from": "25/10/2026 01:30"}, {"easting": ""}, {"person_ref": ""},
)  # fmt: skip
ROWS = 600


@cache
def _file() -> bytes:
    rows = [FAULTS[number % len(FAULTS)] | {"incident_ref": f"C{number % (ROWS - 9)}"} for number in range(ROWS)]
    return rms(*rows)


@cache
def _read(block_bytes: int) -> tuple[ReadResult, pl.DataFrame, pl.DataFrame]:
    result, tray = read_bytes(_file(), block_bytes=block_bytes)
    return result, tray.accepted, tray.quarantined.sort("line")


@pytest.mark.parametrize("block_bytes", [1_000, 7_919, 50_000])
def test_rows_and_report_do_not_depend_on_where_a_file_is_cut(block_bytes: int) -> None:
    whole, rows, kept = _read(1 << 22)
    result, rows_in_parts, kept_in_parts = _read(block_bytes)
    assert rows.height > 0
    assert kept.height > 0
    assert rows_in_parts.equals(rows)
    assert kept_in_parts.equals(kept)
    assert result == whole


@pytest.mark.parametrize("block_bytes", [1_000, 7_919, 1 << 22])
def test_a_quote_that_the_header_never_closes_is_told_alike_wherever_a_file_is_cut(block_bytes: int) -> None:
    header, rows = rms(*({} for _ in range(90))).split(b"\r\n", 1)
    result, _ = read_bytes(header + b',"remarks\r\n' + rows, block_bytes=block_bytes)
    assert (result.outcome, result.lines.accepted, result.lines.adds_up) == (Outcome.FILEQ, 0, True)
    assert "A quote opened on line 1 never closes" in result.message
    assert result.lines.physical == 91
