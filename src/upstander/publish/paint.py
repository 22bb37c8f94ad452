"""Areas and cells painted by what is known of them: a class of count, or one of five ways of having no number.

Hatch, crosses and dots are real lines clipped to the areas, not pattern fills: patterns leave seams in print engines.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from upstander.contracts.releasing import Status
from upstander.publish import svg, tokens
from upstander.publish.classes import Ladder
from upstander.publish.reading import Shown

_HATCH_GAP, _CROSS_GAP, _DOT_GAP = 4.2, 7.0, 4.5


@dataclass(frozen=True)
class Frame:
    """The part of a drawing that marks may cover, in px."""

    x: float
    y: float
    width: float
    height: float


def painted(name: str, pieces: Iterable[tuple[str, Shown]], ladder: Ladder, frame: Frame, **edge: str | float) -> str:
    """All pieces (path data, cell), filled and textured. `edge` is the stroke of every piece; `name` makes the ids."""
    by_fill: dict[str, list[str]] = defaultdict(list)
    by_status: dict[Status, list[str]] = defaultdict(list)
    for path, cell in pieces:
        status = _status(cell)
        by_status[status].append(path)
        if status is not Status.NOT_APPLICABLE:
            by_fill[_ground(cell, ladder)].append(path)
    grounds = "".join(
        svg.element("path", d="".join(paths), fill=fill, fill_rule="evenodd", **edge)
        for fill, paths in sorted(by_fill.items())
    )
    dashed = svg.element(
        "path", d="".join(by_status[Status.NOT_APPLICABLE]), fill="none",
        stroke=tokens.BORDER, stroke_width=0.8, stroke_dasharray="2 2",
    ) if by_status[Status.NOT_APPLICABLE] else ""  # fmt: skip
    textures = "".join(
        textured(f"{name}-{status.value.replace('_', '-')}", "".join(by_status[status]), status, frame)
        for status in (Status.SUPPRESSED, Status.MISSING, Status.TOO_UNCERTAIN)
        if by_status[status]
    )
    return grounds + dashed + textures


def textured(name: str, path: str, status: Status, frame: Frame) -> str:
    """The texture of one way of having no number, clipped to a path."""
    clip = svg.element("clipPath", svg.element("path", d=path, clip_rule="evenodd"), id=name)
    marks = {Status.SUPPRESSED: _hatch, Status.MISSING: _crosses, Status.TOO_UNCERTAIN: _dots}[status](frame)
    return svg.element("defs", clip) + svg.group(marks, clip_path=f"url(#{name})")


def rect_path(x: float, y: float, width: float, height: float) -> str:
    """A rectangle as path data."""
    return f"M{svg.number(x)} {svg.number(y)}h{svg.number(width)}v{svg.number(height)}h{svg.number(-width)}z"


def states_in(cells: Iterable[Shown]) -> tuple[Status, ...]:
    """Which ways of having no number a figure holds, in the order of its key (zero is a number)."""
    found = {_status(cell) for cell in cells}
    order = (Status.SUPPRESSED, Status.TOO_UNCERTAIN, Status.MISSING, Status.NOT_APPLICABLE)
    return tuple(status for status in order if status in found)


def _status(cell: Shown) -> Status:
    return cell.status if cell.has_number or cell.status is not Status.SHOWN else Status.MISSING


def _ground(cell: Shown, ladder: Ladder) -> str:
    if cell.has_number:
        return ladder.colour(cell.number)
    return tokens.HATCH_GROUND if cell.status is Status.SUPPRESSED else tokens.MISSING_GROUND


def _hatch(frame: Frame) -> str:
    starts = np.arange(-frame.height, frame.width, _HATCH_GAP)
    lines = [
        f"M{svg.number(frame.x + x)} {svg.number(frame.y + frame.height)}l{svg.number(frame.height)} "
        f"{svg.number(-frame.height)}" for x in starts.tolist()
    ]  # fmt: skip
    return svg.element("path", d="".join(lines), fill="none", stroke=tokens.HATCH_LINE, stroke_width=0.9)


def _crosses(frame: Frame) -> str:
    marks = [
        f"M{svg.number(x - 1.3)} {svg.number(y - 1.3)}l2.6 2.6m0 -2.6l-2.6 2.6" for x, y in _grid(frame, _CROSS_GAP)
    ]
    return svg.element("path", d="".join(marks), fill="none", stroke=tokens.SECONDARY, stroke_width=0.7)


def _dots(frame: Frame) -> str:
    """Rows of dots, each a dashed line whose dashes have no length but round ends."""
    rows = np.arange(frame.y + _DOT_GAP / 2, frame.y + frame.height, _DOT_GAP).tolist()
    path = "".join(f"M{svg.number(frame.x + _DOT_GAP / 2)} {svg.number(y)}h{svg.number(frame.width)}" for y in rows)
    return svg.element(
        "path", d=path, fill="none", stroke=tokens.PAPER, stroke_width=1.7, stroke_linecap="round",
        stroke_dasharray=f"0 {svg.number(_DOT_GAP)}",
    )  # fmt: skip


def _grid(frame: Frame, gap: float) -> Sequence[tuple[float, float]]:
    xs = np.arange(frame.x + gap / 2, frame.x + frame.width, gap)
    ys = np.arange(frame.y + gap / 2, frame.y + frame.height, gap)
    return [(x, y) for y in ys.tolist() for x in xs.tolist()]
