"""Unusual weeks, clusters, delays and rises over made worlds: alarms as often as promised, intervals that hold.

`bench/simulate.py --only outbreaks` makes the whole table; `make prove` runs more worlds here.
"""

import sys
from importlib import import_module
from types import ModuleType

import pytest

from checkout import ROOT


@pytest.fixture(scope="module")
def simulated() -> ModuleType:
    sys.path.insert(0, str(ROOT / "bench"))
    try:
        return import_module("simulations.outbreaks")
    finally:
        sys.path.remove(str(ROOT / "bench"))


def broken(findings: list) -> list[str]:
    return [
        f"{each.method}: {each.what}, {each.setting}: {each.found:.3f}" for each in findings if not each.is_as_promised
    ]


def test_alarms_and_intervals_keep_what_they_promise_in_made_series(simulated):
    few = [
        *simulated.weeks(400, 2), *simulated.short_series(400, 2), *simulated.steps(12, 2), *simulated.readings(12, 2),
        *simulated.delays(10, 2), *simulated.scans(6, 2),
    ]  # fmt: skip
    assert broken(few) == []


def test_two_fictional_counties_show_what_was_planted_in_them(simulated):
    assert broken(simulated.counties(2, 1)) == []


@pytest.mark.prove
def test_many_made_worlds_keep_what_they_promise(simulated):
    assert broken([
        *simulated.weeks(4000, 3), *simulated.short_series(4000, 3), *simulated.steps(120, 3),
        *simulated.readings(120, 3), *simulated.delays(100, 3), *simulated.scans(60, 3),
    ]) == []  # fmt: skip


@pytest.mark.prove
def test_fifty_fictional_counties_show_what_was_planted_in_them(simulated):
    assert broken(simulated.counties(50, 5)) == []
