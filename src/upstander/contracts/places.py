"""An area as it can be drawn. Made by `places` (or by grid arithmetic), drawn by `publish`."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from upstander.values.areas import AreaKey


@dataclass(frozen=True)
class AreaShape:
    """One area's outline: closed rings of (n, 2) metres in one metric frame, y to the north.

    Filled by the even-odd rule: holes and separate parts are simply more rings. Neighbours share vertices, so
    that borders meet.
    """

    key: AreaKey
    name: str
    rings: tuple[npt.NDArray[np.float64], ...]


@dataclass(frozen=True)
class Unsettled:
    """A phrase about a place that no gazetteer settles, made of words of places alone, and how many rows say it.

    Made by `places`, counted by the pipeline, and only ever kept sealed: until a person has looked, nobody knows what
    it holds. `site` is the code of the treating site, empty where rows have none.
    """

    phrase: str
    site: str
    rows: int
