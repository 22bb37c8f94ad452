"""Code columns: what was sent, brought to the contract's code, one distinct value at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

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
        """The codes, null where the cell is empty or unknown to the list; and which cells hold what no list knows,
        null for an empty one.
        """
        distinct = [text for text in sent.unique() if text is not None]
        for text in distinct:
            self._learn(text)
        number = sent.cast(pl.Enum(distinct)).to_physical()
        kind = pl.Enum(sorted(set(self._known.values())))
        codes = pl.Series([self._known.get(text) for text in distinct], dtype=kind).gather(number)
        if self._empty:
            self.nothings += int(sent.is_in(sorted(self._empty)).sum())
        unknown = [text not in self._known and text not in self._empty for text in distinct]
        return codes, pl.Series(unknown, dtype=pl.Boolean).gather(number)

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
    """The class of each code of an enumeration; null where the table has none."""
    of_each = pl.Series([table.get(code) for code in cast("pl.Enum", codes.dtype).categories], dtype=pl.String)
    return of_each.gather(codes.to_physical())
