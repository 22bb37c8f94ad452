"""Held boundaries in use: their areas, outlines and index, read once for each folder, since folders never change."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from upstander.places.holding import Held
from upstander.places.orientation import Floats
from upstander.places.zone_building import zone_index
from upstander.places.zones import ZoneIndex


@dataclass(frozen=True)
class Outlines:
    """One set of boundaries. `codes`, `names`, `radii_m` and `rings` are in one order, by code."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    radii_m: tuple[float, ...]
    rings: tuple[tuple[Floats, ...], ...]

    def lines(self) -> dict[str, Any]:
        """Each area's rings as one shapely line of many parts, by code."""
        import shapely

        drawn = (shapely.multilinestrings([shapely.linestrings(ring) for ring in rings]) for rings in self.rings)
        return dict(zip(self.codes, drawn, strict=True))


@lru_cache(maxsize=16)
def outlines(held: Held) -> Outlines:
    """The areas and rings of a set of boundaries."""
    areas = held.table("areas").sort("code")
    listed = held.table("rings").group_by("code", maintain_order=True).agg("x", "y")
    rings_of = {code: _rings(x, y) for code, x, y in listed.rows()}
    codes = areas["code"].to_list()
    return Outlines(
        tuple(codes),
        tuple(areas["name"].to_list()),
        tuple(areas["radius_m"].to_list()),
        tuple(rings_of[code] for code in codes),
    )


def _rings(x: list[list[float]], y: list[list[float]]) -> tuple[Floats, ...]:
    return tuple(np.column_stack([east, north]) for east, north in zip(x, y, strict=True))


@lru_cache(maxsize=4)
def index(held: Held) -> ZoneIndex:
    """The point-in-polygon index of a set of boundaries; zone numbers follow `outlines(held).codes`."""
    return zone_index(outlines(held).rings)


@lru_cache(maxsize=2)
def units(held: Held, placing: tuple[tuple[str, Held], ...]) -> pl.DataFrame:
    """The postcodes of a postcode file. One of points alone gets its areas from these outlines (layer, held)."""
    table = held.table("units")
    if held.layers:
        return table
    x, y = (table[name].fill_null(float("nan")).to_numpy() for name in ("x", "y"))
    return table.with_columns(areas_of_points(boundaries, x, y).alias(layer) for layer, boundaries in placing)


def areas_of_points(held: Held, x: Floats, y: Floats) -> pl.Series:
    """The code of the area that each point lies in; null where it lies in none, or has no coordinates."""
    zones = np.full(len(x), -1)
    given = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    zones[given] = index(held).zones_of(x[given], y[given])
    codes = pl.Series([*outlines(held).codes, None], dtype=pl.String)
    return codes.gather(np.where(zones >= 0, zones, len(codes) - 1))
