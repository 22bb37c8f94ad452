"""When: the busiest nights and hours of each source, and whether the window holds them."""

from collections.abc import Sequence

from upstander.publish.charts.hours import FIRST_HOUR
from upstander.publish.facts import Facts, Peak
from upstander.publish.findings.common import are, records_of
from upstander.publish.tokens import Source
from upstander.publish.windows import clock, day_words, window
from upstander.publish.words import capital, first_that_fits, listed
from upstander.values.windows import DAY_NAMES

_FAR_APART = 2  # hours between the middles of two peaks before one is said to be later


def when(facts: Facts) -> tuple[str, ...]:
    """Nights and hours, sources with the same nights together, then what the window misses."""
    found = _found(facts)
    if not found:
        return ("No hours stand out, or too few have a number to say.",)
    by_nights: dict[tuple[int, ...], dict[str, list[str]]] = {}
    for source, peak in found:
        by_nights.setdefault(peak.nights, {}).setdefault(_span(peak), []).append(source.name.lower())
    said = [
        f"{capital(day_words(nights))}: {', '.join(f'{listed(names)} {span}' for span, names in spans.items())}."
        for nights, spans in by_nights.items()
    ]
    silent = [source.name.lower() for source in facts.bulletin.present if facts.peaks[source.dataset] is None]
    if silent:
        said.append(f"{capital(listed(silent))}: no hours stand out, or too few have a number.")
    return (*said, *_window_end(facts, found))


def finding(facts: Facts) -> str:
    """The sentence above the hours. Less than two hours' difference is not called one."""
    found = _found(facts)
    if not found:
        return "No hours stand out from an even spread, or too few have a number."
    nights = {each.nights for _, each in found}
    if len(nights) > 1:
        return "The sources peak on different nights."
    days, sources = capital(day_words(found[0][1].nights)), [source for source, _ in found]
    is_daily = len(found[0][1].nights) == len(DAY_NAMES)
    peak, busy = ("Every day peaks", "No day stands out") if is_daily else (f"{days} peak", f"{days} are busiest")
    seen = "" if len(found) == len(facts.bulletin.present) else f" in {records_of(sources)}"
    if len({each for _, each in found}) == 1:
        return first_that_fits([f"{peak}{seen} from {_span(found[0][1])}.", f"{peak} at the same hours."])
    spread = f"{busy}{seen} between {clock(min(each.start for _, each in found) + FIRST_HOUR)}"
    spread += f" and {clock(max(each.end for _, each in found) + FIRST_HOUR)}"
    *before, (last, source) = sorted(((each.middle, source) for source, each in found), key=lambda entry: entry[0])
    latest = f"; {source.records} peak latest" if last - before[-1][0] >= _FAR_APART else ""
    return first_that_fits([f"{spread}{latest}.", f"{spread}.", f"{busy}."])


def peak_words(peak: Peak) -> str:
    """`Fridays and Saturdays, 22:00 to 03:00`."""
    return f"{day_words(peak.nights)}, {_span(peak)}"


def _found(facts: Facts) -> list[tuple[Source, Peak]]:
    peaks = [(source, facts.peaks[source.dataset]) for source in facts.bulletin.present]
    return [(source, peak) for source, peak in peaks if peak is not None]


def _window_end(facts: Facts, found: Sequence[tuple[Source, Peak]]) -> tuple[str, ...]:
    """Said when the window closes before a source's peak does."""
    if facts.bulletin.window is None:
        return ()
    chosen = window(facts.bulletin.window)
    close = (chosen.start - 6) % 24 + chosen.hours
    after = [source.name.lower() for source, peak in found if set(peak.nights) & set(chosen.days) and peak.end > close]
    if not after:
        return ()
    return (f"The window closes before the {listed(after)} {are(len(after), 'peak does', 'peaks do')}.",)


def _span(peak: Peak) -> str:
    start, end = peak.clock
    return f"{clock(start)} to {clock(end)}"
