"""Where each row lies: by stated code, else by point, else by postcode, else by part of one, else not at all.

A stated code wins over coordinates: open police data moves points to shared snap points, and a force knows its areas
better than a point that was moved. A point in no outline is in no area: the nearest area is never taken. Of a whole
postcode only the area is told, never where its 15 homes are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from upstander.places.holding import Held
from upstander.places.orientation import Floats
from upstander.places.outlines import index, outlines
from upstander.places.postcodes import sector_expression, whole_postcode
from upstander.places.projecting import is_place, projected
from upstander.values.areas import split_layer
from upstander.values.postcodes import DISTRICT_PATTERN, SECTOR_PATTERN

OUTSIDE = "outside"
LOCATED_COLUMNS = (
    "area_kind", "area_vintage", "area_code", "x_m", "y_m", "crs", "place_method", "place_confidence",
    "place_precision_m",
)  # fmt: skip

# Confidence that the area is right. Stated: the supplier says so. Point: 96% of police records with snap points fall in
# the area they state, and snap points are worse than real ones. Postcode: a unit can straddle a boundary.
_SURE, _BY_POINT, _BY_POSTCODE, _BY_PART_AT_MOST = 1.0, 0.95, 0.9, 0.5
_POSTCODE_M = 100.0  # about 15 homes
_POINT_M = 10.0  # what projecting without the correction grid may move a point by, at most


@dataclass(frozen=True)
class Known:
    """What reference data a call to locate may use.

    codes: code, layer, radius_m of the areas of the loaded layers, each code once. placing: full boundaries in the
    frame of the points, by layer, in the order asked for. units: postcode, unit_layer, unit_code. parts: what is known
    of sectors and districts, see postcode_parts.
    """

    codes: pl.DataFrame
    placing: tuple[tuple[str, Held], ...]
    units: pl.DataFrame
    parts: pl.DataFrame


def located(frame: pl.DataFrame, known: Known, *, crs: str, metric_crs: str) -> pl.DataFrame:
    """One row a row of the frame, in its order, with LOCATED_COLUMNS.

    Takes stated_code, postcode (text) and x, y in `crs`; any may be absent or null. Text that is not known is empty,
    never null; metres are null where they are not known or not to be told.
    """
    asked = _asked(frame)
    points = _points(asked, crs, metric_crs)
    findings = pl.concat(
        [_by_code(asked, known), points, _by_point(points, known), _by_postcode(asked, known)], how="horizontal"
    )
    return _answered(findings, metric_crs, has_outlines=bool(known.placing))


def _asked(frame: pl.DataFrame) -> pl.DataFrame:
    """The four columns, each there and tidy; a postcode as it was sent in capitals, without what hides its end."""
    text, number = pl.lit(None, pl.String), pl.lit(None, pl.Float64)
    wanted = {"stated_code": text, "postcode": text, "x": number, "y": number}
    # One row number, so that a frame without any of the columns keeps its height.
    given = frame.with_row_index("row").select(
        "row", **{name: pl.col(name) if name in frame.columns else absent for name, absent in wanted.items()}
    )
    tidy = pl.col("stated_code", "postcode").cast(pl.String).str.strip_chars().str.to_uppercase().replace("", None)
    part = pl.col("postcode").str.strip_chars_end("* ").str.replace_all(r"\s+", " ")
    return given.with_columns(tidy, pl.col("x", "y").cast(pl.Float64)).with_columns(part)


def _by_code(asked: pl.DataFrame, known: Known) -> pl.DataFrame:
    """stated_layer, stated_code, stated_radius: null where no code was sent."""
    found = asked.select("stated_code").join(
        known.codes, left_on="stated_code", right_on="code", how="left", maintain_order="left"
    )
    layer = pl.when(pl.col("stated_code").is_not_null()).then(pl.col("layer").fill_null(OUTSIDE))
    return found.select(stated_layer=layer, stated_code="stated_code", stated_radius="radius_m")


def _points(asked: pl.DataFrame, crs: str, metric_crs: str) -> pl.DataFrame:
    """x_m, y_m: null where there is no possible point."""
    x, y = (asked[name].fill_null(np.nan).to_numpy() for name in ("x", "y"))
    given = np.flatnonzero(is_place(x, y, crs))
    east, north = projected(x[given], y[given], crs=crs, to=metric_crs)
    placed = is_place(east, north, metric_crs)
    metres = np.full((2, len(x)), np.nan)
    metres[:, given[placed]] = east[placed], north[placed]
    return pl.DataFrame({"x_m": metres[0], "y_m": metres[1]}).fill_nan(None)


def _by_point(points: pl.DataFrame, known: Known) -> pl.DataFrame:
    """point_layer, point_code: null where the point is in no outline."""
    x, y = (points[name].fill_null(np.nan).to_numpy() for name in ("x_m", "y_m"))
    layer_found, code_found = (pl.Series([None], dtype=pl.String).new_from_index(0, len(x)) for _ in range(2))
    for layer, held in known.placing:
        codes = _codes_at(held, x, y)
        is_new = code_found.is_null() & codes.is_not_null()
        code_found = code_found.zip_with(~is_new, codes)
        layer_found = layer_found.zip_with(~is_new, pl.Series([layer]).new_from_index(0, len(x)))
    return pl.DataFrame({"point_layer": layer_found, "point_code": code_found})


def _codes_at(held: Held, x: Floats, y: Floats) -> pl.Series:
    zones = pl.Series(index(held).zones_of(x, y))
    inside = pl.select(pl.when(zones >= 0).then(zones)).to_series()
    return pl.Series(outlines(held).codes, dtype=pl.String).gather(inside)


def _by_postcode(asked: pl.DataFrame, known: Known) -> pl.DataFrame:
    """unit_layer, unit_code for whole postcodes; part_kind, part_code, part_radius, part_share for parts of one."""
    sent = pl.col("postcode")
    whole = whole_postcode(sent)
    is_part = sent.str.contains(SECTOR_PATTERN) | sent.str.contains(DISTRICT_PATTERN)
    part = pl.when(whole.is_not_null()).then(sector_expression(whole)).when(is_part).then(sent)
    wanted = asked.select(whole=whole, part=part)
    found = wanted.join(known.units, left_on="whole", right_on="postcode", how="left", maintain_order="left")
    placed = found.join(known.parts, left_on="part", right_on="code", how="left", maintain_order="left")
    part_code = pl.when(pl.col("kind").is_not_null()).then("part")
    return placed.select(
        "unit_layer", "unit_code",
        part_kind="kind", part_code=part_code, part_radius="radius_m", part_share="largest_share",
    )  # fmt: skip


def _answered(findings: pl.DataFrame, metric_crs: str, *, has_outlines: bool) -> pl.DataFrame:
    """Choose, in order of trust, and say how it was found."""
    is_point = pl.col("x_m").is_not_null()
    ways = (
        ("stated", pl.col("stated_code").is_not_null()),
        ("in_area", pl.col("point_code").is_not_null()),
        ("postcode", pl.col("unit_code").is_not_null()),
        ("partial", pl.col("part_code").is_not_null()),
        ("point", is_point),
    )
    way = pl.coalesce(*(pl.when(holds).then(pl.lit(name)) for name, holds in ways), pl.lit("none"))
    beyond = OUTSIDE if has_outlines else ""
    chosen = findings.with_columns(way=way).with_columns(
        layer=_by_way(
            stated="stated_layer", in_area="point_layer", postcode="unit_layer", partial="part_kind",
            point=pl.lit(beyond),
        ),
        area_code=_by_way(stated="stated_code", in_area="point_code", postcode="unit_code", partial="part_code"),
        place_confidence=_by_way(
            stated=pl.lit(_SURE), in_area=pl.lit(_BY_POINT), postcode=pl.lit(_BY_POSTCODE),
            partial=pl.min_horizontal("part_share", pl.lit(_BY_PART_AT_MOST)), point=pl.lit(_BY_POINT),
        ).fill_null(0.0),
        place_precision_m=_by_way(
            stated="stated_radius", in_area=pl.lit(_POINT_M), postcode=pl.lit(_POSTCODE_M), partial="part_radius",
            point=pl.lit(_POINT_M),
        ),
        tells_point=pl.col("way").is_in(["stated", "in_area", "point"]) & is_point,
    )  # fmt: skip
    return _split(chosen).select(
        "area_kind", "area_vintage", pl.col("area_code").fill_null(""),
        *(pl.when("tells_point").then(name).alias(name) for name in ("x_m", "y_m")),
        crs=pl.when("tells_point").then(pl.lit(metric_crs)).otherwise(pl.lit("")),
        place_method=pl.col("way").replace("in_area", "point"),
        place_confidence="place_confidence", place_precision_m="place_precision_m",
    ).select(LOCATED_COLUMNS)  # fmt: skip


def _by_way(**columns: str | pl.Expr) -> pl.Expr:
    """The column that goes with each row's way of being found; null for the ways that are not named."""
    return pl.coalesce(pl.when(pl.col("way") == way).then(column) for way, column in columns.items())


def _split(chosen: pl.DataFrame) -> pl.DataFrame:
    """Layers as kind and vintage, both empty where there is none."""
    layers: Sequence[str] = chosen["layer"].drop_nulls().unique().to_list()
    split = {layer: split_layer(layer) if layer else ("", "") for layer in layers}
    kind, vintage = (
        pl.col("layer").replace_strict({layer: pair[place] for layer, pair in split.items()}, return_dtype=pl.String)
        for place in (0, 1)
    )
    return chosen.with_columns(area_kind=kind.fill_null(""), area_vintage=vintage.fill_null(""))
