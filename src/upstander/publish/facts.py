"""What the released tables say, in the shape that sentences and pictures need. Nothing is estimated here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from math import sqrt

from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish.charts.hours import FIRST_HOUR, Night, night_of
from upstander.publish.charts.weeks import Weeks
from upstander.publish.model import Action, Bulletin
from upstander.publish.reading import ABSENT, Cells, Shown, cells_of
from upstander.publish.standing import Place, named_places
from upstander.publish.tokens import Source
from upstander.publish.words import span_words
from upstander.values.windows import DAY_NAMES

WEEKS_DRAWN = 53
RECENT_WEEKS = 4  # a signal in one of the last four weeks with a number is a signal now
_GAPS = ("located_in_part", "not_located", "outside", "time_defaulted", "time_unknown")
_NIGHT_SHARE, _PEAK_SHARE, _LONGEST_PEAK = 0.75, 0.5, 12


@dataclass(frozen=True)
class Trend:
    """A source's weeks and whether the latest are a signal: True higher, False lower, None noise."""

    source: Source
    weeks: Weeks
    now: bool | None
    weeks_a_point: int = 1

    @property
    def point(self) -> str:
        """What one point of the chart is: `week` or `four weeks`."""
        return span_words(self.weeks_a_point)

    @property
    def is_known(self) -> bool:
        """Whether there is a usual range, and numbers in at least half of the weeks to compare with it."""
        usual, numbers = self.weeks.usual, sum(cell.has_number for cell in self.weeks.cells)
        return usual is not None and usual.has_number and 2 * numbers >= len(self.weeks.cells) > 0

    @property
    def latest(self) -> tuple[date, Shown] | None:
        """The last week that has a number and is not still coming in."""
        return self.weeks.judged[-1] if self.weeks.judged else None


@dataclass(frozen=True)
class Peak:
    """When a source is busiest: nights (0 Monday), and a run of hours after 06:00, the end not included."""

    nights: tuple[int, ...]
    start: int
    end: int

    @property
    def middle(self) -> float:
        """The middle of the run, in hours after 06:00."""
        return (self.start + self.end) / 2

    @property
    def clock(self) -> tuple[int, int]:
        """The run as hours of the day."""
        return (self.start + FIRST_HOUR) % 24, (self.end + FIRST_HOUR) % 24


@dataclass(frozen=True)
class Known:
    """Shares of a source's records, 0 to 1; None where the table does not say."""

    place: float | None
    place_in_part: float
    time: float | None
    time_defaulted: float
    is_withheld: bool = False  # some of what is not known is withheld, so it is not none


@dataclass(frozen=True)
class Change:
    """What an action's area counted before and since, in equal spans. `is_lower` None: cannot be told apart.

    `least_fall`: the smallest share fewer that such counts are likely to tell from chance; not applicable where none.
    """

    source: Source
    before: Shown
    since: Shown
    is_lower: bool | None
    least_fall: Shown = ABSENT


@dataclass(frozen=True)
class Missed:
    """What share of a source's records another source alone would miss: a band over rules of matching."""

    source: Source
    by: Source
    low: float
    high: float


