"""One spelling for each identifier, so that the same person gets the same token however they were typed.

What is hashed is the canonical form, never the text as sent. Sources: NHS Data Model and Dictionary, NHS NUMBER (ten
digits, the last a modulus 11 check digit); Unicode Standard Annex 15 (NFKC, NFKD).
"""

from collections.abc import Callable

import numpy as np
import polars as pl

_APART = r"[\s\-–.]"
_TEN_DIGITS = r"^[0-9]{10}$"
_MARKS = r"\p{M}"
_NOT_A_LETTER = r"[^\p{L}]"
_FILLERS = ("0123456789", "1234567890", "9876543210", "4000000004")  # typed to get past a form
_SAME_DIGIT = tuple(str(digit) * 10 for digit in range(10))  # all ten of them pass the check digit
NHS_FILLERS = (*_SAME_DIGIT, *_FILLERS)
NHS_NUMBER, PERSON_REF, NAME_BIRTH = "nhs_number", "person_ref", "name_dob"


def nhs_number(sent: pl.Expr) -> pl.Expr:
    """`943 476 5919` as `9434765919`; null where it has not ten digits, the wrong check digit, or is a placeholder."""
    return sent.map_batches(lambda texts: _each_distinct(texts, _issued), return_dtype=pl.String)


def is_wrong_nhs_number(sent: pl.Expr) -> pl.Expr:
    """Something was sent that has not ten digits, or whose last is not its check digit, or that nobody was given."""
    return sent.is_not_null() & nhs_number(sent).is_null()


def has_check_digit(sent: pl.Expr) -> pl.Expr:
    """Ten digits of which the last is the check digit of the others. Placeholders pass: it does not say who has it."""
    return sent.map_batches(lambda texts: _checks(_ten_digits(texts)), return_dtype=pl.Boolean)


def is_placeholder_nhs_number(sent: pl.Expr) -> pl.Expr:
    """Ten digits that nobody was ever given: one digit ten times, or a run typed to get past a form."""
    return sent.str.replace_all(_APART, "").is_in(list(NHS_FILLERS))


def reference(sent: pl.Expr) -> pl.Expr:
    """An agency's own number of a person or a case: one width, capitals, no blanks. Its signs are kept."""
    return sent.map_batches(_one_width, return_dtype=pl.String).str.to_uppercase().str.replace_all(r"\s", "")


def name(sent: pl.Expr) -> pl.Expr:
    """A name in capitals without accents, blanks, hyphens and apostrophes: `Zoë O’Neill-Smith` as ZOEONEILLSMITH."""
    return sent.str.normalize("NFKD").str.replace_all(_MARKS, "").str.to_uppercase().str.replace_all(_NOT_A_LETTER, "")


def name_and_birth(surname: pl.Expr, forename: pl.Expr, born: pl.Expr) -> pl.Expr:
    """`SURNAME|FORENAME|2008-03-14`; null unless all three are there. born: a date or a datetime."""
    parts = [pl.when(part != "").then(part) for part in (name(surname), name(forename))]
    return pl.concat_str(parts[0], pl.lit("|"), parts[1], pl.lit("|"), born.dt.strftime("%Y-%m-%d"))


def _each_distinct(texts: pl.Series, found: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`found` of each distinct text, in the order of the texts: numbers repeat, and each costs something."""
    distinct = texts.unique().drop_nulls()
    made = pl.DataFrame({"text": distinct, "found": found(distinct)})
    return pl.DataFrame({"text": texts}).join(made, on="text", how="left", maintain_order="left")["found"]


def _one_width(texts: pl.Series) -> pl.Series:
    """NFKC, which changes nothing in plain ASCII and is slow: it is left out where every character is one byte."""
    is_plain = texts.str.len_bytes().sum() == texts.str.len_chars().sum()
    return texts if is_plain else texts.str.normalize("NFKC")


def _issued(distinct: pl.Series) -> pl.Series:
    tidy = _ten_digits(distinct)
    is_issued = _checks(tidy) & ~tidy.is_in(list(NHS_FILLERS))
    return pl.select(pl.when(is_issued).then(tidy)).to_series()


def _ten_digits(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFKC").str.replace_all(_APART, "")


def _checks(tidy: pl.Series) -> pl.Series:
    has_ten = tidy.str.contains(_TEN_DIGITS).fill_null(value=False)
    digits = np.frombuffer("".join(tidy.filter(has_ten)).encode(), np.uint8).reshape(-1, 10).astype(np.int64) - ord("0")
    # Weights 10 to 2, the sum modulo 11 taken from 11; 11 counts as 0, and 10 is never given out.
    check = (11 - digits[:, :9] @ np.arange(10, 1, -1) % 11) % 11
    checks = has_ten.to_numpy().copy()
    checks[checks] = check == digits[:, 9]
    return pl.Series(checks)
