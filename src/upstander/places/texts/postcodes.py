"""Postcodes and parts of them inside a text, believed only where the postcodes held know them.

`10 past 5` holds no T10: a part has to stand as a word of its own, and to be one that is in use. A whole postcode wins
over a sector, a sector over a district.
"""

from dataclasses import dataclass

import polars as pl

from upstander.places.postcodes import district_expression, sector_expression

UNIT, SECTOR, DISTRICT = "unit", "sector", "district"
_OUT = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
_IN = r"[0-9][ABD-HJLNP-UW-Z]{2}"
_UNIT = rf"\b({_OUT})\s*({_IN})\b"
_SECTOR = rf"\b({_OUT})\s+([0-9])\b"
_DISTRICT = rf"\b({_OUT})\b"


@dataclass(frozen=True)
class KnownPostcodes:
    """What is in use. `units`: postcode, x, y. `boxes`: code, kind, x_min, y_min, x_max, y_max of sectors,
    districts.
    """

    units: pl.DataFrame
    boxes: pl.DataFrame


def known_postcodes(directory: pl.DataFrame | None) -> KnownPostcodes:
    """The postcodes of a directory (postcode, x, y), and how far its sectors and districts reach."""
    blank = {"postcode": pl.String, "x": pl.Float64, "y": pl.Float64}
    units = pl.DataFrame(schema=blank) if directory is None else directory.select("postcode", "x", "y")
    postcode = pl.col("postcode")
    both = pl.concat([
        units.with_columns(code=sector_expression(postcode), kind=pl.lit(SECTOR)),
        units.with_columns(code=district_expression(postcode), kind=pl.lit(DISTRICT)),
    ])  # fmt: skip
    x, y = pl.col("x"), pl.col("y")
    boxes = both.group_by("code", "kind").agg(x_min=x.min(), y_min=y.min(), x_max=x.max(), y_max=y.max())
    return KnownPostcodes(units, boxes.sort("code", "kind"))


def postcodes_in(texts: pl.Series, known: KnownPostcodes) -> pl.DataFrame:
    """One row a text, in order: postcode and level (unit, sector, district); both null where it has none in use.

    texts: as sent, since cleaning takes signs out that part a postcode from its neighbours.
    """
    upper = pl.col("text").str.to_uppercase()
    asked = texts.to_frame("text").with_row_index("at").select(
        "at",
        unit=pl.concat_str(upper.str.extract(_UNIT, 1), pl.lit(" "), upper.str.extract(_UNIT, 2)),
        sector=upper.str.extract_all(_SECTOR).list.eval(pl.element().str.replace(r"\s+", " ")),
        district=upper.str.extract_all(_DISTRICT),
    )  # fmt: skip
    # A whole postcode that is not in use still names a part that may be.
    part_of = {SECTOR: sector_expression, DISTRICT: district_expression}
    found = [_in_use(asked.select("at", postcode="unit"), known.units, UNIT)]
    for kind, part in part_of.items():
        boxes = known.boxes.filter(kind=kind).rename({"code": "postcode"})
        of_unit = asked.select("at", postcode=part(pl.col("unit")))
        found += [_in_use(_each(asked, kind), boxes, kind), _in_use(of_unit, boxes, kind)]
    best = pl.concat(found).unique("at", keep="first", maintain_order=True)
    told = asked.select("at").join(best, on="at", how="left", maintain_order="left")
    return told.select("postcode", "level")


def _each(asked: pl.DataFrame, kind: str) -> pl.DataFrame:
    return asked.select("at", postcode=kind).explode("postcode")


def _in_use(asked: pl.DataFrame, known: pl.DataFrame, level: str) -> pl.DataFrame:
    said = asked.drop_nulls("postcode").join(known.select("postcode"), on="postcode", how="semi")
    return said.select("at", "postcode", level=pl.lit(level))
