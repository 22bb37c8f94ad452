"""What the values of one column look like: shares of its filled cells, never a value."""

from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from upstander.contracts.codes import CodeList
from upstander.values.identifiers import nhs_number
from upstander.values.postcodes import DISTRICT_PATTERN, SECTOR_PATTERN, UNIT_PATTERN

_PATTERNS = {
    "month": r"^(19|20)\d\d-(0[1-9]|1[0-2])$",
    "iso_day": r"^(19|20)\d\d-\d\d-\d\d$",
    "iso_time": r"^(19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d",
    "slashed_day": r"^\d{1,2}[/.\-]\d{1,2}[/.\-](\d\d){1,2}$",
    "slashed_time": r"^\d{1,2}[/.\-]\d{1,2}[/.\-](\d\d){1,2}[ ,T]+\d{1,2}:\d\d",
    "named_month": r"(?i)^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ \-]+(19|20)\d\d$",
    "clock": r"^([01]?\d|2[0-4]):?[0-5]\d(:[0-5]\d)?$",
    "integer": r"^[+-]?\d+$",
    "decimal": r"^[+-]?\d+\.\d+$",
    "degrees": r"^[+-]?\d{1,3}\.\d{3,}$",
    "metres": r"^\d{5,7}(\.\d+)?$",
    "small_area": r"^[EWSF]0[012]\d{6}$",
    "official_code": r"^[EWSNKF]\d{8}$",
    "organisation_code": r"^[A-Z][A-Z0-9]{2}([A-Z0-9]{2,3})?$",
    "hash": r"^[0-9a-f]{32,}$",
    "marked_number": r"^(c|z|x|k|u|low|\.\.?|:|\*|~|[+-]?\d[\d,]*(\.\d+)?)$",
    "sentence": r"\S+\s+\S+\s+\S+\s+\S+",
    "words": r"[A-Za-z]{2,}",
    "point": r"^\(?-?\d+\.\d+[,; ]+-?\d+\.\d+\)?$",
    "digit": r"\d",
}


@dataclass(frozen=True)
class Shape:
    """One column of a sample. `said` is its heading in plain words, without those that nearly all headings share."""

    heading: str
    said: str
    cells: pl.Series
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def filled(self) -> pl.Series:
        """The cells that say something."""
        return self.cells.filter(self.cells != "")

    @property
    def fill(self) -> float:
        """Share of cells that are filled."""
        return len(self.filled) / len(self.cells) if len(self.cells) else 0.0

    @cached_property
    def distinct(self) -> int:
        """How many different values."""
        return self.filled.n_unique()

    @property
    def variety(self) -> float:
        """Different values to filled cells: 1 where none repeats."""
        return self.distinct / len(self.filled) if len(self.filled) else 0.0

    @cached_property
    def weights(self) -> dict[str, int]:
        """Each different value and its rows, the commonest first; at most 300 of them."""
        return dict(self.filled.value_counts(sort=True).head(300).iter_rows())

    @cached_property
    def shares(self) -> dict[str, float]:
        """Share of the filled cells that have each of the patterns."""
        if not len(self.filled):
            return dict.fromkeys(_PATTERNS, 0.0)
        made = pl.DataFrame({"x": self.filled}).select(
            pl.col("x").str.contains(pattern).mean().alias(name) for name, pattern in _PATTERNS.items()
        )
        return {name: float(share or 0.0) for name, share in zip(made.columns, made.row(0), strict=True)}

    @cached_property
    def numbers(self) -> pl.Series:
        """The filled cells as numbers, without those that are none."""
        return self.filled.cast(pl.Float64, strict=False).drop_nulls()

    def known_by(self, codes: CodeList) -> tuple[int, int]:
        """Rows whose text a code list knows, by its codes or by their meanings; and how many different codes occur."""
        if codes.name not in self._known:
            meanings = {meaning.casefold() for meaning in codes.meanings.values()}
            found = {text: codes.canonical(text) for text in self.weights}
            rows = sum(n for text, n in self.weights.items() if found[text] or text.casefold() in meanings)
            self._known[codes.name] = rows, len({code for code in found.values() if code})
        return self._known[codes.name]

    def between(self, low: float, high: float) -> float:
        """Share of the filled cells that are numbers from low to high."""
        return (
            float(((self.numbers >= low) & (self.numbers <= high)).sum()) / len(self.filled)
            if len(self.filled)
            else 0.0
        )

    @cached_property
    def postcodes(self) -> tuple[float, float]:
        """Share that has the shape of a postcode, whole or in part; and share that has more than a district's."""
        upper = self.filled.str.to_uppercase()
        if not len(upper):
            return 0.0, 0.0
        finer = upper.str.replace_all(" ", "").str.contains(UNIT_PATTERN) | upper.str.contains(SECTOR_PATTERN)
        either = finer | upper.str.contains(DISTRICT_PATTERN)
        return float(either.sum()) / len(upper), float(finer.sum()) / len(upper)

    @cached_property
    def nhs_numbers(self) -> float:
        """Share with ten digits and the right check digit; one in eleven by chance."""
        if not len(self.filled):
            return 0.0
        found = pl.DataFrame({"x": self.filled}).select(nhs_number(pl.col("x"))).to_series()
        return 1.0 - found.null_count() / len(found)

    @property
    def mean_length(self) -> float:
        """Characters in a filled cell, on average."""
        return float(self.filled.str.len_chars().mean() or 0.0)  # type: ignore[arg-type] # polars types any mean so
