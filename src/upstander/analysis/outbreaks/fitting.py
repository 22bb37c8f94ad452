"""The log-linear count model of many series at once: a level for each season and one slope.

Given the slope, the levels that fit best are known in closed form, so a fit of all series together is a search for
one number each. Arrays are weeks × series, with the weeks of one season next to one another.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_EMPTY = -30.0  # log of the level of a season without a single event
_LONGEST_STEP = 3.0
_CLOSE_ENOUGH = 1e-6  # Newton's error after a step is about its square
_MOST_STEPS = 30


@dataclass(frozen=True)
class Design:
    """What all series share. `season`: of each week, ascending. `time`: centred, in hundreds of weeks; `at`: that of
    the week judged. `starts`: where each season that is present begins; `last`: whether the week's own season is.
    """

    season: NDArray[np.int64]
    time: Numbers
    at: float
    starts: NDArray[np.int64]
    spread: NDArray[np.int64]
    has_own_season: bool

    @property
    def seasons(self) -> int:
        """How many seasons have a week."""
        return self.starts.size

    def by_season(self, values: Numbers) -> Numbers:
        """Sums over the weeks of each season: seasons × series."""
        sums: Numbers = np.add.reduceat(values, self.starts, axis=0)
        return sums

    def by_week(self, levels: Numbers) -> Numbers:
        """A value of each season at each of its weeks."""
        weeks: Numbers = levels[self.spread]
        return weeks


def design(weeks: NDArray[np.int64], season: NDArray[np.int64], week: int, seasons: int) -> Design:
    """The design of a week's baseline. weeks: positions, ordered by season."""
    middle = weeks.mean()
    starts = np.flatnonzero(np.diff(season, prepend=-1))
    spread = np.cumsum(np.diff(season, prepend=season[0]) != 0)
    return Design(
        season,
        (weeks - middle) / 100.0,
        float((week - middle) / 100.0),
        starts,
        spread,
        bool(season[-1] == seasons - 1),
    )


@dataclass(frozen=True)
class Fit:
    """One fit of every series. `mean`: fitted, weeks × series; `leverage`: likewise. `at`: log of the mean expected in
    the week judged for an exposure of 1; `variance_at`: of that, for a dispersion of 1. `slope`: a hundred weeks.
    `slope_information`: its inverse is the slope's variance for a dispersion of 1. `is_found`: the search ended.
    """

    mean: Numbers
    leverage: Numbers
    at: Numbers
    variance_at: Numbers
    slope: Numbers
    slope_information: Numbers
    is_found: NDArray[np.bool_]
    parameters: int


def with_slope(
    y: Numbers, weights: Numbers | None, exposure: Numbers | None, shape: Design, near: Numbers | None = None
) -> Fit:
    """The fit with a slope. weights: weeks × series, 0 for a week not known; exposure: multiplies the mean.

    near: slopes to begin the search at.
    """
    offered = _product(weights, exposure)
    weighted = y if weights is None else y * weights
    by_season = shape.by_season(weighted)
    moments = np.einsum("i,ij->j", shape.time, weighted)
    slope, is_found = _slopes(by_season, moments, offered, shape, near)
    growth = np.multiply.outer(shape.time, slope)
    np.exp(growth, out=growth)
    base = _levels(by_season, shape.by_season(growth if offered is None else growth * offered))
    mean = shape.by_week(np.exp(base))
    mean *= growth
    if exposure is not None:
        mean *= exposure
    pull = mean if weights is None else mean * weights
    first = shape.by_season(pull)
    moment = pull * shape.time[:, None]
    middle = _ratio(shape.by_season(moment), first)
    information = np.einsum("i,ij->j", shape.time, moment) - (first * middle * middle).sum(axis=0)
    away = shape.time[:, None] - shape.by_week(middle)
    away *= away
    away *= _ratio(np.ones_like(information), information)
    away += shape.by_week(_ratio(np.ones_like(first), first))
    away *= pull
    own = (shape.at - middle[-1]) ** 2
    return Fit(
        mean=mean, leverage=away, at=base[-1] + slope * shape.at,
        variance_at=_ratio(np.ones_like(first[-1]), first[-1]) + _ratio(own, information),
        slope=slope, slope_information=information, is_found=is_found, parameters=shape.seasons + 1,
    )  # fmt: skip


