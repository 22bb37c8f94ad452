"""The sentences of the bulletin, each by rule from the released numbers and their uncertainty.

A sentence is offered only while it holds; its test changes the numbers and expects the sentence to go.
"""

from collections.abc import Callable, Sequence

from upstander.publish.facts import Change, Facts, Peak, Trend
from upstander.publish.reading import as_number
from upstander.publish.standing import Place, told_apart
from upstander.publish.tokens import Source
from upstander.publish.windows import clock, day_words, window
from upstander.publish.words import capital, counted, first_that_fits, listed, per_cent, short_day

_MOSTLY, _NEARLY = 0.9, 0.95


def headline(facts: Facts) -> str:
    """What changed and where, in one breath."""
    moved, named = _movement(facts.trends), leading(facts)
    names = listed(place.name for place in named)
    verb = "stands out" if len(named) == 1 else "stand out"
    places = f"{counted(len(named))} {'place' if len(named) == 1 else 'places'}"
    if not named:
        where = ["no place stands out"]
    else:
        where = [f"{names} {verb}", f"{places} {verb}"]
    return first_that_fits([capital(f"{moved}. {capital(part)}." if moved else f"{part}.") for part in where])


def leading(facts: Facts) -> tuple[Place, ...]:
    """The first three named places that stand out in a source."""
    return tuple(place for place in facts.places if place.stands_out)[:3]


def what_changed(facts: Facts) -> tuple[str, ...]:
    """Signals first, then noise, then what cannot be said."""
    known = [trend for trend in facts.trends if trend.is_known]
    said = [
        f"Signal: {_records(group)} are {'above' if is_higher else 'below'} their usual range."
        for is_higher in (True, False)
        if (group := [trend.source for trend in known if trend.now is is_higher])
    ]
    noise = [trend.source for trend in known if trend.now is None]
    if noise:
        said.append(f"Noise: {_records(noise)} cannot be told apart from usual.")
    silent = [trend.source for trend in facts.trends if not trend.is_known]
    if silent:
        said.append(f"{capital(_records(silent))}: no usual range, so no change can be read.")
    return tuple(said)


def where(facts: Facts) -> tuple[str, ...]:
    """The first three places, in whose records, and whether their order means anything."""
    named = leading(facts)
    if not named:
        return ("No place stands out once chance is allowed for.",)
    shared = [source for source in facts.bulletin.present if all(source in place.stands_out for place in named)]
    seen = f"in {_records(shared)}" if shared else "each in at least one source"
    if len(shared) == len(facts.bulletin.present) > 1:
        seen = "in every source"
    verb = "stands" if len(named) == 1 else "stand"
    said = [f"{listed(place.name for place in named)} {verb} out {seen}."]
    if len(named) > 1 and not any(_leader(named, source) for source in facts.bulletin.present):
        said.append("Their order cannot be told apart.")
    return tuple(said)


def when(facts: Facts) -> tuple[str, ...]:
    """The busiest nights and hours of each source, and whether the window holds them."""
    peaks = [(source, facts.peaks[source.dataset]) for source in facts.bulletin.present]
    found = [(source, peak) for source, peak in peaks if peak is not None]
    if not found:
        return ("No hours stand out, or too few have a number to say.",)
    groups: dict[Peak, list[Source]] = {}
    for source, peak in found:
        groups.setdefault(peak, []).append(source)
    one = len(groups) == 1 and len(found) == len(facts.bulletin.present) > 1
    said = [
        f"{'Every source' if one else listed(source.name for source in group)}: {peak_words(peak)}."
        for peak, group in groups.items()
    ]
    return (*said, *_window_end(facts, found))


def peak_words(peak: Peak) -> str:
    """`Fridays and Saturdays, 22:00 to 03:00`."""
    start, end = peak.clock
    return f"{day_words(peak.nights)}, {clock(start)} to {clock(end)}"


def not_known(facts: Facts) -> str:
    """What is missing: places, times, deliveries. One run of short clauses."""
    parts = []
    places = [share_words(source, 1 - known.place) for source, known in _knowns(facts) if known.place is not None]
    if places:
        parts.append(f"the place of {listed(places)}")
    times = [share_words(source, 1 - known.time) for source, known in _knowns(facts) if known.time is not None]
    if times:
        parts.append(f"the time of {listed(times)}")
    late = [
        f"{_source(facts, fact.source)} by {fact.late_days} {'day' if fact.late_days == 1 else 'days'}"
        for fact in facts.bulletin.deliveries
        if fact.late_days
    ]
    said = f"{capital('; '.join(parts))}." if parts else "What is missing was not counted for this bulletin."
    return f"{said} Late: {listed(late)}." if late else said


