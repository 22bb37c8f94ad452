"""The county's streets, venues and towns, and the registers that tell of them, in their publishers' layouts.

Names repeat as real ones do: a High Street in every town, chains in several, the same inn sign far apart, a venue that
was called something else last year. The land is the same under every seed, and so is its gazetteer.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import polars as pl
import shapely

from upstander.synthetic import placenames as named
from upstander.synthetic.chance import Numbers, pick, stream, words
from upstander.synthetic.land import CORNER_M, HOSPITAL, LAND_SEED, Land
from upstander.synthetic.names import TOWNS
from upstander.synthetic.postcodes import Postcodes

OPEN_NAMES_COLUMNS = (
    "ID",
    "NAMES_URI",
    "NAME1",
    "NAME1_LANG",
    "NAME2",
    "NAME2_LANG",
    "TYPE",
    "LOCAL_TYPE",
    "GEOMETRY_X",
    "GEOMETRY_Y",
    "MOST_DETAIL_VIEW_RES",
    "LEAST_DETAIL_VIEW_RES",
    "MBR_XMIN",
    "MBR_YMIN",
    "MBR_XMAX",
    "MBR_YMAX",
    "POSTCODE_DISTRICT",
    "POSTCODE_DISTRICT_URI",
    "POPULATED_PLACE",
    "POPULATED_PLACE_URI",
    "POPULATED_PLACE_TYPE",
    "DISTRICT_BOROUGH",
    "DISTRICT_BOROUGH_URI",
    "DISTRICT_BOROUGH_TYPE",
    "COUNTY_UNITARY",
    "COUNTY_UNITARY_URI",
    "COUNTY_UNITARY_TYPE",
    "REGION",
    "REGION_URI",
    "COUNTRY",
    "COUNTRY_URI",
    "RELATED_SPATIAL_OBJECT",
    "SAME_AS_DBPEDIA",
    "SAME_AS_GEONAMES",
)
_LOCAL_TYPES = {
    "street": ("transportNetwork", "Named Road"), "town": ("populatedPlace", "Town"),
    "school": ("other", "Secondary Education"), "park": ("landcover", "Urban Greenspace"),
    "station": ("transportNetwork", "Railway Station"), "hospital": ("other", "Hospital"),
}  # fmt: skip
SITES = {"ZZF01": "Tavenholt General Hospital", "ZZF02": "Selmarsh Urgent Treatment Centre"}
_CENTRAL = 0.5
_CHAIN_SHARE, _RENAMED_SHARE = 0.14, 0.07


@dataclass(frozen=True)
class LocalNames:
    """Everything a text of the county can name: id, sort (street, town, venue, takeaway, school, park, station,
    hospital), name, formerly (empty: never renamed), area (position; -1 of a town), town, postcode, x, y, x_min, y_min,
    x_max, y_max. `sites`: code, name, x, y.
    """

    places: pl.DataFrame
    sites: pl.DataFrame

    def of(self, sort: str) -> pl.DataFrame:
        """The places of one sort."""
        return self.places.filter(sort=sort)


def make_gazetteer(land: Land, postcodes: Postcodes) -> LocalNames:
    """Lay streets, venues and towns over the land."""
    rng = stream(LAND_SEED, "gazetteer")
    parts = [_towns(), _streets(land, rng), _venues(land, postcodes, rng), _takeaways(land, postcodes, rng),
             _public_places(land, rng)]  # fmt: skip
    places = pl.concat([part.select(parts[0].columns) for part in parts], how="vertical_relaxed")
    return LocalNames(places, _sites(land))


def _towns() -> pl.DataFrame:
    x, y = (
        np.array([getattr(town, f"{axis}_km") for town in TOWNS]) * 1000 + CORNER_M[at] for at, axis in enumerate("xy")
    )
    reach = np.array([town.spread_km for town in TOWNS]) * 1000 * 1.5
    return pl.DataFrame({
        "id": [f"bk-town-{number:02d}" for number in range(len(TOWNS))], "sort": "town",
        "name": [town.name for town in TOWNS], "formerly": "", "area": -1, "town": [town.name for town in TOWNS],
        "postcode": "", "x": x, "y": y, "x_min": x - reach, "y_min": y - reach, "x_max": x + reach, "y_max": y + reach,
    })  # fmt: skip


def _streets(land: Land, rng: np.random.Generator) -> pl.DataFrame:
    """Three streets to a small area in a town's heart, two in a town, one in the country; no name twice in a town."""
    centrality = land.areas["centrality"].to_numpy()
    count = np.select([centrality > _CENTRAL, centrality > 0.05], [3, 2], 1)
    area = np.repeat(np.arange(land.areas.height), count)
    x, y = _inside(land, area, rng)
    half, turn = rng.uniform(60, 240, len(area)), rng.uniform(0, np.pi, len(area))
    across, along = np.abs(half * np.cos(turn)), np.abs(half * np.sin(turn))
    town = land.areas["town"].gather(area)
    return pl.DataFrame({
        "id": [f"bk-street-{number:04d}" for number in range(len(area))], "sort": "street",
        "name": _street_names(town, rng), "formerly": "", "area": area, "town": town, "postcode": "", "x": x, "y": y,
        "x_min": x - across, "y_min": y - along, "x_max": x + across, "y_max": y + along,
    })  # fmt: skip


