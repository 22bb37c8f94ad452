"""What a reading is asked to do, where its rows go, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import polars as pl

from upstander.contracts.dataset import DatasetContract
from upstander.contracts.places import Unsettled
from upstander.contracts.profiles import Concern, Profile
from upstander.contracts.readings import Covers, LineAccount, Outcome
from upstander.intake.control import Control
from upstander.intake.limits import LIMITS
from upstander.intake.suppliers import Supplier
from upstander.values.periods import Period

HELD_KEY = ("incident_token", "person_token", "role")


@dataclass(frozen=True)
class Ground:
    """What is known of the land when a file is read.

    bounds: left, low, right, high of the outlines that points are placed in, in the frame of the supplier's points;
    None where none are held. middle_of: the middle, in metres, of the area that a whole postcode lies in; None for one
    that is not known.
    """

    bounds: tuple[float, float, float, float] | None = None
    middle_of: Callable[[str], tuple[float, float] | None] = lambda _: None


@dataclass(frozen=True)
class ReadPlan:
    """One file, one contract, one supplier map.

    covers: as stated by the sender (or a control file); None leaves it to the file's name, then to the rows.
    received: an aware moment; later events have not happened yet.
    token_keys: token kind -> key of the linkage domain; a kind without a key gives no token.
    already_held: for an *increment*, one row a held record with those columns of HELD_KEY that its dataset keeps.
    known_columns: headings the agreement lets this sender send; None means those of the map.
    control: what the sender says of the file; its bytes were compared already, its rows are compared at the end.
    ground: what is known of the land; without it points are not told to lie outside it.
    """

    reading: str
    contract: DatasetContract
    supplier: Supplier
    file_name: str
    received: datetime
    covers: Period | None = None
    token_keys: Mapping[str, bytes] = field(default_factory=dict)
    postcode_level: Literal["sector", "district"] = "sector"
    already_held: pl.DataFrame | None = None
    known_columns: frozenset[str] | None = None
    control: Control = field(default_factory=Control)
    ground: Ground = Ground()
    block_bytes: int = LIMITS.block_bytes


class Sink(Protocol):
    """Where rows go. What it was given counts only if `read` ends with an outcome that loads."""

    def accept(self, batch: pl.DataFrame) -> None:
        """Rows with the warehouse's columns, in its order and types."""

    def quarantine(self, batch: pl.DataFrame) -> None:
        """Rows kept back: line, record (text as sent: encrypt it), column, rule, expected."""


@dataclass(frozen=True)
class Mistake:
    """One thing wrong in one line. `value` is there only if the column is quotable."""

    line: int
    column: str
    rule: str
    expected: str
    value: str | None = None


@dataclass(frozen=True)
class DialectFound:
    """How the file turned out to be written."""

    delimiter: str
    quote: str
    encoding: str
    line_ending: str
    has_byte_order_mark: bool


@dataclass(frozen=True)
class ReadResult:
    """What became of a file. `message` and `notes` are for people and hold no record-level value.

    `holds` are the reasons why a person must look first; with any, the outcome is HOLD and the reading is complete.
    `default_times` counts rows whose time is exactly midnight or noon, which is left as sent. `row_span` is the first
    and last event moment of the accepted rows. `filled` counts the cells that are not empty, by contract column.
    `figures` is how many rows the sink was given where one line may hold many figures, None elsewhere; `markers` counts
    them by what stands in their cells: shown, suppressed, not_applicable and so on.
    `profile` is what its rows are like as a whole, None where none were read; `concerns` are those of the `holds` that
    the whole file gives rise to; `otherwise` is the outcome if nobody had to look.
    `unsettled` are phrases about places for whoever keeps the file's bytes sealed; they are taken out before anything
    is told or recorded.
    """

    outcome: Outcome
    message: str
    lines: LineAccount
    covers: Covers | None
    dialect: DialectFound | None
    sha256: str
    byte_count: int
    notes: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    quarantined_by_rule: tuple[tuple[str, int], ...] = ()
    set_aside_by_reason: tuple[tuple[str, int], ...] = ()
    filled: tuple[tuple[str, int], ...] = ()
    default_times: int = 0
    row_span: tuple[datetime, datetime] | None = None
    figures: int | None = None
    markers: tuple[tuple[str, int], ...] = ()
    profile: Profile | None = None
    concerns: tuple[Concern, ...] = ()
    otherwise: Outcome = Outcome.ACCEPT
    unsettled: tuple[Unsettled, ...] = field(default=(), repr=False)

    @property
    def loads(self) -> bool:
        """Whether the accepted rows stand."""
        return self.outcome in {Outcome.ACCEPT, Outcome.NORMALISE, Outcome.ROWQ}
