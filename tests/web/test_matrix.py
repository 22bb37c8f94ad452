"""Every page answers everybody as the matrix says, and nobody can tell what is forbidden from what is not there."""

import ast
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
import tomli_w
from django.db import transaction
from django.test import override_settings
from django.urls import get_resolver, path, resolve, reverse

from sharing.county import LASTING, terms_as_sent
from upstander.cli.permitted import NEEDS, NOBODY
from upstander.contracts.releasing import Edition
from upstander.pipeline.home import open_home
from upstander.pipeline.outputs import OutputFacts, write_output
from upstander.sharing import ActKind, Decision
from upstander.web.accounts import permissions
from upstander.web.accounts.models import Conflict, Device, Person
from upstander.web.accounts.roles import Role
from upstander.web.api import actions as api_actions
from upstander.web.api.models import Token
from upstander.web.audit.models import Review, Week
from upstander.web.deliveries.models import Sending
from upstander.web.routes import walk
from upstander.web.work.models import Job
from web import cells as matrix
from web.cells import AGREEMENTS, VISITORS, Cell, cells_of, expected, pairs, pairwise
from web.sites import PASSWORD, Site

NOW = datetime.now(UTC)
FIXED = {
    "nowhere": "/nowhere/", "dashboard_tab": "/dashboard/extent/", "figure": "/dashboard/figure/2026-Q3-0001-trend/",
    "take_figure": "/dashboard/figure/2026-Q3-0001-trend/csv/",
}  # fmt: skip


@pytest.fixture
def rooms(site: Site) -> Iterator[Site]:
    with override_settings(ROOT_URLCONF="web.rooms"):
        yield site


def agree(site: Site, agencies: list[str]) -> None:
    """An agreement in force that gives these agencies the operational purpose."""
    terms = terms_as_sent()
    for schedule in terms["schedules"]:
        schedule.update(LASTING, recipients={"agencies": agencies})
    site.opened.register.sign(tomli_w.dumps(terms).encode(), person="M. Ashdown", at=NOW)


def granted(person: Person) -> Token:
    """A token that somebody answers for, waiting to be fetched."""
    until = datetime.now(UTC) + timedelta(days=30)
    return Token.objects.create(
        called="x", person=person, purpose="monitoring", granted_by="x", granted_at=NOW, expires_at=until
    )


def fetched(person: Person) -> str:
    """The secret of a new token of theirs."""
    secret = api_actions.fetch(granted(person).pk, person, datetime.now(UTC))
    assert secret is not None
    return secret


# ── Declarations ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_address_declares_exactly_one_permission_of_the_matrix(site: Site) -> None:
    found = dict(walk(get_resolver().url_patterns))
    assert len(found) > 25
    assert [address for address, one in found.items() if one is None or one.needs not in permissions.ALL] == []


def test_an_address_that_declares_nothing_would_be_found_and_is_not_served(site: Site) -> None:
    bare = path("bare/", lambda request: None, name="bare")
    assert dict(walk([bare])) == {"bare/": None}
    patterns = get_resolver().url_patterns
    patterns.append(bare)
    try:
        assert resolve("/bare/").func is bare.callback
        assert site.inside(site.member(Role.ADMINISTRATOR)).get("/bare/", secure=True).status_code == 404
    finally:
        patterns.remove(bare)


def test_every_permission_is_needed_somewhere(site: Site) -> None:
    needed = {one.needs for _, one in walk(get_resolver().url_patterns) if one}
    by_commands = {getattr(permissions, name) for name in NEEDS.values() if name != NOBODY}
    assert set(permissions.ALL) - needed - by_commands == set()


def test_every_address_has_a_row_written_by_hand(rooms: Site) -> None:
    declared = {one.name: one for _, one in walk(get_resolver().url_patterns) if one}
    assert declared.keys() == matrix.rows().keys() - {"nowhere"}
    assert [name for name, one in declared.items() if one.methods - {"HEAD"} != set(matrix.rows()[name].methods)] == []


def test_nothing_but_the_door_and_the_shell_judges() -> None:
    """No page asks for roles by itself: a second rule beside the matrix would go untested."""
    folder = Path(permissions.__file__).parents[1]
    asks = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "has_roles"
    }
    assert asks == {"accounts/models.py", "standing.py", "home.py"}


def test_an_administrator_sees_no_data(rooms: Site) -> None:
    """Whatever gives a purpose, and so data, is closed to whoever manages people."""
    from web.rooms import PANEL, PICTURE

    for one in (*permissions.ALL, PICTURE, PANEL):
        assert one.purpose is None or Role.ADMINISTRATOR not in one.roles


