"""The XLSX template of a dataset: a sheet to fill, the codes it takes, and what each column means.

Nothing in it is hidden and nothing in it runs, so that our own intake takes it as it is. Cells that a spreadsheet would
spoil (references, postcodes, codes) are text; dates are real dates, written by ISO 8601.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upstander.contracts.dataset import Column, DatasetContract, Kind
from upstander.contracts.fates import fate

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

DATA_SHEET = "Rows"
_CODES_SHEET, _WORDS_SHEET = "Codes", "Read me"
_ROWS_PREPARED = 20_000
_TITLE_FITS, _MESSAGE_FITS = 32, 255  # more than this, and a spreadsheet program calls the file damaged
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the same in every template, so that equal contracts give equal bytes
_FORMATS = {
    Kind.TEXT: "@", Kind.CODE: "@", Kind.FIGURE: "General", Kind.INTEGER: "0", Kind.DECIMAL: "General",
    Kind.DATE: "yyyy-mm-dd", Kind.TIMESTAMP: "yyyy-mm-dd hh:mm",
}  # fmt: skip
_WRITTEN = {
    Kind.TEXT: "text", Kind.CODE: "a code from the list", Kind.FIGURE: "a number, or the mark in its place",
    Kind.INTEGER: "a whole number", Kind.DECIMAL: "a number", Kind.DATE: "a date",
    Kind.TIMESTAMP: "a date and time, to the minute",
}  # fmt: skip
_BRAND, _SECONDARY = "#581f48", "#57505a"


@dataclass(frozen=True)
class _Styles:
    """How cells look."""

    title: Any
    heading: Any
    needed: Any
    wrapped: Any
    code: Any


def template_xlsx(contract: DatasetContract) -> bytes:
    """The template as a workbook of three visible sheets: Rows, Codes, Read me. Equal contracts give equal bytes."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.set_properties({"title": contract.title, "created": _MADE})
        styles = _styles(book)
        rows, codes, words = (book.add_worksheet(name) for name in (DATA_SHEET, _CODES_SHEET, _WORDS_SHEET))
        ranges = _write_codes(codes, contract, styles)
        _write_rows(book, rows, contract, ranges, styles)
        _write_words(words, contract, styles)
    return made.getvalue()


def _styles(book: "Workbook") -> _Styles:
    heading = {"bold": True, "font_color": "#ffffff", "bg_color": _BRAND, "num_format": "@"}
    return _Styles(
        title=book.add_format({"bold": True, "font_size": 16, "font_color": _BRAND}),
        heading=book.add_format(heading | {"bg_color": _SECONDARY}),
        needed=book.add_format(heading),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        code=book.add_format({"num_format": "@", "valign": "top"}),
    )


def _write_codes(sheet: "Worksheet", contract: DatasetContract, styles: _Styles) -> dict[str, str]:
    """Each code list in two columns, the code and what it means; gives the range of its codes, by its name."""
    lists = {column.codes.name: column.codes for column in contract.columns if column.codes is not None}
    ranges = {}
    for index, codes in enumerate(lists.values()):
        at = 3 * index
        users = [
            column.name for column in contract.columns if column.codes is not None and column.codes.name == codes.name
        ]
        _write_table(sheet, at, (", ".join(users), "means"), codes.meanings.items(), styles)
        letter = _letters(at)
        ranges[codes.name] = f"={_CODES_SHEET}!${letter}$2:${letter}${len(codes.meanings) + 1}"
    sheet.freeze_panes(1, 0)
    if not lists:
        sheet.write_string(0, 0, "No column of this dataset takes codes.")
    return ranges


def _write_table(
    sheet: "Worksheet", at: int, heads: tuple[str, str], rows: Iterable[tuple[str, str]], styles: _Styles
) -> None:
    sheet.set_column(at, at, 22, styles.code)
    sheet.set_column(at + 1, at + 1, 44, styles.wrapped)
    for offset, head in enumerate(heads):
        sheet.write_string(0, at + offset, head, styles.heading)
    for row, cells in enumerate(rows, 1):
        for offset, cell in enumerate(cells):
            sheet.write_string(row, at + offset, cell)


