"""Pairs of records of two sources near one another in place and time: a join by sort and grid, without row loops."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import UnfitNumbers
from upstander.values.ordering import stable_order

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]
DAY_S = 86_400
_LARGEST_KEY = 2**62


@dataclass(frozen=True)
class Points:
    """Records that have a time and a place: whole seconds of the local wall clock since any origin, metres."""

    at_s: Whole
    x_m: Numbers
    y_m: Numbers

    @classmethod
    def of(cls, at_s: ArrayLike, x_m: ArrayLike, y_m: ArrayLike) -> "Points":
        """Points from any numbers of one length. Raises UnfitNumbers where one is missing or infinite."""
        at, x, y = (np.asarray(each) for each in (at_s, x_m, y_m))
        places = (x.astype(np.float64), y.astype(np.float64))
        if not (at.shape == x.shape == y.shape) or not all(np.isfinite(each).all() for each in (at, *places)):
            raise UnfitNumbers(
                "A record is joined by its time and its place; leave out those that lack one.",
                where="at_s, x_m, y_m", found="missing numbers, or columns of different length",
                expected="a time and a place for every record",
            )  # fmt: skip
        return cls(at.astype(np.int64), *places)

    @property
    def size(self) -> int:
        """How many records."""
        return self.at_s.size


@dataclass(frozen=True)
class Near:
    """Pairs: `first` and `second` are positions in the two sources, `apart_m` metres, `later_s` how many seconds the
    second is later than the first.
    """

    first: Whole
    second: Whole
    apart_m: Numbers
    later_s: Whole

    def within(self, radius_m: float, from_s: int, to_s: int) -> NDArray[np.bool_]:
        """Which pairs a narrower rule keeps."""
        return (self.apart_m <= radius_m) & (self.later_s >= from_s) & (self.later_s <= to_s)


@dataclass(frozen=True)
class Grid:
    """A source sorted by square of the ground and time, so that a square's records of any span of time lie together."""

    points: Points
    radius_m: float

    @cached_property
    def _sorted(self) -> tuple[Whole, Whole, int, int, int, int, int]:
        """Order, keys in order, then: first second, span of seconds, first column, first row, rows."""
        column, row = (half_squares(each, self.radius_m) >> 1 for each in (self.points.x_m, self.points.y_m))
        start, span = int(self.points.at_s.min()) - 1, int(np.ptp(self.points.at_s)) + 3
        left, foot, rows = int(column.min()) - 1, int(row.min()) - 1, int(np.ptp(row)) + 3
        if (int(np.ptp(column)) + 3) * rows * span > _LARGEST_KEY:
            raise UnfitNumbers(
                "Places lie too far apart for so small a radius.",
                where="x_m, y_m", found=f"{rows} rows of squares", expected="metres of one country, a larger radius",
            )  # fmt: skip
        key = ((column - left) * rows + (row - foot)) * span + (self.points.at_s - start)
        order = stable_order(key)
        return order, key[order], start, span, left, foot, rows

    def near(self, others: Points, from_s: int, to_s: int, *, shift_s: int = 0) -> Near:
        """Pairs of `others` (as `first`) and the grid's records (as `second`), at most `radius_m` apart, the grid's
        record between `from_s` and `to_s` later, once it is moved on by `shift_s`.

        The pairs come in an order that depends on the records alone.
        """
        if not self.points.size or not others.size or to_s < from_s:
            nothing = np.empty(0, dtype=np.int64)
            return Near(nothing, nothing, np.empty(0), nothing)
        across, up = (half_squares(each, self.radius_m) for each in (others.x_m, others.y_m))
        # Asked in the order in which the grid lies, so that each search begins near where the last one ended.
        _, _, _, span, _, _, rows = self._sorted
        asked = stable_order(((across >> 1) * rows + (up >> 1)) * span + others.at_s)
        across, up, when = across[asked], up[asked], others.at_s[asked] + (from_s - shift_s)
        found = [
            self._in_squares(_reached(across, beside=beside), _reached(up, beside=above), when, to_s - from_s)
            for beside in (False, True) for above in (False, True)
        ]  # fmt: skip
        first, second = (np.concatenate(part) for part in zip(*found, strict=True))
        first = asked[first]
        apart = np.hypot(others.x_m[first] - self.points.x_m[second], others.y_m[first] - self.points.y_m[second])
        is_near = np.flatnonzero(apart <= self.radius_m)
        first, second = first[is_near], second[is_near]
        return Near(first, second, apart[is_near], self.points.at_s[second] + shift_s - others.at_s[first])

    def _in_squares(self, column: Whole, row: Whole, when: Whole, length: int) -> tuple[Whole, Whole]:
        """The grid's records in one square for each point, from `when` on for `length` seconds: positions of both."""
        order, keys, start, span, left, foot, rows = self._sorted
        begins = np.clip(when - start, 0, span - 1)
        ends = np.clip(when - start + length, 0, span - 1)
        base = ((column - left) * rows + (row - foot)) * span
        outside = (row < foot) | (row >= foot + rows)
        base[outside] = -span
        begin = np.searchsorted(keys, base + begins, side="left")
        last = base + ends
        # Most squares hold nothing at that time; only where the next record lies in the span is the end looked for.
        at = np.flatnonzero((begin < keys.size) & (keys[np.minimum(begin, keys.size - 1)] <= last))
        begin = begin[at]
        many = np.searchsorted(keys, last[at], side="right") - begin
        place = np.repeat(begin - (np.cumsum(many) - many), many) + np.arange(int(many.sum()))
        return np.repeat(at, many), order[place]


def half_squares(metres: Numbers, radius_m: float) -> Whole:
    """Which half of which square of two radii each place lies in, along one axis."""
    return np.floor(metres / (radius_m * (1 + 1e-9))).astype(np.int64)


def _reached(half: Whole, *, beside: bool) -> Whole:
    """The point's own square, or the nearer one beside it."""
    own = half >> 1
    return own + np.where(half & 1, 1, -1) if beside else own
