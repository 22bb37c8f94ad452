"""Windows of the week: which night an event belongs to, and how long a window really lasted."""

import zipfile
from datetime import date, datetime, timedelta

import ibis
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_data import SHARED, needs_shared
from upstander.analysis.hotspots.windows import (
    Window,
    by_day_and_hour,
    exposure_by_day_and_hour,
    in_window,
    night_of,
    without_hour,
)
from upstander.errors import WrongUsage
from upstander.values.periods import Period

LONDON = "Europe/London"
SATURDAY = Window.parse("Sat 20:00-02:00")
LOCAL = pl.col("local")
at = datetime.fromisoformat  # a local wall clock, without zone on purpose
MOMENTS = st.datetimes(at("2023-01-01T00:00"), at("2026-12-31T00:00"))


def nights(window: Window, *moments: str) -> list[date | None]:
    frame = pl.DataFrame({"local": [datetime.fromisoformat(moment) for moment in moments]})
    return frame.select(window.night_of(LOCAL)).to_series().to_list()


def incidents(*rows: tuple[str, str]) -> ibis.Table:
    return ibis.memtable(
        pl.DataFrame(
            {
                "event_from_local": [datetime.fromisoformat(moment) for moment, _ in rows],
                "event_precision": [precision for _, precision in rows],
            }
        )
    )


def test_sunday_night_hours_are_counted_with_saturday_night():
    assert nights(SATURDAY, "2024-03-31T00:00", "2024-03-31T01:59") == [date(2024, 3, 30)] * 2


def test_a_window_is_half_open():
    found = nights(SATURDAY, "2024-04-06T19:59", "2024-04-06T20:00", "2024-04-07T02:00")
    assert found == [None, date(2024, 4, 6), None]


def test_a_window_within_one_day_is_half_open_too():
    window = Window.parse("Sat 09:00-17:30")
    assert nights(window, "2024-04-06T09:00", "2024-04-06T17:29", "2024-04-06T17:30") == [date(2024, 4, 6)] * 2 + [None]


def test_the_small_hours_of_saturday_belong_to_friday():
    assert nights(SATURDAY, "2024-04-06T01:00") == [None]
    assert nights(Window.parse("Fri 20:00-02:00"), "2024-04-06T01:00") == [date(2024, 4, 5)]


def test_a_window_that_ends_at_midnight_holds_nothing_of_the_next_day():
    window = Window.parse("Sat 20:00-00:00")
    assert nights(window, "2024-04-06T23:59", "2024-04-07T00:00") == [date(2024, 4, 6), None]
    assert window.clock_hours == 4


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("Sat 20:00-02:00", (6,)),
        ("saturday 2000-0200", (6,)),
        ("Fri-Sun 22:00-04:00", (5, 6, 7)),
        ("Fri–Sun 22:00–04:00", (5, 6, 7)),
        ("Sat-Mon 22:00 - 04:00", (1, 6, 7)),
        ("Fri, Sat 20:00-02:00", (5, 6)),
        ("daily 00:00-24:00", (1, 2, 3, 4, 5, 6, 7)),
    ],
)
def test_days_are_read_as_people_write_them(written, days):
    assert Window.parse(written).days == days


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("Sat", "needs days, a space, and hours"),
        ("Sat 20:00", "not a pair of hours"),
        ("Sax 20:00-02:00", "'Sax' is not a day"),
        ("Sat 8pm-2am", "'8pm' is not a time"),
        ("Sat 25:00-02:00", "no 25:00 on a clock"),
        ("Sat 20:00-20:00", "write 00:00-24:00"),
        ("Sat 24:00-02:00", "starts at 23:59 or before"),
    ],
)
def test_what_is_not_a_window_is_refused_with_what_to_write(written, says):
    with pytest.raises(WrongUsage, match=says) as refused:
        Window.parse(written)
    assert "Sat 20:00-02:00" in refused.value.expected


@given(st.sets(st.integers(1, 7), min_size=1), st.integers(0, 1439), st.integers(1, 1439))
def test_a_window_written_out_reads_back_as_itself(days, start, length):
    window = Window(tuple(sorted(days)), start, (start + length) % 1440)
    assert Window.parse(str(window)) == window


@settings(max_examples=12)
@given(
    st.lists(MOMENTS, min_size=1, max_size=30),
    st.sampled_from(["Sat 20:00-02:00", "daily 22:00-06:00", "Sun,Mon 09:00-17:30"]),
)
def test_ibis_and_polars_put_an_event_in_the_same_night(moments, written):
    window = Window.parse(written)
    frame = pl.DataFrame({"local": moments}, schema={"local": pl.Datetime("us")})
    table = ibis.memtable(frame)
    by_ibis = table.select(night=window.night_of(table.local)).to_polars()["night"].to_list()
    assert by_ibis == frame.select(window.night_of(LOCAL)).to_series().to_list()


