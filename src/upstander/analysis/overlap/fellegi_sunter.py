"""The Fellegi–Sunter model of agreement, fitted by EM to counts of patterns.

Missing is not disagreement: a comparison that could not be made says nothing for or against a link.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

Numbers = NDArray[np.float64]
_FEWEST_COLUMNS = 3


@dataclass(frozen=True)
class FellegiSunter:
    """What EM found. `m`, `u`: chance that a column agrees among links and among the others; `share`: of pairs that
    are links. `posterior`: chance of a link for each pattern. `switched`: whether links and others had changed places
    and were named anew.
    """

    share: float
    m: Numbers
    u: Numbers
    posterior: Numbers
    rounds: int
    has_settled: bool
    switched: bool

    @property
    def weight_agree(self) -> Numbers:
        """log2 m/u: what agreement adds."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log2(self.m / self.u))

    @property
    def weight_disagree(self) -> Numbers:
        """log2 (1 - m)/(1 - u): what disagreement adds, below zero where the column tells."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.log2((1 - self.m) / (1 - self.u)))


def fellegi_sunter(
    agrees: ArrayLike, count: ArrayLike, *, m: float = 0.9, u: float = 0.1, share: float = 0.1,
    most_rounds: int = 10_000, tolerance: float = 1e-13,
) -> FellegiSunter:  # fmt: skip
    """Share of links and agreement of each column, by EM from patterns of agreement.

    agrees: patterns × columns, 1 agrees, 0 disagrees, NaN not compared; count: pairs of each pattern. Three columns or
    more: with fewer the model has more unknowns than the counts can tell. m, u, share: where EM starts; m above u,
    so that links are those that agree.
    Raises TooFewPoints under three columns or without a pair, UnfitNumbers for values that are none of these.
    Sources: Fellegi and Sunter, J. American Statistical Association 64(328), 1969; EM: Winkler, Proceedings of the
    Section on Survey Research Methods, ASA, 1988, pp. 667-671.
    """
    gamma, pairs = _checked(agrees, count)
    known = np.isfinite(gamma)
    agreed, differed = np.where(known, gamma, 0.0), np.where(known, 1 - np.where(known, gamma, 0.0), 0.0)
    now_m, now_u, now_share = np.full(gamma.shape[1], m), np.full(gamma.shape[1], u), share
    moved, rounds = np.inf, 0
    while moved > tolerance and rounds < most_rounds:
        posterior = _posterior(agreed, differed, now_m, now_u, now_share)
        linked, apart = pairs * posterior, pairs * (1 - posterior)
        new_m, new_u = _mean(agreed, known, linked, now_m), _mean(agreed, known, apart, now_u)
        new_share = float(linked.sum() / pairs.sum())
        moved = max(float(np.abs(new_m - now_m).max()), float(np.abs(new_u - now_u).max()), abs(new_share - now_share))
        now_m, now_u, now_share, rounds = new_m, new_u, new_share, rounds + 1
    is_switched = float((now_m - now_u).sum()) < 0
    if is_switched:
        now_m, now_u, now_share = now_u, now_m, 1 - now_share
    posterior = _posterior(agreed, differed, now_m, now_u, now_share)
    return FellegiSunter(now_share, now_m, now_u, posterior, rounds, bool(moved <= tolerance), is_switched)


def _posterior(agreed: Numbers, differed: Numbers, m: Numbers, u: Numbers, share: float) -> Numbers:
    linked = share * _likelihood(agreed, differed, m)
    apart = (1 - share) * _likelihood(agreed, differed, u)
    both = linked + apart
    return np.asarray(np.divide(linked, both, out=np.full(both.size, share), where=both > 0))


def _likelihood(agreed: Numbers, differed: Numbers, chance: Numbers) -> Numbers:
    return np.asarray((chance**agreed * (1 - chance) ** differed).prod(axis=1))


def _mean(agreed: Numbers, known: NDArray[np.bool_], weight: Numbers, before: Numbers) -> Numbers:
    """The weighted share that agrees, of those compared; as before where nothing has any weight."""
    compared = weight @ known
    share = np.divide(weight @ agreed, compared, out=before.copy(), where=compared > 0)
    return np.clip(share, 0.0, 1.0)


def _checked(agrees: ArrayLike, count: ArrayLike) -> tuple[Numbers, Numbers]:
    gamma, pairs = np.asarray(agrees, dtype=np.float64), np.asarray(count, dtype=np.float64)
    if gamma.ndim != 2 or gamma.shape[1] < _FEWEST_COLUMNS:
        raise TooFewPoints(where="columns of agreement", found=gamma.shape[-1], needed=_FEWEST_COLUMNS)
    if not pairs.size or pairs.sum() <= 0:
        raise TooFewPoints(where="pairs", found=0, needed=1)
    if not (np.isnan(gamma) | (gamma == 0) | (gamma == 1)).all() or pairs.shape != gamma.shape[:1] or (pairs < 0).any():
        raise UnfitNumbers(
            "Agreement is 1, 0 or missing, and each pattern has a count.",
            where="agrees, count", found="another number", expected="1, 0 or nothing; counts of 0 or more",
        )  # fmt: skip
    return gamma, pairs
