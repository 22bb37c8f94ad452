"""Aoristic weights: an event known only from–to is spread evenly over the hours of the week it may have happened in.

Source: Ratcliffe, "Aoristic analysis: the spatial interpretation of unspecific temporal events", International Journal
of Geographical Information Science 14(7), 2000; Ratcliffe, "Aoristic signatures and the spatio-temporal analysis of
high volume crime patterns", Journal of Quantitative Criminology 18(1), 2002.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from upstander.analysis.errors import UnfitNumbers

_WEEK_HOURS = 168
_HOUR_US, _DAY_HOURS = 3_600_000_000, 24
_MONDAY_OFFSET_HOURS = 3 * 24  # 1970-01-01, where the count of hours starts, was a Thursday


@dataclass(frozen=True)
class AoristicWeights:
    """Weights by event, and what a reader must know about them.

    `weights`: one row per event and hour of the week it may have happened in: `event` (row number of the input, from
    0), `day` (Monday = 1), `hour`, `weight`; they sum to 1 per event. `long_share`: share of the events whose span is
    over 12 hours: these add to every hour alike. `without_end`: events placed in their starting hour because the end
    is missing or before the start.
    """

    weights: pl.DataFrame
    events: int
    long_share: float
    without_end: int


def aoristic_weights(start: pl.Series, end: pl.Series) -> AoristicWeights:
    """Weights over day × hour for events between `start` and `end`, local wall-clock times without zone.

    An event without an end, or with an end before its start, counts whole in its starting hour; one of a week or
    longer counts 1/168 in each. Raises UnfitNumbers where a start is missing: such an event has no time at all.
    """
    if start.null_count():
        raise UnfitNumbers(
            f"{start.null_count()} events have no start.",
            where="from", found=f"{start.null_count()} missing", expected="a start for every event",
        )  # fmt: skip
    begin = start.cast(pl.Datetime("us")).to_physical().to_numpy()
    finish = end.cast(pl.Datetime("us")).to_physical().fill_null(np.iinfo(np.int64).min).to_numpy()
    span = np.where(finish >= begin, finish - begin, 0)
    is_week = span >= _WEEK_HOURS * _HOUR_US
    event, hour, weight = _spread(begin, np.where(is_week, 0, span))
    kept = ~is_week[event]
    whole = np.flatnonzero(is_week)
    cells = pl.DataFrame({
        "event": np.concatenate([event[kept], np.repeat(whole, _WEEK_HOURS)]),
        "cell": np.concatenate([
            (hour[kept] + _MONDAY_OFFSET_HOURS) % _WEEK_HOURS, np.tile(np.arange(_WEEK_HOURS), whole.size),
        ]),
        "weight": np.concatenate([weight[kept], np.full(whole.size * _WEEK_HOURS, 1 / _WEEK_HOURS)]),
    })  # fmt: skip
    return AoristicWeights(
        weights=_by_event_and_cell(cells),
        events=len(start),
        long_share=float((span > 12 * _HOUR_US).mean()) if len(start) else 0.0,
        without_end=int((finish < begin).sum()),
    )


def by_day_and_hour(weights: AoristicWeights) -> pl.DataFrame:
    """The weights added up: `day` (Monday = 1), `hour`, `incidents` (expected number; sums to the events)."""
    return weights.weights.group_by("day", "hour").agg(incidents=pl.col("weight").sum()).sort("day", "hour")


def _spread(begin: np.ndarray, span: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Event number, hours since 1970 and share of the span, for every hour that an event touches."""
    first = begin // _HOUR_US
    last = np.maximum((begin + span - 1) // _HOUR_US, first)
    touched = last - first + 1
    event = np.repeat(np.arange(begin.size), touched)
    position = np.arange(event.size) - np.repeat(np.cumsum(touched) - touched, touched)
    hour = first[event] + position
    overlap = np.minimum(begin[event] + span[event], (hour + 1) * _HOUR_US) - np.maximum(begin[event], hour * _HOUR_US)
    return event, hour, np.where(span[event] == 0, 1.0, overlap / np.maximum(span[event], 1))


def _by_event_and_cell(cells: pl.DataFrame) -> pl.DataFrame:
    # An event of nearly a week may touch its first hour of the week again at its end: one row, both shares.
    summed = cells.group_by("event", "cell").agg(pl.col("weight").sum()).sort("event", "cell")
    return summed.select(
        "event",
        day=pl.col("cell") // _DAY_HOURS + 1,
        hour=pl.col("cell") % _DAY_HOURS,
        weight="weight",
    )
