"""Do the top places stay the top places, or does their order change more than chance alone would make it?

Few of the first ten places of one year are among the first ten of the next even where nothing has changed, because
counts are few. So what is kept is compared with what would be kept were every place's rate the same in both periods
(drawn as in `ranks` from the counts of both) and only the level of all places together moved.

Sources: rank intervals as in `ranks`; predictive checks of a replicated statistic: Rubin, Annals of Statistics 12(4),
1984; Gelman, Meng and Stern, Statistica Sinica 6(4), 1996.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots.ranks import RankIntervals, posterior_rates, rank_intervals


@dataclass(frozen=True)
class Kept:
    """How many of the top places of one period are among those of the next.

    `kept`: found. `expected`, `low`, `high`: mean and 95% range were no place's rate to change. `p_fewer`: chance then
    of as few or fewer. `rank_correlation`: Spearman's, over all places (NaN where all are equal).
    """

    kept: int
    expected: float
    low: int
    high: int
    p_fewer: float
    rank_correlation: float


@dataclass(frozen=True)
class Stability:
    """Rank intervals by period, and what is kept between each period and the next."""

    by_period: tuple[RankIntervals, ...]
    between: tuple[Kept, ...]


def rank_stability(
    counts: ArrayLike, *, top: int = 10, confidence: float = 0.95, draws: int = 2000, spread: float = 1.0, seed: int
) -> Stability:
    """Ranks in each period, and whether the top changed more than chance would have it.

    counts: places × periods of equal length, whole numbers, every place, zeros too. top: shorter than the list.
    spread: the variance of a place's count over its mean, 1 for Poisson, as in `rank_intervals`.
    Raises TooFewPoints under 3 places or 2 periods, UnfitNumbers for counts that do not count or too long a top.
    """
    events = np.asarray(counts)
    if events.ndim != 2 or events.shape[1] < 2:
        raise TooFewPoints(where="periods", found=events.shape[-1], needed=2)
    if not 0 < top < events.shape[0]:
        raise UnfitNumbers(
            "`top` must be shorter than the list of places.",
            where="top", found=f"{top} of {events.shape[0]} places", expected=f"1 to {events.shape[0] - 1}",
        )  # fmt: skip
    seeds = np.random.SeedSequence(seed).spawn(events.shape[1])
    ranked = tuple(
        rank_intervals(period, confidence=confidence, draws=draws, spread=spread, seed=seed) for period in events.T
    )
    return Stability(
        ranked,
        tuple(
            _kept(before, after, top, draws, spread, np.random.default_rng(own))
            for before, after, own in zip(events.T[:-1], events.T[1:], seeds[1:], strict=True)
        ),
    )


def _kept(
    before: NDArray[np.int64], after: NDArray[np.int64], top: int, draws: int, spread: float, rng: np.random.Generator
) -> Kept:
    from scipy.stats import rankdata

    both = (before + after) / spread
    rates = posterior_rates(both, np.full(both.size, 2 / spread), draws, rng)
    shares = [2 * float(each.sum()) / max(float((before + after).sum()), 1.0) for each in (before, after)]
    first, second = (_redrawn(rates * share, spread, rng) for share in shares)
    overlaps = _overlap(first, second, top)
    found = int(_overlap(before[None], after[None], top)[0])
    low, high = np.quantile(overlaps, [0.025, 0.975], method="inverted_cdf")
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = float(np.corrcoef(rankdata(before), rankdata(after))[0, 1])
    return Kept(
        found, float(overlaps.mean()), int(low), int(high), float((1 + (overlaps <= found).sum()) / (1 + draws)),
        correlation,
    )  # fmt: skip


def _redrawn(mean: NDArray[np.float64], spread: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Counts about their means, Poisson or, where they spread, negative binomial."""
    return rng.poisson(mean if spread == 1 else rng.gamma(mean / (spread - 1), spread - 1))


def _overlap(before: NDArray[np.int64], after: NDArray[np.int64], top: int) -> NDArray[np.int64]:
    """How many places are in the top of both, draw by draw. Equal counts stand in the order given, in both."""
    is_top = [np.zeros(each.shape, dtype=bool) for each in (before, after)]
    for each, flags in zip((before, after), is_top, strict=True):
        np.put_along_axis(flags, np.argsort(-each, axis=1, kind="stable")[:, :top], values=True, axis=1)
    overlap: NDArray[np.int64] = (is_top[0] & is_top[1]).sum(axis=1)
    return overlap
