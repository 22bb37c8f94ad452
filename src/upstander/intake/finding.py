"""Finding one person's records in a file that was read before, and the same file without them.

A record is looked at whatever became of it: accepted, quarantined, repeated, set aside. What is compared are keyed
hashes of canonical identifiers, made with keys of their own, so that a person is found in every supplier's files and
nothing that is written down names anybody.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import BinaryIO

import numpy as np
import polars as pl

from upstander.contracts.dataset import DatasetContract
from upstander.intake.blocks import Block, BlockReader
from upstander.intake.cells import LINE, Cells, cells_of, line_numbers, raw_texts
from upstander.intake.columns import in_contract_columns
from upstander.intake.errors import FileStopped
from upstander.intake.header import Header, find_header
from upstander.intake.limits import LIMITS
from upstander.intake.mentions import Mentions
from upstander.intake.persons import person_identifiers, refs_of, tokens_of
from upstander.intake.sources import Decoder, Source, look_at
from upstander.intake.suppliers import Supplier
from upstander.intake.times import read_times
from upstander.intake.typed import Reader
from upstander.intake.workbooks import FAULT_SCHEMA, repacked, sheet_in
from upstander.values import identifiers

TRACE_SCHEMA = {"line": pl.Int64, "kind": pl.String, "key": pl.String}
BY_NAME = "name"  # the full name alone
_NAMES = ("surname", "forename")
_BLOCK_BYTES = 8 << 20
_SNIFFED = 512
_CELL = r"{quote}(?:[^{quote}]|{quote}{quote})*{quote}|[^{delimiter}]*"


@dataclass(frozen=True)
class Layout:
    """How a file is read: its supplier's map, and the contract that the map fills."""

    contract: DatasetContract
    supplier: Supplier


@dataclass
class Rewritten:
    """What became of a file: lines left empty, those of them found by their text alone, and texts written over.

    `changed` is record text as it now reads, by line, of the records that only mentioned somebody.
    """

    emptied: int = 0
    by_text: list[int] = field(default_factory=list)
    changed: dict[int, str] = field(default_factory=dict)

    @property
    def is_same(self) -> bool:
        """Whether the file is as it was."""
        return not self.emptied and not self.changed


class _Walk:
    """A file as blocks of records, the way `read` sees it. Raises FileStopped where `read` would stop."""

    def __init__(self, stream: BinaryIO, layout: Layout, block_bytes: int) -> None:
        source, supplier = Source(stream), layout.supplier
        self.sheet = sheet_in(source, wanted=supplier.file.sheet)
        if self.sheet is not None:
            supplier = supplier.as_workbook()
        self.layout, self.decoder = replace(layout, supplier=supplier), Decoder(supplier.file.encoding)
        self._reader = BlockReader(source, self.decoder, block_bytes, supplier.file.quote)
        self._texts = self._reader.texts()
        self.start, self._is_whole = next(self._texts)
        self.header: Header = find_header(self.start, supplier, None, is_whole=self._is_whole)
        self._reader.delimiter = self.header.delimiter

    def blocks(self) -> Iterator[tuple[Block, Cells]]:
        """Each block, and its records sorted into rows and others."""
        header, file = self.header, self.layout.supplier.file
        line = header.preamble + header.blank + header.lines + 1
        first = self.start[header.length :]
        for block in self._reader.blocks(first, self._texts, is_last=self._is_whole, line=line):
            yield block, cells_of(block, header, quote=file.quote, footer=file.footer)

    def rows(self, cells: Cells) -> pl.DataFrame:
        """Rows in the contract's columns, births read as days."""
        layout = self.layout
        rows, _ = in_contract_columns(cells.rows, layout.contract, layout.supplier, padded=cells.padded)
        dob = layout.contract.column("dob")
        if dob is None or "dob" not in rows.columns:
            return rows
        formats = Reader(layout.contract, layout.supplier).formats(dob)
        return rows.with_columns(read_times(rows["dob"], formats, layout.supplier.zone).values.alias("dob.at"))


def is_opaque(stream: BinaryIO, *, has_map: bool) -> bool:
    """Whether a file holds no text that could be looked through: a PDF, a damaged workbook, an archive.

    An archive of one file of rows can be looked through by a map that reads it.
    """
    source = Source(stream)
    start = source.peek(_SNIFFED)
    try:
        look_at(start)
        sheet_in(source, wanted=None)
    except FileStopped:
        return not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return source.was_packed and not has_map


def traces(
    stream: BinaryIO, layout: Layout, keys: Mapping[str, bytes], *, block_bytes: int = _BLOCK_BYTES
) -> Iterator[pl.DataFrame]:
    """Each identifier of each record: line, kind, key (TRACE_SCHEMA), block by block. Raises FileStopped.

    keys: kind of identifier -> key, BY_NAME among them.
    """
    walk = _Walk(stream, layout, block_bytes)
    for _, cells in walk.blocks():
        if not cells.rows.is_empty():
            yield _traced(walk.rows(cells), layout, keys)


