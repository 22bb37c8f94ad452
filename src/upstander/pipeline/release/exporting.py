"""A published release as files that people take away: open data for everyone, or one recipient's numbered copy."""

import hashlib
import json
from collections.abc import Callable, Sequence
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
from upstander.pipeline.home import Home
from upstander.pipeline.outputs import OutputFacts, enter_ledger, ledger_lines
from upstander.pipeline.recalling import RELEASE, standings
from upstander.pipeline.release import shelf
from upstander.pipeline.release.abouts import about_of
from upstander.pipeline.release.plan import DIMENSIONS_TOLD
from upstander.pipeline.release.published import newer_words, newest_published
from upstander.places import NoSuchLayer, open_reference
from upstander.publish.exports import Copy, ExportFacts, export_release
from upstander.values.durable import locked

COPY, OPEN = "release copy", "open data"
OPEN_DATA, _COPY = "open-data", "copy-"
_PATIENCE_S = 600.0


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
    return _export(desk, newest_published(desk, quarter), lambda _: folder, recipient)


def keep_export(desk: Desk, quarter: str, *, recipient: str = "") -> tuple[shelf.Edition, str]:
    """The same among the outputs of the home, from where the site gives it out: the edition, and what it is called.

    Open data of an edition is written once. Raises what `export` does.
    """
    edition = newest_published(desk, quarter)
    if not recipient and OPEN_DATA in kept_exports(desk.home, edition):
        return edition, OPEN_DATA
    made = _export(desk, edition, lambda copy: _shelf(desk.home, edition) / _called(copy), recipient)
    return edition, _called(made.number)


def kept_exports(home: Home, edition: shelf.Edition) -> dict[str, tuple[str, ...]]:
    """The exports of an edition that lie among the outputs, with the names of their files."""
    folders = sorted(path for path in _shelf(home, edition).glob("[!.]*") if path.is_dir())
    return {folder.name: tuple(sorted(path.name for path in folder.iterdir())) for folder in folders}


def take_file(desk: Desk, edition: shelf.Edition, called: str, file: str) -> bytes | None:
    """A file of a kept export, for whoever is at the desk; the ledger says who took it. None where there is none.

    Nothing of a release or copy that is recalled or expired is given out.
    """
    if file not in kept_exports(desk.home, edition).get(called, ()) or not _stands(desk, edition, called):
        return None
    content = (_shelf(desk.home, edition) / called / file).read_bytes()
    facts = OutputFacts(
        kind="download", edition=Editions.SHAREABLE, recipients=(desk.who.person,), purpose=desk.who.purpose.value,
        person=desk.who.person, made=desk.now(), expires=min(source.until for source in edition.plan.sources),
    )  # fmt: skip
    said = {"release": edition.name, "export": called, "file": file}
    enter_ledger(desk.home, facts, said | {"sha256": hashlib.sha256(content).hexdigest()})
    return content


def _stands(desk: Desk, edition: shelf.Edition, called: str) -> bool:
    """Whether neither the release nor this copy of it is recalled or expired."""
    number = called.removeprefix(_COPY)
    names = {(RELEASE, edition.name), (COPY, number)}
    found = standings(desk.home, desk.now().date())
    return all(one.state == "standing" for one in found if (one.kind, one.number) in names)


def _shelf(home: Home, edition: shelf.Edition) -> Path:
    return home.outputs / "exports" / edition.quarter / f"{edition.number:04d}"


def _called(copy: str) -> str:
    return f"{_COPY}{copy}" if copy else OPEN_DATA


def _export(desk: Desk, edition: shelf.Edition, folder_of: Callable[[str], Path], recipient: str) -> Exported:
    """Choose, write and remember; one at a time, since a copy's number is the next."""
    shelf.check_seals(edition)
    tables = released_tables(edition)
    kept = _for_agency(desk, edition, tables, recipient) if recipient else [
        one for one in tables if all(is_public(rule) for rule in one.about.rules)
    ]  # fmt: skip
    if not kept:
        raise NothingToPublish(
            f"No table of {edition.name} may go to {recipient or 'everyone'}: no agreement says so.",
            where=edition.name, state="Nothing was written.",
            expected="`publishable` in an agreement's rule for counts, or --for AGENCY",
        )  # fmt: skip
    with locked(desk.home.outputs / ".exports.lock", patience_s=_PATIENCE_S):
        facts = _facts(desk, edition, kept, recipient)
        number = facts.copy.number if facts.copy else ""
        files = export_release(kept, facts, folder_of(number))
        _remember(desk, edition, kept, facts, recipient)
    left = tuple(one.name for one in tables if one not in kept)
    return Exported(edition.name, files, number, left)


def released_tables(edition: shelf.Edition) -> list[ReleasedTable]:
    """Every table of an edition, as it was released."""
    return [released_table(edition, name) for name in shelf.tables_in(edition)]


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


def released_table(edition: shelf.Edition, name: str) -> ReleasedTable:
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
    said = {
        "release": edition.name, "tables": [one.name for one in tables],
        "rules": sorted({f"{rule.name} ({rule.agreement})" for one in tables for rule in one.about.rules}),
    }  # fmt: skip
    entered = OutputFacts(
        kind=kind, edition=Editions.SHAREABLE, recipients=(recipient or "everyone",),
        purpose=desk.who.purpose.value, person=desk.who.person, made=desk.now(), expires=ends,
    )  # fmt: skip
    enter_ledger(desk.home, entered, said | ({"number": facts.copy.number} if facts.copy else {}))
    note(desk, action=kind, answer="done", dataset="", about=edition.name)
