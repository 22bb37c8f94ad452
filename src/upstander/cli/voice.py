"""Two voices: words for people on the terminal, JSON for programs. Only this module writes to standard output."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_FILE_WIDTH = 180  # a table that is read by a program or kept in a file need not fit a screen
_out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH)
_err = Console(stderr=True, soft_wrap=True, highlight=False)


def say(text: str) -> None:
    """One line or paragraph for a person."""
    _out.print(text, markup=False)


def complain(text: str) -> None:
    """One line or paragraph on standard error."""
    _err.print(text, markup=False)


def say_json(value: object) -> None:
    """One line of JSON, as the last line of the output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str) + "\n")
    sys.stdout.flush()


def say_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, numbers: Sequence[str] = ()
) -> None:
    """A table for a person. `numbers` are the columns to align right. Square brackets are text, not markup."""
    table = Table(title=escape(title) or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(escape(column), justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    _out.print(table)


def answer(value: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """The same answer in the voice that was asked for."""
    if as_json:
        say_json(value)
    else:
        say(text)
