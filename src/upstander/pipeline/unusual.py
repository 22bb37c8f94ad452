"""A week of looking, out of the audit log, for whoever watches over it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from upstander.analysis.measures.looking import CONFLICTS, LOOKS, WEEKS_BEFORE, Unusual, unusual
from upstander.sharing import AuditEvent, AuditLog, AuditSearch, first_word

_HERE = ZoneInfo("Europe/London")
_LOOKING = frozenset({"read", "look", "show", "export"})
_AREA = re.compile(r"\b[a-z]+\d{0,3}:[A-Za-z0-9]+\b")


@dataclass(frozen=True)
class Declared:
    """What somebody declared must be kept from them: an area's key or a token; `until` is None while it stands."""

    person: str
    value: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Week:
    """The seven days from a Monday: how many looks there were by how many people, and what stands out."""

    first: date
    looks: int
    people: int
    found: tuple[Unusual, ...]


def week_of_looking(audit: AuditLog, first: date, roles: Mapping[str, str], declared: Iterable[Declared]) -> Week:
    """What stands out in the week from `first`. `roles` says of each handle the role it is compared with."""
    since, until = (datetime.combine(day, time(0), _HERE) for day in (first, first + timedelta(days=7)))
    wanted = AuditSearch(since=since - timedelta(weeks=WEEKS_BEFORE), until=until)
    rows = [
        (
            entry.seq, entry.event.person, roles.get(entry.event.person, ""), _local(entry.event.at),
            entry.event.purpose, _AREA.findall(entry.event.action), entry.event.subject or None,
            first_word(entry.event.answer) == "refused",
        )
        for entry in audit.search(wanted)
        if entry.event.person and _is_look(entry.event)
    ]  # fmt: skip
    looks = pl.DataFrame(rows, LOOKS, orient="row")
    conflicts = pl.DataFrame(
        [(one.person, one.value, _local(one.since), _local(one.until)) for one in declared], CONFLICTS, orient="row"
    )
    in_week = looks.filter((pl.col("at") >= datetime.combine(first, time(0))) & ~pl.col("is_refused"))
    found = unusual(looks, conflicts, first)
    return Week(first, in_week.height, in_week["person"].n_unique(), tuple(found))


def _is_look(event: AuditEvent) -> bool:
    return first_word(event.action) in _LOOKING or bool(event.subject)


def _local(moment: datetime | None) -> datetime | None:
    """The same moment on the wall clock of the partnership."""
    return moment.astimezone(_HERE).replace(tzinfo=None) if moment else None
