"""Rank intervals: how sure the order of places is, and which places cannot be told apart.

Each place's count is Poisson about its own rate; the rates of all places follow a gamma distribution fitted to the
counts themselves. Drawing from what is then known of each rate, and ranking each draw, gives the ranks a place may
truly have. Redrawing the counts instead (a Poisson bootstrap) adds the noise twice and covers far too seldom.

Sources: Gamma–Poisson empirical Bayes: Clayton and Kaldor, Biometrics 43(3), 1987; ranks from posterior draws:
Goldstein and Spiegelhalter, Journal of the Royal Statistical Society A 159(3), 1996.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

_FEWEST_PLACES = 3
_SHAPES = np.geomspace(0.02, 2000, 61)  # gamma shapes tried: from nearly all in one place to nearly all alike
_MEAN_STEPS = np.linspace(-4, 4, 17)  # means tried, in standard errors about the pooled rate


@dataclass(frozen=True)
class RankIntervals:
    """Ranks of places by rate, 1 the highest, in the order the places were given.

    `rate`: posterior mean, events per unit of exposure, drawn towards the others where counts are few. `rank`: order
    of those rates (equal ones in the order given). `low`, `high`: the interval that holds the true rank with the
    stated confidence. `group`: places of one group cannot be told apart from the first place of the group (numbered
    from 1, group 1 holds rank 1).
    """

    rate: NDArray[np.float64]
    rank: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    group: NDArray[np.int64]


def rank_intervals(
    counts: ArrayLike, exposure: ArrayLike | None = None, *, confidence: float = 0.95, draws: int = 2000,
    spread: float = 1.0, seed: int,
) -> RankIntervals:  # fmt: skip
    """Intervals for the rank of each place, highest rate first, and groups that cannot be told apart.

    counts: events by place, whole numbers, zeros too. exposure: what the rate is per (hours, residents, months); the
    same for all if not given. spread: the variance of a place's count over its mean, 1 for Poisson; where events come
    several at once it is more, and intervals that are not told of it hold the true rank too seldom. Quasi-Poisson: the
    data then weigh 1 ÷ spread. The same seed gives the same intervals.
    Raises TooFewPoints under 3 places, UnfitNumbers for counts that do not count or exposure that is not positive.
    """
    events, at_risk = (each / spread for each in _checked(counts, exposure))
    rng = np.random.default_rng(seed)
    rates = posterior_rates(events, at_risk, draws, rng)
    rank_in_draw = np.empty(rates.shape, dtype=np.int32)
    np.put_along_axis(rank_in_draw, np.argsort(-rates, axis=1), np.arange(1, events.size + 1, dtype=np.int32)[None], 1)
    low, high = _shortest(rank_in_draw, confidence)
    mean = rates.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    rank = np.empty(events.size, dtype=np.int64)
    rank[order] = np.arange(1, events.size + 1)
    return RankIntervals(
        rate=mean,
        rank=rank,
        low=low,
        high=high,
        group=cannot_be_told_apart(rates, order, confidence),
    )


def posterior_rates(
    events: NDArray[np.float64], at_risk: NDArray[np.float64], draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Rates of every place given its events and exposure, draws × places. The prior is drawn too: fitted, it is not
    known.
    """
    shape, mean = _prior_draws(events, at_risk, draws, rng)
    return rng.gamma(events + shape[:, None], 1 / (at_risk + (shape / mean)[:, None]))


def cannot_be_told_apart(
    rates: NDArray[np.float64], order: NDArray[np.int64], confidence: float = 0.95
) -> NDArray[np.int64]:
    """Group number of each place. Going down `order`, a place opens a new group when, in at least `confidence` of the
    draws, its rate is below that of the group's first place.

    rates: draws × places. Ties in a draw count as not below.
    """
    group = np.empty(order.size, dtype=np.int64)
    start, number = 0, 1
    while start < order.size:
        rest = order[start + 1 :]
        is_below = (rates[:, rest] < rates[:, order[start], None]).mean(axis=0) >= confidence
        end = start + 1 + (int(np.argmax(is_below)) if is_below.any() else rest.size)
        group[order[start:end]] = number
        start, number = end, number + 1
    return group


