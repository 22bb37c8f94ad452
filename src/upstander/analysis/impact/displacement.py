"""Weighted displacement difference: did crime fall where the action was, and did it only move next door?

Source: Wheeler and Ratcliffe, Crime Science 7:11, 2018; periods of unequal length and areas of unequal size: Wheeler,
"The WDD test with different pre/post time periods", 2021.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from upstander.analysis.errors import UnfitNumbers


@dataclass(frozen=True)
class BeforeAfter:
    """Events before and after in one area, with its size (1 for all if sizes do not matter)."""

    before: float
    after: float
    size: float = 1.0


@dataclass(frozen=True)
class Change:
    """A change of counts with its standard error, z, two-sided p and limits."""

    estimate: float
    error: float
    z: float
    p: float
    low: float
    high: float


def displacement_difference(
    treated: BeforeAfter, control: BeforeAfter, *, near: BeforeAfter | None = None,
    near_control: BeforeAfter | None = None, time_before: float = 1.0, time_after: float = 1.0,
    dispersion: float = 1.0, confidence: float = 0.95,
) -> dict[str, Change]:  # fmt: skip
    """Local, displacement and total change, each against its control.

    near: where crime might have moved to, with near_control to compare. time_before, time_after: lengths of the
    periods; counts become counts a unit of time and of size. dispersion: variance of such counts over their mean, 1
    for Poisson; the published test takes 1, and finds effects that are not there where it is more.
    Raises UnfitNumbers for negative counts, and for lengths, sizes or dispersion that are not above 0.
    """
    areas = [treated, control, near or BeforeAfter(0, 0), near_control or BeforeAfter(0, 0)]
    _check(areas, time_before, time_after, dispersion)
    changes = [area.after / (time_after * area.size) - area.before / (time_before * area.size) for area in areas]
    spreads = [
        dispersion * (area.after / (time_after * area.size) ** 2 + area.before / (time_before * area.size) ** 2)
        for area in areas
    ]
    local, moved = changes[0] - changes[1], changes[2] - changes[3]
    return {
        "local": _change(local, spreads[0] + spreads[1], confidence),
        "displacement": _change(moved, spreads[2] + spreads[3], confidence),
        "total": _change(local + moved, sum(spreads), confidence),
    }


def _change(estimate: float, variance: float, confidence: float) -> Change:
    normal, error = NormalDist(), sqrt(variance)
    reach = normal.inv_cdf(0.5 + confidence / 2) * error
    z = estimate / error if error else 0.0
    return Change(estimate, error, z, 2 * normal.cdf(-abs(z)), estimate - reach, estimate + reach)


def _check(areas: list[BeforeAfter], time_before: float, time_after: float, dispersion: float) -> None:
    if min(min(area.before, area.after) for area in areas) < 0:
        raise UnfitNumbers("A count is negative.", where="areas", found="below 0", expected="0 or more")
    if min(time_before, time_after, dispersion, *(area.size for area in areas)) <= 0:
        raise UnfitNumbers(
            "Lengths, sizes and dispersion are above zero.", where="areas, parameters", found="0 or less",
            expected="more than 0",
        )  # fmt: skip
