"""Where a row lies, by what the row says: each way with its method, and never more than is known."""

import pickle

import polars as pl
import pytest

from upstander.errors import WrongUsage
from upstander.places import LOCATED_COLUMNS, load, open_reference

from .conftest import VILLAGE_CRS, block, geojson, village_areas


def locate(reference, *, crs=VILLAGE_CRS, layers=("lsoa21",), **columns):
    types = {"stated_code": pl.String, "postcode": pl.String, "x": pl.Float64, "y": pl.Float64}
    frame = pl.DataFrame(columns, schema={name: types[name] for name in columns})
    return reference.locate(frame, crs=crs, layers=layers, metric_crs=crs)


def only(located, *columns):
    assert located.height == 1
    return located.select(columns).row(0)


def test_a_stated_code_wins_over_coordinates_and_the_point_is_kept(village):
    found = locate(village, stated_code=["F2"], x=[1500.0], y=[1500.0], postcode=["ZZ1 2AA"])
    assert only(found, "area_kind", "area_vintage", "area_code", "place_method") == ("lsoa", "21", "F2", "stated")
    assert only(found, "x_m", "y_m", "crs", "place_confidence") == (1500.0, 1500.0, VILLAGE_CRS, 1.0)


def test_a_stated_code_is_as_precise_as_its_area_is_wide(village):
    found = locate(village, stated_code=["F2"])
    assert only(found, "place_precision_m")[0] == pytest.approx(1000 / 2**0.5)


def test_a_stated_code_of_no_loaded_layer_is_outside_and_keeps_its_code(village):
    found = locate(village, stated_code=[" e01 "], x=[1500.0], y=[1500.0])
    assert only(found, "area_kind", "area_vintage", "area_code", "place_method") == ("outside", "", "E01", "stated")


def test_a_point_in_an_outline_wins_over_a_postcode(village):
    found = locate(village, x=[2500.0], y=[2500.0], postcode=["ZZ1 1AA"])
    assert only(found, "area_kind", "area_code", "place_method", "x_m") == ("lsoa", "F5", "point", 2500.0)


def test_a_postcode_answers_where_the_point_is_in_no_outline_and_the_point_is_dropped(village):
    found = locate(village, x=[9000.0], y=[9000.0], postcode=["zz11ab"])
    assert only(found, "area_code", "place_method", "x_m", "y_m", "crs") == ("F1", "postcode", None, None, "")


def test_a_point_beyond_every_outline_is_outside_not_in_the_nearest_area(village):
    found = locate(village, x=[999.0], y=[1500.0])
    assert only(found, "area_kind", "area_code", "place_method", "x_m") == ("outside", "", "point", 999.0)


def test_a_whole_postcode_never_tells_where_its_homes_are(village):
    found = locate(village, postcode=["ZZ1 1AA", "zz1 1ab", " zz11ad "])
    assert found["area_code"].to_list() == ["F1", "F1", "F2"]
    assert found["place_precision_m"].to_list() == [100.0] * 3
    assert found.select("x_m", "y_m").null_count().row(0) == (3, 3)


def test_a_postcode_of_an_area_that_is_not_loaded_is_outside(village):
    assert only(locate(village, postcode=["ZZ2 1AA"]), "area_kind", "area_code") == ("outside", "F9")


def test_a_partial_postcode_is_a_sector_or_a_district_and_never_a_point(village):
    found = locate(village, postcode=["ZZ1 1", "ZZ1", "zz1 1**"])
    assert found["area_kind"].to_list() == ["sector", "district", "sector"]
    assert found["area_code"].to_list() == ["ZZ1 1", "ZZ1", "ZZ1 1"]
    assert found["place_method"].unique().to_list() == ["partial"]
    assert found["place_confidence"].max() <= 0.5
    assert found.select("x_m", "y_m").null_count().row(0) == (3, 3)


def test_a_sector_is_as_precise_as_its_postcodes_lie_apart(village):
    # ZZ1 1AA, 1AB and 1AD lie at 1400, 1600 and 2200 on one line: the middle is 1733, the farthest 467 away.
    assert only(locate(village, postcode=["ZZ1 1"]), "place_precision_m") == (467.0,)


def test_an_unknown_postcode_of_a_known_sector_is_placed_in_the_sector(village):
    assert only(locate(village, postcode=["ZZ1 1ZZ"]), "area_code", "place_method") == ("ZZ1 1", "partial")


@pytest.mark.parametrize("postcode", ["ZZ9 9ZZ", "ZZ1 9", "QQ1", "not known", "", None])
def test_what_is_in_no_postcode_file_is_not_located(village, postcode):
    found = locate(village, postcode=[postcode])
    assert only(found, "area_kind", "area_code", "place_method", "place_confidence") == ("", "", "none", 0.0)


def test_a_partial_postcode_is_a_set_of_areas_whose_weights_sum_to_one(village):
    weights = village.areas_of_partial("zz1 1", layer="lsoa21")
    assert weights.rows() == [("lsoa21:F1", pytest.approx(2 / 3)), ("lsoa21:F2", pytest.approx(1 / 3))]
    assert village.areas_of_partial("ZZ1", layer="lsoa21")["weight"].to_list() == [0.5, 0.25, 0.25]
    assert village.areas_of_partial("QQ1", layer="lsoa21").is_empty()


