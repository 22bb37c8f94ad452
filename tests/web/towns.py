"""The site of the small fictional town of tests/pipeline/release/town.py, with one quarter delivered."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import time_machine
from django.db import connections

from pipeline.homes import desk_at
from pipeline.release.town import AREAS, deliver_quarter, on, public_rows, town_desk
from upstander.pipeline.desk import Desk
from upstander.web.accounts.roles import Role
from web.sites import Member, Site

QUARTER, DAY = "2026-Q1", date(2026, 5, 15)
NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)  # four days after it was due
COUNTS = (0, 2, 1, 1, 14, 3, 26, 6, 1, 12, 5, 8, 1009, 2, 7, 11)
EXACT, SHOWN = (1029, 1108), "1,030"  # of the busiest ward and of the town, and the ward as the rule lets it be shown


def town(folder: Path) -> None:
    """A home with one quarter delivered and nothing released."""
    assert len(COUNTS) == len(AREAS)
    desk = on(town_desk(folder, shares_persons=False, publishable=True, release={"quarters": 2}), DAY)
    deliver_quarter(desk, folder / "sent", QUARTER, town_rows())


def town_rows() -> list[dict[str, str]]:
    """What the police sent of the quarter, all of it at public places."""
    return public_rows(QUARTER, COUNTS)


@contextmanager
def town_site(made: Path, folder: Path) -> Iterator[Site]:
    """The site of a copy of the town, on the day NOON."""
    copy_town(made, folder)
    with time_machine.travel(NOON, tick=True):
        yield Site(folder, {})
    connections.close_all()


def copy_town(made: Path, folder: Path) -> None:
    for name in ("home", "home.key"):
        copy = shutil.copytree if (made / name).is_dir() else shutil.copy
        copy(made / name, folder / name)


def desk_on(folder: Path, site: Site) -> Desk:
    """The desk of the town's analyst at the command, on the site's own day, register and audit log."""
    from dataclasses import replace

    desk = on(desk_at(folder), DAY)
    return replace(desk, register=site.opened.register, audit=site.opened.audit)


class Answering:
    """Those who answer for a release, each with a browser of their own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.analyst, self.director, self.officer, self.other = (
            site.member(role) for role in (Role.ANALYST, Role.DIRECTOR, Role.GOVERNANCE, Role.ANALYST)
        )

    def get(self, member: Member, address: str) -> Any:
        return self.site.inside(member).get(address, secure=True)

    def post(self, member: Member, address: str, **words: str) -> Any:
        return self.site.inside(member).post(address, words, secure=True)

    def work(self) -> str:
        """What the last job said once a worker did all that waits."""
        from upstander.web.work.models import Job
        from upstander.web.work.worker import Worker

        Worker().work(once=True)
        connections["default"].ensure_connection()
        return str(Job.objects.order_by("-pk")[0].message)

    def make(self) -> str:
        self.post(self.analyst, f"/releases/make/{QUARTER}/", why="all is in")
        return self.work()

    def approve(self, member: Member, *, number: int = 1) -> str:
        from upstander.pipeline.release.shelf import find_edition

        sha256 = find_edition(self.site.opened.home, QUARTER, number).sha256
        address = f"/releases/{QUARTER}/{number}/approve/"
        answer = self.post(member, address, typed=sha256[:8], why="the tables")
        return self.work() if answer.status_code == 302 else f"{answer.status_code}"

    def publish(self, *, number: int = 1) -> None:
        self.approve(self.director, number=number)
        self.approve(self.officer, number=number)
