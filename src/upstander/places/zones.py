"""Which zone a point lies in, for millions of points: a raster answers most, an exact crossing test the rest.

A cell that no boundary touches has one answer. A cell that a boundary touches keeps its candidate zones, and for each
of them only the edges that can still decide: edges beside the cell are settled when the index is built.
A point on a shared edge belongs to the zone that comes first. A point in no zone gets -1: the nearest is never guessed.
Source of the crossing test: Shimrat, Algorithm 112 (Communications of the ACM, 1962), with exact orientation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from upstander.places.orientation import Floats, side_of

Integers = npt.NDArray[np.int64]
OUTSIDE = -1
_CHUNK = 1 << 16  # points at a time, so that the work stays in the processor's cache


@dataclass(frozen=True)
class Edges:
    """Every straight piece of every ring, in metres, and the zone it bounds."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    zone: Integers

    def __len__(self) -> int:
        return len(self.zone)


@dataclass(frozen=True)
class Grid:
    """Square cells from a south-west corner; one empty cell lies round everything."""

    west: float
    south: float
    cell_m: float
    columns: int
    rows: int

    def cell_of(self, x: Floats, y: Floats) -> Integers:
        """The cell of each point; whatever is beyond the edge, or is not a number, goes to the empty rim."""
        column = np.fmin(np.fmax((x - self.west) / self.cell_m, 0), self.columns - 1)
        row = np.fmin(np.fmax((y - self.south) / self.cell_m, 0), self.rows - 1)
        return row.astype(np.int64) * self.columns + column.astype(np.int64)


@dataclass(frozen=True)
class ZoneIndex:
    """Ready to answer. `raster` holds a zone, -1 for outside, or -2 - n for the n-th cell that a boundary touches.

    Candidates of boundary cell n are `candidate_from[n]` up to `candidate_from[n + 1]`; candidate k is decided by
    `starts_inside[k]` and the edges numbered by `edge` from `edge_from[k]` up to `edge_from[k + 1]`.
    """

    grid: Grid
    raster: npt.NDArray[np.int32]
    candidate_from: Integers
    candidate_zone: npt.NDArray[np.int32]
    starts_inside: npt.NDArray[np.bool_]
    edge_from: Integers
    edge: npt.NDArray[np.int32]
    edges: Edges

    def zones_of(self, x: Floats, y: Floats) -> npt.NDArray[np.int32]:
        """The zone number of each point, -1 for none. A point that is not a number is in none."""
        zones = np.empty(len(x), dtype=np.int32)
        for start in range(0, len(x), _CHUNK):
            part = slice(start, start + _CHUNK)
            zones[part] = self._zones_of_part(x[part], y[part])
        return zones

    def _zones_of_part(self, x: Floats, y: Floats) -> npt.NDArray[np.int32]:
        zones = self.raster[self.grid.cell_of(x, y)]
        touched = np.flatnonzero(zones < OUTSIDE)
        zones[touched] = self._decide(-2 - zones[touched].astype(np.int64), x[touched], y[touched])
        return zones

    def _decide(self, boundary_cell: Integers, x: Floats, y: Floats) -> npt.NDArray[np.int32]:
        zones = np.full(len(x), OUTSIDE, dtype=np.int32)
        candidate = self.candidate_from[boundary_cell]
        last = self.candidate_from[boundary_cell + 1]
        open_points = np.arange(len(x))
        while open_points.size:
            inside = self._covers(candidate[open_points], x[open_points], y[open_points])
            found = open_points[inside]
            zones[found] = self.candidate_zone[candidate[found]]
            open_points = open_points[~inside]
            candidate[open_points] += 1
            open_points = open_points[candidate[open_points] < last[open_points]]
        return zones

    def _covers(self, candidate: Integers, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
        point, place = expanded(self.edge_from[candidate], self.edge_from[candidate + 1])
        crossed, touched = _crossings(self.edges, self.edge[place], x[point], y[point])
        crossings = np.bincount(point[crossed], minlength=len(x))
        covered: npt.NDArray[np.bool_] = self.starts_inside[candidate] ^ (crossings % 2 == 1)
        covered[point[touched]] = True
        return covered


def _crossings(
    edges: Edges, edge: npt.NDArray[np.int32], x: Floats, y: Floats
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether a ray to the east crosses each edge, and whether the point lies on it."""
    x0, y0, x1, y1 = edges.x0[edge], edges.y0[edge], edges.x1[edge], edges.y1[edge]
    rises = y1 > y
    straddles = rises != (y0 > y)
    level = ~straddles & ((y0 == y) | (y1 == y))
    side = np.zeros(len(x), dtype=np.int8)
    start, end, point = ((east[straddles], north[straddles]) for east, north in ((x0, y0), (x1, y1), (x, y)))
    side[straddles] = side_of(start, end, point)
    crossed = straddles & (side == np.where(rises, 1, -1))
    touched = straddles & (side == 0)
    # An edge whose end is level with the point touches it at that end, or anywhere if the edge is level too.
    at_end = ((x0 == x) & (y0 == y)) | ((x1 == x) & (y1 == y))
    along = (y0 == y1) & (np.minimum(x0, x1) <= x) & (x <= np.maximum(x0, x1))
    return crossed, touched | (level & (at_end | along))


def expanded(first: Integers, beyond: Integers) -> tuple[Integers, Integers]:
    """Every (row number, value) with first <= value < beyond, row by row."""
    lengths = beyond - first
    rows = np.repeat(np.arange(len(first)), lengths)
    ends = np.cumsum(lengths)
    values = np.arange(len(rows)) + np.repeat(first - (ends - lengths), lengths)
    return rows, values


def edges_of(rings_by_zone: Sequence[Sequence[Floats]]) -> Edges:
    """The edges of zones given as closed rings of (n, 2) metres; zone numbers follow the order given."""
    rings = [(zone, ring) for zone, held in enumerate(rings_by_zone) for ring in held]
    if not rings:
        none = np.empty(0)
        return Edges(none, none, none, none, np.empty(0, dtype=np.int64))
    starts = np.vstack([ring[:-1] for _, ring in rings])
    ends = np.vstack([ring[1:] for _, ring in rings])
    zone = np.repeat([zone for zone, _ in rings], [len(ring) - 1 for _, ring in rings]).astype(np.int64)
    (x0, y0), (x1, y1) = starts.T.copy(), ends.T.copy()
    return Edges(x0, y0, x1, y1, zone)
