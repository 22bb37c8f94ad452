"""Counts: every incident in one cell, quiet weeks zero, weeks nobody delivered unknown."""

from datetime import date, datetime, timedelta

import ibis
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upstander.analysis.hotspots.windows import Window
from upstander.analysis.measures.counting import DIMENSIONS, counts, meets, weekly_counts
from upstander.contracts.definitions import Criteria, ViolenceDefinition, load_definition
from upstander.contracts.errors import CannotServe
from upstander.contracts.incidents import INCIDENT_COLUMNS
from upstander.errors import WrongUsage

at = datetime.fromisoformat  # a local wall clock, without zone on purpose
COLUMNS = (*((column.name, column.dtype) for column in INCIDENT_COLUMNS), ("supplier", "String"), ("reading", "String"))
ORDINARY = {
    "event_from_local": at("2024-12-30T21:15"),
    "event_precision": "minute",
    "area_kind": "lsoa",
    "area_vintage": "21",
    "area_code": "E01000001",
    "supplier": "police",
    "offence_code": "8N",
    "weapon_class": "sharp",
    "place_class": "public",
    "age_band": "15-17",
    "role": "victim",
}


def incidents(*differences: dict) -> ibis.Table:
    """Incidents as they lie in the warehouse, each ordinary but for what is given."""
    rows = [{**ORDINARY, **difference} for difference in differences]
    schema = {name: getattr(pl, dtype) for name, dtype in COLUMNS}
    return ibis.memtable(pl.DataFrame({name: [row.get(name) for row in rows] for name in schema}, schema=schema))


def on(*moments: str) -> ibis.Table:
    return incidents(*({"event_from_local": at(moment)} for moment in moments))


def definition(**criteria) -> ViolenceDefinition:
    return ViolenceDefinition(
        name="ours", version="1", title="", says="", agreed_by="", source="", four_factors={},
        per_dataset={"police_incidents": Criteria(**criteria)}, limits={"ed_assaults": "No offence is known there."},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dimension", "label"),
    [
        ("area", "lsoa21:E01000001"), ("month", "2024-12"), ("quarter", "2024-Q4"), ("week", "2025-W01"),
        ("night", "2024-12-30"), ("day", "2024-12-30"), ("hour", "21"), ("supplier", "police"), ("offence", "8N"),
        ("weapon", "sharp"), ("severity", "not known"), ("precision", "minute"),
    ],
)  # fmt: skip
def test_each_dimension_reads_an_incident_as_the_field_writes_it(dimension, label):
    assert counts(incidents({}), [dimension]).to_polars().rows() == [(label, 1)]


def test_an_hour_after_midnight_is_counted_by_night_with_the_day_before():
    assert counts(on("2024-12-31T01:00"), ["night", "day"]).to_polars().rows() == [("2024-12-30", "2024-12-31", 1)]


@pytest.mark.parametrize(
    ("precision", "known"),
    [
        ("hour", {"month", "quarter", "week", "night", "day", "hour"}), ("day", {"month", "quarter", "week", "day"}),
        ("month", {"month", "quarter"}), ("unknown", set()),
    ],
)  # fmt: skip
def test_what_a_row_cannot_tell_is_counted_as_not_known(precision, known):
    table = incidents({"event_precision": precision})
    periods = ("month", "quarter", "week", "night", "day", "hour")
    assert {name for name in periods if counts(table, [name]).to_polars()[name][0] != "not known"} == known


@pytest.mark.parametrize("code", [None, ""])
def test_an_incident_without_an_area_is_counted_as_not_located(code):
    assert counts(incidents({"area_code": code}), ["area"]).to_polars().rows() == [("not located", 1)]


def test_no_dimension_gives_the_total_and_one_that_is_not_there_is_refused():
    assert counts(incidents({}, {}), []).to_polars().rows() == [(2,)]
    with pytest.raises(WrongUsage, match="'postcode'") as refused:
        counts(incidents({}), ["postcode"])
    assert "age_band" in refused.value.expected


