"""What is published now: every product for sharing reads by it, and marks itself when a newer release exists."""

from dataclasses import dataclass, replace

from upstander.errors import NotAcceptable
from upstander.pipeline.desk import Desk
from upstander.pipeline.recalling import recalled
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import KIND, Shelved, approved
from upstander.values.periods import Period


class NoRelease(NotAcceptable):
    """No published release speaks for what was asked."""


@dataclass(frozen=True)
class Frozen:
    """A published release as products read by it: its name, the newest reading it knows, its days, and the sentence
    that a newer one has replaced it, if one has.
    """

    name: str
    register: int
    period: Period
    newer: tuple[str, ...] = ()

    def covers(self, period: Period) -> bool:
        """Whether it tells all the days of a period."""
        return self.period.start <= period.start and period.end <= self.period.end


def published(desk: Shelved, quarter: str = "") -> list[shelf.Edition]:
    """Every published edition that is not recalled, oldest quarter first; of one quarter if it is named."""
    gone = recalled(desk.home)
    return [one for one in approved(desk) if quarter in ("", one.quarter) and (KIND, one.name) not in gone]


def newest_published(desk: Shelved, quarter: str = "") -> shelf.Edition:
    """The newest of them. Raises NoRelease."""
    found = published(desk, quarter)
    if not found:
        raise NoRelease(
            f"No release{f' of {quarter}' if quarter else ''} is published.",
            found=quarter, expected="`upstander release make`, then two approvals", state="Nothing was written.",
        )  # fmt: skip
    return found[-1]


def frozen(edition: shelf.Edition) -> Frozen:
    """An edition as products read by it."""
    return Frozen(edition.name, edition.plan.register, edition.plan.covering.whole)


def published_for(desk: Desk, period: Period) -> Frozen:
    """The newest published release that covers a period. Raises NoRelease, which says what there is."""
    found = [frozen(one) for one in published(desk)]
    fit = [one for one in found if one.covers(period)]
    if not fit:
        there = ", ".join(f"{one.name} ({one.period.start} to {one.period.last_day})" for one in found)
        raise NoRelease(
            f"No published release covers {period.start} to {period.last_day}, so nothing about it may be shared.",
            found=there or "no published release",
            expected="days inside one; or `upstander release make`, then two approvals", state="Nothing was written.",
        )  # fmt: skip
    return replace(fit[-1], newer=newer_words(desk, fit[-1].name))


def is_stale(desk: Desk, release: str) -> bool:
    """Whether a newer release than this one (quarter/edition) is published: figures of it are to be marked."""
    return bool(newer_words(desk, release))


def newer_words(desk: Desk, release: str) -> tuple[str, ...]:
    """The sentence that marks the figures of an older release, wherever they are shown; none for the newest."""
    found = published(desk)
    is_older = bool(found) and found[-1].name > release
    return (f"A newer release ({found[-1].name}) replaced this figure.",) if is_older else ()
