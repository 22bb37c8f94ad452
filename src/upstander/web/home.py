"""The home page: what is new, what is due, what needs you. Parts of the site add to it what they know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from upstander.errors import UpstanderError
from upstander.pipeline.feeds import AHEAD
from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import Permission, is_given
from upstander.web.accounts.roles import Role
from upstander.web.accounts.views.answering import person_of
from upstander.web.requestlog import note_defect
from upstander.web.standing import with_purposes


class Part(Enum):
    """The three questions of the page: heading, and what is said where there is nothing."""

    NEW = ("What is new", "There is nothing new for you.")
    DUE = ("What is due", f"Nothing is due from you in the next {AHEAD.days} days.")
    NEEDS_YOU = ("What needs you", "Nothing waits for you.")


@dataclass(frozen=True)
class Notice:
    """One sentence, and where to go about it."""

    text: str
    url: str


@dataclass(frozen=True)
class Section:
    """What one part of the site adds: sentences for whoever has the permission."""

    part: Part
    needs: Permission
    notices: Callable[[Person, datetime], Iterable[Notice]]


_sections: list[Section] = []


def add(section: Section) -> None:
    """A part of the site adds to the page, once, when it is loaded."""
    if section not in _sections:
        _sections.append(section)


def home(request: HttpRequest) -> HttpResponse:
    """The home page of whoever asks."""
    at, person = timezone.now(), person_of(request)
    standing = with_purposes(request.standing, person, at)  # type: ignore[attr-defined]  # put there by door.py
    told: dict[Part, list[Notice]] = {part: [] for part in Part}
    for section in _sections:
        if is_given(section.needs, standing):
            told[section.part] += _told(section, person, at)
    parts = [(part.value[0], part.value[1], notices) for part, notices in told.items()]
    roles = [role for role in Role if role in person.has_roles]
    return render(request, "home.html", {"parts": parts, "roles": roles})


def _told(section: Section, person: Person, at: datetime) -> Iterable[Notice]:
    """What a part of the site knows; where it cannot look (no key, a damaged file), that it cannot.

    The rest of the page is told all the same. Why it could not is in the log.
    """
    try:
        return list(section.notices(person, at))
    except UpstanderError as why:
        note_defect(why)
        return [Notice("Something belongs here that could not be looked up. Tell your administrator.", reverse("help"))]
