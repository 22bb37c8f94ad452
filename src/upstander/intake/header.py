"""The first line, compared by name with what the supplier map states. Position is never trusted."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from upstander.intake.limits import LIMITS
from upstander.intake.lines import count_lines
from upstander.intake.sentences import say, stop
from upstander.intake.suppliers import Supplier

DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Header:
    """Where the rows start, and which field is which heading.

    `fields` has, for every field of a row, the heading of the map, or None where it is not read: because the agreement
    does not know it, or because nothing is made of it. `as_sent` is the header line's own words. `length` is the
    bytes up to the first row; `preamble` and `blank` count the lines before the header, `lines` those of it.
    """

    length: int
    preamble: int
    blank: int
    lines: int
    delimiter: str
    as_sent: tuple[str, ...]
    fields: tuple[str | None, ...]
    notes: tuple[str, ...]
    holds: tuple[str, ...]


def find_header(start: bytes, supplier: Supplier, known: frozenset[str] | None, *, is_whole: bool) -> Header:
    """The header at the start of a file. `is_whole`: the file has no more bytes. Raises FileStopped."""
    if is_whole and not start.strip(b" \t\r\n"):
        raise stop("empty")
    if not is_whole and b"\n" not in start and b"\r" not in start:
        raise stop("endless_start", megabytes=len(start) >> 20)
    preamble, blank, at = _skip_to_header(start, supplier.file.preamble_lines)
    delimiter, cells, length = _best_reading(start[at : at + LIMITS.longest_record], supplier)
    if len(cells) > LIMITS.most_columns:
        raise stop("too_many_columns", count=len(cells), most=LIMITS.most_columns)
    fields, notes, holds = _matched(cells, supplier, known)
    if delimiter != supplier.file.delimiter:
        notes = (say("delimiter", found=_named(delimiter), stated=_named(supplier.file.delimiter)), *notes)
    head = start[at : at + length]
    if head.count(supplier.file.quote.encode()) % 2:
        raise stop("open_quote", at=preamble + blank + 1, line=preamble + blank + 1)
    lines = max(1, count_lines(head, ends_with_cr=False) + (head[-1:] not in b"\r\n"))
    return Header(at + length, preamble, blank, lines, delimiter, tuple(cells), fields, notes, holds)


def _skip_to_header(start: bytes, preamble_lines: int) -> tuple[int, int, int]:
    """Preamble lines, blank lines, and the byte at which the header starts."""
    at, preamble, blank = 0, 0, 0
    while at < len(start):
        end = _line_end(start, at)
        if preamble < preamble_lines:
            preamble += 1
        elif not start[at:end].strip():
            blank += 1
        else:
            break
        at = end
    return preamble, blank, at


def _line_end(content: bytes, at: int) -> int:
    """The byte after the line that starts at `at`, its line ending included."""
    feed, back = content.find(b"\n", at), content.find(b"\r", at)
    if feed < 0 and back < 0:
        return len(content)
    if back < 0 or (0 <= feed < back):
        return feed + 1
    return back + 2 if feed == back + 1 else back + 1


def _best_reading(content: bytes, supplier: Supplier) -> tuple[str, list[str], int]:
    """Delimiter, cells and length in bytes of the header: the stated delimiter, unless another finds more headings."""
    wanted = {_normal(heading) for heading in supplier.headings}
    stated = supplier.file.delimiter
    best: tuple[int, str, list[str], int] = (-1, stated, [], 0)
    for delimiter in dict.fromkeys((stated, *DELIMITERS)):
        cells, length = _first_record(content, delimiter, supplier.file.quote)
        score = len(wanted & {_normal(cell) for cell in cells})
        if score > best[0]:
            best = (score, delimiter, cells, length)
    return best[1:]


def _first_record(content: bytes, delimiter: str, quote: str) -> tuple[list[str], int]:
    """The first record's cells and the bytes that it takes up with its line ending."""
    end = _line_end(content, 0)
    while content[:end].count(quote.encode()) % 2 and end < len(content):
        end = _line_end(content, end)
    text = content[:end].decode("utf-8", "replace").rstrip("\r\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
    csv.field_size_limit(LIMITS.longest_record)
    return next(reader, []), end


def _normal(heading: str) -> str:
    return " ".join(heading.replace("\ufeff", "").replace("\u00a0", " ").split()).casefold()


def _matched(
    cells: Sequence[str], supplier: Supplier, known: frozenset[str] | None
) -> tuple[tuple[str | None, ...], tuple[str, ...], tuple[str, ...]]:
    by_normal = {_normal(heading): heading for heading in supplier.headings}
    found = [by_normal.get(_normal(cell)) for cell in cells]
    _refuse_strangers(found, supplier.headings_needed, supplier)
    allowed = [heading if known is None or heading in known else None for heading in found]
    repaired = sum(heading is not None and heading != cell for heading, cell in zip(found, cells, strict=True))
    notes = (say("headings_differ", count=repaired),) if repaired else ()
    extra = [index for index, heading in enumerate(allowed, 1) if heading is None]
    holds = (_not_agreed(extra),) if extra else ()
    return tuple(heading if heading in supplier.headings_read else None for heading in allowed), notes, holds


def _refuse_strangers(found: Sequence[str | None], required: Sequence[str], supplier: Supplier) -> None:
    present = [heading for heading in found if heading is not None]
    if not present or len(set(present)) * 2 < len(required):
        raise stop(
            "no_header", supplier=supplier.name, found=len(set(present)), needed=len(required),
            expected=", ".join(required),
        )  # fmt: skip
    twice = sorted({heading for heading in present if present.count(heading) > 1})
    if twice:
        raise stop("heading_twice", headings=", ".join(twice))
    missing = [heading for heading in required if heading not in present]
    if missing:
        raise stop("missing_column", headings=", ".join(missing))


def _not_agreed(positions: Sequence[int]) -> str:
    listed = ", ".join(str(position) for position in positions[:10]) + (", …" if len(positions) > 10 else "")
    return say("column_not_agreed" if len(positions) == 1 else "columns_not_agreed", columns=listed)


def _named(delimiter: str) -> str:
    return "tab" if delimiter == "\t" else delimiter