def _street_names(town: pl.Series, rng: np.random.Generator) -> pl.Series:
    """A name for each street: the shared ones first in every town, then drawn from all that there are."""
    every = np.array([f"{stem} {kind}" for stem in named.STREET_STEMS for kind in named.STREET_TYPES])
    found = np.empty(len(town), dtype=object)
    for name in town.unique(maintain_order=True):
        here = rng.permutation(np.flatnonzero((town == name).to_numpy()))
        pool = np.concatenate([rng.permutation(np.array(named.SHARED_STREETS)), rng.permutation(every)])
        found[here] = pool[: len(here)]
    return pl.Series(found, dtype=pl.String)


def _venues(land: Land, postcodes: Postcodes, rng: np.random.Generator) -> pl.DataFrame:
    centrality = land.areas["centrality"].to_numpy()
    area = np.repeat(np.arange(land.areas.height), rng.poisson(np.where(centrality > _CENTRAL, 2.2, 0.35)))
    size = len(area)
    own = np.array([f"The {first} {second}{kind}" for first in named.VENUE_FIRSTS for second in named.VENUE_SECONDS
                    for kind in named.VENUE_TYPES])  # fmt: skip
    names = own[rng.integers(0, len(own), size)].astype(object)
    sort = pick(rng, np.array([1 - _CHAIN_SHARE - 0.06, _CHAIN_SHARE, 0.06]), size)
    names[sort == 1] = rng.choice(np.array(named.CHAINS), int((sort == 1).sum()))
    names[sort == 2] = rng.choice(np.array(named.CLUBS), int((sort == 2).sum()))
    before = np.where(rng.random(size) < _RENAMED_SHARE, own[rng.integers(0, len(own), size)], "")
    return _at_postcodes("venue", names, before, area, land, postcodes, rng)


def _takeaways(land: Land, postcodes: Postcodes, rng: np.random.Generator) -> pl.DataFrame:
    area = np.repeat(np.arange(land.areas.height), rng.poisson(0.3, land.areas.height))
    names = rng.choice(np.array([*named.TAKEAWAYS, *named.SHOPS]), len(area)).astype(object)
    return _at_postcodes("takeaway", names, np.full(len(area), ""), area, land, postcodes, rng)


def _at_postcodes(
    sort: str, names: np.ndarray, before: np.ndarray, area: np.ndarray, land: Land, postcodes: Postcodes,
    rng: np.random.Generator,
) -> pl.DataFrame:  # fmt: skip
    """Venues, each at a postcode of its small area."""
    each = len(postcodes.units) // land.areas.height
    unit = area * each + rng.integers(0, each, len(area))
    x, y = postcodes.points[unit].T
    return pl.DataFrame({
        "id": [f"bk-{sort}-{number:04d}" for number in range(len(area))], "sort": sort,
        "name": pl.Series(names, dtype=pl.String), "formerly": pl.Series(before, dtype=pl.String), "area": area,
        "town": land.areas["town"].gather(area), "postcode": postcodes.units.gather(unit), "x": x, "y": y, "x_min": x,
        "y_min": y, "x_max": x, "y_max": y,
    })  # fmt: skip


def _public_places(land: Land, rng: np.random.Generator) -> pl.DataFrame:
    """Schools and parks here and there, a station and a hospital in the chief towns."""
    parts = []
    for sort, share, kinds in (("school", 0.09, named.SCHOOLS), ("park", 0.12, named.PARKS)):
        area = np.flatnonzero(rng.random(land.areas.height) < share)
        stems = words(named.STREET_STEMS, rng.integers(0, len(named.STREET_STEMS), len(area)))
        kind = words(kinds, rng.integers(0, len(kinds), len(area)))
        parts.append(_marked(sort, stems + " " + kind, area, land, *_inside(land, area, rng)))
    chief = np.array([_nearest(land, town.x_km, town.y_km) for town in TOWNS[:7]])
    stations = pl.Series([f"{town.name} Station" for town in TOWNS[:7]])
    parts.append(_marked("station", stations, chief, land, *_inside(land, chief, rng)))
    sites = _sites(land)
    homes = np.array([HOSPITAL, _nearest(land, TOWNS[1].x_km, TOWNS[1].y_km)])
    parts.append(_marked("hospital", sites["name"], homes, land, sites["x"].to_numpy(), sites["y"].to_numpy()))
    return pl.concat(parts)


