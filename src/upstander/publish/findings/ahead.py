"""How many records the next weeks are likely to bring, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from upstander.publish.charts.ahead import Fan, Foreseen
from upstander.publish.facts import Facts
from upstander.publish.findings.common import records_of
from upstander.publish.reading import ABSENT, Shown, as_number, cells_of
from upstander.publish.tokens import Source
from upstander.publish.words import capital, first_that_fits, listed, per_cent

_PAST, _LATELY = 26, 8  # weeks
_LEAST_HELD = 0.65  # of the weeks that a band is meant to hold 80% of
_ALL = "all"


@dataclass(frozen=True)
class Outlook:
    """What is foreseen of one source. `usual`: the middle week of its last year; `held_80`, `held_95`: the share of
    past weeks inside intervals made the same way; not a number where it could not be tried.
    """

    source: Source
    fan: Fan
    usual: Shown
    held_80: Shown
    held_95: Shown

    @property
    def upper(self) -> float:
        """What nine weeks in ten stay at or under, in the week for which that is most."""
        return self.fan.span[2]

    @property
    def lately(self) -> float | None:
        """The middle of the last eight weeks that have a number."""
        known = sorted(cell.number for _, cell in self.fan.past[-_LATELY:] if cell.has_number)
        return known[len(known) // 2] if known else None

    @property
    def holds(self) -> bool:
        """Whether its bands held often enough on the past to plan by; where that was not tried, they may."""
        return not self.held_80.has_number or self.held_80.number >= _LEAST_HELD

    @property
    def moves(self) -> bool | None:
        """True where the usual week lies under most of the next weeks' bands, False where over, None where inside."""
        above = sum(week[1] > self.usual.number for week in self.fan.next)
        below = sum(week[3] < self.usual.number for week in self.fan.next)
        return True if 2 * above > len(self.fan.next) else False if 2 * below > len(self.fan.next) else None


def outlooks(facts: Facts) -> list[Outlook]:
    """Of each source that can be foreseen."""
    cells = cells_of(facts.bulletin.tables.get("ahead"), "source", "week", "what")
    found = []
    for source in facts.bulletin.present:
        weeks = sorted({week for dataset, week, _ in cells if dataset == source.dataset and week != _ALL})
        if not weeks:
            continue
        bands = [[cells[source.dataset, week, level] for level in ("80", "95")] for week in weeks]
        ahead = tuple((date.fromisoformat(week), _week(*pair)) for week, pair in zip(weeks, bands, strict=True))
        told = [cells.get((source.dataset, _ALL, what), ABSENT) for what in ("usual", "held_80", "held_95")]
        found.append(Outlook(source, Fan(_past(facts, source, ahead[0][0]), ahead), *told))
    return found


def _week(inner: Shown, outer: Shown) -> Foreseen:
    return (outer.low or 0.0, inner.low or 0.0, inner.number, inner.high or 0.0, outer.high or 0.0)


def _past(facts: Facts, source: Source, before: date) -> tuple[tuple[date, Shown], ...]:
    cells = cells_of(facts.bulletin.tables.get("past_all"), "source", "week", "what")
    own = {date.fromisoformat(week): cell for (dataset, week, what), cell in cells.items()
           if dataset == source.dataset and what == "records"}  # fmt: skip
    return tuple((day, own[day]) for day in sorted(own) if day < before)[-_PAST:]


def finding(found: Sequence[Outlook]) -> str:
    """The sentence above the fans."""
    if not found:
        return "How many records the next weeks will bring cannot be foreseen."
    up = [one.source for one in found if one.moves is True]
    down = [one.source for one in found if one.moves is False]
    if up and down:
        return "The next six weeks: more than usual of some records, fewer of others."
    if up or down:
        side = "more" if up else "fewer"
        return first_that_fits([
            f"Expect {side} {records_of(up or down)} than usual in the next six weeks.",
            f"Expect {side} records than usual in the next six weeks.",
        ])  # fmt: skip
    return "The next six weeks are likely to bring about as many records as usual."


def failed(one: Outlook) -> str:
    """Why a source whose bands did not hold on the past is not shown."""
    held = per_cent(one.held_80.number)
    return f"Tried on the past, bands meant to hold 80% of its weeks held {held}: too few to plan by."


def under_fan(one: Outlook) -> str:
    """What stands under one source's fan."""
    usual = f"a usual week of the last year {as_number(one.usual.number)}" if one.usual.has_number else ""
    lately = f"the last eight weeks {as_number(one.lately)}" if one.lately is not None else ""
    had = capital("; ".join(part for part in (lately, usual) if part))
    middle = sorted(week[2] for week in one.fan.next)
    span = f"{as_number(round(middle[0]))} to {as_number(round(middle[-1]))}"
    likely = as_number(round(middle[0])) if round(middle[0]) == round(middle[-1]) else span
    return f"Most likely {likely} a week; nine in ten stay at or under {as_number(one.upper)}. {had}."


def tried(found: Sequence[Outlook]) -> str:
    """How often the bands held when the past was foreseen from its own past."""
    said = [
        f"{one.source.name} {per_cent(one.held_80.number)} and {per_cent(one.held_95.number)}"
        for one in found
        if one.held_80.has_number and one.held_95.has_number
    ]
    return f"Tried on the past, bands meant to hold 80% and 95% of weeks held: {listed(said)}" if said else ""
