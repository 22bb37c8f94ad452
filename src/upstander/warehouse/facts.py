"""What is known of a reading before it exists."""

from dataclasses import dataclass, fields
from datetime import datetime

from upstander.contracts.profiles import Concern, Profile
from upstander.contracts.readings import Covers, LineAccount, Manifest, Outcome, Part


@dataclass(frozen=True)
class ReadingFacts:
    """A manifest without what only the warehouse knows: its sequence number and its parts.

    `received` and `extracted_at` are aware UTC moments; the names mean what they mean in Manifest.
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
    received: datetime
    extracted_at: datetime | None
    outcome: Outcome
    lines: LineAccount
    quarantined_by_rule: tuple[tuple[str, int], ...] = ()
    set_aside_by_reason: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    figures: int | None = None
    linkage_domain: str = ""
    erased: int = 0
    erasures: tuple[str, ...] = ()
    profile: Profile | None = None
    concerns: tuple[Concern, ...] = ()


def manifest_of(facts: ReadingFacts, sequence: int, parts: tuple[Part, ...]) -> Manifest:
    """The manifest of these facts, at this place in the order of readings, with these parts."""
    known = {field.name: getattr(facts, field.name) for field in fields(facts)}
    return Manifest(**known, sequence=sequence, parts=parts)
