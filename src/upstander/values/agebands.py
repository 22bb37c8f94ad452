"""The one set of age bands. They sum to the European Standard Population 2013, to under 18 and to under 25."""

import itertools

UNKNOWN_AGE = "unknown"
_EDGES = (0, 5, 10, 15, 18, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90)
AGE_BANDS = tuple(
    [f"{low}-{high - 1}" for low, high in itertools.pairwise(_EDGES)] + [f"{_EDGES[-1]}+"],
)
AGE_BAND_EDGES = _EDGES
UNDER_18 = AGE_BANDS[:4]
UNDER_25 = AGE_BANDS[:6]
# The three bands that a broad answer needs: children, young adults, others.
BROAD_BANDS = {band: "0-17" if band in UNDER_18 else "18-24" if band in UNDER_25 else "25+" for band in AGE_BANDS}


def age_band(age: int | None) -> str:
    """The band of an age in completed years; `unknown` for none, for a negative age and above 120."""
    if age is None or not 0 <= age <= 120:
        return UNKNOWN_AGE
    return AGE_BANDS[sum(edge <= age for edge in _EDGES) - 1]
