"""What the dashboard says on the home page: the release that is out."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse

from upstander.pipeline.findings import editions_out
from upstander.web import home
from upstander.web.accounts.models import Person
from upstander.web.accounts.permissions import FINDINGS_READ
from upstander.web.opened import opened
from upstander.web.templatetags.site import quarter


def register() -> None:
    """Stand on the home page of those who read the dashboard."""
    home.add(home.Section(home.Part.NEW, FINDINGS_READ, _newest))


def _newest(_person: Person, _at: datetime) -> Iterator[home.Notice]:
    for edition in editions_out(opened())[-1:]:
        told = f"The release of {quarter(edition.quarter)} is published: read the dashboard"
        yield home.Notice(told, reverse("dashboard"))
