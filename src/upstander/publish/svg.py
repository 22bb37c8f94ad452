"""A small builder of self-contained SVG: presentation attributes only, no classes, no style, ids unique in the page.

Such a drawing looks the same in a browser under a strict content policy, in the PDF engine, and pasted into a document.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import numpy.typing as npt

from upstander.publish import tokens

Points = npt.NDArray[np.float64]
Look = dict[str, str | float | None]  # presentation attributes


@dataclass(frozen=True)
class Drawing:
    """One picture. `alt` says in words what it shows; `name` is unique in its page."""

    name: str
    svg: str
    width: float
    height: float
    alt: str


def number(value: float) -> str:
    """A length with at most two decimals and no trailing zeros: `12.5`, `3`."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def element(tag: str, *children: str, **attributes: str | float | None) -> str:
    """`<tag …>children</tag>`. `stroke_width` becomes `stroke-width`; None leaves an attribute out."""
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}={quoteattr(value if isinstance(value, str) else number(value))}"
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(children)
    return f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>"


def group(*children: str, **attributes: str | float | None) -> str:
    """A `<g>`; nothing at all if it would be empty."""
    return element("g", *children, **attributes) if any(children) else ""


def line(x1: float, y1: float, x2: float, y2: float, **look: str | float | None) -> str:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **look)


def rect(x: float, y: float, width: float, height: float, **look: str | float | None) -> str:
    """A rectangle."""
    return element("rect", x=x, y=y, width=width, height=height, **look)


def text(
    x: float, y: float, words: str, size: float, *,
    fill: str = tokens.INK, weight: int = 400, anchor: str | None = None, italic: bool = False, halo: float = 0,
) -> str:  # fmt: skip
    """Words on their baseline. A halo is a white copy drawn first, since not every engine knows `paint-order`."""
    look: Look = {
        "x": x, "y": y, "font_family": tokens.FONT, "font_size": size, "font_weight": weight,
        "font_style": "italic" if italic else None, "text_anchor": anchor,
    }  # fmt: skip
    shown = element("text", escape(words), fill=fill, **look)
    if not halo:
        return shown
    behind = element(
        "text",
        escape(words),
        fill=tokens.PAPER,
        stroke=tokens.PAPER,
        stroke_width=halo,
        stroke_linejoin="round",
        **look,
    )
    return behind + shown


def path_of(rings: Iterable[Points]) -> str:
    """Closed rings of points as path data, whole tenths apart."""
    return "".join(_ring(ring) for ring in rings)


def polyline(points: Points) -> str:
    """An open run of points as path data."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points.tolist())


def _ring(points: Points) -> str:
    steps = np.diff(points, axis=0)
    first = points[0]
    relative = "".join(_step(dx, dy) for dx, dy in np.round(steps, 2).tolist())
    return f"M{number(first[0])} {number(first[1])}l{relative.strip()}z"


def _step(dx: float, dy: float) -> str:
    return f" {number(dx)} {number(dy)}"


def drawing(name: str, width: float, height: float, alt: str, *children: str) -> Drawing:
    """A whole picture, with its words as title for those who do not see it."""
    # No `title` element: browsers show it as a tooltip. The description is read out all the same.
    body = element(
        "svg", element("desc", escape(alt), id=f"{name}-words"), *children,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {number(width)} {number(height)}",
        width=width, height=height, role="img", aria_labelledby=f"{name}-words",
    )  # fmt: skip
    return Drawing(name, body, width, height, alt)
