"""Synthetic control: the mix, its placebos, agreement with another implementation, what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.impact_runs import run
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.impact.synthetic_control import nearest_mix, placebos, synthetic_control
from upstander.errors import WrongUsage


def panel(seed: int, places: int = 24, times: int = 30) -> np.ndarray:
    rng = np.random.default_rng(seed)
    factors, loads = rng.normal(size=(times, 2)).cumsum(axis=0), rng.uniform(0, 1, (2, places))
    return 20 + factors @ loads + rng.normal(0, 0.3, (times, places))


BEFORE = np.arange(30) < 20


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_the_weights_are_shares_and_no_nearby_mix_is_nearer(seed):
    outcome = panel(seed, places=8)
    target, pool = outcome[BEFORE, 0], outcome[BEFORE, 1:]
    weights = nearest_mix(target, pool)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    best = ((target - pool @ weights) ** 2).sum()
    others = np.random.default_rng(seed).dirichlet(np.ones(7), 50)
    for other in others:
        moved = 0.99 * weights + 0.01 * other
        assert ((target - pool @ moved) ** 2).sum() >= best - 1e-9


def test_the_search_agrees_with_pysyncon():
    import pandas as pd
    from pysyncon import Synth

    outcome = panel(1, places=7)
    predictors = np.stack([outcome[:10].mean(axis=0), outcome[10:20].mean(axis=0)])
    ours = synthetic_control(outcome, 0, fitted=BEFORE, affected=~BEFORE, predictors=predictors)
    names = [f"place {number}" for number in range(7)]
    wide, tall = pd.DataFrame(predictors, columns=names), pd.DataFrame(outcome[BEFORE], columns=names)
    theirs = Synth()
    theirs.fit(X0=wide[names[1:]], X1=wide[names[0]], Z0=tall[names[1:]], Z1=tall[names[0]])
    assert ours.mspe <= float(theirs.loss_V) * 1.01 + 1e-9


def test_an_effect_stands_out_from_placebos_and_its_absence_does_not():
    outcome = panel(2)
    touched = outcome.copy()
    touched[~BEFORE, 0] -= 6
    own = synthetic_control(touched, 0, fitted=BEFORE, affected=~BEFORE)
    tried = placebos(touched, 0, fitted=BEFORE, affected=~BEFORE, own=own, poor_fit=20)
    assert own.effect == pytest.approx(-6, abs=1)
    assert tried.p == pytest.approx(1 / (1 + tried.kept.sum()))
    plain = synthetic_control(outcome, 0, fitted=BEFORE, affected=~BEFORE)
    assert placebos(outcome, 0, fitted=BEFORE, affected=~BEFORE, own=plain).p > 0.05


def test_places_that_fit_badly_before_are_not_compared():
    outcome = panel(3)
    outcome[BEFORE, 5] += np.linspace(0, 80, 20)
    own = synthetic_control(outcome, 0, fitted=BEFORE, affected=~BEFORE)
    assert not placebos(outcome, 0, fitted=BEFORE, affected=~BEFORE, own=own).kept[4]


def long(outcome: np.ndarray) -> dict:
    times, places = np.indices(outcome.shape)
    return {"unit": [f"place {n}" for n in places.ravel()], "time": times.ravel(), "outcome": outcome.ravel()}


def test_few_donors_are_said_to_be_few():
    result = run("synthetic_control", {"treated_unit": "place 0", "starts": 20}, panel=long(panel(4, places=6)))
    assert any("fewer than 20" in said for said in result.warnings)
    assert result.summary["placebo_pvalue"] >= 1 / 6


def test_panels_that_cannot_be_used_are_refused():
    outcome = panel(5, places=6)
    words = {"treated_unit": "place 0", "starts": 20}
    with pytest.raises(WrongUsage, match="no place"):
        run("synthetic_control", words | {"treated_unit": "Ashby"}, panel=long(outcome))
    with pytest.raises(WrongUsage, match="which place"):
        run("synthetic_control", panel=long(outcome))
    with pytest.raises(TooFewPoints, match="donors"):
        run("synthetic_control", words, panel=long(outcome[:, :2]))
    with pytest.raises(WrongUsage, match="means no time"):
        run("synthetic_control", words | {"fit": "1900-1910"}, panel=long(outcome))
    with pytest.raises(MissingColumn, match="income"):
        run("synthetic_control", words | {"predictors": "income: 1-5"}, panel=long(outcome))
    gap = long(outcome)
    gap["outcome"][3] = None if isinstance(gap["outcome"], list) else np.nan
    with pytest.raises(UnfitNumbers, match="missing in a time"):
        run("synthetic_control", words, panel=gap)
    twice = long(outcome)
    twice["unit"][1] = "place 0"
    with pytest.raises(UnfitNumbers, match="stands twice"):
        run("synthetic_control", words, panel=twice)
