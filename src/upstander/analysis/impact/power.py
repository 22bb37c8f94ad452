"""Before a pilot starts: could it show what it hopes for? Exact tests and power of two Poisson rates.

Source: Krishnamoorthy and Thomson, Journal of Statistical Planning and Inference 119(1), 2004, pp. 23-35 (E-test and
its power); Przyborowski and Wilenski, Biometrika 31, 1940 (conditional or C-test).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import UnfitNumbers

Array = NDArray[np.float64]
Test = Literal["e", "c"]
_TAIL = 1e-13
_TIE = 1e-9  # statistics nearer than this share are the same number, rounded two ways
MOST_EXPECTED = 100.0


@dataclass(frozen=True)
class Power:
    """Chance of a significant difference: `power` if the rate is `ratio` times the other, `size` if both are equal."""

    ratio: float
    power: float
    size: float


def e_test(k1: float, k2: float, n1: float = 1.0, n2: float = 1.0, *, difference: float = 0.0) -> float:
    """Two-sided p that two Poisson rates differ by `difference`, by estimated p-values (E-test).

    k1, k2: events. n1, n2: how long, or among how many. difference: rate 1 less rate 2 if nothing differs.
    Two zero counts differ in nothing: p is 1.
    """
    _check_counts(k1, k2, n1, n2)
    rate2 = (k1 + k2) / (n1 + n2) - difference * n1 / (n1 + n2)
    if rate2 < 0 or k1 + k2 == 0:
        return 1.0
    seen = float(_statistic(np.array([k1]), np.array([k2]), n1, n2, difference)[0])
    first, second = _span(n1 * (rate2 + difference)), _span(n2 * rate2)
    p1, p2 = _chances(first, n1 * (rate2 + difference)), _chances(second, n2 * rate2)
    # A block of rows at a time: the whole grid of two large counts does not fit into memory.
    block = max(2_000_000 // second.size, 1)
    total = 0.0
    for start in range(0, first.size, block):
        rows = slice(start, start + block)
        size = _statistic(first[rows, None], second[None, :], n1, n2, difference)
        total += float((p1[rows, None] * p2[None, :])[size >= seen * (1 - _TIE)].sum())
    return min(total, 1.0)


def c_test(k1: float, k2: float, n1: float = 1.0, n2: float = 1.0) -> float:
    """Two-sided p that two Poisson rates differ, given their total: twice the smaller binomial tail."""
    from scipy.stats import binom

    _check_counts(k1, k2, n1, n2)
    share = n1 / (n1 + n2)
    tails = binom.cdf(k1, k1 + k2, share), binom.sf(k1 - 1, k1 + k2, share)
    return float(min(2 * min(tails), 1.0))


def ratio_limits(k1: float, k2: float, n1: float, n2: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Exact limits of rate 1 over rate 2, given the total: Clopper and Pearson's of the share. Infinite if k2 is 0."""
    from scipy.stats import beta

    _check_counts(k1, k2, n1, n2)
    tail = (1 - confidence) / 2
    low = 0.0 if k1 == 0 else float(beta.ppf(tail, k1, k2 + 1))
    high = 1.0 if k2 == 0 else float(beta.ppf(1 - tail, k1 + 1, k2))
    return low / (1 - low) * n2 / n1, (float("inf") if high == 1 else high / (1 - high) * n2 / n1)


def power_two_rates(
    expected: float, comparison: float, ratio: float, *, alpha: float = 0.05, test: Test = "e"
) -> Power:
    """Exact chance that a two-sided test at `alpha` tells the two rates apart.

    expected: events expected with the project if it does nothing; comparison: events expected in the period or place it
    is compared with. The two need not be as long or as large as each other. ratio: the rate with the project over that
    without. Above 100 expected events the E-test's own critical value, which is then that of a normal score, is taken
    as the normal score's; power and size stay exact for the test so defined. Raises UnfitNumbers for expected numbers
    that are not above 0.
    """
    if min(expected, comparison) <= 0 or ratio < 0:
        raise UnfitNumbers(
            "Power needs events to be expected.", where="expected, comparison, ratio", found="0 or less",
            expected="more than 0",
        )  # fmt: skip
    rejects = _rejections(expected, comparison, alpha, test)
    return Power(ratio, rejects(ratio), rejects(1.0))


def detectable_ratio(
    expected: float, comparison: float, *, power: float = 0.8, alpha: float = 0.05, test: Test = "e"
) -> float | None:
    """The largest rate ratio under 1 that the test finds with at least that power; None if not even 0 is found.

    A grid of thousandths, searched by halving: exact power is not quite monotone, which moves it by a thousandth or so.
    """
    rejects = _rejections(expected, comparison, alpha, test)
    if rejects(0.0) < power:
        return None
    low, high = 0, 1000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if rejects(middle / 1000) >= power else (low, middle)
    return low / 1000


