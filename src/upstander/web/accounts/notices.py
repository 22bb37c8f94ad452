"""What the home page tells about accounts: vetting that ends, codes running out, invitations that wait."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from upstander.web.accounts.models import Invitation, Person
from upstander.web.accounts.permissions import OWN_ACCOUNT, READ_PEOPLE
from upstander.web.home import Notice as Told
from upstander.web.home import Part, Section, add
from upstander.web.templatetags.site import last_day

_SOON = timedelta(days=60)


def register() -> None:
    """Put these on the home page."""
    add(Section(Part.DUE, OWN_ACCOUNT, _vetting))
    add(Section(Part.NEEDS_YOU, READ_PEOPLE, _people))


def _vetting(person: Person, at: datetime) -> Iterator[Told]:
    if person.vetted_until is not None and person.vetted_until - at < _SOON:
        yield Told(
            f"Your vetting ends on {last_day(person.vetted_until)}, and your access with it.", reverse("account")
        )


def _people(person: Person, at: datetime) -> Iterator[Told]:
    expired = Invitation.objects.filter(expires_at__lte=at).count()
    if expired:
        yield Told(f"{expired} invitations were never taken up and have expired.", reverse("people"))
    ending = Person.objects.filter(is_active=True, vetted_until__gt=at, vetted_until__lt=at + _SOON).exclude(
        pk=person.pk
    )
    if count := ending.count():
        yield Told(f"The vetting of {count} people ends within 60 days.", reverse("people"))
