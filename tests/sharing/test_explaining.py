"""An agreement in plain words: every term that binds is told, and nothing that was not agreed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sharing.county import AT, FROM_ONE, agreement, handling, schedule
from upstander.sharing import GATEWAYS, Act, ActKind, Agreement, GatewayName, PartyKind, explain
from upstander.sharing.protection import Protection, in_words
from upstander.sharing.words import day_in_words

POLICE, ISTV, OPEN = (GATEWAYS[GatewayName(name)] for name in ("police_common_law", "istv_anonymised", "open_data"))
DAY = timedelta(days=1)
OPENLY = {**FROM_ONE, "open_data": True}
ROWS = [{"column": "offence_code", "codes": ["8N", "5D"]}, {"column": "role", "codes": ["victim"]}]
FORCE = schedule(
    fields=["ethnic_group", "offence_code"], gateway="police_common_law", approval="letter of 1 May", rows=ROWS,
    recipients={"agencies": ["vrn", "hospital"], "persons": ["B. Bailey"]}, suppliers=["rms", "cad"],
)  # fmt: skip
RULES = handling(classification="OFFICIAL", retention_days=1000, shareable={"suppress_up_to": 0, "round_to": 5})
HOSPITAL = schedule(
    id="hospital", provider="hospital", dataset="ed_assaults", suppliers=["*"], purposes=["monitoring"],
    fields=["event_from_local"], gateway="istv_anonymised",
    handling={name: value for name, value in RULES.items() if name != "operational"},
)  # fmt: skip

WHOLE = f"""\
The pact (pact, version 1)
Signed by M. Ashdown on 1 March 2026. Suspended by M. Ashdown on 1 November 2026: the pilot is over. Resumed by \
M. Ashdown on 2 November 2026: the pilot is over. Schedule evidence was withdrawn by M. Ashdown on 3 November 2026: \
the pilot is over.
Between Fenmoor Police, Fenmoor Hospitals and Fenmoor Network.

evidence: Fenmoor Police shares police_incidents for strategic, monitoring and operational purposes.
  Who may read: Fenmoor Network, Fenmoor Hospitals and B. Bailey.
  From: rms and cad.
  Fields: ethnic_group, offence_code.
  Law: {POLICE.title}. {POLICE.limits}
  Approval: letter of 1 May.
  To verify by a lawyer: {POLICE.to_verify}?
  Data protection: It goes from a competent authority, under Part 3, to agencies under Part 2. Article 6: public task; \
Article 9: substantial public interest; Article 10: official authority; section 35: necessary for task; Schedule 8: \
statutory purpose. The new purpose has to be authorised by law (section 36(4)).
  Counts, shareable edition: 1 to 7 hidden, others to the nearest 5; no area smaller than lsoa.
  Counts, operational edition: none hidden, none rounded; no area smaller than lsoa.
  OFFICIAL-SENSITIVE; kept 365 days.
  Detail: no age band under 5 years, postcodes by sector.
  Runs from 1 April 2026 to the end of 31 March 2027.
  Only rows whose offence_code is 8N or 5D.
  Only rows whose role is victim.

hospital: Fenmoor Hospitals shares ed_assaults for monitoring purposes.
  Who may read: Fenmoor Network.
  From: every supplier.
  Fields: event_from_local.
  Law: {ISTV.title}. {ISTV.limits}
  Counts, shareable edition: 1 to 7 hidden, others to the nearest 5; no area smaller than lsoa; a hidden \
count can still be any of 7 numbers, whatever else is known; no rate, mean or percentage of fewer than 8.
  OFFICIAL; kept 1000 days.
  Detail: no age band under 5 years, postcodes by sector.
  Runs from 1 April 2026 to the end of 31 March 2027.
