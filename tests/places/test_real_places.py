"""The official files of Leicester, Leicestershire and Rutland, read as they were issued."""

import numpy as np
import polars as pl
import pytest
import shapely

from shared_data import needs_shared
from upstander.places import ONS_ATTRIBUTION, load, open_reference
from upstander.places.outlines import index

from .conftest import REAL

pytestmark = needs_shared
VINTAGES = ("lsoa21", "lsoa11")
OLD_MONTHS = ("2018-10", "2018-11", "2018-12", "2019-01", "2019-02")


def polygon(rings):
    return shapely.build_area(shapely.multilinestrings([shapely.linestrings(ring) for ring in rings]))


def test_611_lsoas_of_2011_are_loaded_as_full_outlines(llr):
    held = next(held for held in llr.held if held.layers == ("lsoa11",) and held.kind == "boundaries")
    assert (held.rows, held.quality, held.crs) == (611, "full", "EPSG:27700")
    assert len(llr.shapes("lsoa11")) == 611
    assert llr.names("lsoa11")["E01032867"] == "Leicester 041A"


@pytest.mark.parametrize(("layer", "areas"), [("lsoa21", 634), ("ltla24", 9), ("msoa11", 125)])
def test_ultra_generalised_sets_are_recognised_drawn_and_refuse_to_place(llr, layer, areas):
    assert len(llr.shapes(layer)) == areas
    found = llr.locate(pl.DataFrame({"x": [-1.13], "y": [52.635]}), crs="EPSG:4326", layers=[layer])
    assert found.select("area_code", "place_method").row(0) == ("", "point")


def test_every_le_postcode_finds_the_lsoa_its_point_lies_in(llr):
    given = pl.read_csv(REAL / "postcode_LE_2014_to_lsoa11_pip.csv")
    by_postcode = llr.locate(given.select("postcode"), crs=None, layers=VINTAGES[::-1])
    assert by_postcode.height == 21_082
    assert by_postcode["place_method"].unique().to_list() == ["postcode"]
    by_point = llr.locate(given.select(x="easting", y="northing"), crs=None, layers=["lsoa11"])
    # The file was made with another projection: a few points within metres of an edge may fall on its other side.
    agree = (by_point["area_code"] == given["lsoa11_code"]).mean()
    assert agree >= 0.999
    assert (by_postcode["area_code"] == given["lsoa11_code"]).all()


def test_100_000_points_have_the_zone_that_shapely_covers_says(llr):
    shapes = llr.shapes("lsoa11")
    polygons = np.array([polygon(shape.rings) for shape in shapes])
    west, south, east, north = shapely.total_bounds(polygons)
    random = np.random.default_rng(2026)
    x, y = random.uniform(west, east, 80_000), random.uniform(south, north, 80_000)
    corners = np.vstack([ring for shape in shapes for ring in shape.rings])
    on_edges = corners[random.integers(0, len(corners), 20_000)]
    x, y = np.append(x, on_edges[:, 0]), np.append(y, on_edges[:, 1])
    point, zone = shapely.STRtree(polygons).query(shapely.points(x, y), predicate="covered_by")
    wanted = np.full(len(x), len(shapes))
    np.minimum.at(wanted, point, zone)
    wanted[wanted == len(shapes)] = -1
    (held,) = llr.placing("lsoa11", "EPSG:27700")
    assert (index(held).zones_of(x, y) == wanted).all()
    assert (wanted >= 0).sum() > 40_000


def test_police_points_agree_with_the_lsoa_they_state(llr, police):
    rows = police.filter(pl.col("month").is_in(OLD_MONTHS), pl.col("x").is_not_null())
    by_point = llr.locate(rows.select("x", "y"), crs="EPSG:4326", layers=["lsoa11"])
    assert rows.height == 41_567
    assert (by_point["area_code"] == rows["stated_code"]).mean() >= 0.96


def test_stated_codes_of_both_vintages_are_located_and_536_rows_lie_outside(llr, police):
    found = llr.locate(police.select("stated_code", "x", "y"), crs="EPSG:4326", layers=VINTAGES)
    counted = found.group_by("area_kind", "place_method").len().sort("area_kind").rows()
    assert counted == [("", "none", 2_777), ("lsoa", "stated", 93_570), ("outside", "stated", 536)]


