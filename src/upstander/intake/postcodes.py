"""Postcodes as people type them, brought to one spelling where only one reading is possible."""

import re
from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from upstander.values.postcodes import canonical_postcode, postcode_district, postcode_sector

_AS_DIGIT = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "Z": "2", "B": "8"})
_AS_LETTER = str.maketrans({"0": "O", "1": "I", "5": "S", "8": "B"})
_NOT_IN_CODE = re.compile(r"[^A-Z0-9]")
# The outward part may end in a letter, but never in one of these (Royal Mail, Programmers' Guide to PAF).
_NEVER_LAST = frozenset("ILOQZ")
# ZZ99 is the NHS's own set of pseudo postcodes; the others are typed as fillers.
_PSEUDO = re.compile(r"ZZ99|XX11XX|AA11AA")


@dataclass
class PostcodeReader:
    """Tidies the postcodes of one file, one distinct value at a time, and counts what it did."""

    counts: Counter[str] = field(default_factory=Counter)
    _known: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    def read(self, sent: pl.Series) -> pl.Series:
        """Whole (`LE1 1AA`) or part (`LE1 1`, `LE1`) of a postcode; null where the text is neither."""
        seen = sent.drop_nulls().value_counts()
        for text, count in seen.iter_rows():
            if text not in self._known:
                self._known[text] = _tidied(text)
            self.counts[self._known[text][1]] += count
        here = {text: self._known[text][0] for text in seen.to_series(0)}
        return sent.replace_strict(list(here), list(here.values()), default=None, return_dtype=pl.String)


def parts(postcodes: pl.Series, level: str) -> pl.Series:
    """The sector (or district) of each tidied postcode; empty text where there is none to be had."""
    part_of = postcode_district if level == "district" else postcode_sector
    distinct = postcodes.unique().drop_nulls()
    made = pl.Series([part_of(text) or "" for text in distinct], dtype=pl.String)
    number = postcodes.cast(pl.Enum(distinct)).to_physical()
    return made.gather(number).fill_null("").alias("postcode_sector")


def _tidied(text: str) -> tuple[str | None, str]:
    """The postcode and what was done: as sent, repaired, partial, or not one."""
    tight = _NOT_IN_CODE.sub("", text.upper())
    if _PSEUDO.match(tight):
        return None, "not one"
    whole = canonical_postcode(tight)
    if whole is not None and whole.split()[0][-1] not in _NEVER_LAST:
        return whole, "as sent" if whole == text.upper() or tight == text.upper() else "repaired"
    part = None if whole else postcode_sector(text) or postcode_district(text)
    if part is not None:
        return part, "partial"
    mended = _mended(tight)
    return (mended, "repaired") if mended is not None else (None, "not one")


def _mended(tight: str) -> str | None:
    """A postcode with letters and digits confused, such as LE1O 1AA: put right if exactly one reading is a postcode."""
    if not 5 <= len(tight) <= 7:
        return None
    outward, inward = tight[:-3], tight[-3:]
    inward = inward[0].translate(_AS_DIGIT) + inward[1:].translate(_AS_LETTER)
    outwards = {outward[:cut].translate(_AS_LETTER) + outward[cut:].translate(_AS_DIGIT) for cut in (1, 2)}
    readings = {whole for part in outwards if (whole := canonical_postcode(part + inward)) is not None}
    return readings.pop() if len(readings) == 1 else None
