"""Day by hour heat map: seven nights, each from 06:00 to 06:00, so that a night stays whole in its row."""

from collections.abc import Mapping

from upstander.publish import svg, tokens
from upstander.publish.classes import Ladder
from upstander.publish.paint import Frame, painted, rect_path
from upstander.publish.reading import ABSENT, Shown
from upstander.publish.tokens import Medium
from upstander.publish.windows import Window
from upstander.values.windows import DAY_NAMES

FIRST_HOUR = 6
Night = tuple[int, int]  # night 0 Monday to 6 Sunday, hours after 06:00


def night_of(day: int, hour: int) -> Night:
    """Where a calendar day (1 Monday to 7 Sunday) and hour lie: the hours before 06:00 belong to the night before."""
    return (day - 1 - (hour < FIRST_HOUR)) % 7, (hour - FIRST_HOUR) % 24


def day_hour(
    name: str, cells: Mapping[Night, Shown], ladder: Ladder, window: Window | None, medium: Medium, alt: str,
) -> svg.Drawing:  # fmt: skip
    """The heat map. Dotted: midnight. Outlined in ink: the window, if there is one."""
    size, width = medium.small, medium.column
    left, top = size * 3.1, size * 1.5
    across, down = (width - left - 2) / 24, size * 1.5
    plot = Frame(left, top, across * 24, down * 7)
    pieces = [
        (rect_path(left + hour * across, top + night * down, across, down), cells.get((night, hour), ABSENT))
        for night in range(7) for hour in range(24)
    ]  # fmt: skip
    painting = painted(name, pieces, ladder, plot, stroke=tokens.PAPER, stroke_width=0.7)
    frame = svg.rect(left, top, plot.width, plot.height, fill="none", stroke=tokens.HAIRLINE, stroke_width=0.8)
    midnight = left + 18 * across
    dotted = svg.line(
        midnight, top, midnight, top + plot.height, stroke=tokens.INK, stroke_width=1, stroke_dasharray="1 2"
    )
    chosen = _outline(window, plot) if window else ""
    return svg.drawing(
        name, width, top + plot.height + 3, alt, painting, frame, dotted, chosen, _words(plot, size, across, down)
    )


def window_cells(window: Window) -> frozenset[Night]:
    """The cells a window covers, whole hours; an hour that it covers in part is in."""
    return frozenset(
        night_of((day + int(hour // 24)) % 7 + 1, int(hour) % 24)
        for day in window.days
        for hour in _hours_in(window)
    )  # fmt: skip


def _hours_in(window: Window) -> range:
    last = window.start + window.hours
    return range(int(window.start), int(last) + (last > int(last)))


def _outline(window: Window, plot: Frame) -> str:
    """The edges between cells inside and outside the window, white below ink."""
    inside = window_cells(window)
    wide, high = plot.width / 24, plot.height / 7
    edges: list[str] = []
    for night, hour in sorted(inside):
        x, y = svg.number(plot.x + hour * wide), svg.number(plot.y + night * high)
        x_end, y_end = svg.number(plot.x + (hour + 1) * wide), svg.number(plot.y + (night + 1) * high)
        sides = (
            ((night - 1, hour), f"M{x} {y}H{x_end}"), ((night + 1, hour), f"M{x} {y_end}H{x_end}"),
            ((night, hour - 1), f"M{x} {y}V{y_end}"), ((night, hour + 1), f"M{x_end} {y}V{y_end}"),
        )  # fmt: skip
        edges.extend(edge for beside, edge in sides if beside not in inside)
    path = "".join(edges)
    look: svg.Look = {"d": path, "fill": "none", "stroke_linecap": "square"}
    behind = svg.element("path", stroke=tokens.PAPER, stroke_width=4, **look)
    return behind + svg.element("path", stroke=tokens.INK, stroke_width=2, **look)


def _words(plot: Frame, size: float, across: float, down: float) -> str:
    days = "".join(
        svg.text(0, plot.y + (night + 0.5) * down + size * 0.34, day[:3], size) for night, day in enumerate(DAY_NAMES)
    )
    ticks = ((0, "06", None), (6, "12", "middle"), (12, "18", "middle"), (18, "00", "middle"), (24, "06", "end"))
    hours = "".join(
        svg.text(plot.x + hour * across, plot.y - 4, words, size, fill=tokens.SECONDARY, anchor=anchor)
        for hour, words, anchor in ticks
    )
    return days + hours
