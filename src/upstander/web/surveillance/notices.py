"""What the home page tells about pictures: the newest that is theirs to see."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import SEE_PICTURE
from upstander.web.home import Notice, Part, Section, add
from upstander.web.opened import opened


def register() -> None:
    """Put it on the home page."""
    add(Section(Part.NEW, SEE_PICTURE, _newest))


def _newest(person: Person, at: datetime) -> Iterator[Notice]:  # noqa: ARG001 - a section's signature
    from upstander.pipeline.injuries.pictures import is_any_made, visible
    from upstander.values.periods import Period
    from upstander.web.surveillance.opening import desk_for

    if not is_any_made(opened().home):
        return
    for newest in visible(desk_for(person))[:1]:
        last = Period.parse(newest.period).last_day
        yield Notice(
            f"The picture of injuries goes to {last.day} {last:%B %Y}.", reverse("picture_page", args=[newest.number])
        )
