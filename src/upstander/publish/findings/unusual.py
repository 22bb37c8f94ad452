"""Which places are above what earlier years lead to expect, and what that may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from upstander.publish.facts import Facts
from upstander.publish.findings.common import are
from upstander.publish.model import EVERYWHERE, RiseReading
from upstander.publish.reading import Shown, cells_of
from upstander.publish.tokens import SOURCES, Source
from upstander.publish.words import counted, first_that_fits


@dataclass(frozen=True)
class Rise:
    """One place of one source in one week. `count`: records, low what was expected, high what chance rarely passes.

    `reading`: what speaks for violence and what for its recording, in a sentence; empty where it was not weighed.
    """

    source: Source
    area: str
    week: date
    count: Shown
    reading: str


def rises(facts: Facts) -> list[Rise]:
    """The newest week of each place and source that is named, the highest above its threshold first; whole sources
    come last.
    """
    by_source = {source.dataset: source for source in SOURCES}
    newest: dict[tuple[str, str], Rise] = {}
    for (dataset, area, week), cell in cells_of(facts.bulletin.tables.get("rises"), "source", "area", "week").items():
        reading = facts.bulletin.rise_readings.get((dataset, area, week), RiseReading(""))
        found = Rise(by_source[dataset], area, date.fromisoformat(week), cell, reading.words)
        if (dataset, area) not in newest or newest[dataset, area].week < found.week:
            newest[dataset, area] = found
    return sorted(newest.values(), key=lambda rise: (rise.area == EVERYWHERE, -_above(rise), rise.source.name))


def _above(rise: Rise) -> float:
    low, high = rise.count.low or 0.0, rise.count.high or 0.0
    return (rise.count.number - low) / (high - low) if high > low else 0.0


def judged(facts: Facts) -> dict[str, tuple[float, float]]:
    """Of each source: areas judged, and alarms that chance alone would raise before the control of false ones."""
    cells = cells_of(facts.bulletin.tables.get("judged"), "source", "what")
    sources = dict.fromkeys(source for source, _ in cells)
    return {source: (cells[source, "areas"].number, cells[source, "false"].number) for source in sources}


def finding(facts: Facts, found: Sequence[Rise], place: str) -> str:
    """The sentence above the table. place: what an area of this layer is called."""
    if not any(areas for areas, _ in judged(facts).values()):
        return f"Whether a {place} is unusual cannot be said: no source has two earlier years."
    areas = {rise.area for rise in found} - {EVERYWHERE}
    if not areas:
        return f"No {place} is above what its earlier years lead to expect."
    if len(areas) == 1:
        name = facts.bulletin.name_of(next(iter(areas)))
        return first_that_fits(
            [f"{name} is above what its earlier years lead to expect.", f"One {place} is above its earlier years."],
            [name],
        )
    number = counted(len(areas)).capitalize()
    return f"{number} {place}{are(len(areas), '', 's')} are above what their earlier years lead to expect."
