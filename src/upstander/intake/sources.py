"""Raw bytes on their way in: hashed and counted as they are read, looked at before use, brought to UTF-8."""

import codecs
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import BinaryIO

from upstander.contracts.readings import Outcome
from upstander.intake.lines import count_lines
from upstander.intake.sentences import say, stop

_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR"
_CP1252_GAPS = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
KINDS_REFUSED: tuple[tuple[bytes, Outcome, str], ...] = (
    (b"%PDF", Outcome.REFUSE, "This is a PDF, not a CSV file"),
    (b"\xd0\xcf\x11\xe0", Outcome.REFUSE, "This is an old Excel workbook (.xls), not a CSV file"),
    (b"\x7fELF", Outcome.REFUSE, "This is a program, not a CSV file"),
    (b"MZ\x90", Outcome.REFUSE, "This is a program, not a CSV file"),
    (_EICAR, Outcome.REFUSE, "The file carries a malware test signature"),
    (b"\x1f\x8b", Outcome.FILEQ, "This is a gzip archive, not a CSV file"),
    (b"<!doctype", Outcome.FILEQ, "This is a web page (a sign-in page, perhaps), not a CSV file"),
    (b"<html", Outcome.FILEQ, "This is a web page (a sign-in page, perhaps), not a CSV file"),
    (b"<?xml", Outcome.FILEQ, "This is XML, not a CSV file"),
)


@dataclass
class Source:
    """A stream read once, to its end. `sha256` and `byte_count` are of everything read so far.

    Of a workbook or an archive they are of the file as sent, and what is read on is the text in it. `was_packed` tells
    an archive of one file.
    """

    stream: BinaryIO
    byte_count: int = 0
    physical_lines: int = 0
    was_packed: bool = False
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _last: bytes = b"\n"
    _ahead: bytes = b""
    _text: io.BytesIO | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes read so far."""
        return self._digest.hexdigest()

    def peek(self, size: int) -> bytes:
        """The first bytes, which are still to be read."""
        self._ahead = self.stream.read(size)
        return self._ahead

    def whole(self, limit: int) -> bytes | None:
        """Everything at once, hashed and counted; None where it is more than `limit` bytes."""
        content = b"".join(islice(self._raw(1 << 20), limit // (1 << 20) + 1))
        return content if len(content) <= limit else None

    def read_on(self, text: bytes, *, was_packed: bool = False) -> None:
        """Go on with the text of a workbook or an archive; the file's own hash and size stay."""
        self._text, self.was_packed = io.BytesIO(text), was_packed

    def chunks(self, size: int) -> Iterator[bytes]:
        """The bytes to parse, up to `size` at a time."""
        for chunk in self._raw(size) if self._text is None else iter(partial(self._text.read, size), b""):
            self.physical_lines += count_lines(chunk, ends_with_cr=self._last == b"\r")
            self._last = chunk[-1:]
            yield chunk

    def _raw(self, size: int) -> Iterator[bytes]:
        while chunk := self._ahead + self.stream.read(max(size - len(self._ahead), 1)):
            self._ahead = b""
            self._digest.update(chunk)
            self.byte_count += len(chunk)
            yield chunk

    def drain(self, size: int = 1 << 20) -> int:
        """Read what is left, so that hash and count are of the whole file. Gives its physical lines."""
        for _ in self.chunks(size):
            pass
        return self.physical_lines + (self._last not in b"\r\n")


def look_at(start: bytes) -> None:
    """Refuse what is no CSV file, by its first bytes. Raises FileStopped."""
    head = start[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, outcome, what in KINDS_REFUSED:
        if head.lower().startswith(magic.lower()):
            raise stop("kind_of_file", outcome=outcome, what=what)


@dataclass
class Decoder:
    """Brings chunks to UTF-8 and remembers how. The encoding stays open until the first byte beyond ASCII."""

    stated: str
    encoding: str | None = None
    has_mark: bool = False
    notes: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    _is_first: bool = True
    _wide: codecs.IncrementalDecoder | None = None

    def feed(self, chunk: bytes, *, is_last: bool = False) -> bytes:
        """One chunk in UTF-8. Invalid bytes of a UTF-8 file come through, to be quarantined with their rows."""
        if self._is_first:
            chunk = self._start(chunk)
        if self._wide is not None:
            return self._wide.decode(chunk, is_last).encode("utf-8", "replace")
        if self.encoding is None and not chunk.isascii():
            self._decide(chunk)
        if self.encoding == "windows-1252":
            return chunk.decode("cp1252", "replace").encode()
        return chunk

    @property
    def name(self) -> str:
        """The encoding as a person would name it."""
        return {"utf-8": "UTF-8", "windows-1252": "Windows-1252", None: "ASCII"}.get(self.encoding, str(self.encoding))

    def _start(self, chunk: bytes) -> bytes:
        self._is_first = False
        for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
            if chunk.startswith(mark):
                self._read_wide(name)
                self.notes.append(say("wide", encoding=name.upper()))
                return chunk[2:]
        if chunk.startswith(codecs.BOM_UTF8):
            self.has_mark, self.encoding = True, "utf-8"
            self.notes.append(say("byte_order_mark"))
            return chunk[3:]
        guess = _wide_without_mark(chunk)
        if guess:
            self._read_wide(guess)
            self.holds.append(say("wide_without_mark", encoding=guess.upper()))
        return chunk

    def _read_wide(self, name: str) -> None:
        self.encoding, self.has_mark = name, not self.holds
        self._wide = codecs.getincrementaldecoder(name)("replace")

    def _decide(self, chunk: bytes) -> None:
        high = 1 - len(chunk.decode("ascii", "ignore")) / len(chunk)
        valid, invalid = _multibyte_counts(chunk)
        # A UTF-8 sequence hardly ever comes about by chance in Windows-1252, so as many of them as faults is enough.
        if invalid == 0 or valid >= invalid:
            self.encoding = "utf-8"
        elif high < 0.3 and not any(gap in chunk for gap in _CP1252_GAPS):
            self.encoding = "windows-1252"
            if self.stated != "windows-1252":
                self.notes.append(say("windows_1252"))
        elif high < 0.3:
            self.encoding = "utf-8"
        else:
            raise stop("encoding")


def _wide_without_mark(chunk: bytes) -> str | None:
    """UTF-16 betrays itself by a zero in every other byte."""
    start = chunk[:4096]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) < 0.3 * len(start) / 2 or min(even, odd) > 0.05 * len(start):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _multibyte_counts(chunk: bytes) -> tuple[int, int]:
    """How many characters beyond ASCII a UTF-8 reading finds, and how many places it cannot read."""
    text = chunk.decode("utf-8", "replace")
    invalid = text.count("�") - chunk.count("�".encode())
    beyond = len(text) - len(text.encode("ascii", "ignore")) - invalid
    return max(beyond, 0), max(invalid, 0)
