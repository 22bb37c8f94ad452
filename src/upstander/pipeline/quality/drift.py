"""Whether a delivery is like those before it: a pure function of profiles. Each finding says column, rule and numbers.

Source of the measures: the six dimensions of DAMA UK (2013) and the Government Data Quality Framework (2020); drift by
PSI (`analysis.measures.drift`), volume by an XmR chart (`analysis.measures.spc`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

from upstander.analysis.measures.drift import (
    psi_by_chance,
    psi_of_counts,
    psi_of_deciles,
    standard_error_of_move,
)
from upstander.analysis.measures.spc import xmr
from upstander.contracts.profiles import Concern, Profile
from upstander.contracts.readings import Covers
from upstander.pipeline.quality.limits import DRIFT
from upstander.publish.words import day

_BLANK = "(blank)"
_ASK = "Please ask the sender what changed."
_Bin = TypeVar("_Bin", str, int)
Part = tuple[int, int]  # so many of so many
_FILLED_IN: tuple[tuple[str, str, float, Callable[[Profile], int]], ...] = (
    ("times at a default", "exactly 00:00 or 12:00", DRIFT.default_times, lambda one: one.default_times),
    ("times on the hour", "on the full hour", DRIFT.on_the_hour, lambda one: one.on_the_hour),
)


@dataclass(frozen=True)
class Past:
    """An earlier delivery of the same feed, or this one: what its rows are like, the days it speaks for, and
    how many rows its map's filter set aside.
    """

    profile: Profile
    covers: Covers
    set_aside: int = 0

    @property
    def days(self) -> int:
        """How many local days it covers; one at least."""
        return max((self.covers.end - self.covers.start).days, 1)


@dataclass(frozen=True)
class Compared:
    """A delivery and those it is compared with, oldest first."""

    now: Past
    past: Sequence[Past]

    @property
    def profiles(self) -> list[Profile]:
        """The earlier profiles."""
        return [one.profile for one in self.past]


def drifted(now: Past, past: Sequence[Past], *, least: int = DRIFT.least, has_days: bool = True) -> tuple[Concern, ...]:
    """Every way in which a delivery is unlike the last dozen before it; none where fewer than `least` came before.

    has_days: whether its rows are spread over the days it covers, as those of a list that stands for one day are not.
    """
    told = Compared(now, list(past)[-DRIFT.remembered :])
    if len(told.past) < least or not now.profile.sent:
        return ()
    rules: list[Callable[[Compared], Iterator[Concern]]] = [
        _emptier, _less_valid, _codes, _distributions, _lengths, _less_distinct, _one_value, _granularity, _outside,
        _set_aside,
    ]  # fmt: skip
    if has_days:
        rules += [_times, _hours, _quiet_days]
    found = [concern for rule in rules for concern in rule(told)]
    return (*found, *_volume(told, has_days=has_days))


def _emptier(told: Compared) -> Iterator[Concern]:
    for column in told.now.profile.columns:
        before = [_filled(profile, column.name) for profile in told.profiles]
        fall = _move((told.now.profile.sent - column.filled, told.now.profile.sent), [_rest(part) for part in before])
        if fall is not None and fall.is_beyond(DRIFT.emptier):
            said = f"{column.name} is empty in {fall.in_words}. {_ASK}"
            yield Concern("completeness", column.name, fall.share, said)


def _less_valid(told: Compared) -> Iterator[Concern]:
    for column in told.now.profile.columns:
        before = [
            (one.filled - one.valid, one.filled)
            for profile in told.profiles
            if (one := profile.column(column.name)) is not None and one.filled
        ]
        rise = _move((column.filled - column.valid, column.filled), before)
        if rise is not None and rise.is_beyond(DRIFT.less_valid):
            said = f"{column.name} breaks its rules in {rise.in_words} cells. {_ASK}"
            yield Concern("validity", column.name, rise.share, said)


def _codes(told: Compared) -> Iterator[Concern]:
    for column, counts in told.now.profile.codes:
        found = _known(dict(counts))
        series = [_known(profile.code_counts().get(column, {})) for profile in told.profiles]
        shift = _shifted(found, series)
        if shift is not None:
            code, before, after = _largest_move(_pooled(series), found)
            said = (
                f"The codes of {column} have shifted (PSI {shift:.2f}, over {DRIFT.psi}): the share of '{code}' went "
                f"from {before:.0%} to {after:.0%}. {_ASK}"
            )
            yield Concern("code shares", column, shift, said)
        yield from _new_and_gone(column, found, _pooled(series))


def _new_and_gone(column: str, found: Mapping[str, int], before: Mapping[str, int]) -> Iterator[Concern]:
    rows, earlier = sum(found.values()), sum(before.values())
    if not rows or not earlier:
        return
    for code in sorted(found.keys() - before.keys()):
        share = found[code] / rows
        if found[code] >= DRIFT.rows_of_a_code and share >= DRIFT.new_code and earlier >= rows:
            said = f"{column} has a new code, '{code}', in {found[code]:,} of {rows:,} rows ({share:.0%}). {_ASK}"
            yield Concern("new code", f"{column}: {code}", share, said)
    for code in sorted(before.keys() - found.keys()):
        share = before[code] / earlier
        if share >= DRIFT.new_code and share * rows >= DRIFT.rows_of_a_code * 1.5:
            said = f"{column} no longer has the code '{code}', which was {share:.0%} of the rows before. {_ASK}"
            yield Concern("vanished code", f"{column}: {code}", share, said)


def _distributions(told: Compared) -> Iterator[Concern]:
    for column, counts in told.now.profile.numbers:
        series = [profile.number_counts().get(column, {}) for profile in told.profiles]
        shift = _shifted_deciles(dict(counts), series)
        if shift is not None:
            said = (
                f"{column} lies elsewhere than before: the PSI over the deciles of earlier deliveries is {shift:.2f}, "
                f"over {DRIFT.psi}. {_ASK}"
            )
            yield Concern("distribution", column, shift, said)


def _lengths(told: Compared) -> Iterator[Concern]:
    for one in told.now.profile.references:
        before = _pooled([dict(ref.lengths) for p in told.profiles if (ref := p.reference(one.column)) is not None])
        cells = sum(rows for _, rows in one.lengths)
        if not before or not cells:
            continue
        shortest_before, longest = min(map(int, before)), max(map(int, before))
        # A running number grows by one character in its time; anything else is another format.
        strange = sum(rows for size, rows in one.lengths if not shortest_before <= int(size) <= longest + 1)
        if strange >= DRIFT.rows_of_a_length and strange / cells >= DRIFT.new_length:
            shortest = min(int(size) for size, _ in one.lengths)
            said = (
                f"{strange:,} of {cells:,} references in {one.column} have a length that none had before (the shortest "
                f"{shortest} characters; before {_lengths_in_words(before)}): they may be shorter than they were made, "
                f"and would name other people or incidents. {_ASK}"
            )
            yield Concern("reference length", one.column, strange / cells, said)


def _less_distinct(told: Compared) -> Iterator[Concern]:
    for one in told.now.profile.references:
        if not one.lengths or not told.now.profile.rows or one.at_least:
            continue  # of a column with too many values to tell, nobody knows how many repeat
        before = [
            (profile.rows - ref.distinct, profile.rows)
            for profile in told.profiles
            if profile.rows and (ref := profile.reference(one.column)) is not None and not ref.at_least
        ]
        rise = _move((told.now.profile.rows - one.distinct, told.now.profile.rows), before)
        if rise is not None and rise.is_beyond(DRIFT.less_distinct):
            said = f"{one.column} repeats an earlier row's value in {rise.in_words} rows. {_ASK}"
            yield Concern("uniqueness", one.column, rise.share, said)


def _one_value(told: Compared) -> Iterator[Concern]:
    profile = told.now.profile
    for one in profile.references:
        is_place = not one.lengths
        limit = DRIFT.one_place if is_place else DRIFT.one_person
        before = [
            (ref.commonest, earlier.sent)
            for earlier in told.profiles
            if earlier.sent and (ref := earlier.reference(one.column)) is not None
        ]
        rise = _move((one.commonest, profile.sent), before)
        if rise is None or not rise.is_beyond(limit) or one.commonest < DRIFT.rows_of_a_code:
            continue
        if rise.share >= DRIFT.times_more * max(part / whole for part, whole in before):
            what = "place" if is_place else "person or incident"
            said = (
                f"One {what} ({one.column}) makes up a share of {rise.share:.0%}: {one.commonest:,} of "
                f"{profile.sent:,} rows; the highest before was {rise.highest:.0%}. {_ASK}"
            )
            yield Concern("default place" if is_place else "one person", one.column, rise.share, said)


def _granularity(told: Compared) -> Iterator[Concern]:
    found, series = dict(told.now.profile.granularity), [dict(profile.granularity) for profile in told.profiles]
    shift = _shifted(found, series)
    if shift is not None:
        kind, before, after = _largest_move(_pooled(series), found)
        said = (
            f"Places come in another grain than before (PSI {shift:.2f}, over {DRIFT.psi}): the share with "
            f"{_grain(kind)} went from {before:.0%} to {after:.0%}. {_ASK}"
        )
        yield Concern("granularity", "place", shift, said)


def _outside(told: Compared) -> Iterator[Concern]:
    profile = told.now.profile
    rise = _move(
        (profile.outside, profile.pointed), [(one.outside, one.pointed) for one in told.profiles if one.pointed]
    )
    if rise is not None and rise.is_beyond(DRIFT.outside):
        yield Concern(
            "outside the area", "point", rise.share, f"Points lie outside the area in {rise.in_words}. {_ASK}"
        )


def _times(told: Compared) -> Iterator[Concern]:
    profile = told.now.profile
    for rule, what, limit, count in _FILLED_IN:
        rise = _move((count(profile), profile.timed), [(count(one), one.timed) for one in told.profiles])
        if rise is not None and rise.is_beyond(limit):
            said = f"The time of the event is {what} in {rise.in_words}: times nobody knew may be filled in. {_ASK}"
            yield Concern(rule, "time", rise.share, said)
            return  # a default time lies on the hour, too: one sentence is enough
    lost = _move(
        (profile.rows - profile.timed, profile.rows), [(one.rows - one.timed, one.rows) for one in told.profiles]
    )
    if lost is not None and lost.is_beyond(DRIFT.emptier):
        yield Concern(
            "times lost", "time", lost.share, f"The event has no time to the minute in {lost.in_words}. {_ASK}"
        )


def _hours(told: Compared) -> Iterator[Concern]:
    found = _by_three_hours(told.now.profile)
    series = [_by_three_hours(profile) for profile in told.profiles]
    shift = _shifted(found, series)
    if shift is not None:
        hours, before, after = _largest_move(_pooled(series), found)
        said = (
            f"The hours of the day are not those of before (PSI {shift:.2f}, over {DRIFT.psi}): {hours} holds "
            f"{after:.0%} of the rows, {before:.0%} before. {_ASK}"
        )
        yield Concern("hours of the day", "time", shift, said)


def _quiet_days(told: Compared) -> Iterator[Concern]:
    """Seven days in a row with hardly a row: a week that is missing looks like a week in which nothing happened."""
    rows, days = sum(one.rows for one in told.profiles), sum(one.days for one in told.past)
    usual = rows / days * DRIFT.quiet_days
    lowest = quietest_week(told.now)
    if lowest is None or usual < DRIFT.rows_of_quiet or lowest[1] > DRIFT.quiet_share * usual:
        return
    before = [week[1] for one in told.past if (week := quietest_week(one)) is not None]
    if before and lowest[1] >= min(before) / DRIFT.restlessness:
        return
    start, found = lowest
    what = "no row" if not found else "1 row" if found == 1 else f"only {found:,} rows"
    said = (
        f"There {'are' if found > 1 else 'is'} {what} for the {DRIFT.quiet_days} days from {day(start)} to "
        f"{day(start + timedelta(days=DRIFT.quiet_days - 1))}, where about {usual:.0f} would be usual. A week in which "
        "nothing happened is not a week that is missing: please say which it is."
    )
    yield Concern("days without rows", "time", 1 - found / usual, said)


def quietest_week(one: Past) -> tuple[date, int] | None:
    """The first day of the seven covered days with the fewest rows, and those rows; None where it covers fewer days."""
    if one.days < DRIFT.quiet_days:
        return None
    counts = np.zeros(one.days, dtype=np.int64)
    for on, rows in one.profile.rows_by_day():
        at = (on - one.covers.start).days
        if 0 <= at < one.days:
            counts[at] = rows
    weeks = np.convolve(counts, np.ones(DRIFT.quiet_days, dtype=np.int64), mode="valid")
    first = int(weeks.argmin())
    return one.covers.start + timedelta(days=first), int(weeks[first])


def _set_aside(told: Compared) -> Iterator[Concern]:
    """Rows that the map's filter leaves out: a code that nobody agreed makes a row seem to be about something else."""
    now = told.now
    before = [(one.set_aside, one.set_aside + one.profile.sent) for one in told.past]
    rise = _move((now.set_aside, now.set_aside + now.profile.sent), before)
    if rise is not None and rise.is_beyond(DRIFT.set_aside):
        said = f"The map's filter sets aside {rise.in_words} rows: the codes it goes by may have changed. {_ASK}"
        yield Concern("set aside", "rows", rise.share, said)


