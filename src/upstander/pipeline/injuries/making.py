"""Making one bulletin: read, choose the ground, count, protect, draw, number, enter the ledger and the audit log."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from upstander.contracts.catalogue import ALL
from upstander.contracts.definitions import ViolenceDefinition, load_definition
from upstander.contracts.places import AreaShape
from upstander.contracts.releasing import Edition, ReleasedTable, Status
from upstander.disclosure import strictest
from upstander.errors import NotAcceptable, UpstanderError
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.pipeline.injuries import exact
from upstander.pipeline.injuries.actions import changes_since, read_actions
from upstander.pipeline.injuries.asked import SOURCES, Asked
from upstander.pipeline.injuries.ground import Ground, area_ground, grid_ground, joined_ground
from upstander.pipeline.injuries.released import Scope, released
from upstander.pipeline.injuries.sources import Source, read_source
from upstander.pipeline.outputs import Output, OutputFacts, write_output
from upstander.pipeline.runs import record_run
from upstander.places import Reference, open_reference, square_layer
from upstander.publish import bulletin as drawing
from upstander.publish.model import Action, Bulletin, DeliveryFact, PlaceLabel
from upstander.values.areas import split_layer
from upstander.values.periods import Period

KIND = "bulletin"
_ENOUGH_SHOWN = 0.8
_POOLED_MONTHS = (12, 24, 36, 60)
_COARSER = ("lsoa", "msoa", "ward", "ltla")
_KEPT_DAYS = 92
_DAYS_A_MONTH = 30.44


@dataclass(frozen=True)
class _Picture:
    """What one bulletin is made of, before it has a number."""

    asked: Asked
    period: Period
    definition: ViolenceDefinition
    sources: tuple[Source, ...]
    refused: Mapping[str, UpstanderError]
    ground: Ground
    tables: Mapping[str, ReleasedTable]
    actions: tuple[Action, ...]

    @property
    def window(self) -> bool:
        """Whether the window can be used: some source knows its hours."""
        return any(source.has_hours for source in self.sources)


def injuries(desk: Desk, asked: Asked) -> Output:
    """One bulletin, on disk. Raises the gate's own refusal where no source can be read at all."""
    definition = load_definition(asked.definition, folder=desk.home.reference / "definitions")
    reference = open_reference(desk.home.reference)
    actions = read_actions(asked.actions)
    picture = next(
        candidate
        for candidate, is_last in _candidates(desk, asked, definition, reference, actions)
        if is_last or _share_shown(candidate.tables.get("places")) >= _ENOUGH_SHOWN
    )
    output = _written(desk, picture)
    note(
        desk, action="bulletin", answer="done", dataset=",".join(one.dataset for one in picture.sources),
        about=f"{KIND} {output.number:04d} {asked.edition.value}",
    )  # fmt: skip
    said = {"number": output.number, "edition": asked.edition.value, "period": str(picture.period)}
    record_run(desk.home, job="injuries", person=desk.who.person, at=desk.now(), result=said)
    return output


def _candidates(
    desk: Desk, asked: Asked, definition: ViolenceDefinition, reference: Reference, actions: tuple[Action, ...]
) -> Iterator[tuple[_Picture, bool]]:
    """Pictures from fine and short to coarse and long, and whether each is the last.

    An operational picture is never coarsened: its rule may show small counts. A shareable one moves up in area first,
    then in period.
    """
    periods = _pooled(asked.period)
    for period in periods if asked.edition is Edition.SHAREABLE else periods[:1]:
        sources, refused = _read_all(desk, asked, definition, period)
        grounds = _grounds(desk, asked, sources, reference)
        for ground in grounds:
            is_last = asked.edition is Edition.OPERATIONAL or (ground is grounds[-1] and period is periods[-1])
            yield _picture(asked, period, definition, sources, refused, ground, actions), is_last


def _read_all(
    desk: Desk, asked: Asked, definition: ViolenceDefinition, period: Period
) -> tuple[tuple[Source, ...], dict[str, UpstanderError]]:
    answers = {name: read_source(desk, name, definition, period, asked.edition) for name in SOURCES}
    sources = tuple(answer for answer in answers.values() if isinstance(answer, Source))
    refused = {name: answer for name, answer in answers.items() if isinstance(answer, UpstanderError)}
    if not sources:
        raise next(iter(refused.values()))
    return sources, refused


