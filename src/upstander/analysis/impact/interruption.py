"""An interruption of a series of counts: how far the counts after it lie from where they were going.

Sources: Wagner, Soumerai, Zhang and Ross-Degnan, Journal of Clinical Pharmacy and Therapeutics 27(4), 2002; Lopez
Bernal, Cummins and Gasparrini, International Journal of Epidemiology 46(1), 2017, and for a comparison series 47(6),
2018; autocorrelation: Newey and West, Econometrica 55(3), 1987.

Newey–West errors alone are too small with a hundred weeks, even where no week depends on another (an interval of 95%
holds the truth in 90%). So the model's own error is taken, widened by the dispersion and by √((1+r)/(1-r)) for an
autocorrelation r of the residuals, or the Newey–West error where that is larger. `bench/simulate.py` shows what the
interval then holds.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.impact.regression import (
    Design,
    Fit,
    autocorrelation,
    durbin_watson,
    harmonics,
    negative_binomial,
    newey_west,
    newey_west_lag,
    poisson,
)

Array = NDArray[np.float64]
Family = Literal["auto", "poisson", "quasi", "negative_binomial"]
OVERDISPERSED = 1.5
FEW_AFTER = 12
_LAGS_SHOWN = 4


@dataclass(frozen=True)
class Plan:
    """How a series is modelled. `season`: periods a year. `pairs`: sine and cosine pairs of it, 0 for none.

    `transition`: periods after the start that are left out while the project is being brought in. `slope`: whether the
    trend may change too; the effect is then the mean over the periods after.
    """

    family: Family = "auto"
    season: float = 365.25 / 7
    pairs: int = 2
    transition: int = 0
    slope: bool = False
    confidence: float = 0.95
    draws: int = 4000


@dataclass(frozen=True)
class Interruption:
    """What the interruption did. `ratio` of the rate after to the rate expected, with limits and p.

    `prevented`: events fewer than expected over the periods after (below zero: more), with limits. `fitted`,
    `expected` (had nothing been done), `low`, `high`: one a period; nan in the transition. `factor`: by how much the
    model's error was widened. `is_newey_west`: whether that error was the Newey–West one.
    """

    fit: Fit
    family: str
    ratio: float
    low: float
    high: float
    p: float
    prevented: tuple[float, float, float]
    fitted: Array
    expected: Array
    expected_low: Array
    expected_high: Array
    dispersion: float
    durbin_watson: float
    autocorrelation: Array
    lag: int
    factor: float
    is_newey_west: bool


def interruption(
    count: Array, start: int, *, plan: Plan, seed: int, exposure: Array | None = None, control: Array | None = None,
    control_exposure: Array | None = None, position: Array | None = None,
) -> Interruption:  # fmt: skip
    """The step (and, if asked for, the change of slope) at period `start`, counted from 0.

    count: events a period, none missing. exposure: people or hours at risk a period. control: events in a place or of
    a kind that the project could not reach, in the same periods; what happens to both is then not the project's.
    position: of each period in the season; 0, 1, 2, … if not given.
    Raises TooFewPoints under 8 periods before or 2 after, UnfitNumbers where a count is not whole or all after are 0.
    """
    _check(count, start, plan, control)
    kept = _kept(count.size, start, plan.transition)
    series = _stacked(count, exposure, control, control_exposure)
    design, contrast = _design(count.size, start, plan, series.offset, position, has_control=control is not None)
    rows = np.concatenate([kept, kept]) if control is not None else kept
    used = Design(design.terms, design.columns[rows], design.offset[rows])
    fit, family = _fitted(series.y[rows], used, plan.family)
    period = np.tile(np.arange(int(kept.sum())), 2 if control is not None else 1)
    errors = _errors(fit, contrast, period, newey_west_lag(int(kept.sum())))
    return _told(fit, family, design, contrast, errors, plan, kept, start, count.size, seed)


@dataclass(frozen=True)
class _Series:
    y: Array
    offset: Array


@dataclass(frozen=True)
class _Errors:
    covariance: Array
    dispersion: float
    durbin_watson: float
    autocorrelation: Array
    lag: int
    factor: float
    is_newey_west: bool


def effective_autocorrelation(residuals: Array, terms: int) -> Array:
    """Autocorrelation of lag 1, one a row, corrected for the bias of residuals and not below 0 or above 0.95.

    residuals: a row a series. terms: of the regression. Source of the bias: Kendall, Biometrika 41, 1954.
    """
    n = residuals.shape[-1]
    r = (residuals[..., 1:] * residuals[..., :-1]).sum(axis=-1) / (residuals**2).sum(axis=-1)
    corrected: Array = np.clip(r + (1 + 3 * r) / n + terms / (2 * n), 0.0, 0.95)
    return corrected


def _check(count: Array, start: int, plan: Plan, control: Array | None) -> None:
    after = count.size - start - plan.transition
    if start < 8:
        raise TooFewPoints(where="periods before the start", found=start, needed=8)
    if after < 2:
        raise TooFewPoints(where="periods after the start and the transition", found=max(after, 0), needed=2)
    for name, values in (("count", count), ("control", control)):
        if values is not None and (~np.isfinite(values) | (values < 0) | (values != np.floor(values))).any():
            raise UnfitNumbers(
                "Counts are whole, not negative, and there in every period.", where=f"series, column {name}",
                expected="0, 1, 2, …",
            )  # fmt: skip
        if values is not None and (values[start + plan.transition :].sum() == 0 or values[:start].sum() == 0):
            raise UnfitNumbers(
                "No event at all before or after: a ratio cannot be modelled. Use the E-test.",
                where=f"series, column {name}", found="0 events", expected="1 event or more on both sides",
            )  # fmt: skip
    needed = 2 + plan.slope * 2 + 2 * plan.pairs + 4
    if count.size - plan.transition < needed:
        raise TooFewPoints(where="series", found=int(count.size), needed=needed + plan.transition)


def _kept(size: int, start: int, transition: int) -> NDArray[np.bool_]:
    at = np.arange(size)
    return (at < start) | (at >= start + transition)


def _stacked(count: Array, exposure: Array | None, control: Array | None, control_exposure: Array | None) -> _Series:
    own = np.zeros(count.size) if exposure is None else np.log(_above_zero(exposure))
    if control is None:
        return _Series(count, own)
    other = np.zeros(count.size) if control_exposure is None else np.log(_above_zero(control_exposure))
    return _Series(np.concatenate([count, control]), np.concatenate([own, other]))


def _above_zero(exposure: Array) -> Array:
    if not (exposure > 0).all():
        raise UnfitNumbers("Nobody at risk.", where="series, exposure", found="0 or less", expected="more than 0")
    return exposure


def _design(
    size: int, start: int, plan: Plan, offset: Array, position: Array | None, *, has_control: bool
) -> tuple[Design, Array]:
    """Columns, and the weights of the coefficients whose sum is the log of the rate ratio."""
    at = np.arange(size, dtype=np.float64)
    after = (at >= start).astype(np.float64)
    trend = (at - start) / plan.season
    columns = {"(Intercept)": np.ones(size), "time": trend, "after": after}
    if plan.slope:
        columns["after:time"] = after * trend
    effects = [name for name in columns if name.startswith("after")]
    columns |= harmonics(at if position is None else position, plan.season, plan.pairs)
    if has_control:
        own, other = np.ones(size), np.zeros(size)
        own_terms = ["(Intercept)", "time", *effects]
        doubled = {name: np.tile(each, 2) for name, each in columns.items()}
        treated = np.concatenate([own, other])
        doubled |= {f"treated:{name}": treated * np.tile(columns[name], 2) for name in own_terms}
        columns, effects = doubled, [f"treated:{name}" for name in effects]
    terms = tuple(columns)
    later = at >= start + plan.transition
    contrast = np.zeros(len(terms))
    for name in effects:
        contrast[terms.index(name)] = float(columns[name][:size][later].mean())
    return Design(terms, np.column_stack(list(columns.values())), offset), contrast


def _fitted(y: Array, design: Design, family: Family) -> tuple[Fit, str]:
    if family in {"auto", "quasi"}:
        plain = poisson(y, design, quasi=True)
        if family == "quasi" or plain.dispersion <= OVERDISPERSED:
            return plain, "quasi" if family == "quasi" or plain.dispersion > 1 else "poisson"
    if family == "poisson":
        return poisson(y, design), "poisson"
    return negative_binomial(y, design), "negative_binomial"


def _errors(fit: Fit, contrast: Array, period: NDArray[np.int64], lag: int) -> _Errors:
    """The covariance to judge by: see the head of this module."""
    periods = int(period.max()) + 1
    residuals = fit.residuals.reshape(-1, periods)
    r = float(effective_autocorrelation(residuals, fit.coefficients.size).max())
    own = fit.bread * max(fit.dispersion, 1.0)
    widened = own * (1 + r) / (1 - r)
    correction = fit.mean.size / max(fit.freedom, 1)
    robust = float(contrast @ newey_west(fit, lag, series=period) @ contrast) * correction
    plain = float(contrast @ widened @ contrast)
    more = max(robust / plain, 1.0)
    first = residuals[0]
    return _Errors(
        widened * more, fit.dispersion, durbin_watson(first), autocorrelation(first, _LAGS_SHOWN), lag,
        sqrt(more * (1 + r) / (1 - r) * max(fit.dispersion, 1.0)), more > 1,
    )  # fmt: skip


def _told(
    fit: Fit, family: str, design: Design, contrast: Array, errors: _Errors, plan: Plan, kept: NDArray[np.bool_],
    start: int, size: int, seed: int,
) -> Interruption:  # fmt: skip
    from scipy.stats import t as student

    log_ratio = float(contrast @ fit.coefficients)
    error = sqrt(float(contrast @ errors.covariance @ contrast))
    reach = float(student.ppf(0.5 + plan.confidence / 2, fit.freedom)) * error
    later = np.flatnonzero(kept & (np.arange(size) >= start))
    effects = tuple(term for term, weight in zip(design.terms, contrast, strict=True) if weight != 0)
    with_it, without = design.columns[:size], design.without(*effects)[:size]
    rng = np.random.default_rng(seed)
    draws = _draws(fit.coefficients, errors.covariance, fit.freedom, plan.draws, rng)
    offset = design.offset[:size, None]
    expected_draws = np.exp(without @ draws.T + offset)
    prevented_draws = (expected_draws[later] - np.exp(with_it[later] @ draws.T + offset[later])).sum(axis=0)
    fitted = np.exp(with_it @ fit.coefficients + design.offset[:size])
    expected = np.exp(without @ fit.coefficients + design.offset[:size])
    tails = [0.5 - plan.confidence / 2, 0.5 + plan.confidence / 2]
    low, high = np.quantile(expected_draws, tails, axis=1)
    few, many = np.quantile(prevented_draws, tails)
    blank = np.where(kept, 1.0, np.nan)
    return Interruption(
        fit, family, float(np.exp(log_ratio)), float(np.exp(log_ratio - reach)), float(np.exp(log_ratio + reach)),
        float(2 * student.sf(abs(log_ratio) / error, fit.freedom)) if error > 0 else 1.0,
        (float((expected[later] - fitted[later]).sum()), float(few), float(many)),
        fitted * blank, expected * blank, low * blank, high * blank,
        errors.dispersion, errors.durbin_watson, errors.autocorrelation, errors.lag, errors.factor,
        errors.is_newey_west,
    )  # fmt: skip


def _draws(mean: Array, covariance: Array, freedom: int, draws: int, rng: np.random.Generator) -> Array:
    """Coefficients from a multivariate t distribution."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = rng.standard_normal((draws, mean.size))
    radius = np.sqrt(freedom / rng.chisquare(freedom, draws))
    found: Array = mean + (normal @ root.T) * radius[:, None]
    return found
