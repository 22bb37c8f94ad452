"""Which periods a release tells: its quarters and school terms, and the years that they add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from upstander.errors import WrongUsage
from upstander.values.periods import Period, months_before

_MONTHS = 3
_TERM_ENDS = {9: 1, 1: 4, 4: 9}  # school terms run from September, January and April to the next


@dataclass(frozen=True)
class Covering:
    """`quarters` oldest first, the release's own last; `years` are (year, its four quarters)."""

    quarters: tuple[Period, ...]
    years: tuple[tuple[Period, tuple[Period, ...]], ...]

    @property
    def whole(self) -> Period:
        """All days of all quarters."""
        return Period.between(self.quarters[0].start, self.quarters[-1].end)

    @property
    def periods(self) -> tuple[Period, ...]:
        """Quarters, then years."""
        return (*self.quarters, *(year for year, _ in self.years))

    @property
    def terms(self) -> tuple[Period, ...]:
        """The school terms whose days all lie in these quarters, oldest first."""
        starts = (months_before(quarter.start, -back) for quarter in self.quarters for back in range(_MONTHS))
        found = [
            Period.between(start, start.replace(year=start.year + (start.month == 9), month=_TERM_ENDS[start.month]))
            for start in starts if start.month in _TERM_ENDS
        ]  # fmt: skip
        return tuple(term for term in found if term.end <= self.whole.end)

    @property
    def school_years(self) -> tuple[tuple[Period, tuple[Period, ...]], ...]:
        """Each school year of which all three terms are told, and they."""
        terms = self.terms
        return tuple(
            (Period.parse(f"AY{term.start.year}"), terms[at : at + 3])
            for at, term in enumerate(terms[:-2]) if term.start.month == 9
        )  # fmt: skip


def covering(quarter: Period, count: int) -> Covering:
    """The `count` quarters that end with this one; each financial year that is whole, and the last twelve months.

    The last twelve months are left out where they are a financial year.
    """
    quarters = tuple(_quarter_of(months_before(quarter.start, _MONTHS * back)) for back in reversed(range(count)))
    fours = [quarters[at : at + 4] for at in range(len(quarters) - 3)]
    financial = [(_financial_year(four), four) for four in fours if four[0].start.month == 4]
    last = [] if not fours or fours[-1][0].start.month == 4 else [(_twelve_months(fours[-1]), fours[-1])]
    return Covering(quarters, (*financial, *last))


def quarter_named(text: str) -> Period:
    """The quarter that was typed, such as 2026-Q3. Raises WrongUsage for any other period."""
    period = Period.parse(text)
    if period != _quarter_of(period.start) or period.label != _quarter_of(period.start).label:
        raise WrongUsage(f"'{text}' is not a quarter.", found=text, expected="a calendar quarter such as 2026-Q3")
    return period


def last_quarter(day: date) -> Period:
    """The last quarter that was over on that day."""
    this = _quarter_of(day)
    return _quarter_of(months_before(this.start, _MONTHS))


def _quarter_of(day: date) -> Period:
    return Period.parse(f"{day.year}-Q{(day.month - 1) // _MONTHS + 1}")


def _financial_year(four: Sequence[Period]) -> Period:
    return Period.parse(f"FY{four[0].start.year}")


def _twelve_months(four: Sequence[Period]) -> Period:
    return Period.between(four[0].start, four[-1].end)
