"""What opening and taking away leaves behind, and what of a release somebody sees."""

from datetime import datetime

from upstander.contracts.asking import Purpose
from upstander.pipeline.findings import Findings, datasets_seen
from upstander.pipeline.findings.making import Wanted
from upstander.pipeline.findings.taking import Taken, Taker, taken
from upstander.sharing import AuditEvent
from upstander.web.accounts.models import Conflict, Person
from upstander.web.opened import opened

PURPOSE = Purpose.MONITORING


def seen_by(person: Person, findings: Findings, at: datetime) -> Findings:
    """A release as somebody sees it: datasets that an agreement gives their agency, no areas of their conflicts."""
    datasets = datasets_seen(
        opened(), findings, person=person.handle, agency=person.agency_id or "", purpose=PURPOSE, at=at
    )
    return findings.seen(datasets, _hidden_areas(person))


def _hidden_areas(person: Person) -> frozenset[str]:
    """The areas that somebody declared they must not see."""
    declared = Conflict.objects.filter(person=person, kind=Conflict.Kind.AREA, ended_at=None)
    return frozenset(declared.values_list("value", flat=True))


def note_opened(person: Person, at: datetime, release: str, what: str) -> AuditEvent:
    """One line for one opening: who, which release, which filters. Raises TryAgain, and nothing may be shown then."""
    event = _event(person, at, f"open dashboard {release} {what}".strip())
    opened().audit.append(event)
    return event


def take(person: Person, findings: Findings, kind: str, wanted: Wanted, form: str, at: datetime) -> Taken:
    """A figure as a file: written down, numbered in the ledger, then given. Raises NotReleased."""
    who = Taker(person.handle, person.agency_id or "", person.agency.name if person.agency else "", PURPOSE, at)
    made = taken(opened().home, findings, kind, wanted, form, who)
    opened().audit.append(_event(person, at, f"take {form} {findings.edition.name} {kind} copy {made.number}"))
    return made


def _event(person: Person, at: datetime, action: str) -> AuditEvent:
    agency = str(person.agency_id or "")
    return AuditEvent(at, person.handle, agency, PURPOSE.value, "", (), (), action, "done", "the dashboard", "")
