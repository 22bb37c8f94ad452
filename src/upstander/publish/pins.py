"""Numbered pins that stand off from their areas on a leader, so that none covers what it points at."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin

from upstander.publish import svg, tokens
from upstander.publish.paint import Frame

_ANGLES = 16
_REACHES = (1.0, 1.5, 2.1, 2.9)


@dataclass(frozen=True)
class Target:
    """What a pin points at, in px: the middle of an area and how far the area reaches from it."""

    number: int
    x: float
    y: float
    reach: float


@dataclass(frozen=True)
class Pin:
    """A pin at (x, y), tied to its target."""

    target: Target
    x: float
    y: float


def pins_for(targets: Sequence[Target], frame: Frame, radius: float, words: Sequence[Frame] = ()) -> tuple[Pin, ...]:
    """A place for every pin: near its target, clear of the targets, of words, and of the pins set before it."""
    chosen: list[Pin] = []
    for target in targets:
        spots = [spot for spot in _spots(target, radius) if _is_inside(spot, frame, radius)]
        if not spots:
            spots = [Pin(target, target.x, target.y)]
        chosen.append(min(spots, key=lambda spot: _cost(spot, chosen, targets, radius) + _covered(spot, words, radius)))
    return tuple(chosen)


def drawn(pins: Sequence[Pin], radius: float, size: float) -> str:
    """Leaders first, then discs, so that no leader crosses a number."""
    leaders = "".join(_leader(pin) for pin in pins)
    return leaders + "".join(disc(pin.x, pin.y, pin.target.number, radius, size) for pin in pins)


def disc(x: float, y: float, number: int, radius: float, size: float) -> str:
    """The number in a circle."""
    circle = svg.element("circle", cx=x, cy=y, r=radius, fill=tokens.PAPER, stroke=tokens.INK, stroke_width=1.1)
    return circle + svg.text(x, y + size * 0.34, str(number), size, weight=700, anchor="middle")


def _leader(pin: Pin) -> str:
    ends = (pin.target.x, pin.target.y, pin.x, pin.y)
    halo = svg.line(*ends, stroke=tokens.PAPER, stroke_width=2.6)
    dot = svg.element(
        "circle", cx=pin.target.x, cy=pin.target.y, r=1.7, fill=tokens.INK, stroke=tokens.PAPER, stroke_width=0.7
    )
    return halo + svg.line(*ends, stroke=tokens.INK, stroke_width=0.9) + dot


def _spots(target: Target, radius: float) -> list[Pin]:
    near = min(target.reach, 3.2 * radius) + radius + 4
    return [
        Pin(target, target.x + near * far * cos(turn), target.y + near * far * sin(turn))
        for far in _REACHES
        for turn in (2 * pi * step / _ANGLES - pi / 3 for step in range(_ANGLES))
    ]


def _is_inside(spot: Pin, frame: Frame, radius: float) -> bool:
    margin = radius + 1.5
    across = frame.x + margin <= spot.x <= frame.x + frame.width - margin
    return across and frame.y + margin <= spot.y <= frame.y + frame.height - margin


def _cost(spot: Pin, chosen: Sequence[Pin], targets: Sequence[Target], radius: float) -> float:
    length = hypot(spot.x - spot.target.x, spot.y - spot.target.y)
    pins = sum(max(0.0, 2 * radius + 3 - hypot(spot.x - pin.x, spot.y - pin.y)) for pin in chosen)
    others = [target for target in targets if target is not spot.target]
    areas = sum(max(0.0, radius + min(t.reach, radius) + 2 - hypot(spot.x - t.x, spot.y - t.y)) for t in others)
    crossed = sum(_crosses(spot, pin) for pin in chosen)
    return length + 60 * pins + 25 * areas + 300 * crossed


def _covered(spot: Pin, words: Sequence[Frame], radius: float) -> float:
    """The cost of a pin that lies on words."""
    beside = [
        max(words_at.x - spot.x, spot.x - words_at.x - words_at.width, 0.0) < radius
        and max(words_at.y - spot.y, spot.y - words_at.y - words_at.height, 0.0) < radius
        for words_at in words
    ]
    return 120.0 * sum(beside)


def _crosses(one: Pin, other: Pin) -> bool:
    """Whether two leaders cross."""
    a, b = (one.target.x, one.target.y), (one.x, one.y)
    c, d = (other.target.x, other.target.y), (other.x, other.y)
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
