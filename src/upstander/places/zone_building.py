"""How a zone index is built: band by band of raster rows, so that memory stays small for a whole country."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from upstander.places.orientation import Floats
from upstander.places.zones import OUTSIDE, Edges, Grid, Integers, ZoneIndex, edges_of, expanded

# Cells are taken a little larger than they are, so that rounding can never hide an edge from a point beside it.
_MARGIN_CELLS = 1e-6
_BAND_ROWS = 256
_FEW_ZONES = 5_000
_SIDE_FEW, _SIDE_MANY = 2_048, 4_096


@dataclass(frozen=True)
class _Strips:
    """Edges cut by raster rows: one entry an edge and row, with the x-range (cells) it has there."""

    edge: Integers
    row: Integers
    west: Floats
    east: Floats
    spans: np.ndarray


@dataclass(frozen=True)
class _Band:
    """What one band of rows adds: filled cells, and candidates with their deciding edges."""

    cells: Integers
    zones: Integers
    candidate_cell: Integers
    candidate_zone: Integers
    starts_inside: np.ndarray
    edge_count: Integers
    edge: Integers


def zone_index(rings_by_zone: Sequence[Sequence[Floats]], *, side: int | None = None) -> ZoneIndex:
    """An index over zones given as closed rings in metres (holes and further parts are rings like any other).

    side: about how many cells the raster has each way; by default 2,048, or 4,096 for 5,000 zones and more.
    """
    edges = edges_of(rings_by_zone)
    wanted = side or (_SIDE_FEW if len(rings_by_zone) < _FEW_ZONES else _SIDE_MANY)
    grid = _grid_round(edges, wanted)
    scaled = _in_cells(edges, grid)
    bands = [
        _band(scaled, grid, range(first, min(first + _BAND_ROWS, grid.rows)), len(rings_by_zone))
        for first in range(0, grid.rows, _BAND_ROWS)
    ]
    return _assembled(edges, grid, bands)


def _grid_round(edges: Edges, side: int) -> Grid:
    if not len(edges):
        return Grid(0.0, 0.0, 1.0, 3, 3)
    west, east = edges.x0.min(), edges.x0.max()
    south, north = edges.y0.min(), edges.y0.max()
    cell_m = max(sqrt((east - west) * (north - south)) / side, max(east - west, north - south) / (4 * side))
    columns, rows = (int((high - low) / cell_m) + 4 for low, high in ((west, east), (south, north)))
    # Half a cell more than the rim, so that no edge touches the rim, where everything far away is sent.
    return Grid(float(west - 1.5 * cell_m), float(south - 1.5 * cell_m), float(cell_m), columns, rows)


def _in_cells(edges: Edges, grid: Grid) -> Edges:
    """The edges with x and y counted in cells from the grid's corner."""
    x0, x1 = ((x - grid.west) / grid.cell_m for x in (edges.x0, edges.x1))
    y0, y1 = ((y - grid.south) / grid.cell_m for y in (edges.y0, edges.y1))
    return Edges(x0, y0, x1, y1, edges.zone)


def _band(edges: Edges, grid: Grid, rows: range, zone_count: int) -> _Band:
    strips = _strips(edges, rows)
    cells, zones = _filled(edges, grid, strips)
    keys = _distinct(_touched(edges, grid, strips, zone_count))
    keys = _distinct(np.concatenate([keys, _covering(keys, cells * zone_count + zones, zone_count)]))
    candidate_cell, candidate_zone = np.divmod(keys, zone_count)
    deciding = _deciding(edges, grid, strips, candidate_cell, candidate_zone)
    return _Band(cells, zones, candidate_cell, candidate_zone, *deciding)


def _distinct(keys: Integers) -> Integers:
    """Each key once, ascending. Sorting is many times faster here than NumPy's own hashing `unique`."""
    ordered = np.sort(keys)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if ordered.size else ordered


def _strips(edges: Edges, rows: range) -> _Strips:
    """Cut the edges (in cells) at the rows of a band."""
    low, high = np.minimum(edges.y0, edges.y1), np.maximum(edges.y0, edges.y1)
    here = np.flatnonzero((high >= rows.start - _MARGIN_CELLS) & (low <= rows.stop + _MARGIN_CELLS))
    lowest = np.maximum(np.floor(low[here] - _MARGIN_CELLS).astype(np.int64), rows.start)
    highest = np.minimum(np.floor(high[here] + _MARGIN_CELLS).astype(np.int64), rows.stop - 1)
    which, row = expanded(lowest, np.maximum(highest + 1, lowest))
    edge = here[which]
    low, high = low[edge], high[edge]
    at_row = row.astype(np.float64)
    floor, ceiling = at_row - _MARGIN_CELLS, at_row + (1 + _MARGIN_CELLS)
    at_floor = _x_at(edges, edge, np.clip(floor, low, high))
    at_ceiling = _x_at(edges, edge, np.clip(ceiling, low, high))
    level = low == high
    x0, x1 = edges.x0[edge], edges.x1[edge]
    west = np.where(level, np.minimum(x0, x1), np.minimum(at_floor, at_ceiling))
    east = np.where(level, np.maximum(x0, x1), np.maximum(at_floor, at_ceiling))
    return _Strips(edge, row, west, east, (low < floor) & (high > ceiling))


