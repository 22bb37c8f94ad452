"""Code columns: what was sent, brought to the contract's code, one distinct value at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from upstander.contracts.codes import CodeList


@dataclass
class CodeReader:
    """Reads one code column. `ours` is the supplier map's table, sent code -> our code; the list has the last word.

    `nulls` are spellings of nothing, which count as an empty cell where the list does not know them as a code.
    """

    codes: CodeList
    ours: Mapping[str, str]
    nulls: frozenset[str]
    nothings: int = 0
    _known: dict[str, str] = field(default_factory=dict)
    _empty: set[str] = field(default_factory=set)

    def read(self, sent: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The codes, null where the cell is empty or unknown to the list; and which cells hold what no list knows."""
        for text in sent.unique().drop_nulls():
            self._learn(text)
        codes = sent.replace_strict(list(self._known), list(self._known.values()), default=None, return_dtype=pl.String)
        is_nothing = sent.is_in(sorted(self._empty))
        self.nothings += int(is_nothing.sum())
        return codes, sent.is_not_null() & codes.is_null() & ~is_nothing.fill_null(value=False)

    def _learn(self, text: str) -> None:
        if text in self._known or text in self._empty:
            return
        by_case = {sent.casefold(): ours for sent, ours in self.ours.items()}
        code = self.codes.canonical(self.ours.get(text) or by_case.get(text.casefold()) or text)
        if code is not None:
            self._known[text] = code
        elif text.casefold() in self.nulls:
            self._empty.add(text)


def classes(codes: pl.Series, table: Mapping[str, str]) -> pl.Series:
    """The class of each code; null where the table has none."""
    return codes.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
