"""CUSUM charts of counts: small rises that last, which no single week shows.

Sources: Rossi, Lampugnani and Marchi, Statistics in Medicine 18(16), 1999 (normal score of a Poisson count, k 1.04,
h 2.26); negative binomial likelihood ratio: Hawkins and Olwell, Cumulative Sum Charts, 1998, section 6.2.3; Höhle and
Paul, Computational Statistics & Data Analysis 52(9), 2008.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Score = Literal["rossi", "standard", "anscombe", "negative_binomial"]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Cusum:
    """weeks × series: `statistic` (the sum so far), `score` (what the week adds before the allowance), `is_alarm`."""

    statistic: Numbers
    score: Numbers
    is_alarm: NDArray[np.bool_]


def cusum(
    counts: ArrayLike, mean: ArrayLike, *, score: Score = "rossi", k: float = 1.04, h: float = 2.26,
    dispersion: ArrayLike = 1.0, ratio: float = 2.0, starts_over: bool = False,
) -> Cusum:  # fmt: skip
    """max(0, sum so far + score − k) each week; an alarm where it reaches h.

    counts: weeks × series; NaN adds nothing. mean: in control, above 0, of each series or each week and series.
    dispersion: variance over mean in control. Scores: `rossi` (y − 3m + 2√(ym)) / 2√m, `standard` (y − m)/√m,
    `anscombe` 2√(y + ⅜) − 2√(m + ⅜), each divided by √dispersion; `negative_binomial`: log likelihood ratio of a mean
    `ratio` times as high, at the same size, with k 0. starts_over: at zero after an alarm.
    """
    y = np.asarray(counts, dtype=np.float64)
    m = np.broadcast_to(np.asarray(mean, dtype=np.float64), y.shape)
    phi = np.broadcast_to(np.asarray(dispersion, dtype=np.float64), y.shape)
    added = np.nan_to_num(_score(y, m, phi, score, ratio), nan=0.0)
    step = np.where(np.isnan(y), 0.0, added - (0.0 if score == "negative_binomial" else k))
    statistic, total = np.empty_like(y), np.zeros(y.shape[1])
    for week, each in enumerate(step):
        total = np.maximum(total + each, 0.0)
        statistic[week] = total
        if starts_over:
            total = np.where(total >= h, 0.0, total)
    return Cusum(statistic, added, statistic >= h)


def _score(y: Numbers, m: Numbers, phi: Numbers, score: Score, ratio: float) -> Numbers:
    if score == "negative_binomial":
        return _log_likelihood_ratio(y, m, phi, ratio)
    if score == "standard":
        standard: Numbers = (y - m) / np.sqrt(m * phi)
        return standard
    if score == "anscombe":
        roots: Numbers = 2 * (np.sqrt(y + 0.375) - np.sqrt(m + 0.375)) / np.sqrt(phi)
        return roots
    rossi: Numbers = (y - 3 * m + 2 * np.sqrt(y * m)) / (2 * np.sqrt(m * phi))
    return rossi


def _log_likelihood_ratio(y: Numbers, m: Numbers, phi: Numbers, ratio: float) -> Numbers:
    """Of a mean of ratio × m against m. Size m / (phi − 1); Poisson where phi is 1."""
    spread = np.maximum(phi - 1, 0.0)
    size = m / np.where(spread > 0, spread, 1.0)
    change = np.log((size + m) / (size + ratio * m))
    ratios: Numbers = np.where(spread > 0, y * np.log(ratio) + (y + size) * change, y * np.log(ratio) - (ratio - 1) * m)
    return ratios
