"""All that a release is made from, pinned: the same plan gives the same bytes, whatever has arrived since."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from upstander.contracts.asking import Allowed, CountRule, Purpose
from upstander.contracts.catalogue import ALL
from upstander.contracts.changes import RecordingChange
from upstander.contracts.definitions import ViolenceDefinition
from upstander.pipeline.home import ReleaseSettings
from upstander.pipeline.release.covering import Covering, covering
from upstander.values.canonical import canonical_json, short_id
from upstander.values.periods import Period

FORMAT = 2
ALL_AGES, ALL_SEXES = "all ages", "all"
DIMENSIONS_TOLD = ("measure", "period", "area", "age", "sex")
METHODS = (("release_counts", "1.0"),)
Known = tuple[str, tuple[str, ...], int, int]  # dataset, cell, the least and the most that outsiders may take it for
_GROUND = ("boundaries/", "lookup/")  # what says in which area a located record lies


@dataclass(frozen=True)
class Made:
    """Who made a release, for which agency and purpose, and when (an aware UTC moment)."""

    at: datetime
    person: str
    agency: str
    purpose: Purpose


@dataclass(frozen=True)
class PinnedReading:
    """A reading in force: `days` it speaks for (half-open runs; none means all its rows) and the hash of each part.

    delivers: whole, increment or snapshot, whose rows may be of any day.
    """

    supplier: str
    reading: str
    start: date
    end: date
    days: tuple[tuple[date, date], ...]
    parts: tuple[tuple[str, str], ...]
    delivers: str = "whole"


@dataclass(frozen=True)
class PinnedMeasure:
    """A measure of `contracts/measures` and the definition it counts by (itself, where it names none), with the hash of
    what that asks.
    """

    name: str
    version: str
    definition: str
    definition_version: str
    definition_sha256: str


@dataclass(frozen=True)
class PinnedGrant:
    """What the gate let through from one supplier: `rows` are the codes it was narrowed to."""

    supplier: str
    agreement: str
    schedule: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    rule: CountRule


@dataclass(frozen=True)
class Missing:
    """Measures of a dataset that are not in the release, and a sentence that says why."""

    dataset: str
    measures: tuple[str, ...]
    says: str


@dataclass(frozen=True)
class PinnedSource:
    """One dataset: what was asked of the gate, what it allowed, the readings in force, what is counted.

    whole, terms: the quarters and school terms that were delivered whole; states: the quarters of whose last day it is
    known what stood. late: sentences about the others. kind: rows that are counted, or figures that somebody published.
    """

    dataset: str
    fields: tuple[str, ...]
    grants: tuple[PinnedGrant, ...]
    readings: tuple[PinnedReading, ...]
    measures: tuple[PinnedMeasure, ...]
    whole: tuple[str, ...]
    late: tuple[str, ...]
    until: date
    kind: Literal["rows", "figures"] = "rows"
    terms: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    changes: tuple[RecordingChange, ...] = ()

    @property
    def name(self) -> str:
        """What its tables begin with. Figures of a dataset whose rows are counted too are a source of their own."""
        return self.dataset if self.kind == "rows" else f"{self.dataset}_figures"

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Whose deliveries the gate is asked for; none means those of all, where all send rows or all send figures."""
        return tuple(one.supplier for one in self.grants) if len(ALL[self.dataset].shapes) > 1 else ()

    @property
    def rules(self) -> tuple[CountRule, ...]:
        """Every rule that governs it."""
        return tuple(dict.fromkeys(grant.rule for grant in self.grants))


@dataclass(frozen=True)
class Plan:
    """A release before its counts. `register` is the sequence number of the newest reading there was.

    `quarters` is how many of those the settings ask for have any delivery. `layers` are the layers that rows may be
    located in; `reference` (kind/folder, id), and `people` the same of populations; `earlier` the approved releases
    it is protected with, as (quarter, edition, hash of its manifest); `given` the bulletins, as (name, hash); `known`
    what outsiders were declared to know.
    """

    quarter: str
    made: Made
    software: str
    settings: ReleaseSettings
    quarters: int
    register: int
    layers: tuple[str, ...]
    reference: tuple[tuple[str, str], ...]
    sources: tuple[PinnedSource, ...]
    missing: tuple[Missing, ...]
    earlier: tuple[tuple[str, int, str], ...]
    known: tuple[Known, ...]
    given: tuple[tuple[str, str], ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    methods: tuple[tuple[str, str], ...] = METHODS
    format: int = FORMAT

    @property
    def covering(self) -> Covering:
        """The periods it tells."""
        return covering(Period.parse(self.quarter), self.quarters)

    def source_of(self, table: str) -> PinnedSource:
        """The source that a table is of, by the table's name. Raises KeyError where it is of none."""
        return {one.name: one for one in self.sources}[table.rpartition("_")[0]]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is late or missing, in sentences."""
        return (*(one.says for one in self.missing), *(line for source in self.sources for line in source.late))


_SHAPE = TypeAdapter(Plan)


def plan_values(plan: Plan) -> dict[str, Any]:
    """A plan as JSON values."""
    values: dict[str, Any] = _SHAPE.dump_python(plan, mode="json")
    if not plan.given:  # as releases were written before there was any
        del values["given"]
    return values


def plan_of(values: Mapping[str, Any]) -> Plan:
    """A plan out of JSON values, of this format or the first. Raises pydantic's ValidationError."""
    if values.get("format") != 1:
        return _SHAPE.validate_python(values)
    # The first format knew three sources, and said of the missing no more than a sentence.
    missing = [{"dataset": "", "measures": [], "says": says} for says in values["missing"]]
    return _SHAPE.validate_python({**values, "missing": missing})


def definition_sha256(definition: ViolenceDefinition) -> str:
    """The hash of all that a definition asks."""
    return hashlib.sha256(
        canonical_json(TypeAdapter(ViolenceDefinition).dump_python(definition, mode="json"))
    ).hexdigest()


def pinned_grants(allowed: Allowed) -> tuple[PinnedGrant, ...]:
    """What the gate let through, one a supplier."""
    found = (PinnedGrant(one.supplier, one.agreement, one.schedule, one.rows, one.rule) for one in allowed.grants)
    return tuple(sorted(found, key=lambda one: (one.supplier, one.agreement, one.schedule)))


def vintage(
    source: PinnedSource, measure: PinnedMeasure, period: Period, reference: Sequence[tuple[str, str]], *, stands: bool
) -> str:
    """Which readings a count of this period rests on, by which definition and areas: equal vintages, equal counts.

    stands: it is of what stands on the last day, and so of all that began before.
    """
    rests = [
        f"{one.supplier} {one.reading} {one.parts} {max(start, period.start)} {min(end, period.end)}"
        for one in source.readings
        for start, end in (one.days or ((one.start, one.end),))
        if start < period.end and period.start < end
    ]
    rests += [
        f"{one.supplier} {one.reading} {one.parts}" for one in source.readings
        if one.delivers == "snapshot" or (stands and one.start < period.end)
    ]  # fmt: skip
    drawn = [f"{name} {held}" for name, held in reference if name.startswith(_GROUND)]
    narrowed = [f"{one.supplier} {one.rows} {one.rule.open_data}" for one in source.grants]
    return short_id([measure.definition_sha256, *drawn, *narrowed, *sorted(rests)])
