"""What a release would be made from, now: asked of the gate, of the register, and of the feed calendar."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.metadata import version

from upstander.contracts.asking import Allowed, Purpose
from upstander.contracts.catalogue import ALL
from upstander.contracts.definitions import ViolenceDefinition, load_definition
from upstander.contracts.measures import Measure, all_measures
from upstander.contracts.readings import Manifest
from upstander.contracts.releasing import Edition
from upstander.errors import NotAcceptable, UpstanderError, WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask
from upstander.pipeline.injuries.asked import SOURCES
from upstander.pipeline.injuries.sources import SURENESS
from upstander.pipeline.quality.calendar import Entry, State, feed_calendar
from upstander.pipeline.release.covering import covering
from upstander.pipeline.release.known import declared
from upstander.pipeline.release.plan import (
    Made,
    PinnedMeasure,
    PinnedReading,
    PinnedSource,
    Plan,
    definition_sha256,
    pinned_grants,
)
from upstander.places import open_reference
from upstander.values.periods import Period
from upstander.warehouse import InForce, NothingHeld, in_force

PURPOSES = (Purpose.STRATEGIC, Purpose.MONITORING)
PERSONS = ("age_band", "sex")
TOKEN = "person_token"  # noqa: S105 - a column
Measures = dict[str, tuple[Measure, ViolenceDefinition]]
_PLACE = ("area_kind", "area_vintage", "area_code", "place_class", "place_method", "mechanism")
_TOLD_BY_QUARTER = ("month", "quarter")  # what is told by the year only, such as homicide, is no figure of a quarter
_WHOLE = {State.RECEIVED, State.NOTHING}


def plan_now(desk: Desk, quarter: Period, earlier: Sequence[tuple[str, int, str]]) -> Plan:
    """The plan of a release of this quarter for the person at the desk. A source that cannot be read is left out, and
    the plan says why. Raises WrongUsage for another purpose or a quarter that is not over; NotAcceptable where no
    source is left.
    """
    _check(desk, quarter)
    settings, reference = desk.home.settings.release, open_reference(desk.home.reference)
    manifests = desk.warehouse.manifests()
    answers = {name: _source(desk, name, manifests) for name in SOURCES}
    sources = tuple(one for one in answers.values() if isinstance(one, PinnedSource))
    if not sources:
        raise NotAcceptable(
            "No source can be read, so there is nothing to release: " + " ".join(str(one) for one in answers.values()),
            where=str(quarter), expected="a delivery and an agreement in force", state="Nothing was written.",
        )  # fmt: skip
    first = min(reading.start for source in sources for reading in source.readings)
    count = sum(one.end > first for one in covering(quarter, settings.quarters).quarters)
    plan = Plan(
        quarter=str(quarter),
        made=Made(desk.now(), desk.who.person, desk.who.agency, desk.who.purpose),
        software=version("upstander"),
        settings=settings,
        quarters=count,
        register=max((one.sequence for one in manifests), default=0),
        layers=_layers(desk, sources, reference.layers()),
        reference=reference.vintages(),
        sources=sources,
        missing=tuple(f"{ALL[name].title}: not in this release. {one}" for name, one in answers.items()
                      if isinstance(one, str)),
        earlier=tuple(earlier),
        known=declared(desk.home),
    )  # fmt: skip
    return replace(plan, sources=tuple(_timed(desk, source, plan, manifests) for source in sources))


def _check(desk: Desk, quarter: Period) -> None:
    if desk.who.purpose not in PURPOSES:
        raise WrongUsage(
            f"A release serves the strategic or the monitoring purpose, not {desk.who.purpose}.",
            found=desk.who.purpose.value, expected="--purpose strategic or --purpose monitoring",
        )  # fmt: skip
    if desk.now().date() < quarter.end:
        raise WrongUsage(
            f"{quarter} is not over until {quarter.last_day}.",
            found=str(quarter), expected="a quarter that is over", state="Nothing was written.",
        )  # fmt: skip


def measures_of(desk: Desk, dataset: str) -> Measures:
    """What is counted of a dataset for the desk's purpose; the ages of a wider measure are cells of that one."""
    found = {
        name: one for name, one in all_measures().items()
        if one.numerator.dataset == dataset and desk.who.purpose in one.purposes and one.numerator.definition
        and not one.numerator.where and not one.numerator.sums and one.period in _TOLD_BY_QUARTER
    }  # fmt: skip
    wide = {one.numerator.definition for one in found.values() if one.ages is None}
    kept = {name: one for name, one in found.items() if one.ages is None or one.numerator.definition not in wide}
    folder = desk.home.reference / "definitions"
    return {name: (one, load_definition(one.numerator.definition, folder=folder)) for name, one in kept.items()}


def _source(desk: Desk, dataset: str, manifests: Sequence[Manifest]) -> PinnedSource | str:
    """One dataset, or why it is left out."""
    try:
        measures, allowed = _asked(desk, dataset)
        # Reading asks whether anything is held, and whether two suppliers tell of the same events.
        desk.warehouse.read(allowed, secrets=desk.keyring.secret)
    except UpstanderError as why:
        if why.exit_code in {1, 2}:
            raise
        return why.message
    held = _granted(in_force(manifests, dataset), allowed)
    return PinnedSource(
        dataset=dataset,
        fields=allowed.request.fields,
        grants=pinned_grants(allowed),
        readings=tuple(pinned_reading(one) for one in held),
        measures=tuple(
            PinnedMeasure(one.name, one.version, definition.name, definition.version, definition_sha256(definition))
            for one, definition in measures.values()
        ),
        whole=(),
        late=(),
        until=allowed.until.date(),
    )


