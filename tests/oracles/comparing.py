"""How far what came out lies from what was published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import inf

Number = float | int | bool | None


@dataclass(frozen=True)
class Compared:
    """One comparison. `largest`: the largest difference, of values (`is_relative`: as a share of the published one) or,
    for labels, the number of those that differ. `within`: what is allowed, never more than the source of the result
    states.
    """

    what: str
    values: int
    largest: float
    within: float
    is_relative: bool = False

    @property
    def agrees(self) -> bool:
        """Whether something was compared, and lies near enough."""
        return self.values > 0 and self.largest <= self.within

    @property
    def tolerance(self) -> str:
        """`exact`, `1e-09` or `1e-06 relative`."""
        return "exact" if self.within == 0 else f"{self.within:.2g}{' relative' if self.is_relative else ''}"


def numbers(
    what: str, found: Iterable[Number], published: Iterable[Number], *, within: float, is_relative: bool = False
) -> Compared:
    """Numbers in the same order. One that is absent on one side only, or has none beside it, is infinitely far."""
    ours, theirs = list(found), list(published)
    apart = [_apart(our, their, is_relative) for our, their in zip_longest(ours, theirs)]
    return Compared(what, len(apart), max(apart, default=inf), within, is_relative)


def labels(what: str, found: Sequence[object], published: Sequence[object]) -> Compared:
    """Words, whole numbers or truths in the same order, equal or not."""
    apart = sum(our != their for our, their in zip_longest(found, published))
    return Compared(what, len(published), float(apart), 0.0)


def _apart(ours: Number, theirs: Number, is_relative: bool) -> float:
    if ours is None or theirs is None:
        return 0.0 if ours is theirs else inf
    difference = abs(float(ours) - float(theirs))
    return difference / abs(theirs) if is_relative and theirs else difference