def _marked(sort: str, names: pl.Series, area: np.ndarray, land: Land, x: Numbers, y: Numbers) -> pl.DataFrame:
    reach = {"park": 120.0, "school": 60.0}.get(sort, 30.0)
    return pl.DataFrame({
        "id": [f"bk-{sort}-{number:04d}" for number in range(len(area))], "sort": sort, "name": names, "formerly": "",
        "area": area, "town": land.areas["town"].gather(area), "postcode": "", "x": x, "y": y, "x_min": x - reach,
        "y_min": y - reach, "x_max": x + reach, "y_max": y + reach,
    })  # fmt: skip


def _nearest(land: Land, x_km: float, y_km: float) -> int:
    points = land.areas.select("x_m", "y_m").to_numpy() - CORNER_M
    return int(np.linalg.norm(points - np.array([x_km, y_km]) * 1000, axis=1).argmin())


def _sites(land: Land) -> pl.DataFrame:
    homes = [HOSPITAL, _nearest(land, TOWNS[1].x_km, TOWNS[1].y_km)]
    here = land.areas[homes]
    return pl.DataFrame({"code": [*SITES], "name": [*SITES.values()], "x": here["x_m"], "y": here["y_m"]})


def _inside(land: Land, area: np.ndarray, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """A point in each small area, not far from its middle, on whole metres."""
    middles = land.areas.select("x_m", "y_m").to_numpy()[area]
    tried = np.round(middles + rng.normal(0, 120, middles.shape))
    is_in = shapely.contains_xy(land.shapes[area], tried[:, 0], tried[:, 1])
    x, y = np.where(is_in[:, None], tried, middles).T
    return x, y


def write_gazetteer(folder: Path, local: LocalNames) -> None:
    """OS Open Names, a register of licensed premises, a food-hygiene file, the treating sites."""
    _write_open_names(folder / "os_open_names_brackenshire.csv", local)
    _write_licences(folder / "licensed_premises_brackenshire.csv", local)
    _write_food(folder / "food_hygiene_brackenshire.xml", local)
    sites = local.sites.with_columns(pl.col("x", "y").cast(pl.Int64))
    sites.write_csv(folder / "sites_brackenshire.csv")


def _write_open_names(path: Path, local: LocalNames) -> None:
    """Without a header, as the product is issued."""
    kept = local.places.filter(pl.col("sort").is_in([*_LOCAL_TYPES]))
    sizes = {f"MBR_{axis.upper()}{end.upper()}": pl.col(f"{axis}_{end}").round().cast(pl.Int64)
             for end in ("min", "max") for axis in ("x", "y")}  # fmt: skip
    told = kept.select(
        ID="id", NAME1="name", POPULATED_PLACE="town",
        TYPE=pl.col("sort").replace_strict({sort: kind for sort, (kind, _) in _LOCAL_TYPES.items()}),
        LOCAL_TYPE=pl.col("sort").replace_strict({sort: kind for sort, (_, kind) in _LOCAL_TYPES.items()}),
        GEOMETRY_X=pl.col("x").cast(pl.Int64), GEOMETRY_Y=pl.col("y").cast(pl.Int64), **sizes,
    )  # fmt: skip
    blank = {name: pl.lit("") for name in OPEN_NAMES_COLUMNS if name not in told.columns}
    told.with_columns(**blank).select(OPEN_NAMES_COLUMNS).write_csv(path, include_header=False)


def _write_licences(path: Path, local: LocalNames) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file, lineterminator="\n")
        sheet.writerow(("Licence Number", "Premises Name", "Town", "Postcode", "Easting", "Northing", "Formerly"))
        columns = ("id", "name", "town", "postcode", "x", "y", "formerly")
        venues = local.of("venue").with_columns(pl.col("x", "y").cast(pl.Int64))
        sheet.writerows(venues.select(columns).iter_rows())


def _write_food(path: Path, local: LocalNames) -> None:
    """Establishments without coordinates, as some authorities publish them: the postcode tells where they are."""
    rows = local.of("takeaway").select("id", "name", "town", "postcode").iter_rows()
    details = "\n".join(
        f"<EstablishmentDetail><FHRSID>{number}</FHRSID><BusinessName>{escape(name)}</BusinessName>"
        f"<BusinessType>Takeaway/sandwich shop</BusinessType><AddressLine3>{town}</AddressLine3>"
        f"<PostCode>{postcode}</PostCode></EstablishmentDetail>"
        for number, name, town, postcode in rows
    )
    head = '<?xml version="1.0" encoding="utf-8"?>\n<FHRSEstablishment><EstablishmentCollection>\n'
    path.write_text(f"{head}{details}\n</EstablishmentCollection></FHRSEstablishment>\n", encoding="utf-8")


def register_id(places: pl.DataFrame) -> pl.Series:
    """The id that each place has once its register is loaded."""
    prefix = {"venue": "licence:", "takeaway": "fhrs:"}
    return places.select(pl.col("sort").replace_strict(prefix, default="") + pl.col("id")).to_series()


__all__ = ["SITES", "LocalNames", "make_gazetteer", "register_id", "write_gazetteer"]
