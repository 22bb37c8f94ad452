"""A delivery killed at any moment and run again is there once, whole, and nobody ever saw a half of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.kills.forks import Forks
from pipeline.kills.killing import kill_at_every_step, kill_often
from pipeline.kills.trial import BETWEEN, Trial

SEED = 20261123


def test_a_few_kills_lose_double_or_halve_nothing(forks: Forks, template: Trial, tmp_path: Path) -> None:
    account = kill_often(forks, template, tmp_path, kills=12, seed=SEED)
    print(account.histogram())
    assert (account.kills, account.faults) == (12, [])


@pytest.mark.prove
def test_two_hundred_kills_lose_double_or_halve_nothing(
    forks: Forks, template: Trial, tmp_path: Path, proof: Callable[..., None]
) -> None:
    account = kill_often(forks, template, tmp_path, kills=200, seed=SEED + 1)
    between = sum(account.phases[name] for name in BETWEEN)
    print(account.histogram())
    survived = f"{account.kills - len(account.faults)} of {account.kills}"
    proof("deliveries killed and run again, nothing lost, doubled or half visible",
          figure=survived, goal="200 of 200", seed=SEED + 1)  # fmt: skip
    proof("of these killed between the first byte stored and the acknowledgement",
          figure=between, goal="at least 150", seed=SEED + 1)  # fmt: skip
    for name, count in account.phases.items():
        proof(f"of these killed when: {name}", figure=count, goal="printed", seed=SEED + 1)
    assert (account.kills, account.faults) == (200, [])
    assert between >= 150


def test_a_few_kills_of_an_increment_repeat_nothing_that_is_held(
    forks: Forks, increments: Trial, tmp_path: Path
) -> None:
    account = kill_often(forks, increments, tmp_path, kills=4, seed=SEED)
    assert (account.kills, account.faults) == (4, [])


@pytest.mark.prove
def test_kills_of_an_increment_repeat_nothing_that_is_held(
    forks: Forks, increments: Trial, tmp_path: Path, proof: Callable[..., None]
) -> None:
    account = kill_often(forks, increments, tmp_path, kills=50, seed=SEED + 2)
    survived = f"{account.kills - len(account.faults)} of {account.kills}"
    proof("increments killed and run again, nothing lost or doubled", figure=survived, goal="50 of 50", seed=SEED + 2)
    assert (account.kills, account.faults) == (50, [])


@pytest.mark.prove
def test_a_kill_at_every_step_loses_doubles_or_halves_nothing(
    forks: Forks, template: Trial, tmp_path: Path, proof: Callable[..., None]
) -> None:
    account = kill_at_every_step(forks, template, tmp_path)
    print(account.histogram())
    proof("steps of a delivery at each of which it was killed", figure=account.kills, goal="every step, no fault")
    assert account.faults == []
    assert account.kills > 20
