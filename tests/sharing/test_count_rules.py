"""The rules for counts are data in a signed agreement, and never weaker than their owners' own."""

import dataclasses
import hashlib

import pytest
import tomli_w

from sharing.county import FROM_ONE, agreement, ask, handling, schedule, terms_as_sent
from upstander.contracts.asking import CountRule, Purpose
from upstander.contracts.releasing import Edition
from upstander.contracts.rules import rule_in_words
from upstander.sharing import BadAgreement, FileAgreements, canonical_terms, explain, read_terms
from upstander.sharing.policy import LEAST

from .county import AT

OPENLY = {"suppress_up_to": 0, "round_to": 1, "open_data": True}
WHOLE = {
    "suppress_up_to": 9, "round_to": 10, "of_persons": True, "finest": "ward", "rate_from": 12, "no_group": True,
    "dominance": [2, 80], "p_percent": 10, "least_width": 11,
}  # fmt: skip
HES = "HES and ECDS disclosure control (NHS England)"
WIDTH = "the least width of health owners (this program)"
OF_PEOPLE = {"fields": ["offence_code", "person_token"], "gateway": "cda_1998_s115", "purposes": ["strategic"]}
HOSPITAL = {"dataset": "ed_assaults", "provider": "hospital", "suppliers": ["istv"], "fields": ["area_code"]}


def read(*schedules):
    return read_terms(tomli_w.dumps(terms_as_sent(*schedules)).encode())


def with_counts(counts, **changed):
    return schedule(handling=handling(shareable=counts), **changed)


def rule_asked(*schedules, edition=Edition.SHAREABLE, **asked):
    (grant,) = ask(agreement(*schedules), edition=edition, **asked).grants
    return grant.rule


# ── What is signed ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sent", "sha256"),
    [
        (schedule(), "06f6823f2262689af77ee6bab84f1c5be6e1be4d7fbe30d9432afbbc0125d89c"),
        (
            schedule(gateway="open_data", handling=handling(shareable=OPENLY, operational=OPENLY)),
            "772c19e6b07270a074eab2c7db6fc2a2598d6aa4dfa5b684f0e92e0a0935e33a",
        ),
    ],
)
def test_agreements_signed_before_rules_had_these_parts_keep_their_bytes(sent, sha256):
    assert hashlib.sha256(canonical_terms(read(sent))).hexdigest() == sha256


def test_every_part_of_a_rule_is_signed_and_read_back():
    terms = read(with_counts(WHOLE, **OF_PEOPLE))
    assert read_terms(canonical_terms(terms)) == terms
    assert terms.schedules[0].handling.shareable.dominance == (2, 80.0)
    for told in (terms, read(schedule())):
        assert type(told).model_validate(told.model_dump()) == told


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({**FROM_ONE, "of_persons": True}, "of_persons is about hidden counts, and suppress_up_to 0 hides none"),
        ({**FROM_ONE, "least_width": 5}, "least_width is about hidden counts, and suppress_up_to 0 hides none"),
        (
            {**OPENLY, "rate_from": 8, "p_percent": 9, "dominance": [1, 70], "finest": "ward", "no_group": True},
            "as it was published; dominance, finest, no_group, p_percent, rate_from cannot be asked of it",
        ),
        (
            {**FROM_ONE, "of_persons": True, "no_group": True},
            "of_persons, no_group is about hidden counts, and suppress_up_to 0 hides none",
        ),
        ({"suppress_up_to": 4, "round_to": 1, "finest": "parish"}, "parish is not a kind of area; use one of oa, lsoa"),
        ({"suppress_up_to": 4, "round_to": 1, "dominance": [0, 80]}, "handling.shareable.dominance.0: Input should"),
        ({"suppress_up_to": 4, "round_to": 1, "dominance": [1, 100]}, "handling.shareable.dominance.1: Input should"),
        ({"suppress_up_to": 4, "round_to": 1, "p_percent": 0}, "handling.shareable.p_percent: Input should"),
        ({"suppress_up_to": 4, "round_to": 1, "rate_form": 8}, "handling.shareable.rate_form: Extra inputs"),
        (
            {"suppress_up_to": 4, "round_to": 1, "of_persons": True},
            "schedule evidence counts persons, but does not share person_token to tell them apart",
        ),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_in_words(counts, said):
    with pytest.raises(BadAgreement) as caught:
        read(with_counts(counts))
    assert said in str(caught.value)


