"""What a sender reads: plain sentences with counts, lines and rules, never a value from the file."""

from collections.abc import Sequence

from upstander.contracts.readings import LineAccount
from upstander.intake.markers import SHOWN
from upstander.intake.tally import Tally

_RULES_NAMED = 6


def counted(count: int, one: str, many: str) -> str:
    """`1 row`, `1,204 rows`."""
    return f"{count:,} {one if count == 1 else many}"


def listed(items: Sequence[object], *, more: int = 0) -> str:
    """`7, 11 and 13`, or `7, 11, 13 and 40 more`."""
    words = [f"{item:,}" if isinstance(item, int) else str(item) for item in items]
    if more:
        words.append(f"{more:,} more")
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def loaded(lines: LineAccount, *, verb: str = "loaded") -> str:
    """`37 of 40 rows loaded.`"""
    rows = lines.records - lines.set_aside
    return f"{lines.accepted:,} of {counted(rows, 'row', 'rows')} {verb}."


def opening(lines: LineAccount, holds: Sequence[str]) -> str:
    """How a message begins: why a person must look, if so, and how many rows were loaded or, until then, read."""
    if not holds:
        return loaded(lines)
    return " ".join(["Held for the data steward.", *holds, loaded(lines, verb="read")])


def kept_back(tally: Tally) -> str:
    """Which rows are in quarantine, by rule, with the first lines and what would be right."""
    parts = []
    for rule, count in tally.quarantined.most_common(_RULES_NAMED):
        lines = tally.first_lines[rule]
        where = ("line " if count == 1 else "lines ") + listed(lines, more=count - len(lines))
        parts.append(f"{rule[0].upper()}{rule[1:]}: {where}; expected {tally.first_expected[rule]}.")
    others = len(tally.quarantined) - len(parts)
    if others > 0:
        parts.append(f"And {counted(others, 'other rule', 'other rules')}: see the report.")
    parts.append("They are held back, not lost: mend and resend only those, or the whole file; resending is safe.")
    return " ".join(parts)


def figures(tally: Tally) -> str:
    """How many figures came of the rows, and how many cells held something else than a number."""
    marked = [f"{count:,} {name.replace('_', ' ')}" for name, count in tally.markers.most_common() if name != SHOWN]
    said = counted(tally.figures, "figure", "figures")
    return f"They hold {said}, of which {listed(marked)}." if marked else f"They hold {said}, each a number."


def set_aside(tally: Tally) -> str:
    """Which rows the map leaves out, and why."""
    return " ".join(
        f"{counted(count, 'row', 'rows')} set aside: {reason}." for reason, count in tally.set_aside.items()
    )
