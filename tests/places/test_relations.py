"""How areas go together: joined across vintages, nested, touching."""

import polars as pl
import pytest

from upstander.places import NoSuchLayer, NotNested, joined_areas, load, open_reference

from .conftest import write

# A stays; B splits into B1 and B2; C and D merge into M; E and F become G and H, crosswise.
LOOKUP = pl.DataFrame(
    {
        "lsoa11": ["A", "B", "B", "C", "D", "E", "E", "F"],
        "lsoa21": ["A", "B1", "B2", "M", "M", "G", "H", "H"],
        "lsoa11_name": ["Ash", "Birch", "Birch", "Cedar", "Dogwood", "Elm", "Elm", "Fir"],
        "lsoa21_name": ["Ash", "Birch 1", "Birch 2", "Maple", "Maple", "Gorse", "Hazel", "Hazel"],
    }
)


def test_a_joined_area_is_what_stays_splits_merges_or_is_redrawn_together():
    joined = joined_areas(LOOKUP, "lsoa11", "lsoa21")
    held = joined.group_by("joined", "name").agg(pl.format("{}:{}", "layer", "code").sort()).sort("joined").rows()
    assert held == [
        ("A", "Ash", ["lsoa11:A", "lsoa21:A"]),
        ("B", "Birch", ["lsoa11:B", "lsoa21:B1", "lsoa21:B2"]),
        ("E+", "Elm and 1 more", ["lsoa11:E", "lsoa11:F", "lsoa21:G", "lsoa21:H"]),
        ("M", "Maple", ["lsoa11:C", "lsoa11:D", "lsoa21:M"]),
    ]


def test_every_area_of_either_vintage_is_in_exactly_one_joined_area():
    joined = joined_areas(LOOKUP, "lsoa11", "lsoa21")
    assert not joined.select("layer", "code").is_duplicated().any()
    assert joined["vintage"].value_counts().sort("vintage").rows() == [("11", 6), ("21", 6)]


def test_the_order_of_the_lookup_makes_no_difference():
    assert joined_areas(LOOKUP.reverse(), "lsoa11", "lsoa21").equals(joined_areas(LOOKUP, "lsoa11", "lsoa21"))


def test_a_lookup_without_names_calls_areas_by_their_codes():
    joined = joined_areas(LOOKUP.select("lsoa11", "lsoa21"), "lsoa11", "lsoa21")
    assert joined.filter(joined="M")["name"].unique().to_list() == ["M"]


def test_a_lookup_of_other_layers_cannot_join():
    with pytest.raises(NoSuchLayer):
        joined_areas(LOOKUP, "lsoa01", "lsoa11")


@pytest.fixture
def nested(tmp_path):
    wards = write(tmp_path / "w.csv", "lsoa21_code,ward24_code,ltla24_code\nF1,W1,D1\nF2,W1,D1\nF3,W2,D2\n")
    forces = write(tmp_path / "p.csv", "ltla24_code,pfa24_code\nD1,P1\nD2,P1\n")
    vintages = write(tmp_path / "v.csv", "lsoa11_code,lsoa21_code\nF1,F1\nF0,F2\nF0,F3\n")
    for path in (wards, forces, vintages):
        load(tmp_path / "reference", kind="lookup", source=[path])
    return open_reference(tmp_path / "reference")


def test_parents_follow_one_lookup_after_another(nested):
    assert nested.parents("lsoa21", "ward24").rows() == [("F1", "W1"), ("F2", "W1"), ("F3", "W2")]
    assert nested.parents("lsoa21", "pfa24").rows() == [("F1", "P1"), ("F2", "P1"), ("F3", "P1")]


def test_an_area_that_was_split_has_no_single_parent(nested):
    with pytest.raises(NotNested):
        nested.parents("lsoa11", "lsoa21")
    with pytest.raises(NoSuchLayer):
        nested.parents("lsoa21", "msoa21")


def test_without_outlines_the_codes_of_a_lookup_are_the_loaded_areas(nested):
    found = nested.locate(pl.DataFrame({"stated_code": ["F2", "F0", "F7"]}), crs=None, layers=["lsoa21", "lsoa11"])
    assert found.select("area_kind", "area_vintage").rows() == [("lsoa", "21"), ("lsoa", "11"), ("outside", "")]


def test_neighbours_share_an_edge_or_a_corner_and_are_told_both_ways(village):
    pairs = village.neighbours("lsoa21")
    beside = {code: set(pairs.filter(code=code)["neighbour"]) for code in pairs["code"].unique()}
    assert beside["F1"] == {"F2", "F4", "F5"}
    assert beside["F5"] == {"F1", "F2", "F3", "F4", "F6"}
    assert all(code in beside[other] for code, others in beside.items() for other in others)


def test_shapes_come_by_code_with_closed_rings_in_metres(village):
    shapes = village.shapes("lsoa21")
    assert [str(shape.key) for shape in shapes] == [f"lsoa21:F{n}" for n in range(1, 7)]
    assert shapes[0].name == "Area F1"
    (ring,) = shapes[0].rings
    assert ring.tolist()[0] == ring.tolist()[-1]
    assert (ring.min(), ring.max()) == (1000.0, 2000.0)
    assert village.crs("lsoa21") == "upstander:village"
