"""The law as values: what each gateway carries, what it never does, and the flows between Parts of the Act."""

import re

import pytest
import tomli_w

from sharing.county import STATED, agreement, schedule, terms_as_sent
from upstander.contracts.catalogue import ALL
from upstander.sharing import (
    GATEWAYS,
    BadAgreement,
    Flow,
    GatewayName,
    PartyKind,
    explain,
    read_terms,
    sender_kind,
)  # fmt: skip
from upstander.sharing.gateways import HEALTH_DATASETS, PERSONAL_FIELDS, why_not
from upstander.sharing.protection import Protection, flow_of, unprotected

PERSON = ("age_band", "event_from_local")
MANY = ("sex", "row_id", "person_token", "ethnic_group", "incident_token", "area_code")
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


@pytest.mark.parametrize(
    ("gateway", "dataset", "provider"),
    [
        ("pcsc_2022_s16", "police_incidents", "police"), ("cda_1998_s115", "police_incidents", "police"),
        ("children_2004_s10_s11", "missing_episodes", "police"), ("education_1996_s537a", "neet", "education"),
        ("offender_management_2007_s14", "prison_releases", "prison"),
        ("police_common_law", "police_incidents", "police"),
    ],
)  # fmt: skip
def test_what_carries_people_carries_no_injury_beside_them(gateway, dataset, provider):
    asked = {"dataset": dataset, "provider": PartyKind(provider)}
    assert _carries(gateway, fields=("sex",), **asked)
    assert _carries(gateway, fields=("injury_severity",), **asked)
    assert not _carries(gateway, fields=("sex", "injury_severity"), **asked)


def test_a_role_is_not_about_a_person_but_a_row_number_leads_back_to_one():
    assert "role" not in PERSONAL_FIELDS
    assert {"row_id", "incident_token", "person_token"} <= PERSONAL_FIELDS


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"gateway": "education_1996_s537a"}, "it carries education_local, neet only"),
        (
            {"gateway": "police_common_law", "provider": PartyKind.LOCAL_AUTHORITY},
            "it carries nothing from a local authority",
        ),
        (
            {"gateway": "police_common_law", "provider": PartyKind.SOCIAL_CARE},
            "it carries nothing from a social care authority",
        ),
        (
            {"gateway": "nhs_2006_s251", "dataset": "ed_assaults", "provider": PartyKind.HEALTH},
            "it needs an approval, and the schedule states the number of none",
        ),
        (
            {"gateway": "istv_anonymised", "dataset": "ed_assaults", "fields": MANY},
            "it cannot carry anything about a person (ethnic_group, incident_token, person_token, row_id, sex)",
        ),
        (
            {"gateway": "pcsc_2022_s16", "provider": PartyKind.SOCIAL_CARE, "fields": ("sex", "age_band", "area_code")},
            "it cannot carry personal information from a social care authority (age_band, sex)",
        ),
        (
            {"gateway": "cda_1998_s115", "fields": ("sex", "injury_severity")},
            "it cannot carry patient information (sex, with what happened to their health)",
        ),
        ({"gateway": "cda_1998_s115", "fields": ("injury_severity",)}, ""),
        ({"gateway": "cda_1998_s115", "dataset": "ed_assaults", "fields": NOBODY}, ""),
    ],
)
def test_the_reason_why_a_gateway_cannot_carry_something_is_said_in_full(asked, why):
    told = {"dataset": "police_incidents", "fields": PERSON, "provider": PartyKind.POLICE} | asked
    assert why_not(GatewayName(told.pop("gateway")), **told) == why


@pytest.mark.parametrize("name", [name for name in GatewayName if re.search(r"_\d{4}_s", name)])
def test_a_gateway_of_an_act_speaks_of_one_year_and_section_in_name_title_and_source(name):
    gateway = GATEWAYS[name]
    year, sections = re.search(r"_(\d{4})_s", name)[1], re.findall(r"_s(\w+?)(?=_s|$)", name)
    assert f"Act {year}, section" in gateway.title
    assert gateway.source.startswith(f"legislation.gov.uk/ukpga/{year}/")
    for section in sections:
        assert re.search(rf"\b{section}\b", gateway.title, re.IGNORECASE)
        assert re.search(rf"/section/{section}\b", gateway.source, re.IGNORECASE)


@pytest.mark.parametrize(
    ("name", "words", "source"),
    [
        ("istv_anonymised", "Information Sharing to Tackle Violence (ISB 1594)", "NHS data dictionary"),
        ("police_common_law", "common law", "common law"),
        ("open_data", "Open Government Licence", "Open Government Licence v3.0"),
        ("fictional", "fictional county", "none is needed"),
    ],
)
def test_a_gateway_that_is_no_act_says_what_it_is_instead(name, words, source):
    assert words in GATEWAYS[GatewayName(name)].title
    assert source in GATEWAYS[GatewayName(name)].source


def test_what_a_lawyer_has_to_answer_is_asked_of_the_gateways_that_leave_it_open_and_of_no_other():
    asked = {name.value: gateway.to_verify for name, gateway in GATEWAYS.items() if gateway.to_verify}
    assert set(asked) == {
        "children_2004_s10_s11", "education_1996_s537a", "offender_management_2007_s14", "nhs_2006_s251",
        "police_common_law",
    }  # fmt: skip
    assert [name for name, question in asked.items() if not re.search(r"\b(is|are|does)\b.+\w", question)] == []


