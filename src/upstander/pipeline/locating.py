"""Where one text lies, for a person who wants to see what the reference data knows. Nothing of it is kept."""

from typing import Any

import polars as pl

from upstander.pipeline.home import Home
from upstander.places import Candidate, candidates_of, open_reference
from upstander.values.postcodes import postcode_district

_STATED = ("stated", "postcode", "partial", "point")


def locate_text(home: Home, text: str, *, crs: str, site: str = "") -> dict[str, Any]:
    """The place columns for a postcode or part of one, an area code, `x,y`, or words about a place.

    Words give text_class, text_status and the phrase that would wait to be settled too; a part of a postcode its areas.
    """
    reference = open_reference(home.reference)
    frame = _frame(text).with_columns(text=pl.lit(text), site=pl.lit(site))
    own = crs if crs.startswith("upstander:") else None
    found = reference.locate(frame, crs=crs, layers=home.settings.layers, metric_crs=own)
    answer: dict[str, Any] = found.row(0, named=True)
    if answer["place_method"] in _STATED or postcode_district(text):
        answer = {name: value for name, value in answer.items() if not name.startswith("text_")}
    if answer["place_method"] == "partial":
        areas = reference.areas_of_partial(answer["area_code"], layer=home.settings.layers[0])
        answer["areas"] = ", ".join(f"{area} {weight:.0%}" for area, weight in areas.select("area", "weight").rows())
    if answer["area_kind"] == "town":
        town = {"layer": home.settings.layers[0]} | ({"metric_crs": own} if own else {})
        areas = reference.areas_of_town(answer["area_code"], **town)
        answer["areas"] = f"{areas.height} small areas, together"
    return answer


def candidates_for(home: Home, text: str, *, crs: str, site: str = "") -> tuple[Candidate, ...]:
    """The places that words may mean, best first."""
    own = crs if crs.startswith("upstander:") else None
    asked = pl.DataFrame({"text": [text], "site": [site]})
    return candidates_of(open_reference(home.reference), asked, metric_crs=own)[0]


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
