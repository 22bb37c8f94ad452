"""Pairs of events near in space and near in time, counted by bands, as found and as they are when times are shuffled.

Shuffling the times over the places keeps every place and every time, so how many pairs are near in space and how many
are near in time stay as they are; only how often both hold changes. Both Knox's test and the near-repeat table ask it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder

Closed = Literal["left", "right"]
Distance = Literal["euclidean", "manhattan"]

MOST_PAIRS = 20_000_000
_FEWEST_EVENTS = 2
_ROOM = 1 + 1e-9  # the tree's own rounding must not lose a pair that lies on the edge


@dataclass(frozen=True)
class PairCounts:
    """Pairs by band of distance (rows) and of time apart (columns).

    `observed`: pairs found. `permuted`: permutations × rows × columns, with times shuffled. `in_space`, `in_time`:
    pairs by band of one alone. `pairs`: all pairs of the events, near or not.
    """

    observed: NDArray[np.int64]
    permuted: NDArray[np.int64]
    in_space: NDArray[np.int64]
    in_time: NDArray[np.int64]
    pairs: int

    def up_to(self) -> "PairCounts":
        """The same counts added up from the first band on: pairs no farther apart than each band's far edge."""
        return PairCounts(
            self.observed.cumsum(0).cumsum(1), self.permuted.cumsum(1).cumsum(2), self.in_space.cumsum(),
            self.in_time.cumsum(), self.pairs,
        )  # fmt: skip


def pair_counts(
    x: ArrayLike, y: ArrayLike, time: ArrayLike, *, space: ArrayLike, apart: ArrayLike, permutations: int, seed: int,
    closed: Closed = "left", distance: Distance = "euclidean",
) -> PairCounts:  # fmt: skip
    """Count pairs of events by how far apart they are in space and in time, and again with times shuffled.

    x, y: a metric grid; time: days or any unit. space, apart: rising edges of the bands; the last may be infinite.
    closed: "left" makes bands [a, b), "right" makes them (a, b]. Manhattan distance is |dx| + |dy|.
    Raises TooFewPoints under 2 events, WrongOrder for edges that do not rise, UnfitNumbers for missing numbers and
    where over 20 million pairs lie within the bands.
    """
    at, when = _events(x, y, time)
    far, late = edges_of("space", space), edges_of("time", apart)
    i, j, metres = _near_pairs(at, float(far[np.isfinite(far)].max()), distance)
    band = _band(metres, far, closed)
    order = np.argsort(band, kind="stable")
    i, j = i[order], j[order]
    starts = np.searchsorted(band[order], np.arange(far.size + 1))
    pairs = when.size * (when.size - 1) // 2
    marginal = _Marginals(starts, _time_pairs(when, late, closed), pairs, far, late, closed)
    rng = np.random.default_rng(seed)
    observed = marginal.table(np.abs(when[i] - when[j]))
    permuted = np.empty((permutations, *observed.shape), dtype=np.int64)
    for number in range(permutations):
        shuffled = rng.permutation(when)
        permuted[number] = marginal.table(np.abs(shuffled[i] - shuffled[j]))
    return PairCounts(observed, permuted, marginal.in_space()[1:], marginal.in_time[1:], pairs)


@dataclass(frozen=True)
class _Marginals:
    """What shuffling leaves as it is. Band 0 lies below the first edge; pairs are sorted by band of distance."""

    starts: NDArray[np.int64]
    in_time: NDArray[np.int64]
    pairs: int
    far: NDArray[np.float64]
    late: NDArray[np.float64]
    closed: Closed

    def in_space(self) -> NDArray[np.int64]:
        """Pairs by band of distance, the one below the first edge included; an infinite band holds all the others."""
        counts = np.diff(self.starts)
        if np.isinf(self.far[-1]):
            counts[-1] = self.pairs - counts[:-1].sum()
        return counts

    def table(self, days: NDArray[np.float64]) -> NDArray[np.int64]:
        """Pairs by both bands, from the times apart of the pairs that are near in space."""
        below = [days < edge if self.closed == "left" else days <= edge for edge in self.late]
        spans = list(zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True))
        nearer = np.array([[np.count_nonzero(each[a:b]) for each in below] for a, b in spans], dtype=np.int64)
        counts = np.diff(nearer, axis=1, prepend=0)
        if np.isinf(self.far[-1]):
            counts[-1] = self.in_time - counts[:-1].sum(axis=0)
        return counts[1:, 1:]


