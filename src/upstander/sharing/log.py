"""The audit log as a file: `audit/audit.jsonl`, appended under a lock and on the disk before anything is returned."""

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from upstander.errors import TryAgain
from upstander.sharing.audit import (
    AuditEntry,
    AuditEvent,
    AuditFault,
    AuditHead,
    AuditSearch,
    chained,
    entry_of,
    first_fault,
    whole_entries,
)
from upstander.values.durable import locked, make_folder, sync_folder

_STEP = 1 << 16


class FileAuditLog:
    """The audit log of one home."""

    def __init__(self, home: Path) -> None:
        self._path = home / "audit" / "audit.jsonl"
        self._lock = home / "locks" / "audit"

    def append(self, event: AuditEvent) -> AuditEntry:
        """Write one entry after the last whole one. Bytes that a crash left unfinished get a note first.

        Raises TryAgain if the entry cannot be forced to the disk; whoever asked must then not go on.
        """
        return self.append_all([event])[-1]

    def append_all(self, events: Sequence[AuditEvent]) -> list[AuditEntry]:
        """Write entries one after another, all before this returns. Raises TryAgain."""
        try:
            with locked(self._lock):
                return self._append(events)
        except OSError as why:
            raise TryAgain(
                f"The audit log could not be written, so nothing was read or changed: {why.strerror}.",
                where=str(self._path), expected="room and rights to write there",
            ) from why  # fmt: skip

    def entries(self) -> Iterator[AuditEntry]:
        """Every entry, first to last."""
        yield from whole_entries(self.lines())

    def search(self, wanted: AuditSearch) -> Iterator[AuditEntry]:
        """Entries like these, newest first."""
        return reversed([entry for entry in self.entries() if wanted.finds(entry)])

    def verify(self, heads: Iterable[AuditHead] = ()) -> AuditFault | None:
        """The first line that is not as it was written; None if all are. Heads kept elsewhere show a rewrite."""
        return first_fault(self.lines(), heads)

    def head(self) -> AuditHead | None:
        """The last entry, to be kept elsewhere; None for an empty log."""
        if not self._path.is_file():
            return None
        with self._path.open("rb") as file:
            last, _ = _tail(file)
        return AuditHead(last.seq, last.hash) if last else None

    def _append(self, events: Sequence[AuditEvent]) -> list[AuditEntry]:
        make_folder(self._path.parent)
        is_new = not self._path.exists()
        with self._path.open("ab+") as file:
            last, unfinished = _tail(file)
            entries, lines = chained(events, last, unfinished)
            file.write((b"" if _ends_a_line(file) else b"\n") + b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._path.parent)
        return entries

    def lines(self) -> Iterator[bytes]:
        """The lines as they lie there, unfinished ones too."""
        if self._path.is_file():
            with self._path.open("rb") as file:
                yield from file


def _ends_a_line(file: BinaryIO) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _tail(file: BinaryIO) -> tuple[AuditEntry | None, bytes]:
    """The last whole entry, and the bytes after it."""
    size = file.seek(0, os.SEEK_END)
    back = min(_STEP, size)
    while True:
        file.seek(size - back)
        entry, after = _last_entry(file.read(back), is_start=back == size)
        if entry is not None or back == size:
            return entry, after
        back = min(back * 4, size)


def _last_entry(content: bytes, *, is_start: bool) -> tuple[AuditEntry | None, bytes]:
    lines = io.BytesIO(content).readlines()  # splits at \n only, as reading the file does
    after = b""
    for line in reversed(lines if is_start else lines[1:]):  # the first one may be the end of a longer line
        entry = entry_of(line)
        if entry is not None:
            return entry, after
        after = line + after
    return None, after
