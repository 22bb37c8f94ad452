"""A draft proposes what the matrix and the law let through, and cannot be signed until people have decided."""

import tomllib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import tomli_w

from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import ALL, all_warehouse_columns
from upstander.sharing import (
    GATEWAYS,
    BadAgreement,
    FeedDraft,
    GatewayName,
    PartyKind,
    dated,
    draft,
    drafted_schedules,
    read_terms,
    sender_kind,
)
from upstander.sharing.gateways import PERSONAL_FIELDS, why_not


def _feed(dataset: str) -> FeedDraft:
    return FeedDraft(ALL[dataset], "map", "sender", sender_kind(ALL[dataset]))


@pytest.mark.parametrize("dataset", sorted(ALL))
def test_every_dataset_can_be_drafted_within_its_ticks_and_its_law(dataset: str) -> None:
    feed = _feed(dataset)
    schedules = drafted_schedules(feed, ["vrn"])
    for one in schedules:
        assert set(one["purposes"]) <= {*(purpose.value for purpose in ALL[dataset].purposes), "stewardship"}
        assert not why_not(
            GatewayName(one["gateway"]), dataset=dataset, fields=one["fields"], provider=feed.kind, approval="A/1"
        )
        assert {"person_token", "row_id"}.isdisjoint(one["fields"])
        if one["purposes"] == ["operational"]:
            assert PERSONAL_FIELDS.isdisjoint(one["fields"])


@pytest.mark.parametrize("dataset", sorted(ALL))
def test_settled_as_fiction_every_draft_is_an_agreement(dataset: str) -> None:
    schedules = drafted_schedules(_feed(dataset), ["vrn"], gateway=GatewayName.FICTIONAL)
    parties = [
        {"agency": "sender", "name": "Sender", "kind": sender_kind(ALL[dataset]).value, "controller": True},
        {"agency": "vrn", "name": "Network", "kind": "network", "controller": False},
    ]
    whole = {
        "name": "pact", "version": 1, "title": "A pact", "parties": parties,
        "signatories": [{"person": "A. Chief", "agency": "sender", "role": "Chief"}],
        "schedules": dated(schedules, start=date(2026, 1, 1), end=date(2027, 1, 1)),
    }  # fmt: skip
    assert read_terms(tomli_w.dumps(whole).encode()).schedules


def test_a_draft_lists_what_people_decide_and_cannot_be_signed_as_it_is() -> None:
    text = draft("A pact", "pact", [_feed("missing_episodes"), _feed("ed_assaults")], ["vrn"])
    assert tomllib.loads(text)["name"] == "pact"
    for words in ("cannot be signed", "[[signatories]]", "start and end", "data_protection", "a lawyer:"):
        assert words in text
    with pytest.raises(BadAgreement, match="The feed cannot be switched on"):
        read_terms(text.encode())


HANDLED = {
    "classification": "OFFICIAL-SENSITIVE", "retention_days": 2192, "geography_floor": "lsoa21", "age_band_width": 5,
    "postcode_level": "sector", "shareable": {"suppress_up_to": 7, "round_to": 5},
}  # fmt: skip


def _drafted(dataset: str, *recipients: str, **changed: Any) -> dict[str, dict[str, Any]]:
    feed = replace(_feed(dataset), supplier="big_map", **changed)
    return {one["id"]: one for one in drafted_schedules(feed, recipients or ["vrn"])}


def test_a_police_feed_is_drafted_as_evidence_an_operational_picture_and_stewardship() -> None:
    drafted = _drafted("missing_episodes", "vrn", "hospital")
    shared = {
        "dataset": "missing_episodes", "provider": "sender", "suppliers": ["big_map"],
        "gateway": "children_2004_s10_s11", "recipients": {"agencies": ["vrn", "hospital"]},
    }  # fmt: skip
    evidence, operational, stewardship = drafted.values()
    every, nobody = evidence["fields"], operational["fields"]
    assert [*drafted] == ["big-map-evidence", "big-map-operational", "big-map-stewardship"]
    assert evidence == {
        "id": "big-map-evidence", **shared, "fields": every, "purposes": ["strategic", "monitoring"],
        "handling": HANDLED,
    }  # fmt: skip
    assert operational == {
        "id": "big-map-operational", **shared, "fields": nobody, "purposes": ["operational"],
        "handling": {**HANDLED, "operational": {"suppress_up_to": 0, "round_to": 1}},
    }  # fmt: skip
    assert stewardship == {**evidence, "id": "big-map-stewardship", "purposes": ["stewardship"]}
    columns = [column.name for column in all_warehouse_columns(ALL["missing_episodes"])]
    assert every == [name for name in columns if name not in ("person_token", "incident_token", "row_id")]
    assert nobody == [name for name in every if name not in PERSONAL_FIELDS] != every


def test_what_a_publisher_sends_is_drafted_as_open_data_for_everyone() -> None:
    evidence, stewardship = _drafted("school_exclusions_national").values()
    openly = {"suppress_up_to": 0, "round_to": 1, "open_data": True}
    assert (evidence["gateway"], evidence["recipients"], evidence["purposes"]) == (
        "open_data", {"everyone": True}, ["strategic", "monitoring"],
    )  # fmt: skip
    assert evidence["handling"] == {
        **HANDLED, "classification": "OFFICIAL", "retention_days": 3653, "shareable": openly,
    }  # fmt: skip
    assert stewardship["recipients"] == {"everyone": True}


