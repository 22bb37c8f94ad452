"""How a file that was sent here stands by now: on its way, loaded, held, and what an analyst decided about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from upstander.pipeline.held import waits
from upstander.pipeline.uploads import outcome_in_words
from upstander.sharing import AuditSearch
from upstander.web.deliveries.models import Reading, Sending
from upstander.web.opened import opened
from upstander.web.work.models import Job

_HELD, _NOOP = "HOLD", "NOOP"


@dataclass(frozen=True)
class Decided:
    """What was decided about a held reading (accepted or refused), why, and at which aware UTC moment."""

    answer: str
    why: str
    at: datetime


def decision_on(sending: Sending) -> Decided | None:
    """What was decided, as the audit log has it; None for what was never held, or still waits."""
    if sending.outcome != _HELD or waits(opened().home, sending.reading):
        return None
    wanted = AuditSearch(since=sending.sent, dataset=sending.dataset, action="held")
    events = (entry.event for entry in opened().audit.search(wanted))
    found = next((event for event in events if event.action == f"held {sending.reading}"), None)
    return Decided(found.answer, found.why, found.at) if found else None


def not_loaded(sendings: Iterable[Sending]) -> list[tuple[Sending, str]]:
    """Those that became no reading, with how they stand in words."""
    found = list(sendings)
    loaded = set(Reading.objects.filter(reading__in=[one.reading for one in found]).values_list("reading", flat=True))
    left = [one for one in found if one.reading not in loaded and one.outcome != _NOOP]
    jobs = Job.objects.in_bulk([one.job for one in left if one.job is not None])
    return [(one, _in_words(one, jobs.get(one.job or 0))) for one in left]


def _in_words(sending: Sending, job: Job | None) -> str:
    if decided := decision_on(sending):
        return f"Held, and {decided.answer}"
    if sending.outcome:
        return outcome_in_words(sending.outcome)
    return job.get_state_display() if job else "Ended without a report"
