"""Choosing what one bulletin shows: how many months, on which ground, so that its rule lets most cells show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.changes import RecordingChange
from upstander.contracts.definitions import ViolenceDefinition
from upstander.contracts.releasing import Edition, ReleasedTable, Status
from upstander.disclosure import strictest
from upstander.errors import NotAcceptable, UpstanderError
from upstander.pipeline.desk import Desk
from upstander.pipeline.floors import hold_to_floor, is_fine
from upstander.pipeline.injuries import exact
from upstander.pipeline.injuries.actions import changes_since
from upstander.pipeline.injuries.asked import SOURCES, Asked
from upstander.pipeline.injuries.coming_in import coming_in, late_of, told
from upstander.pipeline.injuries.ground import Ground, area_ground, grid_ground, joined_ground
from upstander.pipeline.injuries.past import Past, past_of
from upstander.pipeline.injuries.released import protected_places, released
from upstander.pipeline.injuries.scope import Scope, about_of
from upstander.pipeline.injuries.sources import Source, read_source
from upstander.pipeline.recording import held_changes
from upstander.pipeline.release.published import Frozen
from upstander.places import Reference, open_reference, square_layer
from upstander.publish.model import Action, ComingIn
from upstander.values.areas import split_layer
from upstander.values.periods import Period, months_before

_ENOUGH_SHOWN = 0.8
_POOLED_MONTHS = (12, 24, 36, 60)
_KINDS_FINE_TO_COARSE = ("lsoa", "msoa", "ward", "ltla")
_KEPT_DAYS = 92


@dataclass(frozen=True)
class Picture:
    """What one bulletin is made of, before it has a number. `refused` holds why a source is not in it, `changed` what
    was written down of how sources record.
    """

    asked: Asked
    scope: Scope
    definition: ViolenceDefinition
    sources: tuple[Source, ...]
    refused: Mapping[str, UpstanderError]
    ground: Ground
    tables: Mapping[str, ReleasedTable]
    actions: tuple[Action, ...]
    past: Past
    coming: Mapping[str, ComingIn]
    changed: tuple[RecordingChange, ...] = ()

    @property
    def share_shown(self) -> float:
        """The share of places' cells that are shown."""
        return share_shown(self.tables.get("places"))


@dataclass(frozen=True)
class Choice:
    """One period and one ground that the picture may have."""

    scope: Scope
    sources: tuple[Source, ...]
    refused: Mapping[str, UpstanderError]
    ground: Ground


def chosen_picture(
    desk: Desk, asked: Asked, definition: ViolenceDefinition, actions: tuple[Action, ...], frozen: Frozen | None = None
) -> Picture:
    """The finest and shortest picture of which at least 80% of the places' cells can be shown, else the coarsest.

    frozen: the release whose readings it is made of, and whose days it keeps to; None for those in force now.
    Raises the gate's own refusal where no source can be read at all.
    """
    up_to = frozen.register if frozen else None
    reference = open_reference(desk.home.reference)
    for choice in _choices(desk, asked, definition, reference, frozen):
        found = choice
        places = protected_places(choice.scope, choice.sources, choice.ground)
        if asked.edition is Edition.OPERATIONAL or share_shown(places) >= _ENOUGH_SHOWN:
            break
    layers = [one for one in layers_with_boundaries(reference) if not is_fine(one, _rule_of(found.sources))]
    past = past_of(desk, found.sources, definition, found.scope.period, asked.edition, reference, layers, up_to)
    late = late_of(desk, past.sources, definition, asked.edition)
    arrivals = coming_in(late, partial(about_of, found.scope, past.sources, found.ground))
    coming = told(arrivals, late)
    changes = changes_since(actions, found.sources, found.scope.window, found.ground, coming)
    tables = arrivals | released(found.scope, found.sources, found.ground, changes, past, coming)
    return Picture(
        asked, found.scope, definition, found.sources, found.refused, found.ground, tables, actions, past, coming,
        held_changes(desk.home),
    )  # fmt: skip


def operational_choice(desk: Desk, asked: Asked, definition: ViolenceDefinition) -> Choice:
    """What an operational picture is made on: the first choice, since it is never coarsened."""
    return next(_choices(desk, asked, definition, open_reference(desk.home.reference), None))


def _choices(
    desk: Desk, asked: Asked, definition: ViolenceDefinition, reference: Reference, frozen: Frozen | None
) -> Iterator[Choice]:
    """From fine and short to coarse and long: up in area first, then in period.

    An operational picture is never coarsened, since its rule may show small counts: it has the first choice only.
    """
    wide = [period for period in _pooled(asked.period) if frozen is None or frozen.covers(period)]
    for period in wide or [asked.period]:
        sources, refused = _read_all(desk, asked, definition, period, frozen.register if frozen else None)
        window = asked.window if any(source.has_hours for source in sources) else None
        scope = Scope(
            edition=asked.edition,
            period=period,
            window=window,
            definition=str(definition),
            expires=expiry(asked, sources),
            seed=asked.seed,
            weeks_a_point=_weeks_a_point(sources),
            release=frozen.name if frozen else "",
            newer=frozen.newer if frozen else (),
        )
        for ground in _grounds(desk, scope, asked.layer, sources, reference):
            yield Choice(scope, sources, refused, ground)


