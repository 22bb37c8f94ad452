"""What an agreement may say: lawful gateways, named fields, and one spelling."""

from datetime import UTC, date, datetime

import pytest
import tomli_w

from sharing.county import FROM_ONE, agreement, handling, schedule, terms_as_sent
from upstander.contracts import ALL, all_warehouse_columns
from upstander.errors import WrongUsage
from upstander.sharing import (
    GATEWAYS,
    BadAgreement,
    GatewayName,
    canonical_terms,
    explain,
    read_terms,
    schedules_in_force,
    shipped,
    shipped_names,
    strictest_handling,
)  # fmt: skip
from upstander.sharing.gateways import PERSONAL_FIELDS

from .county import AT


def _read(*schedules, **changed):
    return read_terms(tomli_w.dumps(terms_as_sent(*schedules, **changed)).encode())


def _refused(*schedules, **changed):
    with pytest.raises(BadAgreement) as caught:
        _read(*schedules, **changed)
    return str(caught.value)


def _health(**changed):
    known = {"dataset": "ed_assaults", "provider": "hospital", "suppliers": ["istv"]}
    return schedule(**known | changed)


def test_terms_have_one_spelling():
    terms = _read(version=2)
    assert read_terms(canonical_terms(terms)) == terms
    assert canonical_terms(read_terms(canonical_terms(terms))) == canonical_terms(terms)


@pytest.mark.parametrize("field", sorted(PERSONAL_FIELDS))
def test_section_16_carries_nothing_about_a_person_from_a_health_authority(field):
    said = _refused(_health(fields=["event_from_local", field]))
    assert "section 16" in said
    assert f"personal information from a health authority ({field})" in said


def test_section_16_carries_counts_of_places_and_times_from_a_health_authority():
    assert _read(_health(fields=["event_from_local", "area_code"])).schedules


def test_section_16_carries_people_from_the_police_but_not_their_injuries():
    assert _read(schedule(fields=["person_token", "age_band"])).schedules
    assert "patient information" in _refused(schedule(fields=["person_token", "injury_severity"]))


@pytest.mark.parametrize("gateway", ["pcsc_2022_s16", "cda_1998_s115"])
def test_patient_information_is_refused_whoever_holds_it(gateway):
    said = _refused(schedule(dataset="ed_assaults", fields=["age_band"], gateway=gateway))
    assert "patient information" in said


def test_anonymised_istv_carries_the_assault_and_not_the_person():
    assert _read(_health(gateway="istv_anonymised")).schedules
    assert "about a person (sex)" in _refused(_health(gateway="istv_anonymised", fields=["sex"]))
    assert "ed_assaults only" in _refused(schedule(gateway="istv_anonymised"))


def test_open_data_and_its_rule_belong_together():
    rule = {**FROM_ONE, "open_data": True}
    openly = handling(shareable=rule, operational=rule)
    assert _read(schedule(gateway="open_data", handling=openly)).schedules
    assert "open_data" in _refused(schedule(gateway="open_data"))
    assert "open_data" in _refused(schedule(handling=openly))
    assert "about a person" in _refused(schedule(gateway="open_data", handling=openly, fields=["sex"]))


def test_a_fictional_gateway_never_stands_beside_a_real_one():
    made_up = schedule(gateway="fictional", fields=["person_token", "injury_severity"])
    assert _read(made_up).schedules
    assert "fictional throughout" in _refused(made_up, schedule(id="real"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fields": ["*"]}, "named one by one"),
        ({"fields": []}, "fields"),
        ({"end": schedule()["start"]}, "not after its start"),
        ({"recipients": {}}, "names no recipient"),
        ({"recipients": {"everyone": True}}, "only open data"),
        ({"recipients": {"agencies": ["press"]}}, "press is named but is not a party"),
        ({"suppliers": ["*", "rms"]}, "choose one"),
        ({"purposes": ["curiosity"]}, "purposes"),
        ({"gateway": "common_sense"}, "gateway"),
        ({"provider": "vrn"}, "not a controller"),
        ({"provider": "press"}, "not a controller"),
        ({"surprise": 1}, "surprise"),
        ({"handling": {**handling(), "operational": {"suppress_up_to": 0, "round_to": 0}}}, "round_to"),
        ({"handling": {**handling(), "retention_days": 0}}, "retention_days"),
    ],
)
def test_a_schedule_that_cannot_stand_is_refused_with_the_reason(changed, said):
    assert said in _refused(schedule(**changed))


