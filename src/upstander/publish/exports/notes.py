"""What an export says in words: its rules, caveats and marks. Source of the shorthand: Government Analysis Function,
Using symbols in tables (2023).
"""

from collections.abc import Mapping, Sequence

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, Status
from upstander.publish.exports.facts import ExportFacts
from upstander.publish.exports.texts import plain
from upstander.publish.exports.tidy import Tidy
from upstander.publish.words import day

SHORTHAND: Mapping[Status, str] = {
    Status.SUPPRESSED: "[c]",
    Status.MISSING: "[x]",
    Status.NOT_APPLICABLE: "[z]",
    Status.TOO_UNCERTAIN: "[u]",
}
MEANINGS: Mapping[Status, str] = {
    Status.SHOWN: "The number is given. A zero is a number.",
    Status.SUPPRESSED: "Confidential: a number is held and is not given. It is not zero.",
    Status.MISSING: "Not available: no number was received. It is not zero.",
    Status.NOT_APPLICABLE: "Not applicable: there can be no number here.",
    Status.TOO_UNCERTAIN: "Low reliability: too uncertain to give as one number; limits are given where there are any.",
}


def rule_words(rule: CountRule) -> str:
    """One rule in a sentence or two, with the agreement that asks for it."""
    return f"{' '.join(_parts(rule))} Rule: {rule.name} ({rule.agreement})."


def _parts(rule: CountRule) -> list[str]:
    if rule.open_data:
        return ["Open data, given as it was published."]
    hides = f"Counts of 1 to {rule.suppress_up_to} are withheld, and so is any figure that would give them away."
    rounds = f"Counts that are given are rounded to the nearest {rule.round_to}."
    near_zero = f"A zero may stand for up to {(rule.round_to - 1) // 2}."
    told = (
        (rule.suppress_up_to > 0, hides),
        (rule.round_to > 1, rounds),
        (rule.round_to > 2 and not rule.suppress_up_to, near_zero),
        (rule.of_persons, "The same limit holds for how many people were counted."),
        (rule.rate_from > 0, f"No rate or mean is given that rests on fewer than {rule.rate_from}."),
    )
    return [words for holds, words in told if holds] or ["Counts are given as they are."]


def notes_of(about: About) -> tuple[str, ...]:
    """What a reader of one table must know: the rules, then the caveats, then changes of recording."""
    return tuple(map(plain, (*map(rule_words, about.rules), *about.caveats, *about.recording_changes)))


def numbered_notes(tables: Sequence[Tidy]) -> dict[str, int]:
    """Every note of an export once, numbered from 1 in the order met."""
    texts = dict.fromkeys(text for table in tables for text in notes_of(table.about))
    return {text: number for number, text in enumerate(texts, start=1)}


def table_lines(about: About) -> tuple[str, ...]:
    """Where a table comes from, a sentence a line."""
    lines = (
        f"Source: {about.source}.",
        f"Period: {about.period}." + (f" Areas: {about.area_layer}." if about.area_layer else ""),
        f"Counted: {about.definition}. Method: {about.method}, version {about.method_version}.",
    )
    return tuple(map(plain, lines))


def handling_of(tables: Sequence[Tidy]) -> str:
    """How the export must be handled: whatever any of its tables asks."""
    return plain(", ".join(dict.fromkeys(table.about.handling for table in tables)))


def mark_of(tables: Sequence[Tidy], facts: ExportFacts) -> str:
    """What a recipient's copy carries on its cover and every sheet; empty for an export to everyone."""
    copy = facts.copy
    if copy is None:
        return ""
    whose = f"Copy {copy.number} for {copy.recipient}. Purpose: {copy.purpose}."
    return plain(f"{handling_of(tables)}. {whose} Destroy by {day(copy.expires)}. Do not pass on.")


def footer_of(tables: Sequence[Tidy], facts: ExportFacts, most: int = 160) -> str:
    """The mark as it stands at the foot of every printed page: the recipient shortened where it must be."""
    copy = facts.copy
    if copy is None:
        return plain(f"{facts.publisher}, release {facts.release}")[:most]
    lead = plain(f"{handling_of(tables)[:50]}. Copy {copy.number[:30]}. Destroy by {day(copy.expires)}. For ")
    return lead + " " + plain(copy.recipient)[: max(10, most - len(lead))]


def about_lines(tables: Sequence[Tidy], facts: ExportFacts) -> tuple[str, ...]:
    """The cover: who publishes what, when, under which licence; for a copy, whose it is."""
    lines = (
        facts.title,
        mark_of(tables, facts),
        facts.summary,
        f"Published by {facts.publisher}. Release {facts.release}, made on {day(facts.made_on)}.",
        f"Licence: {facts.licence_name} ({facts.licence})." if facts.copy is None else "",
        f"Questions: {facts.contact}.",
        *(f"{attribution.rstrip('.')}." for attribution in facts.attributions),
    )
    return tuple(text for text in map(plain, lines) if text)
