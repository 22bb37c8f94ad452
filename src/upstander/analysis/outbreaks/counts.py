"""Tails and quantiles of counts of variance `dispersion` × mean: Poisson at 1, negative binomial above."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LEAST_MEAN = 1e-12
_POISSON = 1 + 1e-9


def chance_of_at_least(count: ArrayLike, mean: ArrayLike, dispersion: ArrayLike) -> NDArray[np.float64]:
    """P(Y ≥ count). count: whole, 0 or more; NaN stays NaN."""
    from scipy.special import betainc, pdtrc

    y, mu, phi = (np.asarray(each, dtype=np.float64) for each in np.broadcast_arrays(count, mean, dispersion))
    mu = np.maximum(mu, _LEAST_MEAN)
    is_poisson = phi <= _POISSON
    spread = np.where(is_poisson, 1.0, phi - 1)
    above = np.maximum(y, 1.0)
    chance: NDArray[np.float64] = np.where(
        is_poisson, pdtrc(above - 1, mu), betainc(above, mu / spread, np.where(is_poisson, 0.5, 1 - 1 / phi))
    )
    return np.where(np.isnan(y) | np.isnan(mu), np.nan, np.where(y <= 0, 1.0, chance))


def quantile(p: float, mean: ArrayLike, dispersion: ArrayLike) -> NDArray[np.float64]:
    """The smallest count k with P(Y ≤ k) ≥ p; NaN where the mean is."""
    from scipy.special import ndtri

    mu, phi = (np.asarray(each, dtype=np.float64) for each in np.broadcast_arrays(mean, dispersion))
    mu = np.maximum(mu, _LEAST_MEAN)
    z, sd = ndtri(p), np.sqrt(mu * phi)
    skew = (2 * phi - 1) / sd
    guess = np.floor(np.maximum(mu + sd * (z + (z * z - 1) * skew / 6), 0.0))
    found = np.where(np.isfinite(guess), guess, 0.0).ravel()
    mu, phi = mu.ravel(), phi.ravel()
    open_ones = np.flatnonzero(np.isfinite(mu) & np.isfinite(phi))
    # A hair of rounding at the boundary must not move the quantile.
    most = (1 - p) * (1 + 1e-11)
    while open_ones.size:
        at, m, d = found[open_ones], mu[open_ones], phi[open_ones]
        too_low = chance_of_at_least(at + 1, m, d) > most
        too_high = (at > 0) & (chance_of_at_least(at, m, d) <= most)
        found[open_ones] += too_low.astype(float) - too_high
        open_ones = open_ones[too_low | too_high]
    return np.where(np.isfinite(mu) & np.isfinite(phi), found, np.nan).reshape(np.shape(guess))
