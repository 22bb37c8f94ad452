"""Opening a picture for whoever asks: through the gate, and without what they declared they must not see."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from upstander.contracts.asking import Purpose
from upstander.pipeline.desk import Desk
from upstander.pipeline.injuries.pictures import Card, look, visible
from upstander.pipeline.injuries.showing import Action, Bulletin, Reader, shown_to
from upstander.web.accounts.actions import hidden_from
from upstander.web.accounts.models import Person
from upstander.web.accounts.views.answering import person_of
from upstander.web.desks import desk_of
from upstander.web.surveillance.models import TakenToTasking

WHY = "injury surveillance: places and times for tasking"


@dataclass(frozen=True)
class Opened:
    """A picture as its reader is shown it. `is_less`: something is hidden from them at their own word. `taken`: what
    has been taken to tasking, as far as they may see it.
    """

    desk: Desk
    card: Card
    shown: Bulletin
    is_less: bool
    taken: list[TakenToTasking]


def desk_for(person: Person) -> Desk:
    """The desk of a reader of pictures."""
    return desk_of(person, purpose=Purpose.OPERATIONAL, why=WHY)


def opened(request: HttpRequest, number: int) -> Opened:
    """A picture for whoever asks; that they looked is written down. Raises NotGranted where it is not for them."""
    person = person_of(request)
    desk = desk_for(person)
    card, bulletin = look(desk, number)
    hidden = hidden_from(person).areas
    reader = Reader(f"{person.name}, {person.agency}", hidden)
    taken = taken_for(desk, person)
    return Opened(desk, card, shown_to(desk, bulletin, reader, _done(taken)), bool(hidden), taken)


def taken_for(desk: Desk, person: Person) -> list[TakenToTasking]:
    """What was taken to tasking out of pictures that this person may look at now, the newest first."""
    may = [card.number for card in visible(desk)]
    hidden = hidden_from(person).areas
    found = TakenToTasking.objects.filter(picture__in=may).select_related("person__agency")
    return [one for one in found if one.area not in hidden]


def _done(taken: list[TakenToTasking]) -> tuple[Action, ...]:
    """What is being done where, as the list of places says it; one line a place."""
    first: dict[str, Action] = {}
    for one in taken:
        at: datetime = one.at
        first.setdefault(
            one.area,
            Action(area=one.area, what="Taken to tasking", owner=str(one.person.agency), since=at.date()),
        )
    return tuple(first.values())
