"""The release calendar: when each quarter is due, who is then told, what was published, which sources are late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from upstander.contracts.catalogue import ALL
from upstander.contracts.measures import all_measures
from upstander.pipeline.desk import Desk
from upstander.pipeline.quality.calendar import Entry, State
from upstander.pipeline.quality.due import calendar_for
from upstander.pipeline.release import shelf
from upstander.pipeline.release.approving import standing
from upstander.pipeline.release.covering import last_quarter, quarter_named
from upstander.values.periods import Period, months_before

_IN = {State.RECEIVED, State.NOTHING}


@dataclass(frozen=True)
class Due:
    """One quarter. `late_days` counts from the due day to today where nothing is published; `sources` are sentences."""

    quarter: str
    due: date
    told: tuple[str, ...]
    state: str
    late_days: int
    sources: tuple[str, ...]
    is_published: bool = False
    is_unmade: bool = True
    is_running: bool = False


def release_calendar(desk: Desk, *, today: date, count: int = 4) -> list[Due]:
    """The quarter that runs now and the `count` before it, oldest first."""
    entries = _entries(desk, today)
    last = last_quarter(today)
    over = [last_quarter(months_before(last.end, 3 * back)) for back in reversed(range(count))]
    running = last_quarter(last.end + timedelta(days=100))
    return [_due(desk, quarter, entries, today) for quarter in (*over, running)]


def due_last(desk: Desk, *, today: date) -> Due:
    """The last quarter that is over, without its sources: quick enough for every look at a home page."""
    return _due(desk, last_quarter(today), (), today)


def due_of(desk: Desk, quarter: Period, *, today: date) -> Due:
    """One quarter, with its sources."""
    return _due(desk, quarter, _entries(desk, today), today)


def _entries(desk: Desk, today: date) -> list[Entry]:
    """The calendar of the feeds that measures are counted from."""
    told = {one.numerator.dataset for one in all_measures().values()}
    return [one for one in calendar_for(desk, dataset=None, today=today) if one.dataset in told]


def _due(desk: Desk, quarter: Period, entries: Sequence[Entry], today: date) -> Due:
    settings = desk.home.settings.release
    day = quarter.end + timedelta(days=settings.due_days)
    states = [standing(desk, one) for one in shelf.editions(desk.home, str(quarter))]
    published = [one for one in states if one.is_published]
    late = 0 if published else max((today - day).days, 0)
    state = (published or states)[-1].in_words if states else ("late" if late else "due")
    return Due(str(quarter), day, settings.told, state, late, tuple(_sources(quarter, entries)),
               is_published=bool(published), is_unmade=not states, is_running=today < quarter.end)  # fmt: skip


def _sources(quarter: Period, entries: Sequence[Entry]) -> list[str]:
    """What is not in yet, a line a feed, and then how many feeds are all in."""
    inside = [one for one in entries if one.period.start < quarter.end and quarter.start < one.period.end]
    feeds = sorted({(one.dataset, one.supplier) for one in inside})
    open_ = {
        feed: [
            f"{one.period} {one.in_words}"
            for one in inside
            if (one.dataset, one.supplier) == feed and one.state not in _IN
        ]
        for feed in feeds
    }
    said = [f"{ALL[feed[0]].title} from {feed[1]}: {'; '.join(lines)}" for feed, lines in open_.items() if lines]
    rest = len(feeds) - len(said)
    if not rest:
        return said
    which = "other feed" if said else "feed"
    return [*said, f"The {which} is all in" if rest == 1 else f"{rest} {which}s are all in"]


def quarter_or_last(text: str | None, today: date) -> Period:
    """The quarter that was typed, else the last one that is over."""
    return quarter_named(text) if text else last_quarter(today)
