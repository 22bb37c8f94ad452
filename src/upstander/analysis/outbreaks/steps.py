"""By how much a weekly series, or a share of it, has stepped up or down since a week, with season and trend set aside.

Quasi-Poisson and quasi-binomial models: McCullagh and Nelder, Generalized Linear Models, 2nd edition, 1989, sections
4.5 and 6.2. Where weeks resemble the week before, the variance is enlarged by (1 + r) / (1 − r), r the correlation of
neighbouring residuals: Cochrane and Orcutt, Journal of the American Statistical Association 44, 1949.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints

Numbers = NDArray[np.float64]
FEWEST_BEFORE, FEWEST_AFTER = 12, 2
_SEASON_WEEKS = 78  # from a year and a half of weeks before, season and trend can be told apart
_YEAR = 365.25 / 7
_MOST_STEPS = 40


@dataclass(frozen=True)
class Step:
    """`ratio` after over before (an odds ratio for a share), with its interval and two-sided p. `before`, `after`: mean
    a week, or the share. `log`, `error`: the logarithm of the ratio and its standard error. `t`: their quotient.
    """

    ratio: float
    low: float
    high: float
    p: float
    before: float
    after: float
    log: float
    error: float
    dispersion: float

    @property
    def t(self) -> float:
        """How many standard errors from no change."""
        return self.log / self.error

    @property
    def is_up(self) -> bool:
        """Whether the whole interval lies above no change."""
        return self.low > 1

    @property
    def is_changed(self) -> bool:
        """Whether the interval does not hold no change."""
        return self.low > 1 or self.high < 1


def count_step(counts: ArrayLike, since: int, *, confidence: float = 0.95) -> Step:
    """The step of weekly counts at position `since`. NaN is a week not known.

    Raises TooFewPoints under 12 known weeks before or 2 since.
    """
    y = np.asarray(counts, dtype=np.float64)
    known = ~np.isnan(y)
    is_after, columns = _design(known, since)
    seen = _with_events(y[known], is_after)
    fit = _fitted(columns, seen, None)
    before, after = y[known][~is_after].mean(), y[known][is_after].mean()
    return _step(fit, float(before), float(after), confidence)


def share_step(part: ArrayLike, whole: ArrayLike, since: int, *, confidence: float = 0.95) -> Step:
    """The step of a share, as an odds ratio. part, whole: of each week; weeks with a whole of 0 tell nothing.

    For two series beside one another, part is the one and whole their sum: the odds ratio is then how many times as
    much the one has changed as the other, and what moves both, season and weather, cancels.
    """
    y, n = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    known = ~np.isnan(y) & ~np.isnan(n) & (n > 0)
    is_after, columns = _design(known, since, seasonal=False)
    hits, tries = _with_both(y[known], n[known], is_after)
    fit = _fitted(columns, hits, tries)
    before, after = (float(y[known][at].sum() / n[known][at].sum()) for at in (~is_after, is_after))
    return _step(fit, before, after, confidence)


def best_start(counts: ArrayLike, *, search: int, lasting: int) -> int | None:
    """The week, of the last `search`, at which a step up over `lasting` weeks stands out most; None where none does.

    A step has to be 3.5 standard errors high, for so many starts are tried.
    """
    y = np.asarray(counts, dtype=np.float64)
    best, found = 3.5, None
    for start in range(max(len(y) - search, FEWEST_BEFORE), len(y) - FEWEST_AFTER + 1):
        try:
            step = count_step(y[: start + lasting], start)
        except TooFewPoints:
            continue
        if step.t > best:
            best, found = step.t, start
    return found


@dataclass(frozen=True)
class _Fit:
    log: float
    error: float
    dispersion: float
    df: int


def _design(known: NDArray[np.bool_], since: int, *, seasonal: bool = True) -> tuple[NDArray[np.bool_], Numbers]:
    """Whether each known week is since, and the columns of the model, the step last."""
    week = np.flatnonzero(known)
    is_after = week >= since
    before, after = int((~is_after).sum()), int(is_after.sum())
    if before < FEWEST_BEFORE:
        raise TooFewPoints(where="weeks before", found=before, needed=FEWEST_BEFORE)
    if after < FEWEST_AFTER:
        raise TooFewPoints(where="weeks since", found=after, needed=FEWEST_AFTER)
    columns = [np.ones(week.size)]
    if seasonal and before >= _SEASON_WEEKS:
        turn = 2 * np.pi * week / _YEAR
        columns += [np.cos(turn), np.sin(turn), (week - since) / _YEAR]
    return is_after, np.column_stack([*columns, is_after.astype(float)])


def _with_events(y: Numbers, is_after: NDArray[np.bool_]) -> Numbers:
    """With half an event on a side that has none, so that a ratio exists."""
    seen = y.copy()
    for side in (is_after, ~is_after):
        if seen[side].sum() == 0:
            seen[side] += 0.5 / side.sum()
    return seen


def _with_both(y: Numbers, n: Numbers, is_after: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    hits, tries = y.copy(), n.copy()
    for side in (is_after, ~is_after):
        if hits[side].sum() in (0, tries[side].sum()):
            hits[side] += 0.5 / side.sum()
            tries[side] += 1.0 / side.sum()
    return hits, tries


def _fitted(columns: Numbers, y: Numbers, tries: Numbers | None) -> _Fit:
    """The model by iterated weighted least squares: Poisson with a log, or binomial with a logit for `tries`."""
    eta: Numbers = np.log((y + 0.5) if tries is None else (y + 0.5) / (tries - y + 0.5))
    information: Numbers = np.eye(columns.shape[1])
    mean: Numbers = y
    weight: Numbers = y
    last: Numbers = np.zeros(columns.shape[1])
    for _ in range(_MOST_STEPS):
        mean, weight = _mean_and_weight(eta, tries)
        working = eta + (y - mean) / weight
        information = columns.T @ (columns * weight[:, None])
        solved = np.linalg.lstsq(information, columns.T @ (weight * working), rcond=None)[0]
        beta: Numbers = np.asarray(solved, dtype=np.float64)
        eta = np.asarray(np.clip(columns @ beta, -30, 30), dtype=np.float64)
        if np.abs(beta - last).max() < 1e-10:
            break
        last = beta
    mean, weight = _mean_and_weight(eta, tries)
    df = max(y.size - columns.shape[1], 1)
    residual = (y - mean) / np.sqrt(weight)
    dispersion = max(float((residual**2).sum()) / df, 1.0)
    variance = float(np.linalg.pinv(information)[-1, -1]) * dispersion * _likeness(residual)
    return _Fit(float(last[-1]), float(np.sqrt(variance)), dispersion, df)


def _mean_and_weight(eta: Numbers, tries: Numbers | None) -> tuple[Numbers, Numbers]:
    if tries is None:
        mean: Numbers = np.exp(eta)
        return mean, np.maximum(mean, 1e-10)
    share = 1 / (1 + np.exp(-eta))
    return tries * share, np.maximum(tries * share * (1 - share), 1e-10)


def _likeness(residual: Numbers) -> float:
    """How many times as large the variance of a mean is where neighbouring weeks are alike; 1 where they are not."""
    total = float((residual**2).sum())
    if residual.size < 26 or total <= 0:
        return 1.0
    r = float((residual[1:] * residual[:-1]).sum() / total)
    # A correlation found in so few weeks is too small on average: Kendall, Biometrika 41(3/4), 1954.
    r = float(np.clip(r + (1 + 4 * r) / residual.size, 0.0, 0.8))
    return (1 + r) / (1 - r)


def _step(fit: _Fit, before: float, after: float, confidence: float) -> Step:
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(fit.df, 0.5 + confidence / 2)) * fit.error
    low, high = np.exp(np.clip([fit.log - reach, fit.log + reach], -50, 50))
    p = 2 * float(stdtr(fit.df, -abs(fit.log) / max(fit.error, 1e-300)))
    return Step(float(np.exp(fit.log)), float(low), float(high), p, before, after, fit.log, fit.error, fit.dispersion)