def _shortest(rank_in_draw: NDArray[np.int32], confidence: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The shortest run of ranks that holds `confidence` of each place's draws (the higher ranks where two are equal).

    Equal tails would make every interval of a short list reach from first to last: each end rank has over 2.5%.
    """
    rank_in_draw.sort(axis=0)
    held = int(np.ceil(confidence * rank_in_draw.shape[0]))
    width = rank_in_draw[held - 1 :] - rank_in_draw[: rank_in_draw.shape[0] - held + 1]
    first = width.argmin(axis=0)
    place = np.arange(first.size)
    return rank_in_draw[first, place].astype(np.int64), rank_in_draw[first + held - 1, place].astype(np.int64)


def _prior_draws(
    events: NDArray[np.float64], at_risk: NDArray[np.float64], draws: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shapes and means of the gamma distribution of rates, drawn by how well each explains the counts."""
    shapes, means = _grid(events, at_risk)
    log_fit = _log_fit(events, at_risk, shapes, means)
    chance = np.exp(log_fit - log_fit.max())
    picked = rng.choice(chance.size, size=draws, p=chance / chance.sum())
    return shapes[picked], means[picked]


def _grid(events: NDArray[np.float64], at_risk: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    total = events.sum() + 0.5
    shape = np.repeat(_SHAPES, _MEAN_STEPS.size)
    # The pooled rate is unsure by the Poisson noise of the total and by the spread of the places about their mean.
    error = np.sqrt(1 / total + 1 / (shape * events.size))
    step = np.tile(_MEAN_STEPS, _SHAPES.size)
    return shape, total / at_risk.sum() * np.exp(step * error)


def _log_fit(
    events: NDArray[np.float64], at_risk: NDArray[np.float64], shapes: NDArray[np.float64], means: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Log-likelihood of the counts (negative binomial) at every shape and mean, flat prior on the logs of both."""
    from scipy.special import gammaln

    alike, places = np.unique(np.column_stack([events.astype(np.float64), at_risk]), axis=0, return_counts=True)
    y, e = alike[:, 0], alike[:, 1]
    fit = np.empty(shapes.size)
    for start in range(0, shapes.size, _MEAN_STEPS.size):
        stretch = slice(start, start + _MEAN_STEPS.size)
        a, m = shapes[stretch, None], means[stretch, None]
        by_place = gammaln(y + a[:1]) - gammaln(a[:1]) - (y + a) * np.log1p(e * m / a) + y * np.log(m / a)
        fit[stretch] = by_place @ places
    # Steps of the mean widen with its standard error, so each stands for more of the flat prior.
    step: NDArray[np.float64] = np.sqrt(1 / (events.sum() + 0.5) + 1 / (shapes * events.size))
    return fit + np.log(step)


def _checked(counts: ArrayLike, exposure: ArrayLike | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    events = np.asarray(counts, dtype=np.float64)
    at_risk = np.ones(events.size) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if events.size < _FEWEST_PLACES:
        raise TooFewPoints(where="counts", found=events.size, needed=_FEWEST_PLACES)
    if not (np.isfinite(events).all() and (events >= 0).all() and (events == np.floor(events)).all()):
        raise UnfitNumbers(
            "Ranks need counts: whole numbers of zero or more, none missing.",
            where="counts", found="a count that is missing, negative or not whole", expected="0, 1, 2, …",
        )  # fmt: skip
    if at_risk.shape != events.shape or not (np.isfinite(at_risk).all() and (at_risk > 0).all()):
        raise UnfitNumbers(
            "Every place needs an exposure above zero.",
            where="exposure", found="one that is missing, zero or negative", expected="a positive number a place",
        )  # fmt: skip
    return events.astype(np.int64), at_risk
