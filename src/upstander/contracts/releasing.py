"""Numbers about people as they may be shown. Only `disclosure.protect` makes one; `publish` takes nothing else."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.values.periods import Period


class Status(StrEnum):
    """Five different things; zero is a number that is shown."""

    SHOWN = "shown"
    SUPPRESSED = "suppressed"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    TOO_UNCERTAIN = "too_uncertain"


class Edition(StrEnum):
    """Who an output is for. Operational: named recipients of an O schedule. Shareable: everyone an agreement names."""

    OPERATIONAL = "operational"
    SHAREABLE = "shareable"


@dataclass(frozen=True)
class About:
    """What every figure must be able to say of itself (promise 7)."""

    title: str
    measure: str
    unit: str
    edition: Edition
    period: Period
    area_layer: str
    rules: tuple[CountRule, ...]
    readings: tuple[tuple[str, str, str], ...]  # (dataset, supplier, reading)
    method: str
    method_version: str
    definition: str
    source: str
    caveats: tuple[str, ...] = ()
    recording_changes: tuple[str, ...] = ()
    handling: str = "OFFICIAL-SENSITIVE"
    expires: date | None = None


@dataclass(frozen=True)
class ReleasedTable:
    """A protected table. `cells` has the dimensions (text), then value, low, high (float or null) and status (text).

    Rows are sorted by the dimensions; a suppressed or missing cell has a null value, low and high.
    """

    name: str
    dimensions: tuple[str, ...]
    cells: pl.DataFrame
    about: About

    def cell(self, **where: str) -> dict[str, Any]:
        """The one cell at these dimensions: {value, low, high, status}; raises KeyError where there is none."""
        found = self.cells.filter(*(pl.col(name) == value for name, value in where.items()))
        if found.height != 1:
            raise KeyError(f"{self.name} has {found.height} cells at {where}")
        return found.select("value", "low", "high", "status").row(0, named=True)

    def along(self, **where: str) -> pl.DataFrame:
        """The cells at these dimensions, in order."""
        return self.cells.filter(*(pl.col(name) == value for name, value in where.items()))
