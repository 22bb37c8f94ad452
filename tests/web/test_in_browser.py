"""The pages in a real browser: by keyboard alone, without JavaScript, on a phone, in forced colours; sound to axe."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page

from checkout import ROOT
from intake.browser import chromium
from upstander.pipeline.home import Settings
from upstander.web.accounts import actions
from upstander.web.accounts.models import Conflict, Vetting
from upstander.web.accounts.roles import GIVEN, Role
from upstander.web.deliveries.models import Sending
from upstander.web.work.models import Job
from web.sending import SendingSite
from web.serving import served
from web.sites import FAR, PASSWORD, Member, Site, code_now, secret_on

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STATES: dict[str, dict[str, Any]] = {
    "normal": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 320, "height": 700}},
    "forced_colours": {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
    "no_javascript": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
}
STRANGERS = ("/sign-in/", "/help/", "/accessibility/", "/signed-out/", "/sign-in/not-open/", "/invitation/")
EVERYBODY = ("/", "/account/", "/account/app/", "/account/passkeys/", "/account/recovery-codes/", "/account/conflict/",
             "/step-up/", "/sign-out/", "/nowhere/")  # fmt: skip
PAGES = {
    Role.ADMINISTRATOR: ("/people/", "/people/invite/", "/people/agencies/", "/people/{other}/",
                         "/people/{other}/change/", "/people/{other}/close/", "/people/{other}/invite/"),
    Role.GOVERNANCE: ("/conflicts/", "/conflicts/{conflict}/end/"),
    Role.DATA_OWNER: ("/", "/deliveries/", "/deliveries/send/", "/deliveries/sent/{upload}/",
                      "/deliveries/readings/{reading}/", "/deliveries/quality/",
                      "/deliveries/quality/police_incidents/rms/", "/deliveries/handouts/", "/deliveries/use/",
                      "/work/", "/work/{done}/", "/work/{waiting}/"),
    Role.ANALYST: ("/", "/deliveries/", "/deliveries/held/", "/deliveries/held/{held}/", "/work/all/"),
}  # fmt: skip
# Nothing above 24 px is asked of a link inside a sentence (WCAG 2.2, 2.5.8, exception "inline").
_PATIENCE_MS = 15_000
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Served:
    """A served home with somebody of each role, and a browser in front of it."""

    address: str
    site: Site
    members: dict[Role, Member]
    browser: Browser
    numbers: dict[str, Any]
    log: Path


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # Playwright's loop runs in this thread, and Django would take our own statements for its.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield from _here(tmp_path_factory)


def _here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    site = SendingSite(folder, {}, Settings(network="Brackenshire Violence Reduction Network"))
    members = site.one_of_each() | {Role.DATA_OWNER: site.police}
    held = site.held()
    first = Sending.objects.order_by("sent")[0]
    site.send(site.month(8))
    other = site.member(Role.ANALYST, Role.TASKING, agency="brackenshire_police").person
    value = "ward24:F05000123"
    conflict = Conflict.objects.create(person=other, kind="area", value=value, declared_at=other.vetted_until)
    connections.close_all()
    with served(site.home, site.environ, folder / "log") as address, chromium() as browser:
        numbers = {
            "other": other.pk, "conflict": conflict.pk, "upload": first.pk, "reading": first.reading,
            "held": held.reading, "done": first.job, "waiting": Job.objects.order_by("-pk")[0].pk,
        }  # fmt: skip
        yield Served(address, site, members, browser, numbers, folder / "log")
    connections.close_all()


@dataclass
class Watch:
    """What a page asked for elsewhere, and what its policy refused."""

    outside: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def of(self, page: Page, address: str) -> "Watch":
        page.on("request", lambda one: None if one.url.startswith(address) else self.outside.append(one.url))
        page.on("console", lambda one: self.refused.append(one.text) if "Content Security Policy" in one.text else None)
        return self


def entered(here: Served, member: Member | None, **state: Any) -> tuple[Page, Watch]:
    """A page in a browser in some state, signed in or not."""
    context = here.browser.new_context(**state)
    context.set_default_timeout(_PATIENCE_MS)
    if member is not None:
        key = here.site.inside(member).cookies["__Host-session"].value
        connections.close_all()
        context.add_cookies([
            {"name": "__Host-session", "value": key, "url": here.address.replace("http:", "https:"), "secure": True},
        ])  # fmt: skip
    page = context.new_page()
    return page, Watch().of(page, here.address)


def faults(page: Page, *, forced: bool = False) -> list[str]:
    """What axe finds wrong, and what it cannot decide. `forced`: colours are the reader's, and not ours to measure."""
    page.evaluate(AXE.read_text("utf-8"))
    options = {
        "runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations", "incomplete"],
        "rules": {"color-contrast": {"enabled": not forced}},
    }  # fmt: skip
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{kind}: {one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for kind in ("violations", "incomplete")
        for one in found[kind]
    ]


