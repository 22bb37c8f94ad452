"""Unusual rises: every area of every source, week by week, against the same weeks of earlier years.

The bulletin's own months say whether a source is at its usual level; whether a ward is above what its seasons lead to
expect takes years. What is judged are released counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.outbreaks.farrington import Alarms, Settings, farrington

JUDGED_WEEKS = 4  # a rise in one of the last four whole weeks is a rise now
_HELD = 0.75
_SINCE_WEEKS = 52  # how far back the beginning of a rise is looked for
_Q = 0.05  # share of false ones accepted among those named
_SETTINGS = Settings(alpha=0.01)
_RISES = {"source": pl.String, "area": pl.String, "week": pl.String}
_JUDGED = {"source": pl.String, "what": pl.String}


def rises(cells: pl.DataFrame) -> pl.DataFrame:
    """source, area, week, value (records), low (expected), high (what chance alone rarely passes): the rises named.

    cells: the numbers of released counts, source, area, week, number. Named is what passes Farrington's threshold at
    1 in 100 and stands after Benjamini and Hochberg over every area of its source in that week.
    """
    named = [_named(found) for found in _judged(cells)]
    blank = _RISES | dict.fromkeys(("value", "low", "high"), pl.Float64)
    return pl.concat([pl.DataFrame(schema=blank), *named])


def began(cells: pl.DataFrame, named: pl.DataFrame) -> dict[tuple[str, str], str]:
    """(source, area) -> the week in which the rise that is named began: the first of its weeks above the threshold in
    the last year from which on three quarters of the weeks are above what was expected.

    cells: as for `rises`. named: the rises.
    """
    found = {}
    for one in _judged(cells, _SINCE_WEEKS):
        wanted = set(named.filter(pl.col("source") == one.source)["area"])
        for at, area in enumerate(one.areas):
            if area in wanted:
                found[one.source, area] = one.weeks[_first(one.alarms.observed[:, at] > one.alarms.expected[:, at],
                                                           one.alarms.is_alarm[:, at])]  # fmt: skip
    return found


def _first(is_above: NDArray[np.bool_], is_alarm: NDArray[np.bool_]) -> int:
    """The first alarm after which three quarters of the weeks are above what was expected; else the last alarm."""
    alarms = np.flatnonzero(is_alarm)
    held = [week for week in alarms if is_above[week:].mean() >= _HELD]
    return int(held[0] if held else alarms[-1] if alarms.size else is_above.size - 1)


def judged(cells: pl.DataFrame) -> pl.DataFrame:
    """source, what, value: how many `areas` were judged, and how many `false` alarms chance alone would raise."""
    parts = [
        pl.DataFrame({
            "source": [one.source] * 2, "what": ["areas", "false"],
            "value": [float((one.alarms.years > 0).any(axis=0).sum()), float(np.nansum(one.alarms.false))],
        })
        for one in _judged(cells)
    ]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=_JUDGED | {"value": pl.Float64}), *parts])


@dataclass(frozen=True)
class _OfSource:
    source: str
    areas: tuple[str, ...]
    weeks: tuple[str, ...]
    alarms: Alarms


def _judged(cells: pl.DataFrame, weeks_back: int = JUDGED_WEEKS) -> list[_OfSource]:
    found = []
    for (source,), rows in cells.group_by("source", maintain_order=True):
        wide = rows.pivot(on="area", index="week", values="number", maintain_order=True).sort("week")
        weeks = pl.DataFrame({"week": _mondays(wide["week"].to_list())})
        whole = weeks.join(wide, on="week", how="left").sort("week")
        areas = [name for name in whole.columns if name != "week"]
        counts = whole.select(areas).to_numpy().astype(float)
        last = list(range(max(0, whole.height - weeks_back), whole.height))
        starts = [date.fromisoformat(week) for week in whole["week"]]
        alarms = farrington(np.round(counts), last, starts=starts, settings=_SETTINGS)
        found.append(_OfSource(str(source), tuple(areas), tuple(whole["week"][last[0] :]), alarms))
    return found


def _mondays(weeks: Sequence[str]) -> list[str]:
    first, last = date.fromisoformat(min(weeks)), date.fromisoformat(max(weeks))
    return pl.date_range(first, last, "1w", eager=True).cast(pl.String).to_list()


def _named(one: _OfSource) -> pl.DataFrame:
    alarms = one.alarms
    week, area = np.nonzero(alarms.is_alarm & (alarms.p_bh <= _Q))
    return pl.DataFrame({
        "source": pl.Series([one.source] * week.size, dtype=pl.String),
        "area": pl.Series([one.areas[at] for at in area], dtype=pl.String),
        "week": pl.Series([one.weeks[at] for at in week], dtype=pl.String),
        "value": alarms.observed[week, area], "low": alarms.expected[week, area], "high": alarms.upper[week, area],
    })  # fmt: skip
