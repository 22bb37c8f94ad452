"""Our Markdown pages as HTML: headings that can be linked to, and links that lead to the page made from a page."""

import os
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def anchor_of(heading: str) -> str:
    """The anchor of a heading, as Markdown hosts make it, so that a link works in both places."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\- ]", "", heading.lower()).strip())


def address_of(page: Path) -> str:
    """Where a page or a folder of pages lies in the site, from its root."""
    name = page.as_posix().lower()
    return f"{name.removesuffix('.md')}.html" if page.suffix == ".md" else f"{name}/index.html"


def title_of(text: str) -> str:
    """The first heading of a page."""
    return next(line.removeprefix("# ").strip() for line in text.splitlines() if line.startswith("# "))


def as_html(text: str, page: Path, root: Path) -> str:
    """A page's Markdown as HTML. `page` is its path from `root`; a link out of the site's pages becomes plain words."""
    tokens = _MARKDOWN.parse(text)
    _anchor_headings(tokens)
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = _relinked(token.children, lambda target: _site_link(target, page, root))
    html = str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    return html.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")


def _anchor_headings(tokens: Sequence[Token]) -> None:
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open":
            words = "".join(part.content for part in content.children or [] if part.type in {"text", "code_inline"})
            opening.attrSet("id", anchor_of(words))


def _relinked(parts: list[Token], where: Callable[[str], str | None]) -> list[Token]:
    """The parts of a line with each link led to where it lies in the site; a link to nowhere in it is taken out."""
    kept, dropped = [], 0
    for part in parts:
        if part.type == "link_open":
            target = where(str(part.attrGet("href")))
            if target is None:
                dropped += 1
                continue
            part.attrSet("href", target)
        elif part.type == "link_close" and dropped:
            dropped -= 1
            continue
        elif part.type == "image":
            part.attrSet("src", where(str(part.attrGet("src"))) or "")
        kept.append(part)
    return kept


def _site_link(target: str, page: Path, root: Path) -> str | None:
    if _ELSEWHERE.match(target) or target.startswith("#"):
        return target
    path, _, anchor = target.partition("#")
    reached = (root / page.parent / path).resolve().relative_to(root)
    if reached.suffix == ".md" or ((root / reached).is_dir() and any((root / reached).glob("*.md"))):
        address = address_of(reached)
    elif reached.suffix in {".png", ".svg"}:
        address = reached.as_posix().lower()
    else:
        return None
    base = Path(address_of(page)).parent.as_posix()
    return os.path.relpath(address, base) + (f"#{anchor}" if anchor else "")
