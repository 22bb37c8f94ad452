"""The work that makes pictures: of one window, or of the usual ones when deliveries have come."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from upstander.contracts.asking import Purpose
from upstander.pipeline.injuries.asked import SOURCES
from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import SEE_PICTURE, is_given
from upstander.web.standing import standing_away
from upstander.web.work import Done, Kind, Progress, enqueue, register
from upstander.web.work.models import Job

if TYPE_CHECKING:
    from upstander.pipeline.desk import Desk

MAKE_PICTURE, USUAL_PICTURES = "make-picture", "make-usual-pictures"


def register_kinds() -> None:
    """There are these kinds of work."""
    one = "Make the picture of injuries: {window}"
    register(Kind(MAKE_PICTURE, one, SEE_PICTURE, _make, Purpose.OPERATIONAL))
    register(Kind(USUAL_PICTURES, "Make the usual pictures of injuries", SEE_PICTURE, _make_usual, Purpose.OPERATIONAL))


def delivery_has_come(dataset: str, person: Person) -> Job | None:
    """The usual pictures of what is now in force, in the name of who sent it, or else of who last had them made.

    None of a dataset that pictures do not show, or where neither may see them: nobody makes what they may not look at.
    """
    if dataset not in SOURCES:
        return None
    at, last = timezone.now(), Job.objects.filter(kind=USUAL_PICTURES).select_related("person").first()
    for one in (person, *([last.person] if last else [])):
        if is_given(SEE_PICTURE, standing_away(one, SEE_PICTURE, at)):
            return enqueue(USUAL_PICTURES, one, {}, "a delivery has come: the usual pictures")
    return None


def _make(desk: "Desk", arguments: Mapping[str, str], progress: Progress) -> Done:
    from upstander.pipeline.injuries.pictures import make

    (number,) = make(desk, [arguments["window"]], int(arguments["months"]), progress)
    return Done(f"Picture {number:04d} is ready.", reverse("picture_page", args=[number]))


def _make_usual(desk: "Desk", arguments: Mapping[str, str], progress: Progress) -> Done:  # noqa: ARG001 - a kind's run
    from upstander.pipeline.injuries.pictures import MONTHS, USUAL, make

    numbers = make(desk, [one.window for one in USUAL], MONTHS[0], progress)
    return Done(f"{len(numbers)} pictures are ready.", reverse("surveillance"))
