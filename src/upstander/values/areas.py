"""Area keys: what kind of place, of which vintage, with which code. `lsoa21:E01034022` is an LSOA of the 2021 set."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from upstander.errors import WrongUsage

# A size belongs to the kind of a square (square250), a vintage to every other layer (lsoa21).
_LAYER = re.compile(r"(square\d+|[a-z]+?)(\d{2})?")

AREA_KINDS = (
    "oa", "lsoa", "sector", "msoa", "beat", "ward", "town", "district", "ltla", "utla", "county", "pfa", "region",
    "country",
)  # fmt: skip
"""Kinds of area from fine to coarse, by how many people usually live in one. `sector` and `district` are postcodes';
an area of another kind (a square, a school) may be as small as one building."""
_NOWHERE = "outside"  # beyond every area that is known: it tells of no place


@dataclass(frozen=True, order=True)
class AreaKey:
    """One area. `kind` is lsoa, msoa, ward, ltla, pfa, square, …; `vintage` two digits, empty where there is none."""

    kind: str
    vintage: str
    code: str

    @property
    def layer(self) -> str:
        """Kind and vintage in one word, such as `lsoa21`."""
        return self.kind + self.vintage

    def __str__(self) -> str:
        return f"{self.layer}:{self.code}"

    @classmethod
    def parse(cls, text: str) -> "AreaKey":
        """Read `lsoa21:E01034022`. Raises WrongUsage for anything else."""
        layer, colon, code = text.partition(":")
        if not colon or not code:
            raise WrongUsage(f"'{text}' is not an area key.", found=text, expected="such as lsoa21:E01034022")
        return cls(*split_layer(layer), code)


def split_layer(layer: str) -> tuple[str, str]:
    """`lsoa21` as ("lsoa", "21"); `sector` as ("sector", ""); `square250` as ("square250", "")."""
    found = _LAYER.fullmatch(layer)
    if found is None:
        raise WrongUsage(f"'{layer}' is not a layer of areas.", found=layer, expected="such as lsoa21 or square")
    return found[1], found[2] or ""


def is_finer(kind: str, than: str) -> bool:
    """Whether areas of a kind may be smaller than those of another; of a kind that nothing is known of, they may.

    An empty `than` asks for nothing. Both are kinds (`ward`) without their vintage.
    """
    if not than or kind in (than, _NOWHERE):
        return False
    known = {name: rank for rank, name in enumerate(AREA_KINDS)}
    return known.get(kind, -1) < known.get(than, len(AREA_KINDS))


def coarsest(kinds: Iterable[str | None]) -> str:
    """The kind that is finer than none of the others; one that is empty or None is none. Empty without any."""
    known = {name: rank for rank, name in enumerate(AREA_KINDS)}
    return max((kind for kind in kinds if kind), key=lambda kind: (known.get(kind, len(AREA_KINDS)), kind), default="")
