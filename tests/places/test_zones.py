"""Point in polygon answers as shapely's covers does, on every point."""

from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from upstander.places.orientation import side_of
from upstander.places.zone_building import zone_index


def rings_of(geometry):
    return [shapely.get_coordinates(ring) for part in shapely.get_parts(geometry) for ring in shapely.get_rings(part)]


def indexed(*geometries, side=16):
    return zone_index([rings_of(geometry) for geometry in geometries], side=side)


def at(index, *points):
    x, y = np.array(points, dtype=float).T
    return index.zones_of(x, y).tolist()


def covering(geometries, x, y):
    """What shapely says: the first geometry that covers each point, -1 for none."""
    points = shapely.points(x, y)
    zones = np.full(len(x), -1)
    for zone in reversed(range(len(geometries))):
        zones[shapely.covers(geometries[zone], points)] = zone
    return zones


def test_a_point_in_a_hole_is_in_no_zone():
    ring = shapely.box(0, 0, 10, 10) - shapely.box(4, 4, 6, 6)
    assert at(indexed(ring), (1, 1), (5, 5), (4, 5), (4, 4), (11, 5)) == [0, -1, 0, 0, -1]


def test_a_hole_filled_by_another_zone_belongs_to_it_except_for_its_edge():
    inner = shapely.box(4, 4, 6, 6)
    index = indexed(shapely.box(0, 0, 10, 10) - inner, inner)
    assert at(index, (5, 5), (4, 5), (3.99, 5), (4.01, 5)) == [1, 0, 0, 1]


def test_each_part_of_a_zone_counts_and_the_gap_between_them_does_not():
    two_parts = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(9, 9, 10, 10)])
    assert at(indexed(two_parts), (0.5, 0.5), (9.5, 9.5), (5, 5), (1, 1), (9, 10)) == [0, 0, -1, 0, 0]


def test_a_point_on_a_shared_edge_belongs_to_the_first_zone_that_has_it():
    left, right = shapely.box(0, 0, 5, 10), shapely.box(5, 0, 10, 10)
    assert at(indexed(left, right), (5, 5), (5, 0), (5, 10)) == [0, 0, 0]
    assert at(indexed(right, left), (5, 5), (5, 0), (5, 10)) == [0, 0, 0]


def test_where_zones_overlap_the_first_has_the_point():
    big, small = shapely.box(0, 0, 100, 100), shapely.box(40, 40, 43, 43)
    assert at(indexed(big, small), (41, 41)) == [0]
    assert at(indexed(small, big), (41, 41), (40, 40), (50, 50), (39, 41)) == [0, 0, 1, 1]


def test_where_zones_overlap_over_many_whole_cells_the_first_has_them_too():
    west, east = shapely.box(0, 0, 60, 100), shapely.box(40, 0, 100, 100)
    points = [(x, y) for x in (20, 41, 50, 59, 80) for y in (10, 50.5)]
    assert at(indexed(west, east, side=64), *points) == [0] * 8 + [1] * 2
    assert at(indexed(east, west, side=64), *points) == [1] * 2 + [0] * 8


@pytest.mark.parametrize("point", [(np.nan, 1.0), (1.0, np.inf), (-np.inf, 1.0), (1e300, 1e300), (-5.0, 5.0)])
def test_what_is_no_place_is_in_no_zone(point):
    assert at(indexed(shapely.box(0, 0, 10, 10)), point) == [-1]


def test_no_zones_hold_no_points():
    assert at(zone_index([]), (0, 0), (1, 1)) == [-1, -1]


def test_a_point_one_rounding_step_off_a_slanted_edge_is_on_the_right_side():
    start, end = (np.array([460000.1]), np.array([300000.3])), (np.array([460007.7]), np.array([300011.9]))
    x = np.linspace(460000.1, 460007.7, 4001)
    y = 300000.3 + (x - 460000.1) * (11.6 / 7.6)
    ax, ay, bx, by = (Fraction(float(value[0])) for value in (*start, *end))
    signs = [
        (ax - Fraction(px)) * (by - Fraction(py)) - (ay - Fraction(py)) * (bx - Fraction(px))
        for px, py in zip(x.tolist(), y.tolist(), strict=True)
    ]
    wanted = [(sign > 0) - (sign < 0) for sign in signs]
    ones = np.ones_like(x)
    found = side_of((start[0] * ones, start[1] * ones), (end[0] * ones, end[1] * ones), (x, y))
    assert found.tolist() == wanted
    assert len(set(wanted)) >= 2


whole = st.integers(0, 12)


@st.composite
def tilings(draw):
    """Convex cells round a few whole-number seeds, cut out of a box: they share edges and corners, as areas do."""
    seeds = draw(st.lists(st.tuples(whole, whole), min_size=2, max_size=7, unique=True))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=shapely.box(0, 0, 12, 12)))
    clipped = shapely.intersection(cells, shapely.box(0, 0, 12, 12))
    return [cell for cell in clipped if cell.geom_type == "Polygon" and cell.is_valid and cell.area > 0]


@given(cells=tilings(), side=st.sampled_from([2, 5, 16, 40]))
def test_every_point_of_a_tiling_has_the_zone_that_shapely_says(cells, side):
    steps = np.linspace(-0.5, 12.5, 53)
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    corners = np.vstack([shapely.get_coordinates(cell) for cell in cells])
    x, y = np.append(x, corners[:, 0]), np.append(y, corners[:, 1])
    found = indexed(*cells, side=side).zones_of(x, y)
    assert found.tolist() == covering(cells, x, y).tolist()


@given(
    corners=st.lists(st.tuples(whole, whole), min_size=3, max_size=9, unique=True),
    hole=st.tuples(whole, whole),
    side=st.sampled_from([2, 7, 30]),
)
def test_every_point_of_an_odd_shape_has_the_answer_that_shapely_gives(corners, hole, side):
    shape = shapely.make_valid(shapely.Polygon(corners)) - shapely.box(*hole, hole[0] + 2, hole[1] + 2)
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        return
    zone = shapely.union_all(parts)
    steps = np.arange(-1, 14, 0.5)
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    found = indexed(zone, side=side).zones_of(x, y)
    assert found.tolist() == covering([zone], x, y).tolist()
