"""Hot spots in made worlds, a few of each: what `bench/simulate.py --only hotspots` does with many."""

import importlib
import sys
from types import ModuleType

import pytest

from checkout import ROOT


def simulations() -> ModuleType:
    # At the end of the path: bench has a coverage.py of its own.
    if str(ROOT / "bench") not in sys.path:
        sys.path.append(str(ROOT / "bench"))
    return importlib.import_module("simulations.hotspots")


def missed(runs: int, seed: int) -> list[str]:
    found = simulations().simulate(runs, seed)
    return [
        f"{each.method}: {each.what}, {each.setting}: {each.found:.3f}" for each in found if not each.is_as_promised
    ]


def test_alarms_intervals_and_recall_are_as_promised_in_a_few_worlds():
    assert missed(runs=3, seed=2) == []


def test_every_method_that_raises_an_alarm_or_draws_an_interval_is_simulated():
    methods = {each.method for each in simulations().simulate(1, 3)}
    assert methods >= {"gi_star", "gi_star_permutations", "knox", "local_moran", "near_repeat", "rank_intervals",
                       "rank_stability"}  # fmt: skip


@pytest.mark.prove
def test_alarms_intervals_and_recall_are_as_promised_in_many_worlds():
    assert missed(runs=150, seed=4) == []
