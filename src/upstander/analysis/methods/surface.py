"""The method that draws a density surface."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import UnfitNumbers
from upstander.analysis.hotspots import density as kde
from upstander.contracts.methods import Answer, Method, Output, Param, WantedColumn
from upstander.errors import WrongUsage

_SCALES = {"density": 1.0, "density_half": 0.5, "density_double": 2.0}
Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Points:
    x: Array
    y: Array
    weight: Array | None


def _density(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    points = _points(frames["points"])
    study = _study(points, params)
    bandwidth = _bandwidth(points, study, params)
    counts, outside = kde.binned(points.x, points.y, study, points.weight)
    surfaces = {
        name: kde.density(counts, study, scale * bandwidth, is_edge_corrected=params["edges"])
        for name, scale in _SCALES.items()
        if scale * bandwidth >= study.cell_m
    }
    top = {name: kde.top_cells(found, params["top_share"]) for name, found in surfaces.items()}
    summary = {
        "points": points.x.size, "outside": outside, "weight": float(counts.sum()), "bandwidth_m": bandwidth,
        "cell_m": study.cell_m, "columns": study.columns, "rows": study.rows, "west": study.west,
        "south": study.south, "highest": float(surfaces["density"].max()),
        **{f"top_kept_{name.removeprefix('density_')}": _kept(top["density"], top.get(name))
           for name in _SCALES if name != "density"},
    }  # fmt: skip
    if "at" in frames:
        rows = _at(frames["at"], points, study, bandwidth, edges=params["edges"])
    else:
        mass = kde.edge_mass(study, bandwidth) if params["edges"] else np.ones_like(counts)
        rows = _cells(study, counts, surfaces, mass, top["density"], params["rows"])
    return Answer(rows, summary, tuple(_warnings(summary, outside, bandwidth, study)))


def _points(frame: pl.DataFrame) -> _Points:
    weight = frame["weight"].fill_null(1.0).to_numpy() if "weight" in frame.columns else None
    if weight is not None and (weight < 0).any():
        row = int(np.argmax(weight < 0)) + 1
        raise UnfitNumbers(
            f"points, row {row}: the weight is below 0.",
            where=f"points, row {row}, column weight", found="a number below 0", expected="0 or more",
        )  # fmt: skip
    return _Points(frame["x"].to_numpy(), frame["y"].to_numpy(), weight)


def _study(points: _Points, params: Mapping[str, Any]) -> kde.Study:
    if not params["study"].strip():
        return kde.study_around(points.x, points.y, params["cell"])
    try:
        west, south, east, north = (float(word) for word in params["study"].split(","))
    except ValueError as why:
        raise WrongUsage(
            f"parameter study: '{params['study']}' is not four numbers.",
            where="parameter study", found=params["study"], expected="west,south,east,north",
        ) from why  # fmt: skip
    return kde.study_within(west, south, east, north, params["cell"])


def _bandwidth(points: _Points, study: kde.Study, params: Mapping[str, Any]) -> float:
    if params["bandwidth"]:
        return float(params["bandwidth"])
    if params["nearest"]:
        return max(kde.nearest_bandwidth(points.x, points.y, params["nearest"]), study.cell_m)
    return kde.BANDWIDTH_CELLS * study.cell_m


def _kept(top: NDArray[np.bool_], other: NDArray[np.bool_] | None) -> float | None:
    """Share of the densest cells that another bandwidth finds among the densest too."""
    if other is None or not top.any():
        return None
    return float((top & other).sum() / top.sum())


def _cells(
    study: kde.Study, counts: Array, surfaces: Mapping[str, Array], mass: Array, top: NDArray[np.bool_], most: int
) -> pl.DataFrame:
    """The densest cells, the densest first."""
    found = surfaces["density"].ravel()
    order = np.argsort(-found, kind="stable")
    order = order[: np.count_nonzero(found)][: most or None]
    row, column = np.divmod(order, study.columns)
    x, y = study.centres()
    nothing = np.full(order.size, np.nan)
    return pl.DataFrame({
        "column": column, "row": row, "x": x[column], "y": y[row], "events": counts.ravel()[order],
        **{name: surfaces[name].ravel()[order] if name in surfaces else nothing for name in _SCALES},
        "edge_mass": mass.ravel()[order], "in_top": top.ravel()[order],
    })  # fmt: skip


def _at(asked: pl.DataFrame, points: _Points, study: kde.Study, bandwidth: float, *, edges: bool) -> pl.DataFrame:
    """Exact densities at the points asked for, in the order given."""
    x, y = asked["x"].to_numpy(), asked["y"].to_numpy()
    across, up = (points.x - study.west) / study.cell_m, (points.y - study.south) / study.cell_m
    inside = (across >= 0) & (across < study.columns) & (up >= 0) & (up < study.rows)
    weight = None if points.weight is None else points.weight[inside]
    found = {
        name: kde.density_at(
            x, y, points.x[inside], points.y[inside], scale * bandwidth, weights=weight, study=study if edges else None
        )
        for name, scale in _SCALES.items()
    }
    mass = kde.exact_edge_mass(x, y, study, bandwidth) if edges else np.ones(x.size)
    return pl.DataFrame({"x": x, "y": y, **found, "edge_mass": mass}).with_columns(
        column=pl.lit(None, pl.Int64), row=pl.lit(None, pl.Int64), events=pl.lit(None, pl.Float64),
        in_top=pl.lit(None, pl.Boolean),
    )  # fmt: skip


def _warnings(summary: Mapping[str, Any], outside: int, bandwidth: float, study: kde.Study) -> list[str]:
    warnings = []
    if outside:
        warnings.append(f"{outside} points lie outside the study area and are left out.")
    if bandwidth < 3 * study.cell_m:
        warnings.append("The bandwidth is under three cells: the cells show through. Take smaller cells.")
    kept = [summary[name] for name in ("top_kept_half", "top_kept_double") if summary[name] is not None]
    if kept and min(kept) < 0.5:
        warnings.append("Half or double the bandwidth moves over half of the densest cells: do not draw a border.")
    return warnings


DENSITY = Method(
    name="density",
    version="1.0.0",
    title="Kernel density",
    says="Events per square kilometre over an area, each event spread by a quartic kernel, at the bandwidth and at "
    "half and double of it: the bandwidth decides what the map shows. A density is no test; see gi_star.",
    source="Silverman, Density Estimation, 1986, p. 76; Diggle, Applied Statistics 34(2), 1985; Wand, J. Computational "
    "and Graphical Statistics 3(4), 1994; Chainey, Bulletin of the Geographical Society of Liège 60, 2013",
    inputs={
        "points": (
            WantedColumn("x", "number", "east on a metric grid, such as OSGB easting", "m"),
            WantedColumn("y", "number", "north on the same grid", "m"),
            WantedColumn("weight", "number", "how much the event counts, such as sureness of its place; 1 if missing",
                         required=False),
        ),
        "at": (
            WantedColumn("x", "number", "where the exact density is asked for", "m"),
            WantedColumn("y", "number", "where the exact density is asked for", "m"),
        ),
    },
    optional_roles=("at",),
    params=(
        Param("bandwidth", "number", "radius of the kernel; 0 for five cells, or by `nearest`", 0.0, "m", 0, 1_000_000),
        Param("nearest", "integer", "bandwidth is the mean distance to the so many-th nearest event; 0 for no", 0,
              "events", 0, 1000),
        Param("cell", "number", "side of a cell; 0 for the shorter side of the study area ÷ 150", 0.0, "m", 0, 100_000),
        Param("study", "text", "west,south,east,north; the extent of the points if empty", "", "m"),
        Param("edges", "boolean", "divide by the share of the kernel within the study area", default=True),
        Param("top_share", "number", "share of the area that counts as densest", 0.01, "share of area", 0.0001, 0.5),
        Param("rows", "integer", "so many of the densest cells come out; 0 for every cell with any", 1000, "cells", 0,
              25_000_000),
    ),
    outputs=(
        Output("column", "integer", "of the cell, from the west, 0 first; null for points asked for"),
        Output("row", "integer", "of the cell, from the south, 0 first; null for points asked for"),
        Output("x", "number", "middle of the cell, or the point asked for", "m"),
        Output("y", "number", "middle of the cell, or the point asked for", "m"),
        Output("events", "number", "events in the cell, by weight", "events"),
        Output("density", "number", "at the bandwidth", "events per km²"),
        Output("density_half", "number", "at half the bandwidth; null where that is under a cell", "events per km²"),
        Output("density_double", "number", "at double the bandwidth", "events per km²"),
        Output("edge_mass", "number", "share of the kernel within the study area", "share"),
        Output("in_top", "boolean", "among the densest cells"),
    ),
    compute=_density,
    assumes=(
        "Coordinates are metres on a plane; longitude and latitude are not.",
        "Cells stand for the places in them: no density is truer than the cell is small beside the bandwidth.",
    ),
)  # fmt: skip
