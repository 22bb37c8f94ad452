"""The last meeting's actions, from a CSV: area_code, what, owner, due, since."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from upstander.analysis.hotspots.windows import Window
from upstander.analysis.impact.power import detectable_ratio
from upstander.contracts.releasing import Status
from upstander.errors import NotAcceptable
from upstander.pipeline.injuries import exact
from upstander.pipeline.injuries.ground import Ground
from upstander.pipeline.injuries.sources import Source
from upstander.publish.model import Action, ComingIn

_COLUMNS = ("area_code", "what", "owner", "due", "since")


def read_actions(path: Path | None) -> tuple[Action, ...]:
    """The actions of the file, in its order; none where there is no file. Dates are ISO; a blank date is none.

    Raises NotAcceptable where a column is missing or a date is not one.
    """
    if path is None:
        return ()
    try:
        table = pl.read_csv(path, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as why:
        raise NotAcceptable(f"{path} cannot be read as a CSV.", where=str(path), expected="a CSV of actions") from why
    missing = [column for column in _COLUMNS if column not in table.columns]
    if missing:
        raise NotAcceptable(
            f"{path.name} has no column {', '.join(missing)}.",
            where=path.name, found=", ".join(table.columns), expected=", ".join(_COLUMNS),
        )  # fmt: skip
    rows = table.select(_COLUMNS).fill_null("").iter_rows()
    return tuple(
        Action(area, what, owner, _day(due, path, line), _day(since, path, line))
        for line, (area, what, owner, due, since) in enumerate(rows, start=2)
    )


def _day(text: str, path: Path, line: int) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as why:
        raise NotAcceptable(
            f"{path.name}, line {line}: '{text}' is not a date.",
            where=f"{path.name}, line {line}", found=text, expected="2026-07-04",
        ) from why  # fmt: skip


def changes_since(
    actions: Sequence[Action], sources: Sequence[Source], window: Window | None, ground: Ground,
    coming: Mapping[str, ComingIn],
) -> pl.DataFrame:  # fmt: skip
    """Action (its number, from "1"), source, when, count: what has changed where each action was.

    Days that are still coming in are left out: a week that fills up is no fall.
    """
    until = {source: one.judged_until for source, one in coming.items()}
    parts = [
        exact.near_action(
            source, window, f"{ground.layer}:{action.area}", ground, since=action.since,
            until=until.get(source.dataset),
        ).select(action=pl.lit(str(number)), source="source", when="when", count="count")
        for number, action in enumerate(actions, start=1)
        if action.since is not None and f"{ground.layer}:{action.area}" in ground.areas
        for source in sources
        if source.has_hours or window is None
    ]  # fmt: skip
    blank = dict.fromkeys(("action", "source", "when"), pl.String) | {"count": pl.Int64}
    return pl.concat([pl.DataFrame(schema=blank), *parts], how="vertical_relaxed")


def least_falls(cells: pl.DataFrame) -> pl.DataFrame:
    """action, source, value, status: the smallest share fewer that two such spans are likely (80%) to tell from chance;
    it does not apply where not even an end to all records would be told.

    cells: of the released table `changes`. Only an action whose records before may be shown has a row.
    """
    before = cells.filter((pl.col("when") == "before") & pl.col("value").is_not_null() & (pl.col("value") > 0))
    ratios = [detectable_ratio(count, count) for count in before["value"]]
    falls = pl.Series("value", [None if ratio is None else 1 - ratio for ratio in ratios], dtype=pl.Float64)
    status = pl.when(falls.is_null()).then(pl.lit(Status.NOT_APPLICABLE.value)).otherwise(pl.lit(Status.SHOWN.value))
    return before.select("action", "source", falls, status=status)
