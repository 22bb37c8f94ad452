"""Agreements as a page tells them: how each stands, and what its schedules say."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from upstander.contracts.rules import rule_in_words
from upstander.sharing import Agreement, Schedule, Terms, in_rows, record_of_processing, rules_of
from upstander.sharing.words import day_in_words
from upstander.web.templatetags.site import dataset_title

SOON = timedelta(days=90)
_TOLD_APART = ("Small numbers", "Runs")


@dataclass(frozen=True)
class Told:
    """One agreement in a list. `state` is a word or two; `until` (aware UTC) is when its last schedule ends."""

    one: Agreement
    title: str
    parties: tuple[str, ...]
    state: str
    until: datetime | None


@dataclass(frozen=True)
class ToldSchedule:
    """One schedule of an agreement: (heading, words) of all it says. `until` is when it ends."""

    id: str
    dataset: str
    standing: str
    until: datetime
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ending:
    """A schedule that grants now and soon no longer, with the whole days that are left."""

    agreement: str
    schedule: str
    dataset: str
    readers: tuple[str, ...]
    until: datetime
    days: int


def told(agreement: Agreement, at: datetime) -> Told:
    """An agreement in a list."""
    terms = agreement.terms
    ends = [agreement.until(one) for one in agreement.schedules]
    return Told(
        agreement, agreement.title,
        tuple(party.name for party in terms.parties) if terms else (), state(agreement, at), max(ends, default=None),
    )  # fmt: skip


def state(agreement: Agreement, at: datetime) -> str:
    """How an agreement stands as a whole at a moment, in a word or two."""
    if agreement.fault or agreement.signature is None:
        return "grants nothing"
    schedules = agreement.schedules
    standing = [one for one in schedules if agreement.stands(one, at)]
    if standing:
        is_soon = max(map(agreement.until, standing)) - at <= SOON
        return "ends soon" if is_soon else "in force" if len(standing) == len(schedules) else "in force in part"
    if all(agreement.until(one) <= at for one in schedules):
        return "ended"
    return "suspended" if any(agreement.suspension(one, at) for one in schedules) else "not begun"


def is_party(agreement: Agreement, agency: str) -> bool:
    """Whether an agency is bound by an agreement that can be read."""
    return agreement.terms is not None and agency in {party.agency for party in agreement.terms.parties}


def schedules(agreement: Agreement, terms: Terms, at: datetime) -> Iterator[ToldSchedule]:
    """Its schedules, by dataset."""
    by_id = {one.id: one for one in terms.schedules}
    for line in record_of_processing([agreement], at):
        one = by_id[line.schedule]
        rows = (row for row in in_rows(line) if row[0] not in _TOLD_APART)
        yield ToldSchedule(
            one.id, line.dataset, line.standing, agreement.until(one),
            (*rows, *_rules(terms, one), ("Runs", line.runs), *_beyond(one)),
        )  # fmt: skip


def endings(agreements: Iterable[Agreement], at: datetime) -> list[Ending]:
    """Every schedule that grants at a moment and ends within 90 days of it, the first to end first."""
    return sorted(
        (
            Ending(
                agreement.name, one.id, dataset_title(one.dataset), _readers(agreement, one), agreement.until(one),
                (agreement.until(one) - at).days,
            )
            for agreement in agreements
            for one in agreement.schedules
            if agreement.stands(one, at) and agreement.until(one) - at <= SOON
        ),
        key=lambda ending: (ending.until, ending.agreement, ending.schedule),
    )  # fmt: skip


def versions_of(every: Sequence[Agreement], name: str) -> list[Agreement]:
    """All versions of an agreement, the newest first."""
    return sorted((one for one in every if one.name == name), key=lambda one: -one.version)


def _rules(terms: Terms, schedule: Schedule) -> Iterator[tuple[str, str]]:
    for edition, rule in rules_of(terms, schedule).items():
        yield f"Small numbers, {edition} edition", rule_in_words(rule)


def _beyond(schedule: Schedule) -> Iterator[tuple[str, str]]:
    if (decision := schedule.beyond_matrix) is not None:
        day = day_in_words(decision.decided_on)
        yield "Beyond the matrix", f"{decision.purpose}, decided by {decision.decided_by} on {day} ({decision.minute})"


def _readers(agreement: Agreement, schedule: Schedule) -> tuple[str, ...]:
    if schedule.recipients.everyone:
        return ("everyone",)
    names = {party.agency: party.name for party in agreement.terms.parties} if agreement.terms else {}
    return (*(names[agency] for agency in schedule.recipients.agencies), *schedule.recipients.persons)
