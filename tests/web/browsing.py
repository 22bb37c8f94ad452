"""The county's site served as in real life, and Chromium in front of it with no way to any other machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.urls import get_resolver
from playwright.sync_api import Browser, Page

from checkout import ROOT
from intake.browser import chromium as started
from upstander.web.accounts.roles import GIVEN, Role
from upstander.web.routes import walk
from web.county import County
from web.crawl import Walk
from web.serving import served
from web.sites import Member

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STATES: dict[str, dict[str, Any]] = {
    "normal": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 320, "height": 700}},
    "forced_colours": {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
    "no_javascript": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
    "print": {"viewport": {"width": 794, "height": 1123}},
}
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost"
# Nothing above 24 px is asked of a link inside a sentence (WCAG 2.2, 2.5.8, exception "inline").
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_PATIENCE_MS = 60_000
_MOST_TABS = 400
_FOCUSED = """kind => {
  const e = document.activeElement, l = e.labels && e.labels[0];
  const words = ((l ? l.textContent : '') + ' ' + (e.textContent || '')).replace(/\\s+/g, ' ').trim();
  return e.matches(kind) ? words : '';
}"""


@dataclass
class Served:
    """A served site and its people, and a browser in front of it."""

    address: str
    county: Any
    browser: Browser
    log: Path
    members: dict[Role, Member] = field(default_factory=dict)


@contextmanager
def chromium(*words: str) -> Iterator[Browser]:
    """The system's Chromium, with Django at the home that is served now.

    While Playwright's loop runs, Django keeps its connections in another place, where one to a home that a test before
    had open may still lie.
    """
    with started(*words) as browser:
        connections["default"].close()
        del connections["default"]
        yield browser


@pytest.fixture(scope="module")
def here(county: County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The county's site, served."""
    # Playwright's loop runs in this thread, and Django would take our own statements for its.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        connections.close_all()
        log = tmp_path_factory.mktemp("log") / "log"
        with served(county.home, dict(county.environ), log) as address, chromium(ALONE) as browser:
            yield Served(address, county, browser, log)
        connections.close_all()


def pages(county: County, *, of_each_role: bool = False) -> list[tuple[Role | None, str]]:
    """Every page a walk comes by, once, as the first role that does; or once for each role that does."""
    seen: set[tuple[Role | None, str]] = set()
    found: list[tuple[Role | None, str]] = []
    starts = [f"/{one}" for one, _ in walk(get_resolver().url_patterns) if "<" not in one]
    for role in (None, *GIVEN):
        found.append((role, "/sign-in/" if role is None else "/"))
        for answer in Walk(county.enter(role), sends=False).answers(*starts):
            key = (role if of_each_role else None, answer.route)
            is_page = answer.status == 200 and answer.is_shown
            if is_page and answer.route not in {"home", "account_login"} and key not in seen:
                seen.add(key)
                found.append((role, answer.address))
    return [*found, (Role.DIRECTOR, "/nowhere/")]


@dataclass
class Watch:
    """What a page asked for elsewhere, and what its policy refused."""

    outside: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def of(self, page: Page, address: str) -> "Watch":
        page.on("request", lambda one: None if one.url.startswith(address) else self.outside.append(one.url))
        page.on("console", lambda one: self.refused.append(one.text) if "Content Security Policy" in one.text else None)
        return self

    def taken(self) -> list[str]:
        """What was seen since the last time."""
        found = [*self.outside, *self.refused]
        self.outside.clear()
        self.refused.clear()
        return found


def entered(here: Served, member: Member | None, **state: Any) -> tuple[Page, Watch]:
    """A page in a browser in some state, signed in or not."""
    context = here.browser.new_context(**state)
    context.set_default_timeout(_PATIENCE_MS)
    context.add_init_script(path=AXE)
    if member is not None:
        key = here.county.inside(member).cookies["__Host-session"].value
        connections.close_all()
        context.add_cookies([
            {"name": "__Host-session", "value": key, "url": here.address.replace("http:", "https:"), "secure": True},
        ])  # fmt: skip
    page = context.new_page()
    return page, Watch().of(page, here.address)


@dataclass(frozen=True)
class Fault:
    """One thing that axe says of a page: `is_sure` for a violation, else what a person has to look at."""

    rule: str
    is_sure: bool
    where: tuple[str, ...]


def faults(page: Page, *, forced: bool = False, beside: str = "") -> list[Fault]:
    """What axe finds wrong, and what it cannot decide. `forced`: colours are the reader's, and not ours to measure.
    `beside`: elements that it leaves out, since another test decides what it cannot.
    """
    if not page.evaluate("'axe' in window"):  # where `entered` has not brought it along
        page.evaluate(AXE.read_text("utf-8"))
    options = {
        "runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations", "incomplete"],
        "rules": {"color-contrast": {"enabled": not forced}},
    }  # fmt: skip
    where = {"exclude": [[beside]]} if beside else {}
    found = page.evaluate("([where, options]) => axe.run({include: [['html']], ...where}, options)", [where, options])
    return [
        Fault(one["id"], kind == "violations", tuple(node["html"][:120] for node in one["nodes"][:3]))
        for kind in ("violations", "incomplete")
        for one in found[kind]
    ]


def tab_to(page: Page, words: str, kind: str = "*") -> None:
    """Press Tab until what is focused bears these words, as somebody without a mouse does; `kind` is CSS."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        if words in page.evaluate(_FOCUSED, kind):
            return
    raise AssertionError(f"no Tab reaches {words!r} on {page.url}")
