"""Which of the newest weeks are still coming in, and how far they are."""

from collections.abc import Iterator
from datetime import date

from upstander.publish.facts import Facts
from upstander.publish.model import ComingIn
from upstander.publish.reading import cells_of
from upstander.publish.tokens import Source
from upstander.publish.words import capital, day, listed, per_cent, short_day


def still_coming(facts: Facts) -> str:
    """`police records from 20 July 2026 (84% of the newest week)`, a source after the other; empty where none is."""
    said = [
        f"{source.records} from {day(one.since)}{_so_far(facts, source)}" for source, one in _each(facts) if one.since
    ]
    return listed(said)


def how_late(facts: Facts) -> Iterator[str]:
    """One sentence a source: how complete its newest weeks are, or that this is withheld and why."""
    for source, one in _each(facts):
        name = f"{capital(source.records)}, read up to {day(one.read_on)}"
        if one.since:
            share = _so_far(facts, source)
            yield f"{name}: weeks from {day(one.since)} are still coming in{share}: they are hollow and not judged"
        elif one.is_known:
            yield f"{name}: the newest whole week has at least 95% of its records"
        elif one.no_fall_since:
            yield (
                f"{name}: how late they come is withheld, since no week was read twice. Earlier weeks had longer to "
                f"fill up, so no fall is told from {day(one.no_fall_since)} on"
            )
        else:
            yield (
                f"{name}: how late they come is withheld, since no week was read twice. Each was read about as soon "
                "after its end, so late records are missing from all alike"
            )


def _so_far(facts: Facts, source: Source) -> str:
    weeks = {
        date.fromisoformat(week): cell
        for (dataset, week), cell in cells_of(facts.bulletin.tables.get("coming_in"), "source", "week").items()
        if dataset == source.dataset
    }
    if not weeks:
        return ""
    newest = max(weeks)
    return f" (that of {short_day(newest)} has about {per_cent(weeks[newest].number)} of its records)"


def _each(facts: Facts) -> Iterator[tuple[Source, ComingIn]]:
    told = facts.bulletin.coming_in
    return ((source, told[source.dataset]) for source in facts.bulletin.present if source.dataset in told)
