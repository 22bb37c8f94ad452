"""Every rule, shown on one row that meets it and one that does not."""

import pytest

from intake.desk import read_bytes, rms, variant, varied
from upstander.contracts.readings import Outcome
from upstander.values.periods import Period

SPEC = [
    # column, cell, rule it breaks
    ("occurred_from", "", "required and missing"),
    ("offence_code", "", "required and missing"),
    ("occurred_from", "31/04/2026 10:00", "not a date"),
    ("occurred_from", "04/07/26 22:40", "not a date"),
    ("occurred_from", "last Friday", "not a date"),
    ("occurred_from", "29/03/2026 01:30", "time that does not exist"),
    ("occurred_from", "24/11/2026 09:00", "in the future"),
    ("occurred_to", "03/07/2026 22:00", "ends before it starts"),
    ("recorded_at", "04/07/2026 22:39", "recorded before it happened"),
    ("offence_code", "999Z", "code not in the codelist"),
    ("weapon", "knief", "code not in the codelist"),
    ("sex", "Q", "code not in the codelist"),
    ("easting", '"458.000,5"', "not a number"),
    ("easting", "NaN", "not a number"),
    ("easting", "1e309", "not a number"),
    ("easting", "", "location is half a point"),
    ("easting", "0", "location is nowhere"),
    ("easting", "21000001", "location is nowhere"),
    ("easting", "4608" + "1" * 83, "location is nowhere"),
    ("easting", "4" * 400, "location is nowhere"),
    ("dob", "05/07/2026", "born after it happened"),
    ("dob", "01/01/1900", "placeholder date of birth"),
    ("dob", "31/02/2008", "not a date"),
    ("surname", "ZZTEST", "test record"),
    ("surname", "x" * 101, "too long"),
    ("person_ref", "P00\u200b0001", "invisible character"),
    ("person_ref", "Р000001", "look-alike letters"),
    ("incident_ref", "1.70E+12", "digits lost to a spreadsheet"),
]
RMS_WITH_END = variant("rms")


@pytest.mark.parametrize(("column", "cell", "rule"), SPEC, ids=[f"{column}={cell[:12]}" for column, cell, _ in SPEC])
def test_a_row_that_breaks_a_rule_is_kept_back_under_its_name(column: str, cell: str, rule: str) -> None:
    content = rms({}, {column: cell} if column != "occurred_to" else {})
    if column == "occurred_to":
        first, *rows = content.decode().splitlines()
        ends = ["", cell]
        content = "\n".join([first + ",occurred_to", *(f"{r},{e}" for r, e in zip(rows, ends, strict=True))]).encode()
    result, tray = read_bytes(content)
    assert result.outcome == Outcome.ROWQ
    assert tray.quarantined.select("line", "column", "rule").rows() == [(3, column, rule)]
    assert result.lines.accepted == 1


def test_a_row_that_breaks_three_rules_is_one_record_and_three_mistakes() -> None:
    result, _ = read_bytes(rms({"weapon": "knief", "easting": "x", "sex": "Q"}))
    assert result.lines.quarantined == 1
    assert {(m.column, m.rule) for m in result.mistakes} == {
        ("weapon", "code not in the codelist"), ("easting", "not a number"), ("sex", "code not in the codelist"),
    }  # fmt: skip


def test_a_code_is_quoted_and_an_identifier_never() -> None:
    result, _ = read_bytes(rms({"weapon": "knief", "person_ref": "P\u200b7", "easting": "12 Acacia Avenue"}))
    values = {mistake.column: mistake.value for mistake in result.mistakes}
    assert values == {"weapon": "knief", "person_ref": None, "easting": None}


def test_a_row_outside_the_stated_period_of_a_whole_delivery_is_kept_back() -> None:
    content = rms({}, {"occurred_from": "01/08/2026 00:00", "recorded_at": "02/08/2026 00:00"})
    result, tray = read_bytes(content, covers=Period.parse("2026-07"))
    assert tray.quarantined["rule"].to_list() == ["outside the period"]
    assert result.covers is not None
    assert not result.covers.inferred


