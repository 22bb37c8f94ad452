"""The weeks ahead: what came, then a fan of what is likely, on one scale with the other sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from upstander.publish import svg, tokens
from upstander.publish.charts.axes import Scale, end_labels, grid
from upstander.publish.paint import Frame
from upstander.publish.reading import Shown, as_number
from upstander.publish.tokens import Medium
from upstander.publish.words import short_day

NEXT = 6
_INNER = "#dbd7da"
Foreseen = tuple[float, float, float, float, float]  # of one week: lower 95%, lower 80%, median, upper 80%, upper 95%


@dataclass(frozen=True)
class Fan:
    """The last weeks of a source that have a number, and the weeks ahead; Mondays in order, without a gap between."""

    past: tuple[tuple[date, Shown], ...]
    ahead: tuple[tuple[date, Foreseen], ...]

    @property
    def next(self) -> list[Foreseen]:
        """The next six weeks; the fan may begin earlier, with weeks still coming in."""
        return [week for _, week in self.ahead[-NEXT:]]

    @property
    def span(self) -> tuple[float, float, float]:
        """Over the next six weeks: what nine weeks in ten reach at least, the middle, what nine stay under."""
        middle = sorted(week[2] for week in self.next)
        return min(week[1] for week in self.next), middle[len(middle) // 2], max(week[3] for week in self.next)


def highest(fans: Sequence[Fan]) -> float:
    """The top of the scale that all sources share, a little above everything drawn."""
    tops = [cell.number for fan in fans for _, cell in fan.past] + [week[-1] for fan in fans for _, week in fan.ahead]
    return max(max(tops, default=1.0) * 1.08, 1.0)


def fan_chart(name: str, fan: Fan, top: float, medium: Medium, alt: str) -> svg.Drawing:
    """The chart: what came as a line, two bands, their median dashed, numbers of the next six weeks at the right."""
    width, size = medium.column, medium.small
    height = round(width * 0.62)
    plot = Frame(size * 1.9, size * 0.7, width - size * 8.1, height - size * 2.3)
    scale = Scale(plot, len(fan.past) + len(fan.ahead), top)
    layers = (
        _bands(fan, scale), grid(scale, top, size), _came(fan, scale), _median(fan, scale),
        _ends(fan, scale, size), _dates(fan, scale, size),
    )  # fmt: skip
    return svg.drawing(name, width, height, alt, *layers)


def _bands(fan: Fan, scale: Scale) -> str:
    places = [len(fan.past) + step for step in range(len(fan.ahead))]
    half = scale.plot.width / max(scale.weeks, 1) / 2
    made = []
    for low, high, fill in ((0, 4, tokens.WASH), (1, 3, _INNER)):
        for place, (_, week) in zip(places, fan.ahead, strict=True):
            top, bottom = scale.y(week[high]), scale.y(week[low])
            made.append(svg.rect(scale.x(place) - half, top, 2 * half, bottom - top, fill=fill))
            if fill == tokens.WASH:
                edge: svg.Look = {"stroke": tokens.BORDER, "stroke_width": 0.7}
                made += [svg.line(scale.x(place) - half, y, scale.x(place) + half, y, **edge) for y in (top, bottom)]
    return "".join(made)


def _came(fan: Fan, scale: Scale) -> str:
    path, is_down = "", False
    for place, (_, cell) in enumerate(fan.past):
        spot = f"{svg.number(scale.x(place))} {svg.number(scale.y(cell.number))}"
        path += f"{'L' if is_down else 'M'}{spot}" if cell.has_number else ""
        is_down = cell.has_number
    return svg.element("path", d=path, fill="none", stroke=tokens.INK, stroke_width=1.1) if path else ""


def _median(fan: Fan, scale: Scale) -> str:
    first = len(fan.past)
    spots = [(scale.x(first + step), scale.y(week[2])) for step, (_, week) in enumerate(fan.ahead)]
    path = "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in spots)
    now = scale.x(first - 0.5)
    divide = svg.line(now, scale.plot.y, now, scale.y(0), stroke=tokens.QUIET, stroke_width=0.9, stroke_dasharray="1 2")
    return divide + svg.element(
        "path", d=path, fill="none", stroke=tokens.INK, stroke_width=1.3, stroke_dasharray="4 2.4"
    )


def _ends(fan: Fan, scale: Scale, size: float) -> str:
    low, likely, high = fan.span
    named = [(high, "upper", 400), (likely, "likely", 700), (low, "lower", 400)]
    labels = [(scale.y(at), f"{as_number(round(at))} {word}", weight) for at, word, weight in named]
    return end_labels(labels, scale, size)


def _dates(fan: Fan, scale: Scale, size: float) -> str:
    days = [day for day, _ in fan.past] + [day for day, _ in fan.ahead]
    y = scale.y(0)
    return "".join(
        svg.line(scale.x(place), y, scale.x(place), y + 3, stroke=tokens.QUIET, stroke_width=1)
        + svg.text(scale.x(place), y + size * 1.25, short_day(days[place]), size, fill=tokens.SECONDARY, anchor=anchor)
        for place, anchor in ((0, "start"), (len(fan.past) - 1, "end"), (len(days) - 1, "middle"))
    )  # fmt: skip
