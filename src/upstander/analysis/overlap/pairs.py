"""Pairs of records of two sources near one another in place and time: a join by grid and hash, without row loops."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import UnfitNumbers
from upstander.values.ordering import stable_order

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]
Columns = tuple[NDArray[Any], ...]
MINUTE_S, DAY_S = 60, 86_400
_BLOCK = 1 << 14  # records whose columns stay in a processor's cache
_THREADED = 4 * _BLOCK  # where threads share the work, larger blocks, so that they wait less for the interpreter
_THREADS = (os.cpu_count() or 1) + 1  # one more, since one of them waits
_SQUARES = 4  # a place asks its own square of two radii, and the three that it lies nearest to
_COLUMN_FACTOR, _ROW_FACTOR = 0x9E3779B97F4A7C15 - 2**64, 0xC2B2AE3D27D4EB4F - 2**64  # odd, their bits well mixed


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
    """A source sorted so that records of one square of the ground and one span of time lie together.

    Asked for pairs in which its record is between `from_s` and `to_s` later and at most `radius_m` away.
    """

    points: Points
    radius_m: float
    from_s: int
    to_s: int

    def near(self, others: Points, *, shift_s: int = 0) -> Near:
        """Pairs of `others` (as `first`) and the grid's records (as `second`), once these are moved on by `shift_s`.

        The pairs come in an order that depends on the records alone.
        """
        return Near(*self.joined(others, lambda near: (near.first, near.second, near.apart_m, near.later_s), shift_s))

    def joined(self, others: Points, columns_of: Callable[[Near], Columns], shift_s: int = 0) -> Columns:
        """The columns that are made of the pairs `near` finds, from some thousand pairs at a time, which is quicker."""
        if not self.points.size or not others.size or self.to_s < self.from_s:
            nothing = np.empty(0, dtype=np.int64)
            return columns_of(Near(nothing, nothing, np.empty(0), nothing))
        slots = self._slots

        def of_block(block: slice) -> Columns:
            return columns_of(self._near_block(slots, others, shift_s, block))

        if others.size <= _THREADED:
            found = [of_block(block) for block in _blocks(others.size, _BLOCK)]
        else:
            with ThreadPoolExecutor(_THREADS) as threads:
                found = list(threads.map(of_block, _blocks(others.size, _THREADED)))
        return tuple(np.concatenate(part) for part in zip(*found, strict=True))

    def _near_block(self, slots: "_Slots", others: Points, shift_s: int, block: slice) -> Near:
        """The pairs of one block of the others."""
        x, y, at = others.x_m[block], others.y_m[block], others.at_s[block] + (self.from_s - shift_s)
        asked = slots.asked(half_squares(x, self.radius_m), half_squares(y, self.radius_m), at)
        number = slots.number.take(asked, mode="clip")  # none lies outside; to clip is quicker than to make sure
        hit = np.flatnonzero(number != 0)
        run = slots.run[number[hit]]
        many = run & ((1 << slots.bits) - 1)
        place = np.repeat((run >> slots.bits) - (np.cumsum(many) - many), many)
        place += np.arange(place.size)
        first = np.repeat(np.tile(np.arange(at.size), _SQUARES)[hit], many)
        later = slots.at_s[place] - at[first]
        in_time = np.flatnonzero((later >= 0) & (later <= self.to_s - self.from_s))
        first, place, later = first[in_time], place[in_time], later[in_time]
        away = _both(x, y)[first] - slots.place[place]
        apart = np.sqrt(away.real**2 + away.imag**2)
        is_near = np.flatnonzero(apart <= self.radius_m)
        return Near(
            first[is_near] + block.start, slots.order[place[is_near]], apart[is_near], later[is_near] + self.from_s
        )

    @cached_property
    def _slots(self) -> "_Slots":
        return _Slots.of(self.points, self.radius_m, self.to_s - self.from_s)


@dataclass(frozen=True)
class _Slots:
    """Where to look for the records of a square and a span of time: slots, in which the span after is the slot after.

    Squares are strewn over the slots, so that any extent of ground takes as much room as its records; some slots hold
    records of two squares, which time and distance then tell apart. The slots are four parts, for columns and rows that
    are even or odd: the four squares that a place asks lie in different parts, so none gives a record twice.

    number: for each slot, where `run` says which of the sorted records it and the next slot hold; 0 for none, from the
    end for a slot that is empty itself. run: the first, and in the last `bits` how many. order: position of the sorted
    records; at_s, place (x + iy): of these.
    """

    start_s: int
    span_s: int
    spans: int
    mask: int
    bits: int
    number: NDArray[np.int32]
    run: Whole
    order: Whole
    at_s: Whole
    place: NDArray[np.complex128]

    @classmethod
    def of(cls, points: Points, radius_m: float, length_s: int) -> "_Slots":
        """For questions about `length_s` seconds, which touch two spans at most."""
        room = 1 << (2 * points.size).bit_length()
        start, whole = int(points.at_s.min()), int(np.ptp(points.at_s)) + 1
        span_s = max(length_s + 1, whole // room + 1)
        spans = (whole - 1) // span_s + 1
        column, row = (half_squares(each, radius_m) >> 1 for each in (points.x_m, points.y_m))
        slot = _strewn(column, row, room - 1, room + spans) + (points.at_s - start) // span_s + 1
        order = stable_order(slot)
        slot = slot[order]
        head = np.flatnonzero(np.diff(slot, prepend=-1))
        held, many = slot[head], np.diff(head, append=slot.size)
        with_next = many.copy()
        with_next[:-1] += np.where(held[1:] == held[:-1] + 1, many[1:], 0)
        number, bits = np.zeros(_SQUARES * (room + spans), dtype=np.int32), slot.size.bit_length()
        own = np.arange(1, head.size + 1, dtype=np.int32)
        number[held - 1] = -own
        number[held] = own
        run = np.concatenate([np.zeros(1, dtype=np.int64), head << bits | with_next, (head << bits | many)[::-1]])
        place = _both(points.x_m, points.y_m)[order]
        return cls(start, span_s, spans, room - 1, bits, number, run, order, points.at_s[order], place)

    def asked(self, across: Whole, up: Whole, from_s: Whole) -> Whole:
        """The slots in which records from then on lie, in each of the four squares: four times as many.

        across, up: half squares of the places that ask.
        """
        span = np.clip((from_s - self.start_s) // self.span_s, -1, self.spans - 1) + 1
        columns = (across >> 1, (across >> 1) + 2 * (across & 1) - 1)
        rows = (up >> 1, (up >> 1) + 2 * (up & 1) - 1)
        part = self.mask + 1 + self.spans
        return np.concatenate([_strewn(column, row, self.mask, part) + span for column in columns for row in rows])


def _both(x_m: Numbers, y_m: Numbers) -> NDArray[np.complex128]:
    """Both numbers of a place as x + iy, which one look brings."""
    place = np.empty(x_m.size, dtype=np.complex128)
    place.real, place.imag = x_m, y_m
    return place


def _blocks(size: int, step: int) -> Iterator[slice]:
    return (slice(start, start + step) for start in range(0, size, step))


def half_squares(metres: Numbers, radius_m: float) -> Whole:
    """Which half of which square of two radii each place lies in, along one axis."""
    return np.floor(metres / (radius_m * (1 + 1e-9))).astype(np.int64)


def _strewn(column: Whole, row: Whole, mask: int, part: int) -> Whole:
    """The slot before each square's first span, `mask` at most in one of four parts of so many slots.

    Source: multiplicative hashing, Knuth, The Art of Computer Programming 3, 6.4.
    """
    mixed = (column * _COLUMN_FACTOR + row * _ROW_FACTOR) >> 20
    return np.asarray((mixed & mask) + ((column & 1) * 2 + (row & 1)) * part)
