"""Asking for work: it is written down, and a worker takes it when one is free."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils import timezone

from upstander.errors import WrongUsage
from upstander.web.work.kinds import kind_named

if TYPE_CHECKING:
    from upstander.web.accounts.models import Person
    from upstander.web.work.models import Job


def enqueue(kind_name: str, person: "Person", arguments: Mapping[str, str], why: str) -> "Job":
    """A job that waits for a worker. Raises WrongUsage for a kind there is not, or one that lacks an argument.

    `why` goes into the audit log with the job's beginning. Arguments are ids and settings, never personal values.
    """
    from upstander.web.work.models import Job  # tables exist once Django has loaded, and this module loads before

    kind = kind_named(kind_name)
    try:
        kind.title.format_map(arguments)
    except KeyError as lacks:
        raise WrongUsage(
            f"The work '{kind_name}' needs {lacks}.", where=kind_name, expected=kind.title, state="Nothing was begun."
        ) from lacks
    return Job.objects.create(
        kind=kind.name, arguments=dict(arguments), person=person, purpose=kind.purpose.value, why=why,
        made=timezone.now(),
    )  # fmt: skip
