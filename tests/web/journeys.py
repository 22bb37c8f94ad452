"""What each role came for, by keyboard alone: each line below is one thing a person does.

Every journey begins with signing in: name, password, code. A page that is merged later adds its journey here. Steps:
`go` to a link and press Enter; `press` a button; `type` into a field; `tick` a box; `choose` one of some; `pick` from a
list; `see` words on the page. `{n}` is a number of this run's own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page

from upstander.web.accounts.roles import Role
from web.browsing import Served, tab_to
from web.sites import Member, code_now

_JOURNEYS = """
data_owner: sees what their agency's data is used for, and under which agreement
    go Use of your data
    see Use of your agency
    go brackenshire-overarching
    see Versions and signatures
analyst: reads which agreements let anything be read
    go Agreements
    go Over-arching data sharing agreement
    see What was decided about it
professional: keeps an area from themselves
    go Your account
    go Say what should be kept from you
    choose an area
    type Which one? = ward24:F0500{n}
    press Keep it from me
    see ward24:F0500{n}
tasking: makes new codes for paper
    go Your account
    go Make new ones
    press Make ten new codes
    see I have written them down
panel: leaves nothing open behind them
    go Sign out
    press Sign out
    see You are signed out
programmes: asks of the dashboard what may be said of impact
    go Dashboard
    go Interventions and impact
    see What changed over a year
director: reads what each source can and cannot say before the board does
    go Dashboard
    go Data quality
    see What each source can and cannot say
professional: finds how much there is, and of whom, in the published release
    go Dashboard
    go Extent and nature
    press Show
    see How much there is, where, and of whom
tasking: sees the picture of the month and what was taken to tasking from it
    go Injury surveillance
    see Choose a window
    go Taken to tasking
    see tasking
analyst: sees which release is published and which is due
    go Releases
    see Every release, newest first
director: signs out everywhere but here
    go Your account
    press Sign out everywhere but here
    see This one
governance: finds what one person looked at
    go Audit
    type Who looked = Ash Merrow, analyst
    press Search
    see Looked for: Who looked: Ash Merrow, analyst
governance: checks that nothing in the audit log was altered
    go Audit
    go Check that nothing was altered
    press Check every entry
    see nothing altered
governance: asks who may see what
    go Agreements
    go Who may see what
    see Who may see what
governance: suspends one schedule, seeing first what that does
    go Agreements
    go Over-arching data sharing agreement
    go Suspend it
    pick What is it about? = Schedule ambulance-evidence
    press Show what it would do
    see What it would do
    type Reason = the extract is being checked
    press Suspend
    see suspend
governance: ends a conflict of interest that somebody declared
    go Conflicts
    go End it: ward24:F0600{n}
    press End it
    see Conflicts of interest
administrator: lets somebody new in
    go People
    go Invite somebody
    type Full name = Nell Ash
    type Sign-in name = n.ash{n}
    pick Agency = Brackenshire VRN
    tick Analyst of the network
    pick Vetting = Non-police personnel vetting, level 2
    type Access until = 2030-03-31
    press Make the invitation
    see Hand this link to Nell Ash
administrator: adds an agency
    go People
    go Add an agency
    type Name = Fenmoor Council
    type Short name = fenmoor{n}
    press Add the agency
    see fenmoor{n}
administrator: closes the account of somebody who left
    go People
    go Zed Leaver {n}
    go Close the account
    press Close the account
    see closed on
"""


@dataclass(frozen=True)
class Journey:
    """One role, what they came for, and (what, words) of each step."""

    role: Role
    comes_for: str
    steps: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.role} {self.comes_for}"


def journeys() -> Iterator[Journey]:
    """All of them, in the order in which they stand above."""
    told: list[tuple[str, list[tuple[str, str]]]] = []
    for line in _JOURNEYS.strip().splitlines():
        if line.startswith(" "):
            what, _, words = line.strip().partition(" ")
            told[-1][1].append((what, words))
        else:
            told.append((line, []))
    for heading, steps in told:
        role, _, comes_for = heading.partition(": ")
        yield Journey(Role(role), comes_for, tuple(steps))


def walk(journey: Journey, page: Page, here: Served, number: int) -> None:
    """Sign in and do every step. Raises AssertionError where the keyboard does not get there."""
    _sign_in(page, here, here.county.of[journey.role])
    for what, words in journey.steps:
        _DOES[what](page, words.replace("{n}", f"{number:04d}"))


def _sign_in(page: Page, here: Served, member: Member) -> None:
    page.goto(here.address + "/")
    _type(page, f"Sign-in name = {member.handle}")
    _type(page, f"Password = {member.password}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code/")
    _type(page, f"Code = {code_now(member)}")
    page.keyboard.press("Enter")
    page.wait_for_url(here.address + "/")
    assert page.get_by_role("heading", level=1).inner_text() == member.person.name


def _go(page: Page, words: str) -> None:
    menu = page.get_by_role("button", name="Menu", exact=True)
    if menu.is_visible() and page.locator(".govuk-service-navigation__link", has_text=words).count():
        tab_to(page, "Menu", "button")
        page.keyboard.press("Enter")
    _enter(page, words, "a")


def _press(page: Page, words: str) -> None:
    _enter(page, words, "button, a[role=button]")


def _enter(page: Page, words: str, kind: str) -> None:
    tab_to(page, words, kind)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _type(page: Page, words: str) -> None:
    label, _, value = words.partition(" = ")
    tab_to(page, label, "input")
    page.keyboard.press("Control+A")
    page.keyboard.type(value)


def _tick(page: Page, words: str) -> None:
    tab_to(page, words)
    page.keyboard.press("Space")
    assert page.locator(":focus").is_checked()


def _choose(page: Page, words: str) -> None:
    """Tab reaches the first of a group of radio buttons, and the arrows the others."""
    radios = page.locator("input[type=radio]")
    first = radios.first.evaluate("one => one.labels[0].textContent.trim()")
    tab_to(page, first)
    page.keyboard.press("Space")
    for _ in range(radios.count()):
        if page.locator(":focus").evaluate("one => one.labels[0].textContent.trim()").startswith(words):
            break
        page.keyboard.press("ArrowDown")
    assert page.get_by_label(words).first.is_checked()


def _pick(page: Page, words: str) -> None:
    label, _, value = words.partition(" = ")
    tab_to(page, label, "select")
    page.keyboard.type(value)
    assert page.locator(":focus").evaluate("one => one.selectedOptions[0].textContent.trim()").startswith(value)


def _see(page: Page, words: str) -> None:
    page.get_by_text(words).first.wait_for()


_DOES: dict[str, Callable[[Page, str], None]] = {
    "go": _go, "press": _press, "type": _type, "tick": _tick, "choose": _choose, "pick": _pick, "see": _see,
}  # fmt: skip
