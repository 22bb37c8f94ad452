"""What the home page tells about releases: what is due or late, and what waits for an approval."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from upstander.contracts.asking import Purpose
from upstander.web.accounts import permissions as may
from upstander.web.accounts.models import Person
from upstander.web.desks import desk_of
from upstander.web.home import Notice, Part, Section, add
from upstander.web.templatetags.site import quarter

if TYPE_CHECKING:
    from upstander.pipeline.desk import Desk


def register() -> None:
    """Put these on the home page."""
    add(Section(Part.DUE, may.MAKE_RELEASES, _due))
    add(Section(Part.NEEDS_YOU, may.APPROVE_RELEASES, _waiting))


def _due(person: Person, at: datetime) -> Iterator[Notice]:
    from upstander.pipeline.release.due import due_last

    last = due_last(_desk(person), today=at.date())
    if not last.is_published:
        late = f", and late by {last.late_days} days" if last.late_days else ""
        made = "" if last.is_unmade else f": {last.state}"
        yield Notice(
            f"The release of {quarter(last.quarter)} is due on {last.due:%-d %B %Y}{late}{made}.",
            reverse("make_release", args=[last.quarter]) if last.is_unmade else reverse("releases"),
        )


def _waiting(person: Person, at: datetime) -> Iterator[Notice]:  # noqa: ARG001 - a section's signature
    from upstander.pipeline.release.approving import may_not_approve
    from upstander.pipeline.release.telling import newest_told

    for one in newest_told(_desk(person)):
        now = one.standing
        if one.waits and not may_not_approve(now, (person.handle, person.name)):
            yield Notice(
                f"The release of {quarter(now.edition.quarter)} waits for your approval: {now.in_words}.",
                reverse("approve_release", args=[now.edition.quarter, now.edition.number]),
            )


def _desk(person: Person) -> "Desk":
    return desk_of(person, purpose=Purpose.MONITORING, why="the home page")
