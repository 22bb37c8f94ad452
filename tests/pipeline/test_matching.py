"""Records of two sources near one another: whose are matched, on which days, and what may be said of it."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import ibis
import numpy as np
import polars as pl
import pytest

from pipeline.county import County
from pipeline.shown import tables_in
from upstander.contracts.releasing import Status
from upstander.pipeline.injuries.matching import BY_AREA, BY_POINT, kinds_of, missed, overlap

START, DAYS = datetime(2026, 1, 1), 120  # noqa: DTZ001 - wall-clock times
AMBULANCE, POLICE, ED = "ambulance_callouts", "police_incidents", "ed_assaults"


def acts(seed: int, size: int) -> pl.DataFrame:
    """Acts of violence in forty areas, more at weekends, each near the middle of its area."""
    rng = np.random.default_rng(seed)
    chance = np.where(np.arange(DAYS) % 7 >= 5, 3.0, 1.0)
    minute = rng.choice(DAYS, size, p=chance / chance.sum()) * 1440 + rng.normal(1320, 90, size).astype(int)
    area = rng.integers(0, 40, size)
    return pl.DataFrame({
        "event_from_local": [START + timedelta(minutes=int(at)) for at in minute],
        "event_precision": "minute", "area_kind": "lsoa", "area_vintage": "21",
        "area_code": [f"F{number:02d}" for number in area], "x_m": area * 2000.0, "y_m": rng.normal(0, 100, size),
        "place_method": "point",
    })  # fmt: skip


def source(dataset: str, rows: pl.DataFrame, days: range = range(DAYS)) -> Any:
    """As much of a source as matching reads."""
    covered = frozenset(START.date() + timedelta(days=number) for number in days)
    return SimpleNamespace(dataset=dataset, table=ibis.memtable(rows), days=covered)


def known_in_both(share: float, **changed: pl.Expr) -> list[Any]:
    """Ambulance and police records of which police know a share of the ambulance's, and have 400 of their own."""
    ambulance, own = acts(1, 1500), acts(2, 400)
    shared = ambulance.with_columns(pl.col("event_from_local").dt.offset_by("-10m")).head(int(1500 * share))
    return [source(AMBULANCE, ambulance.with_columns(**changed)), source(POLICE, pl.concat([shared, own]))]


