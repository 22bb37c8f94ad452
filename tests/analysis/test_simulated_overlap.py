"""A few made worlds of the simulations of `overlap`; `make prove` runs more, bench/simulate.py the whole table."""

import importlib
import sys

import pytest

from checkout import ROOT


def off(runs: int, seed: int) -> list[str]:
    """What is not as promised, in words."""
    sys.path.insert(0, str(ROOT / "bench"))
    try:
        found = importlib.import_module("simulations.overlap").simulate(runs, seed)
    finally:
        sys.path.remove(str(ROOT / "bench"))
    assert len({each.method for each in found}) == 8
    return [
        f"{each.method}: {each.what}, {each.setting}: {each.found:.3f}" for each in found if not each.is_as_promised
    ]


def test_intervals_bands_and_links_are_as_promised_in_a_few_worlds():
    assert off(6, 1) == []


@pytest.mark.prove
def test_intervals_bands_and_links_are_as_promised_in_many_worlds():
    assert off(60, 2) == []
