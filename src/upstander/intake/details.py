"""Personal details in free text: what a column of words should not hold. Texts are counted, never kept or quoted.

Found are NHS numbers (by their check digit), telephone numbers, e-mail addresses, dates of birth, and homes that the
words themselves call somebody's. A name alone is not found: no list of names tells Rose from a rose.
"""

import numpy as np
import polars as pl

from upstander.values.identifiers import is_wrong_nhs_number

_NHS_NUMBER = r"(?:^|[^0-9])([0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4})(?:$|[^0-9])"
_MOBILE, _LANDLINE = r"7[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}", r"[123][0-9]{2,4}[ -]?[0-9]{3}[ -]?[0-9]{3,4}"
_TELEPHONE = rf"(?:\+44 ?(?:\(0\) ?)?|\b0)(?:{_MOBILE}|{_LANDLINE})\b"
_E_MAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_DAY = r"[0-9]{1,2}[/. -](?:[0-9]{1,2}|[a-z]{3,9})[/. -](?:19|20)?[0-9]{2}\b"
_BIRTH = rf"(?i)\b(?:dob|d\.o\.b\.?|date of birth|born(?: on)?)\b.{{0,3}}{_DAY}"
_HOME = r"(?i)\b(?:lives?|living|resides?|residing|home address(?: is)?|h/a)\b(?: at)?:? (?:flat )?[0-9]{1,4}[a-z]?\b"
# Each stands alone, so that the checker page can ask them one by one.
PATTERNS = {
    "nhs_number": _NHS_NUMBER, "telephone": _TELEPHONE, "e_mail": _E_MAIL, "birth": _BIRTH, "home": _HOME,
}  # fmt: skip
_OTHERS = "|".join(PATTERNS[name] for name in ("telephone", "e_mail", "birth", "home"))


def rows_with_details(texts: pl.DataFrame) -> int:
    """How many rows hold a personal detail in one of these columns of text."""
    told = [_hold_details(column) for column in texts.get_columns()]
    return int(pl.select(pl.any_horizontal(told).sum()).item()) if told else 0


def _hold_details(texts: pl.Series) -> pl.Series:
    """Whether each text holds one; a missing text holds none. Most have no digit and no @, and are not looked at."""
    may = texts.str.contains(r"[0-9@]").fill_null(value=False)
    holds = np.zeros(len(texts), bool)
    if may.any():
        some = pl.DataFrame({"text": texts.filter(may)})
        holds[may.to_numpy()] = some.select(_nhs_number() | pl.col("text").str.contains(_OTHERS)).to_series().to_numpy()
    return pl.Series(holds)


def _nhs_number() -> pl.Expr:
    number = pl.col("text").str.extract(_NHS_NUMBER).str.replace_all(r"[ -]", "")
    return number.is_not_null() & ~is_wrong_nhs_number(number)
