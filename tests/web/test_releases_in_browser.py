"""Releases in a real browser: an approval by keyboard alone, and every page sound to axe in four states."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.db import connections

from upstander.pipeline.release.covering import quarter_named
from upstander.pipeline.release.making import make_release
from upstander.web.accounts.roles import Role
from upstander.web.work.worker import Worker
from web.browsing import STATES, Served, chromium, entered, faults, tab_to
from web.serving import served
from web.sites import Site
from web.towns import NOON, QUARTER, desk_on, town

ONE = f"/releases/{QUARTER}/1/"
PAGES = ("/", "/releases/", f"/releases/make/{QUARTER}/", ONE, f"{ONE}attack/", f"{ONE}revisions/", f"{ONE}approve/",
         f"{ONE}files/", f"{ONE}tables/police_incidents_small/", "/ledger/")  # fmt: skip


@dataclass
class Town(Served):
    """The served town, with a release that nobody has approved."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread
        yield from _here(tmp_path_factory)


def _here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("served")
    town(folder)
    site = Site(folder, {})
    with time_machine.travel(NOON, tick=True):
        make_release(desk_on(folder, site), quarter_named(QUARTER))
    members = {role: site.member(role) for role in (Role.ANALYST, Role.DIRECTOR)}
    connections.close_all()
    environ = {"UPSTANDER_SITE_SECRET_FILE": str(folder / "site-secret")}
    with served(site.home, environ, folder / "log") as address, chromium() as browser:
        yield Town(address, site, browser, folder / "log", members)
    connections.close_all()


@pytest.mark.parametrize("state", STATES)
def test_every_page_of_releases_is_sound_fits_and_asks_nothing_of_elsewhere(here: Town, state: str) -> None:
    page, watch = entered(here, here.members[Role.ANALYST], **STATES[state])
    wrong: list[tuple[str, Any]] = []
    for address in PAGES:
        answer = page.goto(here.address + address)
        assert answer is not None
        if answer.status != 200:
            wrong.append((address, answer.status))
        if state != "no_javascript":
            wrong += [(address, f"{one}") for one in faults(page, forced=state == "forced_colours")]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append((address, "wider than the window"))
    assert (wrong, watch.outside, watch.refused) == ([], [], [])


def test_a_director_reads_a_release_and_approves_it_by_keyboard_alone(here: Town) -> None:
    page, watch = entered(here, here.members[Role.DIRECTOR], **STATES["normal"])
    page.goto(here.address + "/")
    tab_to(page, "The release of January to March 2026 waits for your approval")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{ONE}approve/")
    found = re.search(r"[0-9a-f]{64}", page.inner_text("main"))
    assert found is not None
    tab_to(page, "Type the first 8 characters")
    page.keyboard.type("00000000")
    tab_to(page, "What did you look at?")
    page.keyboard.type("The tables, the attack and the revisions")
    page.keyboard.press("Enter")
    page.wait_for_selector(".govuk-error-summary")
    assert faults(page) == []
    tab_to(page, "Type the first 8 characters")
    page.keyboard.press("Control+A")
    page.keyboard.type(found[0][:8])
    tab_to(page, "Approve the release")
    page.keyboard.press("Enter")
    page.wait_for_url("**/work/*/")
    Worker().work(once=True)
    connections.close_all()
    page.reload()
    assert "stands: 1 of 2 approvals" in page.inner_text("main")
    page.goto(here.address + ONE)
    assert here.members[Role.DIRECTOR].handle in page.inner_text("dl")
    assert (watch.outside, watch.refused) == ([], [])
