"""Funnel limits: how far areas of each size stray by chance alone, and which stray further.

Source: Spiegelhalter, Statistics in Medicine 24, 2005, pp. 1185–1202: exact limits by interpolated quantiles (appendix
A.1), overdispersion as a factor on the variance (A.3) or as a variance between areas that is added (A.4, after
DerSimonian and Laird, 1986), both from scores whose tails are winsorised. Exact inversion by chi-square as in
NHS-R's FunnelPlotR; normal limits of a proportion are those of Public Health England's funnels.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.measures.limits import Floats, Limits, normal_quantile, require

Kind = Literal["ratio", "rate", "proportion"]
How = Literal["quantile", "inverted", "normal"]
Scale = Literal["root", "log"]
Spread = Literal["none", "multiplied", "added"]
Tails = Literal["drawn in", "made good", "left out"]

LEVELS = {"95": 0.95, "998": 0.998}


class Dispersion(NamedTuple):
    """How much more areas differ than chance gives. phi: mean square of the scores, tails drawn in; 1 is chance alone.
    tau2: variance between areas on the scale of the scores. is_more: whether phi is beyond what chance gives.
    """

    phi: float
    tau2: float
    is_more: bool


NO_MORE = Dispersion(phi=1.0, tau2=0.0, is_more=False)


@dataclass(frozen=True)
class Funnel:
    """One row an area: `value` (events over base, as rate, ratio or proportion), `z` (score, overdispersion allowed
    for), `p_low` and `p_high` (chance of so few or so many: exact without overdispersion), limits by level, `target`.
    """

    value: Floats
    target: float
    z: Floats
    p_low: Floats
    p_high: Floats
    limits: dict[str, Limits]
    dispersion: Dispersion


def funnel(
    events: ArrayLike, base: ArrayLike, *, kind: Kind, target: float | None = None, how: How = "quantile",
    spread: Spread = "none", scale: Scale = "root", tails: float = 0.1, tail_rule: Tails = "drawn in",
) -> Funnel:  # fmt: skip
    """Limits of each area about the target, and its chance.

    events: counts, 0 or more. base: expected events (ratio), person-years (rate) or out of how many (proportion).
    target: the value that chance is about; by default 1 for a ratio, else all events over all base.
    how: quantile (interpolated, as published), inverted (continuous, by chi-square or beta), normal; with `spread`
    limits are normal on the scale. spread: none, multiplied (variance × phi) or added (+ tau²), where there is more of
    it than chance gives. scale: root (arcsine root for a proportion) or log (only counts above 0).
    tails: share of the scores at each end that is drawn in to the rest before phi is found (as published; phi is then
    a third too small for areas without an odd one, and one in ten lies beyond 95%), drawn in and made good for that, or
    left out.
    Raises TooFewPoints under 3 areas with a spread, UnfitNumbers with the row.
    """
    x, n = _checked(events, base, kind)
    about = float(target or (1.0 if kind == "ratio" else x.sum() / n.sum()))
    if not 0 < about < (1 if kind == "proportion" else np.inf):
        raise UnfitNumbers("There is nothing to be about.", where="target", found=f"{about:g}", expected="events")
    score = _Scores(x, n, about, kind, scale)
    dispersion = _dispersion(score, tails, tail_rule) if spread != "none" else NO_MORE
    variance = _inflated(score.variance, dispersion, spread)
    z = (score.y - score.about) / np.sqrt(variance)
    if spread == "none":
        low, high = _exact_tails(x, n, about, kind)
        limits = {name: _plain(n, about, kind, level, how) for name, level in LEVELS.items()}
    else:
        low, high = _normal_tails(z)
        limits = {name: score.limits(variance, level) for name, level in LEVELS.items()}
    return Funnel(x / n, about, z, low, high, limits, dispersion)


def signals(p_low: Floats, p_high: Floats) -> list[str]:
    """high_998, high_95, low_998, low_95 or none: beyond a level is a tail whose chance is (1 − level) / 2 or less.

    Judged by chance, not by a drawn limit: an interpolated limit lies between two counts, and at few expected events
    the count beyond it may be three times as likely as the level says.
    """
    met, names = [], []
    for name, level in reversed(LEVELS.items()):
        beyond = (1 - level) / 2 * (1 + 1e-12)
        met += [p_high <= beyond, p_low <= beyond]
        names += [f"high_{name}", f"low_{name}"]
    return list(np.select(met, names, "none").tolist())


class _Scores:
    """Areas on a scale on which chance has a variance that does not hang on the value."""

    def __init__(self, events: Floats, base: Floats, target: float, kind: Kind, scale: Scale) -> None:
        self.kind, self.scale, self.target = kind, scale, target
        self.base = base if kind == "proportion" else base * target
        if kind == "proportion":
            self.y, self.about = np.arcsin(np.sqrt(events / base)), float(np.arcsin(np.sqrt(target)))
        elif scale == "root":
            self.y, self.about = np.sqrt(events / self.base), 1.0
        else:
            require(events > 0, "no events has no logarithm.", where="events", expected="scale=root")
            self.y, self.about = np.log(events / self.base), 0.0
        self.variance = (1 if scale == "log" and kind != "proportion" else 0.25) / self.base

    def limits(self, variance: Floats, level: float) -> Limits:
        reach = float(normal_quantile(level)) * np.sqrt(variance)
        return Limits(self._back(self.about - reach), self._back(self.about + reach))

    def _back(self, y: Floats) -> Floats:
        if self.kind == "proportion":
            return np.asarray(np.square(np.sin(np.clip(y, 0, np.pi / 2))))
        return self.target * (np.square(np.maximum(y, 0)) if self.scale == "root" else np.exp(y))


def _dispersion(score: _Scores, tails: float, rule: Tails) -> Dispersion:
    """How much wider than by chance scores lie about the target, their tails drawn in to quantiles or left out."""
    z = (score.y - score.about) / np.sqrt(score.variance)
    if z.size < 3:
        raise TooFewPoints(where="areas", found=z.size, needed=3)
    low, high = np.quantile(z, [tails, 1 - tails])
    kept = (z > low) & (z < high) if rule == "left out" else np.ones(z.size, dtype=bool)
    if not kept.any():
        kept[:] = True
    drawn = np.clip(z, low, high)[kept]
    areas, weight = drawn.size, 1 / score.variance[kept]
    phi = float(np.square(drawn).mean()) / (_left_by_drawing_in(tails) if rule == "made good" else 1.0)
    spare = weight.sum() - np.square(weight).sum() / weight.sum()
    tau2 = max((areas * phi - (areas - 1)) / spare, 0.0) if spare > 0 else 0.0
    return Dispersion(phi, float(tau2), bool(phi > 1 and tau2 > 0))


def _left_by_drawing_in(tails: float) -> float:
    """Mean square of a standard normal score whose tails are drawn in to their quantiles: 0.68 for a tenth each."""
    from scipy.special import ndtri

    if tails == 0:
        return 1.0
    cut = float(ndtri(1 - tails))
    density = float(np.exp(-(cut**2) / 2) / np.sqrt(2 * np.pi))
    return (1 - 2 * tails) - 2 * cut * density + 2 * tails * cut**2


def _inflated(variance: Floats, dispersion: Dispersion, spread: Spread) -> Floats:
    if spread == "multiplied":
        return variance * max(dispersion.phi, 1.0)
    return variance + dispersion.tau2


def _plain(base: Floats, target: float, kind: Kind, level: float, how: How) -> Limits:
    """Limits by chance alone, in the unit of the value."""
    tail = (1 - level) / 2
    if how == "normal":
        spread = target * (1 - target) / base if kind == "proportion" else target / base
        reach = float(normal_quantile(level)) * np.sqrt(spread)
        return Limits(np.maximum(target - reach, 0), target + reach)
    found = _inverted(base, target, kind, tail) if how == "inverted" else _quantiles(base, target, kind, tail)
    return Limits(*(limit / base for limit in found))


def _inverted(base: Floats, target: float, kind: Kind, tail: float) -> Limits:
    from scipy.special import betaincinv, gammainccinv, gammaincinv

    mean = base * target
    if kind == "proportion":
        low, high = betaincinv(mean, base - mean + 1, tail), betaincinv(mean + 1, base - mean, 1 - tail)
        return Limits(low * base, high * base)
    return Limits(gammaincinv(mean, tail), gammainccinv(mean + 1, tail))


def _quantiles(base: Floats, target: float, kind: Kind, tail: float) -> Limits:
    """Quantiles of the count, drawn back by the share of its chance that lies beyond the level."""
    from scipy.stats import binom, poisson

    count = binom(base, target) if kind == "proportion" else poisson(base * target)

    def at(p: float) -> Floats:
        whole = count.ppf(p)
        back = (count.cdf(whole) - p) / count.pmf(whole)
        return np.asarray(np.maximum(whole - back, 0.0), dtype=np.float64)

    return Limits(at(tail), at(1 - tail))


def _exact_tails(x: Floats, n: Floats, target: float, kind: Kind) -> tuple[Floats, Floats]:
    """P(so few or fewer) and P(so many or more) by chance."""
    from scipy.stats import binom, poisson

    count = binom(n, target) if kind == "proportion" else poisson(n * target)
    return np.asarray(count.cdf(x)), np.asarray(count.sf(x - 1))


def _normal_tails(z: Floats) -> tuple[Floats, Floats]:
    from scipy.special import ndtr

    return np.asarray(ndtr(z)), np.asarray(ndtr(-z))


def _checked(events: ArrayLike, base: ArrayLike, kind: Kind) -> tuple[Floats, Floats]:
    x, n = (np.asarray(values, dtype=np.float64) for values in (events, base))
    if not x.size:
        raise TooFewPoints(where="areas", found=0, needed=1)
    require((x >= 0) & (x == np.floor(x)), "not a count.", where="events", expected="0, 1, 2, …")
    require(n > 0, "nothing that events are counted on.", where="base", expected="more than 0")
    if kind == "proportion":
        require(n == np.floor(n), "not a whole number.", where="base", expected="1, 2, 3, …")
        require(x <= n, "more events than a proportion has.", where="events", expected="no more than the base")
    return x, n