def place_outputs(home: Path) -> None:
    """A release that is not as it was made, and a bulletin in the ledger."""
    folder = home / "releases" / "2026-Q1" / "0001"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    facts = OutputFacts("bulletin", Edition.SHAREABLE, ("vrn",), "monitoring", "A. Analyst", NOW, NOW.date())
    write_output(open_home(home), facts, [], lambda *_: [])


# ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────────────────


_FORM = "application/x-www-form-urlencoded"
_MANNERS: dict[str, tuple[bytes, str, dict[str, str]]] = {
    "empty": (b"", _FORM, {}),
    "hidden_in_form": (b"_method=DELETE&_httpmethod=DELETE", _FORM, {}),
    "hidden_in_header": (b"", _FORM, {"X-HTTP-Method-Override": "GET", "X-Method-Override": "POST"}),
    "strange_body": (b"\xff{not json", "application/json", {}),
}


NO_STEP = {"stranger", "half_way", "token"}  # have no session that knows when the second factor was shown


def is_of_somebody(cell: Cell) -> bool:
    """Whether something is made for the cell that belongs to its owner."""
    marks = matrix.rows()[cell.name].marks
    elsewhere = {"none", "unmade", "unpublished", "release", "quarter"}  # what there is belongs to nobody
    return bool(marks & matrix.ABOUT_ONE) and not marks & elsewhere and not cell.name.endswith("agreement")


def as_sent(cell: Cell) -> Cell:
    """The cell that stands for all that send the same request."""
    fresh = "fresh" if cell.visitor in NO_STEP else cell.fresh
    owner = cell.owner if cell.owner == "absent" or is_of_somebody(cell) else "own"
    return replace(cell, fresh=fresh, owner=owner)


