"""Time until something happens, in groups: Kaplan–Meier, log-rank, Cox regression, proportionality of hazards.

Rows are people or places that are followed; the input holds no identifier. Someone whose time ends without the event
(moved away, study over) is censored. Time in which it could not happen (custody) is not time at risk: leave it out of
the time given.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cox:
    """Cox regression. `table`: term, coef, se, hr, lo, hi, z, p. `loglik`: without and with the terms.

    `concordance`: of pairs that can be ordered, the share in which the higher hazard failed first. `proportional`: χ²
    and p of each term, then of all together, that its effect does not change with time.
    """

    table: pl.DataFrame
    loglik: tuple[float, float]
    concordance: float
    proportional: pl.DataFrame


def kaplan_meier(time: Array, event: Flags, at: Array, *, confidence: float = 0.95) -> pl.DataFrame:
    """Share still free of the event at each time of `at`: time, n_risk, n_event, surv, se, lo, hi.

    time: followed for so long, above 0. event: whether it happened then, else censored. n_risk: followed up to that
    time or longer; n_event: events then. se by Greenwood's formula, limits on the log scale, 1 at most.
    Source: Kaplan and Meier, Journal of the American Statistical Association 53, 1958; limits: Kalbfleisch and
    Prentice, 2nd edition 2002, p. 17.
    """
    check(time, event)
    ends, at_risk, failed = _life_table(time, event)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.cumprod(1 - failed / at_risk)
        greenwood = np.cumsum(failed / (at_risk * (at_risk - failed)))
    where = np.searchsorted(ends, at, side="right")
    surv = np.concatenate([[1.0], share])[where]
    relative = np.sqrt(np.concatenate([[0.0], greenwood])[where])
    relative = np.where(surv > 0, relative, np.nan)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    return pl.DataFrame({
        "time": at,
        "n_risk": time.size - np.searchsorted(np.sort(time), at, side="left"),
        "n_event": np.where(np.isin(at, ends), failed[np.clip(where - 1, 0, None)], 0).astype(np.int64),
        "surv": surv,
        "se": surv * relative,
        "lo": surv * np.exp(-z * relative),
        "hi": np.minimum(surv * np.exp(z * relative), 1.0),
    })  # fmt: skip


def median_time(time: Array, event: Flags) -> float | None:
    """The first time at which half or fewer are still free of the event; None if that is never reached."""
    ends, at_risk, failed = _life_table(time, event)
    below = np.flatnonzero(np.cumprod(1 - failed / at_risk) <= 0.5 + 1e-12)
    return float(ends[below[0]]) if below.size else None


def log_rank(time: Array, event: Flags, group: NDArray[np.int64]) -> tuple[float, float, int]:
    """χ², p and degrees of freedom of the hypothesis that all groups have the same hazard.

    group: whole numbers from 0. Source: Mantel, Cancer Chemotherapy Reports 50(3), 1966; Peto and Peto 1972.
    """
    from scipy.stats import chi2

    check(time, event)
    groups = int(group.max()) + 1
    if groups < 2:
        raise TooFewPoints(where="groups", found=groups, needed=2)
    ends = np.unique(time[event])
    member = group[None, :] == np.arange(groups)[:, None]
    at_risk = np.array([own.sum() - np.searchsorted(np.sort(time[own]), ends, side="left") for own in member])
    failed = np.array([[*np.histogram(time[own & event], np.append(ends, np.inf))[0]] for own in member])
    n, d = at_risk.sum(axis=0), failed.sum(axis=0)
    excess = (failed - d * at_risk / n).sum(axis=1)[1:]
    factor = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    share = at_risk / n
    spread = np.diag((factor * share).sum(axis=1)) - (factor * share) @ share.T
    chisq = float(excess @ np.linalg.pinv(spread[1:, 1:]) @ excess)
    return chisq, float(chi2.sf(chisq, groups - 1)), groups - 1


def cox(time: Array, event: Flags, covariates: Array, terms: tuple[str, ...], *, confidence: float = 0.95) -> Cox:
    """Cox's proportional hazards regression, ties by Efron.

    covariates: a column a term, none missing. Raises UnfitNumbers for a covariate that does not vary.
    Sources: Cox, Journal of the Royal Statistical Society B 34(2), 1972; Efron, Journal of the American Statistical
    Association 72, 1977; proportionality as a score test after Grambsch and Therneau, Biometrika 81(3), 1994, with
    time on the scale of the Kaplan–Meier curve.
    """
    from scipy.special import ndtr
    from statsmodels.duration.hazard_regression import PHReg

    check(time, event)
    still = np.ptp(covariates, axis=0) == 0
    if still.any():
        raise UnfitNumbers(
            f"{terms[int(np.argmax(still))]} is the same for all.", where="covariates", expected="covariates that vary"
        )
    centred = covariates - covariates.mean(axis=0)
    scale = centred.std(axis=0)
    model = PHReg(time, centred / scale, status=event.astype(int), ties="efron")
    fitted = model.fit(method="newton", maxiter=100, tol=1e-10, disp=0)
    found = _efron(time, event, centred / scale, np.asarray(fitted.params))
    step = np.linalg.solve(found.information.sum(axis=0), found.score.sum(axis=0))
    beta = np.asarray(fitted.params) + step  # one more Newton step, to the last digits
    found = _efron(time, event, centred / scale, beta)
    errors = np.sqrt(np.diag(np.linalg.inv(found.information.sum(axis=0)))) / scale
    coef = beta / scale
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    table = pl.DataFrame({
        "term": terms, "coef": coef, "se": errors, "hr": np.exp(coef), "lo": np.exp(coef - z * errors),
        "hi": np.exp(coef + z * errors), "z": coef / errors, "p": 2 * ndtr(-np.abs(coef / errors)),
    })  # fmt: skip
    none = float(model.loglike(np.zeros(coef.size)))
    proportional = _proportional(time, event, found, terms)
    return Cox(table, (none, float(model.loglike(beta))), concordance(time, event, centred @ coef), proportional)


def concordance(time: Array, event: Flags, hazard: Array) -> float:
    """Share of pairs that can be ordered in which the higher hazard failed first; equal hazards count a half.

    A pair can be ordered if the earlier time is an event; at equal times, an event comes before a censoring, and two
    events cannot be ordered. Source: Harrell et al., JAMA 247(18), 1982.
    """
    first, hazards = time[event], hazard[event]
    later = (time[None, :] > first[:, None]) | ((time[None, :] == first[:, None]) & ~event[None, :])
    agree = hazards[:, None] > hazard[None, :]
    tied = hazards[:, None] == hazard[None, :]
    pairs = int(later.sum())
    return float(((agree & later).sum() + 0.5 * (tied & later).sum()) / pairs) if pairs else float("nan")


def check(time: Array, event: Flags) -> None:
    """Raises TooFewPoints without events, UnfitNumbers for times that are not above 0."""
    if not event.any():
        raise TooFewPoints(where="events", found=0, needed=1)
    if (time <= 0).any() or not np.isfinite(time).all():
        row = int(np.argmax(~(time > 0))) + 1
        raise UnfitNumbers(
            f"Row {row}: nobody is followed for no time.", where=f"cohort, row {row}, column time", found="0 or less",
            expected="more than 0",
        )  # fmt: skip


@dataclass(frozen=True)
class _Steps:
    """Score and information of each event, in order of time; ties share Efron's averages. `size`: events at a time."""

    ends: Array
    size: NDArray[np.int64]
    score: Array
    information: Array


