"""The audit chain: entries as canonical JSON lines, each holding the hash of the one before.

    {"entry":{…},"hash":"<64 hex>","previous":"<64 hex>"}        hash = SHA-256(previous + the bytes of the entry)

A line that a crash left unfinished stays where it is; the next entry is a note that holds its hash.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from upstander.values.canonical import canonical_json

GENESIS = "0" * 64
_SHAPE = re.compile(rb'\{"entry":(\{.*\}),"hash":"([0-9a-f]{64})","previous":"([0-9a-f]{64})"\}\n?')
_NOTE = "note"


@dataclass(frozen=True)
class AuditEvent:
    """Who did or asked what, when, why, under which agreement, and what the answer was. Never a personal value.

    `at` is an aware UTC moment. `rows` is how many were returned or stored, None where that has no meaning. `subject`
    is the token of the one person who was shown, as this reader sees it; empty where no single person was.
    """

    at: datetime
    person: str
    agency: str
    purpose: str
    dataset: str
    suppliers: tuple[str, ...]
    fields: tuple[str, ...]
    action: str
    answer: str
    why: str
    agreement: str
    rows: int | None = None
    subject: str = ""


@dataclass(frozen=True)
class AuditEntry:
    """An event in its place in the chain. `seq` counts from 1."""

    seq: int
    event: AuditEvent
    previous: str
    hash: str


@dataclass(frozen=True)
class AuditSearch:
    """Which entries are wanted: those from `since` up to, not including, `until` (aware UTC), with these words in full.

    `action` and `answer` are first words, such as read and refused; `agreement` is one of those an entry names;
    `subjects` are tokens of which one is enough. `before` is a place in the chain: entries that came earlier than it.
    What is left empty asks for nothing.
    """

    since: datetime | None = None
    until: datetime | None = None
    person: str = ""
    agency: str = ""
    dataset: str = ""
    action: str = ""
    subject: str = ""
    purpose: str = ""
    agreement: str = ""
    answer: str = ""
    subjects: frozenset[str] = frozenset()
    before: int | None = None

    def finds(self, entry: AuditEntry) -> bool:
        """Whether an entry is among them."""
        event = entry.event
        words = (self.person, self.agency, self.dataset, self.subject, self.purpose, self.action, self.answer)
        said = (
            event.person, event.agency, event.dataset, event.subject, event.purpose, first_word(event.action),
            first_word(event.answer),
        )  # fmt: skip
        return (
            all(word in ("", its) for word, its in zip(words, said, strict=True))
            and self.agreement in ("", *event.agreement.split(", "))
            and (not self.subjects or event.subject in self.subjects)
            and self._is_within(entry)
        )

    def _is_within(self, entry: AuditEntry) -> bool:
        return (
            (self.since is None or entry.event.at >= self.since)
            and (self.until is None or entry.event.at < self.until)
            and (self.before is None or entry.seq < self.before)
        )


def first_word(said: str) -> str:
    """`read` of `read again`, `refused` of `refused: it has ended`."""
    return said.partition(" ")[0].rstrip(":")


@dataclass(frozen=True)
class AuditHead:
    """The last entry of a chain at some moment, to be kept elsewhere: what shows later that a tail was cut."""

    seq: int
    hash: str


@dataclass(frozen=True)
class AuditFault:
    """The first line that is not as it was written. `line` counts from 1; `seq` is the entry expected there."""

    line: int
    seq: int
    what: str


def linked(event: AuditEvent, after: AuditEntry | None) -> tuple[AuditEntry, bytes]:
    """The entry that follows `after`, and its line."""
    seq, previous = (after.seq + 1, after.hash) if after else (1, GENESIS)
    body = canonical_json({"seq": seq, **_plain(event)})
    digest = _digest(previous, body)
    line = b'{"entry":%b,"hash":"%b","previous":"%b"}\n' % (body, digest.encode(), previous.encode())
    return AuditEntry(seq, event, previous, digest), line


def chained(
    events: Sequence[AuditEvent], after: AuditEntry | None, unfinished: bytes
) -> tuple[list[AuditEntry], list[bytes]]:
    """The entries of these events after the last one, and their lines; a note on `unfinished` bytes comes first."""
    entries: list[AuditEntry] = []
    lines: list[bytes] = []
    noted = [note_on(unfinished, events[0].at)] if unfinished and events else []
    for event in [*noted, *events]:
        after, line = linked(event, after)
        entries.append(after)
        lines.append(line)
    return entries[len(noted) :], lines


def note_on(unfinished: bytes, at: datetime) -> AuditEvent:
    """The note that follows bytes which a crash left unfinished."""
    return AuditEvent(
        at, "", "", "stewardship", "", (), (), _NOTE, "marked", _unfinished(unfinished), ""
    )  # fmt: skip


def entry_of(line: bytes) -> AuditEntry | None:
    """The entry a line holds, as far as its shape goes; None for a line that is not whole. The hash is not checked."""
    found = _SHAPE.fullmatch(line)
    if found is None:
        return None
    try:
        said = json.loads(found[1])
        seq = said.pop("seq")
        event = AuditEvent(
            **said | {"at": datetime.fromisoformat(said["at"])}
            | {name: tuple(said[name]) for name in ("suppliers", "fields")}
        )  # fmt: skip
    except (ValueError, TypeError, KeyError):
        return None
    return AuditEntry(seq, event, found[3].decode(), found[2].decode())


def whole_entries(lines: Iterable[bytes]) -> Iterator[AuditEntry]:
    """The entries among the lines."""
    return (entry for entry in map(entry_of, lines) if entry is not None)


def first_fault(lines: Iterable[bytes], heads: Iterable[AuditHead] = ()) -> AuditFault | None:
    """The first line that breaks the chain, or that is not the entry which one of the `heads` says it was.

    Bytes that are no entry pass only if the next entry is the note on exactly them, or if they are the last ones.
    """
    kept = _by_number(heads)
    if contradicted := next((seq for seq, hashes in sorted(kept.items()) if len(hashes) > 1), 0):
        return AuditFault(
            0, contradicted, "two heads kept elsewhere disagree on it: the chain was written anew between"
        )
    seq, previous, unfinished, number = 0, GENESIS, b"", 0
    for number, line in enumerate(lines, start=1):
        found = _SHAPE.fullmatch(line)
        if found is None:
            unfinished += line
            continue
        seq += 1
        fault = _fault_of(found, seq, previous, unfinished) or _moved(kept, seq, found[2].decode())
        if fault:
            return AuditFault(number, seq, fault)
        previous, unfinished = found[2].decode(), b""
    once = max(kept, default=0)
    if seq < once:
        return AuditFault(number + 1, seq + 1, f"the chain ends at entry {seq}; it once had {once}")
    return None


def _by_number(heads: Iterable[AuditHead]) -> dict[int, set[str]]:
    kept: dict[int, set[str]] = {}
    for head in heads:
        kept.setdefault(head.seq, set()).add(head.hash)
    return kept


def _fault_of(found: "re.Match[bytes]", seq: int, previous: str, unfinished: bytes) -> str:
    if found[3].decode() != previous:
        return "it does not follow the entry before it: one was dropped, added or moved"
    if _digest(previous, found[1]) != found[2].decode():
        return "it was changed after it was written"
    said = json.loads(found[1])
    if said["seq"] != seq:
        return f"it calls itself entry {said['seq']}"
    if unfinished and (said["action"], said["why"]) != (_NOTE, _unfinished(unfinished)):
        return "the lines before it are no entries, and it is not the note on them"
    return ""


def _moved(kept: dict[int, set[str]], seq: int, digest: str) -> str:
    if seq in kept and digest not in kept[seq]:
        return "it is not the entry that was the last one when the head was taken"
    return ""


def _unfinished(content: bytes) -> str:
    left = content.rstrip(b"\n")
    return f"A crash left {len(left)} bytes unfinished before this entry, SHA-256 {hashlib.sha256(left).hexdigest()}."


def _digest(previous: str, body: bytes) -> str:
    return hashlib.sha256(previous.encode() + body).hexdigest()


def _plain(event: AuditEvent) -> dict[str, object]:
    # What was added to events later is left out where it says nothing, so that the lines of both look alike.
    values = {
        field.name: getattr(event, field.name) for field in fields(event) if field.name != "subject" or event.subject
    }
    return values | {"at": event.at.isoformat(), "suppliers": list(event.suppliers), "fields": list(event.fields)}
