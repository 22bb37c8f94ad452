"""Nobody is recognised across feeds or readers, unless a signed clause says so, and then only by whom it covers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from intake.desk import rms
from pipeline.homes import agreement, injury_schedule, send, with_pact
from upstander.contracts.asking import Purpose
from upstander.contracts.readings import Outcome
from upstander.contracts.releasing import Edition
from upstander.errors import UpstanderError
from upstander.pipeline.agreeing import sign
from upstander.pipeline.child import run_job
from upstander.pipeline.deliver import reread
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask
from upstander.sharing import read_terms

# The same person, by the same reference, in the extracts of two systems.
PEOPLE = rms(*[{"person_ref": f"P{n}"} for n in range(3)])
SHARED = injury_schedule(
    suppliers=["rms", "other"], fields=["person_token", "event_from_local"], gateway="cda_1998_s115",
    purposes=["strategic", "monitoring"],
)  # fmt: skip
CLAUSE = {
    "domain": "county-people", "purposes": ["strategic"], "why": "the needs assessment counts each person once",
    "feeds": [{"dataset": "police_incidents", "supplier": name} for name in ("rms", "other")],
}  # fmt: skip


def _desk(folder: Path, **terms: Any) -> Desk:
    desk = with_pact(folder, SHARED, **terms)
    desk.home.suppliers.mkdir(exist_ok=True)
    own = 'based_on = "rms"\nname = "other"\nversion = "1"\ndated = 2026-11-01\nsource = "a test"\nagency = "Another"\n'
    (desk.home.suppliers / "other.toml").write_text(own)
    for supplier in ("rms", "other"):
        send(desk, folder / "sent", PEOPLE, supplier=supplier)
    return desk


def _seen(desk: Desk, purpose: Purpose) -> Mapping[str, list[str]]:
    """Supplier -> the tokens of its people as this reader sees them, in the order of their rows."""
    asking = desk.asking(purpose=purpose)
    allowed = ask(asking, "police_incidents", ("person_token", "event_from_local"), Edition.SHAREABLE)
    rows = asking.warehouse.read(allowed, secrets=asking.keyring.secret).to_polars()
    return {name: sorted(part["person_token"].to_list()) for (name,), part in rows.group_by("supplier")}


@pytest.fixture
def apart(tmp_path: Path) -> Desk:
    return _desk(tmp_path)


@pytest.fixture
def linked(tmp_path: Path) -> Desk:
    return _desk(tmp_path, linkages=[CLAUSE])


def test_without_a_clause_two_suppliers_tokens_for_one_person_differ(apart: Desk) -> None:
    seen = _seen(apart, Purpose.STRATEGIC)
    assert len(seen["rms"]) == len(seen["other"]) == 3
    assert not set(seen["rms"]) & set(seen["other"])


def test_without_a_clause_two_readers_tokens_for_one_person_differ(apart: Desk) -> None:
    strategic, monitoring = (_seen(apart, purpose)["rms"] for purpose in (Purpose.STRATEGIC, Purpose.MONITORING))
    assert not set(strategic) & set(monitoring)


def test_with_a_clause_two_suppliers_tokens_for_one_person_agree(linked: Desk) -> None:
    seen = _seen(linked, Purpose.STRATEGIC)
    assert seen["rms"] == seen["other"]


def test_with_a_clause_two_readers_whom_it_covers_see_the_same_tokens(tmp_path: Path) -> None:
    both = {**CLAUSE, "purposes": ["strategic", "monitoring"]}
    desk = _desk(tmp_path, linkages=[both])
    assert _seen(desk, Purpose.STRATEGIC) == _seen(desk, Purpose.MONITORING)


def test_a_purpose_that_the_clause_does_not_name_recognises_nobody(linked: Desk) -> None:
    seen = _seen(linked, Purpose.MONITORING)
    assert not set(seen["rms"]) & set(seen["other"])
    assert not set(seen["rms"]) & set(_seen(linked, Purpose.STRATEGIC)["rms"])


def test_a_clause_that_is_signed_later_links_what_is_read_again(apart: Desk) -> None:
    sign(apart, agreement(SHARED, version=2, linkages=[CLAUSE]))
    assert not set(_seen(apart, Purpose.STRATEGIC)["rms"]) & set(_seen(apart, Purpose.STRATEGIC)["other"])
    for manifest in apart.warehouse.manifests():
        assert reread(apart, manifest.delivery, runner=run_job).result.outcome is Outcome.RESTATE
    seen = _seen(apart, Purpose.STRATEGIC)
    assert seen["rms"] == seen["other"]
    assert {one.linkage_domain for one in apart.warehouse.manifests()[2:]} == {"county-people"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"feeds": CLAUSE["feeds"][:1]}, "at least 2 items"),
        ({"feeds": [*CLAUSE["feeds"], {"dataset": "neet", "supplier": "rms"}]}, "person_token of neet"),
        ({"purposes": ["operational"]}, "for any of its purposes"),
        ({"why": ""}, "why"),
    ],
)  # fmt: skip
def test_a_clause_that_links_what_is_not_shared_cannot_be_signed(changed: Mapping[str, Any], said: str) -> None:
    with pytest.raises(UpstanderError, match=said):
        read_terms(agreement(SHARED, linkages=[{**CLAUSE, **changed}]))


def test_an_agreement_without_a_clause_keeps_the_bytes_that_were_signed() -> None:
    assert b"linkages" not in agreement(SHARED)
