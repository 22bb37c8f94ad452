"""What sectors, districts and postcode areas are made of, by hand in the village."""

import polars as pl
import pytest

from shared_data import needs_shared
from upstander.places import Reference
from upstander.places.parts import areas_of_parts, residents_of_parts

UNITS = pl.DataFrame(
    {
        "postcode": ["ZZ1 1AA", "ZZ1 1AB", "ZZ1 1AD", "ZZ1 2AA", "ZZ2 1AA"],
        "lsoa21": ["F1", "F1", "F2", "F2", "F2"],
    }
)  # fmt: skip
PERSONS = pl.DataFrame({"area_code": ["F1", "F1", "F2"], "age": [3, 90, 16], "persons": [60, 40, 300]})


def shares(part: str, persons: pl.DataFrame | None) -> dict[tuple[str, str], float]:
    told = areas_of_parts(UNITS, "lsoa21", part, persons)
    return {(place, area): share for place, area, _, share in told.rows()}


def test_a_sector_is_shared_out_by_its_postcodes_where_no_population_is_held() -> None:
    assert shares("sector", None) == pytest.approx(
        {("ZZ1 1", "F1"): 2 / 3, ("ZZ1 1", "F2"): 1 / 3, ("ZZ1 2", "F2"): 1, ("ZZ2 1", "F2"): 1}
    )


def test_with_a_population_a_sector_is_shared_out_by_residents() -> None:
    # Both postcodes of F1 (100 people) and one of the three of F2 (100 of 300) lie in ZZ1 1.
    assert shares("sector", PERSONS)["ZZ1 1", "F1"] == pytest.approx(1 / 2)
    assert shares("postcode area", PERSONS)["ZZ", "F2"] == pytest.approx(300 / 400)


def test_residents_of_a_part_by_band_add_up_to_everybody() -> None:
    told = residents_of_parts(UNITS, "lsoa21", "district", PERSONS)
    assert told["residents"].sum() == pytest.approx(400)
    assert dict(told.filter(pl.col("place") == "ZZ1").select("age_band", "residents").rows()) == pytest.approx(
        {"0-4": 60, "90+": 40, "15-17": 200}
    )


def test_a_home_tells_parts_of_its_own_directory_and_nothing_of_a_layer_it_has_not(village: Reference) -> None:
    told = village.areas_of_parts("sector", layer="lsoa21")
    assert told.columns == ["place", "area", "postcodes", "share"]
    assert told.filter(pl.col("place") == "ZZ1 1")["postcodes"].to_list() == [2, 1]
    assert village.areas_of_parts("sector", layer="ward24").is_empty()
    assert village.residents_of_parts("sector", layer="lsoa21").is_empty()


@needs_shared
@pytest.mark.parametrize(("part", "right", "reach"), [("sector", 0.228, 10.5), ("district", 0.063, 46.6)])
def test_of_a_real_part_the_likeliest_small_area_is_as_seldom_right_as_the_page_says(
    llr: Reference, part: str, right: float, reach: float
) -> None:
    told = llr.areas_of_parts(part, layer="lsoa11")
    of_part = told.group_by("place").agg(share=pl.col("share").sum(), largest=pl.col("share").max(), areas=pl.len())
    people = llr.residents_of_parts(part, layer="lsoa11").group_by("place").agg(pl.col("residents").sum())
    weight = pl.col("residents") / pl.col("residents").sum()
    found = of_part.join(people, on="place").select(
        (pl.col("largest") * weight).sum().alias("right"), (pl.col("areas") * weight).sum().alias("reach")
    )
    assert of_part["share"].to_list() == pytest.approx([1.0] * of_part.height)
    assert found.row(0) == pytest.approx((right, reach), rel=0.01)
