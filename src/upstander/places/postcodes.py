"""Postcode files (ONS NSPL and ONSPD, Code-Point Open, or a plain CSV), and what a part of a postcode can say.

A unit postcode is about 15 homes. Its coordinates stay in here: they give a sector its radius and are never handed out.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from upstander.errors import WrongUsage
from upstander.places.errors import UnknownLayout
from upstander.places.holding import Normalised
from upstander.places.layers import layer_columns
from upstander.places.tables import header_of, text_columns
from upstander.values.postcodes import UNIT_PATTERN

_POSTCODE = ("pcds", "pcd2", "pcd8", "pcd", "pcd7", "postcode")
_EAST = ("oseast1m", "east1m", "easting", "x_m")
_NORTH = ("osnrth1m", "north1m", "northing", "y_m")
_ENDED = ("doterm",)
# NSPL writes lsoa11 and msoa11 for columns of codes; nothing finer than an LSOA is kept.
_PLAIN_LAYER = re.compile(r"(lsoa|msoa)\d{2}", re.IGNORECASE)
_KEPT_KINDS = re.compile(r"(lsoa|msoa|ward|ltla)\d{2}")
_DATED_NAME = re.compile(r"(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*_(\d{4})", re.IGNORECASE)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# Code-Point Open comes without a header, one file a postcode area, and dates itself nowhere in its rows. Its areas are
# of no stated year, so they are left out: outlines tell in which area a point lies. A quality of 90 means no point.
# Source: Ordnance Survey, Code-Point Open user guide and technical specification.
_CODE_POINT = ("postcode", "quality", "east", "north", *(f"area_{n}" for n in range(6)))
_NO_POINT = "90"
# ONS pseudo codes (E99999999 and the like) mean that there is no such area.
_PSEUDO = r"^[A-Z]9{8}$"


def read_postcodes(paths: Sequence[Path], *, vintage: str) -> Normalised:
    """One row a postcode: postcode (`LE1 1AA`), a column of codes a layer, x, y (metres; null where not given).

    A file may have points alone; in which areas they lie is then asked of the outlines that are held.
    Ended postcodes are kept, since old records use them; where one was used again, the one in use counts.
    vintage: such as 2021-11; may be left out where the file name gives it (NSPL_NOV_2021_UK).
    """
    dated = vintage or _dated(paths)
    table = pl.concat([_units(path) for path in paths], how="diagonal")
    layers = tuple(column for column in table.columns if _KEPT_KINDS.fullmatch(column))
    units = (
        table.sort("postcode", "is_ended", *layers, nulls_last=True)
        .unique("postcode", keep="first", maintain_order=True)
        .select("postcode", *layers, "x", "y")
    )
    unread = table.height - table["postcode"].count()
    notes = (f"{unread} rows without a whole postcode were left out.",) if unread else ()
    return Normalised("postcodes", dated, layers, {"units": units.drop_nulls("postcode")}, table.height, notes=notes)


def sector_expression(postcode: pl.Expr) -> pl.Expr:
    """`LE1 1AA` as `LE1 1`."""
    return postcode.str.head(-2)


def district_expression(postcode: pl.Expr) -> pl.Expr:
    """`LE1 1AA` or `LE1 1` as `LE1`."""
    return postcode.str.split(" ").list.first()


def postcode_parts(units: pl.DataFrame, layers: Sequence[str]) -> pl.DataFrame:
    """What is known of each sector and district: code, kind, radius_m that holds all its postcodes, largest_share.

    largest_share: of its postcodes, the share in the commonest area of the first of `layers` that the file has.
    """
    area = next((pl.col(layer) for layer in layers if layer in units.columns), pl.lit(None, pl.String))
    sectors = units.with_columns(code=sector_expression(pl.col("postcode")), kind=pl.lit("sector"), area=area)
    districts = units.with_columns(code=district_expression(pl.col("postcode")), kind=pl.lit("district"), area=area)
    both = pl.concat([sectors, districts])
    off_centre = ((pl.col("x") - pl.col("x").mean()) ** 2 + (pl.col("y") - pl.col("y").mean()) ** 2).sqrt()
    largest = pl.col("area").drop_nulls().value_counts(sort=True).struct.field("count").first()
    return (
        both.group_by("code", "kind")
        .agg(radius_m=off_centre.max().round(), largest_share=largest.fill_null(0) / pl.len())
        .sort("code")
    )


def areas_of_units(units: pl.DataFrame, layers: Sequence[str], codes: pl.Series, *, outside: str) -> pl.DataFrame:
    """Each postcode's area in the first of `layers` that has one: postcode, unit_layer, unit_code.

    An area that is not among the loaded `codes` keeps its code, with `outside` for a layer.
    """
    held = [layer for layer in layers if layer in units.columns]
    if not held:
        return units.select("postcode", unit_layer=pl.lit(None, pl.String), unit_code=pl.lit(None, pl.String))
    first_layer = pl.coalesce(pl.when(pl.col(layer).is_not_null()).then(pl.lit(layer)) for layer in held)
    coded = units.select("postcode", unit_layer=first_layer, unit_code=pl.coalesce(held))
    is_loaded = pl.col("unit_code").is_in(codes.implode()) | pl.col("unit_code").is_null()
    return coded.with_columns(unit_layer=pl.when(is_loaded).then("unit_layer").otherwise(pl.lit(outside)))


def areas_of_part(units: pl.DataFrame, part: str, layer: str) -> pl.DataFrame:
    """The areas that a sector or district lies in: code, postcodes. Ordered by code; empty where it is not known."""
    postcode = pl.col("postcode")
    its_part = sector_expression(postcode) if " " in part else district_expression(postcode)
    inside = units.filter(its_part == part).drop_nulls(layer)
    return inside.group_by(pl.col(layer).alias("code")).agg(postcodes=pl.len()).sort("code")


def _units(path: Path) -> pl.DataFrame:
    columns = header_of(path)
    if len(columns) == len(_CODE_POINT) and re.fullmatch(UNIT_PATTERN, columns[0].replace(" ", "")):
        return _code_point_units(path)
    header = {column.lower(): column for column in columns}
    postcode = _first(header, _POSTCODE)
    areas = {columns.code: layer for layer, columns in layer_columns(header.values()).items()}
    areas |= {column: lower for lower, column in header.items() if _PLAIN_LAYER.fullmatch(lower)}
    areas = {column: layer for column, layer in areas.items() if _KEPT_KINDS.fullmatch(layer)}
    if postcode is None or not areas:
        raise UnknownLayout(
            f"{path.name} is not a postcode file we know.",
            where=path.name,
            found=", ".join(list(header)[:12]),
            expected="the ONS layout (pcds, lsoa11 or lsoa21cd, oseast1m, osnrth1m) or postcode and lsoa21_code",
        )
    east, north, ended = (_first(header, names) for names in (_EAST, _NORTH, _ENDED))
    table = text_columns(path, [column for column in (postcode, *areas, east, north, ended) if column])
    return table.select(
        postcode=whole_postcode(pl.col(postcode)),
        **{layer: _real_code(pl.col(column)) for column, layer in areas.items()},
        x=_metres(east),
        y=_metres(north),
        is_ended=pl.col(ended).is_not_null() if ended else pl.lit(value=False),
    )


def _code_point_units(path: Path) -> pl.DataFrame:
    table = text_columns(path, _CODE_POINT, names=_CODE_POINT)
    has_point = pl.col("quality") != _NO_POINT
    return table.select(
        postcode=whole_postcode(pl.col("postcode")),
        x=pl.when(has_point).then(_metres("east")),
        y=pl.when(has_point).then(_metres("north")),
        is_ended=pl.lit(value=False),
    )


def whole_postcode(text: pl.Expr) -> pl.Expr:
    """`le11aa` as `LE1 1AA`; null where the text has not the shape of a whole postcode."""
    tight = text.str.to_uppercase().str.replace_all(r"\s", "")
    parts = [tight.str.extract(UNIT_PATTERN, group) for group in (1, 2, 3)]
    return pl.concat_str([parts[0], pl.lit(" "), parts[1], parts[2]])


def _real_code(code: pl.Expr) -> pl.Expr:
    return pl.when(~code.str.contains(_PSEUDO)).then(code)


def _metres(column: str | None) -> pl.Expr:
    if column is None:
        return pl.lit(None, pl.Float64)
    metres = pl.col(column).cast(pl.Float64, strict=False)
    return pl.when(metres > 0).then(metres)


def _first(header: dict[str, str], names: Iterable[str]) -> str | None:
    return next((header[name] for name in names if name in header), None)


def _dated(paths: Sequence[Path]) -> str:
    found = [match for path in paths if (match := _DATED_NAME.search(path.name))]
    if not found:
        raise WrongUsage("A postcode file needs its date stated.", expected="a vintage such as 2021-11")
    return max(f"{match[2]}-{_MONTHS.index(match[1].upper()) + 1:02d}" for match in found)
