"""Text as a file may hold it: plain in every format, and never the start of a formula in CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

import polars as pl

_SPACING = r"[\p{Cc}\p{Cf}\s\x{FFFE}\x{FFFF}]+"
QUOTES = "'\"‘’“”"
LEADS = "=+\\-@＝＋－＠"
# A program that parts lines at semicolons takes what follows one as the start of a cell.
_FORMULA = rf"(^|[,;|])([{QUOTES}\s]*[{LEADS}])"


def plain_text(column: pl.Expr) -> pl.Expr:
    """Control and format characters, line breaks and runs of spaces as one space each; none at either end.

    They cannot be seen, XML cannot hold some of them, and some turn the reading order around.
    """
    return column.str.replace_all(_SPACING, " ").str.strip_chars(" ")


def plain(text: str) -> str:
    """One text, as plain_text."""
    return str(pl.select(plain_text(pl.lit(text))).item())


def neutralised(column: pl.Expr) -> pl.Expr:
    """Text that no spreadsheet program takes for a formula: an apostrophe stands before each lead.

    A lead is = + - @ or its full-width form, at the start or after a separator, also behind spaces and quotes. Taking
    one apostrophe away before each lead gives the text back. Source: OWASP, CSV Injection.
    """
    return column.str.replace_all(_FORMULA, "${1}'${2}")


def neutral(texts: Iterable[str]) -> dict[str, str]:
    """Each of these texts, plain and neutralised."""
    held = pl.DataFrame({"text": sorted(set(texts))}, schema={"text": pl.String})
    return dict(held.select("text", neutral=neutralised(plain_text(pl.col("text")))).rows())


def plain_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as a CSV file in UTF-8, its texts plain and neutralised; numbers stay numbers, None is an empty cell."""
    held = [list(row) for row in rows]
    safe = neutral(cell for row in held for cell in row if isinstance(cell, str))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [safe[cell] if isinstance(cell, str) else cell for cell in row] for row in held
    )
    return out.getvalue().encode()
