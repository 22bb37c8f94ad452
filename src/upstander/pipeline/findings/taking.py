"""A figure as a file that somebody takes away: a numbered copy for their agency, entered in the ledger."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime

from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.pipeline.findings.asking import NotReleased
from upstander.pipeline.findings.making import Made, Wanted, made
from upstander.pipeline.findings.reading import Findings
from upstander.pipeline.home import Home
from upstander.pipeline.outputs import OutputFacts, enter_ledger, ledger_lines
from upstander.publish.exports import Copy, ExportFacts, checked_copy
from upstander.publish.pictures import as_file, as_png
from upstander.values.durable import locked

KIND = "figure copy"
_TYPES = {
    "csv": "text/csv; charset=utf-8", "svg": "image/svg+xml", "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


@dataclass(frozen=True)
class Taker:
    """Who takes it, for which agency and purpose, at an aware UTC moment."""

    person: str
    agency: str
    agency_name: str
    purpose: Purpose
    at: datetime


@dataclass(frozen=True)
class Taken:
    """The file: its name, bytes and media type, and the number of the copy."""

    name: str
    content: bytes
    kind: str
    number: str


def taken(home: Home, findings: Findings, kind: str, wanted: Wanted, form: str, taker: Taker) -> Taken:
    """The figure as csv, xlsx, svg or png. Raises NotReleased where there is nothing of it to take."""
    found = made(findings, kind, wanted)
    if not found.tables or (form in {"svg", "png"} and not found.figure.pictures):
        raise NotReleased("There is nothing to take away.", {}, found=form, expected="a figure with numbers")
    with locked(home.outputs / ".figure-copies.lock"):  # no two copies have one number
        number = f"{1 + sum(line['kind'] == KIND for line in ledger_lines(home)):04d}"
        ends = min(one.about.expires for one in found.tables if one.about.expires is not None)
        copy = Copy(taker.agency_name or taker.agency, taker.purpose.value, ends, number)
        facts = _facts(home, findings, found, copy)
        content = _content(found, facts, form)
        entered = OutputFacts(
            kind=KIND, edition=Edition.SHAREABLE, recipients=(taker.agency,), purpose=taker.purpose.value,
            person=taker.person, made=taker.at, expires=ends, release=findings.edition.name,
        )  # fmt: skip
        said = {
            "number": number, "figure": found.figure.name, "filters": asdict(wanted), "form": form,
            "sha256": hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        enter_ledger(home, entered, said)
    return Taken(f"{found.figure.name}-{facts.stem}-copy-{number}.{form}", content, _TYPES[form], number)


def _content(found: Made, facts: ExportFacts, form: str) -> bytes:
    if form in {"svg", "png"}:
        drawn = as_file(found.figure, _mark(facts))
        return drawn.encode() if form == "svg" else as_png(drawn)
    files = checked_copy(found.tables, facts)
    first = f"{found.tables[0].name}.csv" if form == "csv" else f"tables-{facts.stem}.xlsx"
    return files[first]


def _facts(home: Home, findings: Findings, found: Made, copy: Copy) -> ExportFacts:
    settings = home.settings.release
    names = {one.key: one.name for one in findings.choices.areas}
    return ExportFacts(
        title=found.figure.sub, publisher=home.settings.network, release=findings.edition.name,
        made_on=findings.edition.plan.made.at.date(), licence=settings.licence, licence_name=settings.licence_name,
        contact=settings.contact, summary=found.figure.finding, labels={"area": names},
        copy=copy,
    )  # fmt: skip


def _mark(facts: ExportFacts) -> str:
    copy = facts.copy
    whose = f"Copy {copy.number} for {copy.recipient}. " if copy else ""
    return f"{facts.publisher}, release {facts.release}. {whose}OFFICIAL-SENSITIVE."
