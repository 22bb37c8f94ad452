"""Which of the newest weeks of a source are still coming in, so that no week is read as a fall while it fills up.

Two things tell: readings that speak again for days that an earlier one spoke for, and the times at which an agency
wrote its records down. Both are counted exactly here and protected like any other count; shares are worked out of what
is released.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import takewhile

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.outbreaks.delays import came_and_could, share_by_delay, then_and_now
from upstander.contracts.catalogue import ALL
from upstander.contracts.definitions import ViolenceDefinition
from upstander.contracts.readings import Manifest
from upstander.contracts.releasing import About, Edition, ReleasedTable
from upstander.disclosure import Exact, derive, protect
from upstander.pipeline.desk import Desk
from upstander.pipeline.injuries.exact import whole_weeks
from upstander.pipeline.injuries.numbers import middle_of_hidden, numbered
from upstander.pipeline.injuries.sources import Source, counted, read_source
from upstander.publish.model import ComingIn
from upstander.values.periods import Period
from upstander.warehouse import NothingHeld

Numbers = NDArray[np.float64]
RECORDED = "recorded_local"
_READINGS, _TIMES = "readings", "recorded"
ENOUGH = 0.95  # a week with a smaller share of its records is still coming in
_NEWEST_WEEKS, _LONGEST_WEEKS = 13, 13
_FEWEST = 50  # records followed long enough, below which nothing is said
_FOLLOWED_WEEKS = 4
_ALIKE_DAYS = 45  # weeks usually read sooner than this after they ended: a month's file, some days late
_FRESH_DAYS = 28
_MOST_READINGS = 36
_WEEK, _LOOKED_BACK = timedelta(days=7), timedelta(days=900)
_COUNTS = {"told_by": pl.String, "weeks": pl.Int64, "what": pl.String, "count": pl.Int64}


@dataclass(frozen=True)
class Late:
    """What is known of how late records come: the ages of each source's weeks, and the exact counts of `arrived`."""

    ages: tuple["Ages", ...]
    exact: pl.DataFrame


@dataclass(frozen=True)
class Ages:
    """Of one source: how many days after its end each whole week, by Monday, was last read, and the newest reading.

    A week whose days lie in two deliveries is as old as the day that was read soonest after it.
    """

    source: str
    days: Mapping[date, int]
    read_on: date

    @property
    def newest(self) -> list[date]:
        """The Mondays of the last thirteen whole weeks, oldest first."""
        return sorted(self.days)[-_NEWEST_WEEKS:]

    @property
    def usual(self) -> float:
        """The middle age of the weeks of two years that came before the newest four."""
        earlier = sorted(self.days)[-_NEWEST_WEEKS - 104 : -4]
        return float(np.median([self.days[week] for week in earlier])) if earlier else 0.0


def late_of(desk: Desk, sources: Sequence[Source], definition: ViolenceDefinition, edition: Edition) -> Late:
    """How late the records of these sources come."""
    blank = pl.DataFrame(schema={"source": pl.String, **_COUNTS, "weeks": pl.String})
    exact = pl.concat([blank, *(_arrived(desk, source, definition, edition) for source in sources)])
    return Late(tuple(_ages_of(source) for source in sources), exact)


def _ages_of(source: Source) -> Ages:
    """How old each whole week was when it was last read, by its slowest supplier. Days only inferred do not count."""
    days: dict[date, int] = {}
    feeds = _by_supplier(source.manifests)
    for deliveries in feeds.values():
        for week, age in _states(deliveries)[-1].items():
            days[week] = min(age, days.get(week, age))
    spoken = set(whole_weeks(source.stated))
    read_on = max((_extracted(one) for feed in feeds.values() for one in feed), default=date.min)
    return Ages(source.dataset, {week: age for week, age in days.items() if week in spoken}, read_on)


