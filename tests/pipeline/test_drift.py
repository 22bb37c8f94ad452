"""Deliveries that went wrong are held, true ones are not: two years of the fictional county, spoilt by seed."""

from pathlib import Path

import pytest

from conftest import Record
from pipeline.drifts import KINDS, county_home, deliver_with_plants

SEED = 20260801


def test_a_few_planted_drifts_are_held_and_no_true_delivery_is(tmp_path: Path) -> None:
    desk, county = county_home(tmp_path, years=1, seed=SEED)
    account = deliver_with_plants(desk, county, seed=SEED, wanted=12, only=frozenset({"brackenshire_ed"}))
    assert sum(account.planted.values()) == 12
    assert account.missed == []
    assert account.false_holds == []


@pytest.mark.prove
@pytest.mark.parametrize("seed", [SEED, 7])
def test_two_hundred_planted_drifts_are_held(seed: int, tmp_path: Path, proof: Record) -> None:
    desk, county = county_home(tmp_path, years=2, seed=seed)
    account = deliver_with_plants(desk, county, seed=seed, wanted=200)
    planted = sum(account.planted.values())
    held = planted - len(account.missed)
    proof(
        "planted drifts held", figure=f"{held} of {planted}, {len(account.planted)} kinds", goal="200 of 200", seed=seed
    )
    false = len(account.false_holds)
    months, true = len(account.months), sum(account.true.values())
    proof(
        "true deliveries held by mistake", figure=f"{false} in {months} months ({true} deliveries)",
        goal="1 a month at most", seed=seed,
    )  # fmt: skip
    assert planted == 200
    assert set(account.planted) == set(KINDS)
    assert account.missed == []
    assert false <= months
