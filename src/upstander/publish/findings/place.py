"""Where: which places stand out, in whose records, and whether their order means anything."""

from collections.abc import Sequence

from upstander.publish.facts import Facts
from upstander.publish.findings.common import NONE_STANDS_OUT, NOT_COMPARED, are, records_of
from upstander.publish.standing import Place, told_apart
from upstander.publish.tokens import Source
from upstander.publish.words import capital, counted, first_that_fits, listed


def leading(facts: Facts) -> tuple[Place, ...]:
    """The first three named places that stand out in a source."""
    return tuple(place for place in facts.places if place.stands_out)[:3]


def where(facts: Facts) -> tuple[str, ...]:
    """The first three places, in whose records, and whether their order means anything."""
    named = leading(facts)
    if not facts.places_compared:
        return ("Places were not compared, so none is said to stand out.",)
    if not named:
        return (NONE_STANDS_OUT,)
    groups: dict[tuple[Source, ...], list[Place]] = {}
    for place in named:
        groups.setdefault(place.stands_out, []).append(place)
    said = [_standing(group, seers, len(facts.bulletin.present)) for seers, group in groups.items()]
    if len(named) > 1 and not any(_leader(named, source) for source in facts.bulletin.present):
        said.append("Their order cannot be told apart.")
    return tuple(said)


def maps(facts: Facts) -> str:
    """The sentence above the maps: which places only some sources see."""
    named = [place for place in facts.places if place.stands_out]
    every = len(facts.bulletin.present)
    if not facts.places_compared:
        return NOT_COMPARED
    if not named:
        return NONE_STANDS_OUT
    if every == 1:
        return _plainly(named)
    lone = [place for place in named if len(place.stands_out) == 1]
    if lone:
        return _seen_by_one(lone, len(named))
    if all(len(place.stands_out) == every for place in named):
        return "The same places stand out in every source."
    return "Every named place stands out in two sources or in all."


def ranks(facts: Facts) -> str:
    """The sentence above the ranked places: whether any place leads."""
    if len(facts.places) < 2:
        return "There are too few ranked places to compare."
    leaders = {source: _leader(facts.places, source) for source in facts.bulletin.present}
    found = {source: place for source, place in leaders.items() if place is not None}
    if not found:
        return "No one place leads: the first places cannot be told apart."
    names = {place.name for place in found.values()}
    if len(names) == 1 and len(found) == len(leaders):
        seen = "every source" if len(leaders) > 1 else records_of(list(leaders))
        return first_that_fits([f"{names.pop()} leads in {seen}.", f"One place leads in {seen}."], facts.names)
    source, place = next(iter(found.items()))
    if len(found) > 1:
        return first_that_fits([f"{place.name} leads in {source.records}; the sources differ.",
                                "A place leads in some sources, not the same in all."], facts.names)  # fmt: skip
    return first_that_fits([
        f"{place.name} leads in {source.records}; elsewhere the first places cannot be told apart.",
        f"One place leads in {source.records}; elsewhere the first places cannot be told apart.",
    ], facts.names)  # fmt: skip


def _standing(places: Sequence[Place], seers: Sequence[Source], sources: int) -> str:
    """`Weir Gate stands out in hospital attendances only.`"""
    seen = "in every source" if len(seers) == sources > 1 else f"in {records_of(seers)}"
    only = " only" if len(seers) < sources else ""
    return f"{listed(place.name for place in places)} {are(len(places), 'stands', 'stand')} out {seen}{only}."


def _plainly(named: Sequence[Place]) -> str:
    first = named[:3]
    more = len(named) - len(first)
    rest = f"; {counted(more)} more {are(more, 'does', 'do')}" if more else ""
    count = counted(len(named))
    return first_that_fits([
        f"{listed(place.name for place in first)} {are(len(first), 'stands', 'stand')} out{rest}.",
        capital(f"{count} {are(len(named), 'place stands', 'places stand')} out."),
    ], [place.name for place in named])  # fmt: skip


def _seen_by_one(lone: Sequence[Place], named: int) -> str:
    first, more = lone[0], len(lone) - 1
    rest = f"; so {are(more, 'does', 'do')} {counted(more)} more in one source" if more else ""
    plain = (
        f"{counted(len(lone))} of {counted(named)} named places {are(len(lone), 'stands', 'stand')} out in one source"
    )
    return first_that_fits([
        f"{first.name} ({first.number}) stands out in {first.stands_out[0].records} only{rest}.",
        capital(f"{plain} only."),
    ], [first.name])  # fmt: skip


def _leader(places: Sequence[Place], source: Source) -> Place | None:
    """The place that may rank first and whose interval in a source lies wholly above every other named place's."""
    ranked = [place for place in places if place.ranks[source.dataset].low is not None]
    if len(ranked) < 2:
        return None
    first, *others = sorted(ranked, key=lambda place: place.ranks[source.dataset].high or 0.0)
    own = first.ranks[source.dataset]
    is_first = round(own.low or 0.0) == 1
    return first if is_first and all(told_apart(own, other.ranks[source.dataset]) for other in others) else None
