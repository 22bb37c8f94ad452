"""Whether the links of a folder of HTML pages lead somewhere, down to the element they name."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """The links a page holds, and the ids it can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src"} and value is not None and tag != "link":
                self.links.append(value)
            elif name == "id" and value:
                self.ids.add(value)


def broken_links(folder: Path) -> list[str]:
    """A sentence for each link that leads nowhere. Links to other sites are not followed: building needs no network."""
    pages = {path: _Page(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            reached = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not reached.is_file():
                found.append(f"{path.relative_to(folder)}: {link} leads nowhere")
            elif parts.fragment and reached in pages and unquote(parts.fragment) not in pages[reached].ids:
                found.append(f"{path.relative_to(folder)}: {link} names nothing there")
    return found
