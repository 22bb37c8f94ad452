"""Difference in differences: the change where the project was, less the change where it was not.

Sources: two periods: Angrist and Pischke, Mostly Harmless Econometrics, 2009, section 5.2, with areas as the unit that
varies (Bertrand, Duflo and Mullainathan, Quarterly Journal of Economics 119(1), 2004); staggered starts: Callaway and
Sant'Anna, Journal of Econometrics 225(2), 2021, without covariates; a two-way fixed effects regression would compare
later with earlier projects and can turn the sign (Goodman-Bacon, same issue).
"""

from dataclasses import dataclass
from math import comb, sqrt
from statistics import NormalDist
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Scale = Literal["difference", "ratio"]
_MOST_EXACT = 20_000


@dataclass(frozen=True)
class Differences:
    """The effect, on the scale asked for (a ratio as its logarithm), its limits, and p by permuting areas.

    `pre_trend`: how much faster treated areas rose than others before, a period, with p; None under 3 periods before.
    """

    effect: float
    error: float
    low: float
    high: float
    p: float
    freedom: float
    pre_trend: tuple[float, float] | None


def two_periods(
    outcome: Array, treated: Mask, after: Mask, *, scale: Scale = "difference", confidence: float = 0.95,
    draws: int = 5000, seed: int,
) -> Differences:  # fmt: skip
    """Mean after less mean before in treated areas, less the same in the others.

    outcome: a row a time, a column an area, none missing. treated: areas. after: times. scale: ratio takes logarithms
    of the means, so that the exponent is a ratio of ratios. Each area counts once, whatever its number of times: that
    is what keeps autocorrelation from shrinking the error. Limits by Welch's t over areas; with one treated area, by
    how the others' changes spread. p: share of ways to call as many areas treated that give an effect as far from 0.
    Raises TooFewPoints under 1 treated or 2 other areas, UnfitNumbers for missing or, as a ratio, zero means.
    """
    from scipy.stats import t as student

    _check(outcome, treated, after)
    change = _level(outcome[after], scale) - _level(outcome[~after], scale)
    own, others = change[treated], change[~treated]
    effect = float(own.mean() - others.mean())
    error, freedom = _welch(own, others)
    reach = float(student.ppf(0.5 + confidence / 2, freedom)) * error
    return Differences(
        effect, error, effect - reach, effect + reach, _permuted(change, treated, draws, seed), freedom,
        _pre_trend(outcome[~after], treated, scale),
    )  # fmt: skip


@dataclass(frozen=True)
class GroupTime:
    """Effects by group and time, and summed up. `cells`: group, time, effect, low, high, is_after. `dynamic`: the mean
    by time since the start. `overall`: effect, low, high over all cells after the start, a treated area counting once
    for each; `pre_trend_p`: of all cells before the start being 0 together.
    """

    cells: pl.DataFrame
    dynamic: pl.DataFrame
    overall: tuple[float, float, float]
    pre_trend_p: float | None


def group_time_effects(
    outcome: Array, times: Array, starts: Array, *, against: Literal["never", "not_yet"] = "never",
    confidence: float = 0.95, draws: int = 999, seed: int,
) -> GroupTime:  # fmt: skip
    """Effect on each group of areas that start together, at each time, against areas without the project.

    outcome: a row a time, a column an area. times: rising. starts: the first time with the project, nan for never.
    After the start each cell compares with the last time before it; before the start, with the time just before.
    Limits: areas drawn again within their group (each group needs 2 areas or more), normal with the error of `draws`.
    Raises TooFewPoints without 2 areas to compare with, or where a group has one area.
    """
    cells, weights, needed = _cells(times, starts, against)
    _check_groups(outcome, starts)
    seen = _effects(outcome, cells, weights)
    drawn = np.array([_effects(outcome, cells, again) for again in _again(weights, needed, starts, draws, seed)])
    return _summed_up(cells, seen, drawn, starts, confidence)


