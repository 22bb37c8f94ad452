"""Three lists of the same events: the eight log-linear models, what each says was missed, and their average.

One batched Newton solves every fit: the eight models, their profile likelihoods, and each replicate of the bootstrap:
1,000 replicates in 0.1 s where statsmodels 0.15.0 takes 20 s. The tests hold the eight models against it (totals to
1e-9).
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

Numbers = NDArray[np.float64]

PATTERNS = tuple(seen for seen in product((1, 0), repeat=3) if any(seen))
"""The seven patterns of being seen, in the order in which counts are given: (1, 1, 1) first, (0, 0, 1) last."""
_LISTS = "ABC"
_TERMS = tuple(combinations(range(3), 2))
_FAR_OFF = 20.0  # a standard error of log missed beyond this: the counts say nothing about it
_ROUNDS, _STILL = 100, 1e-10
_NO_LIMIT = 1e7  # a profile that has not fallen at so many times what was seen has no upper limit


@dataclass(frozen=True)
class ThreeSources:
    """All eight models and what they say together.

    models: one row a model: `model`, `df`, `deviance`, `AIC`, `BIC` (by the number seen), `missed`, `se_log_missed`,
    `N`, `lo_lognormal`, `hi_lognormal`, `lo_profile`, `hi_profile`, `aic_weight`, `bic_weight`. Null where the counts
    cannot tell: a model whose estimate runs off to infinity has no N, no weight, and no limits.
    by_aic, by_bic: averaged totals; low, high: a log-normal interval of `by_aic` that holds the spread of the models
    as well; lowest, highest: the range of the models' totals.
    """

    seen: int
    models: pl.DataFrame
    by_aic: float
    by_bic: float
    low: float
    high: float
    lowest: float
    highest: float


def model_names() -> tuple[str, ...]:
    """The eight models as they are written, `A+B+C` first, `A*B+A*C+B*C` last."""
    return tuple(_name(terms) for terms in _models())


def three_source(counts: ArrayLike, *, confidence: float = 0.95) -> ThreeSources:
    """Fit the eight hierarchical models to seven counts in the order of `PATTERNS`.

    missed: the intercept's exponential, with the lists coded 0 and 1. Interval: log-normal, missed × exp(± z se);
    profile: totals whose multinomial likelihood, maximised over the rest, lies within the chi-squared reach.
    Raises UnfitNumbers for counts that are negative, not whole or all zero; TooFewPoints where a list saw nothing.
    Sources: Fienberg, Biometrika 59(3), 1972; Hook and Regal, Epidemiologic Reviews 17(2), 1995; profile: Cormack,
    Biometrics 48(2), 1992; averaging: Burnham and Anderson, Model Selection and Multimodel Inference, 2002, ch. 4.
    """
    y, z = _seven(counts), NormalDist().inv_cdf(0.5 + confidence / 2)
    seen = float(y.sum())
    fits = [_fit(_design(terms), y[None, :]) for terms in _models()]
    log_missed = np.array([fit.beta[0, 0] for fit in fits])
    se = np.array([fit.se_intercept[0] for fit in fits])
    deviance = np.array([fit.deviance[0] for fit in fits])
    is_told = np.isfinite(se) & (se < _FAR_OFF)
    missed, se = np.where(is_told, np.exp(np.minimum(log_missed, 300)), np.nan), np.where(is_told, se, np.nan)
    size = np.array([4 + len(terms) for terms in _models()])
    aic = deviance + 2 * size - 2 * _saturated(y)
    bic = aic + size * (np.log(seen) - 2)
    weights = {name: _weights(score, is_told) for name, score in (("aic_weight", aic), ("bic_weight", bic))}
    profile = np.array([
        _profile(terms, y, z) if told else (np.nan, np.nan) for terms, told in zip(_models(), is_told, strict=True)
    ])  # fmt: skip
    models = pl.DataFrame({
        "model": model_names(), "df": 7 - size, "deviance": deviance, "AIC": aic, "BIC": bic, "missed": missed,
        "se_log_missed": se, "N": seen + missed,
        "lo_lognormal": seen + missed * np.exp(-z * se), "hi_lognormal": seen + missed * np.exp(z * se),
        "lo_profile": profile[:, 0], "hi_profile": profile[:, 1], **weights,
    }).with_columns(pl.selectors.float().fill_nan(None))  # fmt: skip
    return _together(int(seen), models, missed, se, weights, z)


def _together(
    seen: int, models: pl.DataFrame, missed: Numbers, se: Numbers, weights: dict[str, Numbers], z: float
) -> ThreeSources:
    known = np.isfinite(missed)
    if not known.any():
        return ThreeSources(seen, models, *(float("nan"),) * 6)
    by_aic, by_bic = (float((weight[known] * missed[known]).sum()) for weight in weights.values())
    log_missed, weight = np.log(np.maximum(missed[known], 1e-12)), weights["aic_weight"][known]
    middle = float(np.log(max(by_aic, 1e-12)))
    spread = float((weight * np.sqrt(se[known] ** 2 + (log_missed - middle) ** 2)).sum())
    return ThreeSources(
        seen, models, seen + by_aic, seen + by_bic, float(seen + by_aic * np.exp(-z * spread)),
        float(seen + by_aic * np.exp(z * spread)), float(seen + missed[known].min()), float(seen + missed[known].max()),
    )  # fmt: skip


def averaged(counts: ArrayLike) -> Numbers:
    """The total averaged by AIC for each of many rows of seven counts at once; models without an estimate left out.

    counts: rows × 7, in the order of `PATTERNS`. NaN where no model has an estimate.
    """
    y = np.asarray(counts, dtype=np.float64)
    score, missed = np.full((8, len(y)), np.inf), np.zeros((8, len(y)))
    for number, terms in enumerate(_models()):
        fit = _fit(_design(terms), y)
        told = np.isfinite(fit.se_intercept) & (fit.se_intercept < _FAR_OFF)
        score[number] = np.where(told, fit.deviance + 2 * len(terms), np.inf)
        missed[number] = np.where(told, np.exp(np.minimum(fit.beta[:, 0], 300)), 0.0)
    best = score.min(axis=0)
    weight = np.exp(-(score - np.where(np.isfinite(best), best, 0)) / 2)
    together = weight.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(y.sum(axis=1) + (weight * missed).sum(axis=0) / together)


def bootstrap_interval(
    counts: ArrayLike, total: float, *, replicates: int, seed: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Percentile limits of the averaged total: each replicate draws all `total` events again, the missed ones too.

    Replicates in which no model has an estimate are left out; NaN where half or more of them are.
    Source: Norris and Pollock, Environmental and Ecological Statistics 3(3), 1996.
    """
    y = _seven(counts)
    if not np.isfinite(total):
        return float("nan"), float("nan")
    chance = np.append(y, max(total - y.sum(), 0.0))
    drawn = np.random.default_rng(seed).multinomial(round(total), chance / chance.sum(), size=replicates)[:, :7]
    found = averaged(drawn)
    found = found[np.isfinite(found)]
    if found.size * 2 <= replicates:
        return float("nan"), float("nan")
    low, high = np.maximum(np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2]), y.sum())
    return float(low), float(high)


