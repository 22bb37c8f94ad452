"""The record of processing: what the register of agreements says, schedule by schedule, as the law asks to see it.

Sources: UK GDPR, Article 30(1); Data Protection Act 2018, section 61 (competent authorities); the Information
Commissioner's template for records of processing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from upstander.contracts.catalogue import ALL
from upstander.contracts.releasing import Edition
from upstander.contracts.rules import rule_in_words
from upstander.sharing.agreement import Agreement
from upstander.sharing.gateways import GATEWAYS, PERSONAL_FIELDS, is_about_health, is_about_people
from upstander.sharing.policy import rules_of
from upstander.sharing.protection import in_words
from upstander.sharing.terms import ANY_SUPPLIER, Schedule, Terms
from upstander.sharing.words import day_in_words

# What the system does for every schedule alike; each is held by a test of its own.
MEASURES = (
    "Raw files lie encrypted, apart from their key, until their retention ends.",
    "Names, NHS numbers, dates of birth and free text are hashed with a key, banded or dropped as files come in.",
    "Every read passes one gate and is written, either way, to a log that shows any change made to it.",
    "Small numbers are withheld and rounded by the rule below before anything leaves.",
)
NO_TRANSFER = "None: the system runs in the partnership's own network and sends nothing out of it."
_SPECIAL = {"ethnic_group": "ethnic origin", "offence_code": "alleged offences"}


@dataclass(frozen=True)
class Processing:
    """One schedule in the words of a record of processing. Every value is text that a lawyer can read aloud."""

    agreement: str
    schedule: str
    standing: str
    dataset: str
    controller: str
    other_controllers: str
    suppliers: str
    purposes: str
    people: str
    personal_fields: str
    other_fields: str
    special: str
    recipients: str
    gateway: str
    to_verify: str
    flow: str
    retention: str
    counts: str
    classification: str
    transfers: str
    runs: str


_HEADINGS = {
    "controller": "Controller",
    "other_controllers": "Other controllers",
    "purposes": "Purposes",
    "people": "Data subjects",
    "personal_fields": "Fields about a person",
    "other_fields": "Other fields",
    "special": "Special categories, offences",
    "recipients": "Recipients",
    "suppliers": "Comes from",
    "gateway": "Law that lets it be shared",
    "to_verify": "For a lawyer to answer",
    "flow": "Data protection law",
    "retention": "Kept for",
    "counts": "Small numbers",
    "classification": "Classification",
    "transfers": "Transfers abroad",
    "runs": "Runs",
}


def in_rows(line: Processing) -> Iterator[tuple[str, str]]:
    """(heading, words) of what an entry says; what it says nothing of is left out."""
    return ((heading, words) for name, heading in _HEADINGS.items() if (words := getattr(line, name)))


def record_of_processing(agreements: Iterable[Agreement], at: datetime) -> list[Processing]:
    """A line for each schedule of each agreement that can be read, by dataset; those that grant nothing say why."""
    lines = [
        _processing(agreement, schedule, agreement.terms, at)
        for agreement in agreements
        if agreement.terms
        for schedule in agreement.terms.schedules
    ]
    return sorted(lines, key=lambda line: (line.dataset, line.agreement, line.schedule))


def standing(agreement: Agreement, schedule: Schedule, at: datetime) -> str:
    """Whether a schedule grants anything at a moment, and if not, why."""
    if agreement.fault or agreement.signature is None:
        return f"grants nothing: {agreement.fault or 'nobody signed it'}"
    if stopped := agreement.suspension(schedule, at):
        return f"suspended since {day_in_words(agreement.day(stopped.at))}"
    if at < agreement.begins(schedule):
        return f"begins on {day_in_words(agreement.day(agreement.begins(schedule)))}"
    if at >= agreement.until(schedule):
        return f"ended on {day_in_words(agreement.day(agreement.until(schedule) - timedelta(seconds=1)))}"
    return "in force"


def _processing(agreement: Agreement, schedule: Schedule, terms: Terms, at: datetime) -> Processing:
    names = {party.agency: party.name for party in terms.parties}
    others = [party.name for party in terms.parties if party.controller and party.agency != schedule.provider]
    personal = [name for name in schedule.fields if name in PERSONAL_FIELDS]
    gateway, contract = GATEWAYS[schedule.gateway], ALL.get(schedule.dataset)
    readers = [names[agency] for agency in schedule.recipients.agencies] + list(schedule.recipients.persons)
    return Processing(
        agreement=f"{agreement.name}, version {agreement.version}",
        schedule=schedule.id,
        standing=standing(agreement, schedule, at),
        dataset=contract.title if contract else schedule.dataset,
        controller=names[schedule.provider],
        other_controllers=_listed(others),
        suppliers="every supplier" if ANY_SUPPLIER in schedule.suppliers else _listed(schedule.suppliers),
        purposes=_listed(purpose.value for purpose in schedule.purposes),
        people=f"a row is {contract.one_row_is}" if contract and personal else "",
        personal_fields=_listed(personal),
        other_fields=_listed(name for name in schedule.fields if name not in PERSONAL_FIELDS),
        special=_listed(_special(schedule)),
        recipients="everyone: it is published" if schedule.recipients.everyone else _listed(readers),
        gateway=f"{gateway.title}" + (f", approval {schedule.approval}" if schedule.approval else ""),
        to_verify=f"{gateway.to_verify}?" if gateway.to_verify else "",
        flow=in_words(schedule.data_protection) if schedule.data_protection else "",
        retention=f"{schedule.handling.retention_days:,} days after it was received, then destroyed",
        counts=rule_in_words(rules_of(terms, schedule)[Edition.SHAREABLE]),
        classification=schedule.handling.classification,
        transfers=NO_TRANSFER,
        runs=f"{day_in_words(schedule.start)} to {day_in_words(schedule.end - timedelta(days=1))}",
    )


def _special(schedule: Schedule) -> list[str]:
    if not is_about_people(schedule.fields):
        return []
    health = ["health"] if is_about_health(schedule.dataset, schedule.fields) else []
    return health + [words for name, words in _SPECIAL.items() if name in schedule.fields]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
