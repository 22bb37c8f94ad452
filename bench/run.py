"""Run every measurement, one after another, and write docs/benchmarks.md.

A measurement is a script beside this one that prints its section as Markdown on standard output and its progress on
standard error. Run one alone with `.venv/bin/python bench/NAME.py`.
"""

import os
import platform
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


def machine() -> str:
    """The machine in a sentence: figures mean little without it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores, system = os.cpu_count(), f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {total:.0f} GB of memory, {system}, Python {platform.python_version()}"


def commit_here() -> str:
    """The short name of the commit."""
    words = ["git", "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(words, cwd=HERE, check=True, capture_output=True, text=True).stdout.strip()


def section(name: str) -> str:
    """What one script prints. A script that fails stops the run: half a page would look like a whole one."""
    print(f"bench: {name}", file=sys.stderr)
    return subprocess.run([sys.executable, HERE / f"{name}.py"], check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    sections = [section(name) for name in MEASURED]
    head = (
        "# Benchmarks\n\nWritten by `make bench`; do not edit. Times on shared cores vary by half; read\n"
        "the ratios, which were taken within one run.\n\n"
        f"{datetime.now(UTC):%d %B %Y}, commit {commit_here()}, {machine()}.\n"
    )
    PAGE.write_text("\n".join([head, *sections]), "utf-8")
    print(f"written: {PAGE.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
