"""One source of the bulletin, read through the gate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from upstander.analysis.clock import TIMED
from upstander.analysis.hotspots.defaults import default_time_spikes, minute_counts
from upstander.analysis.measures.counting import meets
from upstander.contracts.asking import Allowed, CountRule
from upstander.contracts.catalogue import ALL
from upstander.contracts.definitions import CRITERION_COLUMNS, ViolenceDefinition
from upstander.contracts.readings import Manifest
from upstander.contracts.releasing import Edition
from upstander.disclosure import PersonsNotCounted
from upstander.errors import UpstanderError
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask
from upstander.values.periods import Period
from upstander.warehouse import NothingHeld

SEXUAL = "sexual"
NOT_SUPPLIED = "not supplied"
SURENESS = "place_confidence"
PUBLIC = ("public", "licensed", "school")
_FIELDS = (
    "event_from_local", "event_zone", "event_precision", "event_is", "area_kind", "area_vintage", "area_code",
    "x_m", "y_m", "place_method", "place_class", "mechanism",
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One dataset as the gate let it through: violence by the definition in the period, as an Ibis table.

    `stated` are the local days that deliveries speak for; `inferred` those they only seem to. `defaults` are times of
    the day such as "00:00" that a system filled in. `has_hours` is whether any row knows its hour; `classifies` whether
    the source ever says what kind of place it was; `vintages` which vintages of each kind of area it has.
    Sexual offences are in only where the data is already open.
    """

    dataset: str
    allowed: Allowed
    table: Any
    manifests: tuple[Manifest, ...]
    stated: frozenset[date]
    inferred: frozenset[date]
    zone: str
    defaults: tuple[str, ...]
    has_hours: bool
    classifies: bool
    vintages: Mapping[str, frozenset[str]]

    @property
    def rules(self) -> tuple[CountRule, ...]:
        """The rules of every grant it was read under."""
        return tuple(dict.fromkeys(grant.rule for grant in self.allowed.grants))

    @property
    def days(self) -> frozenset[date]:
        """Every local day that deliveries speak for, or seem to."""
        return self.stated | self.inferred

    @property
    def readings(self) -> tuple[tuple[str, str, str], ...]:
        """(dataset, supplier, reading) of what it was read from."""
        return tuple((self.dataset, one.supplier, one.reading) for one in self.manifests)


def read_source(
    desk: Desk, dataset: str, definition: ViolenceDefinition, period: Period, edition: Edition,
    *, more: tuple[str, ...] = (), up_to: int | None = None,
) -> Source | UpstanderError:  # fmt: skip
    """The source, or the reason why there is none: refused, nothing held, or the definition cannot count it.

    more: fields wanted beside those of every bulletin. up_to: the newest reading that counts, by its number.
    """
    try:
        allowed = ask(desk, dataset, fields_of(dataset, definition, more=more), edition)
        _refuse_persons(allowed)
        table = desk.warehouse.read(allowed, secrets=desk.keyring.secret, period=period, up_to=up_to)
    except (NothingHeld, UpstanderError) as why:
        if why.exit_code in {1, 2}:
            raise
        return why
    return _described(desk, dataset, allowed, counted(table, dataset, definition, allowed), period, up_to)


def fields_of(dataset: str, definition: ViolenceDefinition, *, more: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The fields that a bulletin asks of a source.

    Only a source whose rows are placed by words can be unsure of a place, so only of it is that asked.
    """
    sureness = (SURENESS,) if ALL[dataset].place_text is not None else ()
    return tuple(dict.fromkeys((*_FIELDS, *sureness, *more, *_criterion_fields(definition, dataset))))


def counted(table: Any, dataset: str, definition: ViolenceDefinition, allowed: Allowed) -> Any:
    """The rows that are violence by the definition, sexual offences only where the data is already open."""
    rows = table.filter(meets(table, dataset, definition))
    if all(grant.rule.open_data for grant in allowed.grants):
        return rows
    return rows.filter(rows.mechanism.fill_null("") != SEXUAL)


def _refuse_persons(allowed: Allowed) -> None:
    """A bulletin asks for nothing about persons, so it cannot hold its counts to a rule about them."""
    for rule in (grant.rule for grant in allowed.grants if grant.rule.of_persons):
        raise PersonsNotCounted(
            f"The rule {rule.name} of {rule.agreement} is about persons, and a bulletin counts records only.",
            where=rule.agreement, found="counts of records", expected="`upstander table`, which counts both",
        )  # fmt: skip


def _criterion_fields(definition: ViolenceDefinition, dataset: str) -> tuple[str, ...]:
    wanted = (column for column, _ in definition.criteria(dataset).where())
    return tuple(column for column in wanted if column in CRITERION_COLUMNS.values())


def _described(desk: Desk, dataset: str, allowed: Allowed, table: Any, period: Period, up_to: int | None) -> Source:
    suppliers = {grant.supplier for grant in allowed.grants}
    manifests = tuple(
        one for one in desk.warehouse.manifests(dataset)
        if one.supplier in suppliers and one.covers.start < period.end and period.start < one.covers.end
        and (up_to is None or one.sequence <= up_to)
    )  # fmt: skip
    facts = table.agg(
        zone=table.event_zone.max(),
        timed=table.event_precision.isin(TIMED).sum(),
        classified=(table.place_class != NOT_SUPPLIED).sum(),
    ).to_polars().row(0, named=True)  # fmt: skip
    minutes = table.filter(table.event_precision == "minute").select("event_from_local").to_polars()["event_from_local"]
    spikes = default_time_spikes(minute_counts(minutes))
    return Source(
        dataset=dataset,
        allowed=allowed,
        table=table,
        manifests=manifests,
        stated=_days(manifests, period, inferred=False),
        inferred=_days(manifests, period, inferred=True),
        zone=facts["zone"] or "Europe/London",
        defaults=tuple(spike.at for spike in spikes if spike.kind == "default"),
        has_hours=bool(facts["timed"]),
        classifies=bool(facts["classified"]),
        vintages=_vintages(table),
    )


def _vintages(table: Any) -> dict[str, frozenset[str]]:
    pairs = table.select("area_kind", "area_vintage").distinct().to_polars().rows()
    kinds = {kind for kind, vintage in pairs if vintage}
    return {kind: frozenset(vintage for one, vintage in pairs if one == kind and vintage) for kind in kinds}


def _days(manifests: tuple[Manifest, ...], period: Period, *, inferred: bool) -> frozenset[date]:
    spans = (one.covers for one in manifests if one.covers.inferred == inferred)
    return frozenset(
        start + timedelta(days=ahead)
        for covers in spans
        for start in [max(covers.start, period.start)]
        for ahead in range((min(covers.end, period.end) - start).days)
    )