def _picture(
    asked: Asked,
    period: Period,
    definition: ViolenceDefinition,
    sources: tuple[Source, ...],
    refused: Mapping[str, UpstanderError],
    ground: Ground,
    actions: tuple[Action, ...],
) -> _Picture:
    window = asked.window if any(source.has_hours for source in sources) else None
    step = _weeks_a_point(sources)
    scope = Scope(asked.edition, period, window, str(definition), _expiry(asked, sources), asked.seed, step)
    tables = released(scope, sources, ground, changes_since(actions, sources, window, ground))
    return _Picture(asked, period, definition, sources, refused, ground, tables, actions)


def _weeks_a_point(sources: Sequence[Source]) -> int:
    """One week a point, or four where counts are rounded: a week's count would be mostly rounding."""
    return 1 if strictest([rule for source in sources for rule in source.rules]).round_to == 1 else 4


def _pooled(period: Period) -> tuple[Period, ...]:
    """The period itself if it is a year or longer, else the 12, 24, … months that end with it."""
    own = -(-period.days // 31)
    longer = [months for months in _POOLED_MONTHS if months > own]
    starts = [_months_before(period.end, months) for months in longer]
    pooled = [Period.between(start, period.end) for start in starts]
    return (period, *pooled) if own >= _POOLED_MONTHS[0] else tuple(pooled)


def _months_before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, min(day.day, 28))


def _grounds(desk: Desk, asked: Asked, sources: Sequence[Source], reference: Reference) -> list[Ground]:
    """The layers to try, finest first; squares only for an operational picture without boundaries."""
    wanted = [asked.layer] if asked.layer else _layers_with_boundaries(reference)
    if wanted and not wanted[0].startswith("square"):
        finest = _two_vintages(sources, wanted[0])
        first = joined_ground(reference, *finest) if finest else area_ground(reference, wanted[0])
        return [first, *(area_ground(reference, layer) for layer in wanted[1:])]
    if asked.edition is Edition.SHAREABLE:
        raise NotAcceptable(
            "A shareable bulletin needs areas, and no boundaries are loaded: squares stay in the operational picture.",
            expected="`upstander places load --kind boundaries …`", state="Nothing was written.",
        )  # fmt: skip
    size = desk.home.settings.grid_m
    layer = square_layer(size)
    window = asked.window if any(source.has_hours for source in sources) else None
    nothing = Ground(reference, layer, ())
    counted = [exact.by_area(source, window, nothing) for source in sources if source.has_hours or not window]
    occupied = pl.concat([pl.DataFrame(schema={"area": pl.String}), *(rows.select("area") for rows in counted)])
    return [grid_ground(reference, size, occupied["area"].unique().to_list())]


def _two_vintages(sources: Sequence[Source], layer: str) -> tuple[str, str] | None:
    """The older and the newer vintage of the layer, where the rows are stated in both."""
    kind, _ = split_layer(layer)
    vintages = {vintage for source in sources for vintage in source.vintages.get(kind, ())}
    return (kind + min(vintages), kind + max(vintages)) if len(vintages) == 2 else None


def _layers_with_boundaries(reference: Reference) -> list[str]:
    drawn = {layer for held in reference.held if held.kind == "boundaries" for layer in held.layers}
    ranked = [
        (_COARSER.index(kind), -int(vintage or 0), kind + vintage)
        for kind, vintage in map(split_layer, drawn)
        if kind in _COARSER
    ]
    newest = {rank: layer for rank, _, layer in sorted(ranked, reverse=True)}
    return [newest[rank] for rank in sorted(newest)]


def _share_shown(table: ReleasedTable | None) -> float:
    """The share of cells that are shown; all of none."""
    if table is None or table.cells.height == 0:
        return 1.0
    return float((table.cells["status"] == Status.SHOWN.value).sum() / table.cells.height)


def _expiry(asked: Asked, sources: Sequence[Source]) -> date:
    ends = [source.allowed.until.date() for source in sources]
    return min(asked.made_on + timedelta(days=_KEPT_DAYS), *ends)


def _written(desk: Desk, picture: _Picture) -> Output:
    purpose = picture.sources[0].allowed.request.purpose.value
    facts = OutputFacts(
        kind=KIND,
        edition=picture.asked.edition,
        recipients=picture.asked.recipients,
        purpose=purpose,
        person=desk.who.person,
        made=desk.now(),
        expires=_expiry(picture.asked, picture.sources),
    )

    def render(number: int, folder: Path) -> tuple[Path, ...]:
        written = drawing.write(_bulletin(desk, picture, number), folder)
        return written.pdf, written.html

    return write_output(desk.home, facts, list(picture.tables.values()), render)


