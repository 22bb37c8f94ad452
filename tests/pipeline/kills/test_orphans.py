"""A run killed while its reading process works: the orphan goes, and never touches what the next run makes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from pipeline.kills import county
from pipeline.kills.county import DATASET, WHOLE
from pipeline.kills.forks import Forks
from pipeline.kills.trial import Trial, faults_at_any_moment, faults_in_the_end
from upstander.pipeline.reading import ORPHAN_EXIT, ReadJob

_MAKES_STAGING = "mkdir"


@pytest.fixture(scope="module")
def big(forks: Forks, template: Trial, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A July that takes its reading process a while."""
    folder = tmp_path_factory.mktemp("big")
    july = county.month_file(folder, 7, rows=20_000)
    start = replace(template, sent=july)
    rehearsed = start.copy(folder / "known")
    assert forks.one(rehearsed.order())["exit"] == 0
    return replace(start, reading=rehearsed.acknowledged()[-1].split()[1])


def reader_of(trial: Trial) -> int:
    """The id of the process that read, or reads, for the last run that told it."""
    return int(trial.said.with_suffix(".reader").read_text("utf-8"))


def has_gone(pid: int) -> bool:
    """Whether a process has ended, collected by its new parent or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    told = Path(f"/proc/{pid}/stat")
    return told.is_file() and told.read_text("utf-8").rpartition(")")[2].split()[0] == "Z"


def wait_until_gone(pid: int) -> None:
    """Give a process half a minute to end by itself."""
    until = time.monotonic() + 30
    while not has_gone(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert has_gone(pid)


def kill_while_reading(forks: Forks, big: Trial, folder: Path, *, kills: int, seed: int) -> tuple[int, list[str]]:
    """How many runs were killed while their reading process was alive, and all faults after the next run."""
    dice, killed, faults = random.Random(seed), 0, list[str]()
    rehearsed = forks.one(big.copy(folder / "rehearsal").order(runner="told process"))["steps"]
    staged = next(number for number, step in enumerate(rehearsed) if step["what"] == _MAKES_STAGING)
    reading_s = rehearsed[staged + 2]["at"] - rehearsed[staged]["at"]
    for number in range(2 * kills):
        trial = big.copy(folder / str(number))
        kill = {"step": staged, "after_s": dice.uniform(0.02, reading_s)}
        killed += forks.one(trial.order(runner="told process", kill=kill))["signal"] == signal.SIGKILL
        first = reader_of(trial) if trial.said.with_suffix(".reader").is_file() else None
        again = forks.one(trial.order(runner=dice.choice(["told process", "here"])))
        if again["exit"] != 0:
            faults.append(f"{kill}: run again: exit {again['exit']}")
        if first is not None:
            wait_until_gone(first)
        faults += [f"{kill}: {fault}" for fault in faults_in_the_end(trial)]
        if killed == kills:
            break
    return killed, faults


def test_an_orphan_goes_and_the_next_run_is_whole(forks: Forks, big: Trial, tmp_path: Path) -> None:
    assert kill_while_reading(forks, big, tmp_path, kills=3, seed=5) == (3, [])


@pytest.mark.prove
def test_many_orphans_go_and_the_next_runs_are_whole(
    forks: Forks, big: Trial, tmp_path: Path, proof: Callable[..., None]
) -> None:
    killed, faults = kill_while_reading(forks, big, tmp_path, kills=30, seed=6)
    proof("runs killed while their reading process worked, the next run whole", figure=killed - len(faults),
          goal="30 of 30", seed=6)  # fmt: skip
    assert (killed, faults) == (30, [])


def test_an_orphan_that_wakes_late_leaves_the_next_runs_reading_alone(
    forks: Forks, template: Trial, tmp_path: Path
) -> None:
    trial = template.copy(tmp_path / "trial")
    rehearsed = forks.one(template.copy(tmp_path / "rehearsal").order())["steps"]
    staged = next(number for number, step in enumerate(rehearsed) if step["what"] == _MAKES_STAGING)
    killed = forks.one(trial.order(runner="stopped process", kill={"step": staged, "after_s": 1.0}))
    assert killed["signal"] == signal.SIGKILL
    orphan = reader_of(trial)
    assert forks.one(trial.order())["exit"] == 0
    os.kill(orphan, signal.SIGCONT)
    wait_until_gone(orphan)
    assert faults_in_the_end(trial) == []


def test_a_job_whose_parent_has_gone_touches_nothing(forks: Forks, template: Trial, tmp_path: Path) -> None:
    """The narrow case by force: the orphan has its job and no end of input, and the reading is published."""
    trial = template.copy(tmp_path / "trial")
    assert forks.one(trial.order())["exit"] == 0
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    desk = trial.desk
    manifest = desk.warehouse.find(DATASET, trial.reading)
    assert manifest is not None
    job = ReadJob(
        source=str(desk.vault.raw(manifest.raw_sha256)), data_key=desk.vault.data_key(manifest.raw_sha256).hex(),
        raw_bytes=manifest.raw_bytes, staging=str(desk.warehouse.folder(DATASET, trial.reading)),
        lock=str(trial.home / "locks" / "reading"), reference=str(desk.home.reference), dataset=DATASET,
        supplier=WHOLE, supplier_folders=(), reading=trial.reading, covers="auto", file_name=trial.sent.file.name,
        received=manifest.received.isoformat(), token_keys={}, layers=("lsoa21",), postcode_level="sector",
        held_keys="", parent=int(gone.stdout),
    )  # fmt: skip
    orphan = subprocess.Popen([sys.executable, "-m", "upstander.pipeline.child"], stdin=subprocess.PIPE)
    assert orphan.stdin is not None
    orphan.stdin.write(json.dumps(asdict(job)).encode() + b"\n")
    orphan.stdin.flush()
    assert orphan.wait(timeout=120) == ORPHAN_EXIT
    orphan.stdin.close()
    assert faults_at_any_moment(trial) == []