def test_every_gateway_has_its_entry():
    assert set(GATEWAYS) == set(GatewayName)
    assert {name for name in GatewayName if GATEWAYS[name].needs_approval} == {GatewayName.NHS_2006_S251}
    assert {name for name in GatewayName if GATEWAYS[name].open_only} == {GatewayName.OPEN_DATA}


def test_what_health_authorities_send_is_health_data():
    assert {name for name, contract in ALL.items() if sender_kind(contract) is PartyKind.HEALTH} == HEALTH_DATASETS


@pytest.mark.parametrize("dataset", [
    "child_criminal_exploitation", "children_in_care", "children_in_custody", "education_local", "missing_episodes",
    "neet", "youth_justice_children",
])  # fmt: skip
def test_the_children_acts_carry_each_dataset_about_children(dataset):
    assert dataset in ALL
    assert _carries("children_2004_s10_s11", dataset=dataset)


@pytest.mark.parametrize(
    ("gateway", "dataset", "providers"),
    [
        (
            "children_2004_s10_s11", "missing_episodes",
            "police health social_care local_authority probation youth_justice prison education",
        ),
        ("education_1996_s537a", "neet", "education local_authority"),
        ("offender_management_2007_s14", "prison_releases", "probation prison police local_authority youth_justice"),
        ("police_common_law", "missing_episodes", "police"),
        ("nhs_2006_s251", "hospital_episodes", "health"),
    ],
)  # fmt: skip
def test_a_gateway_carries_people_from_the_authorities_it_lists_and_from_no_other(gateway, dataset, providers):
    carried = {kind.value for kind in PartyKind if _carries(gateway, dataset=dataset, provider=kind, approval="A/1")}
    assert carried == set(providers.split())


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
    assert said.endswith(
        "it states a flow from and to agencies under Part 2, but its parties make it one from a competent authority, "
        "under Part 3, to agencies under Part 2"
    )


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


def _open(flow, fields, *, dataset="police_incidents", gateway=GatewayName.PCSC_2022_S16, **bases):
    stated = Protection(flow=flow, **bases)
    return unprotected(stated, flow=Flow(flow), gateway=gateway, dataset=dataset, fields=fields)


@pytest.mark.parametrize(
    ("flow", "fields", "said"),
    [
        ("within_part2", ["area_code"], "it states no lawful basis of Article 6"),
        ("within_part3", ["area_code"], "it states no basis of section 35"),
        ("part2_to_part3", ["area_code"], "it states no lawful basis of Article 6, no basis of section 35"),
        ("part3_to_part2", ["area_code"], "it states no lawful basis of Article 6, no basis of section 35"),
        (
            "within_part3", ["ethnic_group", "offence_code"],
            "it states no basis of section 35, no condition of Schedule 8 for sensitive processing",
        ),
        (
            "within_part2", ["ethnic_group"],
            "it states no lawful basis of Article 6, no condition of Article 9 for what is of a special category",
        ),
        (
            "within_part2", ["sex", "injury_severity"],
            "it states no lawful basis of Article 6, no condition of Article 9 for what is of a special category",
        ),
        (
            "within_part2", ["sex", "offence_code"],
            "it states no lawful basis of Article 6, no ground of Article 10 for data about offences",
        ),
        ("within_part2", ["offence_code", "injury_severity"], "it states no lawful basis of Article 6"),
        ("within_part2", ["sex"], "it states no lawful basis of Article 6"),
        (
            "part3_to_part2", ["sex"],
            ("it states no lawful basis of Article 6, no ground of Article 10 for data about offences, "
            "no basis of section 35"),
        ),
        ("part2_to_part3", ["sex"], "it states no lawful basis of Article 6, no basis of section 35"),
    ],
)  # fmt: skip
def test_each_flow_wants_the_bases_of_the_parts_that_it_touches_and_of_what_it_carries(flow, fields, said):
    assert _open(flow, fields) == said


def test_health_beside_a_person_wants_a_condition_for_special_categories_and_without_one_does_not():
    known = {"dataset": "ed_assaults", "article_6": ("public_task",)}
    assert "Article 9" in _open("within_part2", ["sex"], **known)
    assert _open("within_part2", ["area_code"], **known) == ""


@pytest.mark.parametrize("gateway", ["fictional", "open_data"])
@pytest.mark.parametrize("flow", ["part2_to_part3", "part3_to_part2"])
def test_what_describes_nobody_may_cross_unsaid_and_people_may_not(gateway, flow):
    asked = {"flow": Flow(flow), "dataset": "police_incidents", "fields": ["sex"]}
    assert unprotected(None, gateway=GatewayName(gateway), **asked) == ""
    assert "it discloses fields about people" in unprotected(None, gateway=GatewayName.PCSC_2022_S16, **asked)


def test_the_closed_lists_are_those_of_the_law():
    from upstander.sharing import protection as law

    assert {kind.value for kind in law.COMPETENT} == {"police", "prison", "probation", "youth_justice"}
    assert [[basis.value for basis in kind] for kind in (law.Article6, law.Article10, law.Section35)] == [
        ["consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"],
        ["official_authority", "schedule_1_condition"],
        ["consent", "necessary_for_task"],
    ]
    assert {basis.value for basis in law.Article9} == {
        "explicit_consent", "social_protection", "vital_interests", "legal_claims", "substantial_public_interest",
        "health_or_social_care", "public_health", "research_or_statistics",
    }  # fmt: skip
    assert {basis.value for basis in law.Schedule8} == {
        "statutory_purpose", "administration_of_justice", "vital_interests", "safeguarding", "already_public",
        "legal_claims", "judicial_acts", "preventing_fraud", "archiving_or_statistics",
    }  # fmt: skip


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
