"""The set-up script makes the same fonts from the same package, and they can draw what the bulletin writes."""

import hashlib
import importlib.util
import json
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from checkout import ROOT
from upstander.publish.fonts import FOLDER

PACKAGE = ROOT / "node_modules" / "@fontsource" / "source-sans-3"
needs_package = pytest.mark.skipif(not PACKAGE.is_dir(), reason="npm has not been run, so Source Sans 3 is not here")
MANIFEST = json.loads((FOLDER / "manifest.json").read_text("utf-8")) if (FOLDER / "manifest.json").is_file() else {}


def test_every_font_is_the_one_its_manifest_names() -> None:
    assert MANIFEST["licence"].startswith("SIL Open Font License 1.1")
    assert (FOLDER / "OFL.txt").is_file()
    for entry in MANIFEST["files"]:
        assert hashlib.sha256((FOLDER / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("face", ["regular", "semibold", "bold", "italic"])
def test_a_font_has_latin_and_latin_extended_and_no_reserved_name(face: str) -> None:
    font = TTFont(FOLDER / f"upstander-sans-{face}.ttf")
    glyphs = font.getBestCmap()
    assert [sign for sign in "Az09–−×’“”£½éŁź" if ord(sign) not in glyphs] == []
    assert "fvar" not in font
    assert not str(font["name"].getDebugName(1)).startswith("Source")
    assert font["name"].getDebugName(16) == "Upstander Sans"


@needs_package
def test_making_the_fonts_again_gives_the_same_bytes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("fonts_tool", ROOT / "tools" / "fonts.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    made = {entry["file"]: entry["sha256"] for entry in tool.make_fonts(PACKAGE, tmp_path, tool.FACES[1:2])}
    held = {entry["file"]: entry["sha256"] for entry in MANIFEST["files"]}
    assert len(made) == 3
    assert made.items() <= held.items()