def told(stream: BinaryIO, layout: Layout, lines: Collection[int], *, block_bytes: int = _BLOCK_BYTES) -> Mentions:
    """How the people of the records on these lines are written: names, NHS numbers, references. Raises FileStopped."""
    walk = _Walk(stream, layout, block_bytes)
    found = Mentions()
    for _, cells in walk.blocks():
        theirs = walk.rows(cells).filter(pl.col(LINE).is_in(list(lines)))
        if not theirs.is_empty():
            found |= _mentions(theirs, layout)
    return found


def rewritten(
    stream: BinaryIO,
    layout: Layout,
    gone: Collection[int],
    mentions: Mentions,
    write: Callable[[bytes], object],
    *,
    block_bytes: int = _BLOCK_BYTES,
) -> Rewritten:
    """Write the file once more, the records on the lines of `gone` left empty. Raises FileStopped.

    Line endings stay, so that every other line keeps its number. A record that is no row and mentions somebody is left
    empty too. In the free text of other rows each mention is written over with as many characters.
    """
    walk = _Walk(stream, layout, block_bytes)
    if walk.sheet is not None:
        return _rewritten_sheet(walk, gone, mentions, write)
    return _rewritten(walk, gone, mentions, write)


def _rewritten_sheet(
    walk: _Walk, gone: Collection[int], mentions: Mentions, write: Callable[[bytes], object]
) -> Rewritten:  # fmt: skip
    pieces: list[bytes] = []
    done = _rewritten(walk, gone, mentions, pieces.append)
    write(repacked(b"".join(pieces), walk.sheet.faults if walk.sheet else pl.DataFrame(schema=FAULT_SCHEMA)))
    return done


def _rewritten(
    walk: _Walk, gone: Collection[int], mentions: Mentions, write: Callable[[bytes], object]
) -> Rewritten:  # fmt: skip
    layout, encode, done = walk.layout, _encoder(walk.decoder), Rewritten()
    head = walk.start[: walk.header.length].decode("utf-8", "surrogateescape")
    write(encode(mentions.masked(head).encode("utf-8", "surrogateescape"), is_first=True))
    spoken = _spoken_columns(walk.header, layout)
    for block, cells in walk.blocks():
        kept = _without(block, cells, walk.header, spoken, gone, mentions, done, quote=layout.supplier.file.quote)
        write(encode(kept, is_first=False))
    return done


def rewritten_lines(
    stream: BinaryIO, gone: Collection[int], mentions: Mentions, write: Callable[[bytes], object]
) -> Rewritten:
    """The same for a file that no map reads: each physical line that mentions somebody is left empty."""
    decoder, done, line, waiting = Decoder("utf-8"), Rewritten(), 1, b""
    chunks = Source(stream).chunks(_BLOCK_BYTES)
    ahead, is_first = next(chunks, b""), True
    while ahead or is_first:
        chunk, ahead = ahead, next(chunks, b"")
        waiting += decoder.feed(chunk, is_last=not ahead)
        lines = re.split(rb"(?<=\n)|(?<=\r)(?!\n)", waiting)
        waiting = b"" if not ahead else lines.pop()
        if len(waiting) > LIMITS.longest_record:
            lines, waiting = [*lines, waiting], b""
        kept = [_line_without(text, line + at, gone, mentions, done) for at, text in enumerate(lines) if text]
        line += len(kept)
        write(_encoder(decoder)(b"".join(kept), is_first=is_first))
        is_first = False
    return done


def _traced(rows: pl.DataFrame, layout: Layout, keys: Mapping[str, bytes]) -> pl.DataFrame:
    refs = refs_of(layout.contract, layout.supplier.person_ref_is, rows.columns)
    found = [
        _hashed(rows, canonical, kind, keys[kind])
        for kind, canonical in person_identifiers(refs, rows.columns, keys)
    ]  # fmt: skip
    if set(_NAMES) <= set(rows.columns):
        found.append(_hashed(rows, full_name(), BY_NAME, keys[BY_NAME]))
    return pl.concat(found) if found else pl.DataFrame(schema=TRACE_SCHEMA)


def full_name() -> pl.Expr:
    """`SURNAME|FORENAME`, null unless both are there."""
    parts = [identifiers.name(pl.col(name)) for name in _NAMES]
    return pl.concat_str([pl.when(part != "").then(part) for part in parts], separator="|")


