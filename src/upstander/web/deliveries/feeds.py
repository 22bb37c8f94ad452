"""Which feeds somebody may see: those that their agency provides by agreement, and for an analyst all of them."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from upstander.contracts.asking import Purpose
from upstander.pipeline.desk import Desk
from upstander.pipeline.feeds import OwnFeed, feeds_in_force
from upstander.web.accounts import permissions as may
from upstander.web.accounts.models import Agency, Person
from upstander.web.accounts.permissions import Standing, is_given
from upstander.web.accounts.views.answering import person_of
from upstander.web.desks import desk_of
from upstander.web.opened import opened


def feeds_for(person: Person, standing: Standing, at: datetime) -> tuple[OwnFeed, ...]:
    """The feeds that somebody may see and send, in the order of their names."""
    sees_all = is_given(may.ALL_DELIVERIES, standing)
    return feeds_in_force(opened().register, at, None if sees_all else person.agency_id or "")


def feeds_of(request: HttpRequest) -> tuple[OwnFeed, ...]:
    """The same for whoever asks."""
    return feeds_for(person_of(request), standing_of(request), timezone.now())


def sees_all(request: HttpRequest) -> bool:
    """Whether whoever asks sees every agency's deliveries."""
    return is_given(may.ALL_DELIVERIES, standing_of(request))


def steward(person: Person, why: str) -> Desk:
    """The desk at which a feed is looked after."""
    return desk_of(person, purpose=Purpose.STEWARDSHIP, why=why)


def standing_of(request: HttpRequest) -> Standing:
    """How whoever asks stands, as the door found."""
    return request.standing  # type: ignore[attr-defined, no-any-return]  # put there by door.py


def agency_names(feeds: Sequence[OwnFeed]) -> dict[str, str]:
    """What the providers of these feeds are called; the short name for one that has no account here."""
    slugs = {feed.provider for feed in feeds}
    return {slug: slug for slug in slugs} | dict(Agency.objects.filter(slug__in=slugs).values_list("slug", "name"))
