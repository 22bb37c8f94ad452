"""A page asked for again within a second: the same bytes, a line in the log each time, and never for anybody else."""

import io
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections

from upstander.errors import TryAgain
from upstander.web.accounts import actions
from upstander.web.accounts.roles import Role
from upstander.web.again import Again
from upstander.web.audit.together import Together
from web.released_town import town_site
from web.sites import Member, Site

PAGE = "/dashboard/"


@dataclass
class Clock:
    """A monotonic clock that stands still until it is moved."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("upstander.web.again.time.monotonic", found)
    return found


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Site]:
    yield town_site(tmp_path_factory, tmp_path / "town")
    connections.close_all()


@dataclass
class Browser:
    """A session in front of the site as gunicorn has it."""

    site: Again
    session: str

    def get(self, address: str = PAGE, method: str = "GET", **more: str) -> tuple[int, bytes]:
        said: list[str] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "PATH_INFO": address, "QUERY_STRING": "", "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "443", "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(), "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost",
            "HTTP_COOKIE": f"__Host-session={self.session}", **more,
        }  # fmt: skip
        answer = self.site(environ, lambda status, headers, *_: said.append(status))
        try:
            return int(said[0][:3]), b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()


def browser(site: Site, member: Member, front: Again) -> Browser:
    return Browser(front, str(site.inside(member).cookies["__Host-session"].value))


@pytest.fixture
def front() -> Again:
    return Again(WSGIHandler())


def test_within_a_second_it_is_the_same_page_and_each_look_is_a_line(town: Site, front: Again, clock: Clock) -> None:
    member = town.member(Role.DIRECTOR)
    mine = browser(town, member, front)
    status, page = mine.get()
    before = town.actions()
    assert (status, b"Release 2026-Q1/0001" in page) == (200, True)
    clock.now += 0.5
    assert [mine.get() for _ in range(3)] == [(200, page)] * 3
    assert town.actions()[len(before) :] == [before[-1]] * 3


def test_whoever_may_no_longer_enter_is_shown_nothing_after_a_second(town: Site, front: Again, clock: Clock) -> None:
    member = town.member(Role.DIRECTOR)
    mine = browser(town, member, front)
    assert mine.get()[0] == 200
    actions.close(member.person, town.member(Role.ADMINISTRATOR).person, datetime.now(UTC))
    clock.now += 0.8
    assert mine.get()[0] == 200  # not yet a second: what shows that it would be shown again at all
    clock.now += 0.2
    assert mine.get()[0] == 302


def test_it_is_shown_to_nobody_else_and_for_no_other_request(town: Site, front: Again, clock: Clock) -> None:
    mine = browser(town, town.member(Role.DIRECTOR), front)
    other, stranger = browser(town, town.member(Role.PROFESSIONAL), front), Browser(front, "x")
    status, page = mine.get()
    assert (status, stranger.get()[0]) == (200, 302)
    assert other.get()[1] != page
    assert browser(town, town.member(Role.PANEL), front).get()[0] == 404
    assert mine.get(method="POST")[0] != 200
    assert mine.get(HTTP_HOST="elsewhere.example")[0] == 400
    assert mine.get(QUERY_STRING="area=ward24:X")[0] == 422


def test_a_page_that_does_not_say_so_is_asked_of_the_door_each_time(town: Site, front: Again, clock: Clock) -> None:
    member = town.member(Role.DIRECTOR)
    mine = browser(town, member, front)
    assert mine.get("/")[0] == 200
    actions.close(member.person, town.member(Role.ADMINISTRATOR).person, datetime.now(UTC))
    assert mine.get("/")[0] == 302


def test_a_look_that_cannot_be_written_down_is_none(
    town: Site, front: Again, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = browser(town, town.member(Role.DIRECTOR), front)
    assert mine.get()[0] == 200

    def full(*_: object) -> None:
        raise TryAgain("full")

    monkeypatch.setattr("upstander.web.audit.log.DatabaseAuditLog.append_all", full)
    assert mine.get()[0] == 503


def test_what_many_write_at_once_is_one_commit_and_each_gets_its_own() -> None:
    began, go, batches = threading.Event(), threading.Event(), list[list[int]]()

    def write(wanted: Sequence[int]) -> list[str]:
        batches.append(list(wanted))
        began.set()
        assert go.wait(60)
        return [f"entry {one}" for one in wanted]

    together, told = Together(write), dict[int, str]()
    threads = [threading.Thread(target=lambda one=one: told.update({one: together.do(one)})) for one in range(9)]
    threads[0].start()
    assert began.wait(60)
    for one in threads[1:]:
        one.start()
    while len(together._waiting) < 8:  # until all eight stand behind the first
        threading.Event().wait(0.001)
    go.set()
    for one in threads:
        one.join(60)
    assert ([len(one) for one in batches], sorted(chain.from_iterable(batches))) == ([1, 8], list(range(9)))
    assert told == {one: f"entry {one}" for one in range(9)}


def test_what_could_not_be_written_is_told_to_whoever_wanted_it_and_the_next_is_written() -> None:
    def write(wanted: Sequence[int]) -> list[int]:
        if 13 in wanted:
            raise TryAgain("no room")
        return list(wanted)

    together = Together(write)
    with pytest.raises(TryAgain, match="no room"):
        together.do(13)
    assert together.do(14) == 14
