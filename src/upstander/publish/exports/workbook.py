"""The workbook that both formats write: cover, contents, notes, then one table a worksheet.

Source: Government Analysis Function, Releasing statistics in spreadsheets (2023): a title in A1, one marked table a
worksheet, no empty row or cell, no merged cell, notes on a worksheet of their own, shorthand in square brackets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from upstander.contracts.releasing import Status
from upstander.publish.exports.errors import CannotBeWritten
from upstander.publish.exports.facts import ExportFacts
from upstander.publish.exports.notes import (
    MEANINGS,
    SHORTHAND,
    about_lines,
    footer_of,
    mark_of,
    notes_of,
    numbered_notes,
    table_lines,
)
from upstander.publish.exports.texts import plain
from upstander.publish.exports.tidy import Tidy

Cell = str | float
MOST_ROWS, MOST_CHARACTERS, MOST_COLUMNS = 1_048_576, 32_767, 16_384  # of a worksheet, of a cell
_NARROWEST, _WIDEST, COVER_WIDTH = 12, 60, 90  # characters
_LIMITS = {"low": "Lower limit", "high": "Upper limit"}


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its width in characters, and whether numbers stand in it."""

    heading: str
    width: int
    has_numbers: bool = False


@dataclass(frozen=True)
class Sheet:
    """A worksheet: lines of text in column A, the first its title, and below them one table, if any.

    `links`: the first column of the table names worksheets, and leads to them.
    """

    name: str
    lines: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    links: bool = False

    @property
    def grid(self) -> list[Sequence[Cell]]:
        """Every cell of the worksheet, row by row, each as long as the row is filled."""
        headings = [[column.heading for column in self.columns]] if self.columns else []
        return [*([line] for line in self.lines), *headings, *self.rows]


@dataclass(frozen=True)
class Workbook:
    """Worksheets in order, and what stands at the foot of each printed page."""

    title: str
    made_on: date
    footer: str
    sheets: tuple[Sheet, ...]


def workbook(tables: Sequence[Tidy], facts: ExportFacts) -> Workbook:
    """The workbook of an export. Raises CannotBeWritten where a worksheet cannot hold a table."""
    notes = numbered_notes(tables)
    data = tuple(_table(number, table, notes, facts, tables) for number, table in enumerate(tables, start=1))
    after = (_contents(data), _notes(notes, tables, facts), *data)
    made = Workbook(plain(facts.title), facts.made_on, footer_of(tables, facts), (_cover(tables, facts), *after))
    _refuse_too_large(made)
    return made


def _cover(tables: Sequence[Tidy], facts: ExportFacts) -> Sheet:
    return Sheet("Cover", about_lines(tables, facts))


def _contents(data: Sequence[Sheet]) -> Sheet:
    lines = ("Contents", "This worksheet contains one table. It lists the worksheets and what they hold.")
    rows = (("Notes", "Notes, and the shorthand used in the tables"), *((sheet.name, sheet.lines[0]) for sheet in data))
    return Sheet("Contents", lines, _columns(("Worksheet", "Title"), rows), rows, links=True)


def _notes(notes: dict[str, int], tables: Sequence[Tidy], facts: ExportFacts) -> Sheet:
    shorthand = tuple((SHORTHAND[status], MEANINGS[status]) for status in SHORTHAND)
    rows = (*((f"[note {number}]", text) for text, number in notes.items()), *shorthand)
    lines = ("Notes", mark_of(tables, facts), "This worksheet contains one table.")
    return Sheet("Notes", tuple(filter(None, lines)), _columns(("Mark", "What it means"), rows), rows)


def _table(number: int, table: Tidy, notes: dict[str, int], facts: ExportFacts, tables: Sequence[Tidy]) -> Sheet:
    marks = "".join(f" [note {notes[text]}]" for text in dict.fromkeys(notes_of(table.about)))
    title = f"Table {number}: {plain(table.about.title)}{marks}"
    reading = "This worksheet contains one table. Notes and shorthand are explained on the worksheet Notes."
    lines = (title, mark_of(tables, facts), reading, *table_lines(table.about))
    numbers = ("value", *table.limits)
    headings = (*(title for _, title in table.texts), table.value_title, *(_LIMITS[name] for name in table.limits))
    rows = tuple(_rows(table, numbers))
    columns = _columns(_apart(headings), rows, numbers=len(numbers))
    return Sheet(f"Table_{number}", tuple(filter(None, lines)), columns, rows)


def _rows(table: Tidy, numbers: Sequence[str]) -> list[tuple[Cell, ...]]:
    """The cells, with shorthand where a number does not stand; a shown cell without limits has none that apply."""
    texts = [name for name, _ in table.texts]
    said = pl.col("status").replace_strict(
        {status.value: mark for status, mark in SHORTHAND.items()}, default=SHORTHAND[Status.NOT_APPLICABLE],
        return_dtype=pl.String,
    )  # fmt: skip
    marks = table.frame.select(said).to_series().to_list()
    columns = [
        [
            mark if number is None else kept_digits(number)
            for number, mark in zip(table.frame[name].to_list(), marks, strict=True)
        ]
        for name in numbers
    ]
    return list(zip(*(table.frame[name].to_list() for name in texts), *columns, strict=True))


def kept_digits(number: float) -> float:
    """A number to the 15 digits that every spreadsheet program keeps."""
    return float(f"{number:.15g}")


def _apart(headings: Sequence[str]) -> tuple[str, ...]:
    """Headings that differ, whatever their case: a marked table needs them to."""
    seen: dict[str, int] = {}
    made = []
    for heading in headings:
        times = seen[heading.lower()] = seen.get(heading.lower(), 0) + 1
        made.append(heading if times == 1 else f"{heading} ({times})")
    return tuple(made)


def _columns(headings: Sequence[str], rows: Sequence[Sequence[Cell]], numbers: int = 0) -> tuple[Column, ...]:
    """Columns as wide as their longest cell, within bounds; the last `numbers` of them hold numbers."""
    longest = [max((len(str(row[place])) for row in rows), default=0) for place in range(len(headings))]
    first_number = len(headings) - numbers
    return tuple(
        Column(heading, min(_WIDEST, max(_NARROWEST, len(heading) + 2, most + 2)), place >= first_number)
        for place, (heading, most) in enumerate(zip(headings, longest, strict=True))
    )


def _refuse_too_large(made: Workbook) -> None:
    for sheet in made.sheets:
        longest = max(len(cell) for row in sheet.grid for cell in row if isinstance(cell, str))
        if len(sheet.grid) > MOST_ROWS or longest > MOST_CHARACTERS or len(sheet.columns) > MOST_COLUMNS:
            raise CannotBeWritten(
                f"A worksheet cannot hold the table of '{sheet.name}'.",
                where=sheet.name, found=f"{len(sheet.grid)} rows, a text of {longest} characters",
                expected=f"at most {MOST_ROWS} rows and {MOST_CHARACTERS} characters", state="Nothing was written.",
            )  # fmt: skip
