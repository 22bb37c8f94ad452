"""What every figure of a release says alike: its subject, its rule, how it was made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from upstander.contracts.releasing import ReleasedTable
from upstander.contracts.rules import rule_in_words
from upstander.publish.words import capital, listed


@dataclass(frozen=True)
class Subject:
    """What a figure is of. title: the measure's. place: the area's name, empty for the whole. who: such as `aged under
    25`, empty for everybody. source: the dataset's title. one_is: what one of the counted is.
    """

    title: str
    place: str
    who: str
    period: str
    source: str
    one_is: str

    @property
    def short(self) -> str:
        """The measure in the middle of a sentence: `knife-enabled serious violence`."""
        words = self.title.partition(": ")[2] or self.title
        return words if words[1:2].isupper() else words[:1].lower() + words[1:]

    @property
    def somewhere(self) -> str:
        """` in Dunscrake`, or nothing for the whole."""
        return f" in {self.place}" if self.place else ""

    @property
    def sub(self) -> str:
        """What is drawn: measure, place, who."""
        return ", ".join([self.title, self.place or "whole area", *([self.who] if self.who else [])])

    @property
    def counted(self) -> str:
        """What one of the counted is, as a sentence: mostly a record, and seldom a person."""
        return f"What is counted: {self.one_is}."

    @property
    def starts(self) -> str:
        """The measure at the start of a sentence."""
        return capital(self.short)


def rule_words(table: ReleasedTable) -> str:
    """The rule of a table's counts, as a sentence: `Counts: 1 to 7 hidden, others to the nearest 5.`"""
    said = dict.fromkeys(rule_in_words(rule).partition(";")[0] for rule in table.about.rules)
    return f"Counts: {'; '.join(said)}."


def how_made(tables: Iterable[ReleasedTable], release: str, also: Iterable[str] = ()) -> tuple[str, ...]:
    """How a figure was made, sentence by sentence: release, readings, definitions, methods, rules, caveats."""
    held = list(tables)
    read: Mapping[tuple[str, str], int] = _counted((one, two) for table in held for one, two, _ in table.about.readings)
    first = held[0].about
    methods = dict.fromkeys(f"{one.about.method} {one.about.method_version} ({one.about.source})" for one in held)
    feeds = listed(
        f"{dataset} from {supplier} ({count} readings)" for (dataset, supplier), count in sorted(read.items())
    )
    rules = dict.fromkeys(f"{rule.name} of {rule.agreement}: {rule_in_words(rule)}" for rule in first.rules)
    return (
        f"Release {release}.", f"Read: {feeds}.", f"Counted by: {first.definition}.",
        *(f"Method: {one}." for one in methods), *(f"Rule: {one}." for one in rules), *also,
        *dict.fromkeys(line for one in held for line in (*one.about.caveats, *one.about.recording_changes)),
    )  # fmt: skip


def _counted(found: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for one in found:
        counts[one] = counts.get(one, 0) + 1
    return counts