def without_slope(
    y: Numbers, weights: Numbers | None, exposure: Numbers | None, shape: Design, near: Numbers | None = None
) -> Fit:
    """The fit of levels alone: each season's weighted mean. There is no slope to be near to."""
    del near
    weighted = y if weights is None else y * weights
    offered = _product(weights, exposure)
    offered = np.ones_like(y) if offered is None else offered
    base = _levels(shape.by_season(weighted), shape.by_season(offered))
    mean = shape.by_week(np.exp(base))
    if exposure is not None:
        mean = mean * exposure
    pull = mean if weights is None else mean * weights
    first = shape.by_season(pull)
    series = np.zeros(y.shape[1])
    return Fit(
        mean=mean, leverage=pull * shape.by_week(_ratio(np.ones_like(first), first)), at=base[-1],
        variance_at=_ratio(np.ones_like(first[-1]), first[-1]), slope=series, slope_information=series,
        is_found=np.ones(y.shape[1], dtype=bool), parameters=shape.seasons,
    )  # fmt: skip


def _slopes(
    by_season: Numbers, moments: Numbers, offered: Numbers | None, shape: Design, near: Numbers | None
) -> tuple[Numbers, NDArray[np.bool_]]:
    """Newton's search for every series' slope; series that have arrived are left alone."""
    slope = np.zeros(by_season.shape[1]) if near is None else near.copy()
    active = np.arange(slope.size)
    for number in range(_MOST_STEPS):
        is_every = active.size == slope.size
        counted = by_season if is_every else by_season[:, active]
        some = offered if offered is None or is_every else offered[:, active]
        # At a slope of 0 without weights all series share their moments.
        at = slope[active] if some is not None or near is not None or number else np.zeros(1)
        middle, spread = _moments(at, some, shape)
        gradient = moments[active] - (counted * middle).sum(axis=0)
        step = np.clip(gradient / np.maximum((counted * spread).sum(axis=0), 1e-12), -_LONGEST_STEP, _LONGEST_STEP)
        slope[active] += step
        active = active[np.abs(step) > _CLOSE_ENOUGH]
        if not active.size:
            break
    is_found = np.ones(slope.size, dtype=bool)
    is_found[active] = False
    return slope, is_found


def _moments(slope: Numbers, offered: Numbers | None, shape: Design) -> tuple[Numbers, Numbers]:
    """Mean and variance of time within each season, each week weighing what the slope makes of it."""
    growth = np.multiply.outer(shape.time, slope)
    np.exp(growth, out=growth)
    if offered is not None:
        growth *= offered
    zeroth = shape.by_season(growth)
    growth *= shape.time[:, None]
    middle = _ratio(shape.by_season(growth), zeroth)
    growth *= shape.time[:, None]
    return middle, _ratio(shape.by_season(growth), zeroth) - middle * middle


def _levels(counted: Numbers, offered: Numbers) -> Numbers:
    """Logs of counts over what they were counted in; an empty season gets a very low level."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((counted > 0) & (offered > 0), np.log(counted / offered), _EMPTY)


def _ratio(above: Numbers, below: Numbers) -> Numbers:
    """One over the other, 0 where the other is."""
    out = np.zeros(np.broadcast_shapes(above.shape, below.shape))
    return np.divide(above, below, out=out, where=below > 0)


def _product(one: Numbers | None, other: Numbers | None) -> Numbers | None:
    if one is None or other is None:
        return one if other is None else other
    return one * other
