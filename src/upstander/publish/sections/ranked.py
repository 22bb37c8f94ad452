"""Ranked places: where each could rank, who sees it, and what is already being done there."""

from upstander.publish.charts.marks import key
from upstander.publish.charts.ranks import rank_axis, rank_strip, rank_words
from upstander.publish.facts import Facts
from upstander.publish.findings.place import ranks
from upstander.publish.model import Action
from upstander.publish.reading import as_text
from upstander.publish.sections.common import caveats_of, pooled_words, window_words
from upstander.publish.sheet import Cell, Column, Numbers, RichTable, Section
from upstander.publish.standing import Place
from upstander.publish.tokens import Medium, Source
from upstander.publish.words import capital, listed, short_day


def section(facts: Facts, medium: Medium) -> Section:
    """The table of named places, one row each."""
    if not facts.places:
        why = "No count of places in the window was released, so none is ranked."
        return Section(figure="ranked", finding="No place can be ranked.", paragraphs=(("Why", why),))
    sources = facts.bulletin.in_window
    has_ranks = "ranks" in facts.bulletin.tables
    columns = [Column("Place", share=1.15)]
    if has_ranks:
        columns.append(Column("Rank, 95% interval", axis=rank_axis("rank-axis", medium)))
    columns += [Column(source.name, is_number=True) for source in sources]
    if facts.places_compared:
        columns.append(Column("Stands out in"))
    columns.append(Column("Already being done", share=1.25))
    rows = tuple(_row(facts, place, sources, medium, has_ranks=has_ranks) for place in facts.places)
    finding = ranks(facts) if has_ranks else "Rank intervals were not released, so no place leads."
    return Section(
        figure="ranked", finding=finding, sub=_sub(facts), table=RichTable(tuple(columns), rows), note=_note(facts),
        numbers=(_numbers(facts, sources),) if has_ranks else (),
    )  # fmt: skip


def done_at(facts: Facts, area: str) -> tuple[Action, ...]:
    """The actions at an area, matched by key or by name."""
    names = {area, facts.bulletin.name_of(area)}
    return tuple(action for action in facts.bulletin.actions if action.area in names)


def _row(
    facts: Facts, place: Place, sources: tuple[Source, ...], medium: Medium, *, has_ranks: bool
) -> tuple[Cell, ...]:
    cells = [Cell(place.name, is_strong=True, pin=place.number)]
    if has_ranks:
        words = listed(f"{source.name} {rank_words(place.ranks[source.dataset])}" for source in sources)
        strip = rank_strip(f"rank-{place.number}", place.ranks, sources, medium, f"Rank of {place.name}: {words}.")
        cells.append(Cell("", (strip,), narrow=words))
    cells += [Cell(as_text(place.counts[source.dataset])) for source in sources]
    if facts.places_compared:
        cells.append(_seen_by(place, sources))
    done = "; ".join(_doing(action) for action in done_at(facts, place.area))
    cells.append(Cell(done) if done else _nothing(facts, place.area))
    return tuple(cells)


def _seen_by(place: Place, sources: tuple[Source, ...]) -> Cell:
    """A mark a source, filled where the place stands out in it."""
    marks = tuple(
        key(source, f"sees-{place.number}-{source.shape}", is_hollow=source not in place.stands_out)
        for source in sources
    )
    only = f"{place.only.name} only" if place.only and len(sources) > 1 else ""
    return Cell(only, marks)


def _nothing(facts: Facts, area: str) -> Cell:
    """Nothing is being done only where a list of actions was given and names places of this size."""
    if not facts.bulletin.actions and not facts.bulletin.lists_actions:
        return Cell("No list given")
    layers = {action.area.partition(":")[0] for action in facts.bulletin.actions if ":" in action.area}
    is_other = bool(layers) and area.partition(":")[0] not in layers
    return Cell("Listed by other areas") if is_other else Cell("Nothing yet", is_strong=True)


def _doing(action: Action) -> str:
    return f"{action.what}, due {short_day(action.due)}" if action.due else action.what


def _sub(facts: Facts) -> str:
    seen = f"{capital(window_words(facts.bulletin))}, {pooled_words(facts.bulletin)}."
    return f"{seen} Bars: where the rank could lie if the time ran again." if "ranks" in facts.bulletin.tables else seen


def _note(facts: Facts) -> str:
    signs = "* is a number withheld. [x] is not received."
    if not facts.places_compared:
        return signs
    how = (
        "named by Gi* after allowing for chance" if "stands_out" in facts.bulletin.tables
        else "surely in the first tenth of all places"
    )  # fmt: skip
    only = " “Only”: a place that one agency alone sees." if any(place.only for place in facts.places) else ""
    said = f"Filled mark: stands out in that source ({how}). Hollow: does not.{only}"
    return f"{said} {signs} {caveats_of(facts, 'ranks', 'stands_out')}".strip()


def _numbers(facts: Facts, sources: tuple[Source, ...]) -> Numbers:
    rows = tuple(
        (str(place.number), place.name, *(rank_words(place.ranks[source.dataset]) for source in sources),
         listed(source.name for source in place.stands_out) or "none")
        for place in facts.places
    )  # fmt: skip
    return Numbers(
        "Where each named place could rank, 95% interval",
        ("Pin", "Place", *(f"{source.name} rank" for source in sources), "Stands out in"), rows,
        words_in=(0, 1, len(sources) + 2),
    )  # fmt: skip
