"""Boundaries from GeoJSON files with ONS names, as closed rings in metres.

A set drawn so coarsely that it cannot follow a street is marked generalised: it may be drawn, never used to place
a point (with one such set 86% of police records fall in the area they state, with a full one 96%).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from upstander.places.errors import UnknownLayout
from upstander.places.holding import FULL, GENERALISED, Normalised
from upstander.places.layers import EXPECTED_COLUMNS, LayerColumns, layer_columns
from upstander.places.projecting import (
    BRITISH_NATIONAL_GRID,
    LONGITUDE_LATITUDE,
    crs_named,
    is_own_frame,
    is_within,
    projected,
)

# Full-resolution LSOA and ward outlines have a vertex every 80 to 270 m, ultra-generalised ones every 270 to 2,500 m;
# the middle area of a set tells them apart (114 and 197 against 449 and more in the sets we measured).
_COARSE_M = 250.0


@dataclass(frozen=True)
class BoundaryOptions:
    """How boundary files are to be read, where they do not say it themselves.

    layer: which layer, if the files speak of several. code_property, name_property: for files without ONS names.
    quality: `full` or `generalised`; empty means decided by how far apart the vertices lie. metric_crs: into which
    metres longitudes and latitudes are projected.
    """

    layer: str = ""
    code_property: str = ""
    name_property: str = ""
    quality: str = ""
    metric_crs: str = BRITISH_NATIONAL_GRID


def read_boundaries(paths: Sequence[Path], options: BoundaryOptions) -> Normalised:
    """One layer's areas from one or more files. Raises UnknownLayout, naming the file and what would be right."""
    collections = {path.name: _collection(path) for path in paths}
    layer, columns = _layer_of(collections, options)
    systems = {_crs(name, collection) for name, collection in collections.items()}
    if len(systems) > 1:
        raise UnknownLayout(
            "These files use different coordinate reference systems.", found=", ".join(sorted(systems)), expected="one"
        )
    crs = systems.pop()
    named = [
        (name, feature, _text(feature, columns.code, name), _text(feature, columns.name or columns.code, name))
        for name, collection in collections.items()
        for feature in collection["features"]
    ]
    _refuse_repeats([code for _, _, code, _ in named])
    metric = options.metric_crs if crs == LONGITUDE_LATITUDE else crs
    outlines, repaired = _outlines([(name, feature) for name, feature, _, _ in named], crs, metric)
    quality = options.quality or _quality(outlines, metric)
    tables = _tables([code for *_, code, _ in named], [name for *_, name in named], outlines)
    vintage = layer if quality == FULL else f"{layer}-{GENERALISED}"
    return Normalised(
        "boundaries", vintage, (layer,), tables, len(named), metric, quality, _notes(repaired, len(named), quality)
    )