def _volume(told: Compared, *, has_days: bool) -> Iterator[Concern]:
    """Rows per covered day, or of a list, beyond the process limits of the earlier ones and by half as much again."""
    divided = [one.days if has_days else 1 for one in (*told.past, told.now)]
    rates = [one.profile.rows / days for one, days in zip((*told.past, told.now), divided, strict=True)]
    *before, now = rates
    mean = sum(before) / len(before)
    if not mean:
        return
    low, high = min(before) / DRIFT.volume_of_few, max(before) * DRIFT.volume_of_few
    if len(before) >= DRIFT.points_of_a_chart:
        chart = xmr(before, better="neutral").points
        low, high = float(chart["lpl"][0]), float(chart["upl"][0])
    expected = mean * divided[-1]
    chance = DRIFT.sigmas * expected**0.5
    is_far = now > mean * DRIFT.volume or now * DRIFT.volume < mean
    is_beyond_chance = abs(told.now.profile.rows - expected) > chance
    if is_far and is_beyond_chance and not low <= now <= high:
        what = "rows a day" if has_days else "rows"
        many = "more" if now > mean else "fewer"
        said = (
            f"There are {many} rows than before: {told.now.profile.rows:,} in all, {now:,.1f} {what}, where "
            f"{mean:,.1f} are usual and {max(low, 0):,.1f} to {high:,.1f} chance alone. {_ASK}"
        )
        yield Concern("volume", "rows", now / mean, said)


