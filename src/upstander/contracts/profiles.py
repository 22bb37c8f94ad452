"""What the rows of one reading are like as a whole: counts only, and what makes a person look at a reading first.

Made by `intake` while it reads, kept in the manifest. Nothing here is about one row: no reference, name, postcode or
point; the commonest value of a column is counted and forgotten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

Counts = tuple[tuple[str, int], ...]
SHIFTS = ("06-14", "14-22", "22-06")
GRANULARITIES = ("point", "unit postcode", "area", "sector", "district", "none")  # finest first
DELAY_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class ColumnProfile:
    """One contract column of a file: cells that hold something, and how many of them no rule of the column refused."""

    name: str
    filled: int
    valid: int


@dataclass(frozen=True)
class ReferenceProfile:
    """One column of references, whole postcodes or points, over the rows that were good.

    distinct: how many values there are (`at_least` where there were too many to tell). commonest: rows of the value
    that occurs most; which value it is, nobody keeps. lengths: characters -> cells as sent, good or not, and `short`
    those of digits alone that are shorter than references are; both empty of what is no reference.
    """

    column: str
    distinct: int
    commonest: int
    lengths: Counts = ()
    short: int = 0
    at_least: bool = False


@dataclass(frozen=True)
class SiteShift:
    """The rows of one treating site in one shift of arrival, and how many cells of each column hold something."""

    site: str
    shift: str
    rows: int
    filled: Counts


@dataclass(frozen=True)
class Profile:
    """What one file is like. `sent` rows are about this dataset; `rows` of them passed the rules (also those already
    held); counts are over `rows` unless they say otherwise.

    codes: column -> our code -> rows, an empty cell under `(blank)`. numbers: column -> bin -> rows (kilometres, or
    hundredths of a degree, of points; hours from event to recording). by_day: ISO local day -> rows, the last 800 days.
    by_hour: rows timed to the hour or finer, 00 to 23. on_the_hour, default_times: rows timed to the minute at :00, and
    at 00:00 or 12:00.
    granularity: GRANULARITIES -> rows. pointed, outside, swapped: rows with a point, with one beyond every outline
    held, and with one that would lie inside them if its two numbers changed places. delay_days: whole days from the
    event to the receipt at each of DELAY_QUANTILES. shifts: where the dataset names the treating site.
    """

    sent: int
    rows: int
    columns: tuple[ColumnProfile, ...] = ()
    codes: tuple[tuple[str, Counts], ...] = ()
    references: tuple[ReferenceProfile, ...] = ()
    numbers: tuple[tuple[str, tuple[tuple[int, int], ...]], ...] = ()
    by_day: Counts = ()
    by_hour: tuple[int, ...] = ()
    precision: Counts = ()
    timed: int = 0
    on_the_hour: int = 0
    default_times: int = 0
    granularity: Counts = ()
    pointed: int = 0
    outside: int = 0
    swapped: int = 0
    delay_days: tuple[int, ...] = ()
    shifts: tuple[SiteShift, ...] = ()

    def column(self, name: str) -> ColumnProfile | None:
        """The cells of that column, if the file has it."""
        return next((one for one in self.columns if one.name == name), None)

    def reference(self, column: str) -> ReferenceProfile | None:
        """The values of that column of references, if the file has it."""
        return next((one for one in self.references if one.column == column), None)

    def rows_by_day(self) -> Iterator[tuple[date, int]]:
        """Each local day that has rows, and how many."""
        return ((date.fromisoformat(day), rows) for day, rows in self.by_day)

    def code_counts(self) -> Mapping[str, Mapping[str, int]]:
        """Column -> code -> rows."""
        return {column: dict(counts) for column, counts in self.codes}

    def number_counts(self) -> Mapping[str, Mapping[int, int]]:
        """Column -> bin -> rows."""
        return {column: dict(counts) for column, counts in self.numbers}


@dataclass(frozen=True)
class Concern:
    """Why a person must look at a reading before it counts: the rule, the column it speaks of, how large what it found
    is (0 to 1, or a ratio: comparable only under the same rule and column), and the sentence that is told.
    """

    rule: str
    column: str
    size: float
    says: str