def as_released(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.select("source", "other", "what", value="count", status=pl.lit(Status.SHOWN.value))


def bands(sources: list[Any]) -> dict[tuple[str, str], tuple[float, float]]:
    found = missed(as_released(overlap(sources)))
    return {(one, by): (low, high) for one, by, low, high in found.select("source", "missed_by", "low", "high").rows()}


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_bands_hold_what_is_missed(share: float) -> None:
    found = bands(known_in_both(share))
    assert found[AMBULANCE, POLICE][0] <= 1 - share <= found[AMBULANCE, POLICE][1]
    own = 400 / (1500 * share + 400)
    assert found[POLICE, AMBULANCE][0] <= own <= found[POLICE, AMBULANCE][1]


def test_sources_that_share_nothing_miss_everything() -> None:
    low, high = bands(known_in_both(0.0))[AMBULANCE, POLICE]
    assert low > 0.9
    assert high > 0.99


@pytest.mark.parametrize("way", [BY_POINT, BY_AREA])
def test_what_is_counted_of_a_source_adds_up_to_its_records(way: str) -> None:
    counts = overlap(known_in_both(0.5))
    own = counts.filter(pl.col("what").is_in(kinds_of(way)))
    assert dict(own.group_by("source").agg(pl.col("count").sum()).iter_rows()) == {AMBULANCE: 1500, POLICE: 1150}


def test_a_source_without_points_is_matched_by_area_alone() -> None:
    counts = overlap(known_in_both(0.5, x_m=pl.lit(None, pl.Float64)))
    assert counts.filter(pl.col("what").str.contains(" m, ")).is_empty()
    low, high = bands(known_in_both(0.5, x_m=pl.lit(None, pl.Float64)))[AMBULANCE, POLICE]
    assert low <= 0.5 <= high


def test_a_town_is_no_place_to_match_by() -> None:
    towns = {"area_kind": pl.lit("town"), "area_vintage": pl.lit(""), "x_m": pl.lit(None, pl.Float64)}
    assert overlap(known_in_both(0.5, **towns)).is_empty()


def test_days_that_one_source_does_not_cover_say_nothing_of_it() -> None:
    ambulance, police = known_in_both(0.5)
    half = source(POLICE, police.table.to_polars(), range(60))
    counts = overlap([ambulance, half])
    elsewhen = counts.filter(source=AMBULANCE, what=kinds_of(BY_AREA)[2])["count"].item()
    assert 500 < elsewhen < 1000
    low, high = bands([ambulance, half])[AMBULANCE, POLICE]
    assert low <= 0.5 <= high


def test_one_source_or_a_short_period_is_not_compared() -> None:
    ambulance, police = known_in_both(0.5)
    assert overlap([ambulance]).is_empty()
    in_january = [source(one.dataset, one.table.to_polars(), range(30)) for one in (ambulance, police)]
    assert overlap(in_january).is_empty()


def test_a_withheld_count_tells_nothing() -> None:
    cells = as_released(overlap(known_in_both(0.5)))
    hidden = cells.with_columns(
        status=pl.when(pl.col("what").str.contains("matched"))
        .then(pl.lit(Status.SUPPRESSED.value))
        .otherwise("status"),
        value=pl.when(~pl.col("what").str.contains("matched")).then("value"),
    )
    assert missed(hidden).is_empty()


def test_no_share_is_told_of_counts_under_the_owners_least() -> None:
    cells = as_released(overlap(known_in_both(0.5)))
    most = cells.select(pl.col("value").max()).item()
    assert not missed(cells, rate_from=1).is_empty()
    assert missed(cells, rate_from=int(most) + 1).is_empty()


def test_the_order_of_rows_does_not_matter() -> None:
    ambulance, police = known_in_both(0.5)
    shuffled = ambulance.table.to_polars().sample(fraction=1, shuffle=True, seed=3)
    assert overlap([source(AMBULANCE, shuffled), police]).equals(overlap([ambulance, police]))


def truly_missed(county: County, one: str, other: str) -> float:
    """Of the lines an agency sent about the days both cover, the share whose act is in no line of the other's."""
    ends = pl.lit(date(2026, 7, 1))  # the hospital's July has not come
    sent = county.truth.seen.filter(
        pl.col("is_delivered") & ~pl.col("is_repeat") & (pl.col("role") != "suspect")
        & (pl.col("event_local").dt.date() < ends)
    )  # fmt: skip
    known = sent.filter((pl.col("agency") == other) & (pl.col("incident") > 0))["incident"]
    return 1 - float(sent.filter(agency=one)["incident"].is_in(known.implode()).mean())


@pytest.mark.parametrize("number", [1, 2])
def test_the_county_s_bands_hold_its_truth(county: County, number: int) -> None:
    names = {"ambulance": AMBULANCE, "police": POLICE, "ed": ED}
    table = tables_in(county.output(number))["alone"]
    found = {(one, by): (low, high) for one, by, low, high in table.select("source", "missed_by", "low", "high").rows()}
    assert len(found) == 6
    for one in names:
        for other in set(names) - {one}:
            low, high = found[names[one], names[other]]
            assert low <= truly_missed(county, one, other) <= high, (one, other)
            assert high - low < 0.35


@pytest.mark.parametrize("number", [1, 2])
def test_no_table_of_a_bulletin_adds_agencies_up(county: County, number: int) -> None:
    for name, table in tables_in(county.output(number)).items():
        assert "source" in table.columns, name
        assert table["source"].is_in([AMBULANCE, POLICE, ED]).all(), name
