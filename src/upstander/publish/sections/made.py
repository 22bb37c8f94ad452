"""How this was made: definition, methods, caveats, rule, agreements, attributions."""

from upstander.publish.facts import Facts
from upstander.publish.sections.common import pooled_words, sentences
from upstander.publish.sheet import Section
from upstander.publish.words import day


def section(facts: Facts) -> Section:
    """The small print, in whole sentences."""
    bulletin = facts.bulletin
    deliveries = (f"{fact.supplier}: {fact.covers}, received {day(fact.received)}" for fact in bulletin.deliveries)
    parts = (
        ("Counted", sentences([bulletin.definition, f"Period: {pooled_words(bulletin)}"])),
        ("Deliveries", sentences(deliveries)),
        ("Methods", sentences(bulletin.made_by)),
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
