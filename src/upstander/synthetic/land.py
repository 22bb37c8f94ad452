"""The land: small areas that tile the county without a gap, in a metric frame of its own.

The land is the same under every seed; only what happens on it differs. That way two runs share their reference data.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import shapely
from scipy.spatial import cKDTree

from upstander.synthetic.chance import Claims, Indices, Numbers, stream
from upstander.synthetic.names import QUARTERS, RURAL_AREAS, TOWNS

FRAME = "upstander:brackenshire"
# East and north of every point of the British and Irish grids, so that no point of ours can be read as a real one.
CORNER_M = np.array([800_000.0, 2_000_000.0])
LAND_SEED = 20_210_618
HOSPITAL, CUSTODY = 40, 75  # positions of the small areas that hold the one emergency department and the custody suite
_PIECES = 12  # fine cells to a small area: enough for edges that do not look like a honeycomb
_SETTLING = 12  # rounds of moving each centre to the middle of its cells (Lloyd 1982); more change nothing one can see
# The county's border in km from the corner: land in the south, west and north, the sea in the east.
_BORDER_KM = np.array([
    (5, 33), (3, 27), (6, 21), (4, 15), (9, 11), (14, 10), (17, 5), (22, 3), (28, 4.5), (33, 2.5), (39, 4), (43, 7),
    (47, 9.5), (49, 13), (47.5, 17), (50, 20.5), (53.5, 23), (54.5, 26), (53, 28), (52.6, 30), (54, 32.5), (53, 36),
    (50, 39), (48, 43), (44, 45.5), (39, 47), (34, 46), (29, 48.5), (24, 49.5), (18, 46.5), (12, 45), (9, 40),
    (5, 37),
])  # fmt: skip
_SEED_GAP_KM, _SEED_DEPTH_KM = 0.45, 0.15  # seeds along the border: how far apart, how far from it on either side
Shapes = np.ndarray[Any, np.dtype[np.object_]]


@dataclass(frozen=True)
class Land:
    """The county's small areas in the order of their codes.

    `areas`: code, name, ward_code, ward_name, ltla_code, ltla_name, town, x_m, y_m (a point inside), hectares,
    centrality (1 at a town's heart, 0 in the country), deprivation (mean 0, sd 1; high is deprived).
    `shapes`: their polygons, in the same order.
    """

    areas: pl.DataFrame
    shapes: Shapes

    def merged(self, column: str) -> tuple[list[str], list[Any]]:
        """The codes in `column`, sorted, and for each the union of its small areas."""
        codes = self.areas[column].to_numpy()
        named = sorted(set(codes))
        return named, [shapely.coverage_union_all(self.shapes[codes == code]) for code in named]


def make_land() -> Land:
    """Lay out the county: fine cells, grouped into small areas, named by ward and district."""
    rng = stream(LAND_SEED, "land")
    cells, middles, away_from_border = _fine_cells(rng)
    areas, group = _grouped(middles, away_from_border, rng)
    shapes = np.array([shapely.coverage_union_all(cells[group == one]) for one in range(len(areas))], dtype=object)
    district, ward = _districts_and_wards(areas)
    order = np.lexsort((_along_a_curve(areas), ward, district))
    return Land(_described(shapes[order], district[order], ward[order], rng), shapes[order])


def _along_a_curve(points: Numbers) -> Indices:
    """Each point's place on a Z-order curve (Morton 1966), so that the order mostly follows the ground."""
    steps = ((points - points.min(axis=0)) / 250).astype(np.int64)
    bits = np.arange(9)
    spread = ((steps[:, :, None] >> bits & 1) << 2 * bits).sum(axis=2)
    return np.asarray(spread[:, 0] + 2 * spread[:, 1], dtype=np.int64)


def _border(rng: np.random.Generator) -> Any:
    """The border as a polygon in km, each side broken up by moving its middle, four times over."""
    corners = _BORDER_KM
    for _ in range(4):
        sides = np.roll(corners, -1, axis=0) - corners
        across = np.column_stack([-sides[:, 1], sides[:, 0]])
        middles = corners + sides / 2 + across * rng.normal(0, 0.07, (len(corners), 1))
        corners = np.stack([corners, middles], axis=1).reshape(-1, 2)
    return shapely.Polygon(corners)


def _fine_cells(rng: np.random.Generator) -> tuple[Shapes, Numbers, int]:
    """Voronoi cells inside the county, their seeds in metres, and how many of them are not along the border."""
    border = _border(rng)
    towns = [
        np.array([town.x_km, town.y_km]) + _disc(rng, town.areas * _PIECES) * town.spread_km * 1.6 for town in TOWNS
    ]
    country = rng.random((4 * RURAL_AREAS * _PIECES, 2)) * 70 - 5
    within, around = border.buffer(-2 * _SEED_DEPTH_KM), border.buffer(2 * _SEED_DEPTH_KM)
    inside = np.vstack([*towns, country])
    inside = inside[shapely.contains_xy(within, inside[:, 0], inside[:, 1])]
    beyond = country[~shapely.contains_xy(around, country[:, 0], country[:, 1])]
    along = _along(border)
    is_inner = shapely.contains_xy(border, along[:, 0], along[:, 1])
    seeds = CORNER_M + 1000 * np.vstack([inside, along[is_inner], along[~is_inner], beyond])
    every = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), ordered=True))
    wanted = len(inside) + int(is_inner.sum())
    # Whole metres: a vertex rounds the same in every cell that shares it, so edges stay shared.
    return shapely.transform(every[:wanted], np.round), seeds[:wanted], len(inside)