@dataclass(frozen=True)
class _Move:
    """A share that was compared with earlier ones."""

    part: Part
    before: Sequence[Part]

    @property
    def share(self) -> float:
        """The share now."""
        return self.part[0] / self.part[1]

    @property
    def highest(self) -> float:
        """The highest share among the earlier deliveries."""
        return max(part / whole for part, whole in self.before)

    @property
    def usual(self) -> float:
        """The share of all earlier rows together."""
        return sum(part for part, _ in self.before) / sum(whole for _, whole in self.before)

    def is_beyond(self, least: float) -> bool:
        """Whether it rose by at least so much, beyond chance, and beyond what earlier deliveries showed."""
        whole = (sum(part for part, _ in self.before), sum(whole for _, whole in self.before))
        rise = self.share - self.usual
        beyond_chance = rise >= DRIFT.sigmas * standard_error_of_move(self.part, whole)
        return rise >= least and beyond_chance and self.share >= self.highest + least / 2

    @property
    def in_words(self) -> str:
        """`120 of 400 (30%, 4% before)`."""
        return f"{self.part[0]:,} of {self.part[1]:,} ({self.share:.0%}, {self.usual:.0%} before)"


def _move(part: Part, before: Sequence[Part]) -> _Move | None:
    known = [one for one in before if one[1]]
    return _Move(part, known) if part[1] and known else None


