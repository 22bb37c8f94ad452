"""The land tiles without a gap, is described in official layouts, and none of it is real."""

import csv
import json
import re

import numpy as np
import polars as pl
import pytest
import shapely

from shared_data import SHARED, needs_shared

LAYERS = {"lsoa21": ("LSOA21CD", "F01"), "ward24": ("WD24CD", "F05"), "ltla24": ("LAD24CD", "F0")}
# Both national grids lie in eastings 0 to 700 km and northings 0 to 1,300 km (Ordnance Survey).
GRID_EAST_M, GRID_NORTH_M = 700_000, 1_300_000


def _features(county, layer):
    return json.loads((county.folder / "places" / f"{layer}.geojson").read_text(encoding="utf-8"))


def _shapes(county, layer):
    return np.array([shapely.from_geojson(json.dumps(one["geometry"])) for one in _features(county, layer)["features"]])


def _postcodes(county):
    return pl.read_csv(county.folder / "places" / "nspl_brackenshire.csv", infer_schema=False)


@pytest.mark.parametrize("layer", LAYERS)
def test_areas_share_their_edges_and_never_overlap(county, layer):
    shapes = _shapes(county, layer)
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()


def test_wards_and_districts_are_made_of_whole_small_areas(county):
    total = shapely.area(_shapes(county, "lsoa21")).sum()
    assert [round(shapely.area(_shapes(county, layer)).sum()) for layer in LAYERS] == [round(total)] * 3
    assert [len(_shapes(county, layer)) for layer in LAYERS] == [county.summary.areas, 30, 7]
    assert 580 <= county.summary.areas <= 660


def test_areas_are_small_in_towns_and_large_in_the_country(county):
    hectares = np.sort(shapely.area(_shapes(county, "lsoa21")) / 10_000)
    assert np.median(hectares) < 80
    assert hectares[-30:].min() > 800


@pytest.mark.parametrize(("layer", "label", "prefix"), [(layer, *rest) for layer, rest in LAYERS.items()])
def test_no_area_code_is_one_of_a_real_register(county, layer, label, prefix):
    """The register of geographic codes begins its codes with E, W, S, N, K, J, L and M (ONS)."""
    codes = [one["properties"][label] for one in _features(county, layer)["features"]]
    assert len(set(codes)) == len(codes)
    assert [code for code in codes if not re.fullmatch(prefix + r"\d{" + str(9 - len(prefix)) + "}", code)] == []


def test_no_code_in_any_reference_file_is_real(county):
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((county.folder / "places").iterdir()))
    assert re.findall(r"\b[EWSNKJLM]\d{8}\b", text) == []
    assert len(re.findall(r"\bF\d{8}\b", text)) > 10_000


def test_every_postcode_lies_in_an_area_that_does_not_exist(county):
    """No postcode area begins with Q (Royal Mail)."""
    units = _postcodes(county)["pcds"]
    assert units.str.contains(r"^QB\d{1,2} \d[ABD-HJLNP-UW-Z]{2}$").all()
    assert units.n_unique() == len(units) == county.summary.postcodes


def test_no_coordinate_lies_on_the_british_or_irish_grid(county):
    corners = shapely.get_coordinates(_shapes(county, "lsoa21"))
    assert (corners[:, 0] > GRID_EAST_M).all()
    assert (corners[:, 1] > GRID_NORTH_M).all()
    points = _postcodes(county).select(pl.col("oseast1m", "osnrth1m").cast(pl.Int64))
    assert points["oseast1m"].min() > GRID_EAST_M
    assert points["osnrth1m"].min() > GRID_NORTH_M
    named = {_features(county, layer)["crs"]["properties"]["name"] for layer in LAYERS}
    assert named == {"upstander:brackenshire"}


def test_each_postcode_lies_in_the_small_area_it_states(county):
    postcodes = _postcodes(county)
    codes = [one["properties"]["LSOA21CD"] for one in _features(county, "lsoa21")["features"]]
    area = np.array([codes.index(code) for code in postcodes["lsoa21"].unique(maintain_order=True)])
    area = np.repeat(area, len(postcodes) // len(area))
    points = postcodes.select(pl.col("oseast1m", "osnrth1m").cast(pl.Float64)).to_numpy()
    assert shapely.contains_xy(_shapes(county, "lsoa21")[area], points[:, 0], points[:, 1]).all()


def test_postcodes_come_in_the_official_layout(county):
    header = next(csv.reader((county.folder / "places" / "nspl_brackenshire.csv").open(encoding="utf-8")))
    assert header[-1] == "lsoa21"
    assert (len(header), header[:7]) == (42, ["pcd", "pcd2", "pcds", "dointr", "doterm", "usertype", "oseast1m"])


@needs_shared
def test_postcodes_have_every_column_of_the_real_file_in_its_order(county):
    real = next((SHARED / "data/places/nspl-layout").glob("*.csv"))
    ours = county.folder / "places" / "nspl_brackenshire.csv"
    headers = [next(csv.reader(path.open(encoding="utf-8-sig"))) for path in (real, ours)]
    assert headers[1][:-1] == headers[0]


@needs_shared
@pytest.mark.parametrize(
    ("ours", "real"),
    [
        ("lookup_lsoa21_ward24_ltla24.csv", "places/lookup_lsoa21_ward24_ltla24_llr.csv"),
        ("lookup_lsoa11_lsoa21_ltla22.csv", "places/lookup_lsoa11_lsoa21_ltla22_llr.csv"),
    ],
)
def test_lookups_have_the_columns_of_the_real_ones(county, ours, real):
    paths = (county.folder / "places" / ours, SHARED / "data" / real)
    headers = [next(csv.reader(path.open(encoding="utf-8-sig"))) for path in paths]
    assert headers[0] == headers[1]


def test_about_a_million_people_live_there_and_the_ages_add_up(county):
    people = pl.read_csv(county.folder / "places" / "population_lsoa21.csv")
    ages = [*map(str, range(90)), "90+"]
    assert people.columns == ["lsoa21_name", "lsoa21_code", "total_population", *ages]
    assert (people.select(pl.sum_horizontal(ages)).to_series() == people["total_population"]).all()
    assert abs(people["total_population"].sum() - 1_000_000) < 1_000


def test_a_few_older_areas_were_split_and_merged_and_the_rest_kept_their_codes(county):
    lookup = pl.read_csv(county.folder / "places" / "lookup_lsoa11_lsoa21_ltla22.csv")
    split, merged, kept = (lookup.filter(pl.col("change_code") == code) for code in "SMU")
    assert (kept["lsoa11_code"] == kept["lsoa21_code"]).all()
    assert split.group_by("lsoa11_code").len()["len"].to_list().count(2) == 7
    assert split["lsoa11_code"].n_unique() == 8
    assert merged.group_by("lsoa21_code").len()["len"].to_list() == [2] * 4
    assert lookup["lsoa21_code"].n_unique() == county.summary.areas
    assert set(_postcodes(county)["lsoa11"]) == set(lookup["lsoa11_code"])
