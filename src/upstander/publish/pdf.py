"""A sheet as a PDF that holds to PDF/UA-1 (ISO 14289-1): tagged, titled, its language named, all pictures in words."""

import dataclasses
import json
from datetime import UTC, date, datetime
from pathlib import Path

import typst

from upstander.publish.fonts import FAMILY, font_folder
from upstander.publish.sheet import Numbers, Sheet

_TEMPLATE = Path(__file__).parent / "templates" / "bulletin.typ"
_MOST_ROWS = 40  # of one table of numbers on paper; the web page has them all


def document(sheet: Sheet, made_on: date) -> bytes:
    """The PDF. Its time stamp is midnight of the day it was made, so that the same sheet gives the same bytes."""
    laid_out = dataclasses.asdict(sheet)
    laid_out["appendix"] = [dataclasses.asdict(_cut(table)) for section in sheet.sections for table in section.numbers]
    made: bytes = typst.compile(  # type: ignore[misc]  # its stub cannot say what bytes in are
        _TEMPLATE.read_bytes(),
        font_paths=[font_folder()],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC),
        sys_inputs={"sheet": json.dumps(laid_out, ensure_ascii=False), "family": FAMILY},
    )
    return made


def _cut(table: Numbers) -> Numbers:
    """The first rows of a long table, with the rest counted in its caption."""
    rest = len(table.rows) - _MOST_ROWS
    is_long = rest > 0 and not table.caption.endswith("week")
    if not is_long:
        return table
    caption = f"{table.caption}. The highest {_MOST_ROWS}; {rest} more are in the web edition."
    return dataclasses.replace(table, caption=caption, rows=table.rows[:_MOST_ROWS])