@dataclass(frozen=True)
class _Cell:
    group: float
    time: float
    row: int
    base: int
    is_after: bool
    own: Mask
    others: Mask


def _level(outcome: Array, scale: Scale) -> Array:
    mean: Array = outcome.mean(axis=0)
    if scale == "difference":
        return mean
    if (mean <= 0).any():
        raise UnfitNumbers(
            "A ratio needs an event in every area, before and after.", where="panel, outcome", found="an area with 0",
            expected="more than 0, or scale=difference",
        )  # fmt: skip
    return np.log(mean)


def _welch(own: Array, others: Array) -> tuple[float, float]:
    spread = float(others.var(ddof=1))
    if own.size == 1:
        return sqrt(spread * (1 + 1 / others.size)), float(others.size - 1)
    parts = float(own.var(ddof=1)) / own.size, spread / others.size
    total = sum(parts)
    if total == 0:
        return 0.0, float(own.size + others.size - 2)
    return sqrt(total), total**2 / (parts[0] ** 2 / (own.size - 1) + parts[1] ** 2 / (others.size - 1))


def _permuted(change: Array, treated: Mask, draws: int, seed: int) -> float:
    """All ways to choose as many areas where there are 20,000 or fewer, else `draws` at random and the one there is."""
    from itertools import combinations

    k, n = int(treated.sum()), change.size
    total, seen = float(change.sum()), float(change[treated].sum())
    if comb(n, k) <= _MOST_EXACT:
        chosen = np.array(list(combinations(range(n), k)))
        sums = change[chosen].sum(axis=1)
    else:
        ranks = np.random.default_rng(seed).random((draws, n)).argpartition(k - 1, axis=1)[:, :k]
        sums = np.append(change[ranks].sum(axis=1), seen)
    effects = sums / k - (total - sums) / (n - k)
    own = seen / k - (total - seen) / (n - k)
    return float((np.abs(effects) >= abs(own) - 1e-12).mean())


def _pre_trend(before: Array, treated: Mask, scale: Scale) -> tuple[float, float] | None:
    from scipy.stats import t as student

    if before.shape[0] < 3 or (scale == "ratio" and (before <= 0).any()):
        return None
    level = np.log(before) if scale == "ratio" else before
    at = np.arange(before.shape[0]) - (before.shape[0] - 1) / 2
    slope = at @ level / (at @ at)
    apart = float(slope[treated].mean() - slope[~treated].mean())
    error, freedom = _welch(slope[treated], slope[~treated])
    return apart, float(2 * student.sf(abs(apart) / error, freedom)) if error > 0 else float(apart == 0)


def _check(outcome: Array, treated: Mask, after: Mask) -> None:
    if not treated.any() or (~treated).sum() < 2:
        raise TooFewPoints(where="areas without the project", found=int((~treated).sum()), needed=2)
    if not after.any() or after.all():
        raise TooFewPoints(where="times before and after", found=0, needed=1)
    _check_finite(outcome)


def _check_finite(outcome: Array) -> None:
    if not np.isfinite(outcome).all():
        raise UnfitNumbers(
            "An area has no number at some time.", where="panel, outcome", found="missing",
            expected="every area at every time",
        )  # fmt: skip


def _check_groups(outcome: Array, starts: Array) -> None:
    _check_finite(outcome)
    never = int(np.isnan(starts).sum())
    groups, sizes = np.unique(starts[~np.isnan(starts)], return_counts=True)
    if groups.size == 0:
        raise TooFewPoints(where="areas with the project", found=0, needed=2)
    if never == 1 or (never == 0 and groups.size < 2):
        raise TooFewPoints(where="areas to compare with", found=never, needed=2)
    if sizes.min() < 2:
        raise TooFewPoints(where=f"areas that start at {groups[int(sizes.argmin())]:g}", found=1, needed=2)


