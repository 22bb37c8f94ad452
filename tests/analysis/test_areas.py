"""Smoothed rates and funnels: areas of different size, judged as what chance does to each."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.measures.funnel import funnel, signals
from upstander.analysis.measures.smoothing import smoothed_globally, smoothed_locally
from upstander.analysis.methods import ALL, Result

FOLDER = "empirical_bayes_smoothing"
AREAS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 5000)), min_size=2, max_size=30)
NONE = np.empty(0, dtype=np.int64)


def run(name: str, params: dict[str, str] | None = None, **inputs: object) -> Result:
    frames = {role: each if isinstance(each, pl.DataFrame) else pl.DataFrame(each) for role, each in inputs.items()}
    return methods.run(ALL[name], frames, params or {}, seed=1)


@given(AREAS)
def test_a_smoothed_rate_lies_between_the_areas_own_and_that_of_all(areas):
    x, n = np.array(areas, dtype=float).T
    found = smoothed_globally(x, n)
    low, high = np.minimum(x / n, found.mean), np.maximum(x / n, found.mean)
    assert (found.rate >= low - 1e-12).all()
    assert (found.rate <= high + 1e-12).all()
    assert (found.between >= 0).all()


@given(AREAS)
def test_with_everyone_as_neighbour_the_local_mean_is_the_global_one(areas):
    x, n = np.array(areas, dtype=float).T
    left, right = np.nonzero(~np.eye(x.size, dtype=bool))
    local, everywhere = smoothed_locally(x, n, left, right), smoothed_globally(x, n)
    assert local.mean == pytest.approx(everywhere.mean)
    assert local.rate == pytest.approx(everywhere.rate)


@given(AREAS)
def test_an_area_without_neighbours_keeps_its_own_rate(areas):
    x, n = np.array(areas, dtype=float).T
    assert smoothed_locally(x, n, NONE, NONE).rate == pytest.approx(x / n)


def test_an_area_with_more_people_is_drawn_in_less():
    found = smoothed_globally([4, 400, 10, 1000], [100, 10_000, 1000, 100_000])
    assert abs(found.rate[1] - 0.04) < abs(found.rate[0] - 0.04)


@given(st.permutations(range(6)))
def test_the_order_of_areas_and_pairs_does_not_matter(order):
    names = np.array(list("abcdef"))
    areas = pl.DataFrame({"i": names, "events": [1, 5, 2, 9, 0, 3], "population": [90, 80, 120, 100, 40, 60]})
    pairs = pl.DataFrame({"i": ["a", "b", "c", "d", "e"], "j": ["b", "c", "d", "e", "f"]})
    one = {row["i"]: row for row in run(FOLDER, areas=areas, neighbours=pairs).rows}
    other = run(FOLDER, areas=areas[list(order)], neighbours=pairs.select(i="j", j="i").reverse())
    for row in other.rows:
        assert row["eb_local"] == pytest.approx(one[row["i"]]["eb_local"])
        assert row["eb_global"] == pytest.approx(one[row["i"]]["eb_global"])


def test_areas_that_cannot_be_smoothed_are_refused():
    with pytest.raises(TooFewPoints):
        smoothed_globally([1], [10])
    with pytest.raises(UnfitNumbers, match="nobody is at risk"):
        smoothed_globally([1, 2], [10, 0])
    areas = {"i": ["a", "b"], "events": [1, 2], "population": [9, 9]}
    with pytest.raises(UnfitNumbers) as refused:
        run(FOLDER, areas=areas, neighbours={"i": ["a", "b"], "j": ["b", "z"]})
    assert refused.value.where == "neighbours, row 2"
    with pytest.raises(UnfitNumbers, match="stands twice"):
        run(FOLDER, areas=areas | {"i": ["a", "a"]}, neighbours={"i": ["a"], "j": ["a"]})


@given(st.integers(0, 80), st.floats(0.1, 60))
def test_a_signal_is_as_rare_as_its_level_says(events, expected):
    found = funnel([events], [expected], kind="ratio")
    (said,) = signals(found.p_low, found.p_high)
    beyond = {"high_998": 0.001, "high_95": 0.025, "low_998": 0.001, "low_95": 0.025}
    if said.startswith("high"):
        assert poisson.sf(events - 1, expected) <= beyond[said]
    elif said.startswith("low"):
        assert poisson.cdf(events, expected) <= beyond[said]
    else:
        assert min(poisson.sf(events - 1, expected), poisson.cdf(events, expected)) > 0.025


@given(
    st.lists(st.integers(0, 300), min_size=3, max_size=20).filter(any),
    st.sampled_from(["quantile", "inverted", "normal"]),
)
def test_limits_lie_about_the_target_and_those_of_998_outside(counts, how):
    found = funnel(counts, np.full(len(counts), 150.0), kind="rate", how=how)
    inner, outer = found.limits["95"], found.limits["998"]
    assert (outer.low <= inner.low).all()
    assert (inner.low <= found.target).all()
    assert (found.target <= inner.high + 1e-12).all()
    assert (inner.high <= outer.high).all()


def test_limits_of_a_proportion_at_public_health_englands_example_are_normal_ones():
    # 0.75 about 664 people: 0.75 ± 1.96·√(0.75·0.25/664).
    limits = funnel([498], [664], kind="proportion", target=0.75, how="normal").limits["95"]
    assert (limits.low[0], limits.high[0]) == pytest.approx((0.717064, 0.782936), abs=1e-6)


def test_events_of_a_proportion_have_binomial_tails():
    found = funnel([0, 10], [10, 10], kind="proportion")
    assert found.p_low[0] == pytest.approx(0.5**10)
    assert found.p_high[1] == pytest.approx(0.5**10)


def test_phi_and_tau2_come_out_as_worked_by_hand():
    # Expected 100 each, counts 81, 100, 121: roots over 10 are 0.9, 1, 1.1; scores -2, 0, 2; nothing drawn in.
    found = funnel([81, 100, 121], [100.0] * 3, kind="ratio", spread="added", tails=0)
    assert found.dispersion.phi == pytest.approx(8 / 3)
    # tau² = (3·8/3 − 2) / (1200 − 400) = 0.0075
    assert found.dispersion.tau2 == pytest.approx(0.0075)
    assert found.z.tolist() == pytest.approx((np.array([-0.1, 0, 0.1]) / np.sqrt(0.0025 + 0.0075)).tolist())


def test_areas_that_differ_no_more_than_chance_have_limits_of_chance():
    counts, expected = [99, 100, 101, 100], [100.0] * 4
    added, multiplied = (funnel(counts, expected, kind="ratio", spread=how) for how in ("added", "multiplied"))
    assert not added.dispersion.is_more
    assert added.limits["95"].low == pytest.approx(multiplied.limits["95"].low)


@given(st.integers(0, 2**32 - 1))
def test_making_tails_good_never_finds_less_spread(seed):
    rng = np.random.default_rng(seed)
    expected = rng.uniform(20, 200, 30)
    x = rng.poisson(expected * rng.gamma(20, 1 / 20, 30))
    drawn, good = (
        funnel(x, expected, kind="ratio", spread="added", tail_rule=rule) for rule in ("drawn in", "made good")
    )
    assert good.dispersion.phi >= drawn.dispersion.phi
    assert good.dispersion.tau2 >= drawn.dispersion.tau2


@pytest.mark.parametrize(
    ("areas", "params", "wrong", "says"),
    [
        ({"events": [1.5], "base": [2]}, {}, UnfitNumbers, "not a count"),
        ({"events": [1], "base": [0]}, {}, UnfitNumbers, "nothing that events are counted on"),
        ({"events": [3], "base": [2]}, {"kind": "proportion"}, UnfitNumbers, "more events than a proportion"),
        ({"events": [0, 0], "base": [2, 3]}, {}, UnfitNumbers, "nothing to be about"),
        ({"events": [1, 2], "base": [2, 3]}, {"overdispersion": "added"}, TooFewPoints, "3 or more"),
        (
            {"events": [0, 2, 3], "base": [2, 3, 3]},
            {"overdispersion": "added", "scale": "log"},
            UnfitNumbers,
            "logarithm",
        ),
        ({"events": [], "base": []}, {}, TooFewPoints, "1 or more"),
    ],
)
def test_what_makes_no_funnel_is_refused(areas, params, wrong, says):
    with pytest.raises(wrong, match=says):
        run("funnel_limits", params, areas=pl.DataFrame(areas, schema={"events": pl.Float64, "base": pl.Float64}))


def test_a_files_own_headings_can_be_named():
    result = run("funnel_limits", {"events": "obs", "base": "expected", "kind": "ratio"},
                 areas={"obs": [8, 151], "expected": [6.239860227, 106.4429719]})  # fmt: skip
    assert [row["area"] for row in result.rows] == [1, 2]
    assert [row["signal"] for row in result.rows] == ["none", "high_998"]