@dataclass(frozen=True)
class Facts:
    """Everything the bulletin's sentences rest on."""

    bulletin: Bulletin
    places: tuple[Place, ...]
    places_compared: bool  # whether a released table says which places stand out
    trends: tuple[Trend, ...]
    peaks: Mapping[str, Peak | None]
    known: Mapping[str, Known]
    changes: tuple[tuple[Change, ...], ...]  # one tuple an action
    missed: tuple[Missed, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of places that a sentence may hold; digits in them are not numbers."""
        acted = (self.bulletin.name_of(action.area) for action in self.bulletin.actions)
        return (*(place.name for place in self.places), *acted)


def facts_of(bulletin: Bulletin) -> Facts:
    """The facts of a bulletin, from its released tables."""
    return Facts(
        bulletin,
        named_places(bulletin),
        bool({"stands_out", "ranks"} & set(bulletin.tables)),
        tuple(_trend(bulletin, source) for source in bulletin.present),
        {
            source.dataset: peak(night_cells(bulletin.tables.get("hours"), source.dataset))
            for source in bulletin.present
        },
        {source.dataset: _known(bulletin, source) for source in bulletin.present},
        tuple(_changes(bulletin, place, action) for place, action in enumerate(bulletin.actions, start=1)),
        tuple(_missed(bulletin)),
    )


def night_cells(table: ReleasedTable | None, dataset: str) -> dict[Night, Shown]:
    """One source's cells by night and hour after 06:00."""
    cells = cells_of(table, "source", "day", "hour")
    return {night_of(int(day), int(hour)): cell for (source, day, hour), cell in cells.items() if source == dataset}


def peak(cells: Mapping[Night, Shown]) -> Peak | None:
    """The busiest nights and the shortest run of hours that holds half of their records.

    A night is busy if it has at least three quarters of the busiest night's records in the hours busiest over all
    nights. None where fewer than half of the cells have a number, where half needs more than twelve hours, or where the
    run holds no more than two standard deviations (Poisson) above an even spread.
    """
    if sum(cell.has_number for cell in cells.values()) < len(DAY_NAMES) * 12:
        return None
    counts = [[cells.get((night, hour), ABSENT).number for hour in range(24)] for night in range(len(DAY_NAMES))]
    overall = _busiest_run(counts)
    if overall is None:
        return None
    held = [sum(night[overall[0] : overall[1]]) for night in counts]
    nights = tuple(night for night, count in enumerate(held) if count >= _NIGHT_SHARE * max(held))
    found = _busiest_run([counts[night] for night in nights])
    return Peak(nights, *found) if found else None


def _busiest_run(nights: Sequence[Sequence[float]]) -> tuple[int, int] | None:
    """Start and end of the shortest run of hours that holds half of the records; the fullest of several as short."""
    by_hour = [sum(hour) for hour in zip(*nights, strict=True)]
    total = sum(by_hour)
    runs = [
        (length, -sum(by_hour[start : start + length]), start)
        for length in range(1, _LONGEST_PEAK + 1) for start in range(25 - length)
    ]  # fmt: skip
    found = min((run for run in runs if -run[1] >= _PEAK_SHARE * total > 0), default=None)
    if found is None:
        return None
    length, held, start = found
    even = total * length / 24
    return (start, start + length) if -held > even + 2 * sqrt(even) else None


def _trend(bulletin: Bulletin, source: Source) -> Trend:
    cells = cells_of(bulletin.tables.get("weekly"), "source", "week")
    by_week = {date.fromisoformat(week): cell for (dataset, week), cell in cells.items() if dataset == source.dataset}
    step = bulletin.weeks_a_point
    days = _mondays(by_week, step)[-WEEKS_DRAWN:]
    usual = cells_of(bulletin.tables.get("usual"), "source").get((source.dataset,))
    signals = {
        date.fromisoformat(week): direction == "higher"
        for dataset, week, _, direction in cells_of(
            bulletin.tables.get("signals"), "source", "week", "rule", "direction")
        if dataset == source.dataset
    }  # fmt: skip
    rules = bulletin.tables["weekly"].about.rules if "weekly" in bulletin.tables else ()
    withheld = max((rule.suppress_up_to for rule in rules), default=0)
    told = bulletin.coming_in.get(source.dataset)
    coming = frozenset(day for day in days if told is not None and told.holds(day, step))
    weeks = Weeks(days, tuple(by_week.get(day, ABSENT) for day in days), usual, signals, withheld, coming)
    recent = [day for day, _ in weeks.judged]
    recent = recent[-max(1, RECENT_WEEKS // step) :]
    now = [signals[day] for day in recent if day in signals]
    return Trend(source, weeks, now[-1] if now else None, step)


def _mondays(by_week: Mapping[date, Shown], step: int) -> tuple[date, ...]:
    """Every `step`th Monday from the first to the last, so that a week that is not there leaves a gap."""
    if not by_week:
        return ()
    first, last = min(by_week), max(by_week)
    return tuple(first + timedelta(weeks=place) for place in range(0, (last - first).days // 7 + 1, step))


def _known(bulletin: Bulletin, source: Source) -> Known:
    cells = cells_of(bulletin.tables.get("unknown"), "source", "what")

    def share(what: str) -> float | None:
        every, part = cells.get((source.dataset, "records"), ABSENT), cells.get((source.dataset, what), ABSENT)
        if every.number <= 0 or not (part.has_number or part.status is Status.SUPPRESSED):
            return None
        return min(part.number / every.number, 1.0)

    gaps = [cells.get((source.dataset, what), ABSENT).status for what in _GAPS]
    return Known(
        share("located"), share("located_in_part") or 0.0, share("time_known"), share("time_defaulted") or 0.0,
        is_withheld=Status.SUPPRESSED in gaps,
    )  # fmt: skip


def _missed(bulletin: Bulletin) -> Iterator[Missed]:
    cells = cells_of(bulletin.tables.get("alone"), "source", "missed_by")
    for source, by in product(bulletin.present, repeat=2):
        found = cells.get((source.dataset, by.dataset), ABSENT)
        if found.low is not None and found.high is not None:
            yield Missed(source, by, found.low, found.high)


def _changes(bulletin: Bulletin, number: int, action: Action) -> tuple[Change, ...]:
    cells = cells_of(bulletin.tables.get("changes"), "action", "source", "when")
    falls = cells_of(bulletin.tables.get("least_falls"), "action", "source")
    found = []
    for source in bulletin.present:
        before, since = (_either(cells, number, action, source, when) for when in ("before", "since"))
        if before is not ABSENT or since is not ABSENT:
            least = falls.get((str(number), source.dataset), ABSENT)
            found.append(Change(source, before, since, told_apart(before, since), least))
    return tuple(found)


def _either(cells: Cells, number: int, action: Action, source: Source, when: str) -> Shown:
    by_words = cells.get((action.what, source.dataset, when), ABSENT)
    return cells.get((str(number), source.dataset, when), by_words)


def told_apart(before: Shown, since: Shown) -> bool | None:
    """True if the count since is lower, False if higher, None if the two cannot be told apart.

    By their intervals where these were released; else two Poisson counts differ if they lie more than 1.96 standard
    deviations apart, from ten records together on. Source: Przyborowski and Wilenski, Biometrika 31 (1940), in its
    normal form.
    """
    if not (before.has_number and since.has_number):
        return None
    if before.low is not None and before.high is not None and since.low is not None and since.high is not None:
        return True if since.high < before.low else False if since.low > before.high else None
    together = before.number + since.number
    if together < 10 or abs(before.number - since.number) <= 1.96 * sqrt(together):
        return None
    return since.number < before.number
