"""What a kill cannot show, since the system keeps written pages: nothing is relied on before it is on the disk."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.kills.county import DATASET
from pipeline.kills.forks import Forks
from pipeline.kills.trial import Trial

Steps = list[dict[str, Any]]


def delivered(forks: Forks, template: Trial, folder: Path, mutant: str = "") -> tuple[Trial, Steps]:
    """A delivery that nobody disturbed, and its steps."""
    trial = template.copy(folder / "trial")
    answer = forks.one(trial.order(mutant=mutant))
    assert answer["exit"] == 0
    return trial, answer["steps"]


def not_safe_in_a_power_cut(trial: Trial, steps: Steps) -> list[str]:
    """What was relied on before it, or the folder that names it, was forced to the disk."""
    reading = trial.home / "warehouse" / DATASET / trial.reading
    raw = max((trial.home / "vault" / "raw").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    manifest_named = _first(steps, lambda step: step.get("to", "").endswith("manifest.json"))
    raw_named = _first(steps, lambda step: step.get("to", "").endswith(raw.name))
    parsing = _first(steps, lambda step: "quarantine" in step["path"])
    outcome = [i for i, step in enumerate(steps) if step["path"].endswith("audit.jsonl")][-1]
    acknowledged = _first(steps, lambda step: step["what"] == "acknowledge")
    wanted = [
        *((part, 0, manifest_named) for part in sorted(reading.glob("*.parquet"))),
        (reading, 0, manifest_named),
        (reading.parent, 0, manifest_named),
        (reading / "manifest.json", 0, manifest_named),
        (reading, manifest_named, outcome),
        (raw, 0, raw_named),
        (raw.parent, raw_named, parsing),
        (trial.home / "vault" / "quarantine", parsing, manifest_named),
        (trial.home / "audit" / "audit.jsonl", 0, manifest_named),
        (trial.home / "audit" / "audit.jsonl", manifest_named, acknowledged),
        (trial.home / "runs" / "runs.jsonl", outcome, acknowledged),
    ]
    return [
        str(path.relative_to(trial.home)) for path, after, before in wanted if not _synced(path, steps[after:before])
    ]


def _synced(path: Path, steps: Steps) -> bool:
    found = path.stat()
    size_matters = path.is_file() and path.suffix != ".jsonl"  # a log grows again later
    return any(
        step["what"] == "sync"
        and step["inode"] == found.st_ino
        and not (size_matters and step["bytes"] != found.st_size)
        for step in steps
    )


def _first(steps: Steps, is_wanted: Callable[[dict[str, Any]], bool]) -> int:
    return next(number for number, step in enumerate(steps) if is_wanted(step))


def test_everything_is_on_the_disk_before_it_is_relied_on(forks: Forks, template: Trial, tmp_path: Path) -> None:
    assert not_safe_in_a_power_cut(*delivered(forks, template, tmp_path)) == []


@pytest.mark.parametrize(
    ("mutant", "found"), [("parts not synced", "part-0000.parquet"), ("folders not synced", "raw")]
)
def test_a_forgotten_sync_is_caught(forks: Forks, template: Trial, tmp_path: Path, mutant: str, found: str) -> None:
    faults = not_safe_in_a_power_cut(*delivered(forks, template, tmp_path, mutant))
    assert [path for path in faults if path.endswith(found)]
