"""What was made of an agreement, for the agency whose data it is: what nobody used, and who used more than others.

Counted from the audit log alone, so that the owner and whoever holds a copy of the log come to the same figures. An
entry names agreement, dataset, suppliers, purpose and fields; it is counted for every schedule that it fits.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from upstander.sharing.agreement import Agreement
from upstander.sharing.audit import AuditEntry, AuditEvent
from upstander.sharing.processing import standing
from upstander.sharing.terms import Schedule

# A person stands out who read at least so often, and so many times as often as the other readers in the middle.
MANY_READS, TIMES_THE_OTHERS = 20, 3
_NAMED_FIELDS = 4
_READ, _ALLOWED, _REFUSED = "read", "allowed", "refused"


@dataclass(frozen=True)
class Usage:
    """How one schedule was used in a span of time. `last` is the UTC moment of the last read, None where there is none.

    `readers` are (person, reads), the most frequent first; `heavy` are those who stand out among them. `refused` counts
    the refusals about its dataset to its own recipients: what they asked for and the schedule does not give.
    """

    agreement: str
    schedule: str
    provider: str
    dataset: str
    standing: str
    reads: int
    refused: int
    last: datetime | None
    readers: tuple[tuple[str, int], ...]
    heavy: tuple[str, ...]
    unused_fields: tuple[str, ...]
    unused_purposes: tuple[str, ...]

    @property
    def told(self) -> tuple[str, ...]:
        """What the owner may want to ask about, in sentences; empty where nothing stands out."""
        if not self.reads:
            said = ["Nobody read it."]
        else:
            said = [f"{person} read it far more often than others." for person in self.heavy]
            said += [f"Nobody asked for {_some_of(self.unused_fields)}."] if self.unused_fields else []
            said += [f"Nobody used it for {', '.join(self.unused_purposes)}."] if self.unused_purposes else []
        if self.refused:
            of_them = "request" if self.refused == 1 else "requests"
            said.append(f"Refused to its recipients: {self.refused} {of_them}.")
        return tuple(said)


def _some_of(fields: Sequence[str]) -> str:
    """The fields by name where they are few; a long list is told by its number, and stands whole beside it."""
    return ", ".join(fields) if len(fields) <= _NAMED_FIELDS else f"{len(fields)} of its fields"


def usage(agreements: Iterable[Agreement], entries: Iterable[AuditEntry], at: datetime) -> list[Usage]:
    """How each schedule was used according to these entries; `at` says which of them are in force."""
    asked = [entry.event for entry in entries if entry.event.action == _READ]
    lines = [
        _usage(agreement, schedule, asked, at) for agreement in agreements for schedule in agreement.schedules
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.provider, line.dataset, line.agreement, line.schedule))


def _usage(agreement: Agreement, schedule: Schedule, asked: Sequence[AuditEvent], at: datetime) -> Usage:
    reads = [event for event in asked if event.answer == _ALLOWED and _is_under(event, agreement.name, schedule)]
    readers = Counter(event.person for event in reads)
    fields = {field for event in reads for field in event.fields}
    purposes = {event.purpose for event in reads}
    return Usage(
        agreement=agreement.name,
        schedule=schedule.id,
        provider=schedule.provider,
        dataset=schedule.dataset,
        standing=standing(agreement, schedule, at),
        reads=len(reads),
        refused=sum(_is_refusal(event, schedule) for event in asked),
        last=max((event.at for event in reads), default=None),
        readers=tuple(readers.most_common()),
        heavy=_heavy(readers),
        unused_fields=tuple(field for field in schedule.fields if field not in fields),
        unused_purposes=tuple(purpose.value for purpose in schedule.purposes if purpose.value not in purposes),
    )


def _is_under(event: AuditEvent, agreement: str, schedule: Schedule) -> bool:
    return (
        event.dataset == schedule.dataset
        and agreement in event.agreement.split(", ")
        and event.purpose in schedule.purposes
        and any(map(schedule.covers_supplier, event.suppliers))
        and set(event.fields) <= set(schedule.fields)
    )


def _is_refusal(event: AuditEvent, schedule: Schedule) -> bool:
    is_theirs = event.agency in schedule.recipients.agencies or event.person in schedule.recipients.persons
    return event.dataset == schedule.dataset and event.answer.startswith(_REFUSED) and is_theirs


def _heavy(readers: "Counter[str]") -> tuple[str, ...]:
    def stands_out(person: str, reads: int) -> bool:
        others = [count for name, count in readers.items() if name != person]
        return reads >= MANY_READS and bool(others) and reads >= TIMES_THE_OTHERS * median(others)

    return tuple(person for person, reads in readers.most_common() if stands_out(person, reads))