def maps(facts: Facts) -> str:
    """Which places only some sources see."""
    named = [place for place in facts.places if place.stands_out]
    every = len(facts.bulletin.present)
    if not named:
        return "No place stands out once chance is allowed for."
    lone = [place for place in named if len(place.stands_out) == 1]
    if every == 1:
        plain = f"{counted(len(named))} {'place stands' if len(named) == 1 else 'places stand'} out."
        return first_that_fits([f"{_names(named[:3])} stand out." if len(named) > 2 else plain, capital(plain)])
    if lone:
        seen = lone[0].stands_out[0].records
        rest = "" if len(lone) == 1 else f"; so do {counted(len(lone) - 1)} more in one source"
        plain = f"{counted(len(lone))} of {counted(len(named))} named places stand out in one source only."
        return first_that_fits([f"{_names(lone[:1])} stands out in {seen} only{rest}.", capital(plain)])
    if all(len(place.stands_out) == every for place in named):
        return "The same places stand out in every source."
    return "Every named place stands out in at least two sources, but not always the same two."


def weeks(facts: Facts) -> str:
    """Signal or noise."""
    known = [trend for trend in facts.trends if trend.is_known]
    if not known:
        return "No usual range was released, so signal and noise cannot be told apart."
    up = [trend.source for trend in known if trend.now is True]
    down = [trend.source for trend in known if trend.now is False]
    rest = "; the rest is noise" if len(up) + len(down) < len(known) else ""
    if up and down:
        return first_that_fits([f"{capital(_records(up))} are up, {_records(down)} down: both are signals{rest}.",
                                "Some sources are up and some down: both are signals."])  # fmt: skip
    if up or down:
        words = "rise" if up else "fall"
        both = up or down
        verb = f"The {words} in {_records(both)} is a signal" if len(both) == 1 else f"The {words}s in {_records(both)} are signals"
        return first_that_fits([f"{verb}{rest}.", f"A {words} is a signal{rest}."])
    return "No source shows a signal: the ups and downs are noise."


def week_words(trend: Trend) -> str:
    """What stands under one source's weeks."""
    latest, usual = trend.latest, trend.weeks.usual
    if latest is None:
        return f"No weekly numbers of {trend.source.records} were released."
    day, cell = latest
    if usual is None or not usual.has_number:
        return f"The week of {short_day(day)}: {as_number(cell.number)}. There is no usual range to compare with."
    span = f"{as_number(max(round(usual.low or 0), 0))} to {as_number(round(usual.high or 0))}"
    if trend.now is None:
        inside = max(usual.low or 0, 0) <= cell.number <= (usual.high or 0)
        place = f"is inside the usual range of {span}" if inside else f"is outside the usual {span}, with no rule fired"
        return f"The week of {short_day(day)}, {as_number(cell.number)}, {place}."
    fired = sorted(week for week, is_higher in trend.weeks.signals.items() if is_higher is trend.now and week in trend.weeks.days)
    side = "higher" if trend.now else "lower"
    weeks_said = f"{counted(len(fired))} {'week is' if len(fired) == 1 else 'weeks are'} {side} than chance allows"
    return capital(f"{weeks_said}, the last that of {short_day(fired[-1])}. Usual: {span}.")


def hours(facts: Facts) -> str:
    """The busiest time, if the sources agree on one."""
    found = {source: facts.peaks[source.dataset] for source in facts.bulletin.present}
    peaks = [peak for peak in found.values() if peak is not None]
    if not peaks:
        return "No hours stand out from an even spread."
    if len(set(peaks)) == 1:
        return first_that_fits([f"{capital(day_words(peaks[0].nights))} peak from {_span(peaks[0])}.",
                                "The sources peak at the same hours."])  # fmt: skip
    if len({peak.nights for peak in peaks}) == 1:
        latest = max((source for source, peak in found.items() if peak), key=lambda source: found[source].end)  # type: ignore[union-attr]
        return first_that_fits([f"{capital(day_words(peaks[0].nights))} are busiest; {latest.records} peak latest.",
                                "The sources share their busiest nights, not their hours."])  # fmt: skip
    return "The sources peak on different nights."


def ranks(facts: Facts) -> str:
    """Whether any place leads."""
    top = facts.places[:3]
    if len(top) < 2 or "ranks" not in facts.bulletin.tables:
        return "There are too few ranked places to compare."
    leaders = {source: _leader(facts.places, source) for source in facts.bulletin.present}
    found = {source: place for source, place in leaders.items() if place is not None}
    if not found:
        return "No one place leads: the first cannot be told apart."
    names = {place.name for place in found.values()}
    if len(names) == 1 and len(found) == len(leaders):
        return first_that_fits([f"{names.pop()} leads in every source.", "One place leads in every source."])
    source, place = next(iter(found.items()))
    return first_that_fits([
        f"{place.name} leads in {source.records}; elsewhere the first cannot be told apart."
        if len(found) == 1 else f"{place.name} leads in {source.records}; the sources differ.",
        "A place leads in some sources; in others the first cannot be told apart.",
    ])  # fmt: skip