"""


def test_every_term_that_binds_is_told_in_order_and_nothing_else():
    decided = [("suspended", "", AT), ("resumed", "", AT + DAY), ("withdrawn", "evidence", AT + 2 * DAY)]
    assert explain(agreement(FORCE, HOSPITAL, decided=decided)) == WHOLE


def test_what_is_published_already_is_told_as_being_for_everyone():
    openly = schedule(
        gateway="open_data", recipients={"everyone": True}, handling=handling(shareable=OPENLY, operational=OPENLY)
    )
    said = explain(agreement(openly))
    assert "\n  Who may read: everyone.\n" in said
    assert "\n  Counts, shareable edition: as published, since they are open data.\n" in said


def test_counts_are_told_as_rounded_from_the_nearest_two_on():
    rules = {round_to: {"suppress_up_to": 1, "round_to": round_to} for round_to in (1, 2)}
    told = {round_to: explain(agreement(schedule(handling=handling(shareable=rules[round_to])))) for round_to in rules}
    assert "shareable edition: 1 to 1 hidden, none rounded; " in told[1]
    assert "shareable edition: 1 to 1 hidden, others to the nearest 2; " in told[2]


def test_what_the_board_decided_beyond_the_matrix_is_told_with_day_and_minute():
    decision = {
        "purpose": "monitoring", "decided_by": "the board", "decided_on": date(2026, 9, 1), "minute": "minute 7",
    }  # fmt: skip
    said = explain(agreement(schedule(beyond_matrix=decision)))
    assert "\n  The matrix does not tick monitoring: the board decided on it on 1 September 2026 (minute 7).\n" in said


def test_what_a_party_withdraws_is_told_by_the_partys_name():
    made = agreement()
    act = Act("pact", 1, "", 1, ActKind.WITHDRAWN, "B. Boss", AT, "a breach of rule XX.", agency="police")
    assert "What police shares was withdrawn by B. Boss on 1 November 2026: a breach of rule XX.\n" in explain(
        Agreement(made.name, made.version, made.terms, made.signature, (act,))
    )


def test_days_are_told_as_the_agreement_counts_them_and_not_by_universal_time():
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight of 1 July in British summer
    said = explain(agreement(signed_at=late, ended=late))
    assert "Signed by M. Ashdown on 1 July 2026. Ended by M. Ashdown on 1 July 2026:" in said


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (agreement(is_signed=False), "The pact (pact, version 1)\nIt is not signed, so it grants nothing.\nBetween"),
        (agreement(fault="It was altered."), "The pact (pact, version 1)\nIt was altered.\nBetween"),
        (agreement(is_signed=False, fault="It is a draft."), "The pact (pact, version 1)\nIt is a draft.\nBetween"),
        (Agreement("pact", 1, None, None, fault="It is no TOML."), "pact: It is no TOML.\n"),
    ],
)
def test_what_grants_nothing_is_told_before_anything_it_says(made, said):
    assert explain(made).startswith(said)


def test_each_flow_is_told_with_the_parts_of_the_act_that_it_joins():
    told = {flow: in_words(Protection(flow=flow, article_6=("public_task",))) for flow in (
        "within_part2", "within_part3", "part2_to_part3", "part3_to_part2",
    )}  # fmt: skip
    assert told == {
        "within_part2": "It goes from and to agencies under Part 2. Article 6: public task.",
        "within_part3": "It goes from and to competent authorities, under Part 3. Article 6: public task.",
        "part2_to_part3":
            "It goes from an agency under Part 2 to competent authorities, under Part 3. Article 6: public task.",
        "part3_to_part2":
            "It goes from a competent authority, under Part 3, to agencies under Part 2. Article 6: public task. "
            "The new purpose has to be authorised by law (section 36(4)).",
    }  # fmt: skip


def test_several_bases_of_one_kind_are_all_told():
    stated = Protection(flow="within_part2", article_6=("consent", "legal_obligation"))
    assert "Article 6: consent, legal obligation." in in_words(stated)


def test_a_day_is_written_as_people_write_it():
    assert day_in_words(date(2026, 7, 4)) == "4 July 2026"


def test_every_kind_of_agency_is_one_that_an_agreement_can_name():
    assert {kind.value for kind in PartyKind} == {
        "police", "health", "social_care", "local_authority", "fire", "probation", "youth_justice", "prison",
        "education", "network", "publisher",
    }  # fmt: skip