def edges_of(name: str, edges: ArrayLike) -> NDArray[np.float64]:
    """Edges of bands as numbers. Raises WrongOrder unless there are two or more and they rise; only the last may be
    infinite.
    """
    found = np.asarray(edges, dtype=np.float64)
    if found.size < 2 or not (np.diff(found) > 0).all() or not np.isfinite(found[:-1]).all():
        raise WrongOrder(
            f"The edges of the bands of {name} must rise.",
            where=f"bands of {name}", found=", ".join(f"{edge:g}" for edge in found.tolist()), expected="0, 100, 200",
        )  # fmt: skip
    return found


def _events(x: ArrayLike, y: ArrayLike, time: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    at = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    when = np.asarray(time, dtype=np.float64)
    if when.size < _FEWEST_EVENTS:
        raise TooFewPoints(where="events", found=when.size, needed=_FEWEST_EVENTS)
    if at.shape[0] != when.size or not (np.isfinite(at).all() and np.isfinite(when).all()):
        raise UnfitNumbers(
            "Every event needs a place and a time.",
            where="events", found="one without", expected="x, y and time for every event",
        )  # fmt: skip
    return at, when


def _near_pairs(
    at: NDArray[np.float64], reach: float, distance: Distance
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Numbers of the two events of every pair within reach, and how far apart they are."""
    from scipy.spatial import KDTree

    order = 1 if distance == "manhattan" else 2
    tree = KDTree(at)
    many = (int(tree.count_neighbors(tree, reach * _ROOM, p=order)) - at.shape[0]) // 2
    if many > MOST_PAIRS:
        raise UnfitNumbers(
            f"{many:,} pairs lie within {reach:g}; take narrower bands or a shorter period.",
            where="events", found=f"{many:,} pairs", expected=f"{MOST_PAIRS:,} or fewer",
        )  # fmt: skip
    found = tree.query_pairs(reach * _ROOM, p=order, output_type="ndarray")
    apart = np.abs(at[found[:, 0]] - at[found[:, 1]])
    metres = apart.sum(axis=1) if order == 1 else np.sqrt(np.square(apart).sum(axis=1))
    return found[:, 0], found[:, 1], metres


def _band(apart: NDArray[np.float64], edges: NDArray[np.float64], closed: Closed) -> NDArray[np.int64]:
    """The band of each distance: 0 below the first edge, as many as edges beyond the last."""
    return np.searchsorted(edges, apart, side="right" if closed == "left" else "left").astype(np.int64)


def _time_pairs(when: NDArray[np.float64], edges: NDArray[np.float64], closed: Closed) -> NDArray[np.int64]:
    """All pairs by band of time apart, the one below the first edge included."""
    ordered, own = np.sort(when), np.arange(when.size) + 1
    nearer = [int(np.maximum(_reached(ordered, edge, closed) - own, 0).sum()) for edge in edges]
    below: NDArray[np.int64] = np.diff(np.array(nearer, dtype=np.int64), prepend=np.int64(0)).astype(np.int64)
    return below


def _reached(ordered: NDArray[np.float64], edge: float, closed: Closed) -> NDArray[np.int64]:
    """The position after the last time within `edge` of each, by bisection on the very subtraction a pair is asked."""
    low, high = np.arange(ordered.size), np.full(ordered.size, ordered.size)
    for _ in range(ordered.size.bit_length()):
        middle = (low + high) // 2
        apart = ordered[np.minimum(middle, ordered.size - 1)] - ordered
        is_within = (apart < edge if closed == "left" else apart <= edge) & (middle < high)
        low, high = np.where(is_within, middle + 1, low), np.where(is_within, high, middle)
    return low