def test_the_lookup_joins_611_and_634_areas_into_610(llr):
    joined = llr.joined_areas("lsoa11", "lsoa21")
    assert joined["joined"].n_unique() == 610
    assert joined["layer"].value_counts().sort("layer").rows() == [("lsoa11", 611), ("lsoa21", 634)]
    parts = joined.filter(joined="E01032867")
    assert parts.select("layer", "code", "name").rows() == [
        ("lsoa11", "E01032867", "Leicester 041A"),
        ("lsoa21", "E01034022", "Leicester 041A"),
        ("lsoa21", "E01034023", "Leicester 041A"),
    ]


def test_totals_are_unchanged_when_people_move_to_joined_areas(llr):
    people = llr.population("lsoa11")
    joined = llr.joined_areas("lsoa11", "lsoa21").filter(layer="lsoa11")
    moved = people.join(joined, left_on="area_code", right_on="code").group_by("joined").agg(pl.col("persons").sum())
    assert people["persons"].sum() == 1_107_597
    assert moved["persons"].sum() == 1_107_597
    assert moved.height == 610


def test_every_lsoa_of_2021_lies_in_one_district_and_one_force(llr):
    assert llr.parents("lsoa21", "ltla24")["parent"].n_unique() == 9
    assert llr.parents("lsoa21", "pfa24")["parent"].unique().to_list() == ["E23000021"]
    assert llr.parents("lsoa21", "pfa24").height == 634


def test_every_lsoa_has_a_neighbour_and_none_has_itself(llr):
    pairs = llr.neighbours("lsoa11")
    assert pairs["code"].n_unique() == 611
    assert pairs.filter(pl.col("code") == pl.col("neighbour")).is_empty()
    flipped = pairs.select(code="neighbour", neighbour="code").sort("code", "neighbour")
    assert flipped.equals(pairs)


def test_a_real_sector_is_a_set_of_areas(llr):
    for way in ("postcodes", "population"):
        weights = llr.areas_of_partial("LE1 1", layer="lsoa11", by=way)
        assert weights["weight"].sum() == pytest.approx(1)
        assert weights.height == 4


def test_the_ons_layout_of_a_postcode_file_is_read_as_issued(tmp_path):
    (path,) = (REAL / "nspl-layout").glob("*.csv")
    held = load(tmp_path, kind="postcodes", source=[path], attribution=ONS_ATTRIBUTION).held
    assert (held.vintage, held.layers, held.rows) == ("2021-11", ("lsoa11", "msoa11"), 1_500)
    found = open_reference(tmp_path).locate(pl.DataFrame({"postcode": ["hx11aa"]}), crs=None, layers=["lsoa11"])
    assert found.select("area_kind", "area_vintage", "area_code", "x_m").row(0) == ("lsoa", "11", "E01010994", None)


def test_code_point_open_is_read_as_issued_and_its_points_are_placed_by_the_outlines_held(tmp_path):
    (path,) = (REAL / "codepoint-open-2014").glob("le.csv")
    held = load(tmp_path, kind="postcodes", source=[path], vintage="2014-07", attribution="Contains OS data").held
    load(tmp_path, kind="boundaries", source=sorted((REAL / "lsoa11-boundaries").glob("*.geojson")))
    assert (held.layers, held.rows) == ((), 21_621)
    given = pl.read_csv(REAL / "postcode_LE_2014_to_lsoa11_pip.csv")
    found = open_reference(tmp_path).locate(given.select("postcode"), crs=None, layers=["lsoa11"])
    assert found["place_method"].unique().to_list() == ["postcode"]
    assert found["x_m"].null_count() == given.height
    # The file was joined with another projection of the outlines: a few points within metres of an edge may differ.
    assert (found["area_code"] == given["lsoa11_code"]).mean() >= 0.999


def test_a_police_force_area_is_one_outline(tmp_path):
    load(tmp_path, kind="boundaries", source=[REAL / "pfa20_leicestershire.geojson"])
    (force,) = open_reference(tmp_path).shapes("pfa20")
    assert (str(force.key), force.name) == ("pfa20:E23000021", "Leicestershire")
