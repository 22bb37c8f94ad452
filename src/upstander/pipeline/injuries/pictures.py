"""Operational pictures: found, made, looked at. The site and its jobs come in here, and nowhere deeper.

A picture is a frozen output: numbered, marked, expiring, recalled with the agreement it was made under. The same
readings, window, period and grants have one picture, however often it is asked for. Whoever looks is asked for anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from upstander.analysis.hotspots.windows import Window
from upstander.contracts.asking import Allowed, Refused
from upstander.contracts.definitions import load_definition
from upstander.contracts.releasing import Edition
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted, answers_now, note, note_look, still
from upstander.pipeline.home import Home
from upstander.pipeline.injuries.asked import SOURCES, Asked
from upstander.pipeline.injuries.frozen import KIND, Card, cards, folder_of, freeze, thawed
from upstander.pipeline.injuries.picture import chosen_picture, operational_choice
from upstander.pipeline.injuries.released import window_tables
from upstander.pipeline.injuries.resting import MONTHS, Question, Resting, Wanted, granted, resting
from upstander.pipeline.injuries.telling import bulletin_of, made_by, refusals
from upstander.pipeline.runs import record_run
from upstander.publish.model import Bulletin
from upstander.values.canonical import canonical_json
from upstander.values.durable import locked

__all__ = [
    "MONTHS", "USUAL", "Card", "NotGranted", "Resting", "Wanted", "find", "is_any_made", "look", "make", "resting",
    "visible",
]  # fmt: skip

Tell = Callable[[float, str], None]
_HERE = ZoneInfo("Europe/London")
_PATIENCE_S = 600.0
_OF_WINDOW = {
    "places", "weekly", "changes", "tried", "ranks", "one_agency", "stands_out", "least_falls", "usual", "signals",
}  # fmt: skip


@dataclass(frozen=True)
class Usual:
    """A window that is made whenever deliveries have come, and what people call it."""

    window: str
    title: str


USUAL = (
    Usual("", "All hours"),
    Usual("Fri,Sat 20:00-02:00", "Friday and Saturday nights"),
    Usual("Sat 20:00-02:00", "Saturday night"),
    Usual("Mon-Fri 15:00-18:00", "School exit"),
)


def is_any_made(home: Home) -> bool:
    """Whether there was ever a picture: a glance, for who would else open a desk to look for one."""
    return (home.outputs / KIND).is_dir()


def find(desk: Desk, rests_on: Resting) -> int | None:
    """The number of the picture that was made of this; None where it has still to be made."""
    return next((one.number for one in cards(desk.home, _today(desk)) if one.key == rests_on.key), None)


def make(desk: Desk, windows: Sequence[str], months: int, tell: Tell) -> list[int]:
    """The pictures of these windows, each made unless it is there; their numbers. `tell` hears how far it is.

    What does not depend on the window is read and counted once. Raises the gate's own refusal where no source can be
    read, and whatever `tell` raises.
    """
    numbers = []
    with locked(desk.home.root / "locks" / "pictures", patience_s=_PATIENCE_S):
        for at, words in enumerate(windows):
            rests_on = resting(desk, Wanted(Window.parse(words) if words else None, months))
            tell(at / len(windows), f"Counting {words or 'all hours'}.")
            found = find(desk, rests_on)
            numbers.append(found or _made(desk, rests_on))
    tell(1.0, "Done.")
    return numbers


def visible(desk: Desk) -> list[Card]:
    """The pictures that stand and that the person at the desk may look at, at this moment. The newest first."""
    standing = cards(desk.home, _today(desk))
    given = {asked: _given(desk, asked)[1] for asked in {one.questions for one in standing}}
    return [one for one in standing if given[one.questions] == canonical_json(one.grants)]


def look(desk: Desk, number: int) -> tuple[Card, Bulletin]:
    """A picture, for the person at the desk; that they looked is in the audit log before it is opened.

    Raises NotGranted, written down, where an agreement has ended or changed, or where the person is not one whom it
    was made for; and where there is no such picture, or it has expired or been recalled, which is not written down.
    """
    card = next((one for one in cards(desk.home, _today(desk)) if one.number == number), None)
    if card is None:
        raise NotGranted("There is no such picture.", where=KIND, found=f"{number:04d}", expected="one that stands")
    answers, given = _given(desk, card.questions)
    is_shown = given == canonical_json(card.grants)
    note_look(desk, f"{KIND} {number:04d}", answers, is_shown=is_shown)
    if not is_shown:
        raise NotGranted(
            "Refused: the agreements no longer give what this picture was made under.", where=KIND,
            found=f"{number:04d}", expected="a picture made under today's agreements", state="This was written down.",
        )  # fmt: skip
    return card, thawed(folder_of(desk.home, number))


def _given(desk: Desk, questions: tuple[Question, ...]) -> tuple[tuple[Allowed | Refused, ...], bytes]:
    """What the gate answers the person at the desk, at this moment, and the same in one spelling."""
    answers = answers_now(desk, questions)
    return answers, canonical_json(granted(questions, answers))


def _made(desk: Desk, rests_on: Resting) -> int:
    bulletin, allowed = _bulletin(desk, rests_on)
    for one in allowed:
        still(desk, one, Edition.OPERATIONAL)
    number = freeze(desk, bulletin, rests_on)
    note(
        desk, action="make", answer="done", dataset=",".join(bulletin.sources), about=f"{KIND} {number:04d}",
    )  # fmt: skip
    said = {"number": number, "window": bulletin.window or "", "period": str(bulletin.period)}
    record_run(desk.home, job="picture", person=desk.who.person, at=desk.now(), result=said)
    return number


def _bulletin(desk: Desk, rests_on: Resting) -> tuple[Bulletin, Sequence[Allowed]]:
    """The whole picture; or, where one of another window rests on the same, that one with this window's tables."""
    asked = _asked(desk, rests_on)
    definition = load_definition(asked.definition, folder=desk.home.reference / "definitions")
    beside = next((one for one in cards(desk.home, _today(desk)) if one.base == rests_on.base), None)
    if beside is None:
        picture = chosen_picture(desk, asked, definition, ())
        allowed = [source.allowed for source in picture.sources]
        return bulletin_of(picture, network=desk.home.settings.network, number=0), allowed
    found = operational_choice(desk, asked, definition)
    base = thawed(folder_of(desk.home, beside.number))
    standing = {name: table for name, table in base.tables.items() if name not in _OF_WINDOW}
    own = window_tables(found.scope, found.sources, found.ground, pl.DataFrame(), base.coming_in)
    tables = standing | own
    bulletin = replace(
        base, tables=tables, window=str(found.scope.window) if found.scope.window else None,
        window_refused=refusals(found.sources, found.refused), made_by=made_by(tables), made_on=asked.made_on,
        expires=min(base.expires, found.scope.expires), shapes=found.ground.shapes(),
    )  # fmt: skip
    return bulletin, [source.allowed for source in found.sources]


def _asked(desk: Desk, rests_on: Resting) -> Asked:
    if rests_on.period is None:
        raise NotGranted("Nothing was delivered yet.", where=KIND, expected=f"a delivery of {', '.join(SOURCES)}")
    return Asked(
        window=rests_on.wanted.window, period=rests_on.period, edition=Edition.OPERATIONAL,
        definition=desk.home.settings.definition, layer="", actions=None, recipients=(), made_on=_today(desk),
    )  # fmt: skip


def _today(desk: Desk) -> date:
    """The local day at the desk."""
    now: datetime = desk.now()
    return now.astimezone(_HERE).date()
