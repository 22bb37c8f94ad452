"""What prevented violence was worth, in pounds of one year, against what preventing it cost.

Sources: Heeks et al., The economic and social costs of crime, 2nd edition, Home Office Research Report 99, 2018 (unit
costs, multipliers); HM Treasury, The Green Book, 2022, chapter 5 and annex 6 (real prices, discounting at 3.5%).
Unit costs, the index and the multipliers are inputs with their own dates; none is kept here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import UnfitNumbers

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """A best estimate between a low and a high one."""

    low: float
    best: float
    high: float

    def over(self, cost: float) -> "Range | None":
        """Pounds for each pound of cost; None where nothing was spent."""
        return Range(self.low / cost, self.best / cost, self.high / cost) if cost > 0 else None


def uprated(cost: Array, index_then: float, index_now: float) -> Array:
    """Costs of one year in the prices of another, by an index such as the GDP deflator."""
    if index_then <= 0 or index_now <= 0:
        raise UnfitNumbers("A price index is above zero.", where="index", found="0 or less", expected="more than 0")
    return cost * (index_now / index_then)


def discounted(value: Array, year: Array, rate: float) -> Array:
    """Values of later years as seen from year 0. year: 0 is not discounted."""
    return value / (1 + rate) ** year


def worth(
    cost: Array, prevented: Array, *, multiplier: Array, is_recorded: NDArray[np.bool_], year: Array, rate: float
) -> Array:  # fmt: skip
    """What each row of prevented crime was worth.

    cost: of one crime, in the prices wanted. prevented: crimes; below zero where there were more. multiplier: crimes
    that happen for each that is recorded; used only where the count is of recorded crime, and once. year: in which it
    was prevented, 0 the first. Raises UnfitNumbers for a negative cost, and for a multiplier under 1.
    """
    if (cost < 0).any():
        raise UnfitNumbers("A crime costs less than nothing.", where="costs", found="below 0", expected="0 or more")
    if (multiplier < 1).any():
        raise UnfitNumbers(
            "A multiplier counts the recorded crimes too, so it is 1 or more.",
            where="effects, column multiplier", found="below 1", expected="1 or more",
        )  # fmt: skip
    return discounted(cost * prevented * np.where(is_recorded, multiplier, 1.0), year, rate)


def total(low: Array, best: Array, high: Array) -> Range:
    """Rows added up, as if all were low together or high together: the widest range, not a confidence interval."""
    return Range(float(low.sum()), float(best.sum()), float(high.sum()))
