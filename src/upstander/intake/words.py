"""What a sender reads: plain sentences with counts, lines and rules, never a value from the file."""

from collections.abc import Sequence

from upstander.contracts.readings import LineAccount
from upstander.intake.limits import LIMITS
from upstander.intake.markers import SHOWN
from upstander.intake.sentences import say
from upstander.intake.tally import Tally


def listed(items: Sequence[object], *, more: int = 0) -> str:
    """`7, 11 and 13`, or `7, 11, 13 and 40 more`."""
    words = [f"{item:,}" if isinstance(item, int) else str(item) for item in items]
    if more:
        words.append(f"{more:,} more")
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def loaded(lines: LineAccount, *, is_held: bool = False) -> str:
    """`37 of 40 rows loaded.`"""
    return say("read" if is_held else "loaded", accepted=lines.accepted, rows=lines.records - lines.set_aside)


def opening(lines: LineAccount, holds: Sequence[str]) -> str:
    """How a message begins: why a person must look, if so, and how many rows were loaded or, until then, read."""
    if not holds:
        return loaded(lines)
    return " ".join([say("held"), *holds, loaded(lines, is_held=True)])


def kept_back(tally: Tally) -> str:
    """Which rows are in quarantine, by rule, with the first lines and what would be right."""
    parts = []
    for rule, count in tally.quarantined.most_common(LIMITS.rules_named):
        lines = tally.first_lines[rule]
        where = ("line " if count == 1 else "lines ") + listed(lines, more=count - len(lines))
        named = f"{rule[0].upper()}{rule[1:]}"
        parts.append(say("kept_back", rule=named, lines=where, expected=tally.first_expected[rule]))
    others = len(tally.quarantined) - len(parts)
    if others > 0:
        parts.append(say("other_rules", count=others))
    return " ".join([*parts, say("resend")])


def figures(tally: Tally) -> str:
    """How many figures came of the rows, and how many cells held something else than a number."""
    marked = [f"{count:,} {name.replace('_', ' ')}" for name, count in tally.markers.most_common() if name != SHOWN]
    if not marked:
        return say("figures_shown", count=tally.figures)
    return say("figures_marked", count=tally.figures, marked=listed(marked))


def set_aside(tally: Tally) -> str:
    """Which rows the map leaves out, and why."""
    return " ".join(say("set_aside", count=count, reason=reason) for reason, count in tally.set_aside.items())
