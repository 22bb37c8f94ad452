"""Links between our pages lead somewhere, down to the heading."""

import re
from pathlib import Path

import pytest

from checkout import ROOT, name_of, pages, prose_of

_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual Markdown hosts make them."""
    seen: dict[str, int] = {}
    found: set[str] = set()
    for heading in _HEADING.findall(prose_of(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"\s", "-", re.sub(r"[^\w\- ]", "", plain.lower()).strip())
        found.add(anchor if anchor not in seen else f"{anchor}-{seen[anchor]}")
        seen[anchor] = seen.get(anchor, 0) + 1
    return found


def leads_somewhere(target: str, page: Path, root: Path) -> bool:
    """Whether a relative link of a page reaches a file of the checkout, and the heading it names."""
    path, _, anchor = target.partition("#")
    reached = (page.parent / path).resolve() if path else page
    if not reached.exists() or not reached.is_relative_to(root):
        return False
    return not anchor or reached.suffix != ".md" or anchor in anchors(reached)


def broken(page: Path, root: Path) -> list[str]:
    """The relative links of a page that lead nowhere."""
    relative = [target for target in _LINK.findall(prose_of(page)) if not re.match(r"[a-z][a-z0-9+.-]*:", target)]
    return [target for target in relative if not leads_somewhere(target, page, root)]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert broken(page, ROOT) == []


def test_a_link_to_a_missing_heading_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One thing\n[here](#one-thing) [nowhere](#another) [absent](absent.md)\n", "utf-8")
    assert broken(page, tmp_path) == ["#another", "absent.md"]
