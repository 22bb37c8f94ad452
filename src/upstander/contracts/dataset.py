"""How a dataset is declared: the single source of checks, templates, the data dictionary and synthetic rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import CodeList


class Kind(StrEnum):
    """What a sent column holds."""

    TEXT = "text"
    CODE = "code"
    TIMESTAMP = "timestamp"
    DATE = "date"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FIGURE = "figure"  # a published number, or the marker that stands in its place


class Shape(StrEnum):
    """What one row of a dataset is like, and so which columns it shares with others in the warehouse."""

    INCIDENTS = "incidents"  # something that happened somewhere
    RECORDS = "records"  # a spell, a referral, an episode, or a person's standing
    INDICATORS = "indicators"  # a figure that somebody has worked out


@dataclass(frozen=True)
class Column:
    """One column as a sender sends it (after the supplier's map).

    `identifies` and `free_text` columns never reach the warehouse as they are, and their values are never quoted.
    `quotable` columns may be quoted in a message: codes are, names never. `becomes` names the warehouse columns made
    from it; empty means it is checked and dropped, and `dropped_because` says why. A column that is not `required`
    may be left blank or left out. A `free_text` column that becomes something tells where a row lies: it is read for a
    class and a place, and the words are dropped.
    """

    name: str
    kind: Kind
    means: str
    required: bool = False
    unit: str = ""
    codes: CodeList | None = None
    identifies: bool = False
    free_text: bool = False
    quotable: bool = False
    becomes: tuple[str, ...] = ()
    dropped_because: str = ""
    example: str = ""
    also_called: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventTime:
    """Where a row's time comes from: the columns of its start and end (one and the same for a moment), and what it is.

    `event_is` is occurred, called, arrived or recorded.
    """

    starts: str
    ends: str
    event_is: str


@dataclass(frozen=True)
class WarehouseColumn:
    """One column as it lies in the warehouse. `dtype` is a polars type name: String, Datetime, Float64, Int32, Int8."""

    name: str
    dtype: str
    means: str


@dataclass(frozen=True)
class Indicator:
    """One figure that a dataset may bring. `out_of` says in words what its denominator is; empty for a plain count."""

    code: str
    means: str
    unit: str
    out_of: str = ""


@dataclass(frozen=True)
class DatasetContract:
    """What one dataset is, what to send, and what it may be used for.

    `number` is its place in the partnership's matrix. `shape` is what its `columns` describe; a dataset that has
    `indicators` too, or has nothing else, may also come as files of figures (`contracts.in_shape`). `groups` is code
    -> meaning of whom a figure may be about.

    `event_times` are tried in order; the first whose start is filled gives the row its time.
    `classified_from` gives, for each warehouse column that holds a class (weapon_class, place_class, sex, …), the sent
    columns to ask in order; the first whose code maps to a class other than `unknown` decides. `always` holds warehouse
    columns that are the same for every row. `version` ends in a hash of the code lists and maps, so that a changed code
    map is a new contract version. `ages` are the completed years, both ends included, of the people it is mostly about:
    invented people keep to them, and no row is refused for them.
    """

    name: str
    title: str
    version: str
    one_row_is: str
    sent_by: str
    arrives: str
    standard: str
    purposes: Mapping[Purpose, str]  # purpose -> the matrix's note, "" for a plain tick
    counts_by: str  # the warehouse date that `covers` counts by, such as event_from_local
    columns: tuple[Column, ...]
    extra_columns: tuple[WarehouseColumn, ...] = ()
    event_times: tuple[EventTime, ...] = ()
    classified_from: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    always: Mapping[str, str] = field(default_factory=dict)
    number: int = 99
    shape: Shape = Shape.INCIDENTS
    indicators: tuple[Indicator, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    ages: tuple[int, int] = (0, 90)
    retention_days: int = 0
    due_within_days: int = 14  # calendar days after the period ends; ten working days
    notes: tuple[str, ...] = field(default=())

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Every shape the dataset comes in."""
        has_both = self.shape is not Shape.INDICATORS and bool(self.indicators)
        return (self.shape, Shape.INDICATORS) if has_both else (self.shape,)

    @property
    def place_text(self) -> Column | None:
        """The sent column whose words tell where a row lies, if there is one."""
        return next((column for column in self.columns if column.free_text and column.becomes), None)

    @property
    def months_apart(self) -> int:
        """Months from one delivery to the next, by `arrives`; 0 where they come in no even step."""
        steps = {"monthly": 1, "quarterly": 3, "yearly": 12}
        return next((months for word, months in steps.items() if self.arrives.startswith(word)), 0)

    def column(self, name: str) -> Column | None:
        """The sent column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)
