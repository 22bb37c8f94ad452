"""Who lives in each area of a layer, for rates, and what the areas look like; nothing where it is not held."""

from functools import lru_cache

import polars as pl

from upstander.contracts.places import AreaShape
from upstander.places import NoSuchLayer, Reference
from upstander.places.errors import NotNested
from upstander.values.areas import split_layer

_FINEST = ("lsoa", "oa", "msoa", "ward", "ltla")


@lru_cache(maxsize=32)
def residents(reference: Reference, layer: str, ages: tuple[int, int] | None = None) -> pl.DataFrame:
    """Area (a key), persons; of completed ages from and to, both included. Empty where it is not known."""
    for held in _layers_with_population(reference):
        persons = reference.population(held)
        if ages is not None:
            persons = persons.filter(pl.col("age").is_between(*ages))
        try:
            above = reference.parents(held, layer) if held != layer else None
        except (NoSuchLayer, NotNested):
            continue
        if above is not None:
            persons = persons.join(above, left_on="area_code", right_on="code").with_columns(area_code="parent")
        summed = persons.group_by("area_code").agg(persons=pl.col("persons").sum().cast(pl.Float64)).sort("area_code")
        return summed.select(area=pl.format(f"{layer}:{{}}", "area_code"), persons="persons")
    return pl.DataFrame(schema={"area": pl.String, "persons": pl.Float64})


@lru_cache(maxsize=8)
def outlines(reference: Reference, layer: str) -> tuple[AreaShape, ...]:
    """The areas as they are drawn; none where no boundaries of the layer are held."""
    try:
        return reference.shapes(layer)
    except NoSuchLayer:
        return ()


def attribution(reference: Reference, layer: str) -> str:
    """The words that a map of the layer has to carry."""
    try:
        return reference.attribution(layer)
    except NoSuchLayer:
        return ""


def _layers_with_population(reference: Reference) -> list[str]:
    held = {layer for one in reference.held if one.kind == "population" for layer in one.layers}
    return sorted(held, key=lambda layer: (_rank(layer), layer))


def _rank(layer: str) -> int:
    kind = split_layer(layer)[0]
    return _FINEST.index(kind) if kind in _FINEST else len(_FINEST)
