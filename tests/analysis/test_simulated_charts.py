"""Process charts over made series: they alarm as seldom, and find as much, as `bench/simulations/charts.py` says."""

import importlib
import sys

import pytest

from checkout import ROOT


def broken(runs: int, seed: int) -> list[str]:
    # At the end of the path: bench has a coverage.py of its own.
    if str(ROOT / "bench") not in sys.path:
        sys.path.append(str(ROOT / "bench"))
    found = importlib.import_module("simulations.charts").simulate(runs, seed)
    return [str(each) for each in found if not each.is_as_promised]


def test_charts_keep_what_they_promise_in_a_few_made_series():
    assert broken(30, seed=5) == []


@pytest.mark.prove
def test_charts_keep_what_they_promise_in_many_made_series():
    assert broken(1500, seed=6) == []