def _asked(here: Served) -> list[tuple[Role | None, str]]:
    own = [(role, one) for role, some in PAGES.items() for one in some]
    asked = [*((None, one) for one in STRANGERS), *((Role.ADMINISTRATOR, one) for one in EVERYBODY), *own]
    return [(role, one.format(**here.numbers)) for role, one in asked]


@pytest.mark.parametrize("state", STATES)
def test_every_page_is_found_sound_by_axe_asks_nothing_of_elsewhere_and_fits(here: Served, state: str) -> None:
    wrong: list[tuple[str, Any]] = []
    pages: dict[Role | None, tuple[Page, Watch]] = {}
    for role, address in _asked(here):
        if role not in pages:
            pages[role] = entered(here, here.members[role] if role else None, **STATES[state])
        page, watch = pages[role]
        answer = page.goto(here.address + address)
        assert answer is not None
        if urlsplit(page.url).path != address:
            wrong.append((address, f"led to {page.url}"))
        _keep(page, f"{state}{address.replace('/', '-')}")
        if state != "no_javascript":  # axe is a script itself; the page is the same, as the next line sees
            wrong += [(address, one) for one in faults(page, forced=state == "forced_colours")]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append((address, "wider than the window"))
        wrong += [(address, one) for one in (*watch.outside, *watch.refused)]
        watch.outside.clear()
        watch.refused.clear()
    assert wrong == [], json.dumps(wrong, indent=1)


def _keep(page: Page, name: str) -> None:
    """A picture to look at, where one is wanted."""
    if folder := os.environ.get("UPSTANDER_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_axe_and_the_watch_can_find(here: Served) -> None:
    page, watch = entered(here, None, **STATES["normal"])
    page.goto(here.address + "/help/")
    page.evaluate("document.querySelector('h1').insertAdjacentElement('afterend', document.createElement('img'))")
    assert any("image-alt" in one for one in faults(page))
    page.evaluate("document.querySelector('img').src = 'http://elsewhere.invalid/x.png'")
    page.wait_for_timeout(300)
    assert watch.refused


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what is focused bears these words, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
            " return ((l ? l.textContent : '') + ' ' + (e.textContent || '')).trim() }"
        )
        if words in found:
            return
    raise AssertionError(f"no Tab reaches {words!r}")


@pytest.mark.parametrize("role", GIVEN)
def test_every_role_signs_in_by_keyboard_alone_and_reaches_its_home(here: Served, role: Role) -> None:
    context = here.browser.new_context(**STATES["normal"])
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    watch = Watch().of(page, here.address)
    member = here.members[role]
    page.goto(here.address + "/")
    tab_to(page, "Sign-in name")
    page.keyboard.type(member.handle)
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code/")
    tab_to(page, "Code")
    page.keyboard.type(code_now(member))
    page.keyboard.press("Enter")
    page.wait_for_url(here.address + "/")
    assert page.get_by_role("heading", level=1).inner_text() == member.person.name
    tab_to(page, "Your account")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/")
    assert (watch.outside, watch.refused) == ([], [])
    context.close()


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
    person, token = actions.invite("p.okoro", "P. Okoro", here.site.agency(), roles, vetted, "the machine", now)
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


def test_a_passkey_is_set_up_and_then_signs_in(here: Served) -> None:
    member = here.site.member(Role.ANALYST)
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
    browser, _ = entered(here, here.members[Role.ADMINISTRATOR], **STATES["normal"])
    browser.goto(here.address + "/invitation/very-secret-token/")
    log = here.log.read_text("utf-8")
    assert '"route": "open_invitation"' in log
    assert [word for word in ("very-secret", "Person 1", '"p1"') if word in log] == []
