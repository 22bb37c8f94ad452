"""Run every measurement, one after another, and write docs/benchmarks.md.

A measurement is a script beside this one that prints its section as Markdown on standard output and its progress on
standard error. `bench/run.py NAME …` measures some anew and leaves the other sections as they stand.
"""

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
MEASURED = (
    "ingest", "point_in_polygon", "audit", "hotspots", "outbreaks", "overlap", "cubes", "disclosure", "release",
    "site_load",
)  # fmt: skip
_MARK = re.compile(r"^<!-- (\w+) -->\n", re.MULTILINE)
_HEAD = (
    "# Benchmarks\n\nWritten by `make bench`; do not edit. Times on shared cores vary by half; read the ratios, which\n"
    "were taken within one run. Each section says when, at which commit and on what machine it was measured.\n"
)


def machine() -> str:
    """The machine in a sentence: figures mean little without it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores, system = os.cpu_count(), f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {total:.0f} GB of memory, {system}, Python {platform.python_version()}"


def commit_here() -> str:
    """The short name of the commit."""
    words = ["git", "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(words, cwd=HERE, check=True, capture_output=True, text=True).stdout.strip()


def measured(name: str) -> str:
    """What one script prints, and when and where. One that fails stops the run: half a page would look like a whole."""
    print(f"bench: {name}", file=sys.stderr)
    words = [sys.executable, HERE / f"{name}.py"]
    told = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
    return f"{told.strip()}\n\n{datetime.now(UTC):%d %B %Y}, commit {commit_here()}, {machine()}.\n"


def kept() -> dict[str, str]:
    """The sections of the page as they stand, by the script that printed them."""
    parts = _MARK.split(PAGE.read_text("utf-8")) if PAGE.exists() else [""]
    return {name: text.strip() + "\n" for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def main() -> None:
    wanted = sys.argv[1:] or MEASURED
    if strange := set(wanted) - set(MEASURED):
        sys.exit(f"There is no measurement {', '.join(sorted(strange))}; there are {', '.join(MEASURED)}.")
    for name in wanted:
        sections = kept() | {name: measured(name)}
        ordered = [f"<!-- {one} -->\n{sections[one]}" for one in MEASURED if one in sections]
        PAGE.write_text("\n".join([_HEAD, *ordered]), "utf-8")
        print(f"written: {PAGE.relative_to(HERE.parent)}, {name}")


if __name__ == "__main__":
    main()
