"""Deliveries as they stand at rest: the manifest of a reading. Made by `warehouse` only, from what intake reports."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from upstander.contracts.profiles import Concern, Profile


class Outcome(StrEnum):
    """What happened to a delivery; the last line of `deliver --json` says one of these."""

    ACCEPT = "ACCEPT"
    NORMALISE = "NORMALISE"
    ROWQ = "ROWQ"
    FILEQ = "FILEQ"
    REFUSE = "REFUSE"
    NOOP = "NOOP"
    HOLD = "HOLD"
    RESTATE = "RESTATE"


@dataclass(frozen=True)
class LineAccount:
    """Every physical line of a file, in one place each (promise 1).

    header + preamble + blank + footer + continuation + records = physical;
    accepted + quarantined + repeated + set_aside = records.
    """

    physical: int
    header: int
    preamble: int
    blank: int
    footer: int
    continuation: int
    records: int
    accepted: int
    quarantined: int
    repeated: int
    set_aside: int

    @property
    def adds_up(self) -> bool:
        """Whether both sums hold."""
        lines = self.header + self.preamble + self.blank + self.footer + self.continuation + self.records
        rows = self.accepted + self.quarantined + self.repeated + self.set_aside
        return lines == self.physical and rows == self.records


@dataclass(frozen=True)
class Covers:
    """The local days a reading speaks for, half-open. Inferred days (the rows' span) never assert zero."""

    start: date
    end: date
    inferred: bool


@dataclass(frozen=True)
class Part:
    """One Parquet file of a reading: its name, rows, size and SHA-256."""

    name: str
    rows: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """One reading: a delivery read by one contract version, supplier map, set of reference vintages and key epoch.

    The reading exists the instant its manifest does. `sequence` is given under a lock and orders readings; `received`
    and `extracted_at` are aware UTC moments. `delivers` is whole, increment or snapshot. `vintages` holds
    (reference kind, id). `notes` are sentences for people: repairs made, defaults found. `figures` is how many rows
    lie in the parts where one line may hold many figures, None where each accepted line is one row.
    `linkage_domain` is the shared domain a signed clause names, empty for the supplier's own. `erased` counts the rows
    taken out since, each for a person's erasure, which `erasures` names by number. `profile` is what the rows were like
    as they were read, None in a manifest older than profiles; `concerns` are why a person looked at the whole of it
    first, and accepted it.
    """

    reading: str
    delivery: str
    dataset: str
    supplier: str
    agency: str
    contract_version: str
    supplier_version: str
    vintages: tuple[tuple[str, str], ...]
    key_epoch: str
    raw_sha256: str
    raw_bytes: int
    covers_asked: str
    covers: Covers
    delivers: str
    counts_by: str
    counts_same_events_as: tuple[str, ...]
    sequence: int
    received: datetime
    extracted_at: datetime | None
    outcome: Outcome
    lines: LineAccount
    quarantined_by_rule: tuple[tuple[str, int], ...]
    set_aside_by_reason: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    figures: int | None = None
    linkage_domain: str = ""
    erased: int = 0
    erasures: tuple[str, ...] = ()
    profile: Profile | None = None
    concerns: tuple[Concern, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows lie in its parts."""
        stored = self.lines.accepted if self.figures is None else self.figures
        return stored - self.erased
