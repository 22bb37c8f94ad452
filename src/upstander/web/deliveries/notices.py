"""What deliveries put on the home page: due, late, held, reports that are ready."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse

from upstander import contracts
from upstander.pipeline.feeds import feeds_due
from upstander.pipeline.held import count_held
from upstander.web import home
from upstander.web.accounts import permissions as may
from upstander.web.accounts.models import Person
from upstander.web.deliveries.feeds import feeds_for
from upstander.web.deliveries.models import Sending
from upstander.web.home import Notice, Part, Section
from upstander.web.opened import opened
from upstander.web.standing import standing_away
from upstander.web.templatetags.site import to_end

_HERE = ZoneInfo("Europe/London")
_FRESH = timedelta(days=14)
_SHOWN = 5


def add_sections() -> None:
    """Add to the home page, once."""
    home.add(Section(Part.DUE, may.READ_DELIVERIES, _due))
    home.add(Section(Part.NEEDS_YOU, may.READ_DELIVERIES, _late))
    home.add(Section(Part.NEEDS_YOU, may.DECIDE_HELD, _held))
    home.add(Section(Part.NEW, may.READ_DELIVERIES, _reports))


def _due(person: Person, at: datetime) -> Iterator[Notice]:
    yield from _owed(person, at, is_late=False)


def _late(person: Person, at: datetime) -> Iterator[Notice]:
    yield from _owed(person, at, is_late=True)


def _owed(person: Person, at: datetime, *, is_late: bool) -> Iterator[Notice]:
    """The most pressing few, and how many more there are."""
    feeds = feeds_for(person, standing_away(person, may.READ_DELIVERIES, at), at)
    wanted = {"late", "short"} if is_late else {"due"}
    entries = feeds_due(opened().home, feeds, at.astimezone(_HERE).date())
    owed = sorted((one for one in entries if one.state.value in wanted), key=lambda one: one.due, reverse=is_late)
    url = reverse("deliveries")
    for one in owed[:_SHOWN]:
        when = one.in_words if is_late else f"due on {one.due.day} {one.due:%B %Y}"
        yield Notice(f"{contracts.ALL[one.dataset].title}, {to_end(one.period.start, one.period.end)}: {when}", url)
    if len(owed) > _SHOWN:
        yield Notice(f"{len(owed) - _SHOWN} more", url)


def _held(person: Person, at: datetime) -> Iterator[Notice]:  # noqa: ARG001 - a section's signature
    if count := count_held(opened().home):
        words = "delivery is held and waits" if count == 1 else "deliveries are held and wait"
        yield Notice(f"{count} {words} for a decision", reverse("held_deliveries"))


def _reports(person: Person, at: datetime) -> Iterator[Notice]:
    for one in Sending.objects.filter(person=person, sent__gte=at - _FRESH).exclude(outcome="")[:_SHOWN]:
        sent = one.sent.astimezone(_HERE)
        title = contracts.ALL[one.dataset].title
        yield Notice(f"The report on {title} sent on {sent.day} {sent:%B}", reverse("delivery_report", args=[one.pk]))
