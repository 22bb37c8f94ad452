"""What git keeps is source: no address of a package index, no path of one machine, nothing built, nothing large."""

import re
from pathlib import Path

import pytest

from checkout import name_of, tracked

# Written with classes, so that this file does not hold what it looks for.
INDEX_HOST = re.compile(
    r"\b(?:[\w-]+\.)*(?:p[y]pi|p[y]thonhosted|n[p]mjs|y[a]rnpkg|d[e]bian|u[b]untu|c[o]nda|anac[o]nda)\.(?:org|com|net)\b"
)
MACHINE_PATH = re.compile(r"(?<![\w.\-/}$~])/(?:work|root|home/\w+|Users/\w+|opt/\w+)/[\w.]")
HOW_IT_WAS_WRITTEN = re.compile(r"c[o]-authored-by|g[e]nerated (?:with|by) \[|(?<=/)\.l[i]brary\b", re.IGNORECASE)
LARGEST = 1_000_000


def text_of(path: Path) -> str:
    """A tracked file as text; an image or a font is no text and holds no words."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")


@pytest.mark.parametrize(
    "pattern", [INDEX_HOST, MACHINE_PATH, HOW_IT_WAS_WRITTEN], ids=["index_host", "machine_path", "how_written"]
)
def test_no_tracked_file_names_where_or_how_it_was_made(pattern: re.Pattern[str]) -> None:
    found = [f"{name_of(path)}: {match.group(0)}" for path in tracked() for match in pattern.finditer(text_of(path))]
    assert found == []


@pytest.mark.parametrize(
    ("pattern", "offending", "harmless"),
    [
        (INDEX_HOST, "https://p" + "ypi.org/simple", "from PyPI, by name"),
        (MACHINE_PATH, "kept in /ho" + "me/jo/data", "the home/agreements folder"),
    ],
)
def test_the_patterns_catch_what_they_are_for(pattern: re.Pattern[str], offending: str, harmless: str) -> None:
    assert pattern.search(offending)
    assert not pattern.search(harmless)


def test_no_tracked_file_is_larger_than_a_megabyte() -> None:
    assert [name_of(path) for path in tracked() if path.stat().st_size > LARGEST] == []


def is_built(path: Path) -> bool:
    """Whether a machine made it: archives, tables, fonts, and scripts or style sheets squeezed into long lines."""
    made = {".map", ".pyc", ".whl", ".parquet", ".ttf", ".otf", ".woff", ".woff2", ".duckdb", ".db", ".wasm"}
    if path.suffix in {".js", ".mjs", ".css"}:
        return ".min." in path.name or max(map(len, text_of(path).splitlines()), default=0) > 500
    return path.suffix in made


def test_nothing_built_or_delivered_is_tracked() -> None:
    assert [name_of(path) for path in tracked() if is_built(path)] == []


def test_a_squeezed_style_sheet_is_told_from_a_written_one(tmp_path: Path) -> None:
    written, squeezed = tmp_path / "written.css", tmp_path / "squeezed.css"
    written.write_text("body { margin: 0; }\n" * 100, "utf-8")
    squeezed.write_text("body{margin:0}" * 100, "utf-8")
    assert (is_built(written), is_built(squeezed)) == (False, True)
