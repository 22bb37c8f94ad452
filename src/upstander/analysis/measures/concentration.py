"""How concentrated events are in few places: Lorenz curve, Gini, the share of places that holds half.

Sources: Weisburd, Criminology 53(2), 2015 (share of places that holds half of the crime); generalised Gini: Bernasco
and Steenbeek, J. Quantitative Criminology 33(3), 2017, pp. 451–467, with its factor for small samples.
Few events over many places look concentrated even when thrown at random: three events in three of ten places have a
Gini of 0.7 and no concentration at all. Hence the generalised Gini, and the comparison with events thrown at random.
Places without any event belong in the frame; left out, concentration is understated.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.measures.limits import Floats, require

_MOST_AT_ONCE = 4_000_000
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Gini:
    """`gini`: 0 is even, (n − 1)/n is all in one place; `unbiased`: brought to 1 there. `generalised`: against events
    spread as evenly as so few can be (NaN for amounts that are no counts); `generalised_unbiased`: likewise.
    """

    gini: float
    unbiased: float
    generalised: float
    generalised_unbiased: float


def gini(amounts: ArrayLike) -> Gini:
    """Gini indices of events (or harm) by place, places without any among them.

    amounts: 0 or more, none missing, their sum above 0. With one event, or one place, there is nothing to be unbiased
    about: NaN. Raises TooFewPoints without a place, UnfitNumbers.
    """
    x = np.sort(_checked(amounts))
    n, total = x.size, float(x.sum())
    plain = float(((2 * np.arange(1, n + 1) - n - 1) * x).sum() / (n * total))
    if not (x == np.floor(x)).all():
        return Gini(plain, plain * _unbiased(n), np.nan, np.nan)
    generalised = max(1.0, n / total) * (plain - 1) + 1
    return Gini(plain, plain * _unbiased(n), generalised, generalised * _unbiased(min(n, total)))


def _unbiased(size: float) -> float:
    return size / (size - 1) if size > 1 else np.nan


def share_of_places(amounts: ArrayLike, part: float = 0.5) -> float:
    """The smallest share of places that together hold `part` of the events, fullest places first."""
    x = _checked(amounts)
    values, times = _by_value(x)
    return float(np.ceil(_places_for(values, times[None].astype(np.float64), part)[0] - _ROUNDING) / x.size)


def lorenz(amounts: ArrayLike) -> pl.DataFrame:
    """The Lorenz curve, fullest place first. One row a place, in that order: place (its number in what was given, from
    0), amount, share_of_places, share_of_events (so far), share_if_even (so far, were events as even as they can be).
    """
    x = _checked(amounts)
    order = np.argsort(-x, kind="stable")
    rank = np.arange(1, x.size + 1)
    total = x.sum()
    is_counts = bool((x == np.floor(x)).all())
    even = np.minimum(rank / min(x.size, total), 1.0) if is_counts else rank / x.size
    return pl.DataFrame({
        "place": order, "amount": x[order], "share_of_places": rank / x.size,
        "share_of_events": np.cumsum(x[order]) / total, "share_if_even": even,
    })  # fmt: skip


def bootstrap_share(
    amounts: ArrayLike, *, part: float = 0.5, confidence: float = 0.95, draws: int = 2000, seed: int
) -> tuple[float, float]:
    """Limits of the share of places that holds `part`, were the places drawn again from places like these.

    Of the concentration of counts over a period as long as this one; the concentration of risk is less, since some
    of it is chance. Percentile limits; places are drawn with replacement. Where fewer than ten places hold the part,
    limits of 95% hold the truth about nine times in ten.
    """
    x = _checked(amounts)
    values, times = _by_value(x)
    rng = np.random.default_rng(seed)
    chances = times / x.size
    parts = [
        _places_for(values, rng.multinomial(x.size, chances, size=size).astype(np.float64), part)
        for size in _portions(draws, values.size)
    ]
    tail = (1 - confidence) / 2
    low, high = np.nanquantile(np.concatenate(parts) / x.size, [tail, 1 - tail])
    return float(low), float(high)


@dataclass(frozen=True)
class Chance:
    """The share of places that holds a part of the events, were each event thrown at a place at random: its mean, the
    interval of `confidence`, and `p`, the chance of a share as small as the one found.
    """

    mean: float
    low: float
    high: float
    p: float


def share_by_chance(
    counts: ArrayLike, *, exposure: ArrayLike | None = None, part: float = 0.5, confidence: float = 0.95,
    draws: int = 999, seed: int,
) -> Chance:  # fmt: skip
    """What the share of places would be if events were thrown at random, as many as there were: the Poisson null.

    counts: whole numbers. exposure: how much of a target each place is (length, residents); the same if not given.
    Raises UnfitNumbers for amounts that are no counts and exposure that is not above 0.
    """
    x = _checked(counts)
    require(x == np.floor(x), "not a count.", where="counts", expected="0, 1, 2, …")
    target = None if exposure is None else np.asarray(exposure, dtype=np.float64)
    if target is not None:
        require(target > 0, "no exposure.", where="exposure", expected="more than 0")
    rng, total = np.random.default_rng(seed), int(x.sum())
    portions = _portions(draws, max(x.size, total))
    found = np.concatenate([_fewest(_thrown(rng, size, total, x.size, target), part) for size in portions]) / x.size
    tail = (1 - confidence) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    reached = int((found <= share_of_places(x, part) + _ROUNDING / x.size).sum())
    return Chance(float(found.mean()), float(low), float(high), (1 + reached) / (1 + draws))


def _thrown(rng: np.random.Generator, draws: int, total: int, places: int, target: Floats | None) -> NDArray[np.int64]:
    """Counts of `total` events thrown at places at random, or by how much of a target each is: draws × places."""
    if target is not None:
        return rng.multinomial(total, target / target.sum(), size=draws)
    at = rng.integers(0, places, size=(draws, total)) + np.arange(draws)[:, None] * places
    return np.bincount(at.ravel(), minlength=draws * places).reshape(draws, places)


def _fewest(counts: NDArray[np.int64], part: float) -> Floats:
    """How many places, fullest first, hold `part`: of each row of draws × places."""
    running = np.cumsum(-np.sort(-counts, axis=1), axis=1)
    wanted = part * running[:, -1:] * (1 - _ROUNDING)
    fewest: Floats = (running < wanted).sum(axis=1).astype(np.float64) + 1
    return fewest


def _by_value(x: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The different amounts, largest first, and how many places have each."""
    values, times = np.unique(x, return_counts=True)
    return values[::-1], times[::-1]


