"""The report a sender gets."""

import re
from datetime import UTC, datetime

from intake.desk import read_bytes, rms
from upstander.intake import DeliveryReport, last_line, report_html, report_json, report_text


def _report(content: bytes) -> DeliveryReport:
    result, _ = read_bytes(content)
    return DeliveryReport(
        "Police recorded incidents", "police_incidents", "rms 2026.1", "the police force", "july <1>.csv",
        datetime(2026, 8, 3, 9, 30, tzinfo=UTC), result, delivery="d" * 20, reading="r" * 20,
    )  # fmt: skip


def test_the_last_line_has_the_agreed_keys_and_its_rows_add_up() -> None:
    said = last_line(_report(rms({}, {"weapon": "knief"})))
    assert list(said) == [
        "outcome", "message", "rows_in", "rows_loaded", "rows_quarantined", "rows_duplicate", "rows_set_aside",
        "delivery", "reading",
    ]  # fmt: skip
    assert (said["outcome"], said["rows_in"]) == ("ROWQ", said["rows_loaded"] + said["rows_quarantined"])


def test_a_held_file_loads_no_row_yet() -> None:
    held = last_line(_report(rms({}).replace(b"\r\n", b",x\r\n")))
    assert (held["outcome"], held["rows_in"], held["rows_loaded"]) == ("HOLD", 1, 0)


def test_the_terminal_report_says_what_to_mend_and_where() -> None:
    said = report_text(_report(rms({}, {"weapon": "knief"})))
    assert "line 3: weapon is 'knief': code not in the codelist; expected one of: knife" in said


def test_the_page_stands_alone_and_shows_file_names_as_text() -> None:
    page = report_html(_report(rms({}, {"weapon": "<script>x"})))
    assert "<script" not in page
    assert "july &lt;1&gt;.csv" in page
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert '<html lang="en-GB">' in page
    assert page.count("<caption>") >= 3


def test_no_report_holds_a_personal_value() -> None:
    report = _report(rms({}, {"dob": "nineteen", "person_ref": "P\u200bCANARY", "notes": "Canary"}))
    said = report_text(report) + report_html(report) + repr(report_json(report))
    assert not [word for word in ("Adeyemi", "CANARY", "Canary", "nineteen", "Outside a shop") if word in said]
