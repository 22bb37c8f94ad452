"""Heads of the audit chain kept outside the home, where whoever can write the chain cannot rewrite them.

A place is a file that only grows, one head a line: on another machine's share, or on a disk that is taken away. The
newest head says what every entry up to it was; so a chain that was cut, or written anew with hashes that fit, is found.
A place out of reach stops nothing; it is named whenever the chain is checked, and its next head covers what it missed.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from upstander.sharing.audit import AuditEntry, AuditEvent, AuditFault, AuditHead, AuditSearch
from upstander.sharing.protocols import AuditLog
from upstander.values.canonical import canonical_json
from upstander.values.durable import append_line

_UNREACHED = "cannot be reached"


@dataclass(frozen=True)
class Anchor:
    """What one place keeps. `trouble` says why it cannot be relied on; empty where it can."""

    place: Path
    heads: tuple[AuditHead, ...]
    trouble: str


class AnchoredLog:
    """An audit log whose head goes to places outside after every append, and is compared with them when checked."""

    def __init__(self, log: AuditLog, places: Sequence[Path]) -> None:
        self._log, self._places = log, tuple(places)

    def append(self, event: AuditEvent) -> AuditEntry:
        """Write one entry. Raises TryAgain."""
        return self.append_all([event])[-1]

    def append_all(self, events: Sequence[AuditEvent]) -> Sequence[AuditEntry]:
        """Write entries, all of them or none, and the new head to each place within reach. Raises TryAgain."""
        entries = self._log.append_all(events)
        for place in self._places if entries else ():
            _leave(place, AuditHead(entries[-1].seq, entries[-1].hash))
        return entries

    def entries(self) -> Iterator[AuditEntry]:
        """Every entry, first to last."""
        return self._log.entries()

    def search(self, wanted: AuditSearch) -> Iterator[AuditEntry]:
        """Entries like these, newest first."""
        return self._log.search(wanted)

    def lines(self) -> Iterator[bytes]:
        """The chain as canonical JSON lines."""
        return self._log.lines()

    def head(self) -> AuditHead | None:
        """The last entry."""
        return self._log.head()

    def anchors(self) -> tuple[Anchor, ...]:
        """What each place keeps."""
        return tuple(map(kept_at, self._places))

    def verify(self, heads: Iterable[AuditHead] = ()) -> AuditFault | None:
        """The first entry that is not as it was written, or as the places and `heads` remember it."""
        return self._log.verify([*heads, *(head for anchor in self.anchors() for head in anchor.heads)])


def kept_at(place: Path) -> Anchor:
    """The heads in a file. A last line that was not finished is no trouble; any other line that is no head is."""
    try:
        lines = place.read_bytes().splitlines(keepends=True)
    except OSError:
        return Anchor(place, (), _UNREACHED)
    heads = [_head(line) for line in lines]
    if heads and heads[-1] is None and not lines[-1].endswith(b"\n"):
        heads.pop()
    wrong = next((number for number, head in enumerate(heads, 1) if head is None), 0)
    return Anchor(place, tuple(head for head in heads if head), f"line {wrong} is no head of a chain" if wrong else "")


def head_line(head: AuditHead) -> bytes:
    """A head as one line of such a file."""
    return canonical_json({"hash": head.hash, "seq": head.seq}) + b"\n"


def _leave(place: Path, head: AuditHead) -> None:
    # A place that is away is named when somebody looks. Its folder is not made: it may be a disk that is not there.
    if place.parent.is_dir():
        with suppress(OSError):
            append_line(place, head_line(head).rstrip())


def _head(line: bytes) -> AuditHead | None:
    try:
        said = json.loads(line)
        return AuditHead(int(said["seq"]), str(said["hash"]))
    except (ValueError, TypeError, KeyError):
        return None
