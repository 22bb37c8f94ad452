"""The pages about the audit log: what was planted is found, looking is written down, and nothing typed is kept."""

import csv
import html
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from intake.desk import rms
from pipeline.homes import injury_schedule, send, with_pact
from sharing.county import LASTING
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.pipeline.child import run_job
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask
from upstander.pipeline.keeping.epochs import new_epoch
from upstander.sharing import AuditEvent
from upstander.web.accounts.models import Conflict
from upstander.web.accounts.roles import Role
from upstander.web.audit.models import Review
from upstander.web.store import served_store
from web.sites import Site

NOW = datetime.now(UTC)
EVENT = AuditEvent(NOW, "A. Analyst", "vrn", "strategic", "police_incidents", ("rms",), ("offence_code",), "read",
                   "allowed", "board paper", "pact", 12)  # fmt: skip
SHARED = injury_schedule(
    fields=["person_token", "event_from_local"],
    gateway="cda_1998_s115",
    purposes=["strategic", "stewardship"],
    **LASTING,
)
PERSON = "PERSON4711"


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def places_in(text: str) -> list[int]:
    return [int(one) for one in re.findall(r'class="up-quiet">Entry (\d+),', text)]


# ── Searching ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_search_finds_by_looker_agreement_dataset_purpose_answer_and_days(site: Site) -> None:
    looker = site.member(Role.ANALYST).handle
    site.opened.audit.append_all([
        replace(EVENT, person=looker), replace(EVENT, dataset="ed_assaults"), replace(EVENT, purpose="operational"),
        replace(EVENT, answer="refused: it has ended", agreement=""), replace(EVENT, at=NOW - timedelta(days=40)),
    ])  # fmt: skip
    browser = site.inside(site.member(Role.GOVERNANCE))
    last = (NOW - timedelta(days=30)).date().isoformat()
    for asked, found in (
        ({"person": looker}, [1]), ({"dataset": "ed_assaults"}, [2]), ({"purpose": "operational"}, [3]),
        ({"answer": "refused"}, [4]), ({"last": last}, [5]), ({"dataset": "neet"}, []),
        ({"dataset": "police_incidents", "answer": "allowed", "first": last}, [3, 1]),
    ):  # fmt: skip
        assert places_in(text_of(browser.get("/audit/", asked, secure=True))) == found, asked


def test_looking_into_the_log_is_in_the_log_and_pages_go_on_where_the_last_one_ended(site: Site) -> None:
    site.opened.audit.append_all([replace(EVENT, rows=n) for n in range(120)])
    member = site.member(Role.GOVERNANCE)
    browser, seen = site.inside(member), []
    address = "?dataset=police_incidents"
    for _ in range(3):
        told = text_of(browser.get(f"/audit/{address}", secure=True))
        seen += places_in(told)
        older = re.findall(r'href="(\?[^"]*before=\d+)"', told)
        address = older[0] if older else ""
    assert (seen, address) == (list(range(120, 0, -1)), "")
    assert site.actions()[-3:] == [(member.handle, "search audit", "done")] * 3
    assert list(site.opened.audit.entries())[-1].event.why == "Dataset: police_incidents"


def test_what_is_pasted_as_a_looker_by_mistake_is_refused_and_written_nowhere(site: Site) -> None:
    browser = site.inside(site.member(Role.GOVERNANCE))
    assert browser.get("/audit/?person=9434765919", secure=True).status_code == 422
    assert b"9434765919" not in served_store().dump()


def test_a_copy_is_numbered_by_the_entry_that_records_it_marked_and_holds_what_is_found(site: Site) -> None:
    site.opened.audit.append_all([replace(EVENT, why="=1+1"), replace(EVENT, dataset="ed_assaults")])
    member = site.member(Role.GOVERNANCE)
    browser = site.inside(member)
    answer = browser.post("/audit/export/", {"dataset": "police_incidents"}, secure=True)
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    number = max(one.seq for one in site.opened.audit.entries())
    assert rows[0][0].startswith(f"OFFICIAL-SENSITIVE. Copy {number} of")
    assert "Dataset: police_incidents" in rows[1][0]
    assert rows[2][0].startswith("1 entry, newest first")
    assert [(row[0], row[13]) for row in rows[5:]] == [("1", "'=1+1")]
    assert site.actions()[-1] == (member.handle, "export audit", "done")
    assert f"audit-copy-{number}.csv" in answer["Content-Disposition"]


