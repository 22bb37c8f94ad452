"""Regression to the mean: how far a place chosen at its peak falls by itself.

Sources: Galton 1886; Davis, International Journal of Epidemiology 5(4), 1976 (the expected fall); Hauer, Observational
Before-After Studies in Road Safety, 1997, chapters 11 and 12 (empirical Bayes for counts).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Peak:
    """What the chosen places were to expect without any project. `expected`: one a place, `total` with limits.

    `shrinkage`: share of a place's distance from the mean that lasts: 1 all, 0 none. `fall`: expected share fewer.
    `moved`: what other places did, as a ratio (1 where no later counts were given). `observed` and `p`: events after in
    the chosen places, and the chance of so few or fewer without a project; None where no later counts were given.
    """

    shrinkage: float
    expected: Array
    total: float
    low: float
    high: float
    fall: float
    moved: float
    observed: float | None
    p: float | None

    @property
    def beyond(self) -> float | None:
        """The share by which the chosen places fell below what they were to expect; below zero: rose above it."""
        return None if self.observed is None else 1 - self.observed / self.total


def regression_to_the_mean(
    before: Array, chosen: Mask, *, after: Array | None = None, confidence: float = 0.95, draws: int = 10_000, seed: int
) -> Peak:
    """The fall that choosing by the count itself brings about.

    before: events in every place that could have been chosen, chosen or not, over one period. chosen: those that were.
    after: events of a period as long, if it is over; the change of the places not chosen is then taken as everybody's.
    Places' long-run rates are taken as gamma, counts as Poisson around them; limits by drawing both.
    Raises TooFewPoints under 10 places or none chosen, UnfitNumbers for negative or missing counts.
    """
    _check(before, chosen, after)
    mean, spread = float(before.mean()), float(before.var(ddof=1))
    between = max(spread - mean, 0.0)
    shrinkage = between / (between + mean) if mean > 0 else 0.0
    expected = mean + shrinkage * (before - mean)
    moved = _moved(expected, chosen, after)
    total = float(expected[chosen].sum()) * moved
    rates = _rates(before[chosen], mean, between, draws, np.random.default_rng(seed))
    # The mean of the other places and their change are estimated too; without them limits would be too narrow.
    totals = np.random.default_rng(seed + 1).poisson(
        rates.sum(axis=1) * _moved_draws(moved, chosen, after, draws, seed)
    )
    low, high = np.quantile(totals, [0.5 - confidence / 2, 0.5 + confidence / 2])
    observed = None if after is None else float(after[chosen].sum())
    return Peak(
        shrinkage, expected * moved, total, float(low), float(high), 1 - total / float(before[chosen].sum()), moved,
        observed, None if observed is None else float((1 + (totals <= observed).sum()) / (1 + draws)),
    )  # fmt: skip


def _rates(before: Array, mean: float, between: float, draws: int, rng: np.random.Generator) -> Array:
    """Long-run rates of the chosen places, given their counts: a row a draw."""
    if between == 0:
        return np.full((draws, before.size), mean)
    shape = mean**2 / between
    rates: Array = rng.gamma(before + shape, mean / (mean + shape), (draws, before.size))
    return rates


def _moved(expected: Array, chosen: Mask, after: Array | None) -> float:
    if after is None:
        return 1.0
    return float(after[~chosen].sum() / expected[~chosen].sum())


def _moved_draws(moved: float, chosen: Mask, after: Array | None, draws: int, seed: int) -> Array:
    if after is None:
        return np.ones(draws)
    seen = float(after[~chosen].sum())
    scale: Array = np.random.default_rng(seed + 2).gamma(seen + 0.5, 1.0, draws) / (seen + 0.5)
    return moved * scale


def _check(before: Array, chosen: Mask, after: Array | None) -> None:
    if before.size < 10:
        raise TooFewPoints(where="places", found=int(before.size), needed=10)
    if not chosen.any() or chosen.all():
        raise TooFewPoints(where="places chosen, and places not chosen", found=0, needed=1)
    for name, counts in (("before", before), ("after", after)):
        if counts is not None and (~np.isfinite(counts) | (counts < 0)).any():
            raise UnfitNumbers(
                "Every place has a count, 0 or more.", where=f"places, column {name}", expected="0, 1, 2, …"
            )
    if before[chosen].sum() == 0:
        raise UnfitNumbers("The chosen places had no event.", where="places", found="0", expected="1 or more")
