"""The weeks ahead: foreseen of whole sources from released counts, or left out with the reason."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from publish.wharram import OPEN, ROUNDED
from upstander.analysis import methods
from upstander.pipeline.injuries.ahead import ahead, refused
from upstander.publish.model import ComingIn

POLICE, ED = "police_incidents", "ed_assaults"
FIRST = date(2022, 1, 3)
WEEKS = 208


def weeks(source: str = POLICE, mean: float = 60, count: int = WEEKS, seed: int = 3) -> pl.DataFrame:
    numbers = np.random.default_rng(seed).poisson(mean, count)
    days = [str(FIRST + timedelta(weeks=WEEKS - count + at)) for at in range(count)]
    return pl.DataFrame({"source": source, "week": days, "number": numbers.astype(float), "is_hidden": False})


def mondays(found: pl.DataFrame, source: str = POLICE) -> list[str]:
    return sorted(found.filter((pl.col("source") == source) & (pl.col("week") != "all"))["week"].unique())


def test_six_weeks_are_foreseen_as_the_method_foresees_them() -> None:
    cells = weeks()
    found = ahead(cells, {}, OPEN)
    last = date.fromisoformat(cells["week"][-1])
    assert mondays(found) == [str(last + timedelta(weeks=step)) for step in range(1, 7)]
    series = cells.select(week=pl.col("week").str.to_date(), count=pl.col("number").cast(pl.Int64))
    told = methods.run(methods.ALL["forecast_weekly"], {"series": series}, {"horizon": "6"}, seed=1)
    wide = found.filter(what="80", source=POLICE).sort("week")
    assert wide["value"].to_list() == pytest.approx([row["median"] for row in told.rows])
    assert wide["low"].to_list() == [row["lo80"] for row in told.rows]
    assert wide["high"].to_list() == [row["hi80"] for row in told.rows]
    said = dict(found.filter(week="all").select("what", "value").rows())
    assert said["held_80"] == pytest.approx(told.summary["coverage80"])
    assert said["usual"] == np.median(cells["number"].tail(52).to_numpy())


def test_weeks_still_coming_in_are_foreseen_and_not_learnt_from() -> None:
    cells = weeks()
    since = date.fromisoformat(cells["week"][-2])
    empty = cells.with_columns(number=pl.when(pl.col("week") >= str(since)).then(0.0).otherwise("number"))
    coming = {POLICE: ComingIn(since, is_known=True, since=since)}
    found, spoilt = ahead(cells, coming, OPEN), ahead(empty, coming, OPEN)
    assert found.equals(spoilt)
    assert mondays(found)[0] == str(since)
    assert len(mondays(found)) == 8


def test_sources_that_are_behind_are_foreseen_up_to_the_same_week() -> None:
    behind = weeks(ED, seed=5).head(WEEKS - 4)
    found = ahead(pl.concat([weeks(), behind]), {}, OPEN)
    assert mondays(found)[-1] == mondays(found, ED)[-1]
    assert len(mondays(found, ED)) == 10


@pytest.mark.parametrize(
    ("cells", "rule", "why"),
    [
        (weeks(count=147), OPEN, "takes 148 weeks in a row"),
        (weeks().filter(pl.col("week") != str(FIRST + timedelta(weeks=150))), OPEN, "57 are held"),
        (weeks(mean=12), ROUNDED, "rounded to 5"),
        (weeks().with_columns(is_hidden=pl.int_range(pl.len()) % 10 == 0), ROUNDED, "withheld"),
        (pl.concat([weeks(ED), weeks().head(WEEKS - 8)]), OPEN, "too old"),
    ],
)
def test_what_cannot_be_foreseen_is_left_out_with_the_reason(cells: pl.DataFrame, rule: object, why: str) -> None:
    assert mondays(ahead(cells, {}, rule)) == []
    assert why in refused(cells, {}, rule)[POLICE]


def test_every_source_is_either_foreseen_or_refused() -> None:
    cells = pl.concat([weeks(), weeks(ED, mean=9)])
    assert set(ahead(cells, {}, ROUNDED)["source"]) == {POLICE}
    assert set(refused(cells, {}, ROUNDED)) == {ED}
    assert ahead(cells.head(0), {}, OPEN).is_empty()
