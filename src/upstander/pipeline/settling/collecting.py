"""Counting, inside the reading process, the phrases that no gazetteer settles. Nothing is written by it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from upstander.contracts.places import Unsettled
from upstander.places import LEAST_ROWS_UNKNOWN, TEXT_COLUMNS

_WAITS = ("ambiguous", "unmatched")
_AT_MOST = 5_000  # phrases of one reading: more is no work for a person, and the commonest come first
Locate = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass
class PhraseCounter:
    """Locates as `locate` does, hands on the place columns and the class, and counts what waits.

    A phrase of words that the gazetteer knows waits from its first row on. One with a word that nobody knows could
    hold a name: it waits only once LEAST_ROWS_UNKNOWN rows of the reading say the same.
    """

    locate: Locate
    _known: Counter[tuple[str, str]] = field(default_factory=Counter)
    _unknown: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __call__(self, frame: pl.DataFrame) -> pl.DataFrame:
        """One batch of rows to place."""
        found = self.locate(frame)
        if "text" not in frame.columns:
            return found
        open_rows = found.select(TEXT_COLUMNS).with_columns(
            site=frame["site"].fill_null("").str.strip_chars().str.to_uppercase()
        ).filter(pl.col("text_status").is_in(_WAITS))  # fmt: skip
        counted = open_rows.group_by("text_phrase", "site", "text_is_known").len()
        for phrase, site, is_known, rows in counted.iter_rows():
            (self._known if is_known else self._unknown)[phrase, site] += rows
        return found.drop("text_status", "text_phrase", "text_is_known")

    def unsettled(self) -> tuple[Unsettled, ...]:
        """What waits, the commonest first."""
        often = {key: rows for key, rows in self._unknown.items() if rows >= LEAST_ROWS_UNKNOWN}
        every = sorted((-rows, phrase, site) for (phrase, site), rows in [*self._known.items(), *often.items()])
        return tuple(Unsettled(phrase, site, -rows) for rows, phrase, site in every[:_AT_MOST])
