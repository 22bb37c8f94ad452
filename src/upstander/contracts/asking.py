"""What is asked of the gate, and its answers. Requests are made by the pipeline's gate, answers by `sharing` only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """Why data is read. The first three are the paper's columns; stewardship is intake, quality and governance."""

    STRATEGIC = "strategic"
    MONITORING = "monitoring"
    OPERATIONAL = "operational"
    STEWARDSHIP = "stewardship"


@dataclass(frozen=True)
class CountRule:
    """How a count may be shown, and the agreement that says so. What it leaves out, it does not ask for.

    `suppress_up_to` 7 hides 1 to 7; `round_to` 5 rounds the rest to the nearest 5, halves up. 0 and 1 hide and round
    nothing. `open_data` marks data already published as open, which says so on the figure.
    `of_persons` holds distinct persons to `suppress_up_to` too, where the rows tell one from another: four events of
    one person are one person. `finest` is the finest kind of area that may leave (`ward`; empty: any). `rate_from` is
    the least count of which a rate or a mean is told. `no_group` hides what would tell that everybody of a group is
    alike. `dominance` (n, k): a sum of which n contributors make more than k% is hidden; `p_percent`: so is one whose
    second contributor could guess the first within p%. `least_width` is how many values a hidden count must still be
    able to have, where that is more than it hides. `publishable`: what the rule leaves may be published to everyone.
    """

    name: str
    agreement: str
    suppress_up_to: int
    round_to: int
    open_data: bool = False
    of_persons: bool = False
    finest: str = ""
    rate_from: int = 0
    no_group: bool = False
    dominance: tuple[int, float] | None = None
    p_percent: float | None = None
    least_width: int = 0
    publishable: bool = False

    @property
    def width(self) -> int:
        """How many whole numbers a hidden count must still be able to be, whatever else is known."""
        return max(self.suppress_up_to, self.least_width) if self.suppress_up_to else 0


@dataclass(frozen=True)
class Request:
    """Somebody wants to read some fields of a dataset, and says why. `at` is an aware UTC moment.

    Empty `suppliers` means every supplier of the dataset that the agreements grant.
    """

    person: str
    agency: str
    purpose: Purpose
    dataset: str
    suppliers: tuple[str, ...]
    fields: tuple[str, ...]
    why: str
    at: datetime


@dataclass(frozen=True)
class Grant:
    """What one schedule lets through from one supplier.

    `rows` is a tuple of (column, allowed codes); every row read must meet all of them. `until` is an aware UTC moment.
    `linkage` is the domain of a signed clause under which people may be recognised across feeds; mostly empty.
    """

    supplier: str
    agreement: str
    schedule: str
    fields: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    rule: CountRule
    until: datetime
    linkage: str = ""


@dataclass(frozen=True)
class Allowed:
    """The gate's yes: one grant a supplier. The strictest rule and the earliest end govern what is made from it."""

    request: Request
    grants: tuple[Grant, ...]

    @property
    def until(self) -> datetime:
        """When the earliest grant ends."""
        return min(grant.until for grant in self.grants)


@dataclass(frozen=True)
class Refused:
    """The gate's no, with the reason and what the person can do next."""

    request: Request
    reason: str
    next_step: str
