"""Areas, age bands, postcodes and canonical bytes: each has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.errors import WrongUsage
from upstander.values.agebands import AGE_BANDS, UNDER_18, UNDER_25, UNKNOWN_AGE, age_band
from upstander.values.areas import AreaKey, split_layer
from upstander.values.canonical import canonical_json, short_id
from upstander.values.postcodes import canonical_postcode, postcode_district, postcode_sector

# European Standard Population 2013: five-year bands from 0 to 94, then 95 and over; ours meet its edges up to 90.
ESP2013_EDGES = tuple(range(0, 91, 5))


@given(age=st.integers(0, 120))
def test_every_age_lies_in_exactly_one_band(age: int) -> None:
    low, _, high = age_band(age).partition("-")
    assert int(low.rstrip("+")) <= age <= int(high or 120)


def test_bands_sum_to_under_18_to_under_25_and_to_the_standard_population() -> None:
    edges = {int(band.split("-")[0].rstrip("+")) for band in AGE_BANDS}
    assert set(ESP2013_EDGES) <= edges
    assert [age_band(age) for age in (17, 18, 24, 25)] == ["15-17", "18-19", "20-24", "25-29"]
    assert UNDER_18[-1] == "15-17"
    assert UNDER_25[-1] == "20-24"


@pytest.mark.parametrize("age", [None, -1, 121])
def test_an_impossible_age_is_unknown_rather_than_a_band(age: int | None) -> None:
    assert age_band(age) == UNKNOWN_AGE


def test_an_area_key_survives_being_written_and_read() -> None:
    assert str(AreaKey.parse("lsoa21:E01034022")) == "lsoa21:E01034022"
    assert split_layer("lsoa21") == ("lsoa", "21")
    assert AreaKey.parse("lsoa21:E01034022").layer == "lsoa21"


@pytest.mark.parametrize("text", ["E01034022", "lsoa21:", ":E1", "LSOA 21:E1"])
def test_what_is_no_area_key_is_refused(text: str) -> None:
    with pytest.raises(WrongUsage):
        AreaKey.parse(text)


@pytest.mark.parametrize(
    ("text", "unit", "sector", "district"),
    [
        ("le11aa", "LE1 1AA", "LE1 1", "LE1"),
        (" LE1  1AA ", "LE1 1AA", "LE1 1", "LE1"),
        ("SW1A 2AA", "SW1A 2AA", "SW1A 2", "SW1A"),
        ("LE1 1", None, "LE1 1", "LE1"),
        ("le1", None, None, "LE1"),
        ("10 past 5", None, None, None),
        ("", None, None, None),
    ],
)
def test_a_postcode_gives_only_the_parts_it_has(
    text: str, unit: str | None, sector: str | None, district: str | None
) -> None:
    assert (canonical_postcode(text), postcode_sector(text), postcode_district(text)) == (unit, sector, district)


def test_equal_values_have_equal_bytes_whatever_their_order() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_an_id_depends_on_every_part_and_on_where_one_ends() -> None:
    assert len(short_id(["a", "b"])) == 20
    assert len({short_id(parts) for parts in (["a", "b"], ["b", "a"], ["ab"], ["a", "b", ""])}) == 4
