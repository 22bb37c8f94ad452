"""From how often each person or event was seen: Chao's lower bound and Zelterman's estimate."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import UnfitNumbers


@dataclass(frozen=True)
class FromFrequencies:
    """An estimate from the counts of those seen once (`f1`) and twice (`f2`).

    total, low, high: with the missed counted; NaN where the counts cannot tell. `seen`: all who were seen.
    """

    seen: int
    f1: int
    f2: int
    total: float
    se: float
    low: float
    high: float


def chao_lower_bound(
    times: ArrayLike, count: ArrayLike, *, occasions: int = 0, corrected: bool = False, confidence: float = 0.95
) -> FromFrequencies:
    """At least how many there are, whatever the differences in how easily each is seen.

    times: how often seen, 1 or more; count: how many were seen so often. occasions: lists or occasions on which one
    could be seen, 0 where there is no such number (then counts are taken as Poisson). corrected: the bias-corrected
    form, which also stands where none was seen twice.
    Interval: log-normal in the missed. Raises UnfitNumbers for negative or broken counts.
    Source: Chao, Biometrics 43(4), 1987, equations 9 to 12; occasions: Chao, Biometrics 45(2), 1989.
    """
    seen, f1, f2 = _once_and_twice(times, count)
    share = (occasions - 1) / occasions if occasions else 1.0
    if corrected or f2 == 0:
        missed = share * f1 * (f1 - 1) / (2 * (f2 + 1))
        variance = (
            share * f1 * (f1 - 1) / (2 * (f2 + 1))
            + share**2 * f1 * (2 * f1 - 1) ** 2 / (4 * (f2 + 1) ** 2)
            + share**2 * f1**2 * f2 * (f1 - 1) ** 2 / (4 * (f2 + 1) ** 4)
            - (share**2 * f1**4 / (4 * (seen + missed)) if f2 == 0 else 0.0)
        )
    else:
        ratio = f1 / f2
        missed = share * f1 * ratio / 2
        variance = f2 * (share * ratio**2 / 2 + share**2 * ratio**3 + share**2 * ratio**4 / 4)
    return _with_interval(seen, f1, f2, missed, variance, confidence)


def zelterman(times: ArrayLike, count: ArrayLike, *, confidence: float = 0.95) -> FromFrequencies:
    """How many there are, from those seen once and twice alone, so that the often seen do not lead it astray.

    Arguments as `chao_lower_bound`. NaN where none was seen twice or none once. Interval: log-normal in the missed.
    Sources: Zelterman, J. Statistical Planning and Inference 18(2), 1988; variance: Böhning, Statistical Methodology
    5(5), 2008.
    """
    seen, f1, f2 = _once_and_twice(times, count)
    if f1 == 0 or f2 == 0:
        return FromFrequencies(seen, f1, f2, np.nan, np.nan, np.nan, np.nan)
    rate = 2 * f2 / f1
    unseen = np.exp(-rate)
    spread = unseen / (1 - unseen) ** 2
    variance = seen * spread * (1 + seen * spread * rate**2 * (1 / f1 + 1 / f2))
    return _with_interval(seen, f1, f2, seen * unseen / (1 - unseen), variance, confidence)


def _with_interval(seen: int, f1: int, f2: int, missed: float, variance: float, confidence: float) -> FromFrequencies:
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    spread = np.exp(z * np.sqrt(np.log1p(variance / missed**2))) if missed > 0 else 1.0
    return FromFrequencies(
        seen, f1, f2, seen + missed, float(np.sqrt(variance)), float(seen + missed / spread),
        float(seen + missed * spread),
    )  # fmt: skip


def _once_and_twice(times: ArrayLike, count: ArrayLike) -> tuple[int, int, int]:
    often: NDArray[np.float64] = np.asarray(times, dtype=np.float64)
    many: NDArray[np.float64] = np.asarray(count, dtype=np.float64)
    is_fit = often.shape == many.shape and bool((often >= 1).all() and (many >= 0).all())
    if not is_fit or (often % 1).any() or (many % 1).any() or not many.sum():
        raise UnfitNumbers(
            "Frequencies count those who were seen: once or more, a whole number of them.",
            where="times, count", found="a number under 1 time, or a count that is not whole", expected="times from 1",
        )  # fmt: skip
    return int(many.sum()), int(many[often == 1].sum()), int(many[often == 2].sum())
