"""Unusual rises: places that are above what the same weeks of earlier years lead to expect."""

from upstander.publish.charts.marks import key
from upstander.publish.facts import Facts
from upstander.publish.findings import unusual
from upstander.publish.findings.unusual import Rise
from upstander.publish.reading import as_number, as_text
from upstander.publish.sections.common import caveats_of, layer_words, sentences
from upstander.publish.sheet import Cell, Column, RichTable, Section
from upstander.publish.words import short_day


def section(facts: Facts) -> Section:
    """One row a place and source that is named."""
    if "judged" not in facts.bulletin.tables:
        why = "It takes years of deliveries, and outlines of wards or districts, to say what is unusual."
        return Section(
            figure="unusual", finding="Unusual rises in one place cannot be told.", paragraphs=(("Why", why),)
        )
    place = layer_words(facts.bulletin.tables["judged"].about.area_layer)
    found = unusual.rises(facts)
    return Section(
        figure="unusual",
        finding=unusual.finding(facts, found, place),
        sub=f"Records at public places at all hours, by {place}, and all records everywhere: each of the last four "
        "whole weeks against the same weeks of up to five earlier years.",
        table=_table(facts, found) if found else None,
        note=f"{_chance(facts, place)} {caveats_of(facts, 'past_weeks')}".strip(),
    )


def _table(facts: Facts, found: list[Rise]) -> RichTable:
    columns = (
        Column("Place", share=1), Column("Source"), Column("Week from"), Column("Records", is_number=True),
        Column("Expected", is_number=True), Column("What it may be", share=3),
    )  # fmt: skip
    return RichTable(columns, tuple(_row(facts, rise, number) for number, rise in enumerate(found, 1)))


def _row(facts: Facts, rise: Rise, number: int) -> tuple[Cell, ...]:
    return (
        Cell(facts.bulletin.name_of(rise.area), is_strong=True),
        Cell(rise.source.name, (key(rise.source, f"unusual-key-{number}"),)),
        Cell(short_day(rise.week)),
        Cell(as_text(rise.count)),
        Cell(as_number(rise.count.low or 0.0)),
        Cell(rise.reading or "Not weighed against the other sources."),
    )


def _chance(facts: Facts, place: str) -> str:
    """How many were looked at, and how often chance alone would have spoken."""
    judged = unusual.judged(facts)
    areas = max((areas for areas, _ in judged.values()), default=0.0)
    false = sum(alarms for _, alarms in judged.values())
    short = [source for source, (known, _) in judged.items() if not known]
    times = f"about {as_number(false)} {'time' if as_number(false) == '1' else 'times'}"
    return sentences([
        f"Looked at: {as_number(areas)} {place}s in each source",
        f"Chance alone passes the threshold {times} in four such weeks; of those named one in twenty may be chance",
        "A rise is not a cause, and a source that is recorded differently rises too",
        *([f"{len(short)} of the sources have no two earlier years"] if short else []),
    ])  # fmt: skip