def _x_at(edges: Edges, edge: Integers, y: Floats) -> Floats:
    """Where an edge is at a height; a level edge answers with its start."""
    x0, y0 = edges.x0[edge], edges.y0[edge]
    rise = edges.y1[edge] - y0
    share = np.divide(y - y0, rise, out=np.zeros_like(y), where=rise != 0)
    return np.asarray(x0 + np.clip(share, 0, 1) * (edges.x1[edge] - x0))


def _touched(edges: Edges, grid: Grid, strips: _Strips, zone_count: int) -> Integers:
    """One key (cell × zones + zone) for each cell that an edge of the zone passes through or nearly touches."""
    first = np.floor(strips.west - _MARGIN_CELLS).astype(np.int64)
    last = np.floor(strips.east + _MARGIN_CELLS).astype(np.int64)
    strip, column = expanded(first, last + 1)
    return (strips.row[strip] * grid.columns + column) * zone_count + edges.zone[strips.edge[strip]]


def _filled(edges: Edges, grid: Grid, strips: _Strips) -> tuple[Integers, Integers]:
    """Cells whose middle lies in a zone, and that zone: between each crossing of a row's middle and the next."""
    middle = strips.row.astype(np.float64) + 0.5
    crossing = np.flatnonzero((edges.y0[strips.edge] > middle) != (edges.y1[strips.edge] > middle))
    edge, row = strips.edge[crossing], strips.row[crossing]
    x = _x_at(edges, edge, middle[crossing])
    order = np.lexsort((x, edges.zone[edge], row))
    row, zone = row[order], edges.zone[edge][order]
    column = np.ceil(x[order] - 0.5).astype(np.int64)
    # A ring is closed, so a row's middle crosses a zone an even number of times: in, out, in, out.
    span, cell = expanded(row[::2] * grid.columns + column[::2], row[::2] * grid.columns + column[1::2])
    return cell, zone[::2][span]


def _covering(touched: Integers, filled: Integers, zone_count: int) -> Integers:
    """Keys of zones that cover a cell whole where another zone's edge passes: zones that overlap."""
    if not touched.size:
        return touched
    cells = touched // zone_count
    place = np.minimum(np.searchsorted(cells, filled // zone_count), len(cells) - 1)
    return np.asarray(filled[cells[place] == filled // zone_count])


def _deciding(
    edges: Edges, grid: Grid, strips: _Strips, cell: Integers, zone: Integers
) -> tuple[np.ndarray, Integers, Integers]:
    """For each candidate: whether the edges east of its cell leave it inside; how many edges remain, and which."""
    order = np.lexsort((edges.zone[strips.edge], strips.row))
    zone_count = int(edges.zone.max(initial=0)) + 1
    group = strips.row[order] * zone_count + edges.zone[strips.edge[order]]
    row, column = np.divmod(cell, grid.columns)
    wanted = row * zone_count + zone
    candidate, place = expanded(np.searchsorted(group, wanted), np.searchsorted(group, wanted, side="right"))
    strip = order[place]
    is_east = strips.west[strip] > column[candidate] + 1 + 2 * _MARGIN_CELLS
    is_west = strips.east[strip] < column[candidate] - 2 * _MARGIN_CELLS
    is_settled = is_east & strips.spans[strip]
    passed = np.bincount(candidate[is_settled], minlength=len(cell))
    kept = ~is_west & ~is_settled
    return passed % 2 == 1, np.bincount(candidate[kept], minlength=len(cell)), strips.edge[strip[kept]]


def _assembled(edges: Edges, grid: Grid, bands: Sequence[_Band]) -> ZoneIndex:
    raster = np.full(grid.rows * grid.columns, OUTSIDE, dtype=np.int32)
    for band in bands:
        # The last value written stays, and where zones overlap the first zone has to.
        order = np.argsort(-band.zones, kind="stable")
        raster[band.cells[order]] = band.zones[order]
    candidate_cell = np.concatenate([band.candidate_cell for band in bands])
    first = np.flatnonzero(np.diff(candidate_cell, prepend=-1))  # cells ascend, band by band
    raster[candidate_cell[first]] = -2 - np.arange(len(first), dtype=np.int32)
    return ZoneIndex(
        grid=grid,
        raster=raster,
        candidate_from=np.append(first, len(candidate_cell)).astype(np.int64),
        candidate_zone=np.concatenate([band.candidate_zone for band in bands]).astype(np.int32),
        starts_inside=np.concatenate([band.starts_inside for band in bands]),
        edge_from=np.append(0, np.cumsum(np.concatenate([band.edge_count for band in bands]))),
        edge=np.concatenate([band.edge for band in bands]).astype(np.int32),
        edges=edges,
    )
