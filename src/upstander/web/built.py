"""The style sheet, script and fonts that set-up builds into `static/`: under which name each of them lies there."""

import json
from functools import cache
from pathlib import Path

from upstander.errors import NotAcceptable

FOLDER = Path(__file__).parent / "static"
MANIFEST = FOLDER / "manifest.json"


def is_built() -> bool:
    """Whether set-up has built them."""
    return MANIFEST.is_file()


@cache
def _names() -> dict[str, str]:
    if not is_built():
        raise NotAcceptable(
            "The site's style sheet and script are not built.", where=FOLDER.name,
            expected="`make demo`, or a wheel, which carries them",
        )  # fmt: skip
    names: dict[str, str] = json.loads(MANIFEST.read_text("utf-8"))["names"]
    return names


def address(name: str) -> str:
    """Where a browser finds `site.css`. Raises NotAcceptable where nothing was built."""
    return f"/static/{_names()[name]}"