def _asked(desk: Desk, dataset: str) -> tuple[Measures, Allowed]:
    """The measures whose fields the agreements share, and the gate's yes to all of them: with ages and sexes if it
    gives them, with the token of the person where a rule counts persons. Raises NotGranted where none is left.
    """
    measures = measures_of(desk, dataset)
    if not measures:
        raise NothingHeld(f"No measure of {dataset} serves the purpose {desk.who.purpose}.")
    sureness = (SURENESS,) if ALL[dataset].place_text is not None else ()
    needed = (ALL[dataset].counts_by, *_PLACE, *sureness)
    refused: list[UpstanderError] = []
    kept: Measures = {}
    for name, (measure, definition) in measures.items():
        if _granted_or(refused, desk, dataset, (*needed, *_criterion_fields(definition, dataset))):
            kept[name] = (measure, definition)
    if not kept:
        raise refused[0]
    fields = (*needed, *(field for _, definition in kept.values() for field in _criterion_fields(definition, dataset)))
    allowed = _granted_or([], desk, dataset, (*fields, *PERSONS)) or ask(
        desk, dataset, _once(fields), Edition.SHAREABLE
    )
    if any(grant.rule.of_persons for grant in allowed.grants):
        allowed = _granted_or([], desk, dataset, (*allowed.request.fields, TOKEN)) or allowed
    return kept, allowed


def _once(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields))


def _criterion_fields(definition: ViolenceDefinition, dataset: str) -> tuple[str, ...]:
    return tuple(column for column, _ in definition.criteria(dataset).where())


def _granted_or(refused: list[UpstanderError], desk: Desk, dataset: str, fields: Sequence[str]) -> Allowed | None:
    """The gate's yes; None where it says no, and `refused` has what it said. Both are in the audit log."""
    try:
        return ask(desk, dataset, _once(fields), Edition.SHAREABLE)
    except UpstanderError as why:
        if why.exit_code in {1, 2}:
            raise
        refused.append(why)
        return None


def _granted(held: Sequence[InForce], allowed: Allowed) -> list[InForce]:
    suppliers = {grant.supplier for grant in allowed.grants}
    return [one for one in held if one.manifest.supplier in suppliers or "*" in suppliers]


def pinned_reading(one: InForce) -> PinnedReading:
    """A reading in force, as a release names it."""
    manifest = one.manifest
    parts = tuple((part.name, part.sha256) for part in manifest.parts)
    covers = manifest.covers
    return PinnedReading(manifest.supplier, manifest.reading, covers.start, covers.end, one.days or (), parts)


def _layers(desk: Desk, sources: Sequence[PinnedSource], known: Sequence[str]) -> tuple[str, ...]:
    """The layers that any row of these readings is located in, and the home's own."""
    found = {layer for layer in desk.home.settings.layers if layer in known}
    for source in sources:
        allowed = ask(desk, source.dataset, ("area_kind", "area_vintage"), Edition.SHAREABLE)
        table = desk.warehouse.read(allowed, secrets=desk.keyring.secret)
        pairs = table.select("area_kind", "area_vintage").distinct().to_polars().rows()
        found |= {f"{kind}{vintage or ''}" for kind, vintage in pairs if kind}
    return tuple(sorted(found & set(known)))


def _timed(desk: Desk, source: PinnedSource, plan: Plan, manifests: Sequence[Manifest]) -> PinnedSource:
    """The source with the quarters that were delivered whole by every feed that had begun, and words on the others."""
    suppliers = {one.supplier for one in source.readings}
    feeds = [one for one in manifests if one.dataset == source.dataset and one.supplier in suppliers]
    entries = feed_calendar(feeds, today=desk.now().date())
    begun = {name: min(one.covers.start for one in feeds if one.supplier == name) for name in suppliers}
    whole = [
        str(quarter) for quarter in plan.covering.quarters
        if all(_is_whole(quarter, [one for one in entries if one.supplier == name])
               for name in suppliers if begun[name] < quarter.end)
        and any(begun[name] < quarter.end for name in suppliers)
    ]  # fmt: skip
    return replace(source, whole=tuple(whole), late=tuple(_late(source.dataset, plan, entries, begun)))


def _is_whole(quarter: Period, entries: Sequence[Entry]) -> bool:
    inside = [one for one in entries if one.period.start < quarter.end and quarter.start < one.period.end]
    days = sum((min(one.period.end, quarter.end) - max(one.period.start, quarter.start)).days for one in inside)
    return days == quarter.days and all(one.state in _WHOLE for one in inside)


def _late(dataset: str, plan: Plan, entries: Sequence[Entry], begun: Mapping[str, date]) -> Iterator[str]:
    title, span = ALL[dataset].title, plan.covering.whole
    for one in entries:
        if one.state not in _WHOLE and one.period.start < span.end and span.start < one.period.end:
            yield f"{title} from {one.supplier}: {one.period} {one.in_words}; quarters and years with it are missing."
    for supplier, start in sorted(begun.items()):
        if start > span.start:
            yield f"{title} from {supplier} begins on {start}."