def test_an_operational_schedule_states_its_rule():
    without = {name: value for name, value in handling().items() if name != "operational"}
    assert "no operational rule" in _refused(schedule(handling=without))
    assert _read(schedule(handling=without, purposes=["strategic"])).schedules


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"signatories": [{"person": "M.", "agency": "police", "role": "Chief"}]}, "nobody signs for hospital"),
        ({"zone": "Europe/Fenmoor"}, "not a time zone"),
        ({"version": 0}, "version"),
        ({"name": "Pact 1"}, "name"),
    ],
)
def test_terms_that_cannot_stand_are_refused_with_the_reason(changed, said):
    assert said in _refused(**changed)


def test_two_schedules_of_one_name_are_refused():
    assert "schedule evidence is there twice" in _refused(schedule(), schedule())


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe", b"<html>"])
def test_a_file_that_is_no_toml_is_refused_in_words(content):
    with pytest.raises(BadAgreement, match="not a TOML file"):
        read_terms(content)


def test_the_agreements_that_come_with_the_program_are_asked_for_by_name():
    assert shipped_names() == ("fictional_county", "open_police_data", "open_statistics")
    with pytest.raises(WrongUsage) as refused:
        shipped("open_secrets")
    assert refused.value.facts() == {
        "message": "No agreement 'open_secrets' is shipped.", "found": "open_secrets",
        "expected": "fictional_county, open_police_data, open_statistics",
    }  # fmt: skip