def _bulletin(desk: Desk, picture: _Picture, number: int) -> Bulletin:
    asked, sources = picture.asked, picture.sources
    abouts = [table.about for table in picture.tables.values()]
    return Bulletin(
        network=desk.home.settings.network,
        title="Injury surveillance bulletin",
        issue_label=f"{picture.period.last_day:%B %Y}, issue {number}",
        edition=asked.edition,
        number=f"{number:04d}",
        recipients=", ".join(asked.recipients),
        handling=max((about.handling for about in abouts), default="OFFICIAL", key=len),
        expires=_expiry(asked, sources),
        made_on=asked.made_on,
        period=picture.period,
        months_pooled=_months(sources),
        window=str(asked.window) if picture.window else None,
        window_refused=_refusals(picture),
        sources=tuple(source.dataset for source in sources),
        definition=f"{picture.definition.title} ({picture.definition})",
        tables=picture.tables,
        shapes=picture.ground.shapes(),
        area_names={**_finest(picture).names(), **picture.ground.names()},
        place_labels=_labels(picture.ground),
        attributions=picture.ground.attributions(),
        deliveries=tuple(_delivery(source, picture.period, asked.made_on) for source in sources),
        actions=tuple(replace(one, area=f"{_finest(picture).layer}:{one.area}") for one in picture.actions),
        made_by=tuple(
            sorted({f"{about.title}: {about.method} {about.method_version}. {about.source}." for about in abouts})
        ),
        caveats=tuple(_caveats(picture)),
        rule_words=_rule_words(sources),
        weeks_a_point=_weeks_a_point(sources),
        agreements=tuple(sorted({grant.agreement for source in sources for grant in source.allowed.grants})),
    )


def _finest(picture: _Picture) -> Ground:
    """The ground that actions are named on: the finest layer, whatever the counts are shown by."""
    layers = _layers_with_boundaries(picture.ground.reference)
    return area_ground(picture.ground.reference, layers[0]) if layers else picture.ground


def _months(sources: Sequence[Source]) -> int:
    """Months of data behind the maps: the days that the longest source speaks for, not the span they lie in."""
    return round(max(len(source.days) for source in sources) / _DAYS_A_MONTH)


def _refusals(picture: _Picture) -> dict[str, str]:
    timeless = {
        source.dataset: "It gives the month of an event and not its hour, so it cannot be looked at through a window."
        for source in picture.sources
        if not source.has_hours
    }
    return timeless | {name: error.message for name, error in picture.refused.items()}


def _labels(ground: Ground) -> tuple[PlaceLabel, ...]:
    """Names of districts where they lie, if their outlines are loaded."""
    layers = [layer for layer in _layers_with_boundaries(ground.reference) if layer.startswith(_COARSER[-1])]
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
    )


def _caveats(picture: _Picture) -> Iterator[str]:
    for source in picture.sources:
        words = ALL[source.dataset].title
        last = max(source.days, default=None)
        if last is not None and last < picture.period.last_day:
            yield f"{words}: to {last:%-d %B %Y} only."
        if source.defaults:
            times = " and ".join(source.defaults)
            yield f"{words}: times of exactly {times} are filled in by a system; hours, weeks and maps leave them out."
        if not source.classifies:
            yield f"{words}: kind of place not supplied, so homes cannot be told from public places here."
        if note_of := picture.definition.limits.get(source.dataset):
            yield f"{words}: {note_of}"
    if picture.asked.edition is Edition.SHAREABLE:
        share = _share_shown(picture.tables.get("places"))
        yield f"Areas and months were widened until at least 80% of cells could be shown; {share:.0%} are."


def _rule_words(sources: Sequence[Source]) -> str:
    rule = strictest([rule for source in sources for rule in source.rules])
    if rule.open_data:
        return "Open data, already published: counts are shown as they are."
    if rule.suppress_up_to == 0:
        return "Counts are shown as they are, to named recipients only."
    rounding = f", others to the nearest {rule.round_to}" if rule.round_to > 1 else ""
    return f"Counts of 1 to {rule.suppress_up_to} are withheld{rounding}."
