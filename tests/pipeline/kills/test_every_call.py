"""A delivery is killed as it is about to make each call that changes a file, and meets a full disk at twenty."""

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline.kills.forks import Forks
from pipeline.kills.tracing import TAKES_ROOM, Call, Tally, fill_disk_at, kill_at, rehearsed
from pipeline.kills.trial import Trial

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed here")
SEED = 20261123


def _distinct(made: Sequence[tuple[int, Call]]) -> list[Call]:
    return list(dict.fromkeys(call for _, call in made))


def test_a_delivery_killed_at_a_few_of_its_writing_calls_is_there_whole_after_all(
    forks: Forks, template: Trial, tmp_path: Path
) -> None:
    calls = _distinct(rehearsed(forks, template, tmp_path))
    tally = kill_at(forks, template, tmp_path, random.Random(SEED).sample(calls, 6), Tally())
    assert tally.faults == []
    assert len(tally.met) >= 5


@pytest.mark.prove
def test_a_delivery_killed_at_every_writing_call_is_there_whole_after_all(
    forks: Forks, template: Trial, tmp_path: Path, proof: Callable[..., None]
) -> None:
    made = rehearsed(forks, template, tmp_path)
    tally = kill_at(forks, template, tmp_path, _distinct(made), Tally())
    proof("calls that change a file in one delivery, killed at each (by name and number in a thread)",
          figure=f"{len({call for _, call in tally.met})} of {len(_distinct(made))}", goal="all, no fault")  # fmt: skip
    assert tally.faults == []
    assert len({call for _, call in tally.met}) >= 0.97 * len(_distinct(made))


@pytest.mark.parametrize("points", [4, pytest.param(20, marks=pytest.mark.prove)])
def test_a_full_disk_leaves_the_old_readable_and_of_the_new_all_or_nothing(
    points: int, forks: Forks, template: Trial, tmp_path: Path, proof: Callable[..., None]
) -> None:
    calls = [call for call in _distinct(rehearsed(forks, template, tmp_path)) if call.name in TAKES_ROOM]
    chosen = [calls[round(place * (len(calls) - 1) / (points - 1))] for place in range(points)]
    tally = fill_disk_at(forks, template, tmp_path, chosen, Tally())
    print(tally.phases)
    if points == 20:
        proof("moments at which the disk was full: old readable, new whole or absent, plain words",
              figure=f"{points - len(tally.faults)} of {points}", goal="20 of 20")  # fmt: skip
    assert tally.faults == []
