"""What is unknown: deliveries late, places missing, times defaulted."""

from upstander.publish.charts.marks import key
from upstander.publish.charts.quality import known_bar
from upstander.publish.facts import Facts
from upstander.publish.findings import gaps
from upstander.publish.model import DeliveryFact
from upstander.publish.reading import as_number, as_text, cells_of
from upstander.publish.sections.common import LEFT_OUT, caveats_of
from upstander.publish.sheet import Cell, Column, Numbers, RichTable, Section
from upstander.publish.tokens import SOURCES, Source
from upstander.publish.words import capital, per_cent, short_day

_WHAT = (
    ("records", "Records"), ("located", "Place known"), ("located_in_part", "Place known in part"),
    ("not_located", "Place not known"), ("outside", "Outside the area"),
    *((what, f"{capital(words)}, not mapped") for what, words in LEFT_OUT),
    ("time_known", "Time known"), ("time_defaulted", "Time looks like a default"), ("time_unknown", "Time not known"),
)  # fmt: skip


def section(facts: Facts) -> Section:
    """One row a source."""
    columns = (
        Column("Source"), Column("Delivery", share=1), Column("Rows accepted", is_number=True),
        Column("Place known"), Column("Time known"), Column("So read it as", share=1.1),
    )  # fmt: skip
    rows = tuple(_row(facts, source) for source in SOURCES)
    note = "Bars: black known, hatched in part or a likely default time, white not known."
    return Section(
        figure="unknown", finding=gaps.finding(facts), sub="Deliveries, places and times, by source.",
        table=RichTable(columns, rows), note=f"{note} {caveats_of(facts, 'unknown')}".strip(), numbers=_numbers(facts),
    )  # fmt: skip


def _row(facts: Facts, source: Source) -> tuple[Cell, ...]:
    name = Cell(source.name, (key(source, f"unknown-key-{source.shape}"),), is_strong=True)
    if source not in facts.bulletin.present:
        return (
            name,
            Cell("Not received", is_strong=True),
            Cell("[x]"),
            Cell("[x]"),
            Cell("[x]"),
            Cell("Not in this bulletin"),
        )
    sent = [fact for fact in facts.bulletin.deliveries if fact.source == source.dataset]
    known = facts.known[source.dataset]
    has_hours = source.dataset not in facts.bulletin.window_refused
    return (
        name,
        Cell("; ".join(_delivery(fact) for fact in sent) or "Not said", is_strong=any(fact.late_days for fact in sent)),
        Cell(_accepted(sent)),
        _bar(f"place-{source.shape}", known.place, known.place_in_part, "in part"),
        _bar(f"time-{source.shape}", known.time, known.time_defaulted, "default"),
        Cell(gaps.read_it_as(known.place, known.time, has_hours=has_hours)),
    )


def _delivery(fact: DeliveryFact) -> str:
    when = short_day(fact.received)
    if fact.missing:
        days = f"{fact.late_days} {'day' if fact.late_days == 1 else 'days'}"
        late = f", {days} late" if fact.late_days else ""
        return f"{fact.missing} not received{late}"
    if fact.late_days:
        return f"{fact.late_days} {'day' if fact.late_days == 1 else 'days'} late, {when}"
    return f"On time, {when}" if fact.late_days == 0 else when


def _accepted(sent: list[DeliveryFact]) -> str:
    if not sent:
        return "[x]"
    accepted, rows = sum(fact.rows_accepted for fact in sent), sum(fact.rows_sent for fact in sent)
    return f"{as_number(accepted)} of {as_number(rows)}"


def _bar(name: str, known: float | None, part: float, part_words: str) -> Cell:
    if known is None:
        return Cell("not counted")
    words = per_cent(known) + (f", {per_cent(part)} {part_words}" if part > 0 else "")
    return Cell(words, (known_bar(f"known-{name}", known, part, f"Known: {words}"),))


def _numbers(facts: Facts) -> tuple[Numbers, ...]:
    cells = cells_of(facts.bulletin.tables.get("unknown"), "source", "what")
    if not cells:
        return ()
    sources = facts.bulletin.present
    rows = tuple(
        (words, *(as_text(found) if (found := cells.get((source.dataset, what))) else "[z]" for source in sources))
        for what, words in _WHAT
    )
    return (Numbers("What is known of the records", ("", *(source.name for source in sources)), rows),)