def _rejections(expected: float, comparison: float, alpha: float, test: Test) -> Callable[[float], float]:
    """The chance of rejection as a function of the rate ratio."""
    first = np.arange(0, _span(expected)[-1] + 1)
    if max(expected, comparison) > MOST_EXPECTED:
        low, high = _bounds(first, expected, comparison, alpha, test)
        return lambda ratio: _outside(first, expected * ratio, low, high, comparison)
    second = _span(comparison)
    make = _e_region if test == "e" else _c_region
    found = make(first, second, expected, comparison, alpha) @ _chances(second, comparison)
    return lambda ratio: float(_chances(first, expected * ratio) @ found)


def _bounds(first: Array, n1: float, n2: float, alpha: float, test: Test) -> tuple[Array, Array]:
    """For each first count, the second counts up to which, and from which, the test rejects."""
    from scipy.stats import nbinom, norm

    if test == "c":
        # Given the total, the tails of the share are tails of a negative binomial in the second count.
        share = n1 / (n1 + n2)
        second = np.arange(0, _span(n2)[-1] + 1)
        wanted = alpha / 2
        low = nbinom.ppf(wanted, first, share)
        low = np.where(nbinom.cdf(low, np.maximum(first, 1), share) <= wanted, low, low - 1)
        low = np.where(first == 0, -1, low)
        high = nbinom.isf(wanted, first + 1, share) + 1
        return low, np.minimum(high, second[-1] + 1)
    z2 = float(norm.isf(alpha / 2)) ** 2
    # (k1/n1 - k2/n2)² = z² (k1/n1² + k2/n2²), solved for k2/n2.
    middle = first / n1 + z2 / (2 * n2)
    root = np.sqrt(np.maximum(middle**2 - (first / n1) ** 2 + z2 * first / n1**2, 0))
    return np.floor((middle - root) * n2 + _TIE), np.ceil((middle + root) * n2 - _TIE)


def _outside(first: Array, mean: float, low: Array, high: Array, comparison: float) -> float:
    from scipy.stats import poisson

    tails = poisson.cdf(low, comparison) + poisson.sf(high - 1, comparison)
    return float(_chances(first, mean) @ np.minimum(tails, 1.0))


def _e_region(first: Array, second: Array, n1: float, n2: float, alpha: float) -> Array:
    """Where the E-test rejects. The p-value of a pair depends on its total alone besides the statistic, so that the
    pairs are sorted once and each total takes one running sum.
    """
    size = _statistic(first[:, None], second[None, :], n1, n2, 0.0)
    wide, long = np.arange(0, 2 * first[-1] + 40), np.arange(0, 2 * second[-1] + 40)
    all_sizes = _statistic(wide[:, None], long[None, :], n1, n2, 0.0).ravel()
    order = np.argsort(-all_sizes, kind="stable")
    falling = -all_sizes[order]
    totals = first[:, None] + second[None, :]
    rejected = np.zeros(size.shape)
    for total in np.unique(totals):
        here = totals == total
        rate = total / (n1 + n2)
        weight = np.outer(_chances(wide, n1 * rate), _chances(long, n2 * rate)).ravel()[order]
        tail = np.concatenate([[0.0], np.cumsum(weight)])
        upto = np.searchsorted(falling, -size[here] * (1 - _TIE), side="right")
        rejected[here] = tail[upto] <= alpha
    rejected[totals == 0] = 0
    return rejected


def _c_region(first: Array, second: Array, n1: float, n2: float, alpha: float) -> Array:
    from scipy.stats import binom

    share = n1 / (n1 + n2)
    totals = np.arange(0, first[-1] + second[-1] + 1)
    # The largest k whose lower tail, and the smallest whose upper tail, is alpha / 2 or less.
    low = binom.ppf(alpha / 2, totals, share)
    low = np.where(binom.cdf(low, totals, share) <= alpha / 2, low, low - 1)
    high = binom.isf(alpha / 2, totals, share) + 1
    both = (first[:, None] + second[None, :]).astype(int)
    region: Array = ((first[:, None] <= low[both]) | (first[:, None] >= high[both])).astype(np.float64)
    return region


def _statistic(k1: Array, k2: Array, n1: float, n2: float, difference: float) -> Array:
    """Squared difference of the rates over its estimated variance; 0 where both counts are 0."""
    spread = k1 / n1**2 + k2 / n2**2
    apart = k1 / n1 - k2 / n2 - difference
    found: Array = apart**2 / np.where(spread > 0, spread, 1.0)
    return np.where(spread > 0, found, 0.0)


def _span(mean: float) -> Array:
    """Whole numbers outside which a Poisson count of that mean lies with chance 1e-13 or less on either side."""
    from scipy.stats import poisson

    low, high = poisson.ppf(_TAIL, mean), poisson.isf(_TAIL, mean)
    return np.arange(max(low - 1, 0), high + 2)


def _chances(counts: Array, mean: float) -> Array:
    from scipy.special import gammaln, xlogy

    chances: Array = np.exp(xlogy(counts, mean) - mean - gammaln(counts + 1))
    return chances


def _check_counts(k1: float, k2: float, n1: float, n2: float) -> None:
    if min(k1, k2) < 0 or k1 != int(k1) or k2 != int(k2):
        raise UnfitNumbers("Counts are whole and not negative.", where="counts", expected="0, 1, 2, …")
    if min(n1, n2) <= 0:
        raise UnfitNumbers("A rate needs a time or a number of people.", where="exposures", expected="more than 0")
