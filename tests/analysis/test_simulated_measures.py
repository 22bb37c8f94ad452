"""What intervals and alarms of rates, funnels, concentration and harm do over made worlds."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench"


def simulations() -> ModuleType:
    """The simulations of the subject, as `bench/simulate.py` runs them."""
    sys.path.insert(0, str(BENCH))
    try:
        return importlib.import_module("simulations.measures")
    finally:
        sys.path.remove(str(BENCH))


def broken(runs: int, seed: int) -> list[str]:
    found = simulations().simulate(runs, seed)
    return [
        f"{each.method}, {each.what}, {each.setting}: {each.found:.1%}" for each in found if not each.is_as_promised
    ]


def test_a_few_made_worlds_do_what_is_promised() -> None:
    assert broken(60, 2) == []


def test_the_same_seed_makes_the_same_worlds() -> None:
    one, other = (simulations().simulate(5, 7) for _ in range(2))
    assert one == other


@pytest.mark.prove
def test_many_made_worlds_do_what_is_promised() -> None:
    assert broken(20_000, 3) == []
