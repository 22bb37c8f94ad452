"""Places: where a row lies, what areas look like, who lives in them, and how areas of two vintages go together.

Comes in: boundaries, official lookups, postcode files, populations and gazetteers as their publishers write them; then
frames of stated codes, postcodes, coordinates and words. Goes out: areas with method, confidence and precision;
outlines, names, populations, parents, neighbours, joined areas; squares by arithmetic. Must never: place a point by a
generalised outline or by the nearest area, hand out where a unit postcode's homes are, or change reference data once
it is held.
"""

from upstander.places.candidates import Candidate, candidates_of
from upstander.places.errors import NoSuchLayer, NotNested, UnknownLayout
from upstander.places.grid import (
    SIZES_M,
    square_corner,
    square_in_query,
    square_layer,
    square_neighbours,
    square_of,
    square_shape,
    square_size,
)
from upstander.places.holding import KINDS, Held, Loaded
from upstander.places.joining import joined_areas
from upstander.places.loading import ONS_ATTRIBUTION, load
from upstander.places.locating import BY_POSTCODE, LOCATED_COLUMNS, OUTSIDE
from upstander.places.projecting import BRITISH_NATIONAL_GRID, LONGITUDE_LATITUDE, on_globe
from upstander.places.reference import Reference, open_reference, pinned_reference
from upstander.places.settled import add_alias
from upstander.places.texts.phrases import LEAST_ROWS_UNKNOWN
from upstander.places.texts.placing import TEXT_COLUMNS
from upstander.places.visitors import ALL_HOURS

__all__ = [
    "ALL_HOURS",
    "BRITISH_NATIONAL_GRID",
    "BY_POSTCODE",
    "KINDS",
    "LEAST_ROWS_UNKNOWN",
    "LOCATED_COLUMNS",
    "LONGITUDE_LATITUDE",
    "ONS_ATTRIBUTION",
    "OUTSIDE",
    "SIZES_M",
    "TEXT_COLUMNS",
    "Candidate",
    "Held",
    "Loaded",
    "NoSuchLayer",
    "NotNested",
    "Reference",
    "UnknownLayout",
    "add_alias",
    "candidates_of",
    "joined_areas",
    "load",
    "on_globe",
    "open_reference",
    "pinned_reference",
    "square_corner",
    "square_in_query",
    "square_layer",
    "square_neighbours",
    "square_of",
    "square_shape",
    "square_size",
]
