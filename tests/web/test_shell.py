"""What every answer carries, whatever it says; and what the site does when it is too busy or its database is gone."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, override_settings

from upstander.errors import WrongUsage
from upstander.pipeline.home import Settings, make_home
from upstander.pipeline.home import Site as SiteSettings
from upstander.web.accounts import actions
from upstander.web.accounts.models import Conflict, Vetting
from upstander.web.accounts.roles import Role
from upstander.web.overload import Overload
from upstander.web.secret import VARIABLE, site_secret
from web.headers import bare
from web.sites import FAR, Site
from web.test_matrix import agree

NOW = datetime.now(UTC)


@pytest.fixture
def rooms(site: Site) -> Iterator[Site]:
    with override_settings(ROOT_URLCONF="web.rooms"):
        yield site


def test_every_kind_of_answer_carries_every_header(rooms: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    agree(rooms, ["vrn"])
    inside, stranger = rooms.inside(rooms.member(Role.TASKING)), rooms.browser(enforce_csrf_checks=True)
    answers = {
        200: inside.get("/", secure=True), 302: stranger.get("/", secure=True),
        404: inside.get("/nowhere/", secure=True),
        405: inside.put("/", secure=True), 403: stranger.post("/sign-in/", secure=True),
        422: inside.post("/account/conflict/", secure=True), 500: inside.get("/breaks/", secure=True),
        400: rooms.browser().get("/", secure=True, headers={"host": "elsewhere.example"}),
    }  # fmt: skip
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        answers[413] = rooms.browser().post("/sign-in/", {"handle": "x" * 20}, secure=True)
    answers[429] = _one_too_many(rooms, monkeypatch)
    monkeypatch.setattr("upstander.web.overload.BoundedSemaphore.acquire", lambda self, **_: False)
    answers[503] = rooms.browser().get("/help/", secure=True)
    assert {status: one.status_code for status, one in answers.items()} == {status: status for status in answers}
    assert {status: list(bare(one.headers)) for status, one in answers.items()} == {status: [] for status in answers}


def _one_too_many(site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The answer to one page more in a minute than a person may open."""
    monkeypatch.setattr("upstander.web.lookups.Lookups.count", lambda self, person, at: 1_000_001)
    answer = site.inside(site.member(Role.ANALYST)).get("/", secure=True)
    monkeypatch.undo()
    return answer


def test_a_person_may_open_so_many_pages_a_minute_and_others_go_on(tmp_path: Path) -> None:
    site = Site(tmp_path, {}, Settings())
    member, other = site.member(Role.ANALYST), site.member(Role.ANALYST)
    with time_machine.travel(datetime(2026, 11, 27, 12, 0, 20, tzinfo=UTC), tick=False) as clock:
        browser, here = site.inside(member), site.inside(member).cookies
        opened = [browser.get("/help/" if n % 2 else "/account/", secure=True).status_code for n in range(120)]
        assert set(opened) == {200}
        there = browser.cookies
        refused = []
        for browser.cookies in (here, there):  # wherever they are signed in
            refused.append(browser.get("/account/", secure=True))
        assert [(one.status_code, one.headers["Retry-After"]) for one in refused] == [(429, "40")] * 2
        assert "Go on in 40 seconds" in refused[0].content.decode()
        browser.cookies = site.inside(other).cookies
        assert browser.get("/account/", secure=True).status_code == 200
        browser.cookies = there
        clock.shift(40)
        assert browser.get("/account/", secure=True).status_code == 200
    assert site.actions() == [(member.handle, "ask too often", "refused")]


def test_a_defect_is_told_without_what_it_quotes(rooms: Site, caplog: pytest.LogCaptureFixture) -> None:
    agree(rooms, ["vrn"])
    with caplog.at_level("INFO", logger="upstander.web"):
        page = rooms.inside(rooms.member(Role.TASKING)).get("/breaks/", secure=True)
    ours = "".join(one.getMessage() for one in caplog.records if one.name == "upstander.web")
    assert (page.status_code, b"Mary" in page.content, "Mary" in ours) == (500, False, False)
    assert "ValueError" in ours


