"""Plain forecasts that any other must beat: naive, seasonal naive, drift, exponential smoothing, theta, ARIMA.

Intervals are those of the published methods: normal, so that on small counts they run below zero. `weekly` makes
intervals that do not. Sources: Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition 2021,
sections 5.2, 5.5 and 8.7; Assimakopoulos and Nikolopoulos, International Journal of Forecasting 16(4), 2000; Hyndman
and Billah, same journal 19(2), 2003; Box and Jenkins 1976 (the airline model).
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

Array = NDArray[np.float64]
_LEVELS = (80, 95)
_SEASONAL_AT = 1.645  # one-sided 5%: an autocorrelation at the season beyond this many errors means a season
_PATHS = 5000


@dataclass(frozen=True)
class Ahead:
    """Means of the next periods and their standard errors; `paths`, simulated, where the model is not linear."""

    mean: Array
    error: Array
    paths: Array | None = None

    def table(self, model: str) -> pl.DataFrame:
        """One row a period ahead: model, h, mean, lo80, hi80, lo95, hi95."""
        limits: dict[str, Array] = {}
        for level in _LEVELS:
            if self.paths is None:
                z = NormalDist().inv_cdf(0.5 + level / 200)
                limits |= {f"lo{level}": self.mean - z * self.error, f"hi{level}": self.mean + z * self.error}
            else:
                low, high = np.quantile(self.paths, [0.5 - level / 200, 0.5 + level / 200], axis=0)
                limits |= {f"lo{level}": low, f"hi{level}": high}
        steps = np.arange(1, self.mean.size + 1)
        return pl.DataFrame({"model": [model] * self.mean.size, "h": steps, "mean": self.mean, **limits})


def seasonal_naive(y: Array, horizon: int, season: int) -> Ahead:
    """The same period of the season before. With a season of 1 period: naive, the last number again."""
    _need(y, season + 2)
    steps = np.arange(1, horizon + 1)
    moved = y[season:] - y[:-season]
    error = np.sqrt((moved**2).mean() * ((steps - 1) // season + 1))
    return Ahead(y[y.size - season + (steps - 1) % season], error)


def drift(y: Array, horizon: int) -> Ahead:
    """The last number and the mean change from one period to the next."""
    _need(y, 3)
    steps, moved = np.arange(1, horizon + 1), np.diff(y)
    spread = np.sqrt(((moved - moved.mean()) ** 2).sum() / (y.size - 2))
    return Ahead(y[-1] + moved.mean() * steps, spread * np.sqrt(steps * (1 + steps / (y.size - 1))))


def smoothed(y: Array, horizon: int) -> Ahead:
    """Simple exponential smoothing, ETS(A,N,N), by maximum likelihood."""
    level, alpha, variance = _simple(y)
    steps = np.arange(horizon)
    return Ahead(np.full(horizon, level), np.sqrt(variance * (1 + steps * alpha**2)))


def theta(y: Array, horizon: int, season: int) -> Ahead:
    """Theta: simple exponential smoothing with half the slope of the trend. A season is taken out and put back where
    its autocorrelation says that there is one.
    """
    factors = _seasonal_factors(y, season) if _is_seasonal(y, season) else np.ones(max(season, 1))
    plain = y / factors[np.arange(y.size) % factors.size]
    level, alpha, variance = _simple(plain)
    slope = np.polyfit(np.arange(y.size), plain, 1)[0] / 2
    steps = np.arange(horizon)
    mean = level + slope * (steps + (1 - (1 - alpha) ** y.size) / alpha)
    back = factors[(y.size + steps) % factors.size]
    return Ahead(mean * back, np.sqrt(variance * (1 + steps * alpha**2)) * back)


def holt_winters(y: Array, horizon: int, season: int, *, seed: int) -> Ahead:
    """ETS(M,A,M): trend and multiplicative seasons, intervals from simulated futures. Numbers above zero only.

    First level, trend and seasons come from the first years by rule, the three smoothing parameters by maximum
    likelihood. Fitting all sixteen leaves several optima, and which one is found depends on where the search starts.
    """
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    _need(y, 2 * season + 4)
    if (y <= 0).any():
        raise UnfitNumbers(
            "Multiplicative seasons need numbers above zero.", where="series, column y", found="0 or less",
            expected="more than 0",
        )  # fmt: skip
    model = ETSModel(
        y, error="mul", trend="add", seasonal="mul", seasonal_periods=season, initialization_method="heuristic"
    )  # fmt: skip
    fitted = model.fit(disp=False, maxiter=5000)
    spread = float(np.sqrt(fitted.sse / (y.size - len(fitted.params))))
    shocks = np.random.default_rng(seed).normal(0, spread, (horizon, _PATHS))
    paths = fitted.simulate(horizon, repetitions=_PATHS, anchor="end", random_errors=shocks)
    mean = np.asarray(fitted.forecast(horizon))
    return Ahead(mean, np.std(paths, axis=1), np.asarray(paths).T)


def airline(y: Array, horizon: int, season: int) -> Ahead:
    """ARIMA(0,1,1)(0,1,1), the airline model, by maximum likelihood."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    _need(y, 2 * season + 4)
    fitted = SARIMAX(y, order=(0, 1, 1), seasonal_order=(0, 1, 1, season)).fit(disp=False)
    ahead = fitted.get_forecast(horizon)
    return Ahead(np.asarray(ahead.predicted_mean), np.asarray(ahead.se_mean))


