"""A drawing as a file of its own: with its finding above, whose copy it is below, and its description inside."""

import json
from xml.sax.saxutils import escape

from upstander.publish import svg, tokens
from upstander.publish.fonts import FAMILY, font_folder

_EDGE, _FINDING, _SUB, _FOOT = 16.0, 20.0, 14.0, 12.0
_PX_PER_INCH = 192  # twice as fine as the page, for slides and print


def as_file(drawing: svg.Drawing, finding: str, sub: str, mark: str) -> str:
    """The drawing as an SVG document: title and description inside, the finding and sub above, the mark below."""
    width, head = drawing.width + 2 * _EDGE, _EDGE + _FINDING * 2.6 + _SUB * 1.6
    lines = _broken(finding, int(width / (_FINDING * 0.5)))
    height = head + drawing.height + _FOOT * 3
    return svg.element(
        "svg",
        svg.element("title", escape(finding), id=f"{drawing.name}-title"),
        svg.element("desc", escape(drawing.alt), id=f"{drawing.name}-desc"),
        svg.rect(0, 0, width, height, fill=tokens.PAPER),
        *(
            svg.text(_EDGE, _EDGE + _FINDING * (0.8 + 1.2 * place), words, _FINDING, weight=700)
            for place, words in enumerate(lines)
        ),
        svg.text(_EDGE, head - _SUB * 0.7, sub, _SUB, fill=tokens.SECONDARY),
        svg.group(drawing.svg, transform=f"translate({svg.number(_EDGE)} {svg.number(head)})"),
        svg.text(_EDGE, height - _FOOT, mark, _FOOT, fill=tokens.SECONDARY),
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {svg.number(width)} {svg.number(height)}",
        width=width, height=height, role="img", aria_labelledby=f"{drawing.name}-title {drawing.name}-desc",
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