@given(MOMENTS)
def test_a_night_is_the_day_itself_or_the_one_before(moment):
    window = Window.parse("daily 18:00-17:59")
    (night,) = nights(window, moment.isoformat())
    assert night is None or moment.date() - night in (timedelta(0), timedelta(1))


def test_the_label_night_of_turns_at_six():
    frame = pl.DataFrame({"local": [at("2024-04-07T05:59"), at("2024-04-07T06:00")]})
    assert frame.select(night_of(LOCAL)).to_series().to_list() == [date(2024, 4, 6), date(2024, 4, 7)]


def test_saturday_night_lasts_five_hours_in_march_and_seven_in_october():
    assert SATURDAY.exposure_hours(Period.parse("2024-03-30"), LONDON) == 5
    assert SATURDAY.exposure_hours(Period.parse("2024-10-26"), LONDON) == 7
    assert SATURDAY.exposure_hours(Period.parse("2024-10-26"), "America/New_York") == 6


def test_a_year_of_saturday_nights_lasts_as_long_as_its_clocks_say():
    assert len(SATURDAY.nights(Period.parse("2024-01-01/2025-01-01"))) == 52
    assert SATURDAY.exposure_hours(Period.parse("2024-01-01/2025-01-01"), LONDON) == 52 * 6


def test_a_period_of_one_day_holds_one_night_of_a_daily_window():
    assert Window.parse("daily 20:00-02:00").exposure_hours(Period.parse("2024-08-31"), LONDON) == 6
    assert Window.parse("daily 00:00-24:00").exposure_hours(Period.parse("2024-03-31"), LONDON) == 23


def test_the_last_night_of_a_period_keeps_its_hours_after_midnight():
    assert SATURDAY.exposure_hours(Period.parse("2024-08-31"), LONDON) == 6
    assert SATURDAY.exposure_hours(Period.parse("2024-09-01"), LONDON) == 0


def test_a_night_past_midnight_needs_the_day_after_to_be_delivered():
    up_to_saturday = [date(2024, 4, 5), date(2024, 4, 6)]
    assert SATURDAY.nights_within(up_to_saturday) == ()
    assert SATURDAY.nights_within([*up_to_saturday, date(2024, 4, 7)]) == (date(2024, 4, 6),)
    assert Window.parse("Sat 20:00-00:00").nights_within(up_to_saturday) == (date(2024, 4, 6),)


def test_exposure_of_the_week_adds_up_to_the_hours_that_passed():
    exposure = exposure_by_day_and_hour(Period.parse("2024-03-25/2024-04-01"), LONDON)
    assert exposure.height == 168
    assert exposure["exposure_hours"].sum() == 7 * 24 - 1
    assert exposure.filter(day=7, hour=1)["exposure_hours"].item() == 0


def test_the_hour_that_happens_twice_counts_twice():
    exposure = exposure_by_day_and_hour(Period.parse("2024-10-21/2024-10-28"), LONDON)
    assert exposure.filter(day=7, hour=1)["exposure_hours"].item() == 2


def test_only_times_that_know_the_hour_enter_the_matrix_and_the_rest_is_counted():
    table = incidents(
        ("2024-04-06T21:15", "minute"),
        ("2024-04-06T21:00", "hour"),
        ("2024-04-06T00:00", "day"),
        ("2024-04-01T00:00", "month"),
    )
    assert by_day_and_hour(table).to_polars().rows() == [(6, 21, 2)]
    assert without_hour(table).to_polars().rows() == [("day", 1), ("month", 1)]


def test_an_event_known_only_by_its_day_is_in_no_window():
    table = incidents(("2024-04-06T00:00", "day"), ("2024-04-06T21:00", "minute"))
    inside = in_window(table, Window.parse("daily 00:00-24:00")).to_polars()
    assert inside["night"].to_list() == [date(2024, 4, 6)]


@settings(max_examples=12)
@given(
    st.lists(
        st.tuples(MOMENTS, st.sampled_from(["minute", "hour", "day", "month", "unknown"])), min_size=1, max_size=40
    )
)
def test_matrix_and_rest_add_up_to_the_table(rows):
    table = incidents(*[(moment.isoformat(), precision) for moment, precision in rows])
    in_matrix = by_day_and_hour(table).to_polars()["incidents"].sum()
    assert in_matrix + without_hour(table).to_polars()["incidents"].sum() == len(rows)


@needs_shared
def test_forty_eight_of_a_real_dispatch_logs_calls_fall_on_saturday_nights():
    with zipfile.ZipFile(SHARED / "data" / "ambulance" / "montgomery-pa-911.zip") as log:
        calls = pl.read_csv(log.read("911.csv"), columns=["title", "timeStamp"])
    violent = calls.filter(pl.col("title").is_in(["EMS: ASSAULT VICTIM", "EMS: SHOOTING", "EMS: STABBING"]))
    assert violent.height == 728
    night = SATURDAY.night_of(pl.col("timeStamp").str.to_datetime())
    assert violent.select(night.count()).item() == 48
