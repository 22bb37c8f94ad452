"""Where each row lies: by stated code, else by point, else by postcode, else by part of one, else not at all.

A stated code wins over coordinates: open police data moves points to shared snap points, and a force knows its areas
better than a point that was moved. A point in no outline is in no area: the nearest area is never taken. Of a whole
postcode only the area is told, never where its 15 homes are.

Each way gives a small table of answers and, for every row, the number of its answer or -1; the most trusted is laid
over the others, and the columns are gathered once at the end.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from upstander.places.holding import Held
from upstander.places.orientation import Floats
from upstander.places.outlines import index, outlines
from upstander.places.postcodes import sector_expression, whole_postcode
from upstander.places.projecting import is_place, projected
from upstander.places.zones import Integers
from upstander.values.areas import split_layer
from upstander.values.postcodes import DISTRICT_PATTERN, SECTOR_PATTERN

OUTSIDE = "outside"
LOCATED_COLUMNS = (
    "area_kind", "area_vintage", "area_code", "x_m", "y_m", "crs", "place_method", "place_confidence",
    "place_precision_m",
)  # fmt: skip

# Confidence that the area is right. Stated: the supplier says so. Point: 96% of police records with snap points fall in
# the area they state, and snap points are worse than real ones. Postcode: a unit can straddle a boundary.
BY_POSTCODE = 0.9
_SURE, _BY_POINT, _BY_PART_AT_MOST = 1.0, 0.95, 0.5
_POSTCODE_M = 100.0  # about 15 homes
_POINT_M = 10.0  # what projecting without the correction grid may move a point by, at most
_NOWHERE, _POINT_ONLY = 0, 1  # the first two answers of every table


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


@dataclass(frozen=True)
class _Way:
    """One way of locating: its answers (layer, area_code, place_method, place_confidence, place_precision_m) and the
    number of each row's answer, -1 for none.
    """

    answers: pl.DataFrame
    number: Integers


def located(frame: pl.DataFrame, known: Known, *, crs: str, metric_crs: str) -> pl.DataFrame:
    """One row a row of the frame, in its order, with LOCATED_COLUMNS.

    Takes stated_code, postcode (text) and x, y in `crs`; any may be absent or null. Text that is not known is empty,
    never null; metres are null where they are not known or not to be told.
    """
    x, y = _metres(frame, crs, metric_crs)
    by_code = _by_code(_text(frame, "stated_code"), known)
    by_point = _by_point(np.where(by_code.number < 0, x, np.nan), y, known)
    by_postcode = _by_postcode(_text(frame, "postcode"), known)

    answers = [_without_area(OUTSIDE if known.placing else "")]
    chosen = np.where(np.isfinite(x), _POINT_ONLY, _NOWHERE)
    for way in (by_postcode, by_point, by_code):  # the later is trusted more
        before = sum(table.height for table in answers)
        chosen = np.where(way.number >= 0, way.number + before, chosen)
        answers.append(way.answers)
    return _told(_split(pl.concat(answers))[chosen], x, y, metric_crs)


def _text(frame: pl.DataFrame, name: str) -> pl.Series:
    absent = pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    return frame[name].cast(pl.String) if name in frame.columns else absent


def _metres(frame: pl.DataFrame, crs: str, metric_crs: str) -> tuple[Floats, Floats]:
    """The points in metres; not a number where there is no possible one."""
    metres = np.full((2, frame.height), np.nan)
    if {"x", "y"} <= set(frame.columns):
        x, y = (frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("x", "y"))
        given = np.flatnonzero(is_place(x, y, crs))
        east, north = projected(x[given], y[given], crs=crs, to=metric_crs)
        placed = is_place(east, north, metric_crs)
        metres[:, given[placed]] = east[placed], north[placed]
    return metres[0], metres[1]


def _numbered(texts: pl.Series) -> tuple[pl.DataFrame, Integers]:
    """The distinct texts as one column, `sent`, and the number of each row's, -1 for null."""
    distinct = texts.drop_nulls().unique().sort()
    number = texts.cast(pl.Enum(distinct)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return pl.DataFrame({"sent": distinct}), number


def _without_area(beyond: str) -> pl.DataFrame:
    """The answers of a row that says nothing, and of a point in no outline."""
    return pl.DataFrame({
        "layer": ["", beyond], "area_code": ["", ""], "place_method": ["none", "point"],
        "place_confidence": [0.0, _BY_POINT], "place_precision_m": [None, _POINT_M],
    })  # fmt: skip


def _by_code(codes: pl.Series, known: Known) -> _Way:
    """A code of a loaded layer, or one from outside."""
    sent, number = _numbered(codes)
    tidy = sent.select(code=pl.col("sent").str.strip_chars().str.to_uppercase())
    answers = tidy.join(known.codes, on="code", how="left", maintain_order="left").select(
        layer=pl.col("layer").fill_null(OUTSIDE), area_code="code", place_method=pl.lit("stated"),
        place_confidence=pl.lit(_SURE), place_precision_m="radius_m",
    )  # fmt: skip
    return _Way(answers, _where(answers["area_code"] != "", number))


def _by_point(x: Floats, y: Floats, known: Known) -> _Way:
    """The outline a point lies in, of the first layer that has one."""
    number = np.full(len(x), -1)
    tables = [_without_area("").clear()]
    for layer, held in known.placing:
        before = sum(table.height for table in tables)
        still_open = np.flatnonzero((number < 0) & np.isfinite(x))
        zones = index(held).zones_of(x[still_open], y[still_open])
        number[still_open] = np.where(zones >= 0, zones + before, -1)
        tables.append(pl.DataFrame({"area_code": outlines(held).codes}).select(
            layer=pl.lit(layer), area_code="area_code", place_method=pl.lit("point"),
            place_confidence=pl.lit(_BY_POINT), place_precision_m=pl.lit(_POINT_M),
        ))  # fmt: skip
    return _Way(pl.concat(tables), number)


def _by_postcode(postcodes: pl.Series, known: Known) -> _Way:
    """The area of a whole postcode, else the sector or district that a part of one names.

    Stars that hide the end of a postcode are taken off; one that is not in the file may still have a known sector.
    """
    sent, number = _numbered(postcodes)
    tidy = pl.col("sent").str.to_uppercase().str.strip_chars("* ").str.replace_all(r"\s+", " ")
    whole = whole_postcode(pl.col("tidy"))
    is_part = pl.col("tidy").str.contains(SECTOR_PATTERN) | pl.col("tidy").str.contains(DISTRICT_PATTERN)
    part = pl.when(whole.is_not_null()).then(sector_expression(whole)).when(is_part).then("tidy")
    asked = sent.select(tidy=tidy).select(whole=whole, part=part)
    # A country has 2.6 million postcodes and a batch a few thousand: look through the file, do not index it each time.
    wanted = known.units.join(asked, left_on="postcode", right_on="whole", how="semi")
    found = asked.join(wanted, left_on="whole", right_on="postcode", how="left", maintain_order="left").join(
        known.parts, left_on="part", right_on="code", how="left", maintain_order="left"
    )
    is_unit, is_known_part = pl.col("unit_code").is_not_null(), pl.col("kind").is_not_null()
    in_part = pl.min_horizontal("largest_share", pl.lit(_BY_PART_AT_MOST))
    answers = found.select(
        layer=pl.coalesce("unit_layer", "kind"),
        area_code=pl.when(is_unit).then("unit_code").when(is_known_part).then("part"),
        place_method=pl.when(is_unit).then(pl.lit("postcode")).otherwise(pl.lit("partial")),
        place_confidence=pl.when(is_unit).then(pl.lit(BY_POSTCODE)).otherwise(in_part),
        place_precision_m=pl.when(is_unit).then(pl.lit(_POSTCODE_M)).otherwise("radius_m"),
    )
    return _Way(answers, _where(answers["area_code"].is_not_null(), number))


def _where(is_answer: pl.Series, number: Integers) -> Integers:
    """The numbers whose answer is one; -1 for the others. The extra entry is where -1 points."""
    answered = np.append(is_answer.to_numpy(), False)
    return np.where(answered[number], number, -1)


def _split(answers: pl.DataFrame) -> pl.DataFrame:
    """The answers with their layer as kind and vintage, both empty where there is none."""
    layers = answers["layer"].drop_nulls().unique().to_list()
    split = {layer: split_layer(layer) if layer else ("", "") for layer in layers}
    return answers.with_columns(
        pl.col("layer").replace_strict({layer: pair[place] for layer, pair in split.items()}).alias(name)
        for place, name in enumerate(("area_kind", "area_vintage"))
    )


def _told(found: pl.DataFrame, x: Floats, y: Floats, metric_crs: str) -> pl.DataFrame:
    """The columns in their order. A point is told only where the answer does not come from a postcode."""
    tells = pl.col("place_method").is_in(["stated", "point"]) & pl.col("x_m").is_not_nan()
    return (
        found.with_columns(x_m=pl.Series(x), y_m=pl.Series(y))
        .with_columns(
            pl.when(tells).then("x_m"),
            pl.when(tells).then("y_m"),
            crs=pl.when(tells).then(pl.lit(metric_crs)).otherwise(pl.lit("")),
        )
        .select(LOCATED_COLUMNS)
    )
