"""How often a program may ask: so many answers in each stretch of time, for each token or person and each address.

The count lies in the database, so every process counts the same. Two requests at the same instant may count as one.
"""

import hashlib
from datetime import datetime
from enum import Enum

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest

from upstander.web.accounts.models import Person
from upstander.web.accounts.trail import note
from upstander.web.api.models import Allowance

STRETCH_S = 60
_KEPT = 60  # stretches after which nobody's count is remembered


class Allowed(Enum):
    """How many requests a stretch holds."""

    CALLER = 600
    ADDRESS = 1_200


def seconds_to_wait(request: HttpRequest, at: datetime) -> int:
    """Count a request of whoever asks and of their address; 0, or the seconds to wait where that was one too many.

    The first that is refused in a stretch is written down, and no more of them: a flood must not fill the audit log.
    """
    stretch, gone = divmod(int(at.timestamp()), STRETCH_S)
    over = _count(Allowed.ADDRESS, _address(request), stretch)
    if isinstance(request.user, Person):
        token = getattr(request, "token", None)
        mine = _count(Allowed.CALLER, f"token {token.pk}" if token else f"person {request.user.pk}", stretch)
        over = max(over, mine)
        if mine == 1:
            note("ask too often", request.user, at, answer="refused", why=f"token {token.pk}" if token else "session")
    return STRETCH_S - gone if over > 0 else 0


def _address(request: HttpRequest) -> str:
    """From where it is asked; those of whom a proxy does not say share one allowance."""
    try:
        return str(DefaultAccountAdapter().get_client_ip(request))
    except PermissionDenied:
        return "not known"


def _count(kind: Allowed, subject: str, stretch: int) -> int:
    """Count one request; by how many the stretch is over what is allowed."""
    key = hashlib.sha256(f"{kind.name}|{subject}".encode()).hexdigest()
    mine = Allowance.objects.filter(key=key)
    if not mine.filter(stretch=stretch).update(used=F("used") + 1):
        Allowance.objects.filter(stretch__lt=stretch - _KEPT).delete()
        mine.update_or_create(key=key, defaults={"stretch": stretch, "used": 1})
    return int(mine.values_list("used", flat=True).get()) - kind.value
