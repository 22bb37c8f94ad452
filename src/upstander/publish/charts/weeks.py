"""XmR chart: a source's weeks against its own usual range. Rules and limits come from the released tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from upstander.contracts.releasing import Status
from upstander.publish import svg, tokens
from upstander.publish.charts.axes import Scale, end_labels, grid
from upstander.publish.charts.marks import change
from upstander.publish.paint import Frame, rect_path, textured
from upstander.publish.reading import Shown, as_number
from upstander.publish.tokens import Medium
from upstander.publish.words import short_day


@dataclass(frozen=True)
class Weeks:
    """One source's weeks in order. `signals` says higher (True) or lower (False) for the weeks that are signals.

    `coming` are the weeks that are still coming in: drawn hollow, off the line.
    """

    days: tuple[date, ...]
    cells: tuple[Shown, ...]
    usual: Shown | None
    signals: Mapping[date, bool]
    withheld_up_to: int
    coming: frozenset[date] = frozenset()

    @property
    def judged(self) -> list[tuple[date, Shown]]:
        """The weeks that have a number and are not still coming in."""
        every = zip(self.days, self.cells, strict=True)
        return [(day, cell) for day, cell in every if cell.has_number and day not in self.coming]


def highest(every: Sequence[Weeks]) -> float:
    """The top of the scale that all sources share, a little above everything drawn."""
    tops = [cell.number for weeks in every for cell in weeks.cells]
    tops += [weeks.usual.high or 0.0 for weeks in every if weeks.usual]
    return max(max(tops, default=1.0) * 1.08, 1.0)


def xmr(name: str, weeks: Weeks, top: float, medium: Medium, alt: str) -> svg.Drawing:
    """The chart: usual range as a band, limits dashed, mean solid, labelled at the right; a missing week is a gap."""
    width, size = medium.column, medium.small
    height = round(width * 0.62)
    plot = Frame(size * 1.9, size * 0.7, width - size * 8.1, height - size * 2.3)
    across = Scale(plot, len(weeks.days), top)
    layers = (
        _usual(weeks, across, size), grid(across, top, size), _gaps(name, weeks, across), _run(weeks, across),
        _points(weeks, across), _dates(weeks, across, size),
    )  # fmt: skip
    return svg.drawing(name, width, height, alt, *layers)


def _usual(weeks: Weeks, scale: Scale, size: float) -> str:
    usual = weeks.usual
    if usual is None or not usual.has_number:
        return ""
    low, high = max(usual.low or 0.0, 0.0), usual.high or usual.number
    left = scale.plot.x
    band = svg.rect(left, scale.y(high), scale.plot.width, scale.y(low) - scale.y(high), fill=tokens.WASH)
    dashed: svg.Look = {"stroke": tokens.QUIET, "stroke_width": 0.9, "stroke_dasharray": "3 2.4"}
    lines = svg.line(left, scale.y(high), scale.right, scale.y(high), **dashed)
    labels = [(scale.y(usual.number), f"{as_number(round(usual.number))} average", 700),
              (scale.y(high), f"{as_number(round(high))} upper", 400)]  # fmt: skip
    if (usual.low or 0.0) > 0:
        lines += svg.line(left, scale.y(low), scale.right, scale.y(low), **dashed)
        labels.append((scale.y(low), f"{as_number(round(low))} lower", 400))
    mean = svg.line(
        left, scale.y(usual.number), scale.right, scale.y(usual.number), stroke=tokens.QUIET, stroke_width=1
    )
    return band + lines + mean + end_labels(labels, scale, size)


def _gaps(name: str, weeks: Weeks, scale: Scale) -> str:
    """Withheld weeks as a hatched bar as high as they may be; missing weeks as a crossed band over the whole height."""
    wide = scale.plot.width / max(scale.weeks, 1)
    found = {Status.SUPPRESSED: "", Status.MISSING: ""}
    tops = {Status.SUPPRESSED: scale.y(max(weeks.withheld_up_to, 1)), Status.MISSING: scale.plot.y}
    for place, cell in enumerate(weeks.cells):
        if cell.status in found and not cell.has_number:
            top = tops[cell.status]
            found[cell.status] += rect_path(scale.x(place) - wide / 2, top, wide, scale.y(0) - top)
    grounds = {Status.SUPPRESSED: tokens.HATCH_GROUND, Status.MISSING: tokens.MISSING_GROUND}
    return "".join(
        svg.element("path", d=path, fill=grounds[status]) + textured(f"{name}-{status.value}", path, status, scale.plot)
        for status, path in found.items() if path
    )  # fmt: skip


def _run(weeks: Weeks, scale: Scale) -> str:
    spots = [
        (scale.x(place), scale.y(cell.number), cell.has_number and day not in weeks.coming)
        for place, (day, cell) in enumerate(zip(weeks.days, weeks.cells, strict=True))
    ]
    path, is_down = "", False
    for x, y, known in spots:
        path += f"{'L' if is_down else 'M'}{svg.number(x)} {svg.number(y)}" if known else ""
        is_down = known
    return (
        svg.element("path", d=path, fill="none", stroke=tokens.INK, stroke_width=1.1, stroke_linejoin="round")
        if path
        else ""
    )


def _points(weeks: Weeks, scale: Scale) -> str:
    radius = min(2.3, max(1.4, scale.plot.width / max(scale.weeks, 1) * 0.42))
    marks = []
    for place, (day, cell) in enumerate(zip(weeks.days, weeks.cells, strict=True)):
        if cell.has_number:
            x, y = scale.x(place), scale.y(cell.number)
            is_higher = weeks.signals.get(day)
            is_open = day in weeks.coming
            look: svg.Look = {"fill": tokens.PAPER if is_open else tokens.INK, "stroke": tokens.INK}
            plain = svg.element("circle", cx=x, cy=y, r=radius, stroke_width=1.1 if is_open else 0, **look)
            marks.append(plain if is_higher is None else change(x, y, radius * 2.2, is_higher=is_higher))
    return "".join(marks)


def _dates(weeks: Weeks, scale: Scale, size: float) -> str:
    if not weeks.days:
        return ""
    last = len(weeks.days) - 1
    places = sorted({0, last}) if last < 12 else [0, round(last / 3), round(2 * last / 3), last]
    y = scale.y(0)
    return "".join(
        svg.line(scale.x(place), y, scale.x(place), y + 3, stroke=tokens.QUIET, stroke_width=1)
        + svg.text(
            scale.x(place), y + size * 1.25, short_day(weeks.days[place]), size,
            fill=tokens.SECONDARY, anchor="start" if place == 0 and last >= 12 else "middle",
        )
        for place in places
    )  # fmt: skip
