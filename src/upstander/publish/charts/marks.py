"""The marks of the three sources: shape first, then the word beside it, then colour."""

from upstander.publish import svg, tokens
from upstander.publish.tokens import Source


def marker(source: Source, x: float, y: float, radius: float, *, is_hollow: bool = False) -> str:
    """A source's mark about (x, y)."""
    look: svg.Look = {
        "fill": tokens.PAPER if is_hollow else source.colour, "stroke": source.colour, "stroke_width": 1.2,
    }  # fmt: skip
    if source.shape == "disc":
        return svg.element("circle", cx=x, cy=y, r=radius, **look)
    if source.shape == "square":
        return svg.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8, **look)
    return svg.element("path", d=_triangle(x, y, radius * 1.15), **look)


def key(source: Source, name: str, size: float = 13, *, is_hollow: bool = False) -> svg.Drawing:
    """A source's mark alone, for a heading or a table cell; words stand beside it."""
    words = f"{source.name} {'does not see it stand out' if is_hollow else 'mark'}"
    return svg.drawing(name, size, size, words, marker(source, size / 2, size / 2, size * 0.36, is_hollow=is_hollow))


def change(x: float, y: float, radius: float, *, is_higher: bool) -> str:
    """A triangle up or down: a point that is a signal."""
    path = _triangle(x, y, radius) if is_higher else _triangle(x, y, -radius)
    fill = tokens.HIGHER if is_higher else tokens.LOWER
    return svg.element("path", d=path, fill=fill, stroke=tokens.PAPER, stroke_width=0.6)


def standing_figure(name: str, size: float = 20) -> svg.Drawing:
    """The mark of the product: three seated bars and one who stands up."""
    seated = "".join(svg.rect(x, 11, 3.6, 7, fill="#b79fb0") for x in (0.5, 5.4, 15.9))
    stands = svg.rect(10.5, 7, 3.9, 11, fill=tokens.BRAND) + svg.element(
        "circle", cx=12.45, cy=3.4, r=2.3, fill=tokens.BRAND
    )
    scaled = svg.group(seated + stands, transform=f"scale({svg.number(size / 20)})")
    return svg.drawing(name, size, size, "Upstander", scaled)


def _triangle(x: float, y: float, radius: float) -> str:
    top, base, half = y - radius, y + 0.8 * radius, abs(radius)
    return f"M{svg.number(x)} {svg.number(top)}L{svg.number(x + half)} {svg.number(base)}H{svg.number(x - half)}z"
