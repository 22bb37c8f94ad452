"""The first rows of an unseen file as text, and how the file seems to be written."""

import csv
import io
from collections import Counter
from dataclasses import dataclass

import polars as pl

from upstander.errors import NotAcceptable

_DELIMITERS = (",", "\t", ";", "|")
_LINES_LOOKED_AT = 60
_MOST_PREAMBLE = 20


@dataclass(frozen=True)
class Sample:
    """Headings in order, and up to `rows` rows of text under them; blanks at both ends of a cell are gone."""

    headings: tuple[str, ...]
    cells: pl.DataFrame
    delimiter: str
    encoding: str
    preamble_lines: int


def sample_of(content: bytes, *, rows: int = 20_000) -> Sample:
    """The header and the first rows. Raises NotAcceptable where the bytes are no table of text."""
    text, encoding = _decoded(content)
    lines = text.splitlines()[:_LINES_LOOKED_AT]
    if not any(line.strip() for line in lines):
        raise NotAcceptable("The file is empty, so there is nothing to draft from.", expected="a header and some rows")
    delimiter = max(_DELIMITERS, key=lambda sign: _agreement(lines, sign))
    widths = _widths(lines, delimiter)
    width = Counter(widths).most_common(1)[0][0]
    if width < 2:
        raise NotAcceptable(
            "The file has one column, or its columns are not set apart by a comma, semicolon, tab or bar.",
            expected="a table of text with a header",
        )
    preamble = next((place for place, found in enumerate(widths[:_MOST_PREAMBLE]) if found == width), 0)
    records = csv.reader(io.StringIO(text), delimiter=delimiter)
    table = [record for _, record in zip(range(preamble + rows + 1), records, strict=False)][preamble:]
    headings = _told_apart([cell.strip().lstrip("\ufeff") for cell in table[0]])
    whole = [record for record in table[1:] if len(record) == len(headings)]
    columns = {name: [record[place].strip() for record in whole] for place, name in enumerate(headings)}
    return Sample(
        tuple(headings), pl.DataFrame(columns, schema=dict.fromkeys(headings, pl.String)), delimiter, encoding, preamble
    )


def _decoded(content: bytes) -> tuple[str, str]:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace"), "utf-16"
    if b"\x00" in content[:4096]:
        raise NotAcceptable("This is not a text file.", found="NUL bytes", expected="a CSV file")
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("windows-1252", errors="replace"), "windows-1252"


def _widths(lines: list[str], delimiter: str) -> list[int]:
    return [len(record) for record in csv.reader(lines, delimiter=delimiter)]


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines have the commonest width, if that is more than one column; then that width."""
    (width, times), *_ = Counter(_widths(lines, delimiter)).most_common(1)
    return (times, width) if width > 1 else (0, 0)


def _told_apart(headings: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    named = []
    for place, heading in enumerate(headings, 1):
        name = heading or f"(column {place})"
        seen[name] += 1
        named.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return named
