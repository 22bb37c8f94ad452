"""What only a whole file shows: profiles, and why a person must look at a file first."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from itertools import cycle, islice

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.desk import read_bytes, rms, variant
from upstander.contracts.profiles import Profile
from upstander.intake import Ground, ReadResult
from upstander.intake.profiling import Values
from upstander.intake.wholefile import LIMITS, is_over

WHOLE = {"easting": "", "northing": ""}
OFFENCES = ("8N", "5D", "34B", "66")
WEAPONS = ("knife", "none", "bat", "axe")


def varied(rows: int, **columns: Sequence[str]) -> bytes:
    """An extract in which nothing repeats more than chance has it; `columns` are cycled through."""
    told = {
        "person_ref": [f"P{number:06d}" for number in range(rows)],
        "incident_ref": [f"27/{number:06d}/26" for number in range(rows)],
        "postcode": [f"LE{1 + number % 9} {number % 10}A{'ABDEFGH'[number % 7]}" for number in range(rows)],
        "easting": [str(450_000 + 37 * (number % 400)) for number in range(rows)],
        "northing": [str(300_000 + 41 * (number % 390)) for number in range(rows)],
        "offence_code": OFFENCES, "weapon": WEAPONS, "injury": ("minor", "serious", "none"),
        "location_type": ("street", "pub", "shop", "park"), "sex": ("F", "M"), "ethnicity": ("A1", "W1", "B1", "M9"),
        "occurred_from": [f"{1 + n % 28:02d}/07/2026 {n % 24:02d}:{7 + n % 50:02d}" for n in range(rows)],
        "recorded_at": ["30/07/2026 23:59"],
    } | columns  # fmt: skip
    filled = {name: list(islice(cycle(values), rows)) for name, values in told.items()}
    return rms(*({name: values[number] for name, values in filled.items()} for number in range(rows)))


def part(rows: int, share: float, one: str, others: Sequence[str]) -> list[str]:
    """So many cells, the first share of them one value, the rest the others in turn."""
    same = round(rows * share)
    return [one] * same + list(islice(cycle(others), rows - same))


def people(rows: int) -> list[str]:
    return [f"P{number:06d}" for number in range(1, rows + 1)]


def profile_of(result: ReadResult) -> Profile:
    assert result.profile is not None
    return result.profile


@pytest.mark.parametrize("rows", [12, 40, 150, 400, 1_500])
def test_a_varied_file_is_not_held(rows: int) -> None:
    result, _ = read_bytes(varied(rows))
    assert result.outcome == "ACCEPT", result.message
    assert result.concerns == ()


@pytest.mark.parametrize(("rows", "share"), [(30, 0.6), (40, 1.0), (99, 0.51), (100, 0.21), (400, 0.3), (1_200, 0.06)])
def test_a_file_about_one_person_is_held(rows: int, share: float) -> None:
    result, _ = read_bytes(varied(rows, person_ref=part(rows, share, "P777777", people(rows))))
    assert result.outcome == "HOLD"
    assert "one person" in result.message
    assert "P777777" not in result.message


@pytest.mark.parametrize(("rows", "share"), [(10, 1.0), (40, 0.5), (98, 0.5), (100, 0.2), (1_200, 0.05)])
def test_small_files_are_lumpy_and_pass(rows: int, share: float) -> None:
    result, _ = read_bytes(varied(rows, person_ref=part(rows, share, "P777777", people(rows))))
    assert result.outcome == "ACCEPT", result.message


@pytest.mark.parametrize(("rows", "share"), [(40, 0.95), (400, 0.95), (400, 0.4), (2_000, 0.3)])
def test_a_file_at_one_postcode_without_points_is_held(rows: int, share: float) -> None:
    others = ["LE1 1AA", "LE2 7FQ", "LE3 5BZ", "LE4 0TT", "LE5 1AB", "LE6 1AB"]
    content = varied(rows, postcode=part(rows, share, "LE19 2BX", others), easting=[""], northing=[""])
    result, _ = read_bytes(content)
    assert result.outcome == "HOLD"
    assert "share of" in result.message
    assert "LE19" not in result.message


@pytest.mark.parametrize(("middle", "outcome"), [((457_500.0, 307_500.0), "ACCEPT"), ((470_500.0, 300_500.0), "HOLD")])
def test_one_postcode_passes_where_the_points_of_its_rows_agree_with_it(
    middle: tuple[float, float], outcome: str
) -> None:
    content = varied(400, postcode=["LE1 1AA"])
    result, _ = read_bytes(content, ground=Ground(middle_of={"LE1 1AA": middle}.get))
    assert result.outcome == outcome, result.message


def test_one_point_for_most_rows_is_held_whatever_their_postcodes() -> None:
    result, _ = read_bytes(varied(200, easting=["455323"], northing=["299656"]))
    assert result.outcome == "HOLD"
    assert "one point" in result.message


@pytest.mark.parametrize("column", ["offence_code", "weapon", "location_type", "ethnicity", "sex"])
def test_a_code_list_that_shifted_onto_one_code_is_held(column: str) -> None:
    one = {"offence_code": "66", "weapon": "knife", "location_type": "street", "ethnicity": "M9", "sex": "F"}[column]
    result, _ = read_bytes(varied(400, **{column: [one]}))
    assert result.outcome == "HOLD"
    assert f"{column} is " in result.message
    assert "share of 100%" in result.message


@pytest.mark.parametrize(("column", "code"), [("weapon", "unknown"), ("role", "victim"), ("injury", "none")])
def test_a_file_in_which_a_code_may_well_be_one_passes(column: str, code: str) -> None:
    result, _ = read_bytes(varied(400, **{column: [code]}))
    assert result.concerns == ()


@pytest.mark.parametrize("column", ["person_ref", "incident_ref"])
def test_references_that_lost_their_leading_zeros_are_held(column: str) -> None:
    result, _ = read_bytes(varied(60, **{column: [str(number) for number in range(1, 61)]}))
    assert result.outcome == "HOLD"
    assert "shorter than" in result.message


def test_points_with_their_two_numbers_swapped_are_held_with_a_hint() -> None:
    content = varied(60)
    county = Ground(bounds=(440_000.0, 290_000.0, 480_000.0, 320_000.0))
    assert read_bytes(content, ground=county)[0].outcome == "ACCEPT"
    swapped = varied(
        60, easting=[str(300_000 + 41 * n) for n in range(60)], northing=[str(450_000 + 37 * n) for n in range(60)]
    )
    result, _ = read_bytes(swapped, ground=county)
    assert result.outcome == "HOLD"
    assert "60 of 60 points lie outside the area" in result.message
    assert "swapped" in result.message
    away = read_bytes(varied(60, easting=[str(100_000 + 37 * n) for n in range(60)]), ground=county)[0]
    assert "outside the area" in away.message
    assert "swapped" not in away.message


def test_an_easting_that_was_overwritten_is_held_even_where_no_land_is_known() -> None:
    result, _ = read_bytes(varied(60, easting=["304000"]))
    assert result.outcome == "HOLD"
    assert "outside the area" in result.message


def test_a_profile_counts_the_whole_file_whatever_the_size_of_the_blocks() -> None:
    content = varied(300)
    whole, blocks = (read_bytes(content, block_bytes=size)[0].profile for size in (8 << 20, 4_096))
    assert whole == blocks


def test_a_profile_says_what_the_rows_are_like() -> None:
    content = varied(
        48,
        postcode=["LE1 1AA", "LE1 1", "LE1", "", "", ""],
        easting=["", "", "", "455000", "", ""],
        northing=["", "", "", "300000", "", ""],
        area_code=["", "", "", "", "E01010001", ""],
        occurred_from=["04/07/2026 00:00", "05/07/2026 22:30"],
        sex=["F", "M", "F", "martian"],
    )
    profile = profile_of(read_bytes(content)[0])
    assert (profile.sent, profile.rows) == (48, 36)
    sex, postcode = profile.column("sex"), profile.column("postcode")
    assert sex is not None
    assert (sex.filled, sex.valid) == (48, 36)
    assert postcode is not None
    assert postcode.filled == 24
    assert dict(profile.granularity) == {
        "point": 4, "unit postcode": 8, "area": 8, "sector": 4, "district": 8, "none": 4,
    }  # fmt: skip
    assert dict(profile.by_day) == {"2026-07-04": 24, "2026-07-05": 12}
    assert (profile.by_hour[0], profile.by_hour[22]) == (24, 12)
    assert (profile.timed, profile.on_the_hour, profile.default_times) == (36, 24, 24)
    assert profile.code_counts()["sex"] == {"female": 24, "male": 12}
    assert profile.delay_days == (140, 142, 142)


def test_a_profile_holds_no_personal_value() -> None:
    content = varied(50, person_ref=["PCANARY01"], surname=["Canary"], postcode=["LE1 9ZZ"], dob=["14/03/2008"])
    told = repr(asdict(profile_of(read_bytes(content)[0])))
    for value in ("CANARY", "Canary", "LE1", "2008"):
        assert value not in told


def test_an_increments_repeated_rows_are_part_of_what_the_file_is_like() -> None:
    supplier = variant("rms", delivers="increment", ids="stable", key=("incident_ref", "person_ref"))
    content = varied(40)
    _, tray = read_bytes(content, supplier)
    result, _ = read_bytes(content, supplier, already_held=tray.accepted)
    assert (result.lines.repeated, profile_of(result).rows) == (40, 40)


def test_a_site_and_shift_have_a_completeness_of_their_own() -> None:
    head = "REPORTING PERIOD START DATE,REPORTING PERIOD END DATE,SITE CODE (OF TREATMENT),"
    head += "ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT,ASSAULT DATE AND TIME,ASSAULT METHOD,"
    head += "ASSAULT LOCATION TYPE,POSTCODE"
    rows = [
        f"2026-07-01,2026-07-31,{site},2026-07-{day:02d} {hour},,sharp,street,{postcode}"
        for day, (site, hour, postcode) in enumerate(
            [("ZZZ01", "06:00", "LE1 1AA"), ("ZZZ01", "13:59", ""), ("ZZZ01", "14:00", ""), ("ZZZ02", "05:59", "LE2")],
            1,
        )
    ]
    result, _ = read_bytes("\n".join([head, *rows]).encode(), "istv", file_name="istv_2026-07.csv")
    told = {(one.site, one.shift): (one.rows, dict(one.filled)["postcode"]) for one in profile_of(result).shifts}
    assert told == {("ZZZ01", "06-14"): (2, 1), ("ZZZ01", "14-22"): (1, 0), ("ZZZ02", "22-06"): (1, 1)}


@given(st.lists(st.integers(0, 40), max_size=200), st.integers(1, 60))
def test_the_commonest_value_is_found_however_the_rows_are_parted(values: list[int], size: int) -> None:
    told = Values()
    for start in range(0, len(values), size):
        told.add(pl.Series(values[start : start + size], dtype=pl.Int64))
    assert told.distinct == len({*values})
    assert told.commonest[1] == max((values.count(one) for one in {*values}), default=0)


@given(st.integers(0, 5_000), st.integers(0, 5_000))
def test_more_rows_of_one_value_never_make_a_held_file_pass(rows: int, part_of: int) -> None:
    part_of = min(part_of, rows)
    if is_over(LIMITS.person, part_of, rows) and part_of < rows:
        assert is_over(LIMITS.person, part_of + 1, rows)


def test_days_are_kept_for_two_years_and_a_bit() -> None:
    days = [date.fromordinal(date(2023, 1, 1).toordinal() + number) for number in range(1_000)]
    content = varied(1_000, occurred_from=[f"{day:%d/%m/%Y} 10:10" for day in days], recorded_at=["01/11/2026 10:00"])
    profile = profile_of(read_bytes(content)[0])
    assert len(profile.by_day) == 800
    assert profile.by_day[-1] == (days[-1].isoformat(), 1)