def test_a_period_read_from_the_file_name_binds_as_a_stated_one() -> None:
    content = rms({}, {"occurred_from": "01/08/2026 00:00", "recorded_at": "02/08/2026 00:00"})
    _, tray = read_bytes(content, file_name="force_2026-07.csv")
    assert tray.quarantined["rule"].to_list() == ["outside the period"]


def test_without_a_stated_period_the_rows_span_it_and_it_is_marked_inferred() -> None:
    result, _ = read_bytes(rms({}, {"occurred_from": "01/07/2026 10:00"}))
    assert result.covers is not None
    assert (str(result.covers.start), str(result.covers.end), result.covers.inferred) == (
        "2026-07-01",
        "2026-07-05",
        True,
    )


def test_an_exact_repeat_is_kept_back_and_its_first_row_loaded() -> None:
    row = {"incident_ref": "C9", "person_ref": "P9"}
    result, tray = read_bytes(rms(row, {}, row), block_bytes=400)
    assert result.lines.accepted == 2
    assert tray.quarantined.select("line", "rule").rows() == [(4, "exact duplicate of an earlier row")]


def test_repeats_that_are_records_are_all_loaded() -> None:
    records = variant("rms", repeats={"are": "records", "reason": "each row is a record"}, ids="not_stable", key=())
    row = {"incident_ref": "C9", "person_ref": "P9"}
    assert read_bytes(rms(row, row, row), records)[0].lines.accepted == 3


def test_two_different_rows_with_one_key_are_told_apart_from_a_repeat() -> None:
    key = {"incident_ref": "C9", "person_ref": "P9"}
    _, tray = read_bytes(rms(key, key | {"weapon": "blunt_other"}))
    assert tray.quarantined["rule"].to_list() == ["two different rows with the same key"]


def test_a_row_without_the_whole_key_is_never_a_double() -> None:
    key = {"incident_ref": "C9", "person_ref": ""}
    assert read_bytes(rms(key, key | {"weapon": "blunt_other"}))[0].lines.accepted == 2


def test_rows_already_held_of_an_increment_are_counted_as_repeated() -> None:
    increment = variant("rms", delivers="increment")
    first, held = read_bytes(rms({}, {}), increment)
    again, tray = read_bytes(rms({}, {}, {}), increment, already_held=held.accepted)
    assert (first.lines.accepted, again.lines.repeated, again.lines.accepted) == (2, 2, 1)
    assert tray.accepted["row_id"].to_list() == ["r" * 20 + ":4"]


def test_excluded_codes_are_set_aside_with_their_reason() -> None:
    content = (
        b"Incident Number,Call Date,Call Time,Nature Code\n1,04/07/2026,22:40,27-D-3S\n2,04/07/2026,22:50,27-D-3X\n"
    )
    result, tray = read_bytes(content, "cad")
    assert result.set_aside_by_reason == (("self-inflicted: not violence by another person", 1),)
    assert tray.accepted["weapon_class"].to_list() == ["sharp"]


def test_day_and_month_in_two_orders_stop_the_file() -> None:
    dates = ["04/13/2026 10:00", "13/04/2026 10:00", "04/05/2026 10:00"] * 3
    result, _ = read_bytes(rms(*({"occurred_from": day} for day in dates)))
    assert result.outcome == Outcome.FILEQ
    assert "day/month" in result.message


def test_one_slip_of_day_and_month_costs_one_row_not_the_file() -> None:
    result, _ = read_bytes(rms(*({} for _ in range(9)), {"occurred_from": "04/13/2026 10:00"}))
    assert (result.outcome, result.lines.accepted) == (Outcome.ROWQ, 9)


@pytest.mark.parametrize("kept", ["longitude", "latitude"])
def test_half_a_point_for_want_of_a_heading_is_no_defect(kept: str) -> None:
    heading, *rows = rms(*(varied(n) for n in range(12))).decode().splitlines()
    content = "\n".join([f"{heading},{kept}", *(f"{row},1.5" for row in rows)]).encode()
    found, _ = read_bytes(content)
    assert found.lines.accepted == 12