def _hashed(rows: pl.DataFrame, canonical: pl.Expr, kind: str, key: bytes) -> pl.DataFrame:
    values = rows.select(pl.col(LINE).alias("line"), value=canonical).filter(pl.col("value").fill_null("") != "")
    if values.is_empty():
        return pl.DataFrame(schema=TRACE_SCHEMA)
    return values.select("line", kind=pl.lit(kind), key=tokens_of(values["value"], key))


def _mentions(rows: pl.DataFrame, layout: Layout) -> Mentions:
    refs = refs_of(layout.contract, layout.supplier.person_ref_is, rows.columns)
    names: list[tuple[str, str]] = []
    if set(_NAMES) <= set(rows.columns):
        names = rows.select("forename", "surname").drop_nulls().unique().rows()
    numbers = rows.select(identifiers.nhs_number(pl.col(refs.nhs_number))) if refs.nhs_number else pl.DataFrame()
    sent = [rows[name].drop_nulls().to_list() for name in (refs.person, refs.nhs_number) if name]
    return Mentions.of(names, [one for column in numbers for one in column.drop_nulls()], chain(*sent))


def _spoken_columns(header: Header, layout: Layout) -> frozenset[int]:
    """Which fields of a row may mention somebody who is not its subject: free text, and what no map reads."""
    filled = dict(layout.supplier.columns)
    filled |= {part: name for name, parts in layout.supplier.split.items() for part in parts}
    free = {column.name for column in layout.contract.columns if column.free_text}
    return frozenset(
        index for index, heading in enumerate(header.fields) if heading is None or filled.get(heading) in free
    )


def _without(
    block: Block, cells: Cells, header: Header, spoken: frozenset[int], gone: Collection[int], mentions: Mentions,
    done: Rewritten, *, quote: str,
) -> bytes:  # fmt: skip
    records = block.records
    every = np.arange(records.count)
    lines = line_numbers(block, every)
    is_gone = np.isin(lines, np.fromiter(gone, np.int64, len(gone)))
    is_row = np.isin(every, cells.which)
    may_mention = mentions.may_be_in(raw_texts(block, every)).to_numpy() & ~is_gone
    texts: dict[int, bytes] = {}
    for at in np.flatnonzero(is_gone | may_mention):
        start, end, after = int(records.starts[at]), int(records.ends[at]), int(records.after[at])
        line, text = int(lines[at]), block.content[start:end].decode("utf-8", "surrogateescape")
        ending = block.content[end:after]
        if not is_gone[at]:
            masked = (
                _masked_cells(text, header.delimiter, quote, spoken, mentions) if is_row[at] else mentions.masked(text)
            )
            if masked == text:
                continue
            if is_row[at]:
                done.changed[line] = masked
                texts[int(at)] = masked.encode("utf-8", "surrogateescape") + ending
                continue
            done.by_text.append(line)
        spans = int(records.spans[at])
        done.emptied += spans
        texts[int(at)] = (ending or b"\n") * (spans - 1) + ending
    return _put_together(block, texts)


def _put_together(block: Block, texts: Mapping[int, bytes]) -> bytes:
    records, pieces, at = block.records, [], 0
    for record in sorted(texts):
        pieces += [block.content[at : int(records.starts[record])], texts[record]]
        at = int(records.after[record])
    return b"".join([*pieces, block.content[at : records.consumed]])


def _masked_cells(text: str, delimiter: str, quote: str, spoken: frozenset[int], mentions: Mentions) -> str:
    cell_is = re.compile(_CELL.format(quote=re.escape(quote), delimiter=re.escape(delimiter)))
    cells: list[str] = []
    at = 0
    while at <= len(text):
        found = cell_is.match(text, at)
        cell = found[0] if found else text[at:]
        cells.append(mentions.masked(cell) if len(cells) in spoken else cell)
        at += len(cell) + 1
    return delimiter.join(cells)


def _line_without(text: bytes, line: int, gone: Collection[int], mentions: Mentions, done: Rewritten) -> bytes:
    words = text.decode("utf-8", "surrogateescape")
    is_mentioned = mentions.masked(words) != words
    if line not in gone and not is_mentioned:
        return text
    done.emptied += 1
    if line not in gone:
        done.by_text.append(line)
    return text[len(text.rstrip(b"\r\n")) :]


def _encoder(decoder: Decoder) -> Callable[..., bytes]:
    """Brings UTF-8 back to how the file was sent, its byte order mark included."""

    def encode(content: bytes, *, is_first: bool) -> bytes:
        name = decoder.encoding or "utf-8"
        mark = "\ufeff" if is_first and decoder.has_mark else ""
        if name == "utf-8":
            return mark.encode() + content
        coded = "cp1252" if name == "windows-1252" else name
        return (mark + content.decode("utf-8", "replace")).encode(coded, "replace")

    return encode