def _simple(y: Array) -> tuple[float, float, float]:
    """Last level, alpha and variance of simple exponential smoothing; the first level is fitted too."""
    from scipy.optimize import minimize_scalar

    _need(y, 4)

    def squares(alpha: float) -> float:
        return _smoothing_errors(y, alpha)[1]

    grid = np.linspace(0.0001, 0.9999, 101)
    best = grid[int(np.argmin([squares(alpha) for alpha in grid]))]
    bounds = (max(best - 0.01, 0.0001), min(best + 0.01, 0.9999))
    alpha = float(minimize_scalar(squares, bounds=bounds, method="bounded", options={"xatol": 1e-10}).x)
    level, total = _smoothing_errors(y, alpha)
    return level, alpha, total / (y.size - 2)


def _smoothing_errors(y: Array, alpha: float) -> tuple[float, float]:
    """Last level and sum of squared errors, with the first level that makes them least (they are linear in it)."""
    from scipy.signal import lfilter

    keep = (1 - alpha) ** np.arange(y.size + 1)
    smooth = np.concatenate([[0.0], lfilter([alpha], [1.0, alpha - 1.0], y)])
    error = y - smooth[:-1]
    first = float(error @ keep[:-1] / (keep[:-1] @ keep[:-1]))
    error = error - first * keep[:-1]
    return float(smooth[-1] + first * keep[-1]), float(error @ error)


def _is_seasonal(y: Array, season: int) -> bool:
    if season < 2 or y.size <= 2 * season:
        return False
    centred = y - y.mean()
    total = float(centred @ centred)
    if total == 0:
        return False
    r = np.array([centred[back:] @ centred[:-back] for back in range(1, season + 1)]) / total
    return bool(abs(r[-1]) > _SEASONAL_AT * np.sqrt((1 + 2 * (r[:-1] ** 2).sum()) / y.size))


def _seasonal_factors(y: Array, season: int) -> Array:
    """Factors by classical multiplicative decomposition, mean 1; ones where a number is not above zero."""
    if (y <= 0).any():
        return np.ones(season)
    weights = np.ones(season) if season % 2 else np.concatenate([[0.5], np.ones(season - 1), [0.5]])
    trend = np.convolve(y, weights / season, mode="valid")
    start = weights.size // 2
    ratio = y[start : start + trend.size] / trend
    place = (start + np.arange(trend.size)) % season
    factors = np.bincount(place, ratio, season) / np.bincount(place, minlength=season)
    level: Array = factors / factors.mean()
    return level


def _need(y: Array, points: int) -> None:
    if y.size < points:
        raise TooFewPoints(where="series", found=int(y.size), needed=points)
    if not np.isfinite(y).all():
        raise UnfitNumbers("A period has no number.", where="series, column y", expected="a number in every period")
