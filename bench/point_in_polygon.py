"""Which of about 600 zones each of three million points lies in: ours, a bare raster lookup, and shapely's STRtree.

The zones are invented and tile a county of 80 km with winding borders of about a hundred vertices each; the points
cluster, as incidents do. The bare lookup reads one random cell of a raster a point and knows no zone: it is the
limit. All runs are in one process, the limit before and after the others. Ours must give the zone that shapely gives,
on every point.
"""

import argparse
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter

import numpy as np
import shapely

from upstander.places.zone_building import zone_index
from upstander.places.zones import ZoneIndex

SIDE_M = 80_000.0
HALVINGS = 4  # each straight border becomes 16 pieces
SWAY = 0.1  # how far a border's middle strays, as a share of its length
GOAL_GATHER, GOAL_TREE = 10.0, 15.0


def winding(rng: np.random.Generator, line: np.ndarray) -> np.ndarray:
    """A straight border made winding: each middle moves aside, again and again. The county's rim stays straight."""
    on_rim = ((line == 0) | (line == SIDE_M)).all(axis=0).any()
    for _ in range(0 if on_rim else HALVINGS):
        step = np.diff(line, axis=0)
        aside = np.column_stack([-step[:, 1], step[:, 0]]) * rng.uniform(-SWAY, SWAY, (len(step), 1))
        middles = (line[1:] + line[:-1]) / 2 + aside
        line = np.insert(line, np.arange(1, len(line)), middles, axis=0)
    return line


def county(rng: np.random.Generator, zones: int) -> np.ndarray:
    """Polygons that share their borders vertex by vertex."""
    box = shapely.box(0, 0, SIDE_M, SIDE_M)
    seeds = shapely.MultiPoint(rng.random((zones, 2)) * SIDE_M)
    cells = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box)), box)
    lines = shapely.get_parts(shapely.node(shapely.multilinestrings(list(shapely.boundary(cells)))))
    corners = [np.clip(np.round(shapely.get_coordinates(line), 3), 0, SIDE_M) for line in lines]
    pieces = {tuple(sorted(map(tuple, pair))) for line in corners for pair in pairwise(line)}
    borders = [shapely.LineString(winding(rng, np.array(piece))) for piece in sorted(pieces)]
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(borders))))


def clustered(rng: np.random.Generator, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Points round two hundred centres."""
    centres = rng.random((200, 2)) * SIDE_M
    at = centres[rng.integers(0, 200, points)] + rng.normal(0, SIDE_M / 40, (points, 2))
    x, y = np.clip(at, 1, SIDE_M - 1).T.copy()
    return x, y


def rings_of(polygon: shapely.Polygon) -> list[np.ndarray]:
    return [shapely.get_coordinates(ring) for ring in shapely.get_rings(polygon)]


def by_tree(polygons: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The first zone that covers each point, -1 for none, as an analyst would have shapely say it."""
    point, zone = shapely.STRtree(polygons).query(shapely.points(x, y), predicate="covered_by")
    first = np.full(len(x), len(polygons))
    np.minimum.at(first, point, zone)
    return np.where(first == len(polygons), -1, first)


def bare_lookup(index: ZoneIndex, raster: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """One raster cell a point, a chunk at a time, and nothing more."""
    found = np.empty(len(x), dtype=np.int32)
    for start in range(0, len(x), 1 << 16):
        part = slice(start, start + (1 << 16))
        found[part] = raster[index.grid.cell_of(x[part], y[part])]
    return found


def timed(work: Callable[[], np.ndarray], repeats: int) -> tuple[float, np.ndarray]:
    """Median seconds, and what the work gave."""
    seconds, given = [], np.empty(0)
    for _ in range(repeats):
        began = perf_counter()
        given = work()
        seconds.append(perf_counter() - began)
    return median(seconds), given


def measured(zones: int, points: int, seed: int) -> str:
    """The section of the benchmarks page."""
    rng = np.random.default_rng(seed)
    polygons = county(rng, zones)
    x, y = clustered(rng, points)
    began = perf_counter()
    index = zone_index([rings_of(polygon) for polygon in polygons])
    build = perf_counter() - began
    raster = rng.integers(0, len(polygons), len(index.raster), dtype=np.int32)
    before, _ = timed(lambda: bare_lookup(index, raster, x, y), 3)
    ours, found = timed(lambda: index.zones_of(x, y), 5)
    tree, wanted = timed(lambda: by_tree(polygons, x, y), 1)
    after, _ = timed(lambda: bare_lookup(index, raster, x, y), 3)
    limit = (before + after) / 2
    differ = int((found != wanted).sum())
    if differ:
        raise SystemExit(f"{differ} of {points} points have another zone than shapely gives")
    rows = [("bare raster lookup", limit), ("ours", ours), ("shapely STRtree", tree)]
    lines = [f"| {name} | {seconds:.3f} s | {seconds / limit:.1f} | {tree / seconds:.0f} |" for name, seconds in rows]
    met = ours <= GOAL_GATHER * limit and tree >= GOAL_TREE * ours
    vertices = int(shapely.get_num_coordinates(polygons).mean())
    size = f"{points:,} points, {len(polygons)} zones of {vertices} vertices on average"
    goal = f"at most {GOAL_GATHER:.0f} × the bare lookup and {GOAL_TREE:.0f} times faster than the STRtree"
    return "\n".join([
        f"{size}, index built in {build:.2f} s.", "",
        "| | time | × the bare lookup | times faster than the STRtree |", "|---|---|---|---|", *lines, "",
        f"Every point has the zone that shapely gives. Goal: {goal}: {'met' if met else 'not met'}.", "",
    ])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zones", type=int, default=600)
    parser.add_argument("--points", type=int, default=3_000_000)
    parser.add_argument("--seed", type=int, default=11)
    asked = parser.parse_args()
    print(f"## Point in polygon\n\n{__doc__}\n{measured(asked.zones, asked.points, asked.seed)}")


if __name__ == "__main__":
    main()
