"""An agreement as it stands: its terms, who signed them and when, whether it was ended, and what is wrong with it."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from upstander.sharing.terms import Schedule, Terms


@dataclass(frozen=True)
class Signature:
    """Whose hand put a version in force. `sha256` is of the agreement's bytes; `at` is an aware UTC moment."""

    agreement: str
    version: int
    sha256: str
    person: str
    at: datetime


@dataclass(frozen=True)
class End:
    """An early end, which acts from `at`, an aware UTC moment."""

    agreement: str
    version: int
    sha256: str
    person: str
    at: datetime
    why: str


@dataclass(frozen=True)
class Agreement:
    """One version of an agreement. `fault` says why it grants nothing at all: unsigned, altered, unreadable.

    `terms` is None only where the file cannot be read.
    """

    name: str
    version: int
    terms: Terms | None
    signature: Signature | None
    end: End | None = None
    fault: str = ""

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Its schedules, whether or not they grant anything now."""
        return self.terms.schedules if self.terms else ()

    def begins(self, schedule: Schedule) -> datetime:
        """The UTC moment from which a schedule may grant: its start, and not before the signature."""
        start = self._terms().midnight(schedule.start)
        return max(start, self.signature.at) if self.signature else start

    def until(self, schedule: Schedule) -> datetime:
        """The UTC moment from which a schedule grants nothing more: its end, or the agreement's early end."""
        end = self._terms().midnight(schedule.end)
        return min(end, self.end.at) if self.end else end

    def day(self, at: datetime) -> date:
        """The day of a UTC moment where the agreement is at home; in UTC a summer day begins the day before."""
        return at.astimezone(ZoneInfo(self._terms().zone)).date()

    def _terms(self) -> Terms:
        if self.terms is None:
            raise ValueError(f"the agreement {self.name} cannot be read")
        return self.terms
