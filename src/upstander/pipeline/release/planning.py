"""What a release would be made from, now: asked of the gate, of the register, and of the feed calendar."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from importlib.metadata import version

from upstander.contracts.asking import Allowed, Purpose
from upstander.contracts.catalogue import ALL, in_shape
from upstander.contracts.changes import changes_of
from upstander.contracts.dataset import Shape
from upstander.contracts.definitions import ViolenceDefinition, load_definition
from upstander.contracts.measures import Measure
from upstander.contracts.readings import Manifest
from upstander.contracts.releasing import Edition
from upstander.errors import NotAcceptable, UpstanderError, WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import ask
from upstander.pipeline.indicators.rows import FIGURES
from upstander.pipeline.injuries.asked import SOURCES
from upstander.pipeline.injuries.sources import SURENESS
from upstander.pipeline.quality.calendar import Entry, State, feed_calendar
from upstander.pipeline.recording import held_changes, layout_changes
from upstander.pipeline.release.covering import covering
from upstander.pipeline.release.known import declared
from upstander.pipeline.release.pinned import counted_again, readings_of, snapshots_at
from upstander.pipeline.release.plan import (
    Made,
    Missing,
    PinnedMeasure,
    PinnedSource,
    Plan,
    pinned_grants,
)
from upstander.pipeline.release.tallies import Told, asked_sha256, is_incident, kept, measures_for, tallies_of
from upstander.places import open_reference
from upstander.values.periods import Period
from upstander.warehouse import NothingHeld

PURPOSES = (Purpose.STRATEGIC, Purpose.MONITORING)
AREAS = ("area_kind", "area_vintage", "area_code")
PERSONS = ("age_band", "sex")
TOKEN = "person_token"  # noqa: S105 - a column
Definitions = dict[str, ViolenceDefinition | None]
Ask = Callable[[tuple[str, ...]], Allowed]  # what is asked of the gate of one dataset: these fields
_PLACE = (*AREAS, "place_class", "place_method", "mechanism")
_WHOLE = {State.RECEIVED, State.NOTHING}
_MOST_OF = 0.5  # of a term is teaching; holidays are in nobody's delivery


@dataclass(frozen=True)
class _Asked:
    """The measures of one dataset that may be counted, the gate's yes to what they need, and which are left out."""

    measures: Mapping[str, Measure]
    allowed: Allowed
    missing: tuple[Missing, ...] = ()


def plan_now(desk: Desk, quarter: Period, earlier: Sequence[tuple[str, int, str]]) -> Plan:
    """The plan of a release of this quarter for the person at the desk. A source that cannot be read is left out, and
    the plan says why. Raises WrongUsage for another purpose or a quarter that is not over; NotAcceptable where no
    source is left.
    """
    _check(desk, quarter)
    settings, reference = desk.home.settings.release, open_reference(desk.home.reference)
    manifests = desk.warehouse.manifests()
    sources, missing = _sources(desk, manifests)
    if not sources:
        raise NotAcceptable(
            "No source can be read, so there is nothing to release: " + " ".join(one.says for one in missing),
            where=str(quarter), expected="a delivery and an agreement in force", state="Nothing was written.",
        )  # fmt: skip
    counted = [one for one in sources if one.kind == "rows"] or sources
    feeds = {(source.dataset, reading.supplier) for source in counted for reading in source.readings}
    first = min(one.covers.start for one in manifests if (one.dataset, one.supplier) in feeds)
    count = max(sum(one.end > first for one in covering(quarter, settings.quarters).quarters), 1)
    people = reference.populations()
    if not people:
        missing.append(Missing("", (), "No rate is per resident, because no population is loaded."))
    plan = Plan(
        quarter=str(quarter),
        made=Made(desk.now(), desk.who.person, desk.who.agency, desk.who.purpose),
        software=version("upstander"),
        settings=settings,
        quarters=count,
        register=max((one.sequence for one in manifests), default=0),
        layers=_layers(desk, sources, reference.layers()),
        reference=reference.vintages(),
        sources=tuple(sources),
        missing=tuple(missing),
        earlier=tuple(earlier),
        known=declared(desk.home),
        people=people,
    )
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


def _sources(desk: Desk, manifests: Sequence[Manifest]) -> tuple[list[PinnedSource], list[Missing]]:
    """Every dataset of which a measure serves the purpose, and what is left out."""
    sources: list[PinnedSource] = []
    missing: list[Missing] = []
    for dataset in (*SOURCES, *(name for name in ALL if name not in SOURCES)):
        for published in (False, True):
            measures = measures_for(desk.who.purpose, dataset, published=published)
            if measures:
                source, without = _source(desk, dataset, measures, manifests)
                sources += [source] if source else []
                missing += without
    return sources, missing