def _life_table(time: Array, event: Flags) -> tuple[Array, Array, Array]:
    """Times of events, rising, with those at risk and those that failed."""
    ends, failed = np.unique(time[event], return_counts=True)
    at_risk = time.size - np.searchsorted(np.sort(time), ends, side="left")
    return ends, at_risk.astype(np.float64), failed.astype(np.float64)


def _efron(time: Array, event: Flags, x: Array, beta: Array) -> _Steps:
    order = np.argsort(-time, kind="stable")
    t, d, z = time[order], event[order], x[order]
    risk = np.exp(z @ beta)
    first = risk[:, None] * z
    second = first[:, :, None] * z[:, None, :]
    ends, size = np.unique(t[d], return_counts=True)
    upto = np.searchsorted(-t, -ends, side="right") - 1
    group = np.searchsorted(ends, t[d])
    at_risk = [np.cumsum(each, axis=0)[upto] for each in (risk, first, second)]
    tied = [_summed(each[d], group, ends.size) for each in (risk, first, second)]
    # Efron: of m tied events the k-th sees the risk set less k/m of the tied.
    step = np.repeat(np.arange(ends.size), size)
    share = (np.arange(step.size) - np.repeat(np.cumsum(size) - size, size)) / np.repeat(size, size)
    s0 = at_risk[0][step] - share * tied[0][step]
    s1 = at_risk[1][step] - share[:, None] * tied[1][step]
    s2 = at_risk[2][step] - share[:, None, None] * tied[2][step]
    mean = s1 / s0[:, None]
    information = s2 / s0[:, None, None] - mean[:, :, None] * mean[:, None, :]
    own = _summed(z[d], group, ends.size)[step] / np.repeat(size, size)[:, None]
    return _Steps(ends, size, own - mean, information)


def _summed(values: Array, group: NDArray[np.int64], groups: int) -> Array:
    total = np.zeros((groups, *values.shape[1:]))
    np.add.at(total, group, values)
    return total


def _proportional(time: Array, event: Flags, found: _Steps, terms: tuple[str, ...]) -> pl.DataFrame:
    from scipy.stats import chi2

    _, at_risk, failed = _life_table(time, event)
    before = np.concatenate([[1.0], np.cumprod(1 - failed / at_risk)[:-1]])
    scale = np.repeat(1 - before, found.size)
    scale = scale - scale.mean()
    info = found.information
    by_time = (scale[:, None, None] * info).sum(axis=0)
    remaining = (scale[:, None, None] ** 2 * info).sum(axis=0) - by_time @ np.linalg.solve(info.sum(axis=0), by_time)
    score = scale @ found.score
    own = [_one_term(found, scale, term) for term in range(len(terms))]
    chisq = np.array([*own, float(score @ np.linalg.solve(remaining, score))])
    freedom = np.array([*np.ones(len(terms)), len(terms)])
    return pl.DataFrame({"term": [*terms, "GLOBAL"], "chisq": chisq, "df": freedom, "p": chi2.sf(chisq, freedom)})


def _one_term(found: _Steps, scale: Array, term: int) -> float:
    """Score test of one term times time, all terms kept in the model."""
    info = found.information
    cross = (scale[:, None] * info[:, term, :]).sum(axis=0)
    spread = float((scale**2 * info[:, term, term]).sum() - cross @ np.linalg.solve(info.sum(axis=0), cross))
    return float((scale @ found.score[:, term]) ** 2 / spread)
