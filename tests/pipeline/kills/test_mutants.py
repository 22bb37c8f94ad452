"""The suite catches builds that break a promise: a check that finds nothing has first shown that it can find."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.kills.forks import Forks
from pipeline.kills.killing import kill_at_every_step, kill_often
from pipeline.kills.trial import Trial

BOUND = 300
WRONG_ORDERS = {
    "manifest before parts": "damaged",
    "acknowledged before published": "was acknowledged",
    "manifest written in place": "damaged",
    "bytes kept last": "not in the vault|altered, moved or cut short|is not a sealed file",
    "every run a delivery": "doubled",
}


@pytest.mark.parametrize("mutant", WRONG_ORDERS)
def test_a_wrong_order_is_caught(forks: Forks, template: Trial, tmp_path: Path, mutant: str) -> None:
    account = kill_at_every_step(forks, template, tmp_path, mutant=mutant)
    assert re.search(WRONG_ORDERS[mutant], "\n".join(account.faults))


@pytest.mark.prove
@pytest.mark.parametrize("mutant", WRONG_ORDERS)
def test_a_wrong_order_is_caught_by_kills_at_random(
    forks: Forks, template: Trial, tmp_path: Path, mutant: str, proof: Callable[..., None]
) -> None:
    account = kill_often(forks, template, tmp_path, kills=BOUND, seed=7, mutant=mutant)
    proof(f"broken build, {mutant}: caught after kills", figure=account.kills, goal=f"at most {BOUND}", seed=7)
    assert re.search(WRONG_ORDERS[mutant], "\n".join(account.faults))


def test_a_forgotten_quarantine_is_caught_without_a_kill(forks: Forks, template: Trial, tmp_path: Path) -> None:
    account = kill_at_every_step(forks, template, tmp_path, mutant="quarantine forgotten")
    assert "kept back" in "\n".join(account.faults)