def _source(
    desk: Desk, dataset: str, measures: Mapping[str, Measure], manifests: Sequence[Manifest]
) -> tuple[PinnedSource | None, tuple[Missing, ...]]:
    """One dataset, its rows or its figures, or why it is left out."""
    is_published = next(iter(measures.values())).is_published
    definitions = definitions_of(desk, measures)
    try:
        feeds = _suppliers(desk, dataset, Shape.INDICATORS if is_published else ALL[dataset].shape, manifests)
        put = partial(ask, desk, dataset, edition=Edition.SHAREABLE, suppliers=feeds)
        figures = _once((*FIGURES, *AREAS))
        asked = _Asked(measures, put(figures)) if is_published else _asked(put, dataset, measures, definitions)
        # Reading asks whether anything is held, and whether two suppliers tell of the same events.
        desk.warehouse.read(asked.allowed, secrets=desk.keyring.secret)
    except UpstanderError as why:
        if why.exit_code in {1, 2}:
            raise
        what = f"{ALL[dataset].title}, published figures" if is_published else ALL[dataset].title
        return None, (Missing(dataset, tuple(measures), _without(what, why)),)
    suppliers = {grant.supplier for grant in asked.allowed.grants}
    return PinnedSource(
        dataset=dataset,
        fields=asked.allowed.request.fields,
        grants=pinned_grants(asked.allowed),
        readings=readings_of(manifests, dataset, suppliers, ()),
        measures=tuple(_pinned(one, definitions[name]) for name, one in asked.measures.items()),
        whole=(),
        late=(),
        until=asked.allowed.until.date(),
        kind="figures" if is_published else "rows",
    ), asked.missing


def _without(what: str, why: UpstanderError) -> str:
    reason = why.message.removeprefix("Refused: ")
    return f"Without {what}, because: {reason}"


def _pinned(measure: Measure, definition: ViolenceDefinition | None) -> PinnedMeasure:
    named = (definition.name, definition.version) if definition else (measure.name, measure.version)
    return PinnedMeasure(measure.name, measure.version, *named, asked_sha256(measure, definition))


def definitions_of(desk: Desk, measures: Mapping[str, Measure]) -> Definitions:
    """The definition that each measure counts by, the home's own before the shipped one; None where it names none."""
    folder = desk.home.reference / "definitions"
    return {
        name: load_definition(one.numerator.definition, folder=folder) if one.numerator.definition else None
        for name, one in measures.items()
    }


def _suppliers(desk: Desk, dataset: str, shape: Shape, manifests: Sequence[Manifest]) -> tuple[str, ...]:
    """Which suppliers to ask for, where some send rows of a dataset and others figures; none means all of them."""
    if len(ALL[dataset].shapes) == 1:
        return ()
    day = in_shape(dataset, shape).counts_by
    sends = {one.supplier for one in manifests if one.dataset == dataset and one.counts_by == day}
    granted = {one.supplier for one in ask(desk, dataset, (day,), Edition.SHAREABLE).grants}
    found = sends if "*" in granted else sends & granted
    if not found:
        raise NothingHeld(
            f"No {shape} of {dataset} are held.", where=dataset,
            expected="a delivery; `upstander deliveries` lists what is held",
        )  # fmt: skip
    return tuple(sorted(found))


def _asked(put: Ask, dataset: str, measures: Mapping[str, Measure], definitions: Definitions) -> _Asked:
    """The measures whose fields the agreements share, and the gate's yes to all of them: with areas, ages and sexes if
    it gives them, with the token of the person where a rule asks for it. Raises NotGranted where none is left.
    """
    needed = _needed(dataset)
    refused: dict[str, UpstanderError] = {}
    own = kept(measures)
    fields = {name: _once((*needed, *_fields_of(one, definitions))) for name, one in own.items()}
    for name in own:
        _granted_or(refused, name, put, fields[name])
    found = {name: one for name, one in own.items() if name not in refused}
    if not found:
        raise next(iter(refused.values()))
    allowed = put(_once([column for name in found for column in fields[name]]))
    for more in [some for some in (AREAS, PERSONS) if not set(some) <= set(allowed.request.fields)]:
        allowed = _granted_or({}, "", put, _once((*allowed.request.fields, *more))) or allowed
    if _needs_persons(found, allowed):
        allowed = put(_once((*allowed.request.fields, TOKEN)))
    without = tuple(Missing(dataset, (name,), _without(own[name].title, why)) for name, why in refused.items())
    return _Asked(found, allowed, without)


def _needed(dataset: str) -> tuple[str, ...]:
    """What every count of a dataset reads. Only of what says where it happened is it asked what kind of place it was:
    where somebody lives is told by district at most.
    """
    if not is_incident(dataset):
        return (ALL[dataset].counts_by,)
    sureness = (SURENESS,) if ALL[dataset].place_text is not None else ()
    return (ALL[dataset].counts_by, *_PLACE, *sureness)


def _fields_of(measure: Measure, definitions: Definitions) -> tuple[str, ...]:
    tallies, _ = tallies_of([measure], definitions)
    return tuple(column for one in tallies.values() for column in one.fields)


def _needs_persons(measures: Mapping[str, Measure], allowed: Allowed) -> bool:
    """Whether a rule is about persons, or about who makes up a sum that is told."""
    rules = [grant.rule for grant in allowed.grants]
    sums = any(one.numerator.sums for one in measures.values())
    return any(rule.of_persons or (sums and (rule.dominance or rule.p_percent is not None)) for rule in rules)


