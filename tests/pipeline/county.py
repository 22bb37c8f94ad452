"""One year of the fictional county through the demo, twice, and what was on disk in between."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.homes import tree_hashes
from upstander.cli.desk import remembered
from upstander.pipeline.demo import run_demo
from upstander.synthetic import Truth, read_truth

ENDS = date(2026, 8, 1)
SEED = 20210618
KEPT = ("vault", "warehouse", "agreements", "reference")
GROWING = ("audit", "runs")
_HASHED = ("vault", "warehouse", "reference")


@dataclass(frozen=True)
class County:
    """The demo's folder, after its second run."""

    folder: Path

    @property
    def home(self) -> Path:
        """Its home."""
        return self.folder / "demo" / "home"

    @property
    def told(self) -> dict[str, Any]:
        """What was said and what was on disk: lines, kept (hashes) and growing (bytes as text) of either run."""
        told: dict[str, Any] = json.loads((self.folder / "told.json").read_text("utf-8"))
        return told

    @property
    def truth(self) -> Truth:
        """What is true in it."""
        return read_truth(self.folder / "demo" / "brackenshire")

    def output(self, number: int) -> Path:
        """The folder of a bulletin: 1 and 3 are operational, 2 and 4 shareable."""
        return self.home / "outputs" / "bulletin" / f"{number:04d}"


def county_folder(folder: Path) -> None:
    """Run the demo twice."""
    told = [_run(folder), _run(folder)]
    (folder / "told.json").write_text(json.dumps(told), "utf-8")


def _run(folder: Path) -> dict[str, Any]:
    lines = list(run_demo(folder / "demo", years=1, seed=SEED, ends=ENDS, remembered=remembered))
    home = folder / "demo" / "home"
    register, audit = remembered(home)
    agreements = {f"{one.name} {one.version}": str(one) for one in register.all()}
    return {
        "lines": lines,
        "kept": {name: tree_hashes(home / name) for name in _HASHED} | {"agreements": agreements},
        "growing": {"audit": {"chain": b"".join(audit.lines()).decode()}, "runs": _texts(home / "runs")},
    }


def _texts(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}
