"""The checkout as its own tests see it: the tracked files, and the prose among them."""

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?^ {0,3}\1\s*$", re.MULTILINE | re.DOTALL)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file git keeps that is in the working tree. A checkout without git has no way to say, and fails."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def name_of(path: Path) -> str:
    """The path as a person would write it, for test ids and messages."""
    return path.relative_to(ROOT).as_posix()


def pages() -> list[Path]:
    """The tracked Markdown pages."""
    return [path for path in tracked() if path.suffix == ".md"]


def code_of(page: Path) -> list[str]:
    """The fenced blocks of a page, without their fences."""
    blocks = (match.group(0).splitlines()[1:-1] for match in _FENCE.finditer(page.read_text("utf-8")))
    return ["\n".join(block) for block in blocks]


def prose_of(page: Path) -> str:
    """A page without its fenced blocks, which may hold anything."""
    return _FENCE.sub("", page.read_text("utf-8"))
