"""A change of the home's key, killed at any moment, leaves a home that opens, and the same command finishes it."""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline.keeping.rotation import ROTATE, Rotation, faults_at_any_moment, faults_in_the_end, prepared
from pipeline.keeping.typist import Typist
from pipeline.kills.tracing import CHANGES, Call, calls_of
from upstander.vault import sealed

SEED = 20261124


@pytest.fixture(scope="module")
def ready(typist: Typist, tmp_path_factory: pytest.TempPathFactory) -> Rotation:
    return prepared(tmp_path_factory.mktemp("rotation") / "start", typist)


def finished(rotation: Rotation, typist: Typist, when: object) -> list[str]:
    """What is wrong after a kill, now or once the same command has been run again."""
    faults = faults_at_any_moment(rotation)
    again = typist.types(ROTATE, rotation.env)
    if again["exit"] != 0:
        faults.append(f"run again: {again['said']}")
    faults += faults_in_the_end(rotation) if not faults else []
    return [f"{when}: {fault}" for fault in faults]


def phase(rotation: Rotation) -> str:
    """How far a killed change had come."""
    key = rotation.now()
    if key.id == rotation.key.id:
        return "not begun"
    if key.former is None:
        return "finishing or finished"
    wrapped = sum(sealed.key_id(path) == key.id for path in rotation.files())
    return "begun" if wrapped == 0 else "some wrapped anew" if wrapped < len(rotation.files()) else "all wrapped anew"


@pytest.mark.parametrize("kills", [30, pytest.param(200, marks=pytest.mark.prove)])
def test_a_change_killed_at_random_moments_is_finished_by_the_same_command(
    kills: int, ready: Rotation, typist: Typist, tmp_path: Path, proof: Callable[..., None]
) -> None:
    dice = random.Random(SEED + kills)
    rehearsal = ready.copy(tmp_path / "rehearsal")
    lasts = typist.types(ROTATE, rehearsal.env)["seconds"]
    assert faults_in_the_end(rehearsal) == []
    phases: Counter[str] = Counter()
    faults: list[str] = []
    for number in range(kills):
        trial = ready.copy(tmp_path / str(number))
        after_s = dice.uniform(0, lasts)
        typist.types(ROTATE, trial.env, kill_after_s=after_s)
        phases[phase(trial)] += 1
        faults += finished(trial, typist, f"killed after {after_s:.4f} s")
        shutil.rmtree(trial.folder)
    print(phases)
    if kills == 200:
        proof("changes of the home's key killed and finished: every file opens, with the new key only",
              figure=f"{kills - len(faults)} of {kills}", goal="200 of 200", seed=SEED + kills)  # fmt: skip
    assert faults == []
    assert phases["some wrapped anew"] > 0


def order(trial: Rotation, call: Call | None = None) -> dict[str, str]:
    inject = f"{call.name}:signal=KILL:when={call.number}" if call else ""
    return {"calls": ",".join(CHANGES), "log": str(trial.folder / "trace"), "inject": inject}


def killed_at(calls: Sequence[Call], ready: Rotation, typist: Typist, folder: Path) -> tuple[int, list[str]]:
    """How many of the calls were met by a kill, and what was wrong."""
    met, faults = 0, []
    for number, call in enumerate(calls):
        trial = ready.copy(folder / f"{call.name}-{number}")
        met += typist.types(ROTATE, trial.env, trace=order(trial, call))["signal"] != 0
        faults += finished(trial, typist, call)
        shutil.rmtree(trial.folder)
    return met, faults


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed here")
@pytest.mark.parametrize("points", [4, pytest.param(60, marks=pytest.mark.prove)])
def test_a_change_killed_at_calls_that_change_files_is_finished_by_the_same_command(
    points: int, ready: Rotation, typist: Typist, tmp_path: Path, proof: Callable[..., None]
) -> None:
    rehearsal = ready.copy(tmp_path / "rehearsal")
    assert typist.types(ROTATE, rehearsal.env, trace=order(rehearsal))["exit"] == 0
    every = list(dict.fromkeys(call for _, call in calls_of(rehearsal.folder / "trace")))
    chosen = random.Random(SEED).sample(every, min(points, len(every)))
    met, faults = killed_at(chosen, ready, typist, tmp_path)
    if points == 60:
        proof("calls that change a file in a change of key, killed at each of a sample",
              figure=f"{met} of {len(chosen)}, of {len(every)} in all", goal="no fault", seed=SEED)  # fmt: skip
    assert faults == []
    assert met >= 0.9 * len(chosen)
