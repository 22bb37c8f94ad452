"""Age and sex back to back: male to the left, female to the right, the youngest at the bottom."""

from collections.abc import Mapping, Sequence

from upstander.contracts.releasing import Status
from upstander.publish import svg, tokens
from upstander.publish.paint import Frame, rect_path, textured
from upstander.publish.reading import Shown, as_number, as_text
from upstander.publish.tokens import Medium

_SIDES = (("male", -1), ("female", 1))


def pyramid(
    name: str, ages: Sequence[str], cells: Mapping[tuple[str, ...], Shown], medium: Medium, alt: str, *,
    withheld_up_to: int,
) -> svg.Drawing:  # fmt: skip
    """The chart: cells by (age, sex). ages: youngest first. A withheld count is hatched as long as it may be."""
    size, width = medium.small, medium.column
    gap, head, step = size * 7.2, size * 2.0, size * 2.9
    half = (width - gap) / 2 - size * 3.6
    top = max([cell.number for cell in cells.values()] + [1.0])
    drawn = []
    for place, age in enumerate(reversed(ages)):
        y = head + step * place
        drawn.append(svg.text(width / 2, y + step * 0.5 + size * 0.2, age, size, anchor="middle"))
        for sex, side in _SIDES:
            cell = cells.get((age, sex), Shown(Status.MISSING))
            drawn.append(
                _bar(
                    f"{name}-{sex}-{place}",
                    cell,
                    width / 2 + side * gap / 2,
                    side * half,
                    y,
                    step,
                    top,
                    size,
                    withheld_up_to,
                )
            )
    titles = "".join(
        svg.text(
            width / 2 + side * (gap / 2 + half / 2), size * 1.1, sex.capitalize(), size, weight=600, anchor="middle"
        )
        for sex, side in _SIDES
    )
    return svg.drawing(name, width, head + step * len(ages) + 4, alt, titles, *drawn)


def _bar(
    name: str, cell: Shown, start: float, reach: float, y: float, step: float, top: float, size: float, withheld: int
) -> str:  # fmt: skip
    number = cell.number if cell.has_number else float(withheld if cell.status is Status.SUPPRESSED else 0)
    long = abs(reach) * min(number / top, 1.0)
    left = start if reach > 0 else start - long
    path = rect_path(left, y + step * 0.18, long, step * 0.64)
    anchor, gap = ("start", 4) if reach > 0 else ("end", -4)
    words = as_number(cell.number) if cell.has_number else as_text(cell)
    label = svg.text(
        start + (long if reach > 0 else -long) + gap, y + step * 0.5 + size * 0.34, words, size, anchor=anchor
    )
    if cell.has_number:
        return svg.element("path", d=path, fill=tokens.BRAND) + label
    if long == 0:
        return label
    frame = Frame(left, y, long, step)
    return (
        svg.element("path", d=path, fill=tokens.HATCH_GROUND, stroke=tokens.BORDER, stroke_width=0.8)
        + textured(name, path, Status.SUPPRESSED, frame)
        + label
    )
