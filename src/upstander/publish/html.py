"""A sheet as one web page that stands alone: fonts within, no script, nothing fetched, a strict content policy."""

import base64
import hashlib
from functools import cache

import jinja2

from upstander.publish.fonts import FAMILY, web_fonts
from upstander.publish.sheet import Sheet


def page(sheet: Sheet) -> bytes:
    """The page as UTF-8. Subsets of the fonts that it does not need are left out."""
    words = repr(sheet)
    fonts = [font for font in web_fonts() if font.subset == "latin" or font.has_any_of(words)]
    style = _templates().get_template("bulletin.css").render(fonts=fonts, family=FAMILY)
    text = _templates().get_template("bulletin.html").render(sheet=sheet, style=style, style_hash=_hash(style))
    return text.encode()


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("upstander.publish"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _hash(style: str) -> str:
    """The style sheet's hash as a content policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
