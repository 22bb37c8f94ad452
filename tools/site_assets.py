"""Set-up: build the site's style sheet and script from our sources and npm's GOV.UK Frontend (`make setup` calls this).

Names hold the hash of the content, so that a browser may keep a file for good. The manifest says which name is which,
and what each was made of. The same input gives the same bytes. Usage: python tools/site_assets.py
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "upstander" / "web" / "assets"
FONTS = ROOT / "src" / "upstander" / "publish" / "fonts"
FOLDER = ROOT / "src" / "upstander" / "web" / "static"
MODULES = ROOT / "node_modules"
MAP_WORKER = "maplibre-gl/dist/maplibre-gl-worker.mjs"  # stands alone; a browser starts it by its address
_MADE_OF = ("govuk-frontend", "maplibre-gl", "pmtiles", "sass", "esbuild")


def named(name: str, content: bytes) -> str:
    """`site.css` as `site.0123456789ab.css`."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"


def keep(name: str, content: bytes, folder: Path) -> str:
    """Write a file under its hashed name; gives the name."""
    hashed = named(name, content)
    (folder / hashed).write_bytes(content)
    return hashed


def font_faces(names: Mapping[str, str]) -> str:
    """The @font-face rules of the web fonts, from the manifest that tools/fonts.py wrote."""
    faces = [one for one in json.loads((FONTS / "manifest.json").read_text("utf-8"))["files"] if one["file"] in names]
    return "\n".join(
        f'@font-face {{ font-family: "Upstander Sans"; font-weight: {one["weight"]}; font-style: {one["style"]}; '
        f'font-display: swap; src: url("{names[one["file"]]}") format("woff2"); '
        f"unicode-range: {one['unicode_range']}; }}"
        for one in faces
    )


def style(names: Mapping[str, str]) -> bytes:
    """The style sheet, compiled and squeezed."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "_fonts.scss").write_text(font_faces(names), "utf-8")
        return run("sass", "--style=compressed", "--no-source-map", "--quiet-deps", f"--load-path={MODULES}",
                   f"--load-path={folder}", str(SOURCES / "site.scss"))  # fmt: skip


def script(name: str) -> bytes:
    """A script with all it uses, bundled and squeezed, as one ES module."""
    return run("esbuild", str(SOURCES / name), "--bundle", "--minify", "--format=esm", "--target=es2022",
               "--legal-comments=none")  # fmt: skip


def run(tool: str, *words: str) -> bytes:
    """What a tool of npm's says."""
    return subprocess.run([MODULES / ".bin" / tool, *words], cwd=ROOT, capture_output=True, check=True).stdout


def build() -> dict[str, str]:
    """Build everything into a new folder that then takes the place of the former; which name is which."""
    new = FOLDER.with_name("static.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    names = {one.name: keep(one.name, one.read_bytes(), new) for one in sorted(FONTS.glob("*.woff2"))}
    names["mark.svg"] = keep("mark.svg", (SOURCES / "mark.svg").read_bytes(), new)
    names["site.css"] = keep("site.css", style(names), new)
    names |= {name: keep(name, script(name), new) for name in ("site.js", "map.js")}
    names["map-worker.js"] = keep("map-worker.js", (MODULES / MAP_WORKER).read_bytes(), new)
    manifest = {"names": names, "made_of": {one: version(one) for one in _MADE_OF}}
    (new / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", "utf-8")
    shutil.rmtree(FOLDER, ignore_errors=True)
    new.rename(FOLDER)
    return names


def version(package: str) -> dict[str, str]:
    """Version and licence of an npm package."""
    told = json.loads((MODULES / package / "package.json").read_text("utf-8"))
    return {"version": told["version"], "licence": told["license"]}


def main() -> int:
    """Build; say what is missing if npm or the fonts have not been made."""
    if not (MODULES / "govuk-frontend").is_dir() or not (FONTS / "manifest.json").is_file():
        print("GOV.UK Frontend or the fonts are not here. Run `make setup`; nothing was written.", file=sys.stderr)
        return 1
    try:
        print(f"{len(build())} files in {FOLDER.name}/")
    except subprocess.CalledProcessError as why:
        print(why.stderr.decode(errors="replace"), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
