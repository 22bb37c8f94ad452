"""Who is there at all hours, as the number that a rate is out of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from upstander.places import ALL_HOURS, NoSuchLayer, Reference


@dataclass(frozen=True)
class Visitors:
    """persons: the mean number present at all hours, over all areas. said: whose number it is, and of when."""

    persons: float
    said: str


def visitors_of(reference: Reference, layers: Sequence[str]) -> Visitors | None:
    """The persons present, of the first layer that has them for just the areas of its population; None where none has.

    Counts are of all areas at all hours, so a number of some of the areas, or of some hours, would make a rate absurd.
    """
    for layer in layers:
        try:
            present = reference.visitors(layer).filter(pl.col("when") == ALL_HOURS)
            areas = set(reference.population(layer)["area_code"])
        except NoSuchLayer:
            continue
        if areas and set(present["area_code"]) == areas:
            sources = sorted(set(present["source"]))
            newest: date = present["measured_on"].max()  # type: ignore[assignment]
            return Visitors(float(present["persons"].sum()), f"{', '.join(sources)}, {newest:%-d %B %Y}")
    return None
