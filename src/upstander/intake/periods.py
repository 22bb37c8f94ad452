"""The periods that published figures are for, read as the map says they are written: each distinct text once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl

from upstander.errors import WrongUsage
from upstander.intake.suppliers.statistics import PeriodForm, Periods
from upstander.values.periods import Period, month_of

_YEARS = re.compile(r"(\d{4})(?:[-/–]?(\d{2}|\d{4}))?")
_BETWEEN = re.compile(r"\s+to\s+|\s+[-–]\s+|[-–](?=[A-Za-z])")
_CENTURY = 100
_KINDS = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "day"),
    (re.compile(r"\d{4}-W\d{2}"), "week"),
    (re.compile(r"\d{4}-\d{2}"), "month"),
    (re.compile(r"\d{4}-Q\d"), "quarter"),
    (re.compile(r"\d{4}"), "year"),
    (re.compile(r"FY\d{4}"), "FY"),
    (re.compile(r"AY\d{4}"), "AY"),
)
_MONTHS_IN_YEAR, _MONTHS_IN_QUARTER = 12, 3
_YEAR_FROM = {1: "", 4: "FY", 9: "AY"}
SCHEMA = {
    "period.kind": pl.String(), "period.label": pl.String(),
    "period.at": pl.Datetime("us"), "period.end": pl.Datetime("us"),
}  # fmt: skip


@dataclass
class PeriodReader:
    """Reads the period column of one file. `formats` are strptime patterns of a month, for the forms that name one."""

    words: Periods
    formats: Sequence[str]
    _known: dict[tuple[str | None, str | None], Period | None] = field(default_factory=dict)

    def read(self, text: pl.Series, identifier: pl.Series | None) -> pl.DataFrame:
        """period.kind, period.label, period.at, period.end (first day, and the day after the last), period.unread."""
        said = pl.DataFrame({"text": text, "form": identifier}, schema={"text": pl.String, "form": pl.String})
        pairs = said.unique()
        for pair in pairs.rows():
            if pair not in self._known:
                self._known[pair] = self._one(*pair)
        found = [_columns_of(self._known[pair]) for pair in pairs.rows()]
        read = pl.concat([pairs, pl.DataFrame(found, schema=SCHEMA, orient="row")], how="horizontal")
        joined = said.join(read, on=["text", "form"], how="left", nulls_equal=True, maintain_order="left")
        unread = pl.col("text").is_not_null() & pl.col("period.at").is_null()
        return joined.select(*SCHEMA, unread.alias("period.unread"))

    def _one(self, text: str | None, identifier: str | None) -> Period | None:
        form = self.words.forms.get((identifier or "").strip()) if self.words.forms else self.words.form
        return None if text is None or form is None else _READERS[form](text.strip(), self.formats)


def kind_of(period: Period) -> str:
    """day, week, month, quarter, year, FY, AY, rolling_year for another run of twelve months, else span."""
    named = next((kind for pattern, kind in _KINDS if pattern.fullmatch(period.label)), None)
    is_year = (period.end.year - period.start.year, period.end.month, period.end.day) == (
        1, period.start.month, period.start.day,
    )  # fmt: skip
    return named or ("rolling_year" if is_year else "span")


def _columns_of(period: Period | None) -> tuple[str | None, str | None, datetime | None, datetime | None]:
    if period is None:
        return None, None, None, None
    return kind_of(period), period.label, _midnight(period.start), _midnight(period.end)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a local day, as the publisher means it


def _ours(text: str, _: Sequence[str]) -> Period | None:
    if re.fullmatch(r"\d{4}", text):
        return _twelve_months(int(text), 1)
    try:
        return Period.parse(text)
    except WrongUsage:
        return None


def _year_starting(month: int, *, named_by_end: bool = False) -> Callable[[str, Sequence[str]], Period | None]:
    """Reads 2024, 202425, 2024/25 and 2024-2025 as the year from that month; a year alone is its first or its last."""

    def read(text: str, _: Sequence[str]) -> Period | None:
        found = _YEARS.fullmatch(text)
        if found is None:
            return None
        first, last = int(found[1]), found[2]
        if last is None:
            return _twelve_months(first - named_by_end, month)
        is_next = int(last) == (first + 1 if len(last) > 2 else (first + 1) % _CENTURY)
        return _twelve_months(first, month) if is_next else None

    return read


def _month(text: str, formats: Sequence[str]) -> Period | None:
    for pattern in formats:
        try:
            return month_of(datetime.strptime(text, pattern).date())  # noqa: DTZ007 - a local month
        except ValueError:
            continue
    return None


def _year_ending(text: str, formats: Sequence[str]) -> Period | None:
    last = _month(text, formats)
    return None if last is None else _twelve_months(last.end.year - 1, last.end.month)


def _months(text: str, formats: Sequence[str]) -> Period | None:
    ends = _BETWEEN.split(text)
    read = [_month(one, formats) for one in ends]
    first, last = read[0], read[-1]
    if len(ends) != 2 or first is None or last is None or last < first:
        return None
    count = (last.end.year - first.start.year) * _MONTHS_IN_YEAR + last.end.month - first.start.month
    if count == _MONTHS_IN_YEAR:
        return _twelve_months(first.start.year, first.start.month)
    if count == _MONTHS_IN_QUARTER and first.start.month % _MONTHS_IN_QUARTER == 1:
        return Period.parse(f"{first.start.year}-Q{first.start.month // _MONTHS_IN_QUARTER + 1}")
    return Period.between(first.start, last.end)


def _twelve_months(year: int, month: int) -> Period | None:
    if not date.min.year < year < date.max.year:
        return None
    start, end = date(year, month, 1), date(year + 1, month, 1)
    return Period(start, end, f"{_YEAR_FROM[month]}{year}" if month in _YEAR_FROM else f"{start}/{end}")


_READERS: Mapping[PeriodForm, Callable[[str, Sequence[str]], Period | None]] = {
    "ours": _ours,
    "month": _month,
    "months": _months,
    "year": _year_starting(1),
    "fy_starting": _year_starting(4),
    "fy_ending": _year_starting(4, named_by_end=True),
    "ay_starting": _year_starting(9),
    "ay_ending": _year_starting(9, named_by_end=True),
    "year_ending": _year_ending,
}
