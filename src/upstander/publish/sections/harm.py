"""Harm beside counts: what police recorded in this period and in the one before it, counted and weighed."""

from upstander.publish.facts import Facts, told_apart
from upstander.publish.findings import harm as findings
from upstander.publish.model import EVERYWHERE
from upstander.publish.reading import Shown, as_text
from upstander.publish.sections.common import caveats_of
from upstander.publish.sheet import Cell, Column, RichTable, Section


def section(facts: Facts) -> Section:
    """Three rows: records, harm without homicide, homicides."""
    found = findings.measured(facts)
    if found is None:
        why = "It takes offence codes, and as many months before as in this bulletin, to weigh what police recorded."
        return Section(figure="harm", finding="Harm cannot be set beside counts here.", paragraphs=(("Why", why),))
    columns = (
        Column("Police", share=1.6), Column("The period before", is_number=True),
        Column("This period", is_number=True), Column("Read as", share=1.4),
    )  # fmt: skip
    rows = (
        _row("Records of violence", found.records),
        _row("Harm without homicide, in days", found.severity, is_range=True),
        _row("Homicides", found.homicides),
    )
    about = facts.bulletin.tables["harm"].about
    note = (
        f"Harm: each record weighed by the {about.source}, the mean days of sentence for its offence; 95% range. "
        "Homicide stands apart, since one outweighs the rest of a year. Only police records have an offence: "
        "hospital and ambulance records are never weighed. Counts and harm can move apart; neither is the truth alone."
    )
    return Section(
        figure="harm", finding=findings.finding(found), sub="What police recorded, at all places and hours.",
        table=RichTable(columns, rows), note=f"{_recording(facts)}{note} {caveats_of(facts, 'offences')}".strip(),
    )  # fmt: skip


def _recording(facts: Facts) -> str:
    """A rise of all police records has been weighed above; what was read of it holds here too."""
    weighed = [said for (source, area, _), said in facts.bulletin.rise_readings.items()
               if (source, area) == ("police_incidents", EVERYWHERE)]  # fmt: skip
    return f"{weighed[-1].sentence} " if weighed else ""


def _row(name: str, pair: tuple[Shown, Shown], *, is_range: bool = False) -> tuple[Cell, ...]:
    before, now = pair
    words = _ranged if is_range else as_text
    return Cell(name, is_strong=True), Cell(words(before)), Cell(words(now)), Cell(_read_as(told_apart(before, now)))


def _ranged(cell: Shown) -> str:
    if cell.low is None or cell.high is None:
        return as_text(cell)
    return f"{cell.number:,.0f} ({cell.low:,.0f} to {cell.high:,.0f})"


def _read_as(is_lower: bool | None) -> str:  # noqa: FBT001 - the answer of told_apart
    if is_lower is None:
        return "cannot be told apart"
    return "lower" if is_lower else "higher"
