"""What one agency alone would miss: of each source's records, the share that is in no record of another."""

from upstander.publish.charts.marks import key
from upstander.publish.facts import Facts, Missed
from upstander.publish.findings import alone
from upstander.publish.sections.common import caveats_of
from upstander.publish.sheet import Cell, Column, RichTable, Section
from upstander.publish.tokens import Source


def sections(facts: Facts) -> tuple[Section, ...]:
    """One section where two sources or more were compared, none otherwise."""
    if not facts.missed:
        return ()
    compared = tuple(source for source in facts.bulletin.present if _is_in(facts, source))
    columns = (Column("Records of"), *(Column(f"Not in {source.records}", share=1) for source in compared))
    note = (
        "Each band runs from the lowest to the highest share over rules of what counts as the same event: the same "
        "small area or within 250 to 1,000 metres, and from an hour to a day. Matches by chance, seen by moving one "
        "source by whole weeks, are taken out. Its lower end allows for one in five real links that no rule finds, and "
        "for records without a time or a place. No person was looked for."
    )
    return (
        Section(
            figure="alone",
            finding=alone.finding(facts),
            sub="What one agency alone would miss: shares of each source's records, as bands.",
            table=RichTable(columns, tuple(_row(facts, source, compared) for source in compared)),
            note=f"{note} {caveats_of(facts, 'alone')}".strip(),
        ),
    )


def _is_in(facts: Facts, source: Source) -> bool:
    return any(source in (one.source, one.by) for one in facts.missed)


def _row(facts: Facts, source: Source, compared: tuple[Source, ...]) -> tuple[Cell, ...]:
    bands = {one.by: one for one in facts.missed if one.source == source}
    name = Cell(source.name, (key(source, f"alone-key-{source.shape}"),), is_strong=True)
    return (name, *(_cell(source, other, bands) for other in compared))


def _cell(source: Source, other: Source, bands: dict[Source, Missed]) -> Cell:
    if source == other:
        return Cell("[z]")
    return Cell(alone.band_words(bands[other]) if other in bands else "[x]")
