"""What the home page tells about tokens: one that waits to be fetched, and those that soon end."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import OWN_TOKENS, READ_PEOPLE
from upstander.web.api.models import Token
from upstander.web.home import Notice, Part, Section, add
from upstander.web.templatetags.site import last_day

_SOON = timedelta(days=30)


def register() -> None:
    """Put these on the home page."""
    add(Section(Part.NEEDS_YOU, OWN_TOKENS, _waiting))
    add(Section(Part.DUE, OWN_TOKENS, _ending))
    add(Section(Part.DUE, READ_PEOPLE, _ending_of_all))


def _waiting(person: Person, at: datetime) -> Iterator[Notice]:
    for one in Token.objects.filter(person=person, sha256=None, revoked_at=None, expires_at__gt=at):
        yield Notice(f"A token for “{one.called}” waits for you to fetch it.", reverse("own_tokens"))


def _ending(person: Person, at: datetime) -> Iterator[Notice]:
    for one in _open(at).filter(person=person):
        yield Notice(f"The token for “{one.called}” ends on {last_day(one.expires_at)}.", reverse("own_tokens"))


def _ending_of_all(person: Person, at: datetime) -> Iterator[Notice]:  # noqa: ARG001 - a section's signature
    if count := _open(at).count():
        yield Notice(
            f"{count} {'token ends' if count == 1 else 'tokens end'} within {_SOON.days} days.", reverse("tokens")
        )


def _open(at: datetime):  # type: ignore[no-untyped-def]  # a query set of Django's
    return Token.objects.filter(revoked_at=None, expires_at__gt=at, expires_at__lt=at + _SOON)