def _cells(times: Array, starts: Array, against: str) -> tuple[list[_Cell], Array, list[Mask]]:
    cells, needed = [], []
    for group in np.unique(starts[~np.isnan(starts)]):
        own, first = starts == group, int(np.searchsorted(times, group))
        if first == 0:
            raise UnfitNumbers(
                f"The group of {group:g} has no time before its start.", where="panel, starts", found="none",
                expected="a time before every start",
            )  # fmt: skip
        for row in range(1, times.size):
            base = first - 1 if row >= first else row - 1
            others = np.isnan(starts)
            if against == "not_yet":
                others |= starts > max(times[row], times[base], group)
            if others.sum() >= 2:
                cells.append(_Cell(float(group), float(times[row]), row, base, row >= first, own, others))
        needed.append(own)
    if not any(cell.is_after for cell in cells):
        raise TooFewPoints(where="areas to compare with", found=0, needed=2)
    return cells, np.ones(starts.size), [*needed, np.isnan(starts)]


def _effects(outcome: Array, cells: list[_Cell], weights: Array) -> Array:
    rows, bases = [cell.row for cell in cells], [cell.base for cell in cells]
    moved = (outcome[rows] - outcome[bases]) * weights
    own = np.array([cell.own for cell in cells])
    others = np.array([cell.others for cell in cells])
    found: Array = (moved * own).sum(axis=1) / (own * weights).sum(axis=1) - (moved * others).sum(axis=1) / np.maximum(
        (others * weights).sum(axis=1), 1
    )
    return found


def _again(weights: Array, groups: list[Mask], starts: Array, draws: int, seed: int) -> Array:
    """How often each area is drawn: with replacement, within its group and within those that never start."""
    rng = np.random.default_rng(seed)
    drawn = np.zeros((draws, starts.size))
    for group in groups:
        size = int(group.sum())
        if size:
            drawn[:, group] = rng.multinomial(size, np.full(size, 1 / size), draws)
    return drawn * weights


def _summed_up(cells: list[_Cell], seen: Array, drawn: Array, starts: Array, confidence: float) -> GroupTime:
    error, z = drawn.std(axis=0, ddof=1), _normal(confidence)
    is_after = np.array([cell.is_after for cell in cells])
    frame = pl.DataFrame({
        "group": [cell.group for cell in cells], "time": [cell.time for cell in cells], "effect": seen,
        "low": seen - z * error, "high": seen + z * error, "is_after": is_after,
    })  # fmt: skip
    size = np.array([float((starts == cell.group).sum()) for cell in cells])
    firsts = {cell.group: cell.base + 1 for cell in cells if cell.is_after}
    since = np.array([cell.row - firsts.get(cell.group, 0) for cell in cells])
    dynamic = []
    for event in np.unique(since):
        here = since == event
        value, spread = _mean(seen, drawn, here, size)
        dynamic.append((int(event), value, value - z * spread, value + z * spread))
    value, spread = _mean(seen, drawn, is_after, size)
    pre_p = _all_zero(seen[~is_after], drawn[:, ~is_after]) if not is_after.all() else None
    return GroupTime(
        frame, pl.DataFrame(dynamic, schema=["since", "effect", "low", "high"], orient="row"),
        (value, value - z * spread, value + z * spread), pre_p,
    )  # fmt: skip


def _all_zero(seen: Array, drawn: Array) -> float:
    """Chance of effects this far from 0 if all are 0, by their covariance over the draws."""
    from scipy.stats import chi2

    matrix = np.atleast_2d(np.cov(drawn, rowvar=False))
    chisq = float(seen @ np.linalg.pinv(matrix) @ seen)
    return float(chi2.sf(chisq, int(np.linalg.matrix_rank(matrix))))


def _mean(seen: Array, drawn: Array, here: Mask, size: Array) -> tuple[float, float]:
    share = size[here] / size[here].sum()
    return float(seen[here] @ share), float((drawn[:, here] @ share).std(ddof=1))


def _normal(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)
