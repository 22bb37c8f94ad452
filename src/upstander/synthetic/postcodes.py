"""Postcodes of the fictional county, and their file in the official layout.

The letters QB begin no real postcode: no postcode area starts with Q (Royal Mail, Programmers' Guide, edition 7).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely

from upstander.synthetic.chance import Indices, Numbers, stream, words
from upstander.synthetic.land import LAND_SEED, Land, first_of_each, inside
from upstander.synthetic.names import COUNTY_CODE, FORCE_CODE
from upstander.synthetic.vintages import lsoa11_of_points

POSTCODE_AREA = "QB"
UNITS_EACH = 16  # postcodes in a small area
_AREAS_IN_SECTOR = 5
_SECTORS_IN_DISTRICT = 8
_INWARD_LETTERS = tuple("ABDEFGHJLNPQRSTUWXYZ")
_NOT_STATED = "F99999999"
# Columns that hold a code of a geography the county does not have.
_ABSENT = (
    "ced", "hlthau", "nhser", "rgn", "pcon", "eer", "teclec", "ttwa", "pct", "itl", "park", "wz11", "ccg", "bua11",
    "buasd11", "lep1", "calncv", "stp",
)  # fmt: skip
NSPL_COLUMNS = (
    "pcd", "pcd2", "pcds", "dointr", "doterm", "usertype", "oseast1m", "osnrth1m", "osgrdind", "oa11", "cty", "ced",
    "laua", "ward", "hlthau", "nhser", "ctry", "rgn", "pcon", "eer", "teclec", "ttwa", "pct", "itl", "park", "lsoa11",
    "msoa11", "wz11", "ccg", "bua11", "buasd11", "ru11ind", "oac11", "lat", "long", "lep1", "lep2", "pfa", "imd",
    "calncv", "stp", "lsoa21",
)  # fmt: skip


@dataclass(frozen=True)
class Postcodes:
    """Unit postcodes, `UNITS_EACH` to a small area in the land's order. `points`: metres in the county's frame."""

    units: pl.Series
    area: Indices
    points: Numbers

    @property
    def sectors(self) -> pl.Series:
        """The sector of each unit: `QB3 4` of `QB3 4AB`."""
        return self.units.str.head(-2)

    def table(self) -> pl.DataFrame:
        """postcode, x, y."""
        return pl.DataFrame({"postcode": self.units, "x": self.points[:, 0], "y": self.points[:, 1]})


def make_postcodes(land: Land) -> Postcodes:
    """Lay postcodes over the land: five small areas to a sector, eight sectors to a district."""
    rng = stream(LAND_SEED, "postcodes")
    area = np.repeat(np.arange(land.areas.height), UNITS_EACH)
    sector = area // _AREAS_IN_SECTOR
    in_sector = np.arange(len(area)) - first_of_each(sector)[sector]
    # A stride that has no factor in common with 400 spreads the letters instead of counting AA, AB, AD.
    letters = in_sector * 137 % len(_INWARD_LETTERS) ** 2
    spelled = pl.DataFrame({
        "district": sector // _SECTORS_IN_DISTRICT + 1,
        "digit": sector % _SECTORS_IN_DISTRICT + 1,
        "first": words(_INWARD_LETTERS, letters // len(_INWARD_LETTERS)),
        "second": words(_INWARD_LETTERS, letters % len(_INWARD_LETTERS)),
    }).select(pl.format(POSTCODE_AREA + "{} {}{}{}", "district", "digit", "first", "second"))  # fmt: skip
    return Postcodes(spelled.to_series(), area, _points_inside(land, area, rng))


def _points_inside(land: Land, area: Indices, rng: np.random.Generator) -> Numbers:
    """A random point inside the small area of each row, on whole metres."""
    box = shapely.bounds(land.shapes)[area]
    points = land.areas.select("x_m", "y_m").to_numpy()[area]
    missing = np.arange(len(area))
    for _ in range(40):
        tried = np.round(box[missing, :2] + rng.random((len(missing), 2)) * (box[missing, 2:] - box[missing, :2]))
        good = inside(land.shapes, area[missing], tried)
        points[missing[good]] = tried[good]
        missing = missing[~good]
    return points


def nspl_table(land: Land, postcodes: Postcodes) -> pl.DataFrame:
    """The postcodes in the layout of the ONS National Statistics Postcode Lookup, with the newer `lsoa21` column.

    Every value is text, as in the official file. A grid reference of latitude 99.999999 is ONS's own mark for "none":
    the eastings and northings lie in the county's frame, which has no place on the globe.
    """
    here = land.areas[postcodes.area]
    x, y = (pl.Series(axis.astype(np.int64)).cast(pl.String) for axis in postcodes.points.T)
    outward, inward = postcodes.units.str.split(" ").list.get(0), postcodes.units.str.split(" ").list.get(1)
    values: dict[str, str | pl.Series] = {
        "pcd": outward.str.pad_end(4) + inward, "pcd2": outward.str.pad_end(5) + inward, "pcds": postcodes.units,
        "oseast1m": x, "osnrth1m": y, "cty": COUNTY_CODE, "laua": here["ltla_code"], "ward": here["ward_code"],
        "dointr": "202101", "usertype": "0", "osgrdind": "1", "lat": "99.999999", "long": "0.000000",
        "ctry": "F92000001", "pfa": FORCE_CODE, "imd": _deprivation_rank(land)[postcodes.area],
        "lsoa11": lsoa11_of_points(land, postcodes.area, postcodes.points), "lsoa21": here["code"],
        **dict.fromkeys(_ABSENT, _NOT_STATED),
    }  # fmt: skip
    columns = {**values, **dict.fromkeys(set(NSPL_COLUMNS) - set(values), "")}
    filled = (pl.lit(columns[name]).alias(name) for name in NSPL_COLUMNS)
    return pl.select(pl.int_range(len(x)).alias("row")).select(*filled)


def _deprivation_rank(land: Land) -> pl.Series:
    """1 is the most deprived, as in the official indices."""
    return land.areas["deprivation"].rank("ordinal", descending=True).cast(pl.String)
