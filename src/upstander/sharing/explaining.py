"""An agreement in plain words, for the people who sign it and those who ask what it lets through."""

from collections.abc import Iterable
from datetime import timedelta

from upstander.contracts.rules import rule_in_words
from upstander.sharing.agreement import Act, Agreement
from upstander.sharing.gateways import GATEWAYS
from upstander.sharing.policy import rules_of
from upstander.sharing.protection import in_words
from upstander.sharing.terms import ANY_SUPPLIER, Linkage, Schedule, Terms
from upstander.sharing.words import day_in_words


def explain(agreement: Agreement) -> str:
    """Title, standing and every schedule, a line each."""
    if agreement.terms is None:
        return f"{agreement.name}: {agreement.fault}\n"
    lines = [
        f"{agreement.terms.title} ({agreement.name}, version {agreement.version})",
        _standing(agreement),
        "Between " + _listed(party.name for party in agreement.terms.parties) + ".",
    ]
    for schedule in agreement.terms.schedules:
        lines += ["", *_schedule(schedule, agreement.terms)]
    for linkage in agreement.terms.linkages:
        lines += ["", _linkage(linkage)]
    return "\n".join(lines) + "\n"


def _linkage(linkage: Linkage) -> str:
    feeds = _listed(f"{feed.dataset} from {feed.supplier}" for feed in linkage.feeds)
    purposes = _listed(purpose.value for purpose in linkage.purposes)
    return f"People may be recognised across {feeds} for {purposes} purposes: {linkage.why.rstrip('.')}."


def _standing(agreement: Agreement) -> str:
    if agreement.fault or agreement.signature is None:
        return agreement.fault or "It is not signed, so it grants nothing."
    signed = f"Signed by {agreement.signature.person} on {day_in_words(agreement.day(agreement.signature.at))}."
    return " ".join([signed, *(_told(act, agreement) for act in agreement.acts)])


def _told(act: Act, agreement: Agreement) -> str:
    about = f"Schedule {act.schedule} was " if act.schedule else f"What {act.agency} shares was " if act.agency else ""
    said = f"{about}{act.kind}" if about else str(act.kind).capitalize()
    return f"{said} by {act.person} on {day_in_words(agreement.day(act.at))}: {act.why.rstrip('.')}."


def _schedule(schedule: Schedule, terms: Terms) -> list[str]:
    names = {party.agency: party.name for party in terms.parties}
    every = ANY_SUPPLIER in schedule.suppliers
    purposes = _listed(purpose.value for purpose in schedule.purposes)
    readers = [names[agency] for agency in schedule.recipients.agencies] + list(schedule.recipients.persons)
    if schedule.recipients.everyone:
        readers = ["everyone"]
    lines = [
        f"{schedule.id}: {names[schedule.provider]} shares {schedule.dataset} for {purposes} purposes.",
        f"  Who may read: {_listed(readers)}.",
        f"  From: {'every supplier' if every else _listed(schedule.suppliers)}.",
        f"  Fields: {', '.join(schedule.fields)}.",
        *_law(schedule),
        *_handling(schedule, terms),
        f"  Runs from {day_in_words(schedule.start)} to the end of {day_in_words(schedule.end - timedelta(days=1))}.",
    ]
    if (decision := schedule.beyond_matrix) is not None:
        lines.append(
            f"  The matrix does not tick {decision.purpose}: {decision.decided_by} decided on it on "
            f"{day_in_words(decision.decided_on)} ({decision.minute})."
        )
    lines += [f"  Only rows whose {row.column} is {_listed(row.codes, 'or')}." for row in schedule.rows]
    return lines


def _law(schedule: Schedule) -> list[str]:
    gateway = GATEWAYS[schedule.gateway]
    lines = [f"  Law: {gateway.title}. {gateway.limits}"]
    if schedule.approval:
        lines.append(f"  Approval: {schedule.approval}.")
    if gateway.to_verify:
        lines.append(f"  To verify by a lawyer: {gateway.to_verify}?")
    if schedule.data_protection:
        lines.append(f"  Data protection: {in_words(schedule.data_protection)}")
    return lines


def _handling(schedule: Schedule, terms: Terms) -> list[str]:
    handling = schedule.handling
    return [
        *(
            f"  Counts, {edition} edition: {rule_in_words(rule)}."
            for edition, rule in rules_of(terms, schedule).items()
        ),
        f"  {handling.classification}; kept {handling.retention_days} days.",
        f"  Detail: no age band under {handling.age_band_width} years, postcodes by {handling.postcode_level}.",
    ]


def _listed(words: Iterable[str], last: str = "and") -> str:
    every = list(words)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} {last} {every[-1]}"
