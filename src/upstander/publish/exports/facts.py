"""What an export says of itself beside its tables. None of it is about people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Copy:
    """One recipient's numbered copy. How it must be handled follows from its tables, never from here."""

    recipient: str
    purpose: str
    expires: date
    number: str


@dataclass(frozen=True)
class ExportFacts:
    """One export. `release` is its name, such as 2026-Q3; `licence` an address, `licence_name` what people call it.

    `labels` gives for a dimension what its codes are called: {"area": {"lsoa21:F01000001": "Weir Gate"}}.
    Without `copy` the export is for everyone.
    """

    title: str
    publisher: str
    release: str
    made_on: date
    licence: str
    licence_name: str
    contact: str
    summary: str = ""
    attributions: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    copy: Copy | None = None

    @property
    def stem(self) -> str:
        """The release's name as part of a file's name."""
        return re.sub(r"[^A-Za-z0-9]+", "-", self.release).strip("-") or "release"
