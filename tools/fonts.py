"""Set-up: make the fonts that every product carries, from npm's Source Sans 3 (`make setup` calls this).

The PDF engine reads TTF, a web page WOFF2; npm ships WOFF2 in two subsets, latin and latin-ext. Both come out here,
static weights only (the PDF engine draws a variable font at its lightest weight). The fonts are renamed: a converted
font is a modified version, and the SIL Open Font Licence reserves the name "Source" for unmodified ones.
The same input gives the same bytes. Usage: python tools/fonts.py [--from FOLDER] [--to FOLDER]
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from fontTools.merge import Merger
from fontTools.merge.options import Options
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "node_modules" / "@fontsource" / "source-sans-3"
FOLDER = ROOT / "src" / "upstander" / "publish" / "fonts"
FAMILY = "Upstander Sans"
SUBSETS = ("latin", "latin-ext")
Face = tuple[int, str, str]  # weight, style, name
FACES: tuple[Face, ...] = (
    (400, "normal", "Regular"), (600, "normal", "SemiBold"), (700, "normal", "Bold"), (400, "italic", "Italic"),
)  # fmt: skip
_KEPT_NAMES = (0, 5, 13, 14)  # copyright, version, licence


def woff2(package: Path, subset: str, weight: int, style: str) -> Path:
    """Where npm keeps one subset of one face."""
    return package / "files" / f"source-sans-3-{subset}-{weight}-{style}.woff2"


def renamed(font: TTFont, weight: int, style: str, face: str) -> TTFont:
    """The font under our family name, grouped by family and weight in every reader."""
    name = font["name"]
    kept = [record for record in name.names if record.nameID in _KEPT_NAMES]
    name.names = kept
    is_plain = face in {"Regular", "Bold", "Italic"}
    texts = {
        1: FAMILY if is_plain else f"{FAMILY} {face}",
        2: face if is_plain else "Regular",
        3: f"{FAMILY} {face} from Source Sans 3",
        4: f"{FAMILY} {face}",
        6: f"{FAMILY.replace(' ', '')}-{face}",
        16: FAMILY,
        17: face,
    }
    for number, text in texts.items():
        name.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    is_italic = style == "italic"
    font["OS/2"].fsSelection = (0x01 if is_italic else 0x20 if weight == 700 else 0x40) | 0x80
    font["head"].macStyle = 0x02 if is_italic else 0x01 if weight == 700 else 0
    for table in ("STAT", "prep", "gasp"):
        if table in font:
            del font[table]
    return font


def merged(package: Path, weight: int, style: str) -> TTFont:
    """One TTF of latin and latin-ext together. Kerning and ligatures are kept per subset."""
    options = Options()
    options.drop_tables = ["STAT", "BASE"]
    parts = [woff2(package, subset, weight, style) for subset in SUBSETS]
    font = Merger(options=options).merge([str(part) for part in parts])
    font["head"].created = TTFont(parts[0])["head"].created  # the merger writes the time of day here
    return font


def save(font: TTFont, path: Path, flavour: str | None) -> None:
    """Write without touching the time stamp, so that the same input gives the same bytes."""
    font.flavor = flavour
    font.recalcTimestamp = False
    font["head"].modified = font["head"].created
    font.save(path, reorderTables=True)


def make_fonts(package: Path, folder: Path, faces: tuple[Face, ...] = FACES) -> list[dict[str, object]]:
    """Every face as one TTF (both subsets) and two WOFF2 (one a subset); a description of each, sorted by file name."""
    ranges = json.loads((package / "unicode.json").read_text())
    made: list[dict[str, object]] = []
    for weight, style, face in faces:
        stem = f"upstander-sans-{face.lower()}"
        one = renamed(merged(package, weight, style), weight, style, face)
        save(one, folder / f"{stem}.ttf", None)
        made.append({"file": f"{stem}.ttf", "weight": weight, "style": style, "subset": "all"})
        for subset in SUBSETS:
            file = f"{stem}-{subset}.woff2"
            source = TTFont(woff2(package, subset, weight, style), recalcTimestamp=False)
            save(renamed(source, weight, style, face), folder / file, "woff2")
            made.append(
                {"file": file, "weight": weight, "style": style, "subset": subset, "unicode_range": ranges[subset]},
            )
    for entry in made:
        entry["sha256"] = hashlib.sha256((folder / str(entry["file"])).read_bytes()).hexdigest()
    return sorted(made, key=lambda entry: str(entry["file"]))


def main() -> int:
    """Make the fonts; say what is missing if npm has not been run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--from", dest="package", type=Path, default=PACKAGE)
    parser.add_argument("--to", dest="folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    if not (asked.package / "package.json").is_file():
        print("Source Sans 3 is not here. Run `npm ci` first; nothing was written.", file=sys.stderr)
        return 1
    asked.folder.mkdir(parents=True, exist_ok=True)
    licence = (asked.package / "LICENSE").read_bytes()
    (asked.folder / "OFL.txt").write_bytes(licence)
    manifest = {
        "name": FAMILY,
        "made_from": "Source Sans 3, npm @fontsource/source-sans-3",
        "version": json.loads((asked.package / "package.json").read_text())["version"],
        "licence": "SIL Open Font License 1.1 (OFL.txt)",
        "licence_sha256": hashlib.sha256(licence).hexdigest(),
        "files": make_fonts(asked.package, asked.folder),
    }
    (asked.folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(f"{len(manifest['files'])} fonts in {asked.folder.name}/")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
