"""What an unusual rise may be: for each one named, what speaks for violence and what for its recording, in words.

Worked out of the released tables alone, and of what is known of the sources themselves.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.outbreaks import recording
from upstander.analysis.outbreaks.recording import Change, Evidence
from upstander.contracts.changes import RecordingChange
from upstander.contracts.releasing import ReleasedTable
from upstander.pipeline.injuries.rises import began
from upstander.publish.model import EVERYWHERE, RiseReading
from upstander.publish.tokens import SOURCES
from upstander.publish.words import listed

Numbers = NDArray[np.float64]
_NAMES = {source.dataset: source.name for source in SOURCES}


def readings(
    tables: Mapping[str, ReleasedTable], numbers: Mapping[str, pl.DataFrame], changed: Sequence[RecordingChange]
) -> dict[tuple[str, str, str], RiseReading]:
    """(source, area, week) of each rise named -> what it may be, with the numbers.

    numbers: of `past_weeks` and `past_all`, the released cells with the number that a statistic takes for each.
    changed: how the sources are known to have recorded otherwise.
    """
    if "rises" not in tables or not tables["rises"].cells.height:
        return {}
    named = tables["rises"].cells
    changes = [Change(one.day, _NAMES[one.dataset], one.what) for one in changed if one.dataset in _NAMES]
    by_area, in_all = numbers["past_weeks"], numbers["past_all"]
    whole = in_all.filter(pl.col("what") == "records").with_columns(area=pl.lit(EVERYWHERE))
    starts = began(by_area, named) | began(whole, named)
    found = {}
    for source, area, week in named.select("source", "area", "week").rows():
        cells = whole if area == EVERYWHERE else by_area.filter(pl.col("area") == area)
        kinds = in_all if area == EVERYWHERE else in_all.head(0)
        found[source, area, week] = _weighed(source, starts[source, area], cells, kinds, changes)
    return found


def _weighed(
    source: str, since: str, cells: pl.DataFrame, kinds: pl.DataFrame, changes: Sequence[Change]
) -> RiseReading:
    weeks = cells["week"].unique().sort().to_list()
    mondays = [date.fromisoformat(week) for week in weeks]
    series = {name: _series(rows, weeks) for (name,), rows in cells.group_by("source", maintain_order=True)}
    # Rounded apart, a part may seem larger than its whole.
    parts = {what: np.minimum(part, series[source]) for what, part in _kinds(kinds, source, weeks).items()}
    rising = recording.Source(_NAMES[source], series[source], **parts)
    others = [recording.Source(_NAMES[str(name)], counts) for name, counts in series.items() if name != source]
    try:
        found = recording.evidence(rising, others, weeks.index(since), starts=mondays, changes=changes)
    except TooFewPoints:
        return RiseReading("It has lasted too short a time to be weighed against the other sources.")
    return RiseReading(found.sentence, _times(found))


def _series(rows: pl.DataFrame, weeks: Sequence[str]) -> Numbers:
    whole = pl.DataFrame({"week": weeks}).join(rows.select("week", "number"), on="week", how="left")
    return whole["number"].cast(pl.Float64).fill_null(float("nan")).round().to_numpy()


def _kinds(kinds: pl.DataFrame, source: str, weeks: Sequence[str]) -> dict[str, Numbers]:
    own = kinds.filter(pl.col("source") == source)
    return {
        what: _series(own.filter(pl.col("what") == what), weeks)
        for what in ("severe", "located", "timed")
        if own.filter(pl.col("what") == what).height
    }


def _times(found: Evidence) -> str:
    """How many times what was expected each source came to, with its interval."""
    steps = [(piece.source, piece.own) for piece in found.pieces if piece.kind in {"rise", "other_source"}]
    said = [f"{name} {step.ratio:.1f} ({step.low:.1f} to {step.high:.1f})" for name, step in steps if step is not None]
    return f"Times what was expected: {listed(said)}." if said else ""
