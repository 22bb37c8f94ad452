"""Reference data for the tests: the real county's where it is here, and a village of six squares made by hand."""

import json
from pathlib import Path

import polars as pl
import pytest

from shared_data import SHARED
from upstander.places import load, open_reference

REAL = SHARED / "data" / "places"
VILLAGE_CRS = "upstander:village"


def geojson(path, areas, *, crs=None, code="lsoa21_code", name="lsoa21_name"):
    """Write {code: geometry} as GeoJSON with ONS names."""
    features = [
        {"type": "Feature", "properties": {code: key, name: f"Area {key}"}, "geometry": geometry}
        for key, geometry in areas.items()
    ]
    member = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    path.write_text(json.dumps({"type": "FeatureCollection", **member, "features": features}))
    return path


def block(west, south, side=1000):
    """A square as GeoJSON."""
    east, north = west + side, south + side
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def village_areas():
    """Six squares of one kilometre, three by two: F1 F2 F3 in the south, F4 F5 F6 in the north."""
    return {
        f"F{column + 3 * row + 1}": block(1000 * column + 1000, 1000 * row + 1000)
        for row in (0, 1)
        for column in range(3)
    }


@pytest.fixture(scope="session")
def village(tmp_path_factory):
    """Boundaries, postcodes, a lookup and a population of the village, loaded."""
    folder = tmp_path_factory.mktemp("village")
    reference = folder / "reference"
    outlines = geojson(folder / "village.geojson", village_areas(), crs=VILLAGE_CRS)
    load(reference, kind="boundaries", source=[outlines], attribution="Invented.")
    postcodes = folder / "postcodes.csv"
    postcodes.write_text(
        "postcode,lsoa21_code,easting,northing\n"
        "ZZ1 1AA,F1,1400,1500\nZZ1 1AB,F1,1600,1500\nZZ1 1AD,F2,2200,1500\nZZ1 2AA,F3,3500,1500\nZZ2 1AA,F9,9500,9500\n"
    )
    load(reference, kind="postcodes", source=[postcodes], vintage="2026-01")
    return open_reference(reference)


@pytest.fixture(scope="session")
def llr(tmp_path_factory):
    """Leicester, Leicestershire and Rutland from the official files, loaded once for all tests."""
    reference = tmp_path_factory.mktemp("llr") / "reference"
    load(reference, kind="boundaries", source=sorted((REAL / "lsoa11-boundaries").glob("*.geojson")))
    for path in sorted(REAL.glob("*_llr_buc.geojson")):
        load(reference, kind="boundaries", source=[path])
    for path in sorted(REAL.glob("lookup_*.csv")):
        load(reference, kind="lookup", source=[path])
    load(reference, kind="postcodes", source=[REAL / "postcode_LE_2014_to_lsoa11_pip.csv"], vintage="2014-08")
    people = SHARED / "data" / "population" / "population20_lsoa11_llr.csv"
    load(reference, kind="population", source=[people], vintage="2020")
    return open_reference(reference)


@pytest.fixture(scope="session")
def police():
    """The eleven open police files as rows to locate, with the month each row is of."""
    files = sorted((SHARED / "data" / "police").glob("*-leicestershire-street.csv"))
    rows = pl.concat([pl.read_csv(path, infer_schema=False) for path in files])
    return rows.select(
        month="Month",
        stated_code="LSOA code",
        x=pl.col("Longitude").cast(pl.Float64),
        y=pl.col("Latitude").cast(pl.Float64),
    )


def write(path: Path, text: str) -> Path:
    """A file with that text."""
    path.write_text(text)
    return path