def test_the_check_counts_every_entry_and_a_changed_one_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.opened.audit.append_all([EVENT] * 1203)
    browser = site.inside(site.member(Role.GOVERNANCE))
    assert "1,204 entries, nothing altered" in text_of(browser.post("/audit/verify/", secure=True))
    lines = list(site.opened.audit.lines())
    lines[6] = lines[6].replace(b"board paper", b"broad paper")
    monkeypatch.setattr(type(site.opened.audit), "lines", lambda self: iter(lines))
    told = text_of(browser.post("/audit/verify/", secure=True))
    assert "line 7, entry 7: it was changed after it was written" in told


# ── Who looked at one person ─────────────────────────────────────────────────────────────────────────────────────────


def tokens_seen(desk: Desk, purpose: Purpose) -> list[str]:
    """The person tokens that a reader sees now, in the order of the rows."""
    asking = desk.asking(purpose=purpose, why="a test")
    allowed = ask(asking, "police_incidents", ("person_token", "event_from_local"), Edition.SHAREABLE)
    table = desk.warehouse.read(allowed, secrets=desk.keyring.secret)
    return list(table.order_by("event_from_local").to_polars()["person_token"])


@pytest.fixture
def looked(tmp_path: Path) -> Iterator[tuple[Site, dict[str, list[str]]]]:
    """A home whose rows were read in two epochs, and what readers were shown of each of three people."""
    desk = with_pact(tmp_path, SHARED)
    rows = [{"incident_ref": f"I{n}", "person_ref": one, "occurred_from": f"0{n + 1}/07/2026 22:40"}
            for n, one in enumerate((PERSON, "PERSON4712", "OTHER"))]  # fmt: skip
    send(desk, tmp_path / "sent", rms(*rows))
    shown = [tokens_seen(desk, purpose) for purpose in (Purpose.STRATEGIC, Purpose.STEWARDSHIP)]
    new_epoch(desk.asking(why="the yearly change"), runner=run_job)
    shown += [tokens_seen(desk, purpose) for purpose in (Purpose.STRATEGIC, Purpose.STEWARDSHIP)]
    (tmp_path / "sent").rename(tmp_path / "gone")
    yield (
        Site(tmp_path, {}),
        {one: [some[n] for some in shown] for n, one in enumerate((PERSON, "PERSON4712", "OTHER"))},
    )
    connections.close_all()


