"""Which earlier weeks a week is compared with: the same time of earlier years, and seasons in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_WEEKS_A_YEAR = 52


@dataclass(frozen=True)
class Baseline:
    """`weeks`: positions of the baseline weeks, ordered by season. `season`: the season of each, 0 first; the last
    season is the one of the week judged. `years`: how many earlier years it reaches back.
    """

    weeks: NDArray[np.int64]
    season: NDArray[np.int64]
    years: int


def reference_weeks(week: int, years: int, starts: Sequence[date] | None) -> NDArray[np.int64]:
    """Positions of the week and of the weeks nearest to it one, two, … years earlier; they may lie before the series.

    starts: the day each week begins with, one week apart; without them a year counts 52 weeks. Nearest is the same
    weekday that lies three days or less from the same date. 29 February becomes 1 March.
    """
    if starts is None:
        return week - _WEEKS_A_YEAR * np.arange(years + 1)
    day = starts[week]
    back = [day - _years_before(day, number) for number in range(years + 1)]
    return np.array([week - (gap.days + 3) // 7 for gap in back], dtype=np.int64)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def years_of_history(week: int, most: int, half_window: int, starts: Sequence[date] | None) -> int:
    """How many earlier years, `most` or fewer, have a whole window around the reference week in the series."""
    reference = reference_weeks(week, most, starts)
    return int((reference[1:] - half_window >= 0).sum())


def baseline(
    week: int, years: int, *, half_window: int, seasons: int, recent: int, starts: Sequence[date] | None = None,
    excluded: NDArray[np.bool_] | None = None,
) -> Baseline:  # fmt: skip
    """The weeks that a week is compared with.

    The windows of `half_window` weeks around the reference weeks form one season; the weeks between two windows are
    divided as evenly as possible into the others, the earlier ones longer by a week where they do not divide. One
    season: the windows alone. recent: the last so many weeks, and the week itself, are left out, for an outbreak that
    began in them would hide itself. excluded: weeks never to compare with.
    Source: Noufaily and others, Statistics in Medicine 32(7), 2013, section 3.2.
    """
    season = np.full(week + 1, -1, dtype=np.int64)
    reference = reference_weeks(week, years, starts)
    for later, earlier in pairwise(reference):
        season[earlier - half_window : earlier + half_window + 1] = seasons - 1
        if seasons > 1:
            between = np.arange(earlier + half_window + 1, later - half_window)
            season[between] = _even_parts(between.size, seasons - 1)
    season[max(week - max(recent, 0), 0) :] = -1
    if excluded is not None:
        season[excluded[: week + 1]] = -1
    weeks = np.flatnonzero(season >= 0)
    order = np.argsort(season[weeks], kind="stable")
    return Baseline(weeks[order], season[weeks][order], years)


def _even_parts(size: int, parts: int) -> NDArray[np.int64]:
    length, rest = divmod(size, parts)
    return np.repeat(np.arange(parts), length + (np.arange(parts) < rest))