def _along(border: Any) -> Numbers:
    """Pairs of seeds on both sides of the border: the edge between the two cells is the border, with no clipping."""
    ring = border.exterior
    steps = np.arange(0, ring.length - _SEED_GAP_KM / 2, _SEED_GAP_KM)
    on = shapely.get_coordinates(shapely.line_interpolate_point(ring, steps))
    ahead = np.roll(on, -1, axis=0) - np.roll(on, 1, axis=0)
    across = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.linalg.norm(ahead, axis=1)[:, None] * _SEED_DEPTH_KM
    return np.vstack([on + across, on - across])


def _disc(rng: np.random.Generator, size: int) -> Numbers:
    """Points in a disc of about radius 1, denser towards the middle, with a fringe to twice that."""
    radius, turn = rng.random(size) ** 0.62, rng.random(size) * 2 * np.pi
    radius *= np.where(rng.random(size) < 0.16, rng.uniform(1, 2.2, size), 1)
    return np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])


def _grouped(middles: Numbers, away_from_border: int, rng: np.random.Generator) -> tuple[Numbers, Indices]:
    """About one centre for each `_PIECES` fine cells, and each cell's nearest centre.

    The first `away_from_border` cells settle the centres; the small ones along the border only join the nearest.
    """
    settling = middles[:away_from_border]
    centres = settling[np.sort(rng.permutation(away_from_border)[: away_from_border // _PIECES])]
    for _ in range(_SETTLING):
        _, group = cKDTree(centres).query(settling)
        used, group, size = np.unique(group, return_inverse=True, return_counts=True)
        sums = [np.bincount(group, weights=axis, minlength=len(used)) for axis in settling.T]
        centres = np.column_stack(sums) / size[:, None]
    _, group = cKDTree(centres).query(middles)
    return centres, group.astype(np.int64)


def _districts_and_wards(centres: Numbers) -> tuple[Indices, Indices]:
    """Positions in QUARTERS and in each quarter's wards. A town reaches further the bigger it is."""
    towns = np.array([[town.x_km, town.y_km] for town in TOWNS]) * 1000 + CORNER_M
    reach = np.array([town.areas for town in TOWNS]) ** 0.15
    nearest = (np.linalg.norm(centres[:, None] - towns, axis=2) / reach).argmin(axis=1)
    quarters = [quarter.name for quarter in QUARTERS]
    district = np.array([quarters.index(town.district) for town in TOWNS])[nearest]
    ward = np.zeros(len(centres), dtype=np.int64)
    # The chief towns come first in TOWNS, in the order of their districts.
    for position, quarter in enumerate(QUARTERS):
        here = np.flatnonzero(district == position)
        ward[here] = _wards(centres[here], towns[position], len(quarter.wards))
    return district.astype(np.int64), ward


def _wards(centres: Numbers, heart: Numbers, wanted: int) -> Indices:
    """Ward 0 holds the areas around the town's heart; the others share the rest, nearest first."""
    distance = np.linalg.norm(centres - heart, axis=1)
    ward = np.zeros(len(centres), dtype=np.int64)
    rest = np.argsort(distance, kind="stable")[len(centres) // (wanted + 1) :]
    turn = np.arctan2(*(centres[rest] - heart).T)
    # The outermost areas of a district are its villages, its last ward; the middle ring is cut like a cake.
    ring, villages = np.arange(len(rest)) < len(rest) * (wanted - 2) // max(1, wanted - 1), wanted - 1
    slices = np.quantile(turn[ring], np.linspace(0, 1, wanted - 1))[1:-1]
    ward[rest] = np.where(ring, 1 + np.searchsorted(slices, turn), villages)
    return ward


def _described(shapes: Shapes, district: Indices, ward: Indices, rng: np.random.Generator) -> pl.DataFrame:
    points = shapely.get_coordinates(shapely.point_on_surface(shapes))
    towns = np.array([[town.x_km, town.y_km] for town in TOWNS]) * 1000 + CORNER_M
    apart = np.linalg.norm(points[:, None] - towns, axis=2) / (np.array([town.spread_km for town in TOWNS]) * 1000)
    centrality = np.exp(-(apart.min(axis=1) ** 2) * 1.5)
    deprivation = _standard(1.1 * centrality + _smooth_field(points, rng) + 0.5 * rng.normal(size=len(points)))
    return pl.DataFrame({
        "code": [f"F01{number:06d}" for number in range(1, len(shapes) + 1)],
        "name": _small_area_names(district),
        "ward_code": [f"F05{number:06d}" for number in _ward_numbers(district, ward)],
        "ward_name": [QUARTERS[one].wards[two] for one, two in zip(district, ward, strict=True)],
        "ltla_code": [QUARTERS[one].code for one in district],
        "ltla_name": [QUARTERS[one].name for one in district],
        "town": [TOWNS[one].name for one in apart.argmin(axis=1)],
        "x_m": points[:, 0].round(),
        "y_m": points[:, 1].round(),
        "hectares": (shapely.area(shapes) / 10_000).round(2),
        "centrality": centrality.round(4),
        "deprivation": deprivation.round(4),
    })  # fmt: skip


def _ward_numbers(district: Indices, ward: Indices) -> Indices:
    before = np.cumsum([0] + [len(quarter.wards) for quarter in QUARTERS])[:-1]
    return before[district] + ward + 1


def _small_area_names(district: Indices) -> list[str]:
    """Like the official ones: district, a number, a letter: `Tavenholt 004B`. Five small areas share a number."""
    starts = first_of_each(district)
    number = np.arange(len(district)) - starts[district]
    return [f"{QUARTERS[one].name} {n // 5 + 1:03d}{'ABCDE'[n % 5]}" for one, n in zip(district, number, strict=True)]


def first_of_each(group: Indices) -> Indices:
    """Where each group 0, 1, 2, … starts in a sorted run of group numbers."""
    return np.searchsorted(group, np.arange(group.max() + 1)).astype(np.int64)


def _smooth_field(points: Numbers, rng: np.random.Generator) -> Numbers:
    waves = rng.normal(size=(6, 2)) / 4000
    return np.asarray(np.sin(points @ waves.T + rng.random(6) * 6).sum(axis=1) / 2)


def _standard(values: Numbers) -> Numbers:
    return np.asarray((values - values.mean()) / values.std())


def neighbours(shapes: Shapes, start: int, wanted: int) -> list[int]:
    """`start` and the areas nearest to it, `wanted` in all: a compact patch."""
    points = shapely.get_coordinates(shapely.centroid(shapes))
    _, near = cKDTree(points).query(points[start], k=wanted)
    return sorted(int(one) for one in np.atleast_1d(near))


def inside(shapes: Shapes, area: Indices, points: Numbers) -> Claims:
    """Whether each point lies in the area given for it."""
    return np.asarray(shapely.contains_xy(shapes[area], points[:, 0], points[:, 1]))
