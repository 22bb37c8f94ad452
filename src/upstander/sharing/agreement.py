"""An agreement as it stands: its terms, who signed them, what was decided about it since, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Edition
from upstander.sharing.policy import rules_of
from upstander.sharing.terms import Schedule, Terms


class ActKind(StrEnum):
    """What can be decided about a signed agreement."""

    ENDED = "ended"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Signature:
    """Whose hand put a version in force. `sha256` is of the agreement's bytes; `at` is an aware UTC moment."""

    agreement: str
    version: int
    sha256: str
    person: str
    at: datetime


@dataclass(frozen=True)
class Act:
    """A decision about a version, which acts from `at` (aware UTC) on.

    It is about one `schedule`, about everything one `agency` provides, or (both empty) about the whole agreement.
    `number` counts the acts of a version from 1, so that a missing one shows. `sha256` is of the agreement's bytes.
    """

    agreement: str
    version: int
    sha256: str
    number: int
    kind: ActKind
    person: str
    at: datetime
    why: str
    schedule: str = ""
    agency: str = ""

    def concerns(self, schedule: Schedule) -> bool:
        """Whether this act is about a schedule."""
        return self.schedule in ("", schedule.id) and self.agency in ("", schedule.provider)


@dataclass(frozen=True)
class Agreement:
    """One version of an agreement. `fault` says why it grants nothing at all: unsigned, altered, unreadable.

    `terms` is None only where the file cannot be read. `acts` are in the order in which they were decided.
    """

    name: str
    version: int
    terms: Terms | None
    signature: Signature | None
    acts: tuple[Act, ...] = ()
    fault: str = ""

    @property
    def title(self) -> str:
        """What a page calls it; its name where the file cannot be read."""
        return self.terms.title if self.terms else self.name

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Its schedules, whether or not they grant anything now."""
        return self.terms.schedules if self.terms else ()

    @cached_property
    def count_rules(self) -> Mapping[str, Mapping[Edition, CountRule]]:
        """The rules for counts of each schedule, by its id; see rules_of. Worked out once: every page asks."""
        return {one.id: rules_of(self._terms(), one) for one in self.schedules}

    def begins(self, schedule: Schedule) -> datetime:
        """The UTC moment from which a schedule may grant: its start, and not before the signature."""
        start = self._terms().midnight(schedule.start)
        return max(start, self.signature.at) if self.signature else start

    def until(self, schedule: Schedule) -> datetime:
        """The UTC moment from which a schedule grants nothing more: its end, or an early one."""
        early = self.cut_short(schedule)
        end = self._terms().midnight(schedule.end)
        return min(end, early.at) if early else end

    def cut_short(self, schedule: Schedule) -> Act | None:
        """The first act that ended or withdrew a schedule for good."""
        ends = (act for act in self._about(schedule) if act.kind in (ActKind.ENDED, ActKind.WITHDRAWN))
        return min(ends, key=lambda act: act.at, default=None)

    def suspension(self, schedule: Schedule, at: datetime) -> Act | None:
        """The act by which a schedule is suspended at a moment. What suspended it as a whole, only a whole resumes."""
        open_acts: dict[tuple[str, str], Act] = {}
        for act in self._about(schedule):
            if act.at > at:
                continue
            if act.kind is ActKind.SUSPENDED:
                open_acts[act.schedule, act.agency] = act
            elif act.kind is ActKind.RESUMED:
                open_acts.pop((act.schedule, act.agency), None)
        return min(open_acts.values(), key=lambda act: act.number, default=None)

    def stands(self, schedule: Schedule, at: datetime) -> bool:
        """Whether a schedule may grant at a moment: sound, begun, not ended, not suspended."""
        is_sound = self.signature is not None and not self.fault
        return is_sound and self.begins(schedule) <= at < self.until(schedule) and not self.suspension(schedule, at)

    def day(self, at: datetime) -> date:
        """The day of a UTC moment where the agreement is at home; in UTC a summer day begins the day before."""
        return at.astimezone(ZoneInfo(self._terms().zone)).date()

    def _about(self, schedule: Schedule) -> Iterator[Act]:
        return (act for act in self.acts if act.concerns(schedule))

    def _terms(self) -> Terms:
        if self.terms is None:
            raise ValueError(f"the agreement {self.name} cannot be read")
        return self.terms
