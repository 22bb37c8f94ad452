"""On which side of a line a point lies, decided exactly, for whole arrays at once.

Coordinates are doubles. A rounded answer is taken only where it is provably right; the few others are computed again
with error-free sums and products, so a point on an edge is found to be on it.
Sources: Shewchuk, Adaptive Precision Floating-Point Arithmetic (1997); Ogita, Rump and Oishi, Accurate Sum and Dot
Product (2005).
"""

import itertools

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Points = tuple[Floats, Floats]
# Twice Shewchuk's bound for a determinant of differences, so that rounding in the bound itself does not matter.
_SURE = 8e-16
_SPLITTER = 134217729.0  # 2**27 + 1 cuts a double into two halves that multiply exactly
_PASSES = 4


def side_of(start: Points, end: Points, point: Points) -> npt.NDArray[np.int8]:
    """1 where the point is left of the line from start to end, -1 right of it, 0 on it. Each is (x, y) in metres."""
    (x0, y0), (x1, y1), (px, py) = start, end, point
    left = (x0 - px) * (y1 - py)
    right = (y0 - py) * (x1 - px)
    difference = left - right
    side = np.sign(difference).astype(np.int8)
    doubtful = np.flatnonzero(np.abs(difference) <= _SURE * (np.abs(left) + np.abs(right)))
    if doubtful.size:
        side[doubtful] = _exact_side(*((x[doubtful], y[doubtful]) for x, y in (start, end, point)))
    return side


def _exact_side(start: Points, end: Points, point: Points) -> npt.NDArray[np.int8]:
    (x0, y0), (x1, y1), (px, py) = start, end, point
    left = _product(_difference(x0, px), _difference(y1, py))
    right = _product(_difference(y0, py), _difference(x1, px))
    return np.sign(_total(left + [-term for term in right])).astype(np.int8)


def _sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The rounded sum and what rounding lost; together they are exact."""
    total = a + b
    b_part = total - a
    return total, (a - (total - b_part)) + (b - b_part)


def _difference(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    return _sum(a, -b)


def _halves(a: Floats) -> tuple[Floats, Floats]:
    scaled = _SPLITTER * a
    high = scaled - (scaled - a)
    return high, a - high


def _times(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The rounded product and what rounding lost; together they are exact."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _product(a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> list[Floats]:
    return [term for left, right in itertools.product(a, b) for term in _times(left, right)]


def _total(terms: list[Floats]) -> Floats:
    for _ in range(_PASSES):
        for place in range(1, len(terms)):
            terms[place], terms[place - 1] = _sum(terms[place], terms[place - 1])
    total = np.zeros_like(terms[0])
    for term in terms:
        total = total + term
    return total