class Walk:
    """Asks cells of one site; whatever a cell changes is undone after it, but an agreement that ended stays so.

    Every visitor has signed in once, before the first cell; a cell finds them again by the session's key.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.members = {role.value: site.member(role) for role in Role if role is not Role.PUBLIC}
        self.others = {
            "same_agency": site.member(Role.ANALYST),
            "other_agency": site.member(Role.ANALYST, agency="nhs"),
        }
        agree(site, ["vrn"])
        self.week = Week.objects.create(first=NOW.date(), looks=0, people=0, made_at=NOW)
        place_outputs(site.home)
        self.secret = fetched(self.members["analyst"].person)
        self.browser = site.browser()
        self.bare = dict(self.browser.defaults)
        self.sessions: dict[tuple[str, str], str] = {}
        self.agreement = "in_force"
        self.answers: dict[Cell, str] = {}

    def ask(self, cell: Cell) -> str:
        """What a cell is answered. Cells that come to one request of one session, with the same things there, share it:
        the request is sent once, since whatever it changes is undone.
        """
        sent = as_sent(cell)
        if sent not in self.answers:
            self.answers[sent] = self._asked(sent)
        return self.answers[sent]

    def _asked(self, cell: Cell) -> str:
        self._let_stand(cell.agreement)
        self._come_as(cell)
        with transaction.atomic():
            answer = self._answer(cell)
            transaction.set_rollback(True)
        # Pages for everybody may say 404 of their own, or lead to signing in.
        is_public = matrix.rows()[cell.name].who == "everybody" and cell.manner != "other_slash"
        return "open" if is_public and answer.status_code != 405 else _kind(answer)

    def _let_stand(self, agreement: str) -> None:
        """Suspend or end the agreement; what was ended is not taken up again, so cells come in this order."""
        if agreement != self.agreement:
            assert AGREEMENTS.index(self.agreement) < AGREEMENTS.index(agreement)
            kind = ActKind.ENDED if agreement == "ended" else ActKind.SUSPENDED
            self.site.opened.register.act(Decision(kind, "pact", "M. Ashdown", datetime.now(UTC), "the test"))
            self.agreement = agreement

    def _come_as(self, cell: Cell) -> None:
        """The one browser, as this visitor's: a new browser would cost more than the page."""
        key = (cell.visitor, cell.fresh)
        if key not in self.sessions:
            self.sessions[key] = self._sign_in(cell)
        self.browser.cookies.clear()
        if self.sessions[key]:
            self.browser.cookies["__Host-session"] = self.sessions[key]
        token = {"HTTP_AUTHORIZATION": f"Bearer {self.secret}"} if cell.visitor == "token" else {}
        self.browser.defaults = {**self.bare, **token}

    def _sign_in(self, cell: Cell) -> str:
        """The key of a session of theirs; none of a stranger, or of a program."""
        assert cell.fresh == "fresh" or cell.visitor not in NO_STEP
        if cell.visitor in {"stranger", "token"}:
            return ""
        if cell.visitor == "half_way":
            said = {"handle": self.members["analyst"].handle, "password": PASSWORD}
            browser = self.site.browser()
            browser.post("/sign-in/", said, secure=True)
            return str(browser.session.session_key)
        browser = self.site.inside(self.members["analyst" if cell.visitor == "setting_up" else cell.visitor])
        session = browser.session
        if cell.visitor == "setting_up":
            session["setting_up"] = True
        if cell.fresh == "stale":
            session["stepped_up"] = 0
        session.save()
        return str(session.session_key)

    def _answer(self, cell: Cell) -> Any:
        address = self._address(cell)
        if cell.manner == "other_slash":
            path, _, query = address.partition("?")
            other = path[:-1] if path.endswith("/") and path != "/" else f"{path}/"
            return self.browser.generic(cell.method, "/", PATH_INFO=other, QUERY_STRING=query, secure=True)
        body, kind, headers = _MANNERS[cell.manner]
        return self.browser.generic(cell.method, address, body, kind, secure=True, headers=headers)

    def _address(self, cell: Cell) -> str:
        if cell.name in FIXED:
            return FIXED[cell.name]
        if cell.name == "open_invitation":
            return reverse(cell.name, args=["x" * 43])
        if "unmade" in matrix.rows()[cell.name].marks:
            return _of_nothing(cell.name)
        if cell.name == "annex":
            return reverse(cell.name) + "?dataset=police_incidents"
        if cell.name in {"agreement", "decide_agreement"}:
            name = "none" if cell.owner == "absent" else "pact"
            return reverse(cell.name, args=[name, "end"] if cell.name == "decide_agreement" else [name])
        if found := self._of_release(cell):
            return reverse(cell.name, args=found)
        if "unpublished" in matrix.rows()[cell.name].marks:
            asks = "?id=none" if cell.name == "api_figure" else ""  # without it: 400, whatever there is
            return reverse(cell.name, args=["2026-Q3", 1]) + asks
        if not matrix.rows()[cell.name].marks & matrix.ABOUT_ONE:
            return reverse(cell.name)
        if matrix.rows()[cell.name].marks & {"feed", "none"}:
            return reverse(cell.name, args=self._words(cell))
        return reverse(cell.name, args=[self._number(cell)])

    def _of_release(self, cell: Cell) -> list[object]:
        """Words of an address about a release; the one there is is not as it was made, and its pages say so."""
        marks = matrix.rows()[cell.name].marks
        if not marks & {"release", "quarter"}:
            return []
        quarter = "2036-Q1" if cell.owner == "absent" else "2026-Q1"
        further: dict[str, list[object]] = {
            "make_release": [],
            "release_table": [1, "small"],
            "take_file": [1, "open-data", "README.txt"],
        }
        if cell.name == "recall_output":
            return ["bulletin", "0002" if cell.owner == "absent" else "0001"]
        return [quarter, *further.get(cell.name, [1])]

    def _words(self, cell: Cell) -> list[str]:
        """Of a page about a delivery: one that was sent by the owner's agency, or what is not there."""
        if cell.name in {"feed_quality", "scorecard_file", "handout"}:
            return ["police_incidents", "nobody", *(["guide.html"] if cell.name != "feed_quality" else [])]
        upload = "0123456789abcdef0123"
        if "feed" in matrix.rows()[cell.name].marks and cell.owner != "absent":
            owner = self._owner(cell)
            Sending.objects.create(
                upload=upload, dataset="police_incidents", supplier="rms", provider=owner.agency_id, covers="auto",
                size=1, person=owner, sent=NOW,
            )  # fmt: skip
        return [upload]

    def _owner(self, cell: Cell) -> Person:
        assert is_of_somebody(cell)  # or cells of other owners would share its answer
        visitor: Person = self.members.get(cell.visitor, self.members["analyst"]).person
        owner: Person = visitor if cell.owner == "own" else self.others[cell.owner].person
        return owner

    def _number(self, cell: Cell) -> int:
        if cell.owner == "absent":
            return 987_654
        owner = self._owner(cell)
        if cell.name == "remove_passkey":
            from allauth.mfa.models import Authenticator

            return int(Authenticator.objects.create(user=owner, type="webauthn", data={"name": "key"}).pk)
        if cell.name == "end_device":
            made = Device.objects.create(person=owner, session_key=owner.handle, address="::1", agent="", since=NOW)
            return int(made.pk)
        if cell.name == "one_review":
            return int(Review.objects.create(week=self.week, kind="x", person="p0", said="x").pk)
        if cell.name in {"revoke_token", "fetch_token", "revoke_own_token"}:
            return granted(owner).pk
        if cell.name == "end_conflict":
            return int(Conflict.objects.create(person=owner, kind="area", value="x", declared_at=NOW).pk)
        if "watched" in matrix.rows()[cell.name].marks:
            return int(Job.objects.create(kind="a job", person=owner, made=NOW).pk)
        return int(owner.pk)


