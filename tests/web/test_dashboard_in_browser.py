"""The dashboard in a real browser: sound to axe in every state, by keyboard alone, without JavaScript, in print."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from upstander.web.accounts.roles import Role
from web.browsing import STATES, Served, chromium, entered, faults, tab_to
from web.released_town import town_site
from web.serving import served

QUERY = "?measure=police_violence&period=FY2025"
# What axe cannot see behind words in a picture is held in tests/publish/test_figures.py.
PAGES = (
    "/dashboard/", f"/dashboard/extent/{QUERY}", "/dashboard/risk/", "/dashboard/impact/", "/dashboard/quality/",
    "/dashboard/extent/?measure=police_violence&area=ward24:F05000001&age=under+25",
    "/dashboard/figure/2025-Q4-0001-trend/?measure=police_violence",
)  # fmt: skip


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # Playwright's loop runs in this thread, and Django would take our own statements for its.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        folder = tmp_path_factory.mktemp("dashboard")
        site = town_site(tmp_path_factory, folder / "town")
        members = {Role.DIRECTOR: site.member(Role.DIRECTOR)}
        connections.close_all()
        environ = {"UPSTANDER_SITE_SECRET_FILE": str(folder / "town" / "site-secret")}
        with served(site.home, environ, folder / "log") as address, chromium() as browser:
            yield Served(address, site, browser, folder / "log", members)
        connections.close_all()


@pytest.mark.parametrize("state", STATES)
def test_every_page_of_the_dashboard_is_sound_asks_nothing_of_elsewhere_and_fits(here: Served, state: str) -> None:
    page, watch = entered(here, here.members[Role.DIRECTOR], **STATES[state])
    wrong: list[tuple[str, Any]] = []
    for address in PAGES:
        page.goto(here.address + address)
        if state != "no_javascript":
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            wrong += [(address, f"{one}") for one in faults(page, forced=state == "forced_colours", beside="svg text")]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append((address, "wider than the window"))
    assert (wrong, watch.outside, watch.refused) == ([], [], []), json.dumps(wrong, indent=1)


def test_by_keyboard_alone_a_reader_filters_and_opens_a_table(here: Served) -> None:
    page, watch = entered(here, here.members[Role.DIRECTOR], **STATES["no_javascript"])
    page.goto(here.address + "/dashboard/")
    tab_to(page, "Extent and nature")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard/extent/")
    page.get_by_label("Place").focus()
    page.keyboard.type("Area F05000002")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**area=ward24%3AF05000002**")
    opened = page.locator("summary", has_text="Show as a table").first
    opened.press("Enter")
    assert page.locator("table.up-cells").first.is_visible()
    assert (watch.outside, watch.refused) == ([], [])


def test_in_print_figures_stay_and_filters_and_tools_go(here: Served) -> None:
    page, _ = entered(here, here.members[Role.DIRECTOR], **STATES["normal"])
    page.goto(here.address + f"/dashboard/extent/{QUERY}")
    page.emulate_media(media="print")
    assert page.locator(".up-finding svg").first.is_visible()
    assert not page.locator(".up-dashboard__filters").is_visible()
    assert not page.get_by_text("Link to cite").first.is_visible()