def quality(facts: Facts) -> str:
    """The worst of what is unknown."""
    places = [(1 - known.place, source) for source, known in _knowns(facts) if known.place is not None]
    times = [(1 - known.time, source) for source, known in _knowns(facts) if known.time is not None]
    late = max(facts.bulletin.deliveries, key=lambda fact: fact.late_days or 0, default=None)
    worst_place = max(places, key=lambda entry: entry[0], default=None)
    worst_time = max(times, key=lambda entry: entry[0], default=None)
    if worst_place and worst_place[0] > 1 - _MOSTLY:
        return f"{capital(per_cent(worst_place[0]))} of {worst_place[1].records} have no known place."
    if worst_time and worst_time[0] > 1 - _MOSTLY:
        return f"{capital(per_cent(worst_time[0]))} of {worst_time[1].records} have no known time."
    if late and late.late_days:
        return f"{capital(_source(facts, late.source))} records came {late.late_days} days late."
    shares = [share for share, _ in (*places, *times)]
    if not shares:
        return "What is missing was not counted for this bulletin."
    return f"Places and times are known for {'nearly all' if max(shares) <= 1 - _NEARLY else 'most'} records."


def read_it_as(place: float | None, time: float | None, *, has_hours: bool) -> str:
    """What a source is good for, given how much of it is known."""
    if place is None or time is None:
        return "Not counted: read with care"
    if not has_hours:
        return "Use for where; it has no hours"
    if place >= _MOSTLY:
        return "Good for maps and hours" if time >= _MOSTLY else "Good for maps; hours are partial"
    return "Good for hours; maps are partial" if time >= _MOSTLY else "Read both with care"


def actions(facts: Facts) -> str:
    """What can be told of the last meeting's actions."""
    if not facts.bulletin.actions:
        return "No actions of the last meeting were given."
    by_area = list(zip(facts.bulletin.actions, facts.changes, strict=True))
    for is_lower, side in ((True, "lower"), (False, "higher")):
        moved = [(action, change) for action, changes in by_area for change in changes if change.is_lower is is_lower]
        if moved:
            action, change = moved[0]
            return first_that_fits([
                f"{capital(change.source.records)} at {facts.bulletin.name_of(action.area)} are {side} since; why is not shown.",
                f"At one place {change.source.records} are {side} since; why is not shown.",
            ])  # fmt: skip
    if not any(facts.changes):
        return "What has changed since the actions was not counted."
    return "No change since the last actions can be told apart from chance."


def change_words(change: Change) -> str:
    """One source's reading of one action's area."""
    if not (change.before.has_number and change.since.has_number):
        return "not enough to say"
    return {True: "lower", False: "higher", None: "cannot be told apart"}[change.is_lower]


def _movement(trends: Sequence[Trend]) -> str:
    known = [trend for trend in trends if trend.is_known]
    up = [trend.source for trend in known if trend.now is True]
    down = [trend.source for trend in known if trend.now is False]
    parts = [f"{_records(up)} are up"] if up else []
    parts += [f"{_records(down)} are down"] if down else []
    if parts:
        return " and ".join(parts)
    return "no source has changed" if known else ""


def _leader(places: Sequence[Place], source: Source) -> Place | None:
    """The place whose rank interval in a source lies wholly above every other named place's."""
    ranked = [place for place in places if place.ranks[source.dataset].low is not None]
    if len(ranked) < 2:
        return None
    by_rank: Callable[[Place], float] = lambda place: place.ranks[source.dataset].high or 0.0  # noqa: E731
    first, *others = sorted(ranked, key=by_rank)
    is_apart = all(told_apart(first.ranks[source.dataset], other.ranks[source.dataset]) for other in others)
    return first if is_apart else None


def _window_end(facts: Facts, found: Sequence[tuple[Source, Peak]]) -> tuple[str, ...]:
    """Said when the window closes before a source's peak does."""
    if facts.bulletin.window is None:
        return ()
    chosen = window(facts.bulletin.window)
    close = (chosen.start - 6) % 24 + chosen.hours
    after = [source.name.lower() for source, peak in found if set(peak.nights) & set(chosen.days) and peak.end > close]
    return (f"The window closes before the {listed(after)} {'peak does' if len(after) == 1 else 'peaks do'}.",) if after else ()


def _records(sources: Sequence[Source]) -> str:
    return listed(source.records for source in sources)


def _names(places: Sequence[Place]) -> str:
    return listed(f"{place.name} ({place.number})" if len(places) == 1 else place.name for place in places)


def _knowns(facts: Facts):  # type: ignore[no-untyped-def]
    return [(source, facts.known[source.dataset]) for source in facts.bulletin.present]


def share_words(source: Source, share: float) -> str:
    """`29% of hospital attendances`."""
    return f"{per_cent(share)} of {source.records}"


def _source(facts: Facts, dataset: str) -> str:
    return next((source.name.lower() for source in facts.bulletin.present if source.dataset == dataset), dataset)


def _span(peak: Peak) -> str:
    start, end = peak.clock
    return f"{clock(start)} to {clock(end)}"