def _write_rows(
    book: "Workbook", sheet: "Worksheet", contract: DatasetContract, ranges: dict[str, str], styles: _Styles
) -> None:
    for index, column in enumerate(contract.columns):
        width = max(len(column.name) + 3, 18 if column.kind is Kind.TIMESTAMP else 12)
        sheet.set_column(index, index, width, book.add_format({"num_format": _FORMATS[column.kind]}))
        sheet.write_string(0, index, column.name, styles.needed if column.required else styles.heading)
        sheet.data_validation(1, index, _ROWS_PREPARED, index, _validation(column, ranges))
    sheet.freeze_panes(1, 1)
    sheet.activate()


def _validation(column: Column, ranges: dict[str, str]) -> dict[str, Any]:
    """What a cell of the column says when it is entered, and what it takes."""
    said = {
        "input_title": column.name[:_TITLE_FITS],
        "input_message": _fitting(_message(column)),
        "error_title": column.name[:_TITLE_FITS],
    }
    if column.codes is not None:
        return said | _listed(ranges[column.codes.name])
    if column.kind in (Kind.DATE, Kind.TIMESTAMP):
        return said | _between(datetime(1900, 3, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - wall clock, like the cells
    return said | {"validate": "any"}


def _listed(source: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_message": "Please choose one of the list; see the sheet Codes.",
    }


def _between(first: datetime, last: datetime) -> dict[str, Any]:
    return {
        "validate": "date", "criteria": "between", "minimum": first, "maximum": last,
        "error_message": "Please enter a real date, such as 2026-07-04, or 2026-07-04 22:40 with a time.",
    }  # fmt: skip


def _message(column: Column) -> str:
    need = "Every row needs it. " if column.required else ""
    unit = f" ({column.unit})" if column.unit else ""
    return f"{need}{column.means[0].upper()}{column.means[1:]}{unit}. Example: {column.example}"


def _fitting(text: str) -> str:
    return text if len(text) <= _MESSAGE_FITS else f"{text[: _MESSAGE_FITS - 1]}…"


def _write_words(sheet: "Worksheet", contract: DatasetContract, styles: _Styles) -> None:
    sheet.set_column(0, 0, 22, styles.wrapped)
    sheet.set_column(1, 1, 60, styles.wrapped)
    sheet.set_column(2, 2, 30, styles.wrapped)
    sheet.set_column(3, 3, 60, styles.wrapped)
    sheet.write_string(0, 0, contract.title, styles.title)
    for row, words in enumerate(_how_to(contract), 2):
        sheet.write_string(row, 0, words)
    start = 3 + len(_how_to(contract))
    for index, head in enumerate(("Column", "What it means", "How to write it", "What becomes of it")):
        sheet.write_string(start, index, head, styles.heading)
    for row, column in enumerate(contract.columns, start + 1):
        for index, words in enumerate(_about(column)):
            sheet.write_string(row, index, words, styles.wrapped)


def _how_to(contract: DatasetContract) -> Sequence[str]:
    """One sentence a line, none of which wraps."""
    return (
        f"One row is {contract.one_row_is}.",
        f"It arrives {contract.arrives}.",
        f"Fill the sheet {DATA_SHEET}, one row a line, from line 2. Headings in plum must be filled in every row.",
        "Leave a cell empty where nothing is known. Leave out a column that you do not have.",
        "Paste values only (Paste special, Values): formats, formulas, comments and hidden rows hold the file up.",
        f"Send this workbook as it is, or the sheet {DATA_SHEET} saved as “CSV UTF-8”.",
    )


def _about(column: Column) -> tuple[str, str, str, str]:
    need = " (every row needs it)" if column.required else ""
    return f"{column.name}{need}", column.means, _written(column), fate(column)


def _written(column: Column) -> str:
    unit = f", in {column.unit}" if column.unit and column.kind in (Kind.INTEGER, Kind.DECIMAL) else ""
    return f"{_WRITTEN[column.kind]}{unit}; for example {column.example}"


def _letters(index: int) -> str:
    """A column's letters, from 0 = A."""
    first, last = divmod(index, 26)
    return ("" if not first else _letters(first - 1)) + chr(ord("A") + last)
