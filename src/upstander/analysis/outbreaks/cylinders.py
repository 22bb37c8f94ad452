"""Circles of cells and windows of time: what a scan looks at, and the most unusual of it in many worlds at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]
EARTH_KM = 6371.3
LEAST_CASES = 2
_SAME_KM = 1e-6
_CENTRES_AT_ONCE = 256
_WORLDS_AT_ONCE = 64  # a multiple of 8: eight flags are read as one number
_MOST_BYTES = 64 * 2**20
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Zones:
    """Circles around each cell: centres × nearest. `cells`: the nearest cells, the centre first. `is_zone`: whether the
    cells up to there are a circle of their own. `km`: its radius.
    """

    cells: NDArray[np.int64]
    is_zone: NDArray[np.bool_]
    km: Numbers


@dataclass(frozen=True)
class Windows:
    """Stretches of periods: `start` up to `end`, both included."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]

    def sums(self, by_period: NDArray[np.int32]) -> NDArray[np.int32]:
        """Cells × periods × worlds summed to cells × windows × worlds."""
        total = np.zeros((by_period.shape[0], by_period.shape[1] + 1, by_period.shape[2]), dtype=by_period.dtype)
        np.cumsum(by_period, axis=1, out=total[:, 1:])
        found: NDArray[np.int32] = total[:, self.end + 1] - total[:, self.start]
        return found


def on_earth(latitude: ArrayLike, longitude: ArrayLike) -> Numbers:
    """Points in space, in km, from degrees: their straight distance rises with the distance along the ground."""
    lat, lon = np.radians(np.asarray(latitude, dtype=float)), np.radians(np.asarray(longitude, dtype=float))
    return EARTH_KM * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def circles(
    points: Numbers, weight: Numbers, *, most_share: float = 0.5, most_km: float = np.inf, most_cells: int = 0
) -> Zones:
    """Every circle around every cell that holds no more than `most_share` of the weight.

    points: cells × 2 (km on a plane) or × 3 (km, on the globe). weight: population or cases of each cell. most_cells:
    the nearest so many, 0 for all. Cells equally far away enter together. A centre that alone holds more is a zone.
    """
    from scipy.spatial import cKDTree

    n = len(points)
    if n < 2:
        raise TooFewPoints(where="geo", found=n, needed=2)
    if not np.isfinite(points).all():
        raise UnfitNumbers("A cell has no place.", where="geo", expected="coordinates for every cell")
    k = min(most_cells or n, n)
    straight, cells = cKDTree(points).query(points, min(k + 1, n))
    km = _along_ground(straight) if points.shape[1] == 3 else straight
    # Rounded, so that cells equally far away come in the order of their number on any machine.
    order = np.lexsort((cells, np.round(km / _SAME_KM)), axis=1)
    km, cells = np.take_along_axis(km, order, axis=1), np.take_along_axis(cells, order, axis=1)
    is_closed = np.ones(km.shape, dtype=bool)
    is_closed[:, :-1] = np.diff(km, axis=1) > 2 * _SAME_KM
    share = np.cumsum(weight[cells], axis=1) / max(float(weight.sum()), 1e-300)
    fits = (share <= most_share + 1e-12) & (km <= most_km)
    fits[:, 0] = True
    return Zones(cells[:, :k], (is_closed & fits)[:, :k], km[:, :k])


def _along_ground(straight: Numbers) -> Numbers:
    along: Numbers = 2 * EARTH_KM * np.arcsin(np.minimum(straight / (2 * EARTH_KM), 1.0))
    return along


def last_windows(periods: int, longest: int) -> Windows:
    """The last period, the last two, … the last `longest`."""
    length = np.arange(1, min(longest, periods) + 1)
    return Windows(periods - length, np.full(length.size, periods - 1))


def all_windows(periods: int, longest: int) -> Windows:
    """Every stretch of 1 to `longest` periods."""
    start, end = np.divmod(np.arange(periods * periods), periods)
    fits = (end >= start) & (end - start < longest)
    return Windows(start[fits], end[fits])


@dataclass(frozen=True)
class Cylinders:
    """Zones × windows with what is expected in each: `expected`, centres × nearest × windows, of `total` cases."""

    zones: Zones
    windows: Windows
    expected: Numbers
    total: float


def log_likelihood_ratio(count: ArrayLike, expected: ArrayLike, total: float) -> Numbers:
    """C log(c / e) + (N − c) log((N − c) / (N − e)) where more than expected and two cases or more, else 0.

    Source: Kulldorff, Communications in Statistics: Theory and Methods 26(6), 1997, p. 1487.
    """
    from scipy.special import xlogy

    c, e = np.broadcast_arrays(np.asarray(count, dtype=float), np.asarray(expected, dtype=float))
    is_high = (c > e) & (c >= LEAST_CASES) & (e > 0)
    c, e = np.where(is_high, c, 0.0), np.where(is_high, e, 1.0)
    rest = np.maximum(total - e, 1e-300)
    found = xlogy(c, c / e) + xlogy(total - c, np.maximum(total - c, 0.0) / rest)
    return np.where(is_high, np.maximum(found, 0.0), 0.0)


