"""How a person may be named inside a text: full names, NHS numbers, references. Held in memory only, never written."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

_COVER = "x"
_LEAST_REFERENCE = 5  # a shorter one is a number like any other
_LEAST_NAME = 2
_APART = r"[\s\-–.]"
_APART_MAYBE = f"{_APART}?"
_CURLED = "’"
_WORD = re.compile(r"\w+")
_BETWEEN = r"[\s.\-]+"


@dataclass(frozen=True)
class Mentions:
    """Names (forename, surname) as sent, NHS numbers as ten digits, references as sent. Case never matters."""

    names: frozenset[tuple[str, str]] = frozenset()
    numbers: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, names: Iterable[Sequence[str]], numbers: Iterable[str], references: Iterable[str]
    ) -> "Mentions":  # fmt: skip
        """What can be looked for in a text: without names and references so short that they would be found anywhere."""
        spelt = {(forename.strip(), surname.strip()) for forename, surname in names}
        spelt |= {(_plain(forename), _plain(surname)) for forename, surname in spelt}
        return cls(
            frozenset(pair for pair in spelt if min(map(len, pair)) >= _LEAST_NAME),
            frozenset(numbers),
            frozenset(text for one in references if len(text := one.strip()) >= _LEAST_REFERENCE),
        )

    def __or__(self, other: "Mentions") -> "Mentions":
        return Mentions(
            self.names | other.names, self.numbers | other.numbers, self.references | other.references
        )  # fmt: skip

    def may_be_in(self, texts: pl.Series) -> pl.Series:
        """Which texts to look at more closely: quick, over whole columns, and never wrong about a no."""
        words = sorted({surname.lower() for _, surname in self._spelt} | {one.lower() for one in self.references})
        asked = pl.DataFrame({"text": texts.str.to_lowercase()})
        numbers = pl.col("text").str.replace_all(_APART, "").str.contains_any(sorted(self.numbers))
        found = [pl.col("text").str.contains_any(words)] if words else []
        found += [numbers] if self.numbers else []
        if not found:
            return pl.Series([False]).new_from_index(0, len(texts))
        return asked.select(pl.any_horizontal(found)).to_series()

    def masked(self, text: str) -> str:
        """The text with every mention written over, as many characters as there were."""
        squeezed = re.sub(_APART, "", text)
        ways = {_APART_MAYBE.join(number) for number in self.numbers if number in squeezed}
        for word in set(_WORD.findall(text.casefold())):
            ways |= self._ways.get(word, set())
        for way in sorted(ways, key=len, reverse=True):
            text = re.sub(rf"(?<!\w)(?:{way})(?!\w)", lambda found: _COVER * len(found[0]), text, flags=re.IGNORECASE)
        return text

    @property
    def _spelt(self) -> Iterable[tuple[str, str]]:
        """Names with the apostrophes that a keyboard has and those that a printer has."""
        both = [("'", _CURLED), (_CURLED, "'")]
        return self.names | {(one.replace(*way), two.replace(*way)) for one, two in self.names for way in both}

    @cached_property
    def _ways(self) -> dict[str, set[str]]:
        """A word that must be in the text -> the patterns to try then."""
        ways: dict[str, set[str]] = {}
        for forename, surname in self._spelt:
            first, last = _loose(forename), _loose(surname)
            ways.setdefault(_word_of(surname), set()).update((f"{first}{_BETWEEN}{last}", f"{last},?{_BETWEEN}{first}"))
        for reference in self.references:
            ways.setdefault(_word_of(reference), set()).add(re.escape(reference))
        return ways


def _word_of(text: str) -> str:
    """The longest word of a text."""
    return max(_WORD.findall(text.casefold()), key=len, default="")


def _loose(name: str) -> str:
    """A name with any run of blanks between its parts."""
    return r"\s+".join(map(re.escape, name.split()))


def _plain(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