ROWS = st.fixed_dictionaries(
    {
        "event_from_local": st.datetimes(at("2020-01-01"), at("2026-12-31")),
        "event_precision": st.sampled_from(["minute", "hour", "day", "month", "unknown"]),
        "area_code": st.sampled_from([None, "", "E01000001", "E01000002"]),
        "sex": st.sampled_from([None, "female", "male"]),
    }
)


@settings(max_examples=12)
@given(st.lists(ROWS, min_size=1, max_size=30), st.sets(st.sampled_from(sorted(DIMENSIONS)), max_size=3))
def test_counts_add_up_to_the_table_whatever_they_are_by(rows, by):
    assert counts(incidents(*rows), sorted(by)).to_polars()["incidents"].sum() == len(rows)


def weeks(table, day, covered, **options):
    return weekly_counts(table, day, covered, **options).to_polars().rows()


def days(first: str, count: int) -> list[date]:
    return [date.fromisoformat(first) + timedelta(days=ahead) for ahead in range(count)]


def test_a_quiet_week_is_zero_and_a_half_delivered_one_is_unknown():
    table = on("2025-01-06T10:00", "2025-01-12T23:00", "2025-01-22T10:00")
    found = weeks(table, table.event_from_local.date(), days("2025-01-06", 17))
    assert found == [
        (date(2025, 1, 6), 2, 7, True), (date(2025, 1, 13), 0, 7, True), (date(2025, 1, 20), None, 3, False)
    ]  # fmt: skip


def test_a_week_nobody_delivered_is_unknown_and_still_in_the_series():
    table = on("2025-01-06T10:00")
    found = weeks(table, table.event_from_local.date(), [*days("2025-01-06", 7), *days("2025-01-20", 7)])
    assert [(week, number) for week, number, *_ in found] == [
        (date(2025, 1, 6), 1), (date(2025, 1, 13), None), (date(2025, 1, 20), 0)
    ]  # fmt: skip


def test_a_week_of_a_window_counts_its_night_after_midnight_and_needs_only_its_days():
    window = Window.parse("Sun 20:00-02:00")
    table = on("2025-01-12T21:00", "2025-01-13T01:00", "2025-01-13T21:00")
    night = window.night_of(table.event_from_local)
    assert weeks(table, night, days("2025-01-12", 1), days=window.days) == [(date(2025, 1, 6), 2, 1, True)]


def test_no_covered_day_gives_no_week():
    table = on("2025-01-06T10:00")
    assert weeks(table, table.event_from_local.date(), []) == []


def test_a_definition_counts_rows_that_meet_every_part_it_asks():
    table = incidents({}, {"weapon_class": "none"}, {"age_band": "30-34"}, {"weapon_class": None})
    ours = definition(weapon_classes=("sharp",), age_bands=("15-17", "18-19"))
    assert table.filter(meets(table, "police_incidents", ours)).count().to_polars() == 1


def test_a_definition_that_asks_nothing_counts_every_row():
    table = incidents({}, {"offence_code": None})
    assert table.filter(meets(table, "police_incidents", definition())).count().to_polars() == 2


def test_a_row_without_a_value_is_plainly_outside_and_not_lost_to_both_sides():
    table = incidents({}, {"weapon_class": None})
    inside = meets(table, "police_incidents", definition(weapon_classes=("sharp",)))
    assert table.filter(~inside).count().to_polars() == 1


def test_a_dataset_the_definition_cannot_serve_is_refused_with_its_reason():
    with pytest.raises(CannotServe, match="No offence is known there"):
        meets(incidents({}), "ed_assaults", definition())


def test_the_shipped_definition_of_all_violence_counts_an_assault_and_no_robbery():
    table = incidents({}, {"offence_code": "34B"})
    shipped = load_definition("all_violence")
    assert table.filter(meets(table, "police_incidents", shipped)).count().to_polars() == 1
