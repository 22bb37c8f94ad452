"""All that a release is made from, pinned: the same plan gives the same bytes, whatever has arrived since."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from upstander.contracts.asking import Allowed, CountRule, Purpose
from upstander.contracts.definitions import ViolenceDefinition
from upstander.pipeline.home import ReleaseSettings
from upstander.pipeline.release.covering import Covering, covering
from upstander.values.canonical import canonical_json, short_id
from upstander.values.periods import Period

FORMAT = 1
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
    """A reading in force: `days` it speaks for (half-open runs; none means all its rows) and the hash of each part."""

    supplier: str
    reading: str
    start: date
    end: date
    days: tuple[tuple[date, date], ...]
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PinnedMeasure:
    """A measure of `contracts/measures` and the definition it counts by, with the hash of what that asks."""

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
class PinnedSource:
    """One dataset: what was asked of the gate, what it allowed, the readings in force, what is counted.

    whole: the quarters that were delivered whole. late: sentences about those that were not.
    """

    dataset: str
    fields: tuple[str, ...]
    grants: tuple[PinnedGrant, ...]
    readings: tuple[PinnedReading, ...]
    measures: tuple[PinnedMeasure, ...]
    whole: tuple[str, ...]
    late: tuple[str, ...]
    until: date

    @property
    def rules(self) -> tuple[CountRule, ...]:
        """Every rule that governs it."""
        return tuple(dict.fromkeys(grant.rule for grant in self.grants))


@dataclass(frozen=True)
class Plan:
    """A release before its counts. `register` is the sequence number of the newest reading there was.

    `quarters` is how many of those the settings ask for have any delivery. `layers` are the layers that rows may be
    located in; `reference` (kind/folder, id); `earlier` the approved releases
    it is protected with, as (quarter, edition, hash of its manifest); `given` the bulletins, as (name, hash); `known`
    what outsiders were declared to know; `missing` sentences about datasets it is without.
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
    missing: tuple[str, ...]
    earlier: tuple[tuple[str, int, str], ...]
    known: tuple[Known, ...]
    given: tuple[tuple[str, str], ...] = ()
    methods: tuple[tuple[str, str], ...] = METHODS
    format: int = FORMAT

    @property
    def covering(self) -> Covering:
        """The periods it tells."""
        return covering(Period.parse(self.quarter), self.quarters)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is late or missing, in sentences."""
        return (*self.missing, *(line for source in self.sources for line in source.late))


_SHAPE = TypeAdapter(Plan)


def plan_values(plan: Plan) -> dict[str, Any]:
    """A plan as JSON values."""
    values: dict[str, Any] = _SHAPE.dump_python(plan, mode="json")
    if not plan.given:  # as releases were written before there was any
        del values["given"]
    return values


def plan_of(values: Mapping[str, Any]) -> Plan:
    """A plan out of JSON values. Raises pydantic's ValidationError."""
    return _SHAPE.validate_python(values)


def definition_sha256(definition: ViolenceDefinition) -> str:
    """The hash of all that a definition asks."""
    return hashlib.sha256(
        canonical_json(TypeAdapter(ViolenceDefinition).dump_python(definition, mode="json"))
    ).hexdigest()


def pinned_grants(allowed: Allowed) -> tuple[PinnedGrant, ...]:
    """What the gate let through, one a supplier."""
    found = (PinnedGrant(one.supplier, one.agreement, one.schedule, one.rows, one.rule) for one in allowed.grants)
    return tuple(sorted(found, key=lambda one: (one.supplier, one.agreement, one.schedule)))


def vintage(source: PinnedSource, measure: PinnedMeasure, period: Period, reference: Sequence[tuple[str, str]]) -> str:
    """Which readings a count of this period rests on, by which definition and areas: equal vintages, equal counts."""
    rests = [
        f"{one.supplier} {one.reading} {one.parts} {max(start, period.start)} {min(end, period.end)}"
        for one in source.readings
        for start, end in (one.days or ((one.start, one.end),))
        if start < period.end and period.start < end
    ]
    drawn = [f"{name} {held}" for name, held in reference if name.startswith(_GROUND)]
    narrowed = [f"{one.supplier} {one.rows} {one.rule.open_data}" for one in source.grants]
    return short_id([measure.definition_sha256, *drawn, *narrowed, *sorted(rests)])