def _arrived(desk: Desk, source: Source, definition: ViolenceDefinition, edition: Edition) -> pl.DataFrame:
    """source, told_by, weeks, what, count, exact: what the source's delay can be told from; no row where nothing can.

    told_by readings: of weeks that were read `weeks` weeks after they ended, and again four weeks later or more, the
    records `then` and `now`. told_by recorded: of records old enough to show a delay of `weeks` weeks, those with it
    (`came`) and those with it or less (`could`).
    """
    again = _read_again(desk, source, definition)
    found = again if again.height else _written_down(desk, source, definition, edition)
    return found.select(
        pl.lit(source.dataset).alias("source"), "told_by", pl.col("weeks").cast(pl.String).str.zfill(2), "what",
        pl.col("count").cast(pl.Int64),
    )  # fmt: skip


def coming_in(late: Late, tell: "partial[About]") -> dict[str, ReleasedTable]:
    """The table `coming_in`, where anything can be told: source, week, and the share of its records that has come.

    The counts behind it are protected like any others and serve this alone: shown, they would add up to others.
    """
    if late.exact.is_empty():
        return {}
    about = tell("How late records come", "reporting_delay 1.0", "Kalbfleisch and Lawless 1991; Lawless 1994")
    counts = protect(Exact("arrived", ("source", "told_by", "weeks", "what"), late.exact, about))
    hidden = middle_of_hidden(counts)
    shares = derive(
        "coming_in", ("source", "week"), about, [counts], lambda cells: _shares(numbered(cells, hidden), late.ages)
    )
    return {shares.name: shares} if shares.cells.height else {}


def told(arrivals: Mapping[str, ReleasedTable], late: Late) -> dict[str, ComingIn]:
    """By source, from which week on it is still coming in; sources with no whole week are left out."""
    cells = arrivals["coming_in"].cells if "coming_in" in arrivals else pl.DataFrame(schema={"source": pl.String})
    return {one.source: _told(one, cells.filter(pl.col("source") == one.source)) for one in late.ages if one.days}


def caveats(coming: Mapping[str, ComingIn]) -> tuple[str, ...]:
    """What tables that are judged week by week say of their newest weeks."""
    held = [f"{ALL[source].title} from {one.since:%-d %B %Y}" for source, one in coming.items() if one.since]
    fresh = [
        f"{ALL[source].title} from {one.no_fall_since:%-d %B %Y}" for source, one in coming.items() if one.no_fall_since
    ]
    return (
        *([f"Still coming in and not judged: {', '.join(held)}"] if held else []),
        *([f"How late records come is withheld, so no fall is told: {', '.join(fresh)}"] if fresh else []),
    )


def settled(cells: pl.DataFrame, coming: Mapping[str, ComingIn], weeks_a_point: int = 1) -> pl.DataFrame:
    """The cells (source, week, …) without the points that hold a week which is still coming in."""
    since = {source: one.since for source, one in coming.items()}
    return cells.filter(pl.col("week") < _first_point(since, weeks_a_point))


def without_falls(signals: pl.DataFrame, coming: Mapping[str, ComingIn], weeks_a_point: int) -> pl.DataFrame:
    """The signals (source, week, direction, …) without a fall where earlier weeks had longer to fill up."""
    since = {source: one.no_fall_since for source, one in coming.items()}
    return signals.filter((pl.col("direction") != "lower") | (pl.col("week") < _first_point(since, weeks_a_point)))


def _first_point(since: Mapping[str, date | None], weeks_a_point: int) -> pl.Expr:
    """Of each row's source, the first week whose point holds the week of that day or later; after all where none is."""
    held = {source: str(day - _WEEK * (weeks_a_point - 1)) for source, day in since.items() if day}
    return pl.col("source").replace_strict(held, default="9999-12-31", return_dtype=pl.String)


