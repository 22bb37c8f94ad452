"""A release for whoever answers for it: where it stands, what it is made of, its tables, its attack, its revisions.

Everything here is words, counts of cells, bounds that an attacker finds, or figures that a ReleasedTable shows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from upstander.contracts.catalogue import ALL
from upstander.contracts.releasing import Status
from upstander.contracts.rules import rule_in_words
from upstander.pipeline.desk import Desk
from upstander.pipeline.recalling import recalled
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import KIND, Standing, standing
from upstander.pipeline.release.attacking import ATTACK, evidence_path
from upstander.pipeline.release.exporting import released_table, released_tables
from upstander.pipeline.release.naming import Cell, Names, cell_of, measure_words, names_of
from upstander.pipeline.release.revising import TOO_SMALL, has_earlier, revisions
from upstander.pipeline.release.verifying import VERIFY
from upstander.sharing import AuditSearch

PER_PAGE, NEAREST, ONE_DAY = 50, 20, timedelta(days=1)
_MARKS = {
    Status.SUPPRESSED.value: "withheld", Status.MISSING.value: "missing", Status.NOT_APPLICABLE.value: "does not apply",
    Status.TOO_UNCERTAIN.value: "too uncertain",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One edition: where it stands, why it was recalled (empty: it was not), and the `newest`, which products read."""

    standing: Standing
    recalled: str
    newest: shelf.Edition | None

    @property
    def is_newest(self) -> bool:
        """Whether products read by it."""
        return self.newest is not None and self.newest.name == self.standing.edition.name

    @property
    def newer(self) -> shelf.Edition | None:
        """The newer one that products read by, where this one was published and is not it."""
        is_old = self.newest is not None and self.standing.edition.name < self.newest.name
        return self.newest if is_old and self.standing.is_published else None

    @property
    def in_words(self) -> str:
        """Where it stands, as a person reads it."""
        return "recalled" if self.recalled else self.standing.in_words

    @property
    def waits(self) -> bool:
        """Whether approvals are wanted."""
        return not (self.recalled or self.standing.is_published or self.standing.faults)


@dataclass(frozen=True)
class Seen:
    """Who did something to an edition, when (an aware UTC moment), and how it ended."""

    by: str
    at: datetime
    answer: str


@dataclass(frozen=True)
class TableTold:
    """How many cells of a table are shown, withheld, and missing or not applicable."""

    name: str
    title: str
    shown: int
    withheld: int
    missing: int


@dataclass(frozen=True)
class Sheet:
    """One page of something long: its rows, how many there are of all, which page of how many."""

    rows: tuple[Any, ...]
    total: int
    number: int
    pages: int


@dataclass(frozen=True)
class Near:
    """A withheld count that an attacker comes near: what it can be, in words, and whether that is too narrow."""

    dataset: str
    cell: Cell
    can_be: str
    is_revision: bool
    is_exposed: bool


@dataclass(frozen=True)
class AttackTold:
    """The last attack on an edition. `seen` is empty for the attack of its making; `blamed` are the sums at fault."""

    attacked: int
    exposed: int
    against: tuple[str, ...]
    nearest: tuple[Near, ...]
    blamed: tuple[str, ...]
    seen: Seen | None


@dataclass(frozen=True)
class Revised:
    """One published figure that a release touches, before and after as they are shown."""

    figure: str
    cell: Cell
    before: str
    after: str
    is_recounted: bool


@dataclass(frozen=True)
class RevisionsTold:
    """What an edition changes beside the last one published before it; readings as dataset, supplier, id, change."""

    before: str
    readings: tuple[tuple[str, ...], ...]
    sheet: Sheet


@dataclass(frozen=True)
class SourceTold:
    """What one dataset of a release was made of. readings: supplier, id, days; rules: in words."""

    title: str
    readings: tuple[tuple[str, str, str], ...]
    measures: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    whole: int
    late: tuple[str, ...]


