"""Centre lines and limits of the attribute and rare-event charts, one function a chart.

Three-sigma limits as printed: c, u and p charts, Montgomery, Introduction to Statistical Quality Control (7th ed.,
2013), chapter 7; u' and p', Laney, Quality Engineering 14(4), 2002; g, Benneyan, Health Care Management Science 4,
2001; t, Nelson, J. Quality Technology 26(3), 1994. A limit that cannot be reached (a count under 0, a share over 1) is
cut off.
Probability limits: exact quantiles of the same distribution at the chances of three sigma of a normal one, which keep
their rate of false alarms where counts are small and three-sigma limits do not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.measures.dispersion import MOVING_RANGE_SCREEN, share_deviation

Numbers = NDArray[np.float64]
WEIBULL = 3.6  # Nelson: the 1/3.6 power of an exponential time is near to normal
_MOVING = 1.128  # d2 of pairs: a mean moving range over it is a standard deviation
_REACH = 2.66  # 3 / 1.128 as XmR charts print it
_TAILS = {3: 0.001349898031630095, 2: 0.022750131948179195}  # beyond so many sigma of a normal distribution


@dataclass(frozen=True)
class Series:
    """What is charted. y: counts, gaps or measurements; n: what they are out of (1 where there is no denominator).

    in_baseline: the points that the limits are worked out from.
    """

    y: Numbers
    n: Numbers
    in_baseline: NDArray[np.bool_]

    @property
    def value(self) -> Numbers:
        """What is drawn."""
        return self.y / self.n

    @property
    def pooled(self) -> float:
        """All the baseline's events over all it is out of."""
        return float(self.y[self.in_baseline].sum() / self.n[self.in_baseline].sum())


@dataclass(frozen=True)
class Limits:
    """One number a point: centre line, control limits (three sigma), warning limits (two sigma), and the line that runs
    are counted against, which is the median where the centre line is no middle. NaN where a chart has none.
    """

    centre: Numbers
    lower: Numbers
    upper: Numbers
    lower_warning: Numbers
    upper_warning: Numbers
    middle: Numbers


def run_chart(series: Series) -> Limits:
    """The median, and no limits."""
    middle = np.full(series.y.size, np.median(series.value[series.in_baseline]))
    none = np.full(series.y.size, np.nan)
    return Limits(middle, none, none, none, none, middle)


def individuals(series: Series) -> Limits:
    """XmR as `spc.xmr` draws it: the mean and 2.66 screened mean moving ranges, not cut off at zero."""
    return _individuals(series, MOVING_RANGE_SCREEN)


def _individuals(series: Series, screen: float) -> Limits:
    base = series.value[series.in_baseline]
    sigma = np.full(series.y.size, _moving_sigma(base, screen) * _MOVING * _REACH / 3)
    return _around(series, float(base.mean()), sigma, floor=-np.inf)


def counts_chart(series: Series, *, exact: bool = False) -> Limits:
    """C chart: counts of equal periods, and u chart: counts over n. Poisson."""
    rate = series.pooled
    if exact:
        return _by_quantile(series, rate, _poisson_quantile(rate * series.n))
    return _around(series, rate, np.sqrt(rate / series.n))


def shares_chart(series: Series, *, exact: bool = False) -> Limits:
    """P chart: how many of n. Binomial."""
    share = series.pooled
    if exact:
        return _by_quantile(series, share, _binomial_quantile(series.n, share))
    return _around(series, share, share_deviation(share, series.n), ceiling=1.0)


def laney_counts_chart(series: Series) -> Limits:
    """U' chart: as u, with the spread that the series shows from point to point, not the Poisson one."""
    rate = series.pooled
    sigma = np.sqrt(rate / series.n)
    return _around(series, rate, sigma * sigma_z(series, rate, sigma))


def laney_shares_chart(series: Series) -> Limits:
    """P' chart: as p, with the spread that the series shows from point to point, not the binomial one."""
    share = series.pooled
    sigma = share_deviation(share, series.n)
    return _around(series, share, sigma * sigma_z(series, share, sigma), ceiling=1.0)


def sigma_z(series: Series, centre: float, sigma: Numbers) -> float:
    """Laney's factor: mean moving range of the standardised points over 1.128. 1 where there is no overdispersion."""
    if not (sigma[series.in_baseline] > 0).all():
        return 1.0
    return _moving_sigma(((series.value - centre) / sigma)[series.in_baseline])


def gaps_chart(series: Series, *, exact: bool = False) -> Limits:
    """G chart: opportunities (cases, days, periods) without an event between one event and the next. Geometric.

    The mean is no middle of so skew a distribution, so runs are counted against the median.
    """
    mean = float(series.y[series.in_baseline].mean())
    sigma = np.full(series.y.size, np.sqrt(mean * (mean + 1)))
    found = _by_quantile(series, mean, _geometric_quantile(mean)) if exact else _around(series, mean, sigma)
    middle = np.full(series.y.size, np.median(series.y[series.in_baseline]))
    return Limits(found.centre, found.lower, found.upper, found.lower_warning, found.upper_warning, middle)


def times_chart(series: Series) -> Limits:
    """T chart: time between events, charted as XmR on its 1/3.6 power and drawn back on its own scale."""
    power = Series(series.y ** (1 / WEIBULL), series.n, series.in_baseline)
    found = _individuals(power, np.inf)
    centre, lower, upper, low, high = (
        np.clip(line, 0, None) ** WEIBULL
        for line in (found.centre, found.lower, found.upper, found.lower_warning, found.upper_warning)
    )
    return Limits(centre, lower, upper, low, high, centre)


def _moving_sigma(values: Numbers, screen: float = np.inf) -> float:
    moving = np.abs(np.diff(values))
    kept = moving[moving < screen * moving.mean()] if np.isfinite(screen) else moving
    return float(kept.mean() / _MOVING) if kept.size else 0.0


def _around(series: Series, centre: float, sigma: Numbers, *, floor: float = 0.0, ceiling: float = np.inf) -> Limits:
    line = np.full(series.y.size, centre)
    at = {k: np.clip(line + k * sigma, floor, ceiling) for k in (-3, -2, 2, 3)}
    return Limits(line, at[-3], at[3], at[-2], at[2], line)


def _by_quantile(series: Series, centre: float, quantile: Callable[[float], Any]) -> Limits:
    """Limits at the least values whose tails beyond them are no likelier than three (two) sigma."""
    line = np.full(series.y.size, centre)
    # So few events lie skew about their mean, and runs are counted against the median.
    median = np.full(series.y.size, np.median(series.value[series.in_baseline]))
    edges: Mapping[int, tuple[Numbers, Numbers]] = {
        k: (quantile(tail) / series.n + 0 * line, quantile(1 - tail) / series.n + 0 * line)
        for k, tail in _TAILS.items()
    }
    return Limits(line, edges[3][0], edges[3][1], edges[2][0], edges[2][1], median)


def _poisson_quantile(mean: Numbers) -> Callable[[float], Any]:
    from scipy.stats import poisson

    return lambda chance: poisson.ppf(chance, mean)


def _binomial_quantile(n: Numbers, share: float) -> Callable[[float], Any]:
    from scipy.stats import binom

    return lambda chance: binom.ppf(chance, n, share)


def _geometric_quantile(mean: float) -> Callable[[float], Any]:
    """Of the failures before the first success: mean 0 upwards."""
    stay = mean / (1 + mean)

    def quantile(chance: float) -> float:
        return max(float(np.ceil(np.log1p(-chance) / np.log(stay) - 1 - 1e-9)), 0.0) if stay > 0 else 0.0

    return quantile