@pytest.mark.parametrize(
    "point", [(0.0, 0.0), (float("nan"), 1500.0), (1500.0, None), (None, None), (float("inf"), 1.0)]
)
def test_an_impossible_point_counts_as_none(village, point):
    found = locate(village, x=[point[0]], y=[point[1]])
    assert only(found, "area_kind", "place_method", "x_m", "y_m") == ("", "none", None, None)


@pytest.mark.parametrize("point", [(181.0, 52.0), (-1.1, 91.0), (0.0, 0.0), (-75.3, 40.1)])
def test_longitude_and_latitude_that_cannot_be_in_the_metric_frame_count_as_none(village, point):
    frame = pl.DataFrame({"x": [point[0]], "y": [point[1]]})
    found = village.locate(frame, crs="EPSG:4326", layers=["lsoa21"])
    assert only(found, "place_method", "x_m") == ("none", None)


def test_without_any_boundaries_a_point_is_a_point_with_no_area(tmp_path):
    nothing = open_reference(tmp_path / "nowhere")
    frame = pl.DataFrame({"x": [-75.5, 0.0], "y": [40.1, 0.0]})
    found = nothing.locate(frame, crs="EPSG:4326", layers=(), metric_crs="EPSG:32618")
    assert found["place_method"].to_list() == ["point", "none"]
    assert found["area_kind"].to_list() == ["", ""]
    assert found["crs"].to_list() == ["EPSG:32618", ""]
    assert found["x_m"].to_list() == [pytest.approx(457_382, abs=1), None]
    assert nothing.vintages() == ()


def test_boundaries_of_another_frame_place_no_point(village):
    found = village.locate(pl.DataFrame({"x": [1500.0], "y": [1500.0]}), crs="EPSG:27700", layers=["lsoa21"])
    assert only(found, "area_kind", "area_code", "place_method") == ("", "", "point")


def test_an_invented_county_is_never_projected_into_the_real_world(village):
    with pytest.raises(WrongUsage, match="invented county"):
        village.locate(pl.DataFrame({"x": [1.0], "y": [1.0]}), crs=VILLAGE_CRS, layers=["lsoa21"])


def test_a_generalised_set_refuses_to_place_points_but_knows_its_codes(tmp_path):
    outlines = geojson(tmp_path / "coarse.geojson", village_areas(), crs=VILLAGE_CRS)
    load(tmp_path / "reference", kind="boundaries", source=[outlines], quality="generalised")
    coarse = open_reference(tmp_path / "reference")
    found = locate(coarse, stated_code=["F1", None], x=[None, 1500.0], y=[None, 1500.0])
    assert found.select("area_kind", "area_code", "place_method").rows() == [
        ("lsoa", "F1", "stated"),
        ("", "", "point"),
    ]


def test_a_code_of_both_vintages_gets_the_layer_that_is_asked_for_first(tmp_path):
    for layer, areas in (("lsoa11", {"F1": block(0, 0), "F2": block(1000, 0)}), ("lsoa21", {"F1": block(0, 0)})):
        path = geojson(
            tmp_path / f"{layer}.geojson", areas, crs=VILLAGE_CRS, code=f"{layer}_code", name=f"{layer}_name"
        )
        load(tmp_path / "reference", kind="boundaries", source=[path])
    both = open_reference(tmp_path / "reference")
    newer_first = locate(both, stated_code=["F1", "F2"], layers=("lsoa21", "lsoa11"))
    assert newer_first["area_vintage"].to_list() == ["21", "11"]
    assert locate(both, stated_code=["F1"], layers=("lsoa11", "lsoa21"))["area_vintage"].to_list() == ["11"]
    points = locate(both, x=[500.0, 1500.0], y=[500.0, 500.0], layers=("lsoa21", "lsoa11"))
    assert points.select("area_vintage", "area_code").rows() == [("21", "F1"), ("11", "F2")]


def test_rows_keep_their_order_and_number(village):
    postcodes = ["ZZ1 1", None, "ZZ1 2AA", "nonsense", "ZZ1 1AA"] * 50
    found = locate(village, postcode=postcodes)
    assert found.columns == list(LOCATED_COLUMNS)
    assert found["place_method"].to_list() == ["partial", "none", "postcode", "none", "postcode"] * 50


def test_a_frame_that_says_nothing_of_places_gets_as_many_rows_of_none(village):
    frame = pl.DataFrame({"anything": [1, 2, 3]})
    assert village.locate(frame, crs=None, layers=["lsoa21"])["place_method"].to_list() == ["none"] * 3
    assert village.locate(frame.clear(), crs=None, layers=["lsoa21"]).height == 0


def test_a_reference_sent_to_another_process_gives_the_same_answers(village):
    sent = pickle.loads(pickle.dumps(village))
    assert sent == village
    assert locate(sent, x=[2500.0], y=[2500.0]).equals(locate(village, x=[2500.0], y=[2500.0]))