def _of_nothing(name: str) -> str:
    """The address of a page about a thing that there is none of."""
    words = {"basemap": [], "place": [987_654, "lsoa21:F01000001"], "place_paper": [987_654, "lsoa21:F01000001"]}
    return reverse(name, args=words.get(name, [987_654]))


def _kind(answer: Any) -> str:
    assert answer.status_code < 500 or answer.request["PATH_INFO"] == "/breaks/", answer.request["PATH_INFO"]
    leads = answer.headers.get("Location", "")
    if answer.status_code == 405:
        return "method"
    if answer.status_code == 401:
        return "sign_in"
    absent = (b"Page not found" in answer.content, b"nothing here for you" in answer.content, not answer.content)
    if answer.status_code == 404 and any(absent):
        return "absent"
    before = {"/sign-in/?next=": "sign_in", "/set-up/?next=": "set_up", "/step-up/?next=": "step_up"}
    before |= {} if answer.request["REQUEST_METHOD"] in {"GET", "HEAD"} else {
        "/sign-in/": "sign_in", "/set-up/": "set_up", "/step-up/": "step_up"
    }  # fmt: skip
    return next((kind for start, kind in before.items() if leads.startswith(start)), "open")


@pytest.mark.skipif(os.environ.get("UPSTANDER_PROVE") == "1", reason="among all cells, which are asked here")
@pytest.mark.parametrize("visitor", VISITORS)
def test_the_door_answers_every_pair_of_values_as_declared(
    rooms: Site, visitor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = pairwise(list(cells_of(visitor)))
    wrong, sent = _wrong(rooms, found)
    with capsys.disabled():
        print(f"\nmatrix, {visitor}: {len(found)} cells asked by {sent} requests, {len(wrong)} wrong")
    assert wrong == []


@pytest.mark.prove
@pytest.mark.parametrize("visitor", VISITORS)
def test_the_door_answers_every_cell_as_declared(rooms: Site, visitor: str, proof: Callable[..., None]) -> None:
    found = list(cells_of(visitor))
    wrong, sent = _wrong(rooms, found)
    proof(f"cells of the authorisation matrix answered as declared: {visitor}",
          figure=f"{len(found) - len(wrong)} of {len(found)}, by {sent} requests", goal="all")  # fmt: skip
    assert wrong == []


def _wrong(site: Site, found: list[Cell]) -> tuple[list[tuple[Cell, str, str]], int]:
    """The cells that were answered otherwise than declared, and how many requests were sent."""
    walk_ = Walk(site)
    asked = [
        (one, expected(one), walk_.ask(one)) for one in sorted(found, key=lambda one: AGREEMENTS.index(one.agreement))
    ]
    return [one for one in asked if one[1] != one[2]], len(walk_.answers)


def test_cells_cover_every_answer_and_pairs_are_all_there() -> None:
    every = {visitor: list(cells_of(visitor)) for visitor in VISITORS}
    kept = {visitor: pairwise(cells) for visitor, cells in every.items()}
    answers = {expected(cell) for cells in kept.values() for cell in cells}
    assert answers == {"open", "sign_in", "set_up", "step_up", "absent", "method"}
    assert all(set(kept[visitor]) <= set(cells) for visitor, cells in every.items())
    for visitor, cells in every.items():
        assert set().union(*map(pairs, cells)) == set().union(*map(pairs, kept[visitor]))
        assert len(kept[visitor]) < len(cells) / 5


def test_a_wrong_rule_would_be_found(rooms: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    walk_ = Walk(rooms)
    cell = Cell("people", "GET", "analyst", "fresh", "own", "in_force")
    assert walk_.ask(cell) == expected(cell) == "absent"
    walk_.answers.clear()
    monkeypatch.setattr("upstander.web.accounts.permissions.is_given", lambda needed, standing: True)
    assert walk_.ask(cell) == "open"


# ── Forbidden and absent ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ["/people/", "/people/1/", "/conflicts/", "/picture/", "/panel/", "/set-up/"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_forbidden_and_absent_are_the_same_bytes_and_headers(rooms: Site, address: str, method: str) -> None:
    browser = rooms.inside(rooms.member(Role.PROFESSIONAL))
    answers = [browser.generic(method, one, secure=True) for one in (address, "/nowhere/", "/people/987654/")]
    told = {(one.status_code, one.content, tuple(sorted(one.headers.items()))) for one in answers}
    assert len(told) == 1
    assert answers[0].status_code == 404


def test_a_stranger_cannot_tell_what_there_is(rooms: Site) -> None:
    asked = [rooms.browser().get(one, secure=True) for one in ("/people/", "/nowher/", "/pictur/")]
    shapes = {(one.status_code, re.sub(r"next=.*", "", one["Location"]), one.content) for one in asked}
    assert shapes == {(302, "/sign-in/?", b"")}


@pytest.mark.parametrize(
    "address", ["/people", "//people/", "/People/", "/people//", "/%70eople%2F", "/./people/", "/people/%2e/"]
)
def test_other_spellings_of_an_address_open_nothing(rooms: Site, address: str) -> None:
    browser = rooms.inside(rooms.member(Role.PROFESSIONAL))
    assert browser.get("/", PATH_INFO=unquote(address), secure=True).status_code == 404


def test_a_method_hidden_in_a_form_or_a_header_counts_for_nothing(rooms: Site) -> None:
    target = rooms.member(Role.ANALYST).person
    browser = rooms.inside(rooms.member(Role.ADMINISTRATOR))
    for words in ({"_method": "DELETE"}, {"_method": "PUT"}):
        browser.post(f"/people/{target.pk}/", words, secure=True, headers={"X-HTTP-Method-Override": "DELETE"})
    assert Person.objects.get(pk=target.pk).is_active


def test_who_was_refused_is_written_down_and_so_is_who_looked_for_nothing(rooms: Site) -> None:
    """Both, or the time that writing takes would tell them apart."""
    member = rooms.member(Role.PROFESSIONAL)
    for address in ("/people/", "/nowhere/"):
        rooms.inside(member).get(address, secure=True)
    told = [(one.event.person, one.event.action, one.event.why) for one in rooms.opened.audit.entries()]
    assert told == [(member.handle, "open a page", "people.read"), (member.handle, "open a page", "no such page")]


@pytest.mark.prove
def test_forbidden_and_absent_take_the_same_time(rooms: Site, proof: Callable[..., None]) -> None:
    """How far apart, as a figure: the chance that a forbidden page takes longer than one that is not there."""
    browser = rooms.inside(rooms.member(Role.PROFESSIONAL))
    took: dict[str, list[float]] = {"/people/": [], "/nowhere/": []}
    for _ in range(1_000):
        for address, times in took.items():
            began = time.perf_counter()
            assert browser.get(address, secure=True).status_code == 404
            times.append(time.perf_counter() - began)
    forbidden, absent = (np.array(took[one]) for one in ("/people/", "/nowhere/"))
    longer = float((forbidden[:, None] > absent[None, :]).mean())
    apart = 1_000 * float(np.median(forbidden) - np.median(absent))
    told = f"in {longer:.1%} of pairs; medians {apart:+.2f} ms apart"
    proof("a forbidden page takes longer than an absent one", figure=told, goal="50%: they cannot be told apart")
    assert len(forbidden) == len(absent) == 1_000


# ── Agreements ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_room_with_a_purpose_says_why_and_until_when_and_closes_with_the_agreement(rooms: Site) -> None:
    agree(rooms, ["vrn"])
    browser = rooms.inside(rooms.member(Role.TASKING))
    page = browser.get("/picture/", secure=True)
    assert page.status_code == 200
    assert "You see this for the operational purpose, under The pact, until" in page.content.decode()
    rooms.opened.register.act(Decision(ActKind.ENDED, "pact", "M. Ashdown", datetime.now(UTC), "the test"))
    assert browser.get("/picture/", secure=True).status_code == 404


def test_an_agreement_with_others_opens_nothing(rooms: Site) -> None:
    agree(rooms, ["police"])
    assert rooms.inside(rooms.member(Role.TASKING)).get("/picture/", secure=True).status_code == 404


def test_navigation_shows_what_would_open_and_nothing_else(rooms: Site) -> None:
    agree(rooms, ["vrn"])
    for role in (Role.ADMINISTRATOR, Role.TASKING, Role.GOVERNANCE):
        browser = rooms.inside(rooms.member(role))
        page = browser.get("/account/", secure=True).content.decode()
        links = re.findall(r'govuk-service-navigation__link" href="([^"]+)"', page)
        assert [browser.get(link, secure=True).status_code for link in links] == [200] * len(links)
        assert ("/people/" in links) == (role is Role.ADMINISTRATOR)
