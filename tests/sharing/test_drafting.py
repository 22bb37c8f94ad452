"""A draft proposes what the matrix and the law let through, and cannot be signed until people have decided."""

import tomllib
from datetime import date

import pytest
import tomli_w

from upstander.contracts.catalogue import ALL
from upstander.sharing import (
    BadAgreement,
    FeedDraft,
    GatewayName,
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