def _places_for(values: Floats, times: Floats, part: float) -> Floats:
    """How many places hold `part` of the whole: of each row of draws × values. NaN where a draw has no event at all.

    The last place counts by the part of it that is needed. Whole places would be half a place too many on average,
    which is much where a handful of places holds half: intervals of 50 places then held the truth 4 times in 5.
    """
    held = np.cumsum(times * values, axis=1)
    places = np.cumsum(times, axis=1)
    wanted = part * held[:, -1:] * (1 - _ROUNDING)
    at = (held < wanted).sum(axis=1)
    row = np.arange(at.size)
    before = np.where(at > 0, held[row, at - 1], 0.0)
    seats = np.where(at > 0, places[row, at - 1], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        more = (wanted[:, 0] - before) / values[at]
    return np.where(held[:, -1] > 0, seats + more, np.nan)


def _portions(draws: int, width: int) -> list[int]:
    """Sizes of portions of draws that fit in memory together."""
    size = max(1, _MOST_AT_ONCE // max(width, 1))
    return [size] * (draws // size) + ([draws % size] if draws % size else [])


def _checked(amounts: ArrayLike) -> Floats:
    x = np.asarray(amounts, dtype=np.float64)
    if not x.size:
        raise TooFewPoints(where="places", found=0, needed=1)
    require(np.isfinite(x) & (x >= 0), "negative or missing.", where="places", expected="0 or more")
    if not x.sum():
        raise UnfitNumbers("Nothing happened anywhere.", where="places", found="0 events", expected="1 or more")
    return x
