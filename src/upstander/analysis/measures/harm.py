"""Crime harm: offences weighed by how much harm each does, with an interval that a rare, heavy offence does not fool.

A score is Σ weight·count. The weights are data, never constants: the Crime Severity Score (Office for National
Statistics, Research outputs: developing a Crime Severity Score for England and Wales, 2016: mean days of sentences) and
the Cambridge Crime Harm Index (Sherman, Neyroud and Neyroud, Policing 10(3), 2016: starting points of guidelines).
Each count is Poisson, so the score is compound Poisson with variance Σ weight²·count.
Limits: Fay and Feuer, Statistics in Medicine 16, 1997, pp. 791–801 (gamma; its upper limit reckons with one more
offence of the heaviest kind); or Dobson et al., Statistics in Medicine 10, 1991.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.measures.limits import Floats, Limits, poisson_limits, require, sums

How = Literal["gamma", "dobson"]


@dataclass(frozen=True)
class Harm:
    """Harm by group, in the unit of the weights (days). `variance`: Σ weight²·count. `events`: offences weighed."""

    events: Floats
    score: Floats
    variance: Floats

    def limits(self, confidence: float, *, heaviest: float, how: How = "gamma") -> Limits:
        """Limits of the expected harm. heaviest: the largest weight that an offence of this kind may have.

        gamma keeps its confidence also where the heaviest offence is rarer than one a period, and is wide for it.
        dobson is narrower, and misses far too often there: none seen is no proof that none was to be expected.
        """
        return self._dobson(confidence) if how == "dobson" else self._gamma(confidence, heaviest)

    def _gamma(self, confidence: float, heaviest: float) -> Limits:
        from scipy.special import gammainccinv, gammaincinv

        tail = (1 - confidence) / 2
        is_some = self.score > 0
        score, spread = (np.where(is_some, values, 1.0) for values in (self.score, self.variance))
        low = np.where(is_some, spread / score * gammaincinv(np.square(score) / spread, tail), 0.0)
        above, wide = self.score + heaviest, self.variance + heaviest**2
        return Limits(low, wide / above * gammainccinv(np.square(above) / wide, tail))

    def _dobson(self, confidence: float) -> Limits:
        plain = poisson_limits(self.events, confidence)
        stretch = np.sqrt(np.divide(self.variance, self.events, out=np.zeros_like(self.score), where=self.events > 0))
        low, high = (self.score + stretch * (limit - self.events) for limit in plain)
        return Limits(np.maximum(low, 0.0), high)


def crime_harm(counts: ArrayLike, weights: ArrayLike, group: NDArray[np.int64], groups: int) -> Harm:
    """Harm of each group. One row a group and offence: counts (0, 1, 2, …), weights (0 or more), group (from 0).

    Groups without a row have no harm. Raises UnfitNumbers, with the row.
    """
    x, w = (np.asarray(values, dtype=np.float64) for values in (counts, weights))
    require((x >= 0) & (x == np.floor(x)), "not a count.", where="counts", expected="0, 1, 2, …")
    require(w >= 0, "negative or missing.", where="weights", expected="0 or more")
    return Harm(
        events=sums(group, x, groups),
        score=sums(group, w * x, groups),
        variance=sums(group, np.square(w) * x, groups),
    )
