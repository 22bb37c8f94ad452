"""How many records the next weeks are likely to bring, a source as a whole: for rosters and beds, never for a person.

Worked out of released counts alone. A source is left out, with the reason, where these are too few, too rounded or too
often withheld to foresee anything.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.impact.weekly import LEVELS, Weekly, forecast_weekly
from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import ReleasedTable, Status
from upstander.pipeline.injuries.coming_in import settled
from upstander.pipeline.injuries.numbers import middle_of_hidden, numbered
from upstander.publish.model import ComingIn

Numbers = NDArray[np.float64]
WEEKS_AHEAD = 6  # after the newest week that any source has, be it still coming in
_MOST_AHEAD = 12
_YEAR = 52
_MOST_WITHHELD = 0.05
_ROUNDING = 0.25  # of a usual week: beyond it a forecast would be of the rounding
_WEEK = timedelta(days=7)
_COLUMNS = dict.fromkeys(("source", "week", "what"), pl.String) | dict.fromkeys(("value", "low", "high"), pl.Float64)


def weeks_of(in_all: ReleasedTable, cells: pl.DataFrame | None = None) -> pl.DataFrame:
    """source, week, number, is_hidden: all records of each source, of the released table `past_all` or these cells of
    it.
    """
    every = numbered(in_all.cells if cells is None else cells, middle_of_hidden(in_all))
    records = every.filter(pl.col("what") == "records")
    return records.select("source", "week", "number", is_hidden=pl.col("status") == Status.SUPPRESSED.value)


def ahead(cells: pl.DataFrame, coming: Mapping[str, ComingIn], rule: CountRule) -> pl.DataFrame:
    """source, week, what, value, low, high: the weeks ahead of each source that can be foreseen.

    cells: see `weeks_of`. what is 80 or 95, with the median as value and the limits of that interval; in week `all` it
    is `usual`, the middle week of the last year, or `held_80` and `held_95`, the share of past weeks that such
    intervals held.
    """
    runs = _runs(cells, coming)
    named = [(source, run, left) for source, (run, left) in runs.items() if not why_not(run, rule, left)]
    return pl.concat([pl.DataFrame(schema=_COLUMNS), *(_foreseen(*one) for one in named)])


def refused(cells: pl.DataFrame, coming: Mapping[str, ComingIn], rule: CountRule) -> dict[str, str]:
    """Why nothing is foreseen of a source, by source; those that are foreseen are not in it."""
    runs = _runs(cells, coming)
    return {source: why for source, (run, left) in runs.items() if (why := why_not(run, rule, left))}


def why_not(run: pl.DataFrame, rule: CountRule, horizon: int) -> str:
    """The reason why these weeks are not enough, in a sentence; empty where they are."""
    if horizon > _MOST_AHEAD:
        return "Its newest whole weeks are too old to look ahead from."
    needed = 2 * _YEAR + horizon + 38
    if run.height < needed:
        return f"It takes {needed} weeks in a row to look ahead and to see how well that went; {run.height} are held."
    if run["is_hidden"].mean() > _MOST_WITHHELD:  # type: ignore[operator]
        return "Too many of its weeks are withheld to foresee others."
    usual = float(np.median(run["number"].tail(_YEAR).to_numpy()))
    if rule.round_to > max(usual * _ROUNDING, 1):
        return (
            f"Its weeks are rounded to {rule.round_to}, and a usual one is too small for that: nothing can be foreseen."
        )
    return ""


def _runs(cells: pl.DataFrame, coming: Mapping[str, ComingIn]) -> dict[str, tuple[pl.DataFrame, int]]:
    """Of each source the newest weeks without a gap, and how many weeks to look ahead from there: all sources alike end
    six weeks after the newest week that any of them has.
    """
    if cells.is_empty():
        return {}
    ends = date.fromisoformat(str(cells["week"].max())) + WEEKS_AHEAD * _WEEK
    found = {}
    for (source,), rows in settled(cells, coming).sort("week").group_by("source", maintain_order=True):
        gaps = (rows["week"].str.to_date().diff().dt.total_days().fill_null(7) != 7).arg_true()
        run = rows[int(gaps[-1]) if gaps.len() else 0 :]
        found[str(source)] = run, (ends - date.fromisoformat(run["week"][-1])).days // 7
    return found


def _foreseen(source: str, run: pl.DataFrame, horizon: int) -> pl.DataFrame:
    counts = run["number"].round().to_numpy()
    found = forecast_weekly(counts, horizon)
    last = date.fromisoformat(run["week"][-1])
    rows = [
        (source, str(last + _WEEK * (step + 1)), f"{level * 100:.0f}", found.median[step], found.low[at, step],
         found.high[at, step])
        for at, level in enumerate(LEVELS) if level > 0.5
        for step in range(horizon)
    ]  # fmt: skip
    rows += [(source, "all", what, value, None, None) for what, value in _told(found, counts).items()]
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def _told(found: Weekly, counts: Numbers) -> dict[str, float]:
    held = {f"held_{level * 100:.0f}": float(found.coverage[at]) for at, level in enumerate(LEVELS) if level > 0.5}
    known = {what: share for what, share in held.items() if np.isfinite(share)}
    return {"usual": float(np.median(counts[-_YEAR:])), **known}
