"""The trail of every answer, for those who watch over it: checked, searched, carried outside."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from upstander.errors import NotAcceptable
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import note
from upstander.sharing import (
    Anchor,
    AuditEntry,
    AuditFault,
    AuditHead,
    AuditLog,
    AuditSearch,
    entry_of,
    first_fault,
    kept_at,
)
from upstander.values.durable import write_whole


@dataclass(frozen=True)
class Checked:
    """A chain that was checked: how many entries it has, the first fault, and the places that were asked."""

    entries: int
    fault: AuditFault | None
    anchors: tuple[Anchor, ...]


def check_trail(desk: Desk, heads: Iterable[AuditHead] = (), files: Iterable[Path] = ()) -> Checked:
    """The home's own chain against the heads kept outside, those given here, and those in these files."""
    return check_chain(desk.audit, [*desk.home.audit_anchors, *files], heads)


def check_chain(audit: AuditLog, asked: Iterable[Path], heads: Iterable[AuditHead] = ()) -> Checked:
    """A chain against the heads in these files and those given here."""
    anchors = tuple(map(kept_at, asked))
    fault = audit.verify([*heads, *_kept(anchors)])
    head = audit.head()
    return Checked(head.seq if head else 0, fault, anchors)


def check_copy(copy: Path, heads: Iterable[AuditHead] = (), files: Iterable[Path] = ()) -> Checked:
    """An exported chain, which needs no home and no key: whoever holds a copy and a head can check it."""
    anchors = tuple(map(kept_at, files))
    with copy.open("rb") as lines:
        fault = first_fault(lines, [*heads, *_kept(anchors)])
    with copy.open("rb") as lines:
        return Checked(sum(1 for line in lines if entry_of(line)), fault, anchors)


def export_trail(desk: Desk, copy: Path) -> AuditHead:
    """Write the whole chain, line for line, to a new file, and return the head that it ends with.

    That it was exported is the chain's last entry. Raises NotAcceptable where there is such a file.
    """
    if copy.exists():
        raise NotAcceptable(f"{copy} is there already.", where=str(copy), expected="a new file", state="It was left.")
    note(desk, action="export audit", answer="done", dataset="", about="")
    write_whole(copy, desk.audit.lines())
    with copy.open("rb") as lines:
        last = next(entry for line in reversed(lines.readlines()) if (entry := entry_of(line)))
    return AuditHead(last.seq, last.hash)


def found_in_trail(desk: Desk, wanted: AuditSearch, *, most: int) -> list[AuditEntry]:
    """The newest entries like these, newest first; that somebody looked is written down before they are returned."""
    note(desk, action="search audit", answer="done", dataset=wanted.dataset, about="")
    return [entry for entry, _ in zip(desk.audit.search(wanted), range(most), strict=False)]


def _kept(anchors: Iterable[Anchor]) -> Iterator[AuditHead]:
    return (head for anchor in anchors for head in anchor.heads)