def test_shipped_agreements_are_listed_by_name_however_they_lie_in_their_folder(tmp_path, monkeypatch):
    for name in ("a.toml", "b.toml", "c.txt", "d.toml", "e.toml", "f.toml", "g.toml", "h.toml"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr("upstander.sharing.shipping._FOLDER", tmp_path)
    assert shipped_names() == ("a", "b", "d", "e", "f", "g", "h")


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_agreement_can_be_signed(name):
    assert read_terms(shipped(name)).schedules


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_field_is_one_that_the_dataset_has(name):
    for part in read_terms(shipped(name)).schedules:
        assert set(part.fields) <= {column.name for column in all_warehouse_columns(ALL[part.dataset])}


def test_the_fictional_agreement_carries_the_papers_matrix():
    terms = read_terms(shipped("fictional_county"))
    shared = {part.dataset for part in terms.schedules}
    assert {"police_incidents", "ambulance_callouts", "ed_assaults"} <= shared
    for dataset in shared:
        served = {purpose for part in terms.schedules if part.dataset == dataset for purpose in part.purposes}
        assert served >= set(ALL[dataset].purposes)


def test_the_operational_schedules_share_nothing_about_a_person():
    terms = read_terms(shipped("fictional_county"))
    operational = [part for part in terms.schedules if "operational" in part.purposes]
    assert len(operational) == 3
    assert not [part.id for part in operational if PERSONAL_FIELDS & set(part.fields)]
    assert {part.gateway for part in terms.schedules} == {GatewayName.FICTIONAL}


def test_a_decision_on_a_purpose_that_is_not_served_is_refused():
    decision = {
        "purpose": "monitoring", "decided_by": "the board", "decided_on": date(2026, 9, 1), "minute": "minute 7",
    }  # fmt: skip
    said = _refused(schedule(purposes=["strategic"], beyond_matrix=decision))
    assert "schedule evidence holds a decision on a purpose that it does not serve" in said
    assert _read(schedule(purposes=["strategic", "monitoring"], beyond_matrix=decision)).schedules


def test_an_agreement_is_explained_in_plain_words():
    said = explain(agreement(schedule(rows=[{"column": "offence_code", "codes": ["8N", "5D"]}])))
    assert "Fenmoor Police shares police_incidents for strategic, monitoring and operational purposes." in said
    assert "Counts, shareable edition: 1 to 7 hidden, others to the nearest 5; no area smaller than lsoa." in said
    assert "Counts, operational edition: none hidden, none rounded; no area smaller than lsoa." in said
    assert "Runs from 1 April 2026 to the end of 31 March 2027." in said
    assert "Only rows whose offence_code is 8N or 5D." in said
    assert "does not authorise patient information" in said


def test_an_explanation_says_when_an_agreement_ended_or_grants_nothing():
    assert "Ended by M. Ashdown on 1 November 2026: the pilot is over" in explain(agreement(ended=AT))
    assert "not signed" in explain(agreement(is_signed=False))
    assert "was altered" in explain(agreement(fault="It was altered."))


def test_a_feed_rests_on_a_schedule_in_force():
    def found(made, **changed):
        asked = {"dataset": "police_incidents", "supplier": "rms", "at": AT} | changed
        return [part.id for _, part in schedules_in_force([made], **asked)]

    assert found(agreement()) == ["evidence"]
    assert found(agreement(), supplier="police_uk") == []
    assert found(agreement(), dataset="ed_assaults") == []
    assert found(agreement(ended=AT)) == []
    assert found(agreement(is_signed=False)) == []
    assert found(agreement(fault="altered")) == []


def test_a_feed_is_handled_as_its_strictest_schedule_says():
    parts = _read(
        schedule(), schedule(id="b", handling=handling(postcode_level="district", retention_days=900))
    ).schedules
    assert strictest_handling(parts) == ("district", 365)
    assert strictest_handling(parts[:1]) == ("sector", 365)


def test_the_fictional_agreement_shares_what_the_fictional_suppliers_send():
    terms = read_terms(shipped("fictional_county"))
    for dataset, supplier in (
        ("police_incidents", "brackenshire_police"),
        ("ambulance_callouts", "brackenshire_ambulance"),
        ("ed_assaults", "brackenshire_ed"),
    ):
        mine = [part for part in terms.schedules if part.dataset == dataset and part.covers_supplier(supplier)]
        assert {purpose.value for part in mine for purpose in part.purposes} == {
            "strategic", "monitoring", "operational", "stewardship",
        }  # fmt: skip


# ── What cannot stand, in full ───────────────────────────────────────────────────────────────────────────────────────

PARTIES, SIGNED = terms_as_sent()["parties"], terms_as_sent()["signatories"]
OPENLY = handling(shareable={**FROM_ONE, "open_data": True})


def _without_rule():
    return {name: value for name, value in handling().items() if name != "operational"}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (
            {"schedules": [schedule(fields=["a b", "c d", "sex"])]},
            "schedules.0.fields: fields are named one by one; a b, c d is not a field",
        ),
        (
            {"schedules": [schedule(end=date(2026, 3, 31))]},
            "schedules.0: schedule evidence ends on 2026-03-31, not after its start 2026-04-01",
        ),
        ({"schedules": [schedule(recipients={})]}, "schedules.0: schedule evidence names no recipient"),
        (
            {"schedules": [schedule(recipients={"everyone": True})]},
            "schedules.0: schedule evidence is for everyone, which only open data can be",
        ),
        (
            {"schedules": [schedule(handling=_without_rule())]},
            "schedules.0: schedule evidence is operational, but its handling has no operational rule",
        ),
        (
            {"schedules": [schedule(handling=handling(operational={**FROM_ONE, "publishable": True}))]},
            "schedules.0: schedule evidence: an operational picture is for named recipients, never publishable",
        ),
        (
            {"schedules": [schedule(suppliers=["*", "rms"])]},
            "schedules.0: schedule evidence names every supplier and some suppliers; choose one",
        ),
        (
            {"schedules": [schedule(handling=OPENLY)]},
            "schedules.0: schedule evidence: the rule open_data belongs to the gateway open_data, and only there",
        ),
        ({"zone": "Europe/Fenmoor"}, "zone: Europe/Fenmoor is not a time zone"),
        ({"zone": "../etc"}, "zone: ../etc is not a time zone"),
        ({"parties": [*PARTIES, PARTIES[2], PARTIES[0]]}, "party police, vrn is there twice"),
        ({"schedules": [schedule(id="b"), schedule(id="a")] * 2}, "schedule a, b is there twice"),
        (
            {
                "schedules": [schedule(recipients={"agencies": ["zoo", "vrn", "fleet", "guard", "corps", "navy"]})],
                "signatories": [*SIGNED, {"person": "P.", "agency": "army", "role": "R"}],
            },
            "army, corps, fleet, guard, navy, zoo is named but is not a party",
        ),
        (
            {"signatories": [{"person": "P.", "agency": "vrn", "role": "R"}]},
            "nobody signs for hospital, police, which is a controller",
        ),
        (
            {"schedules": [schedule(provider="vrn")]},
            "schedule evidence: vrn is not a controller among the parties",
        ),
        (
            {"schedules": [schedule(gateway="nhs_2006_s251")]},
            (
                f"schedule evidence cannot rest on {GATEWAYS[GatewayName.NHS_2006_S251].title}: it carries "
                "ambulance_callouts, ed_assaults, hospital_episodes, substance_misuse_treatment only"
            ),
        ),
        (
            {"schedules": [_health(gateway="nhs_2006_s251")]},
            (
                f"schedule evidence cannot rest on {GATEWAYS[GatewayName.NHS_2006_S251].title}: "
                "it needs an approval, and the schedule states the number of none"
            ),
        ),
        (
            {"zone": "Europe/Fenmoor", "version": 0},
            ("version: Input should be greater than or equal to 1; zone: Europe/Fenmoor is not a time zone"),
        ),
        (
            {"schedules": [schedule(), schedule(id="other", gateway="fictional")]},
            "an agreement is fictional throughout, or not at all",
        ),
        (
            {"schedules": [schedule(fields=["sex"], data_protection=None)]},
            (
                "schedule evidence leaves data protection law open: it discloses fields about people from a competent "
                "authority, under Part 3, to agencies under Part 2, and does not state that flow and its lawful bases"
            ),
        ),
        (
            {"schedules": [schedule(fields=["ethnic_group"], data_protection={"flow": "part3_to_part2"})]},
            (
                "schedule evidence leaves data protection law open: it states no lawful basis of Article 6, "
                "no condition of Article 9 for what is of a special category, no ground of Article 10 for data about "
                "offences, no basis of section 35, no condition of Schedule 8 for sensitive processing"
            ),
        ),
    ],
)
def test_terms_that_cannot_stand_are_refused_in_full_words(sent, said):
    with pytest.raises(BadAgreement) as refused:
        _read(**sent)
    assert refused.value.facts() == {
        "message": f"The agreement cannot be accepted: {said}", "found": said, "state": "It grants nothing.",
    }  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"title": " "}, {"title": ""}, {"parties": []}, {"signatories": []}, {"schedules": []}, {"version": 0},
        {"version": -1}, {"name": "-pact"}, {"name": "pact one"}, {"name": "Pact"},
        {"schedules": [schedule(approval=" ")]}, {"schedules": [schedule(recipients={"persons": [" "]})]},
        {"schedules": [schedule(suppliers=[])]},
        {"schedules": [schedule(rows=[{"column": "offence_code", "codes": []}])]},
        *(
            {"schedules": [schedule(handling=handling(**wrong))]}
            for wrong in (
                {"shareable": {"suppress_up_to": -1, "round_to": 1}},
                {"shareable": {"suppress_up_to": 0, "round_to": 0}},
                {"retention_days": 0}, {"age_band_width": 0}, {"geography_floor": "LSOA21"},
                {"geography_floor": "lsoa2021"}, {"classification": "SECRET"}, {"postcode_level": "unit"},
            )
        ),
    ],
)  # fmt: skip
def test_a_value_outside_its_bounds_is_refused(changed):
    with pytest.raises(BadAgreement, match="The agreement cannot be accepted"):
        _read(**changed)


