"""Coordinates into metres, and which coordinates cannot be places.

Frames named `upstander:<name>` are invented counties' own metric frames; they are never turned into real ones.
Without the Ordnance Survey's correction grid, longitude and latitude reach the British National Grid to within
some metres (pyproj's Helmert transformation): enough for an area, not for a front door.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from upstander.errors import WrongUsage
from upstander.places.orientation import Floats

LONGITUDE_LATITUDE = "EPSG:4326"
BRITISH_NATIONAL_GRID = "EPSG:27700"
_OWN_FRAME = "upstander:"
_METRES_A_DEGREE = 111_320.0  # at the equator, where a degree is as long either way
# The grid's own limits, metres (Ordnance Survey, A Guide to Coordinate Systems in Great Britain).
_LIMITS = {BRITISH_NATIONAL_GRID: (0.0, 0.0, 700_000.0, 1_300_000.0), LONGITUDE_LATITUDE: (-180.0, -90.0, 180.0, 90.0)}


def is_own_frame(crs: str) -> bool:
    """Whether it is an invented county's frame."""
    return crs.startswith(_OWN_FRAME)


def crs_named(text: str) -> str:
    """One spelling for a reference system: urn:ogc:def:crs:EPSG::27700 and epsg:27700 are both EPSG:27700.

    CRS84 is EPSG:4326 here, since x is always the longitude. Raises WrongUsage where it is not known.
    """
    if is_own_frame(text):
        return text
    if text.upper().endswith("CRS84"):
        return LONGITUDE_LATITUDE
    code = text.rpartition(":")[2]
    if "EPSG" not in text.upper() or not code.isdigit():
        raise WrongUsage(
            f"'{text}' is not a coordinate reference system we can read.",
            found=text, expected="EPSG:4326, EPSG:27700, another EPSG code, or upstander:<name>",
        )  # fmt: skip
    return f"EPSG:{int(code)}"


def is_place(x: Floats, y: Floats, crs: str) -> npt.NDArray[np.bool_]:
    """False for what is no place: not a number, (0, 0), beyond the limits of the reference system."""
    return np.asarray(is_within(x, y, crs) & ~((x == 0) & (y == 0)))


def is_within(x: Floats, y: Floats, crs: str) -> npt.NDArray[np.bool_]:
    """Whether coordinates are numbers within the limits of the reference system."""
    west, south, east, north = _LIMITS.get(crs, (-np.inf, -np.inf, np.inf, np.inf))
    numbers = np.isfinite(x) & np.isfinite(y)
    return np.asarray(numbers & (x >= west) & (x <= east) & (y >= south) & (y <= north))


def projected(x: Floats, y: Floats, *, crs: str, to: str) -> tuple[Floats, Floats]:
    """The same points in another reference system. Raises WrongUsage between an invented county and the real world."""
    if crs == to or not len(x):
        return x, y
    if is_own_frame(crs) or is_own_frame(to):
        raise WrongUsage(
            f"Coordinates in {crs} cannot be turned into {to}: one of them is an invented county.",
            found=crs, expected=to,
        )  # fmt: skip
    east, north = _transformer(crs, to).transform(x, y)
    return np.asarray(east, dtype=np.float64), np.asarray(north, dtype=np.float64)


def on_globe(x: Floats, y: Floats, *, crs: str) -> tuple[Floats, Floats]:
    """Longitude and latitude, for a map in a browser. An invented county lies in the sea, round 0° N 0° E."""
    if is_own_frame(crs):
        return x / _METRES_A_DEGREE, y / _METRES_A_DEGREE
    return projected(x, y, crs=crs, to=LONGITUDE_LATITUDE)


@lru_cache(maxsize=8)
def _transformer(crs: str, to: str) -> Any:
    from pyproj import Transformer
    from pyproj.exceptions import CRSError

    try:
        return Transformer.from_crs(crs, to, always_xy=True)
    except CRSError as why:
        raise WrongUsage(f"There is no way known from {crs} to {to}.", found=crs, expected="EPSG codes") from why
