"""Pictures as a file of their own: with the finding above, whose copy it is below, and a description inside."""

import json
from collections.abc import Sequence
from itertools import accumulate
from xml.sax.saxutils import escape

from upstander.publish import svg, tokens
from upstander.publish.figures.model import Picture
from upstander.publish.fonts import FAMILY, font_folder

_EDGE, _FINDING, _SUB, _FOOT = 16.0, 20.0, 14.0, 12.0
_PX_PER_INCH = 192  # twice as fine as the page, for slides and print


def as_file(pictures: Sequence[Picture], finding: str, sub: str, mark: str) -> str:
    """The pictures side by side as one SVG document: title and description inside, the finding and sub above, each
    picture's heading over it, the mark below.
    """
    drawn = [picture.wide for picture in pictures]
    width = sum(one.width for one in drawn) + _EDGE * (len(drawn) + 1)
    lines = _broken(finding, int(width / (_FINDING * 0.5)))
    head = _EDGE + _FINDING * 1.3 * len(lines) + _SUB * 2.2
    top = head + (_SUB * 1.6 if any(picture.heading for picture in pictures) else 0)
    height = top + max(one.height for one in drawn) + _FOOT * 3
    name, lefts = drawn[0].name, list(accumulate((one.width + _EDGE for one in drawn), initial=_EDGE))
    placed = [
        svg.text(left, top - _SUB * 0.5, picture.heading, _SUB)
        + svg.group(picture.wide.svg, transform=f"translate({svg.number(left)} {svg.number(top)})")
        for left, picture in zip(lefts, pictures, strict=False)
    ]
    return svg.element(
        "svg",
        svg.element("title", escape(finding), id=f"{name}-title"),
        svg.element("desc", escape(" ".join(one.alt for one in drawn)), id=f"{name}-desc"),
        svg.rect(0, 0, width, height, fill=tokens.PAPER),
        *(
            svg.text(_EDGE, _EDGE + _FINDING * (0.8 + 1.2 * place), words, _FINDING, weight=700)
            for place, words in enumerate(lines)
        ),
        svg.text(_EDGE, head - _SUB * 0.9, sub, _SUB, fill=tokens.SECONDARY),
        *placed,
        svg.text(_EDGE, height - _FOOT, mark, _FOOT, fill=tokens.SECONDARY),
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {svg.number(width)} {svg.number(height)}",
        width=width, height=height, role="img", aria_labelledby=f"{name}-title {name}-desc",
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


def _broken(words: str, most: int) -> list[str]:
    """Two lines at most, the second cut."""
    import textwrap

    return textwrap.wrap(words, width=most, max_lines=2, placeholder=" …")
