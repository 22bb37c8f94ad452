"""Entries of the audit log as a file to take away: numbered, marked, and plain in a spreadsheet."""

from collections.abc import Iterable
from datetime import UTC, datetime

from upstander.publish.exports.texts import plain_csv
from upstander.sharing import AuditEntry
from upstander.web.templatetags.site import day_and_time

_COLUMNS = ("entry", "at_utc", "person", "agency", "purpose", "action", "dataset", "suppliers", "fields", "answer",
            "rows", "agreement", "subject", "why", "hash")  # fmt: skip


def marking(
    number: int, network: str, name: str, at: datetime, asked: str, count: int, *, is_whole: bool
) -> tuple[str, ...]:  # fmt: skip
    """The lines above the table: what it is, for whom, and how to check it."""
    how_many = "1 entry" if count == 1 else f"{count:,} entries"
    return (
        f"OFFICIAL-SENSITIVE. Copy {number} of entries of the audit log of {network}",
        f"Made for {name} on {day_and_time(at)}. Looked for: {asked}.",
        f"{how_many}, newest first{'' if is_whole else '; there are more, and only the newest are here'}.",
        f"Entry {number} of the audit log records this copy. `upstander audit verify` checks the whole log.",
    )


def as_csv(mark: Iterable[str], entries: Iterable[AuditEntry]) -> bytes:
    """The marking, a line each, then one line an entry; UTF-8. No text begins as a formula does."""
    return plain_csv([*([line] for line in mark), _COLUMNS, *map(_told, entries)])


def _told(entry: AuditEntry) -> tuple[object, ...]:
    event = entry.event
    return (
        entry.seq, event.at.astimezone(UTC).isoformat(timespec="seconds"), event.person, event.agency, event.purpose,
        event.action, event.dataset, "; ".join(event.suppliers), "; ".join(event.fields), event.answer, event.rows,
        event.agreement, event.subject, event.why, entry.hash,
    )  # fmt: skip
