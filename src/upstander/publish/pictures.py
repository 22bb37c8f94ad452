"""A figure's pictures as a file of their own: all that a reader needs who has nothing else of the page."""

import json
import textwrap
from itertools import accumulate
from xml.sax.saxutils import escape

from upstander.publish import svg, tokens
from upstander.publish.figures.model import Figure
from upstander.publish.fonts import FAMILY, font_folder

_EDGE, _FINDING, _SUB, _SMALL = 16.0, 20.0, 14.0, 12.0
_LINE = 1.35  # of the size of its words
_PX_PER_INCH = 192  # twice as fine as the page, for slides and print


def as_file(figure: Figure, mark: str) -> str:
    """The pictures side by side as one SVG document, its title and description inside: finding, sub and key above, each
    picture's heading over it, the note and the mark below.
    """
    drawn = [picture.wide for picture in figure.pictures]
    width = max(sum(one.width + _EDGE for one in drawn) + _EDGE, 560.0)
    finding, top = _lines(figure.finding, _EDGE, width, _FINDING, weight=700)
    sub, top = _lines(figure.sub, top + 2, width, _SUB, fill=tokens.SECONDARY)
    key, top = _key(figure, top + 6, width)
    heads = [textwrap.wrap(one.heading, int(one.wide.width / _SUB / 0.5)) for one in figure.pictures]
    start = top + _SUB * _LINE * max(map(len, heads)) + 6
    lefts = list(accumulate((one.width + _EDGE for one in drawn), initial=_EDGE))
    pictures = "".join(
        _words(head, left, start - _SUB * _LINE * len(head) - 4, _SUB)
        + svg.group(one.svg, transform=f"translate({svg.number(left)} {svg.number(start)})")
        for left, one, head in zip(lefts, drawn, heads, strict=False)
    )
    note, top = _lines(
        figure.note, start + max(one.height for one in drawn) + 8, width, _SMALL, fill=tokens.SECONDARY
    )  # fmt: skip
    signed, height = _lines(mark, top + 4, width, _SMALL)
    name = drawn[0].name
    return svg.element(
        "svg",
        svg.element("title", escape(figure.finding), id=f"{name}-title"),
        svg.element("desc", escape(" ".join(one.alt for one in drawn)), id=f"{name}-desc"),
        svg.rect(0, 0, width, height + _EDGE, fill=tokens.PAPER),
        finding, sub, key, pictures, note, signed,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {svg.number(width)} {svg.number(height + _EDGE)}",
        width=width, height=height + _EDGE, role="img", aria_labelledby=f"{name}-title {name}-desc",
    )  # fmt: skip


def as_png(document: str) -> bytes:
    """An SVG document as a PNG, twice as fine as on the page; the same document gives the same bytes."""
    import typst

    source = (
        f"#set text(font: {json.dumps(FAMILY)})\n#set page(width: auto, height: auto, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg")\n'
    )
    made: bytes = typst.compile(  # type: ignore[call-overload]  # its stub cannot say what bytes in are
        source.encode(), font_paths=[font_folder()], ignore_system_fonts=True, format="png",
        ppi=_PX_PER_INCH, sys_inputs={"svg": document},
    )  # fmt: skip
    return made


def _lines(
    words: str, top: float, width: float, size: float, *, weight: int = 400, fill: str = tokens.INK
) -> tuple[str, float]:
    """Words broken to the width, from `top` down; and where they end."""
    lines = textwrap.wrap(words, int((width - 2 * _EDGE) / size / 0.5))
    return _words(lines, _EDGE, top, size, weight=weight, fill=fill), top + size * _LINE * len(lines)


def _words(lines: list[str], left: float, top: float, size: float, *, weight: int = 400, fill: str = tokens.INK) -> str:
    return "".join(
        svg.text(left, top + size * (1 + _LINE * place), line, size, weight=weight, fill=fill)
        for place, line in enumerate(lines)
    )


def _key(figure: Figure, top: float, width: float) -> tuple[str, float]:
    """The swatches with their words, in rows as wide as the file; and where they end."""
    drawn, left, row = "", _EDGE, top
    for swatch, words in figure.key:
        long = swatch.width + 6 + len(words) * _SMALL * 0.52 + 14
        if left + long > width - _EDGE:
            left, row = _EDGE, row + _SMALL * 1.8
        at = f"translate({svg.number(left)} {svg.number(row)})"
        drawn += svg.group(swatch.svg, transform=at) + svg.text(left + swatch.width + 6, row + _SMALL, words, _SMALL)
        left += long
    return drawn, row + (_SMALL * 1.8 + 4 if figure.key else 0)