def test_a_search_by_person_finds_exactly_the_looks_at_them_in_every_epoch_and_keeps_nothing(
    looked: tuple[Site, dict[str, list[str]]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    site, shown = looked
    assert len({token for some in shown.values() for token in some}) == 12
    events = [replace(EVENT, subject=token, action="look") for some in shown.values() for token in some] * 2
    placed = site.opened.audit.append_all([EVENT, *events, EVENT])
    planted = [one.seq for one in placed if one.event.subject in shown[PERSON]]
    assert len(planted) == 8
    browser = site.inside(site.member(Role.GOVERNANCE))
    asked = {"reference": PERSON.lower(), "supplier": "rms", "why": "a subject access request"}
    answer = browser.post("/audit/person/", asked, secure=True)
    assert places_in(text_of(answer)) == sorted(planted, reverse=True)
    assert PERSON.lower() not in text_of(answer).lower()
    tokens = re.findall(r'name="token" value="([^"]+)"', text_of(answer))
    copied = browser.post("/audit/export/", {"token": tokens}, secure=True).content.decode()
    assert copied.count("\n") == 5 + len(planted)
    assert PERSON.lower() not in (served_store().dump().decode() + "".join(capfd.readouterr())).lower()
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert [path for path in files if PERSON.lower().encode() in path.read_bytes().lower()] == []
    assert any(b"a subject access request" in line for line in site.opened.audit.lines())


def test_a_search_by_person_wants_enough_and_a_reason_that_tells_nobody(looked: tuple[Site, Any]) -> None:
    site, _ = looked
    browser = site.inside(site.member(Role.GOVERNANCE))
    for asked in (
        {"why": "a request"}, {"nhs_number": "123", "why": "a request"}, {"reference": PERSON, "why": "a request"},
        {"reference": PERSON, "supplier": "rms", "why": f"about {PERSON}"}, {"reference": PERSON, "supplier": "rms"},
        {"surname": "Smith", "why": "a request"},
    ):  # fmt: skip
        assert browser.post("/audit/person/", asked, secure=True).status_code == 422, asked
    assert PERSON.encode() not in served_store().dump()
    nobody = browser.post("/audit/person/", {"nhs_number": "943 476 5919", "why": "a request"}, secure=True)
    assert "Nobody looked at this person" in text_of(nobody)


# ── Reviewing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def last_week(hour: int) -> datetime:
    monday = NOW - timedelta(days=NOW.weekday() + 7)
    return monday.replace(hour=hour, minute=0, second=0, microsecond=0)


def test_a_week_is_gone_through_once_and_what_stands_out_is_settled_by_somebody_else_with_a_note(site: Site) -> None:
    officer, looker = site.member(Role.GOVERNANCE), site.member(Role.PANEL)
    Conflict.objects.create(person=looker.person, kind="person", value="u1.abc.def", declared_at=last_week(0))
    look = replace(EVENT, at=last_week(12), action="look", subject="u1.abc.def")
    site.opened.audit.append_all([replace(look, person=one.handle) for one in (looker, officer)])
    Conflict.objects.create(person=officer.person, kind="person", value="u1.abc.def", declared_at=last_week(0))
    browser = site.inside(officer)
    assert "Nobody has gone through the looking of the week" in text_of(browser.get("/", secure=True))
    for _ in range(2):
        assert browser.post("/audit/review/", secure=True).status_code == 302
    theirs, own = Review.objects.get(person=looker.handle), Review.objects.get(person=officer.handle)
    assert (theirs.kind, theirs.entries, Review.objects.count()) == ("a declared conflict", [1], 2)
    assert "2 things stood out" in text_of(browser.get("/", secure=True))
    address = f"/audit/review/{theirs.pk}/"
    assert places_in(text_of(browser.get(address, secure=True))) == [1]
    assert browser.post(address, {"state": "closed"}, secure=True).status_code == 422
    assert browser.post(address, {"state": "closed", "note": "it was their own report"}, secure=True).status_code == 302
    theirs.refresh_from_db()
    assert (theirs.state, theirs.note, theirs.by) == ("closed", "it was their own report", officer.handle)
    assert site.actions()[-1] == (officer.handle, "review looking", "closed")
    browser.post(f"/audit/review/{own.pk}/", {"state": "reviewed"}, secure=True)
    own.refresh_from_db()
    assert own.state == "waiting"


def test_a_data_owner_sees_how_often_their_own_data_was_read_and_nobodys_name(site: Site) -> None:
    import tomli_w

    from sharing.county import schedule, terms_as_sent

    terms = terms_as_sent(schedule(suppliers=["rms"], **LASTING))
    site.opened.register.sign(tomli_w.dumps(terms).encode(), person="M. Ashdown", at=NOW - timedelta(days=1))
    site.opened.audit.append_all([EVENT] * 3)
    told = text_of(site.inside(site.member(Role.DATA_OWNER, agency="police")).get("/use/", secure=True))
    assert 'data-label="Reads">3<' in told
    assert "A. Analyst" not in told
    other = text_of(site.inside(site.member(Role.DATA_OWNER, agency="hospital")).get("/use/", secure=True))
    assert "No agreement shares anything of your agency" in other