@dataclass(frozen=True)
class _Fit:
    """Poisson fits of one design to many rows: coefficients, the intercept's standard error, deviance, fitted."""

    beta: Numbers
    se_intercept: Numbers
    deviance: Numbers
    fitted: Numbers


def _fit(design: Numbers, y: Numbers, start: Numbers | None = None) -> _Fit:
    """Newton's method for log-linear Poisson regressions that share a design; rows × cells in, rows × terms out.

    A fit whose estimate runs to infinity stops where the fitted count is nil, and its standard error says so.
    """
    terms = design.shape[1]
    outer = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    ridge = 1e-10 * np.eye(terms)
    mu = y + 0.5 if start is None else start
    eta = np.log(mu)
    beta = np.zeros((len(y), terms))
    left = np.arange(len(y))
    for _ in range(_ROUNDS):
        right = (mu * eta + y[left] - mu) @ design
        now = np.linalg.solve((mu @ outer).reshape(-1, terms, terms) + ridge, right[:, :, None])[:, :, 0]
        moved = np.abs(now - beta[left]).max(axis=1)
        beta[left] = now
        goes_on = moved > _STILL
        left = left[goes_on]
        if not left.size:
            break
        eta = np.clip(now[goes_on] @ design.T, -30, 30)
        mu = np.exp(eta)
    fitted = np.exp(np.clip(beta @ design.T, -30, 30))
    information = (fitted @ outer).reshape(-1, terms, terms) + 1e-14 * np.eye(terms)
    variance = np.linalg.inv(information)[:, 0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        unfit = np.where(y > 0, y * np.log(y / fitted), 0.0) - (y - fitted)
    return _Fit(beta, np.sqrt(np.maximum(variance, 0)), 2 * unfit.sum(axis=1), fitted)


def _profile(terms: tuple[tuple[int, int], ...], y: Numbers, z: float) -> tuple[float, float]:
    """Limits of the total by the likelihood of the seven counts, maximised over everything but the total."""
    from scipy.optimize import brentq, minimize_scalar

    seen = y.sum()
    design = np.vstack([_design(terms), np.eye(1, 4 + len(terms))])

    def lack(log_missed: float) -> float:
        return -float(_profile_likelihood(design, y, np.exp([log_missed]))[0])

    least, most = np.log(1e-4), np.log(_NO_LIMIT * seen)
    grid = np.linspace(least, most, 60)
    heights = -_profile_likelihood(design, y, np.exp(grid))
    top = int(heights.argmin())
    near = (grid[max(top - 1, 0)], grid[min(top + 1, grid.size - 1)])
    best = minimize_scalar(lack, bounds=near, method="bounded", options={"xatol": 1e-9})
    lowest = float(best.fun)

    def beyond(log_missed: float) -> float:
        return 2 * (lack(log_missed) - lowest) - z * z

    low = 0.0 if beyond(least) <= 0 else float(np.exp(brentq(beyond, least, best.x, xtol=1e-10)))
    high = np.nan if beyond(most) <= 0 else float(np.exp(brentq(beyond, best.x, most, xtol=1e-10)))
    return float(seen + low), float(seen + high)


def _profile_likelihood(design: Numbers, y: Numbers, missed: Numbers) -> Numbers:
    """Multinomial log-likelihood of totals, up to a constant: the model fitted with each `missed` in an eighth cell."""
    from scipy.special import gammaln

    full = np.column_stack([np.tile(y, (missed.size, 1)), missed])
    total = full.sum(axis=1)
    fitted = _fit(design, full).fitted
    terms = np.where(full > 0, full * np.log(fitted / total[:, None]), 0.0).sum(axis=1)
    return np.asarray(gammaln(total + 1) - gammaln(missed + 1) + terms)


@cache
def _models() -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(terms for size in range(4) for terms in combinations(_TERMS, size))


def _name(terms: tuple[tuple[int, int], ...]) -> str:
    bound = {each for pair in terms for each in pair}
    alone = [_LISTS[each] for each in range(3) if each not in bound]
    return "+".join([*(f"{_LISTS[one]}*{_LISTS[other]}" for one, other in terms), *alone])


def _design(terms: tuple[tuple[int, int], ...]) -> Numbers:
    seen = np.array(PATTERNS, dtype=np.float64)
    return np.column_stack([np.ones(7), seen, *(seen[:, one] * seen[:, other] for one, other in terms)])


def _saturated(y: Numbers) -> float:
    """Log-likelihood of Poisson counts that fit themselves."""
    from scipy.special import gammaln

    return float((np.where(y > 0, y * np.log(np.maximum(y, 1)), 0.0) - y - gammaln(y + 1)).sum())


def _weights(score: Numbers, is_told: NDArray[np.bool_]) -> Numbers:
    if not is_told.any():
        return np.full(score.size, np.nan)
    raw = np.where(is_told, np.exp(-(score - score[is_told].min()) / 2), 0.0)
    return np.asarray(np.where(is_told, raw / raw.sum(), np.nan))


def _seven(counts: ArrayLike) -> Numbers:
    y = np.asarray(counts, dtype=np.float64)
    if y.shape != (7,) or not np.isfinite(y).all() or (y < 0).any() or (y % 1).any():
        raise UnfitNumbers(
            "Three lists have seven counts of events, whole and not negative.",
            where="counts", found=f"{y.size} numbers", expected="7 whole numbers",
        )  # fmt: skip
    by_list = y @ np.array(PATTERNS, dtype=np.float64)
    if (by_list == 0).any():
        raise TooFewPoints(where=f"list {_LISTS[int(np.argmin(by_list))]}", found=0, needed=1)
    return y
