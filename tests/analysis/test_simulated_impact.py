"""A few made worlds of the simulations of `impact`; `make prove` runs more, bench/simulate.py the whole table."""

import importlib
import sys

import pytest

from checkout import ROOT


def simulated(runs: int, seed: int) -> list:
    sys.path.insert(0, str(ROOT / "bench"))
    try:
        return importlib.import_module("simulations.impact").simulate(runs, seed)
    finally:
        sys.path.remove(str(ROOT / "bench"))


def off(findings: list) -> list[str]:
    return [
        f"{each.method}: {each.what}, {each.setting}: {each.found:.3f}"
        for each in findings
        if not each.is_as_promised
    ]  # fmt: skip


def test_intervals_hold_and_alarms_stay_quiet_in_a_few_worlds():
    assert off(simulated(8, 1)) == []


@pytest.mark.prove
def test_intervals_hold_and_alarms_stay_quiet_in_hundreds_of_worlds(proof):
    findings = simulated(150, 2)
    for each in findings:
        proof(f"{each.method}: {each.what}, {each.setting}", figure=f"{each.found:.3f}",
              goal=f"{each.least:.2f} to {each.most:.2f}")  # fmt: skip
    assert off(findings) == []
