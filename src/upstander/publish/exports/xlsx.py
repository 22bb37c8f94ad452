"""A workbook as XLSX: every text typed as text, nothing computed, no names of people or machines."""

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upstander.publish.exports.workbook import COVER_WIDTH, Sheet, Workbook

if TYPE_CHECKING:
    from xlsxwriter import Workbook as Book
    from xlsxwriter.worksheet import Worksheet

_FONT = {"font_name": "Arial", "font_size": 12, "font_scheme": "none"}  # not the theme's font
_A4 = 9


def xlsx(workbook: Workbook) -> bytes:
    """The bytes; equal workbooks give equal bytes."""
    import xlsxwriter

    made = io.BytesIO()
    made_on = datetime(workbook.made_on.year, workbook.made_on.month, workbook.made_on.day)  # noqa: DTZ001 - a day
    with xlsxwriter.Workbook(made, {"in_memory": True, "default_format_properties": dict(_FONT)}) as book:
        book.set_properties({"title": workbook.title, "created": made_on})
        looks = _looks(book)
        for number, sheet in enumerate(workbook.sheets):
            _write(book.add_worksheet(sheet.name), sheet, number, workbook.footer, looks)
    return made.getvalue()


def _looks(book: "Book") -> dict[str, Any]:
    top = {"valign": "top"}
    return {
        "title": book.add_format({"bold": True, "font_size": 16}),
        "line": book.add_format(top),
        "wrapped": book.add_format(top | {"text_wrap": True}),
        "heading": book.add_format(top | {"text_wrap": True, "bold": True, "bottom": 1}),
        "heading_right": book.add_format(top | {"text_wrap": True, "bold": True, "bottom": 1, "align": "right"}),
        "whole": book.add_format(top | {"num_format": 3}),  # with commas between thousands
        "number": book.add_format(top),
        "right": book.add_format(top | {"align": "right"}),
        "link": book.add_format(top | {"underline": True}),
    }


def _write(page: "Worksheet", sheet: Sheet, number: int, footer: str, looks: dict[str, Any]) -> None:
    for row, line in enumerate(sheet.lines):
        page.write_string(row, 0, line, looks["title" if row == 0 else "line" if sheet.columns else "wrapped"])
    if sheet.columns:
        _write_table(page, sheet, f"data_{number}", looks)
    else:
        page.set_column(0, 0, COVER_WIDTH)
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L{footer.replace('&', '&&')}&RPage &P of &N")


def _write_table(page: "Worksheet", sheet: Sheet, name: str, looks: dict[str, Any]) -> None:
    top, wide = len(sheet.lines), len(sheet.columns)
    headings = [{"header": column.heading} for column in sheet.columns]
    # A marked table has at least one row, be it empty.
    bottom = top + max(1, len(sheet.rows))
    page.add_table(
        top, 0, bottom, wide - 1, {"name": name, "columns": headings, "autofilter": False, "style": None}
    )  # fmt: skip
    for place, column in enumerate(sheet.columns):
        look = looks["heading_right" if column.has_numbers else "heading"]
        page.write_string(top, place, column.heading, look)
        page.set_column(place, place, column.width)
        for row, cell in enumerate((cells[place] for cells in sheet.rows), top + 1):
            if not isinstance(cell, str):
                page.write_number(row, place, cell, looks["whole" if cell == int(cell) else "number"])
            elif sheet.links and place == 0:
                page.write_url(row, place, f"internal:'{cell}'!A1", looks["link"], string=cell)
            else:
                page.write_string(row, place, cell, looks["right" if column.has_numbers else "wrapped"])