def _once(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields))


def _granted_or(refused: dict[str, UpstanderError], name: str, put: Ask, fields: tuple[str, ...]) -> Allowed | None:
    """The gate's yes; None where it says no, and `refused` has what it said. Both are in the audit log."""
    try:
        return put(fields)
    except UpstanderError as why:
        if why.exit_code in {1, 2}:
            raise
        refused[name] = why
        return None


def _layers(desk: Desk, sources: Sequence[PinnedSource], known: Sequence[str]) -> tuple[str, ...]:
    """The layers that any row of these readings is located in, and the home's own."""
    found = {layer for layer in desk.home.settings.layers if layer in known}
    for source in sources:
        if source.kind == "rows" and set(AREAS) <= set(source.fields):
            of = source.suppliers
            allowed = ask(desk, source.dataset, ("area_kind", "area_vintage"), Edition.SHAREABLE, suppliers=of)
            table = desk.warehouse.read(allowed, secrets=desk.keyring.secret)
            pairs = table.select("area_kind", "area_vintage").distinct().to_polars().rows()
            found |= {f"{kind}{vintage or ''}" for kind, vintage in pairs if kind}
    return tuple(sorted(found & set(known)))


def _timed(desk: Desk, source: PinnedSource, plan: Plan, manifests: Sequence[Manifest]) -> PinnedSource:
    """The source with what was delivered whole by every feed that had begun, words on the rest, and what is known of
    how it records.
    """
    suppliers = {one.supplier for one in source.readings}
    feeds = [one for one in manifests if one.dataset == source.dataset and one.supplier in suppliers]
    entries = feed_calendar(feeds, today=desk.now().date())
    begun = {name: min(one.covers.start for one in feeds if one.supplier == name) for name in suppliers}
    changes = changes_of(held_changes(desk.home), source.dataset, sorted(suppliers)) + tuple(layout_changes(feeds))
    span = plan.covering.whole
    timed = replace(
        source, late=tuple(_late(source, plan, entries, begun)),
        changes=tuple(sorted((one for one in changes if one.day in span), key=lambda one: (one.day, one.what))),
    )  # fmt: skip
    if source.kind == "figures":
        return timed
    by_feed = {name: [one for one in entries if one.supplier == name] for name in suppliers}
    whole = tuple(str(one) for one in _whole(plan.covering.quarters, by_feed, begun, 1.0))
    told = {one.told for one in counted_again(desk.home, source).tallies.values()}
    if Told.TERMS in told:
        timed = replace(timed, terms=tuple(str(one) for one in _whole(plan.covering.terms, by_feed, begun, _MOST_OF)))
    if Told.STATES in told:
        standing = [one for one in plan.covering.quarters if _stands(one, whole, feeds, begun)]
        timed = replace(
            timed, states=tuple(map(str, standing)), readings=readings_of(feeds, source.dataset, suppliers, standing)
        )
    return replace(timed, whole=whole)


def _whole(
    periods: Sequence[Period], by_feed: Mapping[str, Sequence[Entry]], begun: Mapping[str, date], share: float
) -> list[Period]:
    """The periods of which every feed that had begun delivered at least this share of the days, and nothing short."""
    return [
        period for period in periods
        if any(start < period.end for start in begun.values())
        and all(_is_whole(period, by_feed[name], share) for name, start in begun.items() if start < period.end)
    ]  # fmt: skip


def _is_whole(period: Period, entries: Sequence[Entry], share: float) -> bool:
    inside = [one for one in entries if one.period.start < period.end and period.start < one.period.end]
    days = sum((min(one.period.end, period.end) - max(one.period.start, period.start)).days for one in inside)
    return days >= share * period.days and all(one.state in _WHOLE for one in inside)


def _stands(quarter: Period, whole: Sequence[str], feeds: Sequence[Manifest], begun: Mapping[str, date]) -> bool:
    """Whether it is known of every feed what stood at the end of a quarter: by a snapshot, or all that had begun."""
    snapshots = {one.supplier for one in feeds if one.delivers == "snapshot"}
    stood = {one.supplier for one in snapshots_at(feeds, feeds[0].dataset, snapshots, quarter)}
    return stood == {name for name in snapshots if begun[name] < quarter.end} and (
        bool(stood) if snapshots >= begun.keys() else str(quarter) in whole
    )


def _late(source: PinnedSource, plan: Plan, entries: Sequence[Entry], begun: Mapping[str, date]) -> Iterator[str]:
    title, span = ALL[source.dataset].title, plan.covering.whole
    if source.kind == "figures":
        return
    for one in entries:
        if one.state not in _WHOLE and one.period.start < span.end and span.start < one.period.end:
            yield f"{title} from {one.supplier}: {one.period} {one.in_words}; quarters and years with it are missing."
    for supplier, start in sorted(begun.items()):
        if start > span.start:
            yield f"{title} from {supplier} begins on {start}."