@pytest.mark.parametrize("name", ["parties", "signatories", "schedules"])
def test_an_agreement_without_any_of_what_it_needs_is_told_which_list_is_empty(name):
    assert f"accepted: {name}: Tuple should have at least 1 item" in _refused(**{name: []})


def test_the_least_that_an_agreement_may_say_is_accepted():
    least = {"suppress_up_to": 0, "round_to": 1}
    part = schedule(
        purposes=["strategic"], rows=[{"column": "offence_code", "codes": ["8N"]}],
        handling={
            "classification": "OFFICIAL", "retention_days": 1, "geography_floor": "county", "age_band_width": 1,
            "postcode_level": "district", "shareable": least,
        },
    )  # fmt: skip
    terms = _read(part, parties=PARTIES[::2], signatories=SIGNED[:1], title="  A pact ")
    assert (terms.title, terms.zone, terms.linkages) == ("A pact", "Europe/London", ())
    (read,) = terms.schedules
    assert (read.approval, read.data_protection, read.handling.operational) == (None, None, None)
    assert (read.handling.shareable.open_data, read.recipients.everyone) == (False, False)


def test_open_data_needs_no_flow_between_parts():
    assert _read(
        schedule(gateway="open_data", handling={**OPENLY, "operational": OPENLY["shareable"]}, data_protection=None)
    ).schedules


def test_days_begin_at_midnight_of_the_agreements_own_zone():
    made = agreement(zone="Pacific/Auckland", ended=datetime(2026, 7, 1, 13, tzinfo=UTC))
    assert made.terms.midnight(date(2026, 7, 1)) == datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert made.day(datetime(2026, 6, 30, 12, tzinfo=UTC)) == date(2026, 7, 1)
    assert made.day(datetime(2026, 6, 30, 11, 59, tzinfo=UTC)) == date(2026, 6, 30)


def test_a_file_that_is_no_toml_is_told_what_would_be():
    with pytest.raises(BadAgreement) as refused:
        read_terms(b"name = ")
    assert refused.value.facts()["message"].startswith("The agreement is not a TOML file: Invalid value")
    assert refused.value.facts()["expected"] == "UTF-8 TOML"


def test_the_flow_of_a_schedule_follows_from_its_provider_and_its_recipients():
    made = agreement(
        schedule(id="a"), schedule(id="b", recipients={"agencies": ["police"]}),
        schedule(id="c", provider="hospital", dataset="ed_assaults", gateway="istv_anonymised",
                 fields=["area_code"], recipients={"agencies": ["police"]}),
    )  # fmt: skip
    assert [made.terms.flow(part).value for part in made.schedules] == [
        "part3_to_part2", "within_part3", "part2_to_part3",
    ]  # fmt: skip
