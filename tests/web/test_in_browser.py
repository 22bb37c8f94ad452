"""The pages in a real browser: sound to axe in every state, alone on the network, by keyboard, at 320 px, in print."""

import json
import os
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from conftest import PROVE
from pipeline.homes import made_once
from upstander.web.accounts import actions
from upstander.web.accounts.models import Vetting
from upstander.web.accounts.roles import GIVEN, Role
from web.browsing import STATES, Served, Watch, entered, faults, pages, tab_to
from web.county import County
from web.crawl import route_of
from web.sites import FAR, PASSWORD, Member, code_now, secret_on

REVIEWED = Path(__file__).with_name("axe_reviewed.toml")
Doubt = tuple[str, str]  # a rule, and the route of the page on which axe could not decide it


@dataclass
class Seen:
    """What was found in one state: what is wrong, and what axe left to a person."""

    wrong: list[tuple[str, str]] = field(default_factory=list)
    doubts: set[Doubt] = field(default_factory=set)


@cache
def reviewed() -> frozenset[Doubt]:
    """What a person looked at and found right, with the reason beside it."""
    entries = tomllib.loads(REVIEWED.read_text("utf-8")).get("reviewed", [])
    assert all(len(one["reason"].split()) >= 5 for one in entries)
    return frozenset((one["rule"], one["page"]) for one in entries)


@cache
def asked(county: County) -> list[tuple[Role | None, str]]:
    """Every page: in the long run as every role that comes by it, else as the first."""
    return pages(county, of_each_role=PROVE)


@pytest.fixture(scope="module")
def seen(here: Served, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Seen]:
    """Every page in one state; looked at once, whichever tests and workers ask."""

    def in_state(state: str) -> Seen:
        def look(folder: Path) -> None:
            found = _look(here, state, asked(here.county))
            (folder / "seen.json").write_text(json.dumps([found.wrong, sorted(found.doubts)]), "utf-8")

        kept = made_once(tmp_path_factory, f"seen-{state}", look) / "seen.json"
        wrong, doubts = ([(one, other) for one, other in told] for told in json.loads(kept.read_text("utf-8")))
        return Seen(wrong, set(doubts))

    return in_state


def _look(here: Served, state: str, asked: Collection[tuple[Role | None, str]]) -> Seen:
    found = Seen()
    open_pages: dict[Role | None, tuple[Page, Watch]] = {}
    for role, address in asked:
        if role not in open_pages:
            open_pages[role] = entered(here, here.county.of[role] if role else None, **STATES[state])
        page, watch = open_pages[role]
        if state == "print":
            page.emulate_media(media="print")
        answer = page.goto(here.address + address)
        assert answer is not None
        if urlsplit(page.url).path != urlsplit(address).path:
            found.wrong.append((address, f"led to {page.url}"))
        if page.locator("h1").count() != 1:
            found.wrong.append((address, "not one heading of the first rank"))
        _keep(page, f"{state}{address.replace('/', '-')}")
        if state != "no_javascript":  # axe is a script itself; the page is the same, as the lines around see
            _measure(page, address, state, found)
        found.wrong += [(address, one) for one in watch.taken()]
    for page, _ in open_pages.values():
        page.context.close()
    return found


def _measure(page: Page, address: str, state: str, found: Seen) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    for one in faults(page, forced=state == "forced_colours"):
        if one.is_sure or (one.rule, route_of(address)) not in reviewed():
            found.wrong.append((address, f"{one}"))
        found.doubts |= set() if one.is_sure else {(one.rule, route_of(address))}
    if state != "print" and page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.wrong.append((address, "wider than the window"))


@pytest.mark.parametrize("state", STATES)
def test_every_page_is_found_sound_by_axe_asks_nothing_of_elsewhere_and_fits(
    seen: Callable[[str], Seen], state: str
) -> None:
    found = seen(state)
    assert found.wrong == [], json.dumps(found.wrong, indent=1)


def test_nothing_that_was_reviewed_has_gone_since(seen: Callable[[str], Seen]) -> None:
    doubts = set().union(*(seen(state).doubts for state in STATES))
    assert reviewed() - doubts == set()


@pytest.mark.prove
def test_every_page_is_sound_as_every_role_sees_it(
    here: Served, seen: Callable[[str], Seen], proof: Callable[..., None]
) -> None:
    wrong = {state: seen(state).wrong for state in STATES}
    count, looked_at = sum(map(len, wrong.values())), asked(here.county)
    assert len({role for role, _ in looked_at}) == len(GIVEN) + 1
    proof("pages × roles × states that axe finds sound",
          figure=f"{len(looked_at) * len(STATES)} looked at, {count} faults", goal="0 faults")  # fmt: skip
    assert count == 0, json.dumps(wrong, indent=1)


