"""A linking clause joins just the feeds, for just the purposes, that were signed."""

import pytest
import tomli_w

from sharing.county import AT, agreement, ask, schedule, terms_as_sent
from upstander.contracts.asking import Allowed, Purpose
from upstander.sharing import (
    BadAgreement,
    canonical_terms,
    explain,
    linkage_domain,
    read_terms,
    schedules_in_force,
)  # fmt: skip

JOINED = schedule(
    suppliers=["rms", "cad", "third"], fields=["person_token", "offence_code"], purposes=["strategic", "monitoring"]
)
CLAUSE = {
    "domain": "county-people", "purposes": ["strategic"], "why": "each person is counted once, by rule XX.",
    "feeds": [{"dataset": "police_incidents", "supplier": name} for name in ("rms", "cad")],
}  # fmt: skip


def _linked(*clauses, name="pact"):
    return agreement(JOINED, linkages=list(clauses), name=name)


def _domains(made, purpose=Purpose.STRATEGIC):
    answer = ask(made, fields=("person_token",), suppliers=("rms", "cad", "third"), purpose=purpose)
    assert isinstance(answer, Allowed)
    return {grant.supplier: grant.linkage for grant in answer.grants}


def _domain(*made, supplier="rms", dataset="police_incidents"):
    found = schedules_in_force(made, dataset="police_incidents", supplier="rms", at=AT)
    return linkage_domain(found, dataset=dataset, supplier=supplier)


def _refused(*clauses, shared=JOINED):
    with pytest.raises(BadAgreement) as caught:
        read_terms(tomli_w.dumps(terms_as_sent(shared, linkages=list(clauses))).encode())
    return str(caught.value)


def test_a_reader_recognises_people_across_the_joined_feeds_and_no_other():
    assert _domains(_linked(CLAUSE)) == {"rms": "county-people", "cad": "county-people", "third": ""}


def test_a_reader_for_another_purpose_or_without_a_clause_recognises_nobody():
    nobody = {"rms": "", "cad": "", "third": ""}
    assert _domains(_linked(CLAUSE), Purpose.MONITORING) == nobody
    assert _domains(_linked()) == nobody


def test_of_two_clauses_about_one_feed_the_one_for_the_purpose_counts():
    other = {**CLAUSE, "domain": "monitored", "purposes": ["monitoring"]}
    assert _domains(_linked(CLAUSE, other), Purpose.MONITORING)["rms"] == "monitored"
    assert _domains(_linked(CLAUSE, other))["rms"] == "county-people"


def test_a_feed_comes_in_under_the_domain_of_its_clause():
    assert _domain(_linked(CLAUSE)) == "county-people"
    assert _domain(_linked(CLAUSE), supplier="third") == ""
    assert _domain(_linked(CLAUSE), dataset="missing_episodes") == ""
    assert _domain(_linked()) == ""
    assert _domain() == ""


def test_where_two_agreements_name_a_domain_the_first_by_name_governs():
    other = _linked({**CLAUSE, "domain": "aaa"}, name="zone")
    for made in ((_linked(CLAUSE), other), (other, _linked(CLAUSE)), (_linked(name="early"), other, _linked(CLAUSE))):
        assert _domain(*made) == "county-people"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"feeds": [*CLAUSE["feeds"], {"dataset": "neet", "supplier": "rms"}]},
            "no schedule shares person_token of neet from rms for any of its purposes",
        ),
        (
            {"feeds": [*CLAUSE["feeds"], {"dataset": "police_incidents", "supplier": "custody"}]},
            "no schedule shares person_token of police_incidents from custody for any of its purposes",
        ),
        ({"purposes": ["operational"]}, "linking clause county-people: no schedule shares person_token"),
        ({"feeds": CLAUSE["feeds"][:1]}, "at least 2 items"),
        ({"purposes": []}, "linkages.0.purposes: there are no purposes"),
    ],
)
def test_a_clause_joins_only_what_is_shared_for_its_purposes(changed, said):
    assert said in _refused({**CLAUSE, **changed})


def test_a_clause_cannot_join_feeds_whose_people_are_not_shared():
    assert "no schedule shares person_token" in _refused(CLAUSE, shared={**JOINED, "fields": ["offence_code"]})


def test_two_clauses_of_one_domain_are_refused():
    assert "linking clause county-people is there twice" in _refused(CLAUSE, CLAUSE)


def test_a_clause_is_kept_in_the_bytes_that_are_signed_and_its_absence_leaves_no_trace():
    with_one, without = _linked(CLAUSE).terms, _linked().terms
    assert read_terms(canonical_terms(with_one)) == with_one
    assert b"linkages" not in canonical_terms(without)


def test_a_clause_is_explained_to_those_who_sign_it():
    assert (
        "\n\nPeople may be recognised across police_incidents from rms and police_incidents from cad for strategic "
        "purposes: each person is counted once, by rule XX.\n"
    ) in explain(_linked(CLAUSE))
