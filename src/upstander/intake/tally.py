"""What has been counted so far: lines, fates, mistakes. Every line and every record ends in one place."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from upstander.contracts.readings import LineAccount
from upstander.intake.limits import LIMITS
from upstander.intake.lines import Endings
from upstander.intake.plan import Mistake


@dataclass
class Tally:
    """The running counts of one file."""

    header: int = 0
    preamble: int = 0
    blank: int = 0
    footer: int = 0
    continuation: int = 0
    records: int = 0
    accepted: int = 0
    repeated: int = 0
    ambiguous: int = 0
    timed: int = 0
    default_times: int = 0
    long_past: int = 0
    formula_like: int = 0
    null_spellings: int = 0
    early_together: int = 0
    told_details: int = 0
    named_victims: int = 0
    figures: int = 0
    markers: Counter[str] = field(default_factory=Counter)
    endings: Endings = field(default_factory=Endings)
    quarantined: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    first_lines: dict[str, list[int]] = field(default_factory=dict)
    first_expected: dict[str, str] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    span: tuple[datetime, datetime] | None = None
    counted_span: tuple[datetime, datetime] | None = None

    def account(self, physical: int) -> LineAccount:
        """The line account, against an independent count of the file's physical lines."""
        return LineAccount(
            physical=physical, header=self.header, preamble=self.preamble, blank=self.blank, footer=self.footer,
            continuation=self.continuation, records=self.records, accepted=self.accepted,
            quarantined=self.quarantined.total(), repeated=self.repeated, set_aside=self.set_aside.total(),
        )  # fmt: skip

    def keep_back(self, kept: pl.DataFrame) -> None:
        """Count quarantined records, each under the one rule it is kept back for."""
        for rule, lines, expected in (
            kept.group_by("rule", maintain_order=True).agg("line", pl.col("expected").first()).iter_rows()
        ):
            self.quarantined[rule] += len(lines)
            named = self.first_lines.setdefault(rule, [])
            named.extend(lines[: LIMITS.lines_named - len(named)])
            self.first_expected.setdefault(rule, expected)

    def note_mistakes(self, found: pl.DataFrame) -> None:
        """Remember mistakes (line, column, rule, expected, value), the first thousand of the file."""
        self.failures.update(dict(found.group_by("rule").len().iter_rows()))
        room = LIMITS.mistakes_kept - len(self.mistakes)
        for line, column, rule, expected, value in found.head(room).iter_rows():
            self.mistakes.append(Mistake(line, column, rule, expected, value))

    def widen(self, events: pl.Series, counted: pl.Series) -> None:
        """Stretch the spans to hold these moments."""
        self.span = _wider(self.span, events)
        self.counted_span = _wider(self.counted_span, counted)


def _wider(span: tuple[datetime, datetime] | None, moments: pl.Series) -> tuple[datetime, datetime] | None:
    low, high = moments.min(), moments.max()
    if not isinstance(low, datetime) or not isinstance(high, datetime):
        return span
    return (low, high) if span is None else (min(span[0], low), max(span[1], high))
