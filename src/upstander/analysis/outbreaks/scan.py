"""Space-time scan statistics: where and since when is there more than elsewhere and before?

Sources: Poisson: Kulldorff, Communications in Statistics: Theory and Methods 26(6), 1997; prospective: Kulldorff,
Journal of the Royal Statistical Society A 164(1), 2001; permutation: Kulldorff, Heffernan, Hartman, Assunção and
Mostashari, PLoS Medicine 2(3), 2005; small p: Abrams, Kulldorff and Kleinman, International Journal of Health
Geographics 9:61, 2010; sequential stop: Besag and Clifford, Biometrika 78(2), 1991; recurrence intervals: Kleinman,
Lazarus and Platt, American Journal of Epidemiology 159(3), 2004.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.errors import TooFewPoints
from upstander.analysis.outbreaks.cylinders import (
    Cylinders,
    Numbers,
    Screen,
    Windows,
    Zones,
    ratios,
    worlds_at_once,
)

Drawer = Callable[[np.random.Generator, int], NDArray[np.int32]]
_EULER = 0.5772156649015329
_SAME = 1e-9


@dataclass(frozen=True)
class Cluster:
    """A circle and a stretch of time with more cases than expected. `cells`: in order of distance from the centre.
    `start`, `end`: periods, both included. `ratio`: relative risk, inside over outside. `p`: chance that the highest
    of a world without clusters is as high. `p_gumbel`: the same by a Gumbel curve through those worlds.
    """

    centre: int
    cells: tuple[int, ...]
    km: float
    start: int
    end: int
    observed: int
    expected: float
    ratio: float
    llr: float
    p: float
    p_gumbel: float


@dataclass(frozen=True)
class Scan:
    """The clusters, the least likely first, none of whose cells is in one before it; `worlds` drawn for their p."""

    clusters: tuple[Cluster, ...]
    worlds: int
    highest: Numbers


def poisson_scan(
    counts: NDArray[np.int64], expected: Numbers, zones: Zones, windows: Windows, *, worlds: int = 999, seed: int = 0,
    most_clusters: int = 10, stop_at: int = 0,
) -> Scan:  # fmt: skip
    """Cases against an expectation known up to a factor. counts, expected: cells × periods.

    Worlds share out as many cases by the expectation. stop_at: end when so many worlds are as high as the most
    unusual cluster; 0 for never.
    """
    total = _enough(int(counts.sum()))
    share = expected / expected.sum()
    within = windows.sums((share * total)[:, :, None])[:, :, 0]
    cylinders = Cylinders(zones, windows, np.cumsum(within[zones.cells], axis=1), float(total))
    first = int(windows.start.min())
    late = share[:, first:]
    chances = np.append(late.ravel(), max(1 - late.sum(), 0.0))
    moved = Windows(windows.start - first, windows.end - first)

    def draw(rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        made = rng.multinomial(total, chances / chances.sum(), size=size)[:, :-1]
        return moved.sums(np.ascontiguousarray(made.T.reshape(*late.shape, size), dtype=np.int32))

    by_window = windows.sums(counts[:, :, None].astype(np.int32))[:, :, 0]
    return _scanned(cylinders, by_window, draw, worlds, seed, most_clusters, stop_at)


def permutation_scan(
    cell: NDArray[np.int64], period: NDArray[np.int64], zones: Zones, windows: Windows, *,
    stratum: NDArray[np.int64] | None = None, worlds: int = 999, seed: int = 0, most_clusters: int = 10,
    stop_at: int = 0,
) -> Scan:  # fmt: skip
    """Cases against what their cells and their periods alone lead to expect; needs no population.

    cell, period: of each case, numbered from 0. stratum: weekday, say; dates change places within a stratum only, and
    the expectation is taken within it, so that a Saturday's usual places are no cluster. A rise everywhere at once
    cannot be seen.
    """
    total = _enough(cell.size)
    stratum = np.zeros(total, dtype=np.int64) if stratum is None else np.unique(stratum, return_inverse=True)[1]
    cells, periods = len(zones.cells), int(max(period.max(), windows.end.max())) + 1
    strata = int(stratum.max()) + 1
    by_cell = np.bincount(stratum * cells + cell, minlength=strata * cells).reshape(strata, cells)
    by_period = np.bincount(stratum * periods + period, minlength=strata * periods).reshape(strata, periods)
    summed = np.concatenate([np.zeros((strata, 1)), np.cumsum(by_period, axis=1)], axis=1)
    by_window = (summed[:, windows.end + 1] - summed[:, windows.start]) / by_cell.sum(axis=1)[:, None]
    within = np.einsum("sc,sw->cw", by_cell.astype(float), by_window)
    cylinders = Cylinders(zones, windows, np.cumsum(within[zones.cells], axis=1), float(total))
    draw = _permutations(cell, period, stratum, cells, windows)
    seen = np.bincount(cell * periods + period, minlength=cells * periods).reshape(cells, periods, 1)
    return _scanned(cylinders, windows.sums(seen.astype(np.int32))[:, :, 0], draw, worlds, seed, most_clusters, stop_at)


def _permutations(
    cell: NDArray[np.int64], period: NDArray[np.int64], stratum: NDArray[np.int64], cells: int, windows: Windows
) -> Drawer:
    """Draws which cases get the dates that lie in a window; the dates of the others do not matter."""
    first, last = int(windows.start.min()), int(windows.end.max())
    moved = Windows(windows.start - first, windows.end - first)
    periods = last - first + 1
    parts = []
    for number in range(int(stratum.max()) + 1):
        members = np.flatnonzero(stratum == number)
        late = period[members]
        late = np.sort(late[(late >= first) & (late <= last)]) - first
        if late.size:
            parts.append((cell[members] * periods, late))

    def draw(rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        made = np.zeros(cells * periods * size, dtype=np.int64)
        for place, late in parts:
            drawn = np.empty((size, late.size), dtype=np.int64)
            for world in range(size):
                chosen = rng.choice(place.size, late.size, replace=False)
                drawn[world] = (place[chosen] + late) * size + world
            made += np.bincount(drawn.ravel(), minlength=made.size)
        return moved.sums(made.reshape(cells, periods, size).astype(np.int32))

    return draw


def _scanned(
    cylinders: Cylinders, by_window: NDArray[np.int32], draw: Drawer, worlds: int, seed: int, most_clusters: int,
    stop_at: int,
) -> Scan:  # fmt: skip
    llr, counted = ratios(cylinders, by_window)
    found = _apart(cylinders, llr, most_clusters)
    top = max((float(llr[at]) for at in found), default=0.0)
    maxima = _drawn(cylinders, draw, worlds, seed, top, stop_at)
    clusters = tuple(_cluster(cylinders, at, llr, counted, maxima, stop_at) for at in found)
    return Scan(clusters, maxima.size, maxima)


def _drawn(cylinders: Cylinders, draw: Drawer, worlds: int, seed: int, top: float, stop_at: int) -> Numbers:
    """The highest ratio of each world; fewer worlds where `stop_at` of them reached `top`."""
    rng, screen = np.random.default_rng(seed), Screen(cylinders)
    batch = worlds_at_once(len(cylinders.zones.cells), cylinders.windows.start.size)
    maxima = np.empty(0)
    while maxima.size < worlds:
        made = screen.highest(draw(rng, batch))
        maxima = np.append(maxima, made)[:worlds]
        reached = np.flatnonzero(maxima >= top - _SAME)
        if stop_at and reached.size >= stop_at:
            return maxima[: reached[stop_at - 1] + 1]
    return maxima


def _apart(cylinders: Cylinders, llr: Numbers, most: int) -> list[tuple[int, int, int]]:
    """Positions of the most unusual cylinders, none sharing a cell with one before it."""
    flat = np.flatnonzero(llr.ravel() > 0)
    # Sums in another order differ in the last digits; the same circle around another cell is no better.
    order = flat[np.argsort(-np.round(llr.ravel()[flat], 9), kind="stable")]
    cells = cylinders.zones.cells
    is_taken = np.zeros(len(cells), dtype=bool)
    found: list[tuple[int, int, int]] = []
    while order.size and len(found) < most:
        centre, depth, window = (int(each) for each in np.unravel_index(order[0], llr.shape))
        found.append((centre, depth, window))
        is_taken[cells[centre, : depth + 1]] = True
        touches = np.logical_or.accumulate(is_taken[cells], axis=1)
        first, second, _ = np.unravel_index(order, llr.shape)
        order = order[~touches[first, second]]
    return found


def _cluster(
    cylinders: Cylinders, at: tuple[int, int, int], llr: Numbers, counted: NDArray[np.int64], maxima: Numbers,
    stop_at: int,
) -> Cluster:  # fmt: skip
    centre, depth, window = at
    total, expected, observed = cylinders.total, float(cylinders.expected[at]), int(counted[at])
    outside = (total - observed) / (total - expected) if total > expected else 0.0
    p, p_gumbel = _chances(float(llr[at]), maxima, stop_at)
    return Cluster(
        centre=centre,
        cells=tuple(int(cell) for cell in cylinders.zones.cells[centre, : depth + 1]),
        km=float(cylinders.zones.km[centre, depth]),
        start=int(cylinders.windows.start[window]),
        end=int(cylinders.windows.end[window]),
        observed=observed,
        expected=expected,
        ratio=observed / expected / outside if outside > 0 else float("inf"),
        llr=float(llr[at]),
        p=p,
        p_gumbel=p_gumbel,
    )


def _chances(llr: float, maxima: Numbers, stop_at: int) -> tuple[float, float]:
    """P by counting worlds as high, and by a Gumbel curve with their mean and spread."""
    if not maxima.size:
        return float("nan"), float("nan")
    reached = int((maxima >= llr - _SAME).sum())
    is_stopped = bool(stop_at) and reached >= stop_at
    p = reached / maxima.size if is_stopped else (1 + reached) / (1 + maxima.size)
    scale = float(maxima.std(ddof=1)) * np.sqrt(6) / np.pi if maxima.size > 1 else 0.0
    if scale <= 0:
        return p, float("nan")
    place = float(maxima.mean()) - _EULER * scale
    return p, float(-np.expm1(-np.exp(-(llr - place) / scale)))


def _enough(total: int) -> int:
    if total < 2:
        raise TooFewPoints(where="cases", found=total, needed=2)
    return total
