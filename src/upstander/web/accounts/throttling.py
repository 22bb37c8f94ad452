"""How often a password or a code may be tried: too seldom to guess, and never so that a stranger locks somebody out.

A browser that somebody has signed in with before carries a signed cookie and has tries of its own; all others together
share one allowance a person. Whoever uses that up keeps himself out, not the person at their own desk. (The pattern is
OWASP's "device cookies".) The tries lie in the database, so every process counts the same.

A code has six digits, three of which are good at any moment. Twenty wrong ones a day are 7,300 a year, so that
guessing one is expected to take 45 years, and that only for whoever already has the password.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import Enum

from django.core import signing
from django.http import HttpRequest, HttpResponse

from upstander.web.accounts.models import Attempt, Person

COOKIE = "__Host-device"
_COOKIE_AGE = timedelta(days=365)
_PEOPLE_A_DEVICE = 20
_KEPT = timedelta(days=1)


class Tried(Enum):
    """What is tried: wrong tries allowed, and within what time."""

    PASSWORD = ((10, timedelta(minutes=15)), (100, timedelta(days=1)))
    CODE = ((5, timedelta(minutes=15)), (20, timedelta(days=1)))
    ADDRESS = ((100, timedelta(minutes=15)),)


def begin(what: Tried, subject: str, at: datetime) -> Attempt | None:
    """Count a try before it is looked at, so that many at once gain nothing; None if there were too many.

    Whoever turns out right deletes the attempt again.
    """
    key = hashlib.sha256(f"{what.name}|{subject}".encode()).hexdigest()
    attempt = Attempt.objects.create(key=key, at=at)
    Attempt.objects.filter(at__lt=at - _KEPT).delete()
    tries = Attempt.objects.filter(key=key)
    if all(tries.filter(at__gt=at - within).count() <= allowed for allowed, within in what.value):
        return attempt
    attempt.delete()  # a refused try is none, or whoever keeps trying would never be let in again
    return None


def subject_of(request: HttpRequest, handle: str, person: Person | None) -> str:
    """Whose tries these are: of a person on a browser of theirs, or of everybody who names them elsewhere."""
    device, people = _device(request)
    return f"{handle}|{device}" if person is not None and person.pk in people else f"{handle}|elsewhere"


def is_known(request: HttpRequest, person: Person | None) -> bool:
    """Whether a person has signed in with this browser before."""
    return person is not None and person.pk in _device(request)[1]


def remember_device(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """Mark the browser as one that this person has signed in with."""
    device, people = _device(request)
    people = [person.pk, *(one for one in people if one != person.pk)][:_PEOPLE_A_DEVICE]
    response.set_cookie(
        COOKIE, signing.dumps([device or secrets.token_hex(16), people], salt=COOKIE),
        max_age=int(_COOKIE_AGE.total_seconds()), secure=True, httponly=True, samesite="Strict",
    )  # fmt: skip


def _device(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        device, people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=_COOKIE_AGE)
    except (signing.BadSignature, ValueError):
        return "", []
    return device, people
