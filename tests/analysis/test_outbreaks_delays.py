"""How complete the last weeks are."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.methods import ALL, Result
from upstander.analysis.outbreaks.delays import came_and_could, completeness, nowcast, share_by_delay, then_and_now

FIRST = date(2025, 1, 6).toordinal()
DAYS = 420
AS_OF = FIRST + DAYS - 1


def made(seed: int = 1, a_day: float = 6.0, mean_delay: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    event = FIRST + np.repeat(np.arange(DAYS), rng.poisson(a_day, DAYS))
    return event, event + rng.exponential(mean_delay, event.size).astype(int)


def records(event: np.ndarray, recorded: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame({
        "event_date": [date.fromordinal(int(day)) for day in event],
        "recorded_date": [date.fromordinal(int(day)) for day in recorded],
    })  # fmt: skip


def run(params: dict, frame: pl.DataFrame) -> Result:
    return methods.run(ALL["reporting_delay"], {"records": frame}, params, seed=1)


@given(st.integers(0, 500))
@settings(max_examples=20, deadline=None)
def test_the_curve_rises_to_one_and_lies_in_its_interval(seed):
    found = completeness(*made(seed, a_day=1.5), AS_OF)
    assert (np.diff(found.share) >= -1e-12).all()
    assert found.share[-1] == 1
    assert (found.low <= found.share + 1e-9).all()
    assert (found.high >= found.share - 1e-9).all()


def test_late_records_not_yet_seen_do_not_flatter_the_curve():
    event, recorded = made()
    truth = 1 - np.exp(-(np.arange(91) + 1) / 10)
    found = completeness(event, recorded, AS_OF)
    assert found.share == pytest.approx(truth / truth[-1], abs=0.02)
    seen = recorded <= AS_OF
    last_month = event > AS_OF - 28
    plain = np.mean((recorded - event)[seen & last_month] <= 7)
    assert plain > found.share[7] + 0.1


def test_with_every_record_old_enough_the_curve_is_the_plain_share():
    event, recorded = made()
    is_old = (event <= AS_OF - 90) & (recorded - event <= 90)
    found = completeness(event[is_old], recorded[is_old], AS_OF)
    delay = (recorded - event)[is_old]
    assert found.share[[0, 7, 30]] == pytest.approx([np.mean(delay <= day) for day in (0, 7, 30)])


def test_records_after_the_snapshot_change_nothing():
    event, recorded = made()
    is_seen = recorded <= AS_OF
    whole, seen = completeness(event, recorded, AS_OF), completeness(event[is_seen], recorded[is_seen], AS_OF)
    assert whole.share.tolist() == seen.share.tolist()


def test_weeks_whose_records_come_together_widen_the_interval():
    rng = np.random.default_rng(3)
    event, _ = made(3)
    slow = rng.choice([4.0, 20.0], DAYS // 7 + 2)[(event - FIRST) // 7]
    clustered = completeness(event, event + rng.exponential(slow).astype(int), AS_OF)
    mixed = completeness(event, event + rng.permutation(rng.exponential(slow).astype(int)), AS_OF)
    assert np.median(clustered.clustering) > 3 * np.median(mixed.clustering)
    assert (clustered.high - clustered.low)[7] > 1.5 * (mixed.high - mixed.low)[7]


def test_a_week_that_will_fill_up_is_estimated_near_what_it_came_to():
    event, recorded = made()
    found = nowcast(event, recorded, AS_OF, completeness(event, recorded, AS_OF), weeks=6)
    came = [int(((event >= week) & (event < week + 7)).sum()) for week in found.week]
    assert (found.low <= came).all()
    assert (came <= found.high).all()
    assert found.reported[-1] < 0.6 * came[-1]


def test_weeks_are_shown_estimated_or_withheld_each_with_its_reason():
    result = run({"as_of": str(date.fromordinal(AS_OF - 3)), "weeks": "8"}, records(*made()))
    weeks = [row for row in result.rows if row["kind"] == "week"]
    assert [row["status"] for row in weeks] == ["shown"] * 3 + ["nowcast"] * 4 + ["withheld"]
    assert weeks[-1]["reported"] is None
    assert weeks[-1]["nowcast"] is None
    assert "was not over" in weeks[-1]["reason"]
    assert all(row["reason"].endswith(".") for row in weeks)
    assert all(row["nowcast_low"] <= row["nowcast"] <= row["nowcast_high"] for row in weeks if row["nowcast"])


def test_a_week_under_the_least_completeness_is_withheld_with_the_share():
    asked = {"least_nowcast": "0.9", "as_of": str(date.fromordinal(AS_OF))}
    weeks = [row for row in run(asked, records(*made())).rows if row["kind"] == "week"]
    last_whole = weeks[-1]
    assert last_whole["status"] == "withheld"
    assert "under 90%" in last_whole["reason"]


def test_records_dated_before_their_event_are_left_out_and_counted():
    frame = records(*made())
    wrong = frame.head(3).with_columns(recorded_date=pl.col("event_date") - timedelta(days=2))
    result = run({}, pl.concat([frame, wrong]))
    assert "3 records are dated before their event and are left out." in result.warnings
    with pytest.raises(UnfitNumbers, match="older than its event"):
        completeness([10] * 30, [9] * 30, 500)


def test_too_few_records_or_too_young_ones_are_refused():
    event, recorded = made()
    with pytest.raises(TooFewPoints):
        completeness(event[:10], recorded[:10], AS_OF)
    young = event > AS_OF - 60
    with pytest.raises(TooFewPoints, match="old enough"):
        completeness(event[young], recorded[young], AS_OF)


def stood(*rows: tuple[date, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"week": pl.Date, "age": pl.Int64, "count": pl.Int64}, orient="row")


def test_weeks_are_set_beside_themselves_by_how_old_they_were_when_they_were_read():
    may, june = date(2026, 5, 4), date(2026, 6, 1)
    rows = [(may, 5, 8), (may, 36, 10), (may, 66, 10), (june, 5, 6), (june, 38, 12)]
    # Both were first read 5 days after their end, and May again in the sixth week after it.
    assert then_and_now(stood(*rows), again_after=28).rows() == [(0, 14, 22), (5, 10, 10)]


def test_a_week_read_again_too_soon_tells_nothing():
    assert then_and_now(stood((date(2026, 5, 4), 5, 8), (date(2026, 5, 4), 19, 10)), again_after=28).is_empty()


def test_steps_of_weeks_give_the_curve_of_single_days():
    event, recorded = made(a_day=20)
    days = pl.DataFrame({"day": event, "recorded": recorded}).filter(pl.col("recorded") <= AS_OF)
    rows = days.group_by("day", "recorded").agg(n=pl.len()).with_columns(read_on=pl.lit(AS_OF))
    dated = rows.with_columns(
        [(date(1, 1, 1) + pl.duration(days=pl.col(name) - 1)).alias(name) for name in ("day", "recorded", "read_on")]
    )
    steps = came_and_could(dated, weeks=13)
    curve = share_by_delay(steps["came"].to_numpy().astype(float), steps["could"].to_numpy().astype(float))
    daily = completeness(event, recorded, AS_OF, history=3650).share
    assert curve[:4] == pytest.approx(daily[[6, 13, 20, 27]], abs=0.02)
