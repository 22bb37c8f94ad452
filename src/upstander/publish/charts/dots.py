"""Places side by side: a dot for each, its 95% interval as a bar, and a line to compare with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from upstander.publish import svg, tokens
from upstander.publish.charts.axes import tick_step
from upstander.publish.charts.marks import change
from upstander.publish.reading import Shown
from upstander.publish.tokens import Medium

_EDGE = 8.0


@dataclass(frozen=True)
class Dot:
    """One row: `says` is its number in words; `side` says that its interval lies above (True) or below the line."""

    name: str
    cell: Shown
    says: str
    side: bool | None = None


@dataclass(frozen=True)
class Line:
    """What the rows are compared with."""

    value: float
    says: str


def dots_chart(
    name: str, rows: Sequence[Dot], line: Line, medium: Medium, alt: str, *,
    start: float = 0.0, tick: Callable[[float], str],
) -> svg.Drawing:  # fmt: skip
    """The chart, rows in the order given. start: where the scale begins. A place without a number keeps its row."""
    size = medium.small
    is_wide = medium.column > 500
    step, head = size * (2.1 if is_wide else 3.4), size * 2.6
    left = (
        min(max((len(row.name) for row in rows), default=0) * size * 0.54 + size, medium.column * 0.36)
        if is_wide
        else 0
    )
    right = medium.column - (size * 11.5 if is_wide else _EDGE)
    top = max([line.value, *(row.cell.high or row.cell.number for row in rows)])
    scale = _Scale(left + _EDGE, right, start, start + (top - start) * 1.06 or 1.0)
    height = head + step * len(rows) + size * 2
    drawn = [_frame(scale, line, head, head + step * len(rows), size, tick)]
    for place, row in enumerate(rows):
        drawn.append(_row(row, scale, head + step * (place + (0.5 if is_wide else 0.72)), medium, is_wide=is_wide))
    return svg.drawing(name, medium.column, height, alt, *drawn)


@dataclass(frozen=True)
class _Scale:
    left: float
    right: float
    start: float
    end: float

    def x(self, value: float) -> float:
        share = (min(max(value, self.start), self.end) - self.start) / (self.end - self.start)
        return self.left + (self.right - self.left) * share


def _frame(scale: _Scale, line: Line, top: float, bottom: float, size: float, tick: Callable[[float], str]) -> str:
    step = tick_step(scale.end - scale.start)
    ticks = [scale.start + step * place for place in range(int((scale.end - scale.start) / step + 1e-9) + 1)]
    grid = "".join(
        svg.line(scale.x(at), top, scale.x(at), bottom, stroke=tokens.HAIRLINE, stroke_width=0.6)
        + svg.text(scale.x(at), bottom + size * 1.3, tick(at), size, fill=tokens.SECONDARY,
                   anchor="start" if at == ticks[0] else "middle")
        for at in ticks
    )  # fmt: skip
    x = scale.x(line.value)
    anchor = "start" if x < (scale.left + scale.right) / 2 else "end"
    compared = svg.line(x, top - 4, x, bottom, stroke=tokens.INK, stroke_width=1.1, stroke_dasharray="4 2.4")
    return grid + compared + svg.text(x, top - size * 0.7, line.says, size, anchor=anchor, halo=3)


def _row(row: Dot, scale: _Scale, y: float, medium: Medium, *, is_wide: bool) -> str:
    size = medium.small
    if is_wide:
        words = svg.text(
            scale.left - _EDGE - size * 0.5,
            y + size * 0.34,
            _cut(row.name, scale.left / size / 0.52),
            size,
            anchor="end",
        )
        says = svg.text(medium.column, y + size * 0.34, row.says, size, fill=tokens.SECONDARY, anchor="end")
    else:
        words = svg.text(0, y - size * 0.75, _cut(row.name, 26), size)
        says = svg.text(medium.column, y - size * 0.75, row.says, size, fill=tokens.SECONDARY, anchor="end", halo=3)
    if not row.cell.has_number:
        return words + says
    x = scale.x(row.cell.number)
    bar = svg.line(
        scale.x(row.cell.low or 0.0), y, scale.x(row.cell.high or row.cell.number), y, stroke=tokens.INK, stroke_width=2
    )
    mark = svg.element("circle", cx=x, cy=y, r=size * 0.3, fill=tokens.SECONDARY, stroke=tokens.PAPER, stroke_width=1)
    return words + says + bar + (mark if row.side is None else change(x, y, size * 0.5, is_higher=row.side))


def _cut(name: str, most: float) -> str:
    return name if len(name) <= most else f"{name[: max(int(most) - 1, 1)].rstrip()}…"
