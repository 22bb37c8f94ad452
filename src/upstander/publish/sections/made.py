"""How this was made: definition, methods, caveats, rule, agreements, attributions."""

from collections.abc import Iterator

from upstander.publish.facts import Facts
from upstander.publish.findings.coming import how_late
from upstander.publish.reading import cells_of
from upstander.publish.sections.common import pooled_words, sentences
from upstander.publish.sheet import Section
from upstander.publish.words import day, per_cent

_TRIED = ("named", "caught", "at_random", "at_best")


def section(facts: Facts) -> Section:
    """The small print, in whole sentences."""
    bulletin = facts.bulletin
    deliveries = (f"{fact.supplier}: {fact.covers}, received {day(fact.received)}" for fact in bulletin.deliveries)
    parts = (
        ("Counted", sentences([bulletin.definition, f"Period: {pooled_words(bulletin)}"])),
        ("Deliveries", sentences(deliveries)),
        ("Methods", sentences(bulletin.made_by)),
        ("How late records come", sentences(how_late(facts))),
        ("Ranking tried", sentences(_tried(facts))),
        ("Take care", sentences(bulletin.caveats)),
        ("Small numbers", sentences([bulletin.rule_words])),
        ("Agreements", sentences(bulletin.agreements)),
        ("Maps", sentences(bulletin.attributions)),
        ("Made on", f"{day(bulletin.made_on)}."),
        (
            "Signs",
            "0 none recorded. * withheld. [x] not received. [z] does not apply. [u] too uncertain: read as a range.",
        ),
    )
    return Section(
        figure="made", finding="How this was made", paragraphs=tuple((lead, text) for lead, text in parts if text)
    )


def _tried(facts: Facts) -> Iterator[str]:
    """What the busiest places of the earlier months would have caught of the last three, a sentence a source."""
    cells = cells_of(facts.bulletin.tables.get("tried"), "source", "what")
    for source in facts.bulletin.present:
        told = {what: cells[source.dataset, what] for what in _TRIED if (source.dataset, what) in cells}
        if len(told) < len(_TRIED):
            continue
        caught, at_random, at_best = (per_cent(told[what].number) for what in _TRIED[1:])
        named = f"{told['named'].number:.0f} busiest places of the months before"
        yield (
            f"The {named} held {caught} of the last three months' {source.records}; as many at random would hold "
            f"{at_random}, the best choice {at_best}"
        )
