"""A measure over periods of equal length: its points, its usual range, signals, and gaps where no number is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from upstander.contracts.releasing import Status
from upstander.publish import svg, tokens
from upstander.publish.charts.axes import Scale, end_labels, grid
from upstander.publish.charts.marks import change
from upstander.publish.paint import Frame, rect_path, textured
from upstander.publish.reading import Shown, as_number
from upstander.publish.tokens import Medium

_GROUNDS = {Status.SUPPRESSED: tokens.HATCH_GROUND, Status.MISSING: tokens.MISSING_GROUND}


@dataclass(frozen=True)
class Steps:
    """Periods in order. `labels`: long and short names of each. `signals`: higher (True) or lower, by its place."""

    labels: tuple[tuple[str, str], ...]
    cells: tuple[Shown, ...]
    usual: Shown | None
    signals: Mapping[int, bool]
    withheld_up_to: int

    @property
    def top(self) -> float:
        """The top of its scale, a little above everything drawn."""
        numbers = [high for cell in self.cells for high in (cell.number, cell.high or 0.0)]
        return max(max([*numbers, self.usual.high or 0.0 if self.usual else 0.0], default=1.0) * 1.08, 1.0)


def steps_chart(name: str, steps: Steps, medium: Medium, alt: str) -> svg.Drawing:
    """The chart: usual range as a band, limits dashed, mean solid, labelled at the right; the last number in bold."""
    width, size = medium.column, medium.small
    height = round(width * (0.36 if width > 500 else 0.62))
    left = size * (0.9 + 0.62 * len(as_number(round(steps.top))))
    plot = Frame(left, size * 0.7, width - left - size * 6.4, height - size * 2.3)
    scale = Scale(plot, len(steps.cells), steps.top)
    layers = (
        _usual(steps, scale), grid(scale, steps.top, size), _gaps(name, steps, scale), _line(steps, scale),
        _points(steps, scale), _ends(steps, scale, size), _names(steps, scale, size),
    )  # fmt: skip
    return svg.drawing(name, width, height, alt, *layers)


def _usual(steps: Steps, scale: Scale) -> str:
    usual = steps.usual
    if usual is None or not usual.has_number:
        return ""
    low, high = max(usual.low or 0.0, 0.0), usual.high or usual.number
    left, right = scale.plot.x, scale.right
    band = svg.rect(left, scale.y(high), scale.plot.width, scale.y(low) - scale.y(high), fill=tokens.WASH)
    dashed: svg.Look = {"stroke": tokens.QUIET, "stroke_width": 0.9, "stroke_dasharray": "3 2.4"}
    limits = [high, *([low] if (usual.low or 0.0) > 0 else [])]
    lines = "".join(svg.line(left, scale.y(limit), right, scale.y(limit), **dashed) for limit in limits)
    middle = scale.y(usual.number)
    return band + lines + svg.line(left, middle, right, middle, stroke=tokens.QUIET, stroke_width=1)


def _gaps(name: str, steps: Steps, scale: Scale) -> str:
    """Withheld periods as a hatched bar as high as they may be; missing ones as a crossed band of the whole height."""
    wide = scale.plot.width / max(scale.weeks, 1)
    tops = {Status.SUPPRESSED: scale.y(max(steps.withheld_up_to, 1)), Status.MISSING: scale.plot.y}
    drawn = ""
    for place, cell in enumerate(steps.cells):
        if cell.status in tops and not cell.has_number:
            frame = Frame(scale.x(place) - wide / 2, tops[cell.status], wide, scale.y(0) - tops[cell.status])
            path = rect_path(frame.x, frame.y, frame.width, frame.height)
            ground = svg.element("path", d=path, fill=_GROUNDS[cell.status])
            drawn += ground + textured(f"{name}-gap-{place}", path, cell.status, frame)
    return drawn


def _line(steps: Steps, scale: Scale) -> str:
    path, is_down = "", False
    for place, cell in enumerate(steps.cells):
        spot = f"{svg.number(scale.x(place))} {svg.number(scale.y(cell.number))}"
        path += f"{'L' if is_down else 'M'}{spot}" if cell.has_number else ""
        is_down = cell.has_number
    look: svg.Look = {"fill": "none", "stroke": tokens.INK, "stroke_width": 1.3, "stroke_linejoin": "round"}
    return svg.element("path", d=path, **look) if path else ""


def _points(steps: Steps, scale: Scale) -> str:
    marks = []
    for place, cell in enumerate(steps.cells):
        if cell.has_number:
            x, y = scale.x(place), scale.y(cell.number)
            is_higher = steps.signals.get(place)
            plain = svg.element("circle", cx=x, cy=y, r=2.8, fill=tokens.INK)
            marks.append(plain if is_higher is None else change(x, y, 6, is_higher=is_higher))
    return "".join(marks)


def _ends(steps: Steps, scale: Scale, size: float) -> str:
    """The last number, and the numbers of the usual range."""
    labels: list[tuple[float, str, int]] = []
    known = [cell for cell in steps.cells if cell.has_number]
    if known:
        labels.append((scale.y(known[-1].number), as_number(known[-1].number), 700))
    usual = steps.usual
    if usual is not None and usual.has_number:
        named = [
            (usual.number, "average"),
            (usual.high, "upper"),
            (usual.low if (usual.low or 0) > 0 else None, "lower"),
        ]
        labels += [(scale.y(at), f"{as_number(round(at))} {word}", 400) for at, word in named if at is not None]
    return end_labels(labels, scale, size)


def _names(steps: Steps, scale: Scale, size: float) -> str:
    """As many names of periods as there is room for, the last among them."""
    places = _named(len(steps.labels), scale.plot.width, size)
    y = scale.y(0)
    return "".join(
        svg.line(scale.x(place), y, scale.x(place), y + 3, stroke=tokens.QUIET, stroke_width=1)
        + svg.text(
            scale.x(place), y + size * 1.35, steps.labels[place][1], size, fill=tokens.SECONDARY, anchor="middle"
        )
        for place in places
    )  # fmt: skip


def _named(count: int, width: float, size: float) -> Sequence[int]:
    most = max(int(width // (size * 5.2)), 1)
    every = -(-count // most)
    return sorted(range(count - 1, -1, -every))
