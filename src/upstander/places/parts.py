"""What the parts of postcodes (sector, district, postcode area) are made of: areas, postcodes, residents."""

from collections.abc import Callable, Mapping

import polars as pl

from upstander.places.postcodes import district_expression, sector_expression
from upstander.values.agebands import AGE_BANDS, age_band

PARTS: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "sector": sector_expression,
    "district": district_expression,
    "postcode area": lambda postcode: postcode.str.extract(r"^([A-Z]+)"),
}
_BAND_OF = {age: age_band(age) for age in range(91)}


def areas_of_parts(units: pl.DataFrame, layer: str, part: str, persons: pl.DataFrame | None) -> pl.DataFrame:
    """One row a part and an area it reaches into: place, area, postcodes, share (they sum to 1 a place).

    units: postcodes with the codes of `layer`. persons: area_code, persons; with them the share is of residents, an
    area's being spread evenly over its postcodes; without, it is of postcodes.
    """
    mixed = _mixture(units, layer, part)
    if persons is None:
        massed = mixed.with_columns(mass=pl.col("postcodes").cast(pl.Float64))
    else:
        people = persons.group_by(area="area_code").agg(pl.col("persons").sum())
        massed = mixed.join(people, on="area").with_columns(mass=pl.col("persons") * pl.col("of_area"))
    shared = massed.with_columns(share=pl.col("mass") / pl.col("mass").sum().over("place"))
    return shared.select("place", "area", "postcodes", "share").sort("place", "area")


def residents_of_parts(units: pl.DataFrame, layer: str, part: str, persons: pl.DataFrame) -> pl.DataFrame:
    """Residents of each part by age band: place, age_band, residents (a float: areas are shared out).

    persons: area_code, age (90 is 90 and over), persons.
    """
    banded = persons.with_columns(
        age_band=pl.col("age").replace_strict(_BAND_OF, default=AGE_BANDS[-1], return_dtype=pl.String)
    )
    by_area = banded.group_by("age_band", area="area_code").agg(pl.col("persons").sum())
    shared = _mixture(units, layer, part).join(by_area, on="area")
    residents = (pl.col("persons") * pl.col("of_area")).sum()
    return shared.group_by("place", "age_band").agg(residents=residents).sort("place", "age_band")


def _mixture(units: pl.DataFrame, layer: str, part: str) -> pl.DataFrame:
    """place, area, postcodes, of_area: which share of the area's postcodes the part has."""
    named = units.drop_nulls(layer).select(place=PARTS[part](pl.col("postcode")), area=pl.col(layer))
    counted = named.group_by("place", "area").agg(postcodes=pl.len())
    return counted.with_columns(of_area=pl.col("postcodes") / pl.col("postcodes").sum().over("area"))