def _collection(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (UnicodeDecodeError, json.JSONDecodeError) as why:
        raise UnknownLayout(f"{path.name} is not JSON.", where=path.name, expected="a GeoJSON file") from why
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection" or not content.get("features"):
        raise UnknownLayout(
            f"{path.name} is not a collection of features.",
            where=path.name, expected="a GeoJSON FeatureCollection with at least one feature",
        )  # fmt: skip
    return content


def _layer_of(collections: Mapping[str, Mapping[str, Any]], options: BoundaryOptions) -> tuple[str, LayerColumns]:
    """The layer, and the properties that hold its codes and names."""
    if options.code_property:
        if not options.layer:
            raise UnknownLayout("A stated code property needs a stated layer.", expected="a layer such as lsoa21")
        return options.layer, LayerColumns(options.code_property, options.name_property or None)
    name, collection = next(iter(collections.items()))
    found = layer_columns(collection["features"][0].get("properties") or {})
    wanted = {layer: columns for layer, columns in found.items() if options.layer in ("", layer)}
    if len(wanted) != 1:
        raise UnknownLayout(
            f"{name} does not say which one layer its areas are." if found else f"{name} has no area codes we know.",
            where=name,
            found=", ".join(found) or ", ".join(collection["features"][0].get("properties") or {}),
            expected=f"{EXPECTED_COLUMNS}; or state the layer and the code property",
        )
    return next(iter(wanted.items()))


def _crs(name: str, collection: Mapping[str, Any]) -> str:
    member = collection.get("crs")
    if member is None:
        return LONGITUDE_LATITUDE  # RFC 7946, section 4
    text = (member.get("properties") or {}).get("name") if isinstance(member, dict) else None
    if not isinstance(text, str):
        raise UnknownLayout(f"{name} has a crs member that names nothing.", where=name, expected="a named crs")
    return crs_named(text)


def _text(feature: Mapping[str, Any], column: str, file: str) -> str:
    value = (feature.get("properties") or {}).get(column)
    if not isinstance(value, str) or not value.strip():
        raise UnknownLayout(f"{file} has an area without {column}.", where=file, expected=f"text in {column}")
    return value.strip()


def _refuse_repeats(codes: Sequence[str]) -> None:
    seen = pl.Series(codes)
    repeated = seen.filter(seen.is_duplicated()).unique().sort().to_list()
    if repeated:
        raise UnknownLayout(
            f"{len(repeated)} area codes come more than once.", found=", ".join(repeated[:5]), expected="each code once"
        )


def _outlines(features: Sequence[tuple[str, Mapping[str, Any]]], crs: str, metric: str) -> tuple[np.ndarray, int]:
    """Each area as one valid (multi)polygon in metres, and how many had to be repaired."""
    import shapely
    from shapely.geometry import shape

    for file, feature in features:
        geometry = feature.get("geometry") or {}
        if geometry.get("type") not in ("Polygon", "MultiPolygon"):
            raise UnknownLayout(
                f"{file} has an area that is no polygon.",
                where=file, found=str(geometry.get("type")), expected="Polygon or MultiPolygon",
            )  # fmt: skip
    drawn = shapely.force_2d(np.array([shape(feature["geometry"]) for _, feature in features], dtype=object))
    points = shapely.get_coordinates(drawn)
    if not is_within(points[:, 0], points[:, 1], crs).all():
        raise UnknownLayout(
            f"Some corners lie outside {crs}.", found=crs, expected="a crs member that fits the coordinates"
        )
    placed = shapely.set_coordinates(drawn, np.column_stack(projected(points[:, 0], points[:, 1], crs=crs, to=metric)))
    broken = ~shapely.is_valid(placed)
    placed[broken] = [_polygons_only(each) for each in shapely.make_valid(placed[broken])]
    return placed, int(broken.sum())


def _polygons_only(geometry: Any) -> Any:
    """A repaired outline without the stray lines and points a repair may leave."""
    import shapely

    parts = shapely.get_parts(shapely.get_parts(geometry))
    return shapely.union_all(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _quality(outlines: np.ndarray, crs: str) -> str:
    if is_own_frame(crs):
        return FULL  # an invented county is what its outlines say, however straight
    import shapely

    metres_a_vertex = shapely.length(outlines) / shapely.get_num_coordinates(outlines)
    return GENERALISED if float(np.median(metres_a_vertex)) > _COARSE_M else FULL


def _tables(codes: Sequence[str], names: Sequence[str], outlines: np.ndarray) -> dict[str, pl.DataFrame]:
    """`areas` (code, name, radius_m of the smallest circle round it) and `rings` (code, x, y as lists)."""
    import shapely

    areas = pl.DataFrame({"code": codes, "name": names, "radius_m": shapely.minimum_bounding_radius(outlines)})
    polygons, owner = shapely.get_parts(outlines, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    listed = pl.DataFrame({"ring": ring, "x": corners[:, 0], "y": corners[:, 1]})
    by_ring = listed.group_by("ring", maintain_order=True).agg("x", "y").sort("ring")
    owners = pl.Series("code", codes).gather(owner[polygon])
    return {"areas": areas.sort("code"), "rings": by_ring.select(owners, "x", "y").sort("code", maintain_order=True)}


def _notes(repaired: int, count: int, quality: str) -> tuple[str, ...]:
    notes = []
    if repaired:
        notes.append(f"{repaired} of {count} outlines crossed themselves and were repaired.")
    if quality == GENERALISED:
        notes.append("Generalised: to draw, too coarse to place points.")
    return tuple(notes)