def sources_told(edition: shelf.Edition) -> list[SourceTold]:
    """What it is made of, by dataset."""
    return [
        SourceTold(
            title_of(one.dataset),
            tuple((held.supplier, held.reading, f"{held.start} to {held.end - ONE_DAY}") for held in one.readings),
            tuple((measure_words(held.name), f"{held.definition} {held.definition_version}") for held in one.measures),
            tuple(dict.fromkeys(f"{rule.name} ({rule.agreement}): {rule_in_words(rule)}" for rule in one.rules)),
            len(one.whole), one.late,
        )
        for one in edition.plan.sources
    ]  # fmt: skip


def releases_told(desk: Desk) -> list[Told]:
    """Every edition there is, newest first."""
    return _told(desk, shelf.editions(desk.home))


def newest_told(desk: Desk) -> list[Told]:
    """The newest edition of each of the last two quarters that have any: quick enough for every look at a home page."""
    newest = {one.quarter: one for one in shelf.editions(desk.home)}
    return _told(desk, [newest[quarter] for quarter in sorted(newest)[-2:]])


def _told(desk: Desk, editions: Sequence[shelf.Edition]) -> list[Told]:
    gone, found = recalled(desk.home), [standing(desk, one) for one in editions]
    standing_ones = [one for one in found if one.is_published and (KIND, one.edition.name) not in gone]
    newest = standing_ones[-1].edition if standing_ones else None
    return [Told(one, gone.get((KIND, one.edition.name), ""), newest) for one in reversed(found)]


def release_told(desk: Desk, quarter: str, number: int) -> Told | None:
    """One edition; None where there is none."""
    return next(
        (one for one in releases_told(desk)
         if (one.standing.edition.quarter, one.standing.edition.number) == (quarter, number)), None,
    )  # fmt: skip


def last_verified(desk: Desk, edition: shelf.Edition) -> Seen | None:
    """Who last had it built again and compared, when, and what came out; None where nobody has."""
    return _last(desk, edition, VERIFY)


def _last(desk: Desk, edition: shelf.Edition, action: str) -> Seen | None:
    """The newest entry of the audit log about this edition and hash."""
    wanted = f"{action} {edition.name} {edition.sha256}"
    found = (one.event for one in desk.audit.search(AuditSearch(action=KIND)) if one.event.action == wanted)
    return next((Seen(one.person, one.at, one.answer) for one in found), None)


def tables_told(edition: shelf.Edition) -> list[TableTold]:
    """Its tables, and how many of their cells say something."""
    told = []
    for table in released_tables(edition):
        held = table.cells["status"]
        shown, withheld = (int((held == status.value).sum()) for status in (Status.SHOWN, Status.SUPPRESSED))
        told.append(TableTold(table.name, table.about.title, shown, withheld, len(held) - shown - withheld))
    return told


def names_in(desk: Desk, edition: shelf.Edition) -> Names:
    """What the areas of an edition are called."""
    return names_of(desk.home, shelf.layers_of(edition))


def table_sheet(desk: Desk, edition: shelf.Edition, table: str, page: int) -> tuple[str, Sheet] | None:
    """The title of a table and one page of its released figures, newest first; None where it has no such table."""
    if table not in shelf.tables_in(edition):
        return None
    found, names = released_table(edition, table), names_in(desk, edition)
    sheet = _page(found.cells.height, page)
    newest_first = found.cells.sort("period", descending=True, maintain_order=True)
    cells = newest_first.slice((sheet.number - 1) * PER_PAGE, PER_PAGE)
    rows = tuple((names.cell(one), _shown(one["value"], one["status"])) for one in cells.iter_rows(named=True))
    return found.about.title, _filled(sheet, rows)


def attack_told(desk: Desk, edition: shelf.Edition) -> AttackTold:
    """The last attack that a person ran, else the one of its making."""
    path = evidence_path(desk.home, edition)
    if path.is_file():
        said = json.loads(path.read_bytes())
        return _attack(desk, edition, said["datasets"], said["against"], _last(desk, edition, ATTACK))
    made = json.loads((edition.folder / shelf.ATTACK).read_bytes())
    earlier = [f"{quarter}/{number:04d}" for quarter, number, _ in edition.plan.earlier]
    return _attack(desk, edition, made, earlier, None)