def test_cookies_are_of_this_host_secure_and_out_of_reach_of_scripts(site: Site) -> None:
    browser = site.browser()
    browser.get("/sign-in/", secure=True)
    site.sign_in(browser, site.member(Role.ANALYST))
    for cookie in browser.cookies.values():
        marks = (cookie.key[:7], cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"])
        assert marks == ("__Host-", True, True, "/", "")
    assert len(browser.cookies) == 3


def test_a_database_that_is_gone_says_try_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = site.inside(site.member(Role.ANALYST))

    def gone(*words: object) -> None:
        raise DatabaseError("SELECT * FROM accounts_person WHERE name = 'Mary'")

    monkeypatch.setattr("upstander.web.door.standing_of", gone)
    answer = browser.get("/", secure=True)
    assert (answer.status_code, answer.headers["Retry-After"], b"Mary" in answer.content) == (503, "60", False)


def test_beyond_its_room_the_site_turns_away_at_once_and_then_goes_on() -> None:
    """Ten at once where there is room for two: two are answered, eight are turned away, and afterwards all is well."""
    begun, go = threading.Barrier(3), threading.Event()

    def page(request: HttpRequest) -> HttpResponse:
        begun.wait(timeout=60)
        go.wait(timeout=60)
        return HttpResponse("page")

    busy, ask = Overload(page, at_once=2, waiting=0), RequestFactory()
    told: list[int] = []
    inside = [threading.Thread(target=lambda: told.append(busy(ask.get("/")).status_code)) for _ in range(2)]
    for one in inside:
        one.start()
    begun.wait(timeout=60)
    beyond = [busy(ask.get("/")) for _ in range(8)]
    assert {(one.status_code, one.headers["Retry-After"]) for one in beyond} == {(503, "1")}
    go.set()
    for one in inside:
        one.join(timeout=60)
    assert told == [200, 200]
    begun.abort()
    assert Overload(lambda request: HttpResponse("page"), at_once=1)(ask.get("/")).status_code == 200


def test_a_few_wait_for_their_turn_and_are_answered() -> None:
    """Room for one, and for one who waits: the second is answered after the first, the third is turned away."""
    begun, go = threading.Event(), threading.Event()

    def page(request: HttpRequest) -> HttpResponse:
        begun.set()
        go.wait(timeout=60)
        return HttpResponse("page")

    busy, ask = Overload(page, at_once=1, waiting=1, patience_s=60), RequestFactory()
    told: list[int] = []
    threads = [threading.Thread(target=lambda: told.append(busy(ask.get("/")).status_code)) for _ in range(3)]
    threads[0].start()
    assert begun.wait(timeout=60)
    threads[1].start()
    threads[2].start()
    while not told:  # one of these two finds the only place to wait taken
        time.sleep(0.001)
    assert told == [503]
    go.set()
    for one in threads:
        one.join(timeout=60)
    assert sorted(told) == [200, 200, 503]


# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────────

VETTED = actions.Vetted(Vetting.NPPV2, FAR)


def test_an_administrator_has_no_other_role(site: Site) -> None:
    with pytest.raises(WrongUsage, match="administrator alone"):
        actions.invite("a.b", "A", site.agency(), [Role.ADMINISTRATOR, Role.ANALYST], VETTED, "x", NOW)


def test_nobody_changes_or_closes_their_own_account(site: Site) -> None:
    person = site.member(Role.ADMINISTRATOR).person
    for act in (
        lambda: actions.close(person, person, NOW),
        lambda: actions.change(person, [Role.ANALYST], VETTED, person, NOW),
    ):
        with pytest.raises(WrongUsage, match="another administrator"):
            act()


def test_a_change_of_roles_counts_from_the_next_request(site: Site) -> None:
    member, boss = site.member(Role.ADMINISTRATOR), site.member(Role.ADMINISTRATOR)
    browser = site.inside(member)
    assert browser.get("/people/", secure=True).status_code == 200
    actions.change(member.person, [Role.ANALYST], VETTED, boss.person, NOW)
    assert browser.get("/people/", secure=True).status_code == 404


def test_what_somebody_declares_is_kept_from_them_until_an_officer_ends_it(site: Site) -> None:
    person, officer = site.member(Role.ANALYST).person, site.member(Role.GOVERNANCE).person
    declared = actions.declare_conflict(person, Conflict.Kind.AREA, " ward24:F05000123 ", NOW)
    actions.declare_conflict(person, Conflict.Kind.PERSON, "u1.abc.def", NOW)
    assert actions.hidden_from(person) == actions.Hidden(frozenset({"ward24:F05000123"}), frozenset({"u1.abc.def"}))
    actions.end_conflict(declared, officer, NOW)
    assert actions.hidden_from(person) == actions.Hidden(frozenset(), frozenset({"u1.abc.def"}))
    with pytest.raises(WrongUsage):
        actions.declare_conflict(person, Conflict.Kind.AREA, "High Street", NOW)
    own = actions.declare_conflict(officer, Conflict.Kind.AREA, "ward24:F05000124", NOW)
    with pytest.raises(WrongUsage, match="nobody ends their own"):
        actions.end_conflict(own, officer, NOW)


def test_an_action_that_cannot_be_written_down_does_not_happen(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    person = site.member(Role.ANALYST).person

    def full(*words: object, **named: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("upstander.web.audit.log.DatabaseAuditLog.append_all", full)
    with pytest.raises(OSError, match="no room"):
        actions.close(person, "the machine", NOW)
    person.refresh_from_db()
    assert person.is_active


def test_the_home_page_says_what_is_due_and_that_there_is_nothing_where_there_is_nothing(site: Site) -> None:
    soon = site.member(Role.ANALYST, until=NOW + timedelta(days=30))
    page = site.inside(soon).get("/", secure=True).content.decode()
    assert "Your vetting ends on" in page
    assert "Nothing waits for you." in page


# ── The secret ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_secret_is_made_once_for_its_owner_alone_and_never_inside_the_home(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "kept" / "secret"
    first = site_secret(home, environ={VARIABLE: str(outside)}, setting=None)
    assert site_secret(home, environ={}, setting=outside) == first
    assert (len(first), outside.stat().st_mode & 0o777) == (64, 0o600)
    with pytest.raises(WrongUsage, match="inside the home"):
        site_secret(home, environ={VARIABLE: str(home / "secret")}, setting=None)
    outside.chmod(0o644)
    with pytest.raises(WrongUsage, match="Others than its owner"):
        site_secret(home, environ={VARIABLE: str(outside)}, setting=None)


_SIGN_IN = """
import os, sys
from pathlib import Path
from upstander.web.site import open_site
open_site(Path(sys.argv[1]), environ=os.environ)
from django.test import Client
from django.urls import get_resolver
from upstander.web.routes import walk
page = Client().get("/sign-in/", secure=True, headers={"host": "vrn.example"})
undeclared = [address for address, one in walk(get_resolver().url_patterns) if one is None]
print(page.status_code, 'href="/sign-in/oidc/trust/"' in page.content.decode(), undeclared)
"""


def test_an_agency_that_the_settings_name_is_offered_for_single_sign_on(tmp_path: Path) -> None:
    """In a process of its own, since its parts are loaded only where the settings ask for them."""
    provider = {
        "provider_id": "trust", "name": "The hospital trust", "client_id": "upstander",
        "client_secret_file": "../oidc", "settings": {"server_url": "https://idp.example"},
    }  # fmt: skip
    site = SiteSettings.model_validate({"hosts": ["vrn.example"], "single_sign_on": {"openid_connect": [provider]}})
    make_home(tmp_path / "home", Settings(site=site))
    (tmp_path / "oidc").write_text("a secret", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _SIGN_IN, str(tmp_path / "home")],
        env={**os.environ, VARIABLE: str(tmp_path / "secret")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "200 True []", done.stderr[-2000:]