def _read_all(
    desk: Desk, asked: Asked, definition: ViolenceDefinition, period: Period, up_to: int | None
) -> tuple[tuple[Source, ...], dict[str, UpstanderError]]:
    answers = {name: read_source(desk, name, definition, period, asked.edition, up_to=up_to) for name in SOURCES}
    sources = tuple(answer for answer in answers.values() if isinstance(answer, Source))
    refused = {name: answer for name, answer in answers.items() if isinstance(answer, UpstanderError)}
    if not sources:
        raise next(iter(refused.values()))
    return sources, refused


def _weeks_a_point(sources: Sequence[Source]) -> int:
    """One week a point, or four where counts are rounded: a week's count would be mostly rounding."""
    return 1 if _rule_of(sources).round_to == 1 else 4


def _rule_of(sources: Sequence[Source]) -> CountRule:
    """The rule that governs what is made of them all."""
    return strictest([rule for source in sources for rule in source.rules])


def _pooled(period: Period) -> tuple[Period, ...]:
    """The period itself if it is a year or longer, else the 12, 24, … months that end with it."""
    own = -(-period.days // 31)
    longer = [months for months in _POOLED_MONTHS if months > own]
    starts = [months_before(period.end, months) for months in longer]
    pooled = [Period.between(start, period.end) for start in starts]
    return (period, *pooled) if own >= _POOLED_MONTHS[0] else tuple(pooled)


def _grounds(desk: Desk, scope: Scope, layer: str, sources: Sequence[Source], reference: Reference) -> list[Ground]:
    """The layers to try, finest first, none finer than the sources' owners allow; squares only for an operational
    picture without boundaries.
    """
    rule = _rule_of(sources)
    loaded = [layer] if layer else layers_with_boundaries(reference)
    wanted = [one for one in loaded if one.startswith("square") or not is_fine(one, rule)]
    if loaded and not wanted:
        hold_to_floor([f"{one}:" for one in loaded], rule)
    if wanted and not wanted[0].startswith("square"):
        finest = _two_vintages(sources, wanted[0])
        first = joined_ground(reference, *finest) if finest else area_ground(reference, wanted[0])
        return [first, *(area_ground(reference, layer) for layer in wanted[1:])]
    if scope.edition is Edition.SHAREABLE:
        raise NotAcceptable(
            "A shareable bulletin needs areas, and no boundaries are loaded: squares stay in the operational picture.",
            expected="`upstander places load --kind boundaries …`", state="Nothing was written.",
        )  # fmt: skip
    return [_grid(scope, desk.home.settings.grid_m, sources, reference)]


def _grid(scope: Scope, size_m: int, sources: Sequence[Source], reference: Reference) -> Ground:
    """The squares that hold any record, and those round them."""
    nothing = Ground(reference, square_layer(size_m), ())
    seen = [source for source in sources if source.has_hours or scope.window is None]
    counted = [exact.by_area(source, scope.window, nothing).select("area") for source in seen]
    occupied = pl.concat([pl.DataFrame(schema={"area": pl.String}), *counted])
    return grid_ground(reference, size_m, occupied["area"].unique().to_list())


def _two_vintages(sources: Sequence[Source], layer: str) -> tuple[str, str] | None:
    """The older and the newer vintage of the layer, where the rows are stated in both."""
    kind, _ = split_layer(layer)
    vintages = {vintage for source in sources for vintage in source.vintages.get(kind, ())}
    return (kind + min(vintages), kind + max(vintages)) if len(vintages) == 2 else None


def layers_with_boundaries(reference: Reference) -> list[str]:
    """The newest layer of each kind that has outlines, finest first."""
    drawn = {layer for held in reference.held if held.kind == "boundaries" for layer in held.layers}
    ranked = [
        (_KINDS_FINE_TO_COARSE.index(kind), -int(vintage or 0), kind + vintage)
        for kind, vintage in map(split_layer, drawn)
        if kind in _KINDS_FINE_TO_COARSE
    ]
    newest = {rank: layer for rank, _, layer in sorted(ranked, reverse=True)}
    return [newest[rank] for rank in sorted(newest)]


def share_shown(table: ReleasedTable | None) -> float:
    """The share of cells that are shown; all of none."""
    if table is None or table.cells.height == 0:
        return 1.0
    return float((table.cells["status"] == Status.SHOWN.value).sum() / table.cells.height)


def expiry(asked: Asked, sources: Sequence[Source]) -> date:
    """When the output is to be destroyed: with the first agreement that ends, or a quarter after it was made."""
    ends = [source.allowed.until.date() for source in sources]
    return min(asked.made_on + timedelta(days=_KEPT_DAYS), *ends)
