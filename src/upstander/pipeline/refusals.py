"""What was refused, out of the audit log, and what the same request would be answered as agreements stand now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from upstander.contracts.asking import Allowed, Purpose, Request
from upstander.contracts.catalogue import ALL
from upstander.contracts.releasing import Edition
from upstander.sharing import Agreement, AuditEntry, AuditEvent, AuditLog, AuditSearch, decide, first_word

REFUSED = "refused"
MOST = 200
_BACK = timedelta(days=30)
_READ = "read"


@dataclass(frozen=True)
class Refusal:
    """One refusal: the entry, the reason it gave, and the next step as agreements stand now (empty: not about data)."""

    entry: AuditEntry
    reason: str
    next_step: str


def refused_lately(audit: AuditLog, agreements: Sequence[Agreement], at: datetime) -> list[Refusal]:
    """The newest refusals of the last 30 days, at most 200."""
    found = audit.search(AuditSearch(since=at - _BACK, answer=REFUSED))
    return list(islice(_told(found, agreements, at), MOST))


def count_refused(audit: AuditLog, since: datetime) -> int:
    """How many requests were refused since a moment; pages that did not open are not counted."""
    return sum(1 for entry in audit.search(AuditSearch(since=since, answer=REFUSED)) if entry.event.dataset)


def _told(found: Iterator[AuditEntry], agreements: Sequence[Agreement], at: datetime) -> Iterator[Refusal]:
    for entry in found:
        event = entry.event
        if event.dataset:
            yield Refusal(entry, event.answer.partition(": ")[2], _next_step(event, agreements, at))


def _next_step(event: AuditEvent, agreements: Sequence[Agreement], at: datetime) -> str:
    if first_word(event.action) != _READ or event.dataset not in ALL or event.purpose not in set(Purpose):
        return ""
    purpose = Purpose(event.purpose)
    answer = decide(
        Request(event.person, event.agency, purpose, event.dataset, event.suppliers, event.fields, event.why, at),
        agreements, ticked=ALL[event.dataset].purposes.keys(),
        edition=Edition.OPERATIONAL if purpose is Purpose.OPERATIONAL else Edition.SHAREABLE,
    )  # fmt: skip
    return "They would be allowed now." if isinstance(answer, Allowed) else answer.next_step
