"""When: day by hour, one heat map a source, never pooled."""

from upstander.publish.charts.hours import Night, day_hour
from upstander.publish.charts.keys import count_key
from upstander.publish.charts.marks import key
from upstander.publish.classes import Ladder, ladder
from upstander.publish.facts import Facts, night_cells
from upstander.publish.findings import time
from upstander.publish.reading import ABSENT, Shown, as_text
from upstander.publish.sections.common import absent_panel, caveats_of, pooled_words, sentences
from upstander.publish.sheet import Numbers, Panel, Section
from upstander.publish.tokens import SOURCES, Medium, Source
from upstander.publish.windows import Window, window
from upstander.values.windows import DAY_NAMES


def section(facts: Facts, medium: Medium) -> Section:
    """The heat maps, on one scale, with the window outlined."""
    table = facts.bulletin.tables.get("hours")
    cells = {source: night_cells(table, source.dataset) for source in facts.bulletin.present}
    cells = {source: found for source, found in cells.items() if found}
    if table is None or not cells:
        why = sentences(facts.bulletin.window_refused.values()) or "No counts by hour were released for this bulletin."
        return Section(figure="when", finding="Which hours cannot be said.", paragraphs=(("Why", why),))
    every = [cell for found in cells.values() for cell in found.values()]
    steps = ladder(every, table.about.rules)
    chosen = window(facts.bulletin.window) if facts.bulletin.window else None
    medium = medium.for_pictures(len(cells))
    panels = tuple(
        _panel(facts, source, cells[source], steps, chosen, medium) if source in cells
        else absent_panel("when", source, facts.bulletin.window_refused.get(source.dataset, ""))
        for source in SOURCES
    )  # fmt: skip
    outlined = f" Outlined: {chosen.words}." if chosen else ""
    drawn = f"Records by night and hour, {pooled_words(facts.bulletin)}."
    sub = f"{drawn} Rows run 06:00 to 06:00. Dotted: midnight.{outlined}"
    return Section(
        figure="when", finding=time.finding(facts), sub=sub,
        key_title=f"Recorded in {facts.bulletin.months_pooled} months",
        key=count_key("hours", every, steps, medium.small * 1.25), panels=panels, note=caveats_of(facts, "hours"),
        numbers=tuple(_numbers(source, found) for source, found in cells.items()),
    )  # fmt: skip


def _panel(
    facts: Facts, source: Source, cells: dict[Night, Shown], steps: Ladder, chosen: Window | None, medium: Medium
) -> Panel:
    peak = facts.peaks[source.dataset]
    words = f"Busiest: {time.peak_words(peak)}." if peak else "No hours stand out, or too few have a number."
    picture = day_hour(
        f"hours-{source.shape}", cells, steps, chosen, medium, f"{source.name} by night and hour. {words}"
    )
    return Panel(key(source, f"hours-key-{source.shape}"), source.name, drawing=picture, words=words)


def _numbers(source: Source, cells: dict[Night, Shown]) -> Numbers:
    hours = tuple(f"{(6 + hour) % 24:02d}" for hour in range(24))
    rows = tuple(
        (DAY_NAMES[night][:3], *(as_text(cells.get((night, hour), ABSENT)) for hour in range(24))) for night in range(7)
    )
    return Numbers(f"{source.name}: records by night and hour", ("Night", *hours), rows, is_wide=True)
