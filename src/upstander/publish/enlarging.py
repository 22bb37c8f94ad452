"""Which dense parts of a map are worth enlarging, how many, and where their frames stand. All share one scale."""

import itertools
from collections.abc import Sequence

import numpy as np

from upstander.publish.ground import Box, View
from upstander.publish.paint import Frame
from upstander.publish.svg import Points

_MOST_PARTS = 4
_SHARES = (0.03, 0.04, 0.05, 0.07, 0.10, 0.14, 0.20, 0.28, 0.38)  # of the whole's width, for a frame's width
_ENOUGH = 0.85  # share of the places that the enlarged parts should hold
_WORTH = 1.5  # a further part must enlarge this much more
_INNER = 0.6  # share of a frame that places may use, so that pins have room and eyes have bearings
_APART = 0.15  # of a box, between it and the next: closer ones are one part


def enlarged(whole: Box, places: Sequence[tuple[float, float]], room: Frame) -> tuple[View, ...]:
    """Views of up to four dense parts in the room given; none where the places are too few or too spread out."""
    if len(places) < 3:
        return ()
    points = np.array(places)
    best: tuple[float, tuple[View, ...]] = (0.0, ())
    for parts in range(1, _MOST_PARTS + 1):
        views = _views(whole, points, _frames(room, parts))
        if views and views[0].scale / _WORTH ** (parts - 1) > best[0]:
            best = (views[0].scale / _WORTH ** (parts - 1), views)
    return best[1]


def _frames(room: Frame, parts: int) -> tuple[Frame, ...]:
    """One whole frame; two side by side; one tall and two stacked; or two rows of two."""
    gap = 3.0
    wide, high = (room.width - gap) / 2, (room.height - gap) / 2
    right, lower = room.x + wide + gap, room.y + high + gap
    if parts == 1:
        return (room,)
    if parts == 2:
        return Frame(room.x, room.y, wide, room.height), Frame(right, room.y, wide, room.height)
    stacked = Frame(right, room.y, wide, high), Frame(right, lower, wide, high)
    if parts == 3:
        return Frame(room.x, room.y, wide, room.height), *stacked
    return Frame(room.x, room.y, wide, high), stacked[0], Frame(room.x, lower, wide, high), stacked[1]


def _views(whole: Box, points: Points, frames: tuple[Frame, ...]) -> tuple[View, ...]:
    """The largest scale at which these frames hold enough of the places, each frame at least one; none if none does."""
    for share in _SHARES:
        width_m = share * max(whole.width, whole.height)
        halves = [np.array([frame.width, frame.height]) * width_m / frames[0].width / 2 for frame in frames]
        middles, held = _covering(points, halves)
        if held >= _ENOUGH * len(points) and len(middles) == len(frames):
            boxes = [_box(middle, half) for middle, half in zip(middles, halves, strict=True)]
            wider = [_box(middle, half * (1 + _APART)) for middle, half in zip(middles, halves, strict=True)]
            if any(one.meets(other) for one, other in itertools.combinations(wider, 2)):
                return ()
            return tuple(View(box, frame) for box, frame in zip(boxes, frames, strict=True))
    return ()


def _covering(points: Points, halves: Sequence[Points]) -> tuple[list[Points], int]:
    """The middle of each box in turn, where it holds most of the places still left; and how many are held in all."""
    middles: list[Points] = []
    left = points
    for half in halves:
        if not len(left):
            break
        apart = np.abs(left[:, None, :] - left[None, :, :])
        tried = [_middle(left[np.all(row <= 2 * _INNER * half, axis=1)]) for row in apart]
        inside = [(np.abs(left - middle) <= _INNER * half).all(axis=1) for middle in tried]
        best = int(np.argmax([mask.sum() for mask in inside]))
        if not inside[best].any():
            break
        middles.append(tried[best])
        left = left[~inside[best]]
    return middles, len(points) - len(left)


def _middle(points: Points) -> Points:
    middle: Points = (points.min(axis=0) + points.max(axis=0)) / 2
    return middle


def _box(middle: Points, half: Points) -> Box:
    (west, south), (east, north) = middle - half, middle + half
    return Box(float(west), float(south), float(east), float(north))
