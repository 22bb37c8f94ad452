"""Papers for information governance: true to the register, the log and the holdings, and made by one command each."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from intake.desk import rms
from pipeline.homes import NOW, counted, injury_schedule, send, with_pact
from upstander.errors import WrongUsage
from upstander.pipeline.accountability import (
    annex_html,
    as_csv,
    processing_record,
    record_html,
    usage_html,
    usage_report,
)
from upstander.pipeline.agreeing import decide_about
from upstander.pipeline.desk import Desk
from upstander.sharing import ActKind

DAY = timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = with_pact(tmp_path, injury_schedule())
    send(made, tmp_path / "sent", rms(*[{}] * 12))
    return made


def test_the_record_follows_the_register_to_the_second(desk: Desk) -> None:
    assert [line.standing for line in processing_record(desk)] == ["in force"]
    decide_about(desk, "pact", ActKind.SUSPENDED)
    (line,) = processing_record(desk)
    assert line.standing == "suspended since 23 November 2026"
    assert line.standing in record_html(desk, [line])


def test_the_annex_says_what_becomes_of_every_sent_field_and_how_much_is_held(desk: Desk) -> None:
    said = annex_html(desk)
    assert "12 rows in 1 reading, about 2026-07-01 to 2026-08-01" in said
    for words in ("incident_ref", "Turned into a keyed code", "schedule evidence of pact, version 1", "in force"):
        assert words in said


def test_a_dataset_that_no_agreement_shares_is_said_to_be_shared_with_nobody(desk: Desk) -> None:
    assert "No schedule shares it" in annex_html(desk, ["missing_episodes"])
    with pytest.raises(WrongUsage, match="There is no dataset 'gossip'"):
        annex_html(desk, ["gossip"])


def test_the_owner_is_told_of_the_reads_that_the_log_has(desk: Desk) -> None:
    counted(desk)
    (line,) = usage_report(desk, since=NOW - DAY, until=NOW + DAY, provider="police")
    assert (line.reads, [person for person, _ in line.readers]) == (1, ["A. Analyst"])
    assert line.unused_fields
    assert "A. Analyst (1)" in usage_html(desk, [line], since=NOW - DAY, until=NOW + DAY)
    assert usage_report(desk, since=NOW - DAY, until=NOW + DAY, provider="hospital") == []
    assert usage_report(desk, since=NOW + DAY, until=NOW + 2 * DAY)[0].reads == 0


def test_whoever_makes_a_paper_is_on_the_log(desk: Desk) -> None:
    processing_record(desk)
    usage_report(desk, since=NOW, until=NOW + DAY)
    actions = [entry.event.action for entry in desk.audit.entries()]
    assert actions[-2:] == ["record of processing", "usage report"]


def test_the_spreadsheet_has_a_row_for_each_entry_and_no_formula(desk: Desk) -> None:
    (line,) = processing_record(desk)
    (row,) = csv.DictReader(io.StringIO(as_csv([line])))
    assert row == vars(line)
    usages = usage_report(desk, since=NOW - DAY, until=NOW + DAY)
    object.__setattr__(usages[0], "provider", "=cmd|' /C calc'!A0")
    assert next(csv.DictReader(io.StringIO(as_csv(usages))))["provider"].startswith("'=")
    assert as_csv([]) == "\r\n"
