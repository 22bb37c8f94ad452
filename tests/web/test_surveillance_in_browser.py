"""The operational picture in a real browser: sound in every state, with and without WebGL2, nothing from elsewhere."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page

from pipeline.homes import made_once
from pipeline.village import AREAS, deliver_village
from upstander.pipeline.injuries.pictures import make
from upstander.web.accounts.roles import Role
from upstander.web.surveillance.opening import desk_for
from web.browsing import STATES, Watch, chromium, faults, tab_to
from web.serving import served
from web.sites import Member, Site

NO_WEBGL = ("--disable-gpu", "--disable-software-rasterizer", "--disable-webgl", "--disable-3d-apis")
_PATIENCE_MS = 30_000
DRAWN = ".up-seen svg"  # contrast of words in pictures: tests/publish/test_pictures.py
# What a phone scrolls sideways axe cannot see; it is measured in the other states.
BESIDE = dict.fromkeys(STATES, DRAWN) | {"phone": f"{DRAWN}, .up-table--wide"}


@dataclass
class Here:
    """The village's site, served, with a picture of all hours (1) and of Saturday night (2)."""

    address: str
    site: Site
    member: Member


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in this thread
        folder = tmp_path_factory.mktemp("surveyed")
        shutil.copytree(made_once(tmp_path_factory, "village-served", _delivered), folder, dirs_exist_ok=True)
        site = Site(folder, {})
        member = site.member(Role.TASKING)
        make(desk_for(member.person), ["", "Sat 20:00-02:00"], 12, lambda *_: None)
        connections.close_all()
        environ = {"UPSTANDER_SITE_SECRET_FILE": str(folder / "site-secret")}
        with served(site.home, environ, folder / "log") as address:
            yield Here(address, site, member)
        connections.close_all()


def _delivered(folder: Path) -> None:
    deliver_village(folder)


def entered(here: Here, browser: Browser, **state: Any) -> tuple[Page, Watch]:
    context = browser.new_context(**state)
    context.set_default_timeout(_PATIENCE_MS)
    key = here.site.inside(here.member).cookies["__Host-session"].value
    connections.close_all()
    address = here.address.replace("http:", "https:")
    context.add_cookies([{"name": "__Host-session", "value": key, "url": address, "secure": True}])
    page = context.new_page()
    return page, Watch().of(page, here.address)


def test_every_page_of_the_tab_is_sound_fits_and_asks_nothing_of_elsewhere(here: Here) -> None:
    pages = ("/surveillance/", "/surveillance/2/", f"/surveillance/2/places/lsoa21:{AREAS[0]}/",
             "/surveillance/tasking/", "/surveillance/?window=Mon+20:00-02:00")  # fmt: skip
    wrong: list[tuple[str, str, str]] = []
    with chromium() as browser:
        for name, state in STATES.items():
            page, watch = entered(here, browser, **state)
            for address in pages:
                answer = page.goto(here.address + address)
                assert answer is not None
                assert answer.status == 200
                if name != "no_javascript":
                    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
                    wrong += [
                        (name, address, f"{one}")
                        for one in faults(page, forced=name == "forced_colours", beside=BESIDE.get(name, DRAWN))
                    ]
                    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                        wrong.append((name, address, "wider than the window"))
                wrong += [(name, address, one) for one in (*watch.outside, *watch.refused)]
            page.context.close()
    assert wrong == [], json.dumps(wrong, indent=1)


def test_maps_move_where_webgl2_works_in_a_worker_of_our_own(here: Here) -> None:
    with chromium() as browser:
        page, watch = entered(here, browser, **STATES["normal"])
        page.goto(here.address + "/surveillance/2/")
        page.get_by_role("button", name="Zoom into these maps").click()
        page.wait_for_selector("[data-drawn]")
        assert page.locator(".up-moving__frame canvas").count() == 1
        page.get_by_role("button", name="Closer").click()
        page.wait_for_timeout(1500)
        page.locator(".up-moving__frame").hover(position={"x": 150, "y": 150})
        page.wait_for_timeout(500)
        assert "Police" in page.locator("[data-moving-said]").inner_text()
        assert page.locator(".up-seen-panels--maps svg").first.is_visible()  # the drawn maps stay
        assert "Invented." in page.locator("[data-moving-words]").inner_text()
        assert faults(page, beside=DRAWN) == []
        assert (watch.outside, watch.refused) == ([], [])


def test_without_webgl2_the_drawn_maps_are_all_there_is_and_nothing_fails(here: Here) -> None:
    with chromium(*NO_WEBGL) as browser:
        page, watch = entered(here, browser, **STATES["normal"])
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(here.address + "/surveillance/2/")
        assert not page.evaluate("Boolean(document.createElement('canvas').getContext('webgl2'))")
        assert page.locator(".up-seen-panels--maps svg").first.is_visible()
        assert page.get_by_role("button", name="Zoom into these maps").count() == 0
        assert (errors, watch.outside, watch.refused) == ([], [], [])


def test_a_window_is_chosen_in_the_grid_by_keyboard_alone(here: Here) -> None:
    with chromium() as browser:
        page, watch = entered(here, browser, **STATES["normal"])
        page.goto(here.address + "/surveillance/1/")
        tab_to(page, "Another window of the week")
        page.keyboard.press("Enter")
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.getAttribute('aria-label')") == "Monday night, 06:00":
                break
        for key, times in (("ArrowDown", 5), ("ArrowRight", 14), ("Enter", 1), ("ArrowRight", 5), ("Enter", 1)):
            for _ in range(times):
                page.keyboard.press(key)
        form = page.evaluate("[...document.querySelectorAll('[name=day]:checked, #start, #end')].map(one => one.value)")
        assert form == ["Sat", "20:00", "02:00"]
        assert page.locator(".up-week [aria-pressed=true]").count() == 6
        tab_to(page, "Show this window")
        page.keyboard.press("Enter")
        page.wait_for_url("**/surveillance/2/")
        assert (watch.outside, watch.refused) == ([], [])


def test_without_javascript_a_usual_window_is_one_tap_and_a_place_is_taken_to_tasking(here: Here) -> None:
    with chromium() as browser:
        page, _ = entered(here, browser, **STATES["no_javascript"])
        page.goto(here.address + "/surveillance/1/")
        page.get_by_role("button", name="Saturday night", exact=True).click()
        page.wait_for_url("**/surveillance/2/")
        page.get_by_label("Take Area F01000001 to tasking").check()
        page.get_by_label("Why tasking should look").fill("the taxi rank")
        page.get_by_role("button", name="Take to tasking").click()
        page.wait_for_url("**/surveillance/tasking/")
        assert page.get_by_text("the taxi rank").is_visible()


def test_a_phone_shows_one_map_at_a_time_and_paper_all_of_them(here: Here) -> None:
    with chromium() as browser:
        page, _ = entered(here, browser, **STATES["phone"])
        page.goto(here.address + "/surveillance/2/")
        maps = page.locator(".up-seen-panels--maps > .up-seen-panel")
        assert maps.count() == 3
        for chosen in (0, 1, 2):
            page.locator(f"#map-of-{chosen + 1}").check()
            assert [maps.nth(at).is_visible() for at in range(3)] == [at == chosen for at in range(3)]
        page.emulate_media(media="print")
        assert [maps.nth(at).is_visible() for at in range(3)] == [True] * 3
        assert not page.get_by_role("button", name="Take to tasking").is_visible()