def _filled(profile: Profile, name: str) -> Part:
    """Filled cells of so many rows; a column that an earlier file had not is empty there."""
    one = profile.column(name)
    return (one.filled if one is not None else 0, profile.sent)


def _rest(part: Part) -> Part:
    return part[1] - part[0], part[1]


def _known(counts: Mapping[str, int]) -> dict[str, int]:
    return {code: rows for code, rows in counts.items() if code != _BLANK}


def _pooled(series: Sequence[Mapping[_Bin, int]]) -> Counter[_Bin]:
    pooled: Counter[_Bin] = Counter()
    for counts in series:
        pooled.update(counts)
    return pooled


def _shifted(found: Mapping[str, int], series: Sequence[Mapping[str, int]]) -> float | None:
    return _beyond(found, series, psi_of_counts)


def _shifted_deciles(found: Mapping[int, int], series: Sequence[Mapping[int, int]]) -> float | None:
    return _beyond(found, series, psi_of_deciles)


def _beyond(
    found: Mapping[_Bin, int],
    series: Sequence[Mapping[_Bin, int]],
    index: Callable[[Mapping[_Bin, int], Mapping[_Bin, int]], tuple[float, int]],
) -> float | None:
    """The PSI, where it is large, beyond chance and beyond what the earlier deliveries are to one another."""
    known = [counts for counts in series if sum(counts.values())]
    before = _pooled(known)
    rows, earlier = sum(found.values()), sum(before.values())
    if not rows or not earlier:
        return None
    value, bins = index(before, found)
    if value <= max(DRIFT.psi, psi_by_chance(bins, earlier, rows)):
        return None
    among = [index(before - Counter(counts), counts)[0] for counts in known] if len(known) > 1 else [0.0]
    return value if value > DRIFT.restlessness * max(among) else None


def _largest_move(before: Mapping[str, int], found: Mapping[str, int]) -> tuple[str, float, float]:
    """The class whose share moved most, with its share before and now."""
    rows, earlier = sum(found.values()), sum(before.values())
    shares = {name: (before.get(name, 0) / earlier, found.get(name, 0) / rows) for name in sorted({*before, *found})}
    name = max(shares, key=lambda one: abs(shares[one][1] - shares[one][0]))
    return name, *shares[name]


def _by_three_hours(profile: Profile) -> dict[str, int]:
    """Rows by three hours of the day, as `00:00 to 03:00`."""
    hours = profile.by_hour or (0,) * 24
    return {f"{at:02d}:00 to {(at + 3) % 24:02d}:00": sum(hours[at : at + 3]) for at in range(0, 24, 3)}


def _lengths_in_words(lengths: Mapping[str, int]) -> str:
    sizes = sorted(int(size) for size in lengths)
    return f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"


def _grain(kind: str) -> str:
    return {"none": "no place at all", "area": "an area code", "point": "a point"}.get(kind, f"a {kind}")
