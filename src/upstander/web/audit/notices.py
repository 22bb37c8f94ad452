"""What the home page tells about looking: what waits on the review list, and a week nobody has gone through."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import REVIEW_LOOKING
from upstander.web.audit import actions
from upstander.web.audit.models import Review, Week
from upstander.web.home import Notice, Part, Section, add


def register() -> None:
    """Put these on the home page."""
    add(Section(Part.NEEDS_YOU, REVIEW_LOOKING, _waiting))


def _waiting(_: Person, at: datetime) -> Iterator[Notice]:
    if count := Review.objects.filter(state=Review.State.WAITING).count():
        things = "1 thing stood out" if count == 1 else f"{count} things stood out"
        yield Notice(f"{things} in who looked at what, and nobody has asked about it yet.", reverse("review"))
    first = actions.last_whole_week(at)
    if not Week.objects.filter(first=first).exists():
        yield Notice(f"Nobody has gone through the looking of the week of {first:%-d %B %Y}.", reverse("review"))
