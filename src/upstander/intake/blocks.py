"""A file as blocks of whole records, in bounded memory. What follows the last whole record waits for the next block."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from upstander.intake.errors import FileStopped
from upstander.intake.limits import LIMITS
from upstander.intake.lines import Bytes, Records, count_lines, split_records
from upstander.intake.sentences import stop
from upstander.intake.sources import Decoder, Source, look_at


@dataclass(frozen=True)
class Block:
    """Whole records: their bytes in UTF-8, where each lies, and the physical line (from 1) the block starts on."""

    content: bytes
    records: Records
    first_line: int

    @property
    def view(self) -> Bytes:
        """The bytes as an array, not copied."""
        return np.frombuffer(self.content, np.uint8)


@dataclass
class BlockReader:
    """Cuts a source into blocks. The delimiter is set once the header has been seen."""

    source: Source
    decoder: Decoder
    block_bytes: int
    quote: str
    delimiter: str = ","
    _waiting: bytes = field(default=b"", repr=False)

    def texts(self) -> Iterator[tuple[bytes, bool]]:
        """Chunks in UTF-8, each with whether it is the last."""
        chunks = self.source.chunks(self.block_bytes)
        ahead = next(chunks, b"")
        look_at(ahead)
        while True:
            chunk, ahead = ahead, next(chunks, b"")
            yield self.decoder.feed(chunk, is_last=not ahead), not ahead
            if not ahead:
                return

    def blocks(self, first: bytes, texts: Iterator[tuple[bytes, bool]], *, is_last: bool, line: int) -> Iterator[Block]:
        """Blocks from `first`, what is left of the first chunk, and the `texts` that follow. Raises FileStopped.

        line: the physical line (from 1) that `first` starts on.
        """
        chunk = first
        while True:
            content = self._waiting + chunk if self._waiting else chunk
            refuse_nul(chunk, content, line)
            records = self._split(content, is_last=is_last)
            self._refuse_endless(content, records, line, is_last=is_last)
            if records.count:
                yield Block(content, records, line)
            line += records.physical
            self._waiting = content[records.consumed :]
            if is_last:
                return
            chunk, is_last = next(texts)

    def _split(self, content: bytes, *, is_last: bool) -> Records:
        view = np.frombuffer(content, np.uint8)
        return split_records(view, delimiter=ord(self.delimiter), quote=ord(self.quote), is_last=is_last)

    def _refuse_endless(self, content: bytes, records: Records, line: int, *, is_last: bool) -> None:
        left = len(content) - records.consumed
        if records.open_quote >= 0 and (is_last or left > LIMITS.longest_record):
            raise self._open_quote(content, records, line)
        if not is_last and left > LIMITS.longest_record:
            at = line + records.physical
            raise stop("endless_record", megabytes=LIMITS.longest_record >> 20, at=at, line=at)

    def _open_quote(self, content: bytes, records: Records, line: int) -> FileStopped:
        at = records.open_quote
        opened = line + count_lines(content[:at], ends_with_cr=False)
        return stop("open_quote", at=opened, line=opened)


def refuse_nul(chunk: bytes, content: bytes, line: int) -> None:
    """Raises FileStopped if there is a NUL byte: text has none, so the file is damaged or not text."""
    if b"\0" not in chunk:
        return
    at = line + count_lines(content[: content.index(b"\0")], ends_with_cr=False)
    raise stop("nul", at=at, line=at)