def _told(ages: Ages, cells: pl.DataFrame) -> ComingIn:
    if cells.height:
        share = dict(cells.select("week", "value").iter_rows())
        # A week of which nothing can be told is not known to be complete.
        late = list(takewhile(lambda week: share.get(str(week), 0.0) < ENOUGH, reversed(ages.newest)))
        return ComingIn(ages.read_on, is_known=True, since=late[-1] if late else None)
    fresh = [week for week in ages.newest if ages.days[week] < _FRESH_DAYS]
    is_alike = ages.usual <= _ALIKE_DAYS or not fresh
    return ComingIn(ages.read_on, is_known=False, no_fall_since=None if is_alike else fresh[0])


def _shares(cells: pl.DataFrame, ages: Sequence[Ages]) -> pl.DataFrame:
    rows = [
        (one.source, str(week), share)
        for one in ages
        for by in [_by_weeks(cells.filter(pl.col("source") == one.source))]
        for week in one.newest
        if (share := _share(by, one.days[week])) is not None
    ]
    return pl.DataFrame(rows, schema={"source": pl.String, "week": pl.String, "value": pl.Float64}, orient="row")


def _by_weeks(cells: pl.DataFrame) -> dict[str, Numbers]:
    """`then`, `now`, `came` or `could` by number of weeks."""
    found: dict[str, Numbers] = {}
    for weeks, what, number in cells.select("weeks", "what", "number").iter_rows():
        found.setdefault(what, np.zeros(_LONGEST_WEEKS))[int(weeks)] = number
    return found


def _share(by: Mapping[str, Numbers], days: int) -> float | None:
    """The share of its records that a week has, so many days after its end, in whole per cent; None where it cannot be
    told.
    """
    at = days // 7 if "now" in by else (days + 4) // 7 - 1  # by the delay that the middle of the week can have shown
    if not by or at < 0:
        return 0.0 if by else None
    if at >= _LONGEST_WEEKS:
        return 1.0
    if "now" in by:
        return round(min(by["then"][at] / by["now"][at], 1.0), 2) if by["now"][at] >= _FEWEST else None
    share = float(share_by_delay(by["came"], by["could"])[at])
    return round(share, 2) if by["could"][_FOLLOWED_WEEKS - 1] >= _FEWEST else None


def _by_supplier(manifests: Sequence[Manifest]) -> dict[str, list[Manifest]]:
    """The first reading of each delivery whose days are stated, in the order in which they came, by supplier."""
    found: dict[str, list[Manifest]] = {}
    for one in _first_readings(manifests).values():
        if not one.covers.inferred:
            found.setdefault(one.supplier, []).append(one)
    return found


def _first_readings(manifests: Sequence[Manifest]) -> dict[str, Manifest]:
    """By delivery: a corrected map reads the same bytes again later, and they are no newer for it."""
    first: dict[str, Manifest] = {}
    for one in sorted(manifests, key=lambda one: one.sequence):
        first.setdefault(one.delivery, one)
    return first


def _extracted(one: Manifest) -> date:
    return (one.extracted_at or one.received).date()


def _states(deliveries: Sequence[Manifest]) -> list[dict[date, int]]:
    """After each delivery: how many days after its end each whole week had been read."""
    is_increment = deliveries[-1].delivers == "increment"
    first, last = min(one.covers.start for one in deliveries), max(one.covers.end for one in deliveries)
    earliest = max(first, last - _LOOKED_BACK)
    ages: dict[date, int] = {}
    found = []
    for one in deliveries:
        # An increment may hold a record of any day before it.
        start = earliest if is_increment else max(one.covers.start, earliest)
        for ahead in range((one.covers.end - start).days):
            day = start + timedelta(days=ahead)
            age = (_extracted(one) - day).days
            ages[day] = max(age, ages.get(day, age))
        found.append({week: min(ages[week + timedelta(days=at)] for at in range(7)) for week in whole_weeks(ages)})
    return found


def _read_again(desk: Desk, source: Source, definition: ViolenceDefinition) -> pl.DataFrame:
    parts = [_then_and_now(_standing(desk, source, definition, deliveries))
             for deliveries in _by_supplier(source.manifests).values()]  # fmt: skip
    every = pl.concat([pl.DataFrame(schema=_COUNTS), *parts])
    return every.group_by("told_by", "weeks", "what").agg(pl.col("count").sum())


