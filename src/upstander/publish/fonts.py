"""The fonts every product carries, made at set-up by tools/fonts.py and listed in their manifest."""

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from upstander.publish.errors import FontsMissing

FOLDER = Path(__file__).parent / "fonts"
FAMILY = "Upstander Sans"


@dataclass(frozen=True)
class WebFont:
    """One WOFF2 file for the web page. `unicode_range` is CSS syntax, such as `U+0100-02BA,U+2020`."""

    file: str
    weight: int
    style: str
    subset: str
    unicode_range: str

    @property
    def base64(self) -> str:
        """The file as base64."""
        return base64.b64encode((FOLDER / self.file).read_bytes()).decode()

    def has_any_of(self, text: str) -> bool:
        """Whether a text needs this subset."""
        spans = [_span(part) for part in self.unicode_range.split(",")]
        return any(low <= ord(character) <= high for character in set(text) for low, high in spans)


def font_folder() -> Path:
    """The folder with the TTF files, for the PDF engine. Raises FontsMissing."""
    if not (FOLDER / "manifest.json").is_file():
        raise FontsMissing(
            "The fonts of the products are not made yet. Run `make setup`; nothing was written.",
            where=FOLDER.name, expected="manifest.json and TTF files",
        )  # fmt: skip
    return FOLDER


@cache
def web_fonts() -> tuple[WebFont, ...]:
    """The WOFF2 files of the manifest."""
    listed = json.loads((font_folder() / "manifest.json").read_text(encoding="utf-8"))["files"]
    return tuple(
        WebFont(entry["file"], entry["weight"], entry["style"], entry["subset"], entry["unicode_range"])
        for entry in listed if entry["file"].endswith(".woff2")
    )  # fmt: skip


def _span(part: str) -> tuple[int, int]:
    low, _, high = part.strip().removeprefix("U+").partition("-")
    return int(low, 16), int(high or low, 16)
