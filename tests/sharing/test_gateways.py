"""The law as values: what each gateway carries, what it never does, and the flows between Parts of the Act."""

import pytest
import tomli_w

from sharing.county import STATED, agreement, schedule, terms_as_sent
from upstander.sharing import GATEWAYS, BadAgreement, Flow, GatewayName, PartyKind, explain, read_terms
from upstander.sharing.gateways import HEALTH_DATASETS, PERSONAL_FIELDS, why_not
from upstander.sharing.protection import flow_of

PERSON = ("age_band", "event_from_local")
NOBODY = ("event_from_local", "area_code")
AUTHORITIES = [kind for kind in PartyKind if kind is not PartyKind.PUBLISHER]


def _carries(gateway, *, dataset="police_incidents", fields=PERSON, provider=PartyKind.POLICE, approval=""):
    return not why_not(GatewayName(gateway), dataset=dataset, fields=fields, provider=provider, approval=approval)


def _refused(*schedules, **changed):
    with pytest.raises(BadAgreement) as caught:
        read_terms(tomli_w.dumps(terms_as_sent(*schedules, **changed)).encode())
    return str(caught.value)


@pytest.mark.parametrize("name", GatewayName)
def test_every_gateway_says_what_it_carries_and_where_the_law_stands(name):
    gateway = GATEWAYS[name]
    assert gateway.title
    assert gateway.limits.endswith(".")
    assert gateway.source
    assert not gateway.to_verify.endswith("?")


@pytest.mark.parametrize("dataset", sorted(HEALTH_DATASETS))
@pytest.mark.parametrize("name", [name for name in GatewayName if name not in ("nhs_2006_s251", "fictional")])
@pytest.mark.parametrize("provider", PartyKind)
def test_patient_information_goes_through_no_gateway_but_an_approved_one(name, dataset, provider):
    assert not _carries(name, dataset=dataset, provider=provider, approval="A/1")


def test_an_approval_is_named_or_section_251_carries_nothing():
    asked = {"dataset": "hospital_episodes", "provider": PartyKind.HEALTH}
    assert _carries("nhs_2006_s251", **asked, approval="CAG 0001")
    assert not _carries("nhs_2006_s251", **asked)
    assert not _carries("nhs_2006_s251", dataset="hospital_episodes", provider=PartyKind.POLICE, approval="CAG 0001")
    assert not _carries("nhs_2006_s251", dataset="police_incidents", provider=PartyKind.HEALTH, approval="CAG 0001")


@pytest.mark.parametrize("provider", AUTHORITIES)
def test_section_16_carries_people_from_every_authority_but_health_and_social_care(provider):
    is_carried = _carries("pcsc_2022_s16", dataset="missing_episodes", provider=provider)
    assert is_carried == (provider not in (PartyKind.HEALTH, PartyKind.SOCIAL_CARE))
    assert _carries("pcsc_2022_s16", dataset="missing_episodes", provider=provider, fields=NOBODY)


@pytest.mark.parametrize(
    ("gateway", "provider", "dataset", "is_carried"),
    [
        ("children_2004_s10_s11", "social_care", "children_in_care", True),
        ("children_2004_s10_s11", "local_authority", "education_local", True),
        ("children_2004_s10_s11", "police", "missing_episodes", True),
        ("children_2004_s10_s11", "police", "police_incidents", False),
        ("children_2004_s10_s11", "fire", "missing_episodes", False),
        ("education_1996_s537a", "education", "education_local", True),
        ("education_1996_s537a", "local_authority", "neet", True),
        ("education_1996_s537a", "police", "education_local", False),
        ("education_1996_s537a", "education", "children_in_care", False),
        ("offender_management_2007_s14", "probation", "probation_supervision", True),
        ("offender_management_2007_s14", "prison", "prison_releases", True),
        ("offender_management_2007_s14", "health", "prison_releases", False),
        ("police_common_law", "police", "habitual_knife_carriers", True),
        ("police_common_law", "local_authority", "missing_episodes", False),
        ("cda_1998_s115", "youth_justice", "youth_justice_children", True),
        ("cda_1998_s115", "fire", "fire_incidents", True),
        ("istv_anonymised", "health", "ed_assaults", False),
        ("open_data", "publisher", "children_in_care", False),
    ],
)
def test_a_gateway_carries_people_of_its_own_datasets_from_its_own_providers_only(
    gateway, provider, dataset, is_carried
):
    assert _carries(gateway, dataset=dataset, provider=PartyKind(provider)) == is_carried


def test_injuries_beside_a_person_are_patient_information_whatever_the_dataset():
    assert not _carries("police_common_law", fields=("injury_severity", "sex"))
    assert _carries("police_common_law", fields=("injury_severity", "role"))


def test_a_role_is_not_about_a_person_but_a_row_number_leads_back_to_one():
    assert "role" not in PERSONAL_FIELDS
    assert {"row_id", "incident_token", "person_token"} <= PERSONAL_FIELDS