def _standing(
    desk: Desk, source: Source, definition: ViolenceDefinition, deliveries: Sequence[Manifest]
) -> pl.DataFrame:
    """week, age, count: the records of each week as they stood at each age at which it was read; nothing where no week
    was read again weeks later.
    """
    states = _states(deliveries)
    last = states[-1]
    wanted = [
        at for at, state in enumerate(states) if any(last[week] - age >= _FRESH_DAYS for week, age in state.items())
    ]
    parts = [pl.DataFrame(schema={"week": pl.Date, "age": pl.Int64, "count": pl.Int64})]
    for at in [*wanted[-_MOST_READINGS:], len(states) - 1] if wanted else []:
        weeks = pl.DataFrame({"week": list(states[at]), "age": list(states[at].values())})
        stood = _by_week(desk, source, definition, [one.delivery for one in deliveries[: at + 1]])
        counts = weeks.join(stood, on="week", how="left").with_columns(pl.col("count").fill_null(0))
        parts.append(counts)
    return pl.concat(parts)


def _by_week(desk: Desk, source: Source, definition: ViolenceDefinition, deliveries: Sequence[str]) -> pl.DataFrame:
    try:
        table = desk.warehouse.read(source.allowed, secrets=desk.keyring.secret, deliveries=deliveries)
    except NothingHeld:
        return pl.DataFrame(schema={"week": pl.Date, "count": pl.Int64})
    rows = counted(table, source.dataset, definition, source.allowed)
    weeks = rows.group_by(week=rows.event_from_local.date().truncate("W").cast("date"))
    frame: pl.DataFrame = weeks.agg(count=lambda each: each.count()).to_polars()
    return frame.cast({"week": pl.Date, "count": pl.Int64})


def _then_and_now(stood: pl.DataFrame) -> pl.DataFrame:
    found = then_and_now(stood, again_after=_FRESH_DAYS).filter(pl.col("weeks") < _LONGEST_WEEKS)
    long = found.unpivot(on=["then", "now"], index="weeks", variable_name="what", value_name="count")
    return long.select(pl.lit(_READINGS).alias("told_by"), "weeks", "what", "count").cast(
        {"weeks": pl.Int64, "count": pl.Int64}
    )


def _written_down(desk: Desk, source: Source, definition: ViolenceDefinition, edition: Edition) -> pl.DataFrame:
    """By the times at which records were written down, where the dataset has them and an agreement gives them."""
    nothing = pl.DataFrame(schema=_COUNTS)
    if not source.stated or all(RECORDED not in column.becomes for column in ALL[source.dataset].columns):
        return nothing
    period = Period.between(min(source.stated), max(source.stated) + timedelta(days=1))
    newest = max((one.sequence for one in source.manifests), default=0)
    again = read_source(desk, source.dataset, definition, period, edition, more=(RECORDED,), up_to=newest)
    if not isinstance(again, Source):
        return nothing
    first = _first_readings(source.manifests)
    read_on = {one.reading: _extracted(first[one.delivery]) for one in source.manifests}
    table = again.table.filter(again.table[RECORDED].notnull())
    days = table.group_by(
        day=table.event_from_local.date(), recorded=table[RECORDED].date(), reading=table.reading
    )  # fmt: skip
    rows = days.agg(n=lambda each: each.count()).to_polars().with_columns(
        read_on=pl.col("reading").replace_strict(read_on, default=None, return_dtype=pl.Date)
    )  # fmt: skip
    found = came_and_could(rows.drop_nulls(), weeks=_LONGEST_WEEKS)
    long = found.unpivot(on=["came", "could"], index="weeks", variable_name="what", value_name="count")
    return long.select(pl.lit(_TIMES).alias("told_by"), "weeks", "what", "count").cast(
        {"weeks": pl.Int64, "count": pl.Int64}
    )
