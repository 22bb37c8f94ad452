"""The record of processing and the report on use: what the register says, and what the log says was made of it."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from sharing.county import AT, FROM_ONE, STATED, agreement, handling, schedule, terms_as_sent
from upstander.contracts.catalogue import ALL
from upstander.sharing import (
    Act,
    ActKind,
    Agreement,
    AuditEvent,
    GatewayName,
    Processing,
    record_of_processing,
    usage,
)  # fmt: skip
from upstander.sharing.audit import AuditEntry
from upstander.sharing.gateways import GATEWAYS
from upstander.sharing.processing import MEASURES, in_rows, standing
from upstander.sharing.protection import in_words
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


def test_a_line_of_the_record_answers_every_question_that_the_law_asks():
    told = schedule(
        fields=["age_band", "ethnic_group", "offence_code"], data_protection=STATED, suppliers=["rms", "cad"],
        recipients={"agencies": ["vrn", "hospital"], "persons": ["B. Bailey"]}, gateway="police_common_law",
        approval="letter of 1 May", handling=handling(retention_days=1096),
    )  # fmt: skip
    gateway = GATEWAYS[GatewayName.POLICE_COMMON_LAW]
    assert _line(told) == Processing(
        agreement="pact, version 1", schedule="evidence", standing="in force",
        dataset=ALL["police_incidents"].title, controller="Fenmoor Police", other_controllers="Fenmoor Hospitals",
        suppliers="rms, cad", purposes="strategic, monitoring, operational",
        people=f"a row is {ALL['police_incidents'].one_row_is}", personal_fields="age_band, ethnic_group",
        other_fields="offence_code", special="ethnic origin, alleged offences",
        recipients="Fenmoor Network, Fenmoor Hospitals, B. Bailey",
        gateway=f"{gateway.title}, approval letter of 1 May",
        to_verify=f"{gateway.to_verify}?", flow=in_words(agreement(told).terms.schedules[0].data_protection),
        retention="1,096 days after it was received, then destroyed",
        counts="1 to 7 hidden, others to the nearest 5; no area smaller than lsoa", classification="OFFICIAL-SENSITIVE",
        transfers="None: the system runs in the partnership's own network and sends nothing out of it.",
        runs="1 April 2026 to 31 March 2027",
    )  # fmt: skip


def test_what_is_published_is_on_record_as_being_for_everyone_from_every_supplier():
    rule = {**FROM_ONE, "open_data": True}
    openly = {"gateway": "open_data", "recipients": {"everyone": True}, "suppliers": ["*"]}
    line = _line(schedule(**openly, handling=handling(shareable=rule, operational=rule)))
    assert (line.recipients, line.suppliers, line.counts) == (
        "everyone: it is published", "every supplier", "as published, since they are open data",
    )  # fmt: skip
    assert (line.to_verify, line.flow, line.personal_fields) == ("", "", "")


def test_counts_that_are_neither_withheld_nor_rounded_are_on_record_as_such():
    assert (
        _line(schedule(handling=handling(shareable=FROM_ONE))).counts
        == "none hidden, none rounded; no area smaller than lsoa"
    )
    some = {"suppress_up_to": 0, "round_to": 2}
    assert (
        _line(schedule(handling=handling(shareable=some))).counts
        == "none hidden, others to the nearest 2; no area smaller than lsoa"
    )
    other = {"suppress_up_to": 1, "round_to": 1}
    assert (
        _line(schedule(handling=handling(shareable=other))).counts
        == "1 to 1 hidden, none rounded; no area smaller than lsoa"
    )


def test_a_dataset_that_no_contract_describes_is_on_record_by_its_name():
    line = _line(schedule(dataset="crystal_ball", fields=["age_band"], data_protection=STATED))
    assert (line.dataset, line.people) == ("crystal_ball", "")


def test_the_provider_alone_decides_where_nobody_else_is_a_controller():
    parties = terms_as_sent()["parties"][::2]
    signs = terms_as_sent()["signatories"][:1]
    (line,) = record_of_processing([agreement(parties=parties, signatories=signs)], AT)
    assert (line.controller, line.other_controllers) == ("Fenmoor Police", "")


def test_the_record_is_in_the_order_of_datasets_agreements_and_schedules():
    one = agreement(schedule(id="b"), schedule(id="a"), schedule(id="z", dataset="missing_episodes"), name="zone")
    unreadable = Agreement("pact", 1, None, None, fault="It is no TOML.")
    lines = record_of_processing([one, unreadable, agreement(schedule(id="y"))], AT)
    told = [(line.dataset, line.agreement, line.schedule) for line in lines]
    title, other = ALL["police_incidents"].title, ALL["missing_episodes"].title
    assert told == sorted([
        (other, "zone, version 1", "z"), (title, "pact, version 1", "y"), (title, "zone, version 1", "a"),
        (title, "zone, version 1", "b"),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("made", "at", "said"),
    [
        (agreement(fault="It was altered."), AT, "grants nothing: It was altered."),
        (agreement(decided=[("suspended", "", AT)]), AT, "suspended since 1 November 2026"),
        (agreement(ended=AT), AT, "ended on 1 November 2026"),
        (agreement(ended=AT), AT - timedelta(seconds=1), "in force"),
        (agreement(ended=datetime(2026, 7, 1, 23, 0, 1, tzinfo=UTC)), AT, "ended on 2 July 2026"),
        (agreement(), datetime(2027, 3, 31, 23, tzinfo=UTC), "ended on 31 March 2027"),
        (agreement(), datetime(2027, 3, 31, 22, 59, 59, tzinfo=UTC), "in force"),
        (agreement(), datetime(2026, 3, 31, 22, 59, 59, tzinfo=UTC), "begins on 1 April 2026"),
        (agreement(), datetime(2026, 3, 31, 23, tzinfo=UTC), "in force"),
        (
            agreement(signed_at=datetime(2026, 5, 9, tzinfo=UTC)),
            datetime(2026, 5, 8, tzinfo=UTC),
            "begins on 9 May 2026",
        ),
    ],
)
def test_standing_changes_at_the_second_and_names_the_day(made, at, said):
    assert standing(made, made.schedules[0], at) == said


def test_the_measures_on_record_are_those_that_the_system_takes():
    said = " ".join(MEASURES)
    for words in ("lie encrypted", "hashed with a key, banded or dropped", "one gate", "withheld and rounded"):
        assert words in said


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


def test_a_long_list_of_fields_that_nobody_asked_for_is_told_by_its_number():
    few, many = (
        ["event_from_local", "area_code", "role", "x_m"],
        ["event_from_local", "area_code", "role", "x_m", "y_m"],
    )
    assert _used(READ, fields=["offence_code", *few]).told[0] == f"Nobody asked for {', '.join(few)}."
    assert _used(READ, fields=["offence_code", *many]).told[0] == "Nobody asked for 5 of its fields."


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


def test_a_person_stands_out_from_twenty_reads_and_three_times_the_others_on():
    def heavy(reads, *others):
        more = [replace(READ, person=f"other {n}") for n, count in enumerate(others) for _ in range(count)]
        return _used(*[READ] * reads, *more).heavy

    assert heavy(20, 1) == ("A. Analyst",)
    assert heavy(19, 1) == ()
    assert heavy(30, 10, 10) == ("A. Analyst",)
    assert heavy(29, 10, 10) == ()


def test_what_an_owner_is_told_names_people_fields_purposes_and_refusals():
    refused = replace(READ, answer="refused: no such field", agreement="")
    line = _used(
        *[READ] * 20, replace(READ, person="B. Other"), refused, refused,
        fields=["event_from_local", "offence_code", "area_code"], purposes=["monitoring", "strategic", "operational"],
    )  # fmt: skip
    assert line.told == (
        "A. Analyst read it far more often than others.",
        "Nobody asked for event_from_local, area_code.",
        "Nobody used it for strategic, operational.",
        "Refused to its recipients: 2 requests.",
    )
    assert _used(READ, fields=["offence_code"], purposes=["monitoring"]).told == ()
    assert _used(refused).told == ("Nobody read it.", "Refused to its recipients: 1 request.")


def test_a_read_under_several_agreements_of_several_suppliers_and_all_fields_counts():
    read = replace(READ, agreement="other, pact", suppliers=("rms", "cad"), fields=("offence_code", "event_from_local"))
    assert _used(read).reads == 1
    assert _used(replace(read, agreement="other pact")).reads == 0


def test_a_refusal_counts_for_a_named_person_and_for_its_own_dataset_only():
    refused = replace(READ, answer="refused: no such field", agreement="", agency="elsewhere")
    assert _used(refused, recipients={"persons": ["A. Analyst"]}).refused == 1
    assert _used(refused).refused == 0
    assert _used(replace(refused, agency="vrn", dataset="ed_assaults")).refused == 0
    assert _used(replace(READ, answer="allowed")).refused == 0


def test_the_report_is_in_the_order_of_providers_datasets_agreements_and_schedules():
    hospital = schedule(id="h", provider="hospital", dataset="ed_assaults", gateway="istv_anonymised",
                        fields=["event_from_local"])  # fmt: skip
    one = agreement(schedule(id="b"), schedule(id="a"), hospital, schedule(id="a1", dataset="missing_episodes"),
                    name="zone")  # fmt: skip
    lines = usage([one, agreement(schedule(id="y"))], [], AT)
    assert [(line.provider, line.dataset, line.agreement, line.schedule) for line in lines] == [
        ("hospital", "ed_assaults", "zone", "h"), ("police", "missing_episodes", "zone", "a1"),
        ("police", "police_incidents", "pact", "y"), ("police", "police_incidents", "zone", "a"),
        ("police", "police_incidents", "zone", "b"),
    ]  # fmt: skip
    assert {line.standing for line in lines} == {"in force"}


def test_a_schedule_that_nobody_read_has_no_last_read():
    line = _used()
    assert (line.reads, line.last, line.readers, line.unused_purposes) == (
        0, None, (), ("strategic", "monitoring", "operational"),
    )  # fmt: skip


def test_the_rows_of_an_entry_say_what_it_says_under_its_heading_and_leave_out_what_it_does_not():
    line = _line(schedule(fields=["offence_code"], data_protection=STATED))
    rows = dict(in_rows(line))
    assert line.personal_fields == ""
    assert "Fields about a person" not in rows
    assert rows["Other fields"] == "offence_code"
    assert rows["Comes from"] == line.suppliers
    assert rows["Kept for"] == line.retention
    assert "" not in rows.values()


def test_an_entry_is_told_in_rows_with_its_headings_and_without_what_it_does_not_say():
    line = Processing(**{one.name: one.name for one in fields(Processing)})
    assert list(in_rows(replace(line, special=""))) == [
        ("Controller", "controller"),
        ("Other controllers", "other_controllers"),
        ("Purposes", "purposes"),
        ("Data subjects", "people"),
        ("Fields about a person", "personal_fields"),
        ("Other fields", "other_fields"),
        ("Recipients", "recipients"),
        ("Comes from", "suppliers"),
        ("Law that lets it be shared", "gateway"),
        ("For a lawyer to answer", "to_verify"),
        ("Data protection law", "flow"),
        ("Kept for", "retention"),
        ("Small numbers", "counts"),
        ("Classification", "classification"),
        ("Transfers abroad", "transfers"),
        ("Runs", "runs"),
    ]
    assert ("Special categories, offences", "special") in list(in_rows(line))
