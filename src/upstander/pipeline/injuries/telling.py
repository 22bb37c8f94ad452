"""A picture told as a bulletin: the facts round the numbers, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from upstander.contracts.catalogue import ALL
from upstander.contracts.places import AreaShape
from upstander.contracts.releasing import Edition, ReleasedTable
from upstander.disclosure import strictest
from upstander.errors import UpstanderError
from upstander.pipeline.injuries.ahead import refused, weeks_of
from upstander.pipeline.injuries.coming_in import settled
from upstander.pipeline.injuries.ground import Ground, area_ground
from upstander.pipeline.injuries.numbers import numbers_of
from upstander.pipeline.injuries.picture import Picture, layers_with_boundaries
from upstander.pipeline.injuries.sources import Source
from upstander.pipeline.injuries.weighing import readings
from upstander.pipeline.recording import layout_changes
from upstander.publish.model import EVERYWHERE, Bulletin, DeliveryFact, PlaceLabel, RiseReading
from upstander.values.periods import Period

_DAYS_A_MONTH = 30.44
_NAMED_ON_MAPS = "ltla"


def bulletin_of(picture: Picture, *, network: str, number: int) -> Bulletin:
    """The bulletin with its number, ready to be drawn."""
    asked, sources = picture.asked, picture.sources
    abouts = [table.about for table in picture.tables.values()]
    return Bulletin(
        network=network,
        title="Injury surveillance bulletin",
        issue_label=f"{picture.scope.period.last_day:%B %Y}, issue {number}",
        edition=asked.edition,
        number=f"{number:04d}",
        recipients=", ".join(asked.recipients),
        handling=max((about.handling for about in abouts), default="OFFICIAL", key=len),
        expires=picture.scope.expires,
        made_on=asked.made_on,
        period=picture.scope.period,
        months_pooled=_months(sources),
        window=str(picture.scope.window) if picture.scope.window else None,
        window_refused=refusals(sources, picture.refused),
        sources=tuple(source.dataset for source in sources),
        definition=f"{picture.definition.title} ({picture.definition})",
        tables=picture.tables,
        shapes=picture.ground.shapes(),
        area_names=_names(picture),
        place_labels=_labels(picture.ground),
        attributions=picture.ground.attributions(),
        frame=picture.ground.frame,
        deliveries=tuple(_delivery(source, picture.scope.period, asked.made_on) for source in sources),
        actions=tuple(replace(one, area=f"{_finest(picture).layer}:{one.area}") for one in picture.actions),
        made_by=made_by(picture.tables),
        caveats=tuple(_caveats(picture)),
        rule_words=_rule_words(sources),
        unclassified=tuple(source.dataset for source in sources if not source.classifies),
        weeks_a_point=picture.scope.weeks_a_point,
        rise_readings=_readings(picture),
        coming_in=picture.coming,
        ahead_refused=_not_foreseen(picture),
        agreements=tuple(sorted({grant.agreement for source in sources for grant in source.allowed.grants})),
    )


def _finest(picture: Picture) -> Ground:
    """The ground that actions are named on: the finest layer, whatever the counts are shown by."""
    layers = layers_with_boundaries(picture.ground.reference)
    return area_ground(picture.ground.reference, layers[0]) if layers else picture.ground


def _names(picture: Picture) -> dict[str, str]:
    """What people call the areas of actions, of rises and of the pictures."""
    rising = picture.past.ground.names() if picture.past.ground else {}
    return {**_finest(picture).names(), **rising, **picture.ground.names(), EVERYWHERE: "Everywhere"}


def _readings(picture: Picture) -> dict[tuple[str, str, str], RiseReading]:
    manifests = [one for source in picture.past.sources for one in source.manifests]
    numbers = numbers_of(picture.tables, "past_weeks", "past_all")
    changed = [*layout_changes(manifests), *picture.changed]
    return readings(picture.tables, {name: settled(cells, picture.coming) for name, cells in numbers.items()}, changed)


def _not_foreseen(picture: Picture) -> dict[str, str]:
    if "past_all" not in picture.tables:
        return {}
    in_all = picture.tables["past_all"]
    return refused(weeks_of(in_all), picture.coming, strictest(in_all.about.rules))


def _months(sources: Sequence[Source]) -> int:
    """Months of data behind the maps: the days that the longest source speaks for, not the span they lie in."""
    return round(max(len(source.days) for source in sources) / _DAYS_A_MONTH)


def refusals(sources: Sequence[Source], refused: Mapping[str, UpstanderError]) -> dict[str, str]:
    """Why a source has no window picture, or none at all, in a sentence."""
    timeless = {
        source.dataset: "It gives the month of an event and not its hour, so it cannot be looked at through a window."
        for source in sources
        if not source.has_hours
    }
    return timeless | {name: error.message for name, error in refused.items()}


def made_by(tables: Mapping[str, ReleasedTable]) -> tuple[str, ...]:
    """The methods of the tables, each as a sentence with its source."""
    abouts = [table.about for table in tables.values()]
    return tuple(sorted({f"{about.title}: {about.method} {about.method_version}. {about.source}." for about in abouts}))


def _labels(ground: Ground) -> tuple[PlaceLabel, ...]:
    """Names of districts where they lie, if their outlines are loaded."""
    layers = [layer for layer in layers_with_boundaries(ground.reference) if layer.startswith(_NAMED_ON_MAPS)]
    if ground.is_grid or not layers or layers[0] == ground.layer:
        return ()
    return tuple(_label(shape) for shape in ground.reference.shapes(layers[0]))


def _label(shape: AreaShape) -> PlaceLabel:
    ring = max(shape.rings, key=len)
    x, y = (ring.min(axis=0) + ring.max(axis=0)) / 2
    return PlaceLabel(shape.name, float(x), float(y))


def _delivery(source: Source, period: Period, made_on: date) -> DeliveryFact:
    newest = max(source.manifests, key=lambda manifest: manifest.covers.end)
    same_days = [one for one in source.manifests if one.covers.end == newest.covers.end]
    allowed = timedelta(days=ALL[source.dataset].due_within_days)
    is_missing = newest.covers.end < period.end and made_on > period.end + allowed
    late = made_on - period.end - allowed if is_missing else newest.received.date() - newest.covers.end - allowed
    # Nobody owes us what is already published, and nothing says when days that were only inferred were due.
    is_due = not newest.covers.inferred and not all(rule.open_data for rule in source.rules)
    return DeliveryFact(
        source=source.dataset,
        supplier=newest.supplier,
        received=newest.received.date(),
        covers=f"{newest.covers.start:%-d %B %Y} to {newest.covers.end - timedelta(days=1):%-d %B %Y}",
        rows_sent=sum(one.lines.records - one.lines.set_aside for one in same_days),
        rows_accepted=sum(one.lines.accepted for one in same_days),
        late_days=max(0, late.days) if is_due else None,
        missing=f"{period.last_day:%B %Y}" if is_due and is_missing else "",
        received_to=newest.covers.end - timedelta(days=1),
    )


def _caveats(picture: Picture) -> Iterator[str]:
    for source in picture.sources:
        words = ALL[source.dataset].title
        last = max(source.days, default=None)
        if last is not None and last < picture.scope.period.last_day:
            yield f"{words}: to {last:%-d %B %Y} only."
        if source.defaults:
            times = " and ".join(source.defaults)
            yield f"{words}: times of exactly {times} are filled in by a system; hours, weeks and maps leave them out."
        if not source.classifies:
            yield f"{words}: kind of place not supplied, so homes cannot be told from public places here."
        if note_of := picture.definition.limits.get(source.dataset):
            yield f"{words}: {note_of}"
    if picture.asked.edition is Edition.SHAREABLE:
        yield f"Areas and months were widened until 80% of cells could be shown; {picture.share_shown:.0%} are."


def _rule_words(sources: Sequence[Source]) -> str:
    rule = strictest([rule for source in sources for rule in source.rules])
    if rule.open_data:
        return "Open data, already published: counts are shown as they are."
    if rule.suppress_up_to == 0:
        return "Counts are shown as they are, to named recipients only."
    rounding = f", others to the nearest {rule.round_to}" if rule.round_to > 1 else ""
    return f"Counts of 1 to {rule.suppress_up_to} are withheld{rounding}."