def _attack(
    desk: Desk, edition: shelf.Edition, datasets: Mapping[str, Any], against: Sequence[str], seen: Seen | None
) -> AttackTold:
    names = names_in(desk, edition)
    found = [(dataset, row) for dataset, one in datasets.items() for row in one["narrowest"]]
    found.sort(key=lambda one: (not one[1]["is_exposed"], one[1]["values"] is None, one[1]["values"] or 0))
    blamed = {f"{title_of(dataset)}: {_blame(names, row)}" for dataset, one in datasets.items()
              for row in one["blamed"]}  # fmt: skip
    return AttackTold(
        sum(one["attacked"] for one in datasets.values()), sum(one["exposed"] for one in datasets.values()),
        tuple(against), tuple(_near(names, *one) for one in found[:NEAREST]), tuple(sorted(blamed)), seen,
    )  # fmt: skip


def _near(names: Names, dataset: str, row: Mapping[str, Any]) -> Near:
    return Near(
        title_of(dataset), names.cell(row), _can_be(row), is_revision=row["since"] is not None,
        is_exposed=row["is_exposed"],
    )  # fmt: skip


def _can_be(row: Mapping[str, Any]) -> str:
    """`any of 7 numbers, 1 to 7, or more`: an attack stops looking once a count is as wide as its rule asks."""
    low, high = row["low"], row["high"]
    if row["values"] is None or low is None or high is None:
        return "any number" if low is None else f"any number from {low}"
    if row["values"] == 1:
        return f"{low} and nothing else"
    return f"any of {row['values']} numbers, {low} to {high}" + ("" if row["is_exact"] else ", or more than these")


def _blame(names: Names, row: Mapping[str, Any]) -> str:
    cell = names.cell(row)
    return f"the parts of {cell.area}, {cell.period}, {cell.who} ({cell.measure}), by {row['dimension']}"


def revisions_told(desk: Desk, edition: shelf.Edition, page: int) -> RevisionsTold | None:
    """One page of what it changes; None where nothing was published before it."""
    if not has_earlier(desk, edition):
        return None
    found, names = revisions(desk, edition.quarter, edition.number), names_in(desk, edition)
    sheet = _page(found.counts.height, page)
    rows = found.counts.slice((sheet.number - 1) * PER_PAGE, PER_PAGE).rows(named=True)
    revised = tuple(
        Revised(f"{found.before}/{row['table']}/{row['cell']}", names.cell(cell_of(row["cell"])),
                _written(row["before"]), _written(row["after"]),
                row["change"] == TOO_SMALL)
        for row in rows
    )  # fmt: skip
    readings = tuple((title_of(str(row[0])), *map(str, row[1:])) for row in found.readings.rows())
    return RevisionsTold(found.before, readings, _filled(sheet, revised))


def title_of(dataset: str) -> str:
    """What a dataset is called."""
    return ALL[dataset].title if dataset in ALL else dataset


def sheet_of(rows: Sequence[Any], page: int) -> Sheet:
    """One page of these rows."""
    sheet = _page(len(rows), page)
    return _filled(sheet, tuple(rows[(sheet.number - 1) * PER_PAGE : sheet.number * PER_PAGE]))


def _page(total: int, wanted: int) -> Sheet:
    """Which page that is; the last one where there are not so many, the first for nonsense."""
    pages = max(1, -(-total // PER_PAGE))
    return Sheet((), total, min(max(wanted, 1), pages), pages)


def _filled(sheet: Sheet, rows: tuple[Any, ...]) -> Sheet:
    return Sheet(rows, sheet.total, sheet.number, sheet.pages)


def _shown(value: float | None, status: str) -> str:
    return f"{value:,.0f}" if status == Status.SHOWN.value and value is not None else _MARKS.get(status, status)


def _written(said: str) -> str:
    """A figure of a revision, which is a number or a status, as the other pages write it."""
    return f"{int(said):,}" if said.isdecimal() else _MARKS.get(said, said)
