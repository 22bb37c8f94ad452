"""A published release as files that people take away: open data for everyone, or one recipient's numbered copy."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from upstander.contracts.releasing import Edition as Editions
from upstander.contracts.releasing import ReleasedTable
from upstander.contracts.rules import is_public
from upstander.disclosure import Publication, derive, released, strictest
from upstander.errors import NotAllowed
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted, ask, note
from upstander.pipeline.outputs import OutputFacts, enter_ledger, ledger_lines
from upstander.pipeline.release import shelf
from upstander.pipeline.release.abouts import about_of
from upstander.pipeline.release.plan import DIMENSIONS_TOLD
from upstander.pipeline.release.published import newer_words, newest_published
from upstander.places import NoSuchLayer, open_reference
from upstander.publish.exports import Copy, ExportFacts, export_release

COPY, OPEN = "release copy", "open data"


class NothingToPublish(NotAllowed):
    """No table of the release may go to whom the export is for."""


@dataclass(frozen=True)
class Exported:
    """What was written. `number` is the copy's in the ledger; empty for open data. left_out: tables that may not go to
    whom this is for.
    """

    release: str
    files: tuple[Path, ...]
    number: str
    left_out: tuple[str, ...]


def export(desk: Desk, quarter: str, folder: Path, *, recipient: str = "") -> Exported:
    """Write the newest published release of a quarter into a new folder.

    Without a recipient only tables whose owners let what is left of them be published; with one, an agency, the tables
    that the gate lets it see, numbered and marked. Raises NoRelease, BrokenRelease, NothingToPublish, and what
    publish.exports raises; nothing is written then, and nothing stands in the ledger.
    """
    edition = newest_published(desk, quarter)
    shelf.check_seals(edition)
    tables = [_table(edition, name) for name in shelf.tables_in(edition)]
    kept = _for_agency(desk, edition, tables, recipient) if recipient else [
        one for one in tables if all(is_public(rule) for rule in one.about.rules)
    ]  # fmt: skip
    if not kept:
        raise NothingToPublish(
            f"No table of {edition.name} may go to {recipient or 'everyone'}: no agreement says so.",
            where=edition.name, state="Nothing was written.",
            expected="`publishable` in an agreement's rule for counts, or --for AGENCY",
        )  # fmt: skip
    facts = _facts(desk, edition, kept, recipient)
    files = export_release(kept, facts, folder)
    _remember(desk, edition, kept, facts, recipient)
    left = tuple(one.name for one in tables if one not in kept)
    return Exported(edition.name, files, facts.copy.number if facts.copy else "", left)


def _for_agency(
    desk: Desk, edition: shelf.Edition, tables: Sequence[ReleasedTable], recipient: str
) -> list[ReleasedTable]:
    """The tables of the datasets that the gate lets this agency see for the purpose at hand."""
    theirs, seen = desk.asking(agency=recipient), set()
    for source in edition.plan.sources:
        with suppress(NotGranted):
            ask(theirs, source.dataset, source.fields[:1], Editions.SHAREABLE, suppliers=source.suppliers)
            seen.add(source.name)
    return [one for one in tables if edition.plan.source_of(one.name).name in seen]


def _table(edition: shelf.Edition, name: str) -> ReleasedTable:
    """One table of an edition, as it was released; rates as they were worked out of one that was."""
    values = json.loads((edition.folder / f"{name}.json").read_bytes())
    source = edition.plan.source_of(name)
    cells, about = shelf.cells_of(edition, name), about_of(values["about"], source)
    if tuple(values["dimensions"]) != DIMENSIONS_TOLD:
        return derive(name, tuple(values["dimensions"]), about, [], lambda: cells)
    told = cells.with_columns(vintage=pl.lit(""), told=pl.lit(value=True), why=pl.lit(None, pl.String))
    return released(Publication(DIMENSIONS_TOLD, told, {}, strictest(source.rules)), name, about)


def _facts(desk: Desk, edition: shelf.Edition, tables: Sequence[ReleasedTable], recipient: str) -> ExportFacts:
    settings = desk.home.settings.release
    reference = open_reference(desk.home.reference)
    names: dict[str, str] = {}
    attributions: list[str] = []
    for layer in sorted({one.about.area_layer for one in tables}):
        with suppress(NoSuchLayer):  # areas of a lookup alone have codes, and mostly no names and no outlines
            names |= {f"{layer}:{code}": name for code, name in reference.names(layer).items()}
            attributions.append(reference.attribution(layer))
    facts = ExportFacts(
        title=f"{desk.home.settings.network}: violence, {edition.quarter}", publisher=desk.home.settings.network,
        release=edition.name, made_on=edition.plan.made.at.date(), licence=settings.licence,
        licence_name=settings.licence_name, contact=settings.contact,
        summary=" ".join([*edition.plan.notes, *newer_words(desk, edition.name)]),
        attributions=tuple(dict.fromkeys(attributions)), labels={"area": names},
    )  # fmt: skip
    if not recipient:
        return facts
    ends = min(one.about.expires for one in tables if one.about.expires is not None)
    number = 1 + sum(line["kind"] == COPY for line in ledger_lines(desk.home))
    return replace(facts, copy=Copy(recipient, desk.who.purpose.value, ends, f"{number:04d}"))


def _remember(
    desk: Desk, edition: shelf.Edition, tables: Sequence[ReleasedTable], facts: ExportFacts, recipient: str
) -> None:
    kind = COPY if recipient else OPEN
    ends = facts.copy.expires if facts.copy else min(source.until for source in edition.plan.sources)
    said = {"release": edition.name, "tables": [one.name for one in tables]}
    entered = OutputFacts(
        kind=kind, edition=Editions.SHAREABLE, recipients=(recipient or "everyone",),
        purpose=desk.who.purpose.value, person=desk.who.person, made=desk.now(), expires=ends,
    )  # fmt: skip
    enter_ledger(desk.home, entered, said | ({"number": facts.copy.number} if facts.copy else {}))
    note(desk, action=kind, answer="done", dataset="", about=edition.name)