def least_count(expected: Numbers, total: float, ratio: float) -> NDArray[np.int32]:
    """The smallest count whose log likelihood ratio reaches `ratio`; a count beyond all counts where none does."""
    e = np.clip(expected, 1e-12, total * (1 - 1e-12))
    # The ratio is at most its chi-square form, so this start lies under the root; it bends upwards, so one step of
    # Newton's lies above it and the others come down to it.
    c = e + np.sqrt(2 * ratio * e * (total - e) / total)
    for _ in range(6):
        c = np.clip(c, e * (1 + 1e-9), total * (1 - 1e-12))
        value = c * np.log(c / e) + (total - c) * np.log((total - c) / (total - e)) - ratio
        c = c - value / np.maximum(np.log(c * (total - e) / (e * (total - c))), 1e-12)
    # Rounded a hair down: what it lets through is computed exactly afterwards.
    count = np.maximum(np.ceil(np.clip(c, 0, total) - 1e-6 * (1 + np.abs(c))), LEAST_CASES)
    reachable = (count <= total) & (expected > 0)
    return np.where(reachable, count, _NEVER).astype(np.int32)


def ratios(cylinders: Cylinders, by_window: NDArray[np.int32]) -> tuple[Numbers, Counts]:
    """Log likelihood ratio and count of every cylinder of one world (cells × windows); 0 where there is no zone."""
    counted = np.cumsum(by_window[cylinders.zones.cells], axis=1, dtype=np.int64)
    found = log_likelihood_ratio(counted, cylinders.expected, cylinders.total)
    return found * cylinders.zones.is_zone[:, :, None], counted


def worlds_at_once(cells: int, windows: int) -> int:
    """How many worlds a batch may hold, a multiple of 8."""
    return int(np.clip(_MOST_BYTES // max(cells * windows * 4, 1) // 8 * 8, 8, _WORLDS_AT_ONCE))


class Screen:
    """The most unusual of every cylinder in many worlds, quickly: which counts matter at all is worked out once."""

    def __init__(self, cylinders: Cylinders) -> None:
        self.cylinders = cylinders
        self._least: dict[float, NDArray[np.int32]] = {}

    def highest(self, by_window: NDArray[np.int32]) -> Numbers:
        """The highest ratio of each of many worlds: cells × windows × worlds.

        Counts are only compared with the least that matters; a logarithm is taken of the few that reach it. A world
        in which none does is looked at again with a lower least.
        """
        best = np.zeros(by_window.shape[2])
        ratio = 0.45 * float(np.log(max(self.cylinders.expected.size, 8)))
        open_ones = np.arange(best.size)
        while open_ones.size:
            best[open_ones] = self._screened(_in_eights(by_window, open_ones), ratio)[: open_ones.size]
            open_ones = open_ones[best[open_ones] < ratio] if ratio > 0 else open_ones[:0]
            ratio = ratio / 2 if ratio > 0.05 else 0.0
        return best

    def _screened(self, by_window: NDArray[np.int32], ratio: float) -> Numbers:
        """Highest ratio of each world among cylinders that reach `ratio`, 0 for none."""
        fits_short = int(by_window.sum(axis=0).max()) < np.iinfo(np.int16).max
        narrow: NDArray[np.int16 | np.int32] = by_window.astype(np.int16) if fits_short else by_window
        least = np.minimum(self._least_counts(ratio), np.iinfo(narrow.dtype).max).astype(narrow.dtype)
        best = np.zeros(by_window.shape[2])
        for counted, expected, world in _reaching(self.cylinders, narrow, least):
            np.maximum.at(best, world, log_likelihood_ratio(counted, expected, self.cylinders.total))
        return best

    def _least_counts(self, ratio: float) -> NDArray[np.int32]:
        if ratio not in self._least:
            least = least_count(self.cylinders.expected, self.cylinders.total, ratio)
            least[~self.cylinders.zones.is_zone] = _NEVER
            self._least[ratio] = least
        return self._least[ratio]


def _in_eights(by_window: NDArray[np.int32], worlds: NDArray[np.int64]) -> NDArray[np.int32]:
    """The worlds asked for, filled up with empty ones to a multiple of 8."""
    if worlds.size == by_window.shape[2] and worlds.size % 8 == 0:
        return by_window
    padded = np.zeros((*by_window.shape[:2], -(-worlds.size // 8) * 8), dtype=by_window.dtype)
    padded[:, :, : worlds.size] = by_window[:, :, worlds]
    return padded


def _reaching(
    cylinders: Cylinders, by_window: NDArray[np.int16 | np.int32], least: NDArray[np.int16 | np.int32]
) -> Iterator[tuple[Counts, Numbers, NDArray[np.int64]]]:
    """Count, expected and world of every cylinder that reaches its least count, a few centres at a time."""
    cells, is_zone = cylinders.zones.cells, cylinders.zones.is_zone
    windows, worlds = by_window.shape[1:]
    for first in range(0, len(cells), _CENTRES_AT_ONCE):
        here = slice(first, min(first + _CENTRES_AT_ONCE, len(cells)))
        size = here.stop - here.start
        counted = np.zeros((size, windows, worlds), dtype=by_window.dtype)
        added, is_over = np.empty_like(counted), np.empty(counted.shape, dtype=bool)
        deepest = int(np.flatnonzero(is_zone[here].any(axis=0)).max()) + 1
        for depth in range(deepest):
            np.take(by_window, cells[here, depth], axis=0, out=added, mode="clip")
            counted += added
            np.greater_equal(counted, least[here, depth, :, None], out=is_over)
            eights = np.flatnonzero(is_over.reshape(-1).view(np.uint64))
            if eights.size:
                which, bit = np.nonzero(is_over.reshape(-1, 8)[eights])
                at = eights[which] * 8 + bit
                cylinder, world = np.divmod(at, worlds)
                expected = cylinders.expected[here, depth].reshape(-1)[cylinder]
                yield counted.reshape(-1)[at].astype(np.int64), expected, world
