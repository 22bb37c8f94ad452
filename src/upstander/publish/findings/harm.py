"""Do harm and counts say the same? In a sentence."""

from dataclasses import dataclass

from upstander.contracts.releasing import Status
from upstander.publish.facts import Facts, told_apart
from upstander.publish.reading import ABSENT, Cells, Shown, cells_of

Pair = tuple[Shown, Shown]
_SPANS = ("before", "now")
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
    offences = cells_of(facts.bulletin.tables.get("offences"), "source", "span", "offence")
    homicide = facts.bulletin.homicide_codes
    severity = tuple(cells.get((source, span, "severity"), ABSENT) for span in _SPANS)
    records = tuple(_sum([cell for key, cell in offences.items() if key[:2] == (source, span)]) for span in _SPANS)
    homicides = tuple(_homicides(offences, source, span, homicide) for span in _SPANS)
    return Measured((records[0], records[1]), (severity[0], severity[1]), (homicides[0], homicides[1]))


def _homicides(offences: Cells, source: str, span: str, codes: tuple[str, ...]) -> Shown:
    """None where the table has no row: an offence that neither span has is not in it."""
    of_them = [
        cell for (which, when, code), cell in offences.items() if (which, when) == (source, span) and code in codes
    ]
    if any(cell.status is Status.SUPPRESSED for cell in of_them):
        return Shown(Status.SUPPRESSED)
    return _sum(of_them)


def _sum(cells: list[Shown]) -> Shown:
    """The numbers that may be shown, added; withheld ones are not in it, and it is then too uncertain."""
    is_whole = all(cell.has_number for cell in cells)
    status = Status.SHOWN if is_whole else Status.TOO_UNCERTAIN
    return Shown(status, sum(cell.number for cell in cells))


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