# ── What the gate answers ────────────────────────────────────────────────────────────────────────────────────────────


def test_every_part_of_a_signed_rule_reaches_the_grant():
    assert rule_asked(with_counts(WHOLE, **OF_PEOPLE)) == CountRule(
        "evidence, shareable", "pact", 9, 10, of_persons=True, finest="ward", rate_from=12, no_group=True,
        dominance=(2, 80.0), p_percent=10.0, least_width=11,
    )  # fmt: skip


def test_the_floor_of_areas_is_part_of_the_rule_in_both_editions_and_not_of_open_data():
    floored = schedule(handling=handling(geography_floor="ltla24"))
    assert rule_asked(floored).finest == "ltla"
    assert rule_asked(floored, edition=Edition.OPERATIONAL, purpose=Purpose.OPERATIONAL).finest == "ltla"
    coarser = {"suppress_up_to": 7, "round_to": 5, "finest": "lsoa"}
    assert rule_asked(schedule(handling=handling(geography_floor="ward22", shareable=coarser))).finest == "ward"
    openly = schedule(gateway="open_data", handling=handling(shareable=OPENLY, operational=OPENLY))
    assert rule_asked(openly).finest == ""


def test_schedules_that_share_one_supplier_lose_no_part_of_either_rule():
    first = with_counts({"suppress_up_to": 4, "round_to": 3, "rate_from": 20})
    second = with_counts({"suppress_up_to": 9, "round_to": 5, "no_group": True, "p_percent": 15}, id="second")
    rule = rule_asked(first, second)
    assert (rule.suppress_up_to, rule.round_to, rule.rate_from, rule.no_group, rule.p_percent) == (9, 15, 20, True, 15)


def test_a_rule_signed_too_weak_long_ago_is_held_to_the_owners_own():
    weak = {**HOSPITAL, "gateway": "istv_anonymised", "purposes": ["strategic"]}
    rule = rule_asked(with_counts(FROM_ONE, **weak), dataset="ed_assaults", fields=("area_code",))
    assert (rule.suppress_up_to, rule.round_to, rule.rate_from, rule.least_width, rule.width) == (7, 5, 8, 5, 7)


def test_what_is_hidden_for_a_health_owner_hides_among_five_numbers():
    ambulance = {**HOSPITAL, "dataset": "ambulance_callouts"}
    four = {"suppress_up_to": 3, "round_to": 1}
    rule = rule_asked(with_counts(four, **ambulance), dataset="ambulance_callouts", fields=("area_code",))
    assert (rule.suppress_up_to, rule.width) == (3, 5)
    none = rule_asked(with_counts(FROM_ONE, **ambulance), dataset="ambulance_callouts", fields=("area_code",))
    assert (none.suppress_up_to, none.round_to, none.width) == (0, 1, 0)  # a width is of what is hidden
    assert rule_asked(with_counts(four)).width == 3  # the police are no health owner


def test_what_a_hospital_published_already_is_shown_as_it_is():
    openly = schedule(
        **HOSPITAL, gateway="open_data", handling=handling(shareable=OPENLY, operational=OPENLY), purposes=["strategic"]
    )
    assert rule_asked(openly, dataset="ed_assaults", fields=("area_code",)) == CountRule(
        "evidence, shareable", "pact", 0, 1, open_data=True
    )


def test_an_operational_picture_has_its_schedules_own_rule():
    asked = {"dataset": "ed_assaults", "fields": ("area_code",), "purpose": Purpose.OPERATIONAL}
    rule = rule_asked(schedule(**HOSPITAL), edition=Edition.OPERATIONAL, **asked)
    assert (rule.suppress_up_to, rule.round_to, rule.least_width) == (0, 1, 0)


