"""The injury-surveillance bulletin: from released tables to an accessible PDF and one self-contained web page."""

from dataclasses import dataclass, replace
from pathlib import Path

from upstander.contracts.releasing import Edition
from upstander.publish.charts.marks import standing_figure
from upstander.publish.facts import Facts, facts_of
from upstander.publish.findings.change import what_changed
from upstander.publish.findings.gaps import not_known, received_to
from upstander.publish.findings.headline import headline
from upstander.publish.findings.place import where as where_words
from upstander.publish.findings.time import when as when_words
from upstander.publish.html import page
from upstander.publish.model import Action, Bulletin, DeliveryFact, PlaceLabel
from upstander.publish.pdf import document
from upstander.publish.sections import (
    ahead,
    alone,
    harm,
    last_time,
    made,
    ranked,
    rising,
    unknown,
    unusual,
    when,
    where,
)
from upstander.publish.sheet import Section, Sheet
from upstander.publish.tokens import PRINT, SCREEN, Medium
from upstander.publish.words import day, listed, unbroken
from upstander.values.durable import write_whole

__all__ = ["Action", "Bulletin", "DeliveryFact", "PlaceLabel", "Written", "sheet", "write"]


@dataclass(frozen=True)
class Written:
    """Where the two renderings lie."""

    pdf: Path
    html: Path


def write(bulletin: Bulletin, folder: Path) -> Written:
    """Write `bulletin.pdf` (PDF/UA-1) and `bulletin.html` into a folder, each whole or not at all.

    The same bulletin gives the same bytes. Raises FontsMissing where set-up was not run.
    """
    facts = facts_of(bulletin)
    written = Written(folder / "bulletin.pdf", folder / "bulletin.html")
    write_whole(written.pdf, document(sheet(facts, PRINT), bulletin.made_on))
    write_whole(written.html, page(sheet(facts, SCREEN)))
    return written


def sheet(facts: Facts, medium: Medium) -> Sheet:
    """The bulletin laid out for one medium."""
    bulletin, behind = facts.bulletin, received_to(facts)
    kind = "Operational" if bulletin.edition is Edition.OPERATIONAL else "Shareable"
    return Sheet(
        title=bulletin.title,
        network=bulletin.network,
        label=bulletin.issue_label,
        handling=bulletin.handling,
        edition=f"{kind} edition, number {bulletin.number}, for {bulletin.recipients}",
        expires=f"Destroy by {day(bulletin.expires)}",
        headline=unbroken(headline(facts), facts.names),
        brief=(
            ("What changed", what_changed(facts)),
            ("Where", where_words(facts)),
            ("When", when_words(facts)),
        ),
        not_known=not_known(facts),
        mark=standing_figure("mark"),
        first=(_noted(where.section(facts, medium), behind), _noted(rising.section(facts, medium), behind)),
        second=(_noted(when.section(facts, medium), behind), _noted(ranked.section(facts, medium), behind)),
        detail=(
            _noted(unusual.section(facts), behind),
            _noted(ahead.section(facts, medium), behind),
            _noted(harm.section(facts), behind),
            *(_noted(one, behind) for one in alone.sections(facts)),
            _noted(last_time.section(facts), behind),
            _noted(unknown.section(facts), behind),
            made.section(facts),
        ),
        footer=f"{bulletin.rule_words.rstrip('.')}. By agreement {listed(bulletin.agreements)}.",
    )


def _noted(section: Section, behind: str) -> Section:
    """A figure whose note says first up to which day a source that is behind the others has been received."""
    has_figure = section.panels or section.table
    return replace(section, note=f"{behind} {section.note}".strip()) if behind and has_figure else section
