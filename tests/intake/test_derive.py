"""Identity stops here: what a row becomes, and what never comes through."""

from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.desk import KEYS, read_bytes, rms, variant, wall
from upstander import contracts
from upstander.contracts.readings import Outcome
from upstander.intake.persons import age_bands, ages_at
from upstander.intake.postcodes import PostcodeReader, parts
from upstander.values.agebands import age_band
from upstander.values.tokens import tokens

ISTV = (
    b"REPORTING PERIOD START DATE,REPORTING PERIOD END DATE,SITE CODE (OF TREATMENT),"
    b"ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT,ASSAULT DATE AND TIME,ASSAULT METHOD,"
    b"ASSAULT LOCATION TYPE,ASSAULT LOCATION DESCRIPTION,AGE\n"
    b"2026-07-01,2026-07-31,ZZZ01,2026-07-04T23:35:00,2026-07-04T22:45:00,sharp,street,o/s black lion,22\n"
    b"2026-07-01,2026-07-31,ZZZ01,2026-07-05T00:20:00,,blunt,home,pts home,\n"
)


def test_a_row_has_the_warehouses_columns_in_order_and_type() -> None:
    _, tray = read_bytes(rms({}))
    wanted = contracts.warehouse_columns(contracts.ALL["police_incidents"])
    types = {"String": pl.String, "Datetime": pl.Datetime("us"), "Float64": pl.Float64}
    assert list(tray.accepted.schema.items()) == [(column.name, types[column.dtype]) for column in wanted]


def test_one_row_in_one_row_out() -> None:
    _, tray = read_bytes(rms({}))
    row = tray.accepted.row(0, named=True)
    told = {name: row[name] for name in (
        "row_id", "event_from_local", "event_to_local", "event_from_utc_min", "event_precision", "event_is",
        "place_class",
        "offence_code", "mechanism", "weapon_class", "injury_severity", "role", "age_band", "sex", "ethnic_group",
        "postcode_sector", "knife_flag", "area_code", "recorded_local",
    )}  # fmt: skip
    assert told == {
        "row_id": "r" * 20 + ":2", "event_from_local": wall(2026, 7, 4, 22, 40), "event_precision": "minute",
        "event_to_local": wall(2026, 7, 4, 22, 40), "event_from_utc_min": wall(2026, 7, 4, 21, 40),
        "event_is": "occurred", "place_class": "public", "offence_code": "8N", "mechanism": row["mechanism"],
        "weapon_class": "sharp", "injury_severity": "minor", "role": "victim", "age_band": "18-19", "sex": "female",
        "ethnic_group": "asian", "postcode_sector": "LE1 1", "knife_flag": "no", "area_code": "E01010001",
        "recorded_local": wall(2026, 7, 5, 0, 5),
    }  # fmt: skip


def test_tokens_are_those_of_the_keys_given_and_blank_without_a_key() -> None:
    _, tray = read_bytes(rms({"incident_ref": "C7", "person_ref": "P7"}))
    assert tray.accepted["person_token"].to_list() == tokens(KEYS["person_ref"], ["P7"])
    assert tray.accepted["incident_token"].to_list() == tokens(KEYS["incident_ref"], ["C7"])
    _, keyless = read_bytes(rms({}), token_keys={})
    assert keyless.accepted.select("person_token", "incident_token").row(0) == (None, None)


def test_without_a_reference_name_and_birth_make_the_token_whatever_their_spelling() -> None:
    one, other = {"person_ref": "", "surname": "O'Neill"}, {"person_ref": "", "surname": "ONEILL ", "forename": "SAM"}
    _, tray = read_bytes(rms(one, other, {"person_ref": "", "surname": ""}))
    first, second, nobody = tray.accepted["person_token"].to_list()
    assert first == second == tokens(KEYS["name_dob"], ["ONEILL|SAM|2008-03-14"])[0]
    assert nobody is None


def test_an_unknown_assault_time_falls_back_to_arrival_and_says_so() -> None:
    result, tray = read_bytes(ISTV, "istv")
    assert result.outcome == Outcome.ACCEPT, result.message
    assert tray.accepted.select("event_is", "event_from_local").rows() == [
        ("occurred", wall(2026, 7, 4, 22, 45)), ("arrived", wall(2026, 7, 5, 0, 20)),
    ]  # fmt: skip
    assert tray.accepted.select("role", "sex", "age_band", "weapon_class", "place_class").rows() == [
        ("patient", "not_asked", "20-24", "sharp", "public"), ("patient", "not_asked", "unknown", "blunt", "home"),
    ]  # fmt: skip


