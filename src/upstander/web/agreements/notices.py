"""What the home page tells about agreements: what ends soon, what was refused this week."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from upstander.pipeline.refusals import count_refused
from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import GOVERN_AGREEMENTS
from upstander.web.agreements import telling
from upstander.web.home import Notice, Part, Section, add
from upstander.web.opened import opened
from upstander.web.templatetags.site import last_day

_WEEK = timedelta(days=7)


def register() -> None:
    """Put these on the home page."""
    add(Section(Part.DUE, GOVERN_AGREEMENTS, _ending))
    add(Section(Part.NEW, GOVERN_AGREEMENTS, _refused))


def _ending(_: Person, at: datetime) -> Iterator[Notice]:
    found = telling.endings(opened().register.agreements(at), at)
    if found:
        count = "1 schedule of an agreement ends" if len(found) == 1 else f"{len(found)} schedules of agreements end"
        yield Notice(f"{count} within 90 days, the first on {last_day(found[0].until)}.", reverse("ending_soon"))


def _refused(_: Person, at: datetime) -> Iterator[Notice]:
    if count := count_refused(opened().audit, at - _WEEK):
        requests = "1 request for data was" if count == 1 else f"{count} requests for data were"
        yield Notice(f"{requests} refused in the last 7 days.", reverse("refusals"))
