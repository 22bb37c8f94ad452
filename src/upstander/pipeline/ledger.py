"""The ledger as a person reads it: everything that ever left, to whom, for what, until when, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from upstander.pipeline.desk import Desk
from upstander.pipeline.outputs import ledger_lines
from upstander.pipeline.recalling import RECALL, name_of, recalled

# What of a line says what it was about. Whatever else a line holds is not shown.
_ABOUT = ("release", "dataset", "supplier", "indicator", "period", "by", "export", "file")


@dataclass(frozen=True)
class Entry:
    """One output. `number` is empty for what was only shown, and cannot be recalled. `made` is an aware UTC moment.

    `state`: standing, expired or recalled; `why` is the reason of a recall.
    """

    kind: str
    number: str
    edition: str
    about: str
    recipients: tuple[str, ...]
    purpose: str
    person: str
    made: datetime
    expires: date
    state: str
    why: str


def entries(desk: Desk) -> list[Entry]:
    """Every output that the ledger knows, newest first."""
    gone, today = recalled(desk.home), desk.now().date()
    lines = [line for line in ledger_lines(desk.home) if line["kind"] != RECALL]
    return [_entry(line, gone, today) for line in reversed(lines)]


def find_entry(desk: Desk, kind: str, number: str) -> Entry | None:
    """The numbered output of that name; None where there is none."""
    return next((one for one in entries(desk) if one.number and (one.kind, one.number) == (kind, number)), None)


def _entry(line: Mapping[str, Any], gone: Mapping[tuple[str, str], str], today: date) -> Entry:
    kind, number, expires = line["kind"], name_of(line), date.fromisoformat(line["expires"])
    is_gone = bool(number) and (kind, number) in gone
    return Entry(
        kind, number, line["edition"], _about(line), tuple(line["recipients"]), line["purpose"], line["person"],
        datetime.fromisoformat(line["made"]), expires,
        "recalled" if is_gone else "expired" if expires <= today else "standing",
        gone[kind, number] if is_gone else "",
    )  # fmt: skip


def _about(line: Mapping[str, Any]) -> str:
    """`2026-Q3/0001, police incidents by area and quarter`, from the few words that a line says of itself."""
    said = {**line, **line.get("shown", {})}
    parts = [_words(said[name]) for name in _ABOUT if said.get(name)]
    tables = said.get("tables") or ()
    return ", ".join([*parts, f"{len(tables)} tables"] if tables else parts)


def _words(value: object) -> str:
    return "by " + " and ".join(map(str, value)) if isinstance(value, list) else str(value)