# ── Between Parts of the Data Protection Act ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("provider", "recipients", "flow"),
    [
        ("police", ["prison", "probation", "youth_justice", "police"], "within_part3"),
        ("police", ["probation", "local_authority"], "part3_to_part2"),
        ("police", [], "within_part3"),
        ("prison", ["network"], "part3_to_part2"),
        ("health", ["network", "fire", "education"], "within_part2"),
        ("health", ["network", "police"], "part2_to_part3"),
        ("local_authority", ["youth_justice"], "part2_to_part3"),
    ],
)
def test_the_flow_follows_from_what_the_parties_are(provider, recipients, flow):
    assert flow_of(PartyKind(provider), [PartyKind(kind) for kind in recipients]) is Flow(flow)


def test_people_who_cross_from_the_police_to_others_need_their_flow_stated():
    said = _refused(schedule(fields=["person_token"], data_protection=None))
    assert "from a competent authority, under Part 3, to agencies under Part 2" in said
    assert "does not state that flow and its lawful bases" in said


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": ["offence_code"]},
        {"fields": ["person_token"], "recipients": {"agencies": ["police"]}},
        {"fields": ["person_token"], "recipients": {"persons": ["A. Analyst"]}},
        {"fields": ["person_token"], "gateway": "fictional"},
    ],
)
def test_what_crosses_no_border_or_is_about_nobody_may_leave_it_unsaid(changed):
    assert agreement(schedule(**changed, data_protection=None)).terms


def test_a_flow_that_is_not_that_of_the_parties_is_refused():
    said = _refused(schedule(data_protection={**STATED, "flow": "within_part2"}))
    assert "it states a flow from and to agencies under Part 2, but its parties make it one" in said


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        ("article_6", "no lawful basis of Article 6"),
        ("article_9", "no condition of Article 9"),
        ("article_10", "no ground of Article 10"),
        ("section_35", "no basis of section 35"),
        ("schedule_8", "no condition of Schedule 8"),
    ],
)
def test_each_basis_that_both_sides_need_is_asked_for_by_its_name(basis, said):
    assert said in _refused(schedule(fields=["ethnic_group"], data_protection={**STATED, basis: []}))


def test_what_is_of_no_special_category_needs_no_condition_for_it():
    less = {**STATED, "article_9": [], "schedule_8": []}
    assert agreement(schedule(fields=["sex"], data_protection=less)).terms
    assert "Article 9" in _refused(schedule(fields=["sex", "ethnic_group"], data_protection=less))


def test_a_hospital_states_no_basis_of_the_other_part_for_agencies_like_itself():
    within = {"flow": "within_part2", "article_6": ["public_task"], "article_9": ["health_or_social_care"]}
    told = schedule(
        provider="hospital", dataset="ed_assaults", suppliers=["istv"], fields=["age_band"], gateway="nhs_2006_s251",
        approval="CAG 0001", data_protection=within,
    )  # fmt: skip
    assert agreement(told).terms
    assert "no condition of Article 9" in _refused({**told, "data_protection": {**within, "article_9": []}})


def test_a_basis_outside_the_closed_lists_is_refused():
    assert "article_6" in _refused(schedule(data_protection={**STATED, "article_6": ["good_intentions"]}))


def test_flow_bases_approval_and_open_questions_are_told_in_words():
    told = schedule(fields=["ethnic_group"], gateway="police_common_law", approval="letter of 1 May")
    said = explain(agreement(told))
    assert "Data protection: It goes from a competent authority, under Part 3, to agencies under Part 2." in said
    assert "Article 6: public task; Article 9: substantial public interest; Article 10: official authority" in said
    assert "section 35: necessary for task; Schedule 8: statutory purpose." in said
    assert "authorised by law (section 36(4))" in said
    assert "Approval: letter of 1 May." in said
    assert "To verify by a lawyer: is there a pressing need" in said


# ── A feed that lacks something cannot be switched on ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("gateway", "schedules.0.gateway: there is no gateway: name the law that lets it be shared."),
        ("provider", "schedules.0.provider: there is no controller: name the agency that shares it."),
        ("purposes", "schedules.0.purposes: there are no purposes: say what it may be used for."),
        ("fields", "schedules.0.fields: there are no fields: name each one that is shared."),
        ("end", "schedules.0.end: there is no end: name the day from which it is shared no more."),
        ("retention_days", "schedules.0.handling.retention_days: there is no retention: say for how many days"),
    ],
)
def test_a_feed_that_lacks_one_thing_cannot_be_switched_on_and_says_which(missing, said):
    told = schedule()
    del (told["handling"] if missing == "retention_days" else told)[missing]
    refusal = _refused(told)
    assert said in refusal
    assert "The feed cannot be switched on" in refusal


@pytest.mark.parametrize("name", ["purposes", "fields"])
def test_an_empty_list_is_as_good_as_a_missing_one(name):
    assert "The feed cannot be switched on" in _refused(schedule(**{name: []}))


def test_a_provider_that_is_no_controller_does_not_switch_a_feed_on():
    parties = [{**party, "controller": False} for party in terms_as_sent()["parties"]]
    assert "police is not a controller among the parties" in _refused(parties=parties)
