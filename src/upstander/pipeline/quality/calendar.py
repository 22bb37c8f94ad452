"""The feed calendar: for each period of each feed, what came, what is due, late or short; a zero is not a gap."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from upstander.contracts.catalogue import ALL
from upstander.contracts.readings import Manifest
from upstander.values.periods import Period

_LABELS = {1: "{0:%Y-%m}", 3: "{0:%Y}-Q{1}", 12: "{0:%Y}"}


class State(StrEnum):
    """How a period of a feed stands."""

    RECEIVED = "received"
    NOTHING = "nothing happened"  # a delivery states the days, and there was no row: a zero
    SHORT = "short"  # some of its days were not delivered
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True)
class Entry:
    """One period of one feed. `received` is the day on which its last day came; `late_days` how late that was, or is.

    `days` of `of_days` are covered; `empty_weeks` counts whole covered weeks (Monday to Sunday) without a row.
    """

    dataset: str
    supplier: str
    period: Period
    state: State
    due: date
    received: date | None
    late_days: int
    days: int
    rows: int | None
    empty_weeks: int

    @property
    def of_days(self) -> int:
        """How many days the period has."""
        return self.period.days

    @property
    def in_words(self) -> str:
        """What a person reads of it."""
        late = f", {self.late_days} {'day' if self.late_days == 1 else 'days'} late" if self.late_days else ""
        if self.state is State.LATE:
            return f"missing{late}"
        if self.state is State.SHORT:
            return f"short: {self.days} of {self.of_days} days{late}"
        if self.state is State.DUE:
            return "due"
        return f"{self.state.value}{late}"


def feed_calendar(manifests: Iterable[Manifest], *, today: date, ahead: timedelta = timedelta(0)) -> tuple[Entry, ...]:
    """Every period of every feed from its first delivery to today, oldest first within a feed, and those that are not
    over but fall due within the time `ahead`.

    The step is that of the feed's own deliveries where they are as long as a month, a quarter or a year, else the
    contract's. A feed whose contract names no even step (each term, every few years) has the periods it delivered, and
    no due day is missed.
    """
    feeds: dict[tuple[str, str], list[Manifest]] = {}
    for manifest in manifests:
        feeds.setdefault((manifest.dataset, manifest.supplier), []).append(manifest)
    return tuple(entry for _, held in sorted(feeds.items()) for entry in _of_feed(held, today, ahead))


def _of_feed(held: Sequence[Manifest], today: date, ahead: timedelta) -> Iterator[Entry]:
    contract = ALL[held[0].dataset]
    months = contract.months_apart and (_months_of(held) or contract.months_apart)
    for period in _periods(held, months, max(today, today + ahead - timedelta(days=contract.due_within_days))):
        due = period.end + timedelta(days=contract.due_within_days)
        yield _entry(held, period, due, today, is_regular=bool(months))


def _entry(held: Sequence[Manifest], period: Period, due: date, today: date, *, is_regular: bool) -> Entry:
    covering = [one for one in held if one.covers.start < period.end and period.start < one.covers.end]
    covered = {
        day for one in covering for day in _days(max(one.covers.start, period.start), min(one.covers.end, period.end))
    }
    is_stated = any(not one.covers.inferred for one in covering)
    # Days that were only inferred from rows end with the last row, not with the extract.
    is_whole = len(covered) == period.days or (bool(covering) and not is_stated)
    rows = _rows(covering, period)
    last = [one.received.date() for one in covering if one.covers.end >= period.end or not is_stated]
    received = min(last, default=None) if is_whole else None
    late = max(((received or today) - due).days, 0) if is_regular else 0
    if is_whole:
        state = State.NOTHING if rows == 0 and is_stated else State.RECEIVED
    elif covered and period.end <= today:
        state = State.SHORT
    else:
        state = State.LATE if today > due else State.DUE
    weeks = _empty_weeks(covering, period, covered) if is_stated and _are_dated(covering) else 0
    first = held[0]
    return Entry(first.dataset, first.supplier, period, state, due, received, late, len(covered), rows, weeks)


def _months_of(held: Sequence[Manifest]) -> int:
    """The step of the newest delivery that states its days: 1, 3 or 12 months; 0 for none of them."""
    stated = [one.covers for one in held if not one.covers.inferred and one.covers.start.day == 1]
    if not stated:
        return 0
    newest = max(stated, key=lambda covers: covers.end)
    months = (newest.end.year - newest.start.year) * 12 + newest.end.month - newest.start.month
    return months if months in _LABELS and newest.end.day == 1 else 0


def _periods(held: Sequence[Manifest], months: int, until: date) -> Iterator[Period]:
    if not months:
        spans = sorted({(one.covers.start, one.covers.end) for one in held})
        yield from (Period.between(start, end) for start, end in spans if start < end)
        return
    first = min(one.covers.start for one in held)
    start = date(first.year, (first.month - 1) // months * months + 1 if months in {1, 3} else first.month, 1)
    while (end := _later(start, months)) <= until:
        yield Period(start, end, _label(start, months))
        start = end


def _later(day: date, months: int) -> date:
    after = day.month - 1 + months
    return date(day.year + after // 12, after % 12 + 1, 1)


def _label(start: date, months: int) -> str:
    if months in {1, 3}:
        return _LABELS[months].format(start, (start.month + 2) // 3)
    return f"{start}/{_later(start, months)}"


def _days(start: date, end: date) -> Iterator[date]:
    return (start + timedelta(days=number) for number in range((end - start).days))


def _are_dated(covering: Sequence[Manifest]) -> bool:
    """Whether rows stand on days. Published figures stand for a whole period instead."""
    return not any(one.profile and one.profile.rows and not one.profile.by_day for one in covering)


def _rows(covering: Sequence[Manifest], period: Period) -> int | None:
    """Rows on the days of the period, by the newest reading that covers each; None where no reading says. Of rows that
    stand on no day, all that came for the period.
    """
    known = [one.profile for one in covering if one.profile is not None]
    if not known:
        return None
    if not _are_dated(covering):
        return known[-1].rows
    by_day = {day: rows for profile in known for day, rows in profile.rows_by_day() if day in period}
    return sum(by_day.values())


def _empty_weeks(covering: Sequence[Manifest], period: Period, covered: set[date]) -> int:
    busy = {day for one in covering if one.profile for day, rows in one.profile.rows_by_day() if rows}
    mondays = (day for day in covered if day.weekday() == 0)
    weeks = [{day + timedelta(days=number) for number in range(7)} for day in mondays]
    return sum(1 for week in weeks if week <= covered and not week & busy and max(week) in period)