# ── What is refused at signing ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dataset", ["ed_assaults", "hospital_episodes"])
@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"suppress_up_to": 4, "round_to": 5}, f"suppress_up_to is 4, and {HES} asks for 7"),
        ({"suppress_up_to": 7, "round_to": 1}, f"round_to is 1, and {HES} asks for 5"),
        ({"suppress_up_to": 7, "round_to": 5, "rate_from": 3}, f"rate_from is 3, and {HES} asks for 8"),
        ({"suppress_up_to": 7, "round_to": 5, "least_width": 4}, f"least_width is 4, and {WIDTH} asks for 5"),
    ],
)  # fmt: skip
def test_a_hospital_rule_weaker_than_its_owners_is_refused_at_signing(tmp_path, dataset, counts, said):
    content = tomli_w.dumps(terms_as_sent(with_counts(counts, **HOSPITAL | {"dataset": dataset}))).encode()
    register = FileAgreements(tmp_path)
    with pytest.raises(BadAgreement) as caught:
        register.sign(content, person="S. Okehurst", at=AT)
    assert said in str(caught.value)
    assert "September 2018" in str(caught.value)
    assert register.all() == ()


def test_everything_that_is_too_weak_is_told_at_once(tmp_path):
    weak = with_counts({"suppress_up_to": 4, "round_to": 1}, **HOSPITAL)
    with pytest.raises(BadAgreement) as caught:
        FileAgreements(tmp_path).sign(tomli_w.dumps(terms_as_sent(weak)).encode(), person="S. Okehurst", at=AT)
    source = (
        "(NHS Digital, Change to the disclosure control methodology for HES and ECDS from September 2018: below "
        "national level 1 to 7 are hidden, others rounded to the nearest 5, and rates and means need 8)"
    )
    faults = (
        f"schedule evidence: suppress_up_to is 4, and {HES} asks for 7 or more {source}; "
        f"schedule evidence: round_to is 1, and {HES} asks for 5 or more {source}"
    )
    assert caught.value.message == f"The agreement cannot be signed: {faults}"
    assert (caught.value.found, caught.value.state) == (faults, "Nothing was signed.")


def test_rules_as_strong_as_the_owners_open_data_of_hospitals_and_whatever_others_ask_are_signed(tmp_path):
    strong = with_counts({"suppress_up_to": 9, "round_to": 10, "rate_from": 8}, **HOSPITAL)
    openly = schedule(
        **HOSPITAL | {"id": "open", "gateway": "open_data"}, handling=handling(shareable=OPENLY, operational=OPENLY)
    )
    police = with_counts(FROM_ONE, id="police")
    content = tomli_w.dumps(terms_as_sent(strong, openly, police)).encode()
    assert FileAgreements(tmp_path).sign(content, person="S. Okehurst", at=AT).fault == ""


def test_a_floor_that_is_no_kind_of_area_is_refused_at_signing_and_lets_nothing_finer_out_if_signed_before(tmp_path):
    strange = schedule(handling=handling(geography_floor="parish21"))
    said = "schedule evidence: geography_floor parish21 is no kind of area; use one of oa, lsoa, sector, msoa, beat, "
    with pytest.raises(BadAgreement, match=f"signed: {said}"):
        FileAgreements(tmp_path).sign(tomli_w.dumps(terms_as_sent(strange)).encode(), person="M. Ashdown", at=AT)
    assert rule_asked(strange).finest == "parish"


def test_what_owners_ask_at_least_is_what_they_published():
    """NHS Digital, September 2018: 1 to 7 hidden, the nearest 5, rates from 8; and what HES hid before: 1 to 5."""
    said = [(one.rule.suppress_up_to, one.rule.round_to, one.rule.rate_from, one.rule.least_width) for one in LEAST]
    assert said == [(7, 5, 8, 0), (0, 1, 0, 5)]


def test_what_owners_ask_at_least_is_no_more_to_be_changed_than_an_agreement():
    with pytest.raises(dataclasses.FrozenInstanceError):
        LEAST[0].source = "another"


# ── What is told ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_agreement_tells_the_whole_rule_that_the_gate_holds_counts_to():
    said = explain(agreement(schedule(**HOSPITAL, purposes=["strategic"])))
    rule = rule_asked(schedule(**HOSPITAL), dataset="ed_assaults", fields=("area_code",))
    assert f"  Counts, shareable edition: {rule_in_words(rule)}.\n" in said
    assert "no rate, mean or percentage of fewer than 8" in said