def test_open_data_that_serves_the_operational_purpose_is_shown_as_published_there_too() -> None:
    contract = ALL["school_exclusions_national"]
    ticked = replace(contract, purposes={**contract.purposes, Purpose.OPERATIONAL: "a test"}, retention_days=0)
    operational = _drafted("school_exclusions_national", contract=ticked)["big-map-operational"]
    assert operational["handling"]["operational"] == {"suppress_up_to": 0, "round_to": 1, "open_data": True}
    assert operational["handling"]["retention_days"] == 1096


def test_a_dataset_that_serves_stewardship_only_has_no_evidence_schedule() -> None:
    contract = replace(ALL["neet"], purposes={})
    assert [*_drafted("neet", contract=contract)] == ["big-map-stewardship"]


@pytest.mark.parametrize(
    ("dataset", "kind", "laws"),
    [
        ("police_incidents", "police", "offender_management_2007_s14"),
        ("hospital_episodes", "health", "nhs_2006_s251"),
        ("ed_assaults", "health", "nhs_2006_s251 istv_anonymised"),
        ("ambulance_callouts", "health", "nhs_2006_s251 pcsc_2022_s16"),
        ("substance_misuse_treatment", "health", "nhs_2006_s251"),
        ("missing_episodes", "police", "children_2004_s10_s11"),
        ("neet", "local_authority", "education_1996_s537a"),
        ("fire_incidents", "fire", "pcsc_2022_s16"),
        ("probation_supervision", "probation", "offender_management_2007_s14"),
        ("youth_justice_children", "youth_justice", "children_2004_s10_s11"),
        ("police_recorded_crime", "publisher", "open_data"),
    ],
)
def test_each_feed_rests_on_the_narrowest_law_that_can_carry_it(dataset: str, kind: str, laws: str) -> None:
    assert sender_kind(ALL[dataset]).value == kind
    assert list(dict.fromkeys(one["gateway"] for one in _drafted(dataset).values())) == laws.split()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("HM Prison Service", "prison"), ("Prison and Probation", "probation"), ("The Fire and Rescue Service", "fire"),
        ("Ambulance service", "health"), ("NHS trusts", "health"), ("Treatment services", "health"),
        ("Commissioned services", "health"), ("Local authorities", "local_authority"),
        ("The Authority", "local_authority"), ("Youth justice, with the police", "youth_justice"),
        ("The police and the NHS", "police"), ("Home Office", "publisher"),
    ],
)  # fmt: skip
def test_a_sender_is_known_by_the_words_of_its_contract(said: str, kind: str) -> None:
    assert sender_kind(replace(ALL["neet"], sent_by=said)).value == kind


def test_what_social_care_holds_of_people_rests_on_the_crime_and_disorder_act_where_no_narrower_law_fits() -> None:
    drafted = _drafted("probation_supervision", kind=PartyKind.SOCIAL_CARE)["big-map-evidence"]
    assert drafted["gateway"] == "cda_1998_s115"
    assert not PERSONAL_FIELDS.isdisjoint(drafted["fields"])


def test_where_no_law_carries_people_they_are_left_out() -> None:
    drafted = _drafted("ed_assaults", kind=PartyKind.FIRE)["big-map-evidence"]
    assert PERSONAL_FIELDS.isdisjoint(drafted["fields"])
    assert drafted["gateway"] == "istv_anonymised"


def test_what_people_have_to_say_is_listed_in_full_above_the_draft() -> None:
    text = draft("A pact", "pact", [_feed("hospital_episodes"), _feed("missing_episodes")], ["vrn", "sender"])
    children, health = (GATEWAYS[GatewayName(name)] for name in ("children_2004_s10_s11", "nhs_2006_s251"))
    assert text.startswith(
        "# This is a draft. It cannot be signed until people have decided, and filled in:\n"
        "#   for each party: name, the agency's full name\n"
        "#   [[signatories]]: person, agency and role of whoever signs, one at least for each controller\n"
        "#   for each schedule: start and end, as days; retention_days, if it is less than proposed\n"
        f"#   a lawyer: {children.title}: {children.to_verify}?\n"
        f"#   a lawyer: {health.title}: {health.to_verify}?\n"
        "#   approval, the number of the approval that the gateway needs\n"
        "#   data_protection: the flow between Parts of the Act and the bases of both, where it crosses\n"
        "\nname = "
    )
    drafted = tomllib.loads(text)
    assert (drafted["name"], drafted["version"], drafted["title"]) == ("pact", 1, "A pact")
    assert drafted["parties"] == [
        {"agency": "sender", "kind": "police", "controller": True},
        {"agency": "vrn", "kind": "network", "controller": False},
    ]
    assert [one["id"] for one in drafted["schedules"]] == [
        "map-evidence", "map-stewardship", "map-evidence", "map-operational", "map-stewardship",
    ]  # fmt: skip


def test_people_are_asked_only_what_the_draft_leaves_open() -> None:
    text = draft("A pact", "pact", [_feed("school_exclusions_national")], ["vrn"])
    for words in ("a lawyer", "approval", "data_protection"):
        assert words not in text.split("\n\n")[0]


def test_a_schedule_is_dated_from_a_day_up_to_another() -> None:
    assert dated([{"id": "a"}], start=date(2026, 1, 1), end=date(2027, 1, 1)) == [
        {"id": "a", "start": date(2026, 1, 1), "end": date(2027, 1, 1)}
    ]
