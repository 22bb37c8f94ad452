"""Periods are half-open local days, written the way the field writes them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.errors import WrongUsage
from upstander.values.periods import Period, month_of, months_before


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-07", date(2026, 7, 1), date(2026, 8, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 10, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("FY2026", date(2026, 4, 1), date(2027, 4, 1)),
        ("AY2026", date(2026, 9, 1), date(2027, 9, 1)),
        ("2026-W31", date(2026, 7, 27), date(2026, 8, 3)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 4)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
        ("2015-12-10/2016-08-25", date(2015, 12, 10), date(2016, 8, 25)),
    ],
)
def test_a_period_holds_the_days_its_name_says(text: str, start: date, end: date) -> None:
    period = Period.parse(text)
    assert (period.start, period.end, str(period)) == (start, end, text)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-Q5", "FY26", "2026-W54", "2026-02-30", "2026-08/2026-07"]
)
def test_what_is_no_period_is_refused_with_examples(text: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        Period.parse(text)
    assert "2026-Q3" in refused.value.expected or "end" in refused.value.expected


def test_a_period_must_end_after_it_starts() -> None:
    with pytest.raises(WrongUsage, match="ends after it starts"):
        Period.between(date(2026, 1, 2), date(2026, 1, 2))


@given(day=st.dates(date(1970, 1, 1), date(2100, 1, 1)))
def test_every_day_lies_in_its_month_and_in_no_other(day: date) -> None:
    month = month_of(day)
    assert day in month
    assert month.end not in month
    assert month.last_day in month
    assert Period.parse(month.label) == month


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 10, 1), 3, date(2026, 7, 1)), (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 5, 31), 3, date(2026, 2, 28)), (date(2026, 1, 1), 24, date(2024, 1, 1)),
    ],
)  # fmt: skip
def test_months_before_keep_the_day_that_every_month_has(day, months, expected):
    assert months_before(day, months) == expected
