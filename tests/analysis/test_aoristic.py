"""Aoristic weights: an event known from–to is spread over the hours it may have happened in."""

from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis.errors import UnfitNumbers
from upstander.analysis.hotspots.aoristic import aoristic_weights, by_day_and_hour

at = datetime.fromisoformat  # a local wall clock, without zone on purpose
MOMENTS = st.datetimes(at("2023-01-01T00:00"), at("2026-12-31T00:00"))
SPANS = st.one_of(
    st.none(),
    st.timedeltas(timedelta(hours=-5), timedelta(days=9)),
    st.just(timedelta(0)),
    st.just(timedelta(hours=168)),
)


def weights_of(*events: tuple[datetime, datetime | None]):
    start, end = zip(*events, strict=True)
    moments = pl.Datetime("us")
    return aoristic_weights(pl.Series(start, dtype=moments), pl.Series(end, dtype=moments))


def test_four_hours_across_midnight_are_spread_by_minutes():
    found = weights_of((at("2024-03-01T22:30"), at("2024-03-02T02:30")))
    assert found.weights.select("day", "hour", "weight").rows() == [
        (5, 22, 0.125), (5, 23, 0.25), (6, 0, 0.25), (6, 1, 0.25), (6, 2, 0.125)
    ]  # fmt: skip


def test_an_event_that_ends_on_the_hour_has_nothing_in_that_hour():
    found = weights_of((at("2024-03-04T08:00"), at("2024-03-04T09:00")))
    assert found.weights.select("hour", "weight").rows() == [(8, 1.0)]


@pytest.mark.parametrize("end", [None, at("2024-03-06T12:00")])
def test_without_a_usable_end_it_counts_when_it_began(end):
    found = weights_of((at("2024-03-06T13:05"), end))
    assert found.weights.select("day", "hour", "weight").rows() == [(3, 13, 1.0)]
    assert found.without_end == 1


def test_a_week_or_more_says_nothing_about_the_hour():
    found = weights_of((at("2024-03-05T00:00"), at("2024-03-20T00:00")))
    assert found.weights.height == 168
    assert found.weights["weight"].n_unique() == 1


def test_nearly_a_week_meets_its_first_hour_again_in_one_row():
    found = weights_of((at("2024-03-04T10:40"), at("2024-03-11T10:30")))
    assert found.weights.height == 168
    assert found.weights.filter(day=1, hour=10)["weight"].item() == pytest.approx(50 / (7 * 24 * 60 - 10))


def test_the_share_of_long_spans_is_reported():
    short = (at("2024-03-04T08:00"), at("2024-03-04T20:00"))
    long = (at("2024-03-04T08:00"), at("2024-03-04T20:01"))
    assert weights_of(short, long).long_share == 0.5


def test_an_event_without_a_start_is_refused():
    with pytest.raises(UnfitNumbers, match="1 events have no start"):
        weights_of((None, at("2024-03-04T00:00")))


@given(st.lists(st.tuples(MOMENTS, SPANS), min_size=1, max_size=30))
def test_weights_sum_to_one_per_event_and_to_the_events_in_all(events):
    found = weights_of(*[(start, None if span is None else start + span) for start, span in events])
    per_event = found.weights.group_by("event").agg(pl.col("weight").sum())
    assert per_event["event"].sort().to_list() == list(range(len(events)))
    assert per_event["weight"].to_list() == pytest.approx([1.0] * len(events), abs=1e-9)
    assert by_day_and_hour(found)["incidents"].sum() == pytest.approx(len(events))
    assert found.weights["weight"].min() > 0


@given(st.lists(st.tuples(MOMENTS, SPANS), min_size=2, max_size=10))
def test_the_order_of_events_does_not_matter(events):
    spread = [(start, None if span is None else start + span) for start, span in events]
    one, other = (by_day_and_hour(weights_of(*order)) for order in (spread, spread[::-1]))
    assert one.select("day", "hour").equals(other.select("day", "hour"))
    assert one["incidents"].to_list() == pytest.approx(other["incidents"].to_list())