def _keep(page: Page, name: str) -> None:
    """A picture to look at, where one is wanted."""
    if folder := os.environ.get("UPSTANDER_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_axe_and_the_watch_can_find(here: Served) -> None:
    page, watch = entered(here, None, **STATES["normal"])
    page.goto(here.address + "/help/")
    page.evaluate("document.querySelector('h1').insertAdjacentElement('afterend', document.createElement('img'))")
    assert ("image-alt", True) in [(one.rule, one.is_sure) for one in faults(page)]
    page.evaluate("document.querySelector('img').src = 'http://elsewhere.invalid/x.png'")
    page.wait_for_timeout(300)
    assert watch.refused


def test_an_error_takes_the_keyboard_to_its_summary_and_says_error_in_the_title(here: Served) -> None:
    page, _ = entered(here, None, **STATES["normal"])
    page.goto(here.address + "/sign-in/")
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    page.wait_for_selector(".govuk-error-summary")
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    assert faults(page) == []


def test_an_invited_person_sets_up_by_keyboard_and_every_step_is_sound(here: Served) -> None:
    roles, now = [Role.ANALYST], datetime.now(UTC)
    vetted = actions.Vetted(Vetting.NPPV2, FAR)
    person, token = actions.invite("p.okoro", "P. Okoro", here.county.agency(), roles, vetted, "the machine", now)
    page, watch = entered(here, None, **STATES["phone"])
    page.goto(f"{here.address}/invitation/{token}/")
    wrong = faults(page)
    for words in ("New password", "The same password again"):
        tab_to(page, words)
        page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/set-up/")
    wrong += faults(page)
    member = Member(person, secret=secret_on(page.content()))
    tab_to(page, "Code")
    page.keyboard.type(code_now(member))
    _keep(page, "set-up")
    page.keyboard.press("Enter")
    page.wait_for_selector(".up-codes")
    wrong += faults(page)
    _keep(page, "codes")
    tab_to(page, "I have written them down")
    page.keyboard.press("Enter")
    page.wait_for_url(here.address + "/")
    assert (wrong, watch.outside, watch.refused) == ([], [], [])


@pytest.mark.parametrize("state", ["normal", "phone"])
def test_a_token_is_granted_and_fetched_by_keyboard_and_every_step_is_sound(here: Served, state: str) -> None:
    member, boss = here.county.member(Role.PROFESSIONAL), here.county.of[Role.ADMINISTRATOR]
    page, watch = entered(here, boss, **STATES[state])
    page.goto(here.address + "/people/tokens/grant/")
    tab_to(page, "What reads the figures?")
    page.keyboard.type("the ward map of the council")
    page.get_by_label("Who answers for it?").select_option(str(member.person.pk))
    tab_to(page, "Monitoring")
    page.keyboard.press("Space")
    tab_to(page, "Until")
    page.keyboard.type(f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/tokens/")
    wrong = faults(page)
    _keep(page, f"{state}-granted")
    page, other = entered(here, member, **STATES[state])
    page.goto(here.address + "/")
    _keep(page, f"{state}-home-waiting")
    tab_to(page, "A token for “the ward map of the council” waits for you")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/tokens/")
    wrong += faults(page)
    _keep(page, f"{state}-own-tokens")
    tab_to(page, "Fetch it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fetch/")
    wrong += faults(page)
    _keep(page, f"{state}-fetched")
    assert "upstander_" in page.content()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert (wrong, *vars(watch).values(), *vars(other).values()) == ([], [], [], [], [])


def test_a_passkey_is_set_up_and_then_signs_in(here: Served) -> None:
    member = here.county.member(Role.ANALYST)
    page, watch = entered(here, member, **STATES["normal"])
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }})  # fmt: skip
    page.goto(here.address + "/account/passkeys/")
    assert not page.get_by_text("The passkey did not answer").is_visible()
    page.get_by_label("What is this passkey on?").fill("grey key")
    page.get_by_role("button", name="Set up a passkey").click()
    page.wait_for_url("**/account/")
    assert page.get_by_text("grey key").first.is_visible()
    page.context.clear_cookies()
    page.goto(here.address + "/sign-in/")
    page.get_by_label("Sign-in name").fill(member.handle)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(here.address + "/")
    assert (watch.outside, watch.refused) == ([], [])


def test_the_log_of_the_server_names_no_person_and_no_address_of_a_page(here: Served) -> None:
    browser, _ = entered(here, here.county.of[Role.ADMINISTRATOR], **STATES["normal"])
    browser.goto(here.address + "/invitation/very-secret-token/")
    log = here.log.read_text("utf-8")
    assert '"route": "open_invitation"' in log
    assert [word for word in ("very-secret", "Eden Winslade", "e.winslade") if word in log] == []
