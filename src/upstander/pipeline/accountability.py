"""What information governance hands out: the record of processing, a DPIA's data annex, the use made of data."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from upstander.contracts.catalogue import ALL
from upstander.contracts.dataset import DatasetContract
from upstander.contracts.fates import fate
from upstander.errors import WrongUsage
from upstander.intake.sentences import counted
from upstander.pipeline.anonymity import how_people_hide
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.sharing import AuditSearch, record_of_processing, usage
from upstander.sharing.pages import page
from upstander.sharing.processing import MEASURES, Processing, in_rows
from upstander.sharing.usage import MANY_READS, TIMES_THE_OTHERS, Usage
from upstander.sharing.words import day_in_words


@dataclass(frozen=True)
class Annexed:
    """One dataset in the annex: its declaration, what is held of it, how people hide in it, who sees it."""

    contract: DatasetContract
    held: str
    anonymity: str
    purposes: str
    lines: tuple[Processing, ...]


@dataclass(frozen=True)
class Used:
    """How often an agency read a dataset for a purpose in a month (2026-07, by UTC days)."""

    month: str
    dataset: str
    purpose: str
    agency: str
    reads: int


def processing_record(desk: Desk) -> list[Processing]:
    """Every schedule of every agreement here, the record itself being written down as made."""
    note(desk, action="record of processing", answer="done", dataset="", about="")
    return record_of_processing(desk.register.agreements(desk.now()), desk.now())


def record_html(desk: Desk, lines: Sequence[Processing]) -> str:
    """The record as a page."""
    return page("record.html.j2", _frame(desk) | {
        "lines": lines, "rows": in_rows, "measures": MEASURES,
        "in_force": sum(line.standing == "in force" for line in lines),
        "to_verify": [line for line in lines if line.to_verify],
    })  # fmt: skip


def annex_html(desk: Desk, datasets: Sequence[str] = ()) -> str:
    """The data annex of a DPIA on these datasets, or on every one that an agreement shares. Raises WrongUsage."""
    lines = processing_record(desk)
    shared = {line.dataset for line in lines}
    if strange := [name for name in datasets if name not in ALL]:
        raise WrongUsage(f"There is no dataset '{strange[0]}'.", found=strange[0], expected=", ".join(ALL))
    chosen = [ALL[name] for name in datasets] or [one for one in ALL.values() if one.title in shared]
    return page("annex.html.j2", _frame(desk) | {
        "datasets": [_annexed(desk, contract, lines) for contract in chosen], "rows": in_rows, "fate": fate,
        "measures": MEASURES,
    })  # fmt: skip


def usage_report(desk: Desk, *, since: datetime, until: datetime, provider: str = "") -> list[Usage]:
    """What was made of each schedule between two UTC moments; of one provider's only, where one is named."""
    note(desk, action="usage report", answer="done", dataset="", about=provider)
    entries = desk.audit.search(AuditSearch(since=since, until=until, action="read"))
    lines = usage(desk.register.agreements(desk.now()), entries, desk.now())
    return [line for line in lines if provider in ("", line.provider)]


def use_by_month(desk: Desk, feeds: Collection[tuple[str, str]], *, since: datetime, until: datetime) -> list[Used]:
    """How often these feeds (dataset, supplier) were read between two UTC moments, the newest month first.

    Counted from the audit log: an entry that names several feeds counts once for each dataset.
    """
    entries = desk.audit.search(AuditSearch(since=since, until=until, action="read"))
    found = Counter(
        (f"{event.at:%Y-%m}", event.dataset, event.purpose, event.agency)
        for event in (entry.event for entry in entries)
        if event.answer == "allowed" and any((event.dataset, supplier) in feeds for supplier in event.suppliers)
    )
    lines = [Used(*key, reads=reads) for key, reads in found.items()]
    return sorted(sorted(lines, key=lambda one: (one.dataset, one.purpose, one.agency)), key=_month, reverse=True)


def usage_html(desk: Desk, lines: Sequence[Usage], *, since: datetime, until: datetime) -> str:
    """The report as a page for the owner."""
    terms = [one.terms for one in desk.register.agreements(desk.now()) if one.terms]
    return page("usage.html.j2", _frame(desk) | {
        "names": {party.agency: party.name for one in terms for party in one.parties},
        "lines": lines, "total": sum(line.reads for line in lines), "silent": sum(not line.reads for line in lines),
        "since": day_in_words(since.date()), "until": day_in_words(until.date()), "many": MANY_READS,
        "times": TIMES_THE_OTHERS,
    })  # fmt: skip


def as_csv(lines: Iterable[Processing] | Iterable[Usage]) -> str:
    """The same lines for a spreadsheet; what is a list stands in one cell. A text never begins as a formula does."""
    rows = [{name: _cell(value) for name, value in asdict(line).items()} for line in lines]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _month(line: Used) -> str:
    return line.month


def _annexed(desk: Desk, contract: DatasetContract, lines: Sequence[Processing]) -> Annexed:
    manifests = desk.warehouse.manifests(contract.name)
    span = (
        f", about {min(m.covers.start for m in manifests)} to {max(m.covers.end for m in manifests)}"
        if manifests
        else ""
    )
    held = (
        f"{sum(m.rows for m in manifests):,} rows in {counted(len(manifests), 'reading', 'readings')}{span}"
        if manifests
        else "nothing"
    )
    return Annexed(
        contract, held, how_people_hide(desk, contract.name).removeprefix(f"{contract.name}: "),
        ", ".join(f"{purpose}{f' ({said})' if said else ''}" for purpose, said in contract.purposes.items()),
        tuple(line for line in lines if line.dataset == contract.title),
    )  # fmt: skip


def _frame(desk: Desk) -> dict[str, object]:
    made = desk.now().astimezone(UTC)
    return {"network": desk.home.settings.network, "made": f"{day_in_words(made.date())}, {made:%H:%M} UTC"}


def _cell(value: object) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
