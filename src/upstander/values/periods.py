"""Periods: half-open runs of local days, written the way the field writes them."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from upstander.errors import WrongUsage

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEAR_FROM = re.compile(r"(FY|AY)(\d{4})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_FIRST_MONTH = {"FY": 4, "AY": 9}


@dataclass(frozen=True, order=True)
class Period:
    """Local days from `start` up to, not including, `end`. `label` is how it was written."""

    start: date
    end: date
    label: str

    @property
    def days(self) -> int:
        """How many local days it holds."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day inside it."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return self.label

    @classmethod
    def between(cls, start: date, end: date) -> "Period":
        """Days from start up to, not including, end, labelled `start/end`."""
        if end <= start:
            raise WrongUsage(
                f"A period ends after it starts; this one runs from {start} to {end}.",
                found=f"{start}/{end}", expected="an end later than the start",
            )  # fmt: skip
        return cls(start, end, f"{start}/{end}")

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read 2026-07, 2026-Q3 (calendar), FY2026 (from 1 April), AY2026 (from 1 September), 2026-W31 (ISO), a day,
        or `start/end` (half-open). Raises WrongUsage for anything else.
        """
        try:
            return _parse(text.strip())
        except (ValueError, TypeError) as why:
            raise WrongUsage(
                f"'{text}' is not a period.",
                found=text, expected="2026-07, 2026-Q3, FY2026, AY2026, 2026-W31, 2026-07-04 or 2026-07-01/2026-10-01",
            ) from why  # fmt: skip


def month_of(day: date) -> Period:
    """The calendar month that holds the day."""
    return _months(day.year, day.month, 1, f"{day.year}-{day.month:02d}")


def _parse(text: str) -> Period:
    if "/" in text:
        start, end = (date.fromisoformat(part) for part in text.split("/"))
        return Period.between(start, end)
    if found := _DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return Period(day, day + timedelta(days=1), text)
    if found := _MONTH.fullmatch(text):
        return _months(int(found[1]), int(found[2]), 1, text)
    if found := _QUARTER.fullmatch(text):
        return _months(int(found[1]), 3 * int(found[2]) - 2, 3, text)
    if found := _YEAR_FROM.fullmatch(text):
        return _months(int(found[2]), _FIRST_MONTH[found[1]], 12, text)
    if found := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return Period(monday, monday + timedelta(days=7), text)
    raise ValueError(text)


def _months(year: int, month: int, length: int, label: str) -> Period:
    after = month - 1 + length
    return Period(date(year, month, 1), date(year + after // 12, after % 12 + 1, 1), label)


def months_before(day: date, months: int) -> date:
    """The same day so many months before; the 28th at the latest, which every month has."""
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, min(day.day, 28))
