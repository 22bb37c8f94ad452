"""What is not known: places, times, deliveries."""

from collections.abc import Sequence

from upstander.publish.facts import Facts
from upstander.publish.findings.coming import still_coming
from upstander.publish.findings.common import are
from upstander.publish.tokens import SOURCES, Source
from upstander.publish.words import capital, day, listed, per_cent

_MOSTLY, _NEARLY = 0.9, 0.95
_NOT_COUNTED = "What is missing was not counted for this bulletin."


def not_known(facts: Facts) -> str:
    """One run of short clauses for the brief, the worst first."""
    places, times = unknown_shares(_places(facts)), unknown_shares(_times(facts))
    parts = [
        part for part in (f"the place of {places}" if places else "", f"the time of {times}" if times else "") if part
    ]
    is_counted = any(share is not None for _, share in (*_places(facts), *_times(facts)))
    is_withheld = any(facts.known[source.dataset].is_withheld for source in facts.bulletin.present)
    few = "Few places and times are missing; how many is withheld."
    every = (few if is_withheld else "No place and no time is missing.") if is_counted else _NOT_COUNTED
    said = f"{capital('; '.join(parts))}." if parts else every
    late = [
        f"{_source(fact.source)} by {fact.late_days} {are(fact.late_days, 'day', 'days')}"
        for fact in facts.bulletin.deliveries
        if fact.late_days
    ]
    coming = still_coming(facts)
    said = f"{said} Late: {listed(late)}." if late else said
    return f"{said} Still coming in: {coming}." if coming else said


def received_to(facts: Facts) -> str:
    """Up to which day each source that is behind the others has been received; nothing where none is.

    Days after the bulletin's period do not count: nobody is behind for them.
    """
    last = facts.bulletin.period.last_day
    days = {
        source: min(max(told), last)
        for source in facts.bulletin.present
        if (told := [one.received_to for one in facts.bulletin.deliveries
                     if one.source == source.dataset and one.received_to is not None])
    }  # fmt: skip
    newest = max(days.values(), default=last)
    behind = [f"{source.name} to {day(upto)} only" for source, upto in days.items() if upto < newest]
    others = "" if len(behind) == len(days) else f"; the others to {day(newest)}"
    return f"Received: {listed(behind)}{others}." if behind else ""


def finding(facts: Facts) -> str:
    """The worst of what is unknown, as the sentence above the data-quality rows."""
    for what, known in (("place", _places(facts)), ("time", _times(facts))):
        worst = max(((1 - share, source) for source, share in known if share is not None), key=lambda entry: entry[0],
                    default=None)  # fmt: skip
        if worst and worst[0] > 1 - _MOSTLY:
            return f"{capital(per_cent(worst[0]))} of {worst[1].records} have no known {what}."
    late = max(facts.bulletin.deliveries, key=lambda fact: fact.late_days or 0, default=None)
    if late and late.late_days:
        days = are(late.late_days, "day", "days")
        return f"{capital(_source(late.source))} records came {late.late_days} {days} late."
    shares = [share for _, share in (*_places(facts), *_times(facts)) if share is not None]
    if not shares:
        return _NOT_COUNTED
    return f"Places and times are known for {'nearly all' if min(shares) >= _NEARLY else 'most'} records."


def read_it_as(place: float | None, time: float | None, *, has_hours: bool) -> str:
    """What a source is good for, given how much of it is known."""
    if place is None or (time is None and has_hours):
        return "Not counted: read with care"
    if not has_hours:
        return "No hours; good for where" if place >= _MOSTLY else "No hours; where is partial"
    if place >= _MOSTLY:
        return "Good for maps and hours" if (time or 0) >= _MOSTLY else "Good for maps; hours are partial"
    return "Good for hours; maps are partial" if (time or 0) >= _MOSTLY else "Read both with care"


def unknown_shares(known: Sequence[tuple[Source, float | None]]) -> str:
    """`29% of hospital attendances and 3% of police records`, worst first; empty where all is known or none counted."""
    shares = [(1 - share, source) for source, share in known if share is not None and share < 1]
    shares.sort(key=lambda entry: -entry[0])
    return listed(f"{per_cent(share)} of {source.records}" for share, source in shares)


def _places(facts: Facts) -> list[tuple[Source, float | None]]:
    return [(source, facts.known[source.dataset].place) for source in facts.bulletin.present]


def _times(facts: Facts) -> list[tuple[Source, float | None]]:
    return [(source, facts.known[source.dataset].time) for source in facts.bulletin.present]


def _source(dataset: str) -> str:
    return next((source.name.lower() for source in SOURCES if source.dataset == dataset), dataset)
