"""The record of processing and the report on use: what the register says, and what the log says was made of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sharing.county import AT, STATED, agreement, schedule
from upstander.sharing import Act, ActKind, AuditEvent, record_of_processing, usage
from upstander.sharing.audit import AuditEntry
from upstander.sharing.gateways import GATEWAYS
from upstander.sharing.usage import MANY_READS

READ = AuditEvent(
    AT, "A. Analyst", "vrn", "monitoring", "police_incidents", ("rms",), ("offence_code",), "read", "allowed",
    "board paper", "pact",
)  # fmt: skip


def _entries(*events):
    return [AuditEntry(number, event, "", "") for number, event in enumerate(events, 1)]


def _line(*schedules, at=AT, acts=()):
    signed = replace(agreement(*schedules), acts=tuple(acts))
    (line,) = record_of_processing([signed], at)
    return line


def _used(*events, **changed):
    (line,) = usage([agreement(schedule(**changed))], _entries(*events), AT)
    return line


def test_an_entry_says_who_decides_on_what_for_whom_by_which_law():
    line = _line(schedule(fields=["age_band", "ethnic_group", "offence_code"], data_protection=STATED))
    assert (line.standing, line.personal_fields, line.other_fields) == (
        "in force", "age_band, ethnic_group", "offence_code",
    )  # fmt: skip
    assert line.special == "ethnic origin, alleged offences"
    assert line.people.startswith("a row is ")
    assert line.gateway == GATEWAYS[agreement(schedule()).terms.schedules[0].gateway].title
    assert "under Part 3, to agencies under Part 2" in line.flow


def test_what_is_about_nobody_names_no_data_subjects():
    line = _line(schedule(fields=["offence_code"]))
    assert (line.people, line.personal_fields, line.special) == ("", "", "")


def test_health_beside_a_person_is_named_as_a_special_category():
    told = schedule(
        provider="hospital", dataset="ed_assaults", suppliers=["istv"], fields=["age_band"], gateway="nhs_2006_s251",
        approval="CAG 0001",
    )  # fmt: skip
    line = _line(told)
    assert (line.special, "approval CAG 0001" in line.gateway) == ("health", True)


@pytest.mark.parametrize(
    ("kind", "said"), [(ActKind.SUSPENDED, "suspended since"), (ActKind.ENDED, "ended on"), (None, "in force")]
)
def test_what_grants_nothing_any_more_says_so(kind, said):
    acts = [Act("pact", 1, "", 1, kind, "B. Boss", AT - timedelta(days=2), "a breach")] if kind else []
    assert _line(schedule(), acts=acts).standing.startswith(said)


def test_an_agreement_that_nobody_signed_is_on_record_as_granting_nothing():
    unsigned = replace(agreement(schedule()), signature=None)
    (line,) = record_of_processing([unsigned], AT)
    assert line.standing == "grants nothing: nobody signed it"


def test_what_begins_later_says_from_when():
    later = AT.date() + timedelta(days=40)
    assert _line(schedule(start=later)).standing.startswith("begins on")


# ── Use ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_reads_are_counted_with_who_read_and_when_last():
    line = _used(READ, replace(READ, at=AT + timedelta(hours=1)), replace(READ, person="B. Other"))
    assert (line.reads, line.readers, line.last) == (
        3, (("A. Analyst", 2), ("B. Other", 1)), AT + timedelta(hours=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"dataset": "ed_assaults"},
        {"agreement": "another-pact"},
        {"purpose": "operational"},
        {"suppliers": ("cad",)},
        {"fields": ("sex",)},
        {"answer": "refused: expired"},
        {"action": "deliver abc"},
    ],
)
def test_what_was_not_read_under_a_schedule_is_not_counted_for_it(changed):
    assert _used(READ, purposes=["monitoring"]).reads == 1
    assert _used(replace(READ, **changed), purposes=["monitoring"]).reads == 0


def test_what_nobody_asked_for_is_told_to_the_owner():
    line = _used(READ, fields=["event_from_local", "offence_code"], purposes=["monitoring", "strategic"])
    assert (line.unused_fields, line.unused_purposes) == (("event_from_local",), ("strategic",))
    assert line.told == ("Nobody asked for event_from_local.", "Nobody used it for strategic.")


def test_a_schedule_that_nobody_read_says_only_that():
    assert _used().told == ("Nobody read it.",)


def test_a_reader_who_reads_far_more_than_others_is_named_to_the_owner():
    many = [READ] * MANY_READS
    others = [replace(READ, person=name) for name in ("B. Other", "C. Third")] * (MANY_READS // 4)
    assert _used(*many, *others).heavy == ("A. Analyst",)
    assert _used(*many, *others * 3).heavy == ()
    assert _used(*many).heavy == ()
    assert _used(*many[1:], *others).heavy == ()


def test_refusals_of_its_own_recipients_are_told_and_those_of_strangers_are_not():
    refused = replace(READ, answer="refused: no such field", agreement="")
    line = _used(refused, replace(refused, agency="strangers", person="N. Obody"))
    assert line.refused == 1
    assert "Refused to its recipients: 1 request." in line.told
