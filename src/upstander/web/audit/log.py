"""The audit log over the database. Threads that append at the same moment share a transaction; nobody else is in it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from operator import attrgetter
from typing import Any

from django.db import connections, transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.lookups import Exact, GreaterThanOrEqual, In, LessThan

from upstander.errors import TryAgain
from upstander.sharing import (
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
from upstander.web.audit.models import Aside, FirstWord, Line
from upstander.web.audit.together import Together
from upstander.web.reaching import DatabaseUnreachable, hold_other_writers, reaching

_AT_A_TIME, _A_PAGE = 5_000, 200
_SEARCHED = ("at", "person", "agency", "purpose", "dataset", "action", "answer", "agreement", "subject", "rows")
_COLUMNS = ("number", "content", "seq", *_SEARCHED)
_said = attrgetter(*_SEARCHED)
_NOTHING = _said(Line())
_Row = tuple[Any, ...]


class DatabaseAuditLog:
    """The audit log in one database."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._together = Together(self._write)

    def append(self, event: AuditEvent) -> AuditEntry:
        """Write one entry; it is on the disk when this returns. Raises TryAgain, and whoever asked must not go on."""
        return self.append_all([event])[-1]

    def append_all(self, events: Sequence[AuditEvent]) -> list[AuditEntry]:
        """Write entries one after another, all of them or none. Raises TryAgain."""
        if connections[self._alias].in_atomic_block:  # it is part of what the caller does, and stands or falls with it
            return self._write([events])[0]
        return self._together.do(events)

    def entries(self) -> Iterator[AuditEntry]:
        """Every entry, first to last."""
        yield from whole_entries(self.lines())

    def lines(self) -> Iterator[bytes]:
        """Every line as it was written."""
        with reaching(self._alias):
            found = self._rows().order_by("number").values_list("content", flat=True)
            yield from (bytes(content) for content in found.iterator(chunk_size=_AT_A_TIME))

    def head(self) -> AuditHead | None:
        """The last entry; None for an empty log."""
        with reaching(self._alias):
            _, last, _ = self._tail()
        return AuditHead(last.seq, last.hash) if last else None

    def verify(self, heads: Iterable[AuditHead] = ()) -> AuditFault | None:
        """The first line that is not as it was written, or whose columns for searching say something else."""
        fault = first_fault(self.lines(), heads)
        return fault or self._miscopied()

    def take_over(self, lines: Iterable[bytes], *, after: int = 0) -> None:
        """Take in, line for line, the chain that lay in a file before there was a database, after that many lines."""
        with reaching(self._alias), transaction.atomic(using=self._alias):
            rows = (_row(number, line) for number, line in enumerate(lines, after + 1))
            while some := list(islice(rows, _AT_A_TIME)):
                self._insert(some)

    def search(self, wanted: AuditSearch) -> Iterator[AuditEntry]:
        """Entries like these, newest first. Few are fetched at first, since a page of them is what is mostly wanted."""
        asked, before, most = self._asked(wanted), wanted.before, _A_PAGE
        while True:
            with reaching(self._alias):
                found = self._rows().filter(asked, Q(seq__isnull=False) if before is None else Q(seq__lt=before))
                rows = list(found.order_by("-seq").values_list("seq", "content")[:most])
            entries = whole_entries(bytes(content) for _, content in rows)
            yield from (entry for entry in entries if wanted.finds(entry))
            if len(rows) < most:
                return
            before, most = rows[-1][0], _AT_A_TIME

    def _write(self, wishes: Sequence[Sequence[AuditEvent]]) -> list[list[AuditEntry]]:
        """The entries of each wish, one after another, all of them or none."""
        try:
            with reaching(self._alias), transaction.atomic(using=self._alias):
                hold_other_writers(self._alias, Line)
                number, last, unfinished = self._tail()
                entries, lines = chained([event for events in wishes for event in events], last, unfinished)
                held = [*([None] * (len(lines) - len(entries))), *entries]  # a note comes first, if there is one
                self._insert(list(map(_row, count(number + 1), lines, held)))
        except DatabaseUnreachable as why:
            raise TryAgain(
                "The audit log could not be written, so nothing was read or changed.",
                where="the database", found=why.found, expected="room and rights to write there",
            ) from why  # fmt: skip
        written = iter(entries)
        return [list(islice(written, len(events))) for events in wishes]

    def _insert(self, rows: Sequence[_Row]) -> None:
        """Put them in without models: every look at a page waits for this."""
        connection = connections[self._alias]
        names = ", ".join(map(connection.ops.quote_name, _COLUMNS))
        slots = ", ".join(["%s"] * len(_COLUMNS))
        at, adapted = _COLUMNS.index("at"), connection.ops.adapt_datetimefield_value
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {Line._meta.db_table} ({names}) VALUES ({slots})",  # noqa: S608, SLF001 - names of ours
                [(*row[:at], adapted(row[at]), *row[at + 1 :]) for row in rows],
            )

    def _asked(self, wanted: AuditSearch) -> Q:
        """What the columns for searching can say of it; whether an entry is one of them, its own words say.

        Only the first column asked for is looked up in its index, the one that usually leaves the fewest entries.
        """
        agreements = (
            [one for one in self._agreements() if wanted.agreement in one.split(", ")] if wanted.agreement else []
        )
        columns = (
            (F("subject"), sorted(wanted.subjects | ({wanted.subject} - {""})), wanted.subjects or wanted.subject),
            (F("person"), [wanted.person], wanted.person),
            (F("dataset"), [wanted.dataset], wanted.dataset),
            (F("agreement"), agreements, wanted.agreement),
            (FirstWord("action"), [wanted.action], wanted.action),
            (FirstWord("answer"), [wanted.answer], wanted.answer),
            (F("purpose"), [wanted.purpose], wanted.purpose),
            (F("agency"), [wanted.agency], wanted.agency),
        )
        meant = [(column, words) for column, words, is_asked in columns if is_asked]
        asked = self._between(wanted)
        for number, (column, words) in enumerate(meant):
            held = Aside(column) if number else column
            asked &= Q(Exact(held, words[0])) if len(words) == 1 else Q(In(held, words))
        return asked

    def _between(self, wanted: AuditSearch) -> Q:
        """The places in the chain between which the entries of a span of time lie, and the span itself."""
        span = Q(at__gte=wanted.since) if wanted.since else Q()
        span &= Q(at__lt=wanted.until) if wanted.until else Q()
        if not span:
            return span
        with reaching(self._alias):
            ends = self._rows().filter(span).aggregate(first=Min("seq"), last=Max("seq"))
        asked = Q(seq__gte=ends["first"] or 0, seq__lte=ends["last"] or 0)
        asked &= Q(GreaterThanOrEqual(Aside(F("at")), wanted.since)) if wanted.since else Q()
        return asked & (Q(LessThan(Aside(F("at")), wanted.until)) if wanted.until else Q())

    def _agreements(self) -> Iterator[str]:
        """Every list of agreements that an entry names, each once: one step along the index for each."""
        with reaching(self._alias):
            last: str | None = ""
            while last is not None:
                last = self._rows().filter(agreement__gt=last).aggregate(next=Min("agreement"))["next"]
                if last is not None:
                    yield last

    def _miscopied(self) -> AuditFault | None:
        with reaching(self._alias):
            rows = self._rows().order_by("number").values_list(*_COLUMNS)
            for number, content, seq, *said in rows.iterator(chunk_size=_AT_A_TIME):
                if _row(number, bytes(content))[2:] != (seq, *said):
                    return AuditFault(number, seq or 0, "its columns for searching do not say what it says")
        return None

    def _tail(self) -> tuple[int, AuditEntry | None, bytes]:
        """The last number, the last entry, and unfinished bytes after it."""
        for most in (1, _AT_A_TIME):  # almost always the last line is an entry
            unfinished, last = b"", 0
            for number, content in self._rows().order_by("-number").values_list("number", "content")[:most]:
                last = max(last, number)
                entry = entry_of(bytes(content))
                if entry is not None:
                    return last, entry, unfinished
                unfinished = bytes(content) + unfinished
        return last, None, unfinished

    def _rows(self) -> "QuerySet[Line]":
        return Line.objects.using(self._alias)


def _row(number: int, content: bytes, entry: AuditEntry | None = None) -> _Row:
    """A line as the table holds it: the columns for searching say what the entry says."""
    entry = entry or entry_of(content)
    if entry is None:
        return (number, content, None, *_NOTHING)
    return (number, content, entry.seq, *_said(entry.event))