def test_the_hour_that_happens_twice_keeps_both_readings() -> None:
    _, tray = read_bytes(rms({"occurred_from": "25/10/2026 01:30", "recorded_at": "26/10/2026 09:00"}))
    row = tray.accepted.row(0, named=True)
    assert (row["event_from_utc_min"], row["event_from_utc_max"]) == (
        wall(2026, 10, 25, 0, 30), wall(2026, 10, 25, 1, 30),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "precision", "ends"),
    [
        ("04/07/2026", "day", wall(2026, 7, 5)),
        ("04/07/2026 00:00", "minute", wall(2026, 7, 4)),
    ],
)
def test_a_day_without_a_time_is_a_whole_day_and_midnight_stays_midnight(
    sent: str, precision: str, ends: datetime
) -> None:
    result, tray = read_bytes(rms({"occurred_from": sent}))
    row = tray.accepted.row(0, named=True)
    assert (row["event_precision"], row["event_to_local"]) == (precision, ends)
    assert result.default_times == (precision == "minute")


def test_a_month_is_a_month_from_first_to_last_instant() -> None:
    header = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    line = ",2025-02,F,F,-1.1,52.6,On or near X,E01010001,X 001A,Violence and sexual offences,,"
    content = f"{header}Last outcome category,Context\n{line}\n{line}\n".encode()
    _, tray = read_bytes(content, "police_uk")
    assert (
        tray.accepted.select("event_precision", "event_to_local", "place_class").rows()
        == [("month", wall(2025, 3, 1), "not supplied")] * 2
    )


def test_a_raised_knife_flag_decides_the_weapon() -> None:
    _, tray = read_bytes(rms({"knife_flag": "Y", "weapon": "unknown"}, {"knife_flag": "N", "weapon": "bat"}))
    assert tray.accepted["weapon_class"].to_list() == ["sharp", "blunt"]


def test_no_personal_value_reaches_a_warehouse_row() -> None:
    _, tray = read_bytes(rms({"person_ref": "PCANARY"}, {"surname": "Canary", "notes": "Canary said"}))
    written = tray.accepted.write_csv()
    told = [w for w in ("PCANARY", "Canary", "Adeyemi", "14/03/2008", "2008-03-14", "LE1 1AA", "shop") if w in written]
    assert told == []


def test_the_whole_record_is_kept_back_as_sent_so_that_it_can_be_mended() -> None:
    content = rms({"weapon": "knief", "notes": '"two\r\nlines"'})
    _, tray = read_bytes(content)
    assert tray.quarantined["record"].to_list() == [content.decode().split("\r\n", 1)[1].removesuffix("\r\n")]


def test_an_agreement_may_take_districts_instead_of_sectors() -> None:
    _, tray = read_bytes(rms({}), postcode_level="district")
    assert tray.accepted["postcode_sector"].to_list() == ["LE1"]


@settings(deadline=None)
@given(
    st.dates(wall(1900, 1, 1).date(), wall(2026, 12, 31).date()),
    st.datetimes(wall(1950, 1, 1), wall(2026, 12, 31)),
)
def test_age_is_counted_in_birthdays(born: object, event: datetime) -> None:
    born_at = datetime.combine(born, datetime.min.time())  # type: ignore[call-overload]
    years = event.year - born_at.year - ((event.month, event.day) < (born_at.month, born_at.day))
    assert ages_at(pl.Series([born_at]), pl.Series([event])).to_list() == [years]


@given(st.one_of(st.none(), st.integers(-5, 130)))
def test_bands_are_those_of_the_one_definition(age: int | None) -> None:
    assert age_bands(pl.Series([age], dtype=pl.Float64)).to_list() == [age_band(age)]


def test_postcodes_are_mended_only_where_one_reading_is_possible() -> None:
    sent = ["LE1 1AA", "le27fq", "LE1O 1AA", "LEI 1AA", "LE3 SBZ", "LE2 7FQ.", "LE3", "LE3 5", "ZZ99 3VZ", "NFA", None]
    read = PostcodeReader().read(pl.Series(sent))
    assert read.to_list() == [
        "LE1 1AA", "LE2 7FQ", "LE10 1AA", "LE1 1AA", "LE3 5BZ", "LE2 7FQ", "LE3", "LE3 5", None, None, None,
    ]  # fmt: skip
    assert parts(read, "sector").to_list()[5:9] == ["LE2 7", "", "LE3 5", ""]


def test_an_nhs_number_is_hashed_under_its_own_kind() -> None:
    content = b"Incident Number,Call Date,Call Time,Nature Code,Patient ID\n1,04/07/2026,22:40,27-D-3S,9434765919\n"
    _, tray = read_bytes(content, variant("cad", person_ref_is="nhs_number"))
    assert tray.accepted["person_token"].to_list() == tokens(KEYS["nhs_number"], ["9434765919"])
