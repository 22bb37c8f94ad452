"""Do harm and counts say the same? In a sentence."""

from dataclasses import dataclass

from upstander.publish.facts import Facts, told_apart
from upstander.publish.reading import ABSENT, Shown, cells_of

Pair = tuple[Shown, Shown]
_WORDS = {None: "cannot be told apart", True: "fell", False: "rose"}


@dataclass(frozen=True)
class Measured:
    """Each before and now: `records` that count, `severity` of all but homicide, `homicides`."""

    records: Pair
    severity: Pair
    homicides: Pair


def measured(facts: Facts) -> Measured | None:
    """What the tables say; None where they are not there."""
    cells = cells_of(facts.bulletin.tables.get("harm"), "source", "span", "measure")
    if not cells:
        return None
    source = next(iter(cells))[0]
    told = {
        measure: (cells.get((source, "before", measure), ABSENT), cells.get((source, "now", measure), ABSENT))
        for measure in ("records", "severity", "homicides")
    }
    return Measured(**told)


def finding(found: Measured) -> str:
    """The sentence above the table."""
    counts, harm = told_apart(*found.records), told_apart(*found.severity)
    if counts is None and harm is None:
        return "Neither records nor their harm can be told apart from the period before."
    if counts is harm:
        return f"Police records and their harm both {_WORDS[counts]}."
    if harm is None:
        return f"Police records {_WORDS[counts]}; their harm cannot be told apart."
    if counts is None:
        return f"The harm of police records {_WORDS[harm]}; their number cannot be told apart."
    return f"Police records {_WORDS[counts]}, but their harm {_WORDS[harm]}."
