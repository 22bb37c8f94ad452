"""Whether two sets of records are alike: the population stability index and the two-sample Kolmogorov–Smirnov test.

Sources: PSI: Siddiqi, Credit Risk Scorecards (2006), ch. 11, which also gives the rule of thumb (under 0.1 alike, over
0.25 changed); its chance distribution: Yurdakul and Naranjo, Journal of Risk Model Validation 14(4), 2020. KS: Hodges,
Arkiv för Matematik 3 (1958); with thousands of records KS is always significant, so its statistic is read, not its p.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

EPSILON = 1e-4
_DECILES = np.arange(1, 10) / 10
_KS_TERMS = 100

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drift:
    """How far current numbers are from reference ones. `edges` are the inner edges of the reference's deciles;
    `expected` and `found` the shares of either in each bin; `empty` how many bins had none of one of them.
    """

    edges: Floats
    expected: Floats
    found: Floats
    psi: float
    ks: float
    ks_p: float
    empty: int


def drift(reference: ArrayLike, current: ArrayLike, *, epsilon: float = EPSILON) -> Drift:
    """PSI over the deciles of the reference, and the two-sample KS distance with its asymptotic p.

    reference, current: numbers of any unit, none missing; 10 or more in the reference, 1 in the current.
    A bin without a record would make the PSI infinite: its share is taken as `epsilon`.
    Raises TooFewPoints, UnfitNumbers.
    """
    old, new = _numbers(reference, "reference", 10), _numbers(current, "current", 1)
    edges = np.quantile(old, _DECILES)
    bins = np.concatenate([[-np.inf], edges, [np.inf]])
    # Equal deciles leave bins of no width: nothing can fall in them, so they say nothing.
    bins = np.unique(bins)
    expected, found = (np.histogram(values, bins)[0] / values.size for values in (old, new))
    distance = ks_distance(old, new)
    empty = int(((expected == 0) | (found == 0)).sum())
    p = ks_p_value(distance, old.size, new.size)
    return Drift(edges, expected, found, psi(expected, found, epsilon=epsilon), distance, p, empty)


def psi(expected: ArrayLike, found: ArrayLike, *, epsilon: float = EPSILON) -> float:
    """Population stability index of two sets of shares, bin by bin: sum of (found − expected) × ln(found / expected).

    Counts are brought to shares. A bin that either leaves empty counts as a share of `epsilon` there.
    Raises UnfitNumbers for different lengths, negative numbers or nothing at all.
    """
    p, q = _shares(expected, "expected"), _shares(found, "found")
    if p.size != q.size:
        raise UnfitNumbers(
            "Both sets need the same bins.", where="found", found=f"{q.size} bins", expected=f"{p.size} bins"
        )
    p, q = np.where(p == 0, epsilon, p), np.where(q == 0, epsilon, q)
    return float(((q - p) * np.log(q / p)).sum())


def psi_by_chance(bins: int, reference: int, current: int) -> float:
    """The PSI that chance alone passes once in ten thousand times, for so many bins and records.

    Under no change PSI is about (1/reference + 1/current) times chi-square with bins − 1 degrees of freedom; its
    quantile by Wilson and Hilferty's approximation (1931).
    """
    if bins < 2 or min(reference, current) < 1:
        return np.inf
    degrees, z = bins - 1, 3.719016
    spread = 2 / (9 * degrees)
    chi_square = degrees * (1 - spread + z * np.sqrt(spread)) ** 3
    return float(chi_square * (1 / reference + 1 / current))


def standard_error_of_move(found: tuple[int, int], before: tuple[int, int]) -> float:
    """Standard error of the difference of two shares, each (part, whole), were they one share.

    Agresti and Coull's two added successes and failures (1998) keep it above zero where a share is 0 or 1.
    """
    share = (found[0] + before[0] + 2) / (found[1] + before[1] + 4)
    return float(np.sqrt(share * (1 - share) * (1 / max(found[1], 1) + 1 / max(before[1], 1))))


def psi_of_counts(expected: Mapping[str, int], found: Mapping[str, int]) -> tuple[float, int]:
    """PSI over named classes, and how many classes either has. Half a record stands for none in a class."""
    names = sorted(expected.keys() | found.keys())
    p = np.array([expected.get(name, 0) for name in names], dtype=np.float64)
    q = np.array([found.get(name, 0) for name in names], dtype=np.float64)
    if not p.sum() or not q.sum():
        return 0.0, len(names)
    p, q = np.where(p == 0, 0.5, p), np.where(q == 0, 0.5, q)
    return psi(p, q), len(names)


def psi_of_deciles(expected: Mapping[int, int], found: Mapping[int, int]) -> tuple[float, int]:
    """PSI over the deciles of the reference, from counts by numbered bins; and how many deciles could be told apart."""
    if not sum(expected.values()) or not sum(found.values()):
        return 0.0, 0
    bins = sorted(expected)
    reached = np.cumsum([expected[one] for one in bins]) / sum(expected.values())
    edges = sorted({bins[int(np.searchsorted(reached, share - 1e-12))] for share in _DECILES})
    old, new = (_by_edges(counts, edges) for counts in (expected, found))
    names = range(len(edges) + 1)
    return psi_of_counts({str(name): int(old[name]) for name in names}, {str(name): int(new[name]) for name in names})


def ks_distance(reference: ArrayLike, current: ArrayLike) -> float:
    """The largest distance between the two empirical distributions, 0 to 1."""
    old, new = np.sort(np.asarray(reference, dtype=np.float64)), np.sort(np.asarray(current, dtype=np.float64))
    at = np.concatenate([old, new])
    lower = np.searchsorted(old, at, side="right") / old.size
    upper = np.searchsorted(new, at, side="right") / new.size
    return float(np.abs(lower - upper).max())


def ks_p_value(distance: float, reference: int, current: int) -> float:
    """Asymptotic two-sided p of a KS distance between samples of these sizes."""
    from scipy.stats import kstwo

    # Rounding of the effective size as scipy's ks_2samp does, so that its published results are met to the digit.
    effective = max(reference, current) * min(reference, current) / (reference + current)
    return float(np.clip(kstwo.sf(distance, np.round(effective)), 0, 1))


def _by_edges(counts: Mapping[int, int], edges: list[int]) -> NDArray[np.int64]:
    """Counts by the run of bins they fall in; a bin that is an edge belongs to the run it ends."""
    values, rows = np.array(sorted(counts)), np.array([counts[one] for one in sorted(counts)])
    return np.bincount(np.searchsorted(edges, values, side="left"), weights=rows, minlength=len(edges) + 1).astype(
        np.int64
    )


def _numbers(values: ArrayLike, where: str, needed: int) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.size < needed:
        raise TooFewPoints(where=where, found=numbers.size, needed=needed)
    if not np.isfinite(numbers).all():
        missing = int((~np.isfinite(numbers)).sum())
        raise UnfitNumbers(
            f"{where} holds numbers that are missing.", where=where, found=f"{missing} missing", expected="none"
        )
    return numbers


def _shares(values: ArrayLike, where: str) -> Floats:
    numbers = _numbers(values, where, 1)
    if (numbers < 0).any() or not numbers.sum():
        raise UnfitNumbers(
            f"{where} are no shares or counts.", where=where, found="negative numbers, or none above zero",
            expected="shares or counts of 0 and more",
        )  # fmt: skip
    return np.asarray(numbers / numbers.sum(), dtype=np.float64)
