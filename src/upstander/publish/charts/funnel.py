"""A funnel: places by how many live there, with how far chance alone spreads them about the whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from upstander.publish import svg, tokens
from upstander.publish.charts.axes import tick_step
from upstander.publish.charts.marks import change
from upstander.publish.reading import as_number
from upstander.publish.tokens import Medium

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Point:
    """One place: `residents` across, `rate` up; `side` says that it lies beyond the outer limits, above or below."""

    name: str
    residents: float
    rate: float
    side: bool | None


@dataclass(frozen=True)
class Limits:
    """Of so many residents: the inner (95%) and outer (99.8%) limits, low and high."""

    residents: float
    inner: tuple[float, float]
    outer: tuple[float, float]


def funnel_chart(
    name: str, points: Sequence[Point], limits: Sequence[Limits], middle: float, medium: Medium, alt: str
) -> svg.Drawing:
    """The chart: 95% dashed, 99.8% solid; only points beyond the outer limits are named."""
    size, width = medium.small, medium.column
    height = round(width * (0.5 if width > 500 else 0.9))
    top = max([point.rate for point in points] + [one.outer[1] for one in limits]) * 1.08
    most = max(point.residents for point in points) * 1.05
    left, bottom = size * (1.2 + 0.62 * len(as_number(round(top)))), height - size * 3.4

    def x(value: float) -> float:
        return left + (width - left - 6) * value / most

    def y(value: float) -> float:
        return size * 0.8 + (bottom - size * 0.8) * (1 - min(max(value, 0.0), top) / top)

    rows = [(x(one.residents), *(y(edge) for edge in (*one.inner, *one.outer))) for one in limits]
    lines = "".join(
        svg.element("path", d=_path([(row[0], row[column]) for row in rows]), fill="none", stroke=tokens.QUIET,
                    stroke_width=1,
                    stroke_dasharray="3 2.4" if column < 3 else None)
        for column in (1, 2, 3, 4)
    )  # fmt: skip
    ticks = [tick_step(top) * place for place in range(int(top / tick_step(top)) + 1)]
    across = [tick_step(most) * place for place in range(1, int(most / tick_step(most)) + 1)]
    axes = "".join(
        svg.line(left, y(at), width - 6, y(at), stroke=tokens.HAIRLINE if at else tokens.QUIET, stroke_width=0.8)
        + svg.text(left - 4, y(at) + size * 0.34, as_number(at), size, fill=tokens.SECONDARY, anchor="end")
        for at in ticks
    ) + "".join(
        svg.text(x(at), bottom + size * 1.3, as_number(at), size, fill=tokens.SECONDARY, anchor="middle")
        for at in (across if width > 500 else across[1::2])
    )
    whole = svg.line(left, y(middle), width - 6, y(middle), stroke=tokens.INK, stroke_width=1.1)
    marks = "".join(
        svg.element("circle", cx=x(point.residents), cy=y(point.rate), r=3, fill=tokens.SECONDARY)
        if point.side is None else change(x(point.residents), y(point.rate), 6, is_higher=point.side)
        for point in points
    )  # fmt: skip
    outside = sorted((one for one in points if one.side is not None), key=lambda one: -abs(one.rate - middle))
    named = _named([(one.name, x(one.residents), y(one.rate)) for one in outside], width, size)
    axis = svg.text(width - 6, height - 2, "residents × years", size, fill=tokens.SECONDARY, anchor="end")
    return svg.drawing(name, width, height, alt, axes, lines, whole, marks, named, axis)


def _path(spots: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in spots)


def _named(spots: Sequence[tuple[str, float, float]], width: float, size: float) -> str:
    """Names beside their points, the farthest from the middle first; one that would cover another is left out."""
    drawn, taken = [], [(x, y, x, y) for _, x, y in spots]
    for name, x, y in spots:
        is_left, long = x < width * 0.6, len(name) * size * 0.52
        left = x + 8 if is_left else x - 8 - long
        box = (left, y - size * 0.5, left + long, y + size * 0.5)
        if not any(_meet(box, other) for other in taken if other[:2] != (x, y)):
            taken.append(box)
            anchor = "start" if is_left else "end"
            drawn.append(svg.text(x + (8 if is_left else -8), y + size * 0.34, name, size, anchor=anchor, halo=3))
    return "".join(drawn)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] + 2 and other[0] < one[2] + 2 and one[1] < other[3] + 1 and other[1] < one[3] + 1
