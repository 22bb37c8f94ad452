"""A cohort that had the project against people like them who had not: matching on the chance of having had it.

Sources: Rosenbaum and Rubin, Biometrika 70(1), 1983; caliper: Austin, Pharmaceutical Statistics 10(2), 2011 (0.2
standard deviations of the logit); balance: Austin, Statistics in Medicine 28(25), 2009 (standardised difference under
0.1); E-value: VanderWeele and Ding, Annals of Internal Medicine 167(4), 2017.

The two commonest errors cannot be seen in the numbers: time that had to be survived to be referred (start both groups'
clocks at the same event), and outcomes from before the referral counted as outcomes of the project.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.int64]
CALIPER = 0.2
BALANCED = 0.1


@dataclass(frozen=True)
class Matched:
    """Pairs and what they show. `treated`, `control`: rows of each pair; a treated row stands in up to k of them.

    `before`, `after`: standardised mean difference of each covariate. `unmatched`: treated rows without a partner.
    `risk_treated`, `risk_control`: mean outcome of matched treated, and of their partners. `difference`: with limits;
    `ratio`: with limits, None where a risk is 0. `e_value`: how strongly something unmeasured would have to go with
    both the project and the outcome to explain the ratio away, and the same for the limit nearer to 1.
    """

    treated: Index
    control: Index
    propensity: Array
    caliper: float
    before: Array
    after: Array
    unmatched: int
    risk_treated: float
    risk_control: float
    difference: tuple[float, float, float]
    ratio: tuple[float, float, float] | None
    e_value: tuple[float, float] | None


def matched_cohort(
    treated: Mask, outcome: Array, covariates: Array, *, partners: int = 1, confidence: float = 0.95,
    draws: int = 2000, seed: int,
) -> Matched:  # fmt: skip
    """Each treated row with up to `partners` untreated ones whose chance of treatment is nearest, none used twice.

    treated: who had the project. outcome: 0 and 1, or a number. covariates: a column each, from before the project,
    none missing. Closest pairs are made first; a partner lies within 0.2 standard deviations of the logit or is none.
    Limits: matched sets drawn again. Raises TooFewPoints under 10 on either side or without a pair.
    """
    _check(treated, outcome, covariates)
    propensity = _propensity(treated, covariates)
    logit = np.log(propensity / (1 - propensity))
    caliper = CALIPER * sqrt((logit[treated].var(ddof=1) + logit[~treated].var(ddof=1)) / 2)
    own, other = _pairs(logit, treated, caliper, partners)
    if own.size == 0:
        raise TooFewPoints(where="pairs within the caliper", found=0, needed=1)
    sets, of_set = np.unique(own, return_inverse=True)
    partner_mean = np.bincount(of_set, outcome[other]) / np.bincount(of_set)
    pairs = np.stack([outcome[sets], partner_mean])
    rng = np.random.default_rng(seed)
    drawn = pairs[:, rng.integers(0, sets.size, (draws, sets.size))].mean(axis=2)
    risks = pairs.mean(axis=1)
    ratio = _ratio(risks, drawn, confidence)
    tails = [0.5 - confidence / 2, 0.5 + confidence / 2]
    low, high = np.quantile(drawn[0] - drawn[1], tails)
    weights = 1 / np.bincount(of_set)[of_set]
    return Matched(
        own, other, propensity, caliper,
        standardised_difference(covariates[treated], covariates[~treated], covariates, treated),
        standardised_difference(covariates[sets], covariates[other], covariates, treated, weights),
        int(treated.sum()) - sets.size, float(risks[0]), float(risks[1]),
        (float(risks[0] - risks[1]), float(low), float(high)), ratio, None if ratio is None else _e_values(ratio),
    )  # fmt: skip


def standardised_difference(
    own: Array, others: Array, everyone: Array, treated: Mask, weights: Array | None = None
) -> Array:
    """Difference of means in standard deviations, those of the two groups before matching. 0 where nothing varies."""
    spread = np.sqrt((everyone[treated].var(axis=0, ddof=1) + everyone[~treated].var(axis=0, ddof=1)) / 2)
    apart = own.mean(axis=0) - np.average(others, axis=0, weights=weights)
    found: Array = np.where(spread > 0, apart / np.where(spread > 0, spread, 1.0), 0.0)
    return found


def e_value(ratio: float) -> float:
    """E-value of a risk ratio: RR + √(RR (RR - 1)), of its inverse where it is under 1."""
    size = ratio if ratio >= 1 else 1 / ratio
    return size + sqrt(size * (size - 1))


def _e_values(ratio: tuple[float, float, float]) -> tuple[float, float]:
    best, low, high = ratio
    nearer = low if best > 1 else high
    crosses = low <= 1 <= high
    return e_value(best), 1.0 if crosses else e_value(nearer)


def _ratio(risks: Array, drawn: Array, confidence: float) -> tuple[float, float, float] | None:
    if risks.min() <= 0:
        return None
    ratios = (drawn[0] * 1.0 + 1e-12) / (drawn[1] + 1e-12)
    low, high = np.quantile(ratios, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return float(risks[0] / risks[1]), float(low), float(high)


def _propensity(treated: Mask, covariates: Array) -> Array:
    import statsmodels.api as sm

    scaled = (covariates - covariates.mean(axis=0)) / covariates.std(axis=0)
    fitted = sm.GLM(treated.astype(float), sm.add_constant(scaled), family=sm.families.Binomial()).fit(maxiter=100)
    return np.clip(np.asarray(fitted.fittedvalues, dtype=np.float64), 1e-9, 1 - 1e-9)


def _pairs(logit: Array, treated: Mask, caliper: float, partners: int) -> tuple[Index, Index]:
    """In each turn every treated row gets at most one partner more; within a turn, closest pairs first."""
    own_rows, free = np.flatnonzero(treated), np.flatnonzero(~treated)
    free = free[np.argsort(logit[free], kind="stable")]
    pairs: list[tuple[Index, Index]] = []
    for _ in range(partners):
        own, other, free = _one_turn(logit, own_rows, free, caliper)
        pairs.append((own, other))
    own = np.concatenate([each[0] for each in pairs])
    other = np.concatenate([each[1] for each in pairs])
    order = np.lexsort((other, own))
    return own[order], other[order]


def _one_turn(logit: Array, waiting: Index, free: Index, caliper: float) -> tuple[Index, Index, Index]:
    own: list[Index] = []
    other: list[Index] = []
    while waiting.size and free.size:
        at = np.searchsorted(logit[free], logit[waiting])
        left, right = np.clip(at - 1, 0, free.size - 1), np.clip(at, 0, free.size - 1)
        is_left = np.abs(logit[free[left]] - logit[waiting]) <= np.abs(logit[free[right]] - logit[waiting])
        wanted = np.where(is_left, left, right)
        distance = np.abs(logit[free[wanted]] - logit[waiting])
        near = distance <= caliper
        waiting, wanted, distance = waiting[near], wanted[near], distance[near]
        order = np.lexsort((waiting, distance, wanted))
        _, first = np.unique(wanted[order], return_index=True)
        won = order[first]
        own.append(waiting[won])
        other.append(free[wanted[won]])
        free = np.delete(free, wanted[won])
        waiting = np.delete(waiting, won)
    empty = np.empty(0, dtype=np.int64)
    return np.concatenate([empty, *own]), np.concatenate([empty, *other]), free


def _check(treated: Mask, outcome: Array, covariates: Array) -> None:
    fewer = int(min(treated.sum(), (~treated).sum()))
    if fewer < 10:
        raise TooFewPoints(where="people with, or without, the project", found=fewer, needed=10)
    if not np.isfinite(outcome).all():
        raise UnfitNumbers("An outcome is missing.", where="cohort, column outcome", expected="none missing")
    if covariates.shape[1] == 0 or (np.ptp(covariates, axis=0) == 0).any():
        raise UnfitNumbers(
            "Matching needs covariates that vary.", where="covariates", expected="columns of numbers from before"
        )
