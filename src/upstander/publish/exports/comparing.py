"""Whether a file that was written and opened again holds the released tables, cell by cell, and nothing else.

Workbooks are read by calamine and CSV by Python's own reader, neither of which wrote them.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import polars as pl

from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish.exports.notes import SHORTHAND
from upstander.publish.exports.reopening import faults, footers
from upstander.publish.exports.texts import LEADS, QUOTES, plain_text
from upstander.publish.exports.tidy import NUMBERS, Tidy
from upstander.publish.exports.workbook import Workbook, kept_digits

_LIVE = re.compile(rf"(?:^|[,;|])(?!')[{QUOTES}\s]*[{LEADS}]")
_GUARD = re.compile(rf"(^|[,;|])'(?=[{QUOTES}\s]*[{LEADS}])")
_STATUS_OF = {mark: status.value for status, mark in SHORTHAND.items()}


def workbook_differences(
    content: bytes, expected: Workbook, tables: Sequence[Tidy], released: Sequence[ReleasedTable]
) -> Iterator[str]:
    """Where an XLSX or ODS is not the workbook expected or the released tables, and what is hidden or live in it."""
    yield from faults(content)
    try:
        sheets = _sheets(content)
    except Exception as why:  # whatever the reader cannot open, nobody should be given
        yield f"it cannot be read: {type(why).__name__}"
        return
    if list(sheets) != [sheet.name for sheet in expected.sheets]:
        yield "worksheets: not those expected, or hidden"
        return
    for sheet in expected.sheets:
        yield from _grid_differences(sheet.name, sheets[sheet.name], sheet.grid)
    if not all(expected.footer in footer for footer in footers(content) or [""]):
        yield "footer: not the mark of this copy"
    data = expected.sheets[len(expected.sheets) - len(tables) :]
    for sheet, table, truth in zip(data, tables, released, strict=True):
        rows = sheets[sheet.name][len(sheet.lines) + 1 :]
        if not _cells_of(rows, table).equals(_truth(truth, kept_digits)):
            yield f"{sheet.name}: its cells are not those of the released table {truth.name}"


def _sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """The values of every visible worksheet, by name; a hidden one is left out, so that it is missed."""
    from python_calamine import SheetVisibleEnum, load_workbook

    book = load_workbook(io.BytesIO(content))
    visible = [one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
    read = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in visible}
    return read if len(visible) == len(book.sheet_names) else {}


def _grid_differences(name: str, found: list[list[Any]], expected: Sequence[Sequence[Any]]) -> Iterator[str]:
    for number, (row, wanted) in enumerate(zip_longest(found, expected, fillvalue=()), start=1):
        filled = [*wanted, *[""] * (len(row) - len(wanted))]
        if len(row) != len(filled) or any(not _is_same(a, b) for a, b in zip(row, filled, strict=True)):
            yield f"{name}, row {number}: not what was written"


def _is_same(found: object, wanted: object) -> bool:
    return found == wanted and isinstance(found, str) == isinstance(wanted, str)


def _cells_of(rows: Sequence[Sequence[Any]], table: Tidy) -> pl.DataFrame:
    """Released cells again, from a worksheet's rows: numbers as they stand, statuses from the shorthand."""
    names = [*(name for name, _ in table.texts), "value", *table.limits]
    read = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    numbers = {name: [cell if isinstance(cell, float) else None for cell in read.get(name, [])] for name in NUMBERS}
    statuses = [_STATUS_OF.get(cell, Status.SHOWN.value) for cell in read["value"]]
    return _released_again(table, read, numbers, statuses)


def _released_again(
    table: Tidy, texts: Mapping[str, list[str]], numbers: Mapping[str, list[float | None]], statuses: list[str]
) -> pl.DataFrame:
    """The columns of a ReleasedTable; limits that a worksheet leaves out are null."""
    absent = [None] * len(statuses)
    columns = [
        *(pl.Series(key.dimension, texts[key.name], pl.String) for key in table.keys),
        *(pl.Series(name, numbers[name] or absent, pl.Float64) for name in NUMBERS),
        pl.Series("status", statuses, pl.String),
    ]
    return pl.DataFrame(columns)


def _truth(table: ReleasedTable, kept: Callable[[float], float] = float) -> pl.DataFrame:
    """What a file must say of a released table: its keys as plain text, an area without its layer, numbers as kept."""
    is_shown = pl.col("status") == Status.SHOWN.value
    keys = [plain_text(_bare(name)).alias(name) for name in table.dimensions]
    value = pl.when(is_shown).then(pl.col("value")).alias("value")
    cells = table.cells.select(*keys, value, "low", "high", "status")
    numbers = {name: [None if cell is None else kept(cell) for cell in cells[name].to_list()] for name in NUMBERS}
    return cells.with_columns(pl.Series(name, held, pl.Float64) for name, held in numbers.items())


def _bare(dimension: str) -> pl.Expr:
    code = pl.col(dimension)
    return code.str.strip_prefix(code.str.extract(r"^([a-z]+[0-9]*:)").fill_null("")) if dimension == "area" else code


def csv_differences(content: bytes, table: Tidy, released: ReleasedTable) -> Iterator[str]:
    """Where a CSV is not the released table, and any cell of text that a spreadsheet program would run."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    header = [*(name for name, _ in table.texts), *NUMBERS, "status"]
    if rows[:1] != [header] or any(len(row) != len(header) for row in rows):
        yield f"{table.name}.csv: not the columns expected"
        return
    width = len(table.texts)
    for number, row in enumerate(rows[1:], start=2):
        if any(_LIVE.search(text) for text in row[:width]):
            yield f"{table.name}.csv, line {number}: a text that would run as a formula"
    read = {name: [row[place] for row in rows[1:]] for place, name in enumerate(header)}
    texts = {name: [_GUARD.sub(r"\1", text) for text in read[name]] for name, _ in table.texts}
    numbers = {name: [float(cell) if cell else None for cell in read[name]] for name in NUMBERS}
    found = _released_again(table, texts, numbers, read["status"])
    labels = [key.label for key in table.keys if key.label]
    if not found.equals(_truth(released)) or any(texts[name] != table.frame[name].to_list() for name in labels):
        yield f"{table.name}.csv: its cells are not those of the released table"
