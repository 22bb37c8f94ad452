"""Where one text lies, for a person who wants to see what the reference data knows."""

from typing import Any

import polars as pl

from upstander.pipeline.home import Home
from upstander.places import open_reference


def locate_text(home: Home, text: str, *, crs: str) -> dict[str, Any]:
    """The place columns for a postcode or part of one, an area code, or `x,y`, and the areas of a partial postcode."""
    reference = open_reference(home.reference)
    found = reference.locate(_frame(text), crs=crs, layers=home.settings.layers)
    answer: dict[str, Any] = found.row(0, named=True)
    if answer["place_method"] == "partial":
        areas = reference.areas_of_partial(answer["area_code"], layer=home.settings.layers[0])
        answer["areas"] = ", ".join(f"{area} {weight:.0%}" for area, weight in areas.select("area", "weight").rows())
    return answer


def _frame(text: str) -> pl.DataFrame:
    x, comma, y = text.partition(",")
    try:
        point = (float(x), float(y)) if comma else (None, None)
    except ValueError:
        point = (None, None)
    blank = {"stated_code": pl.String, "postcode": pl.String, "x": pl.Float64, "y": pl.Float64}
    is_code = text[:3].isalnum() and text[1:].isdigit()
    values = {
        "stated_code": text if is_code else None,
        "postcode": None if is_code or point[0] is not None else text,
        "x": point[0],
        "y": point[1],
    }
    return pl.DataFrame({name: [value] for name, value in values.items()}, schema=blank)
