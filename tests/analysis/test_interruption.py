"""Interrupted time series: regressions against another implementation, effects that are known, what is refused."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.impact_runs import run
from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder
from upstander.analysis.impact.detectable import step_p
from upstander.analysis.impact.interruption import Plan, interruption
from upstander.analysis.impact.regression import (
    Design,
    durbin_watson,
    negative_binomial,
    newey_west,
    newey_west_lag,
    poisson,
)
from upstander.errors import WrongUsage

NO_SEASON = Plan(pairs=0)


def series(seed: int, *, ratio: float = 1.0, mean: float = 20, before: int = 104, after: int = 52, theta: float = 0):
    rng = np.random.default_rng(seed)
    at = np.arange(before + after)
    mu = mean * np.exp(0.15 * np.sin(2 * np.pi * at / 52.18)) * np.where(at >= before, ratio, 1)
    return rng.poisson(mu * (rng.gamma(theta, 1 / theta, mu.size) if theta else 1)).astype(float)


def design(seed: int, n: int = 80) -> tuple[np.ndarray, Design]:
    rng = np.random.default_rng(seed)
    columns = np.column_stack([np.ones(n), np.linspace(-1, 1, n), np.arange(n) > 50])
    y = rng.negative_binomial(4, 4 / (4 + np.exp(columns @ [2.0, 0.3, -0.4]))).astype(float)
    return y, Design(("one", "time", "after"), columns, rng.normal(0, 0.1, n))


@pytest.mark.parametrize("seed", range(5))
def test_poisson_regression_and_its_robust_errors_agree_with_statsmodels(seed):
    y, made = design(seed)
    ours = poisson(y, made, quasi=True)
    model = sm.GLM(y, made.columns, family=sm.families.Poisson(), offset=made.offset)
    theirs = model.fit(scale="X2", tol=1e-12)
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-7)
    assert ours.errors == pytest.approx(theirs.bse, rel=1e-5)
    robust = model.fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": False})
    assert np.sqrt(np.diag(newey_west(ours, 3))) == pytest.approx(robust.bse, rel=1e-5)
    assert durbin_watson(ours.residuals) == pytest.approx(sm.stats.durbin_watson(ours.residuals), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_negative_binomial_regression_agrees_with_statsmodels(seed):
    y, made = design(seed)
    ours = negative_binomial(y, made)
    theirs = sm.NegativeBinomial(y, made.columns, offset=made.offset).fit(disp=0, maxiter=500, gtol=1e-8)
    assert ours.coefficients == pytest.approx(theirs.params[:3], abs=1e-4)
    assert ours.theta == pytest.approx(1 / theirs.params[3], rel=1e-3)


def test_counts_less_variable_than_poisson_have_an_infinite_theta():
    _, made = design(1)
    assert negative_binomial(np.full(80, 7.0), made).theta == np.inf


def test_the_lag_is_the_usual_one():
    assert [newey_west_lag(n) for n in (52, 100, 104, 260)] == [3, 4, 4, 4]


def test_a_fall_of_three_in_ten_is_found_with_its_size():
    found = interruption(series(1, ratio=0.7), 104, plan=Plan(), seed=1)
    assert found.low < 0.7 < found.high < 1
    assert found.prevented[1] > 0


def test_a_change_that_the_comparison_shares_is_not_the_projects():
    both = interruption(series(2, ratio=0.7), 104, plan=Plan(), seed=1, control=series(3, ratio=0.7, mean=40))
    assert both.low < 1 < both.high


def test_periods_of_bringing_in_are_left_out():
    counts = series(4, ratio=0.7)
    counts[104:110] = 500
    assert interruption(counts, 104, plan=Plan(), seed=1).ratio > 1
    left_out = interruption(counts, 104, plan=Plan(transition=6), seed=1)
    assert left_out.ratio == pytest.approx(0.7, abs=0.12)
    assert np.isnan(left_out.expected[104:110]).all()


def test_growing_exposure_is_not_growing_risk():
    people = np.where(np.arange(156) >= 104, 2000.0, 1000.0)
    found = interruption(series(5, ratio=2.0), 104, plan=Plan(), seed=1, exposure=people)
    assert found.low < 1 < found.high


@pytest.mark.parametrize(("theta", "family"), [(0, ("poisson", "quasi")), (3, ("negative_binomial",))])
def test_the_model_follows_how_much_the_counts_vary(theta, family):
    found = interruption(series(6, theta=theta), 104, plan=Plan(), seed=1)
    assert found.family in family


def test_the_step_of_made_pilots_is_judged_as_the_step_of_a_real_one():
    counts = series(7, ratio=0.8)
    at = np.arange(156.0)
    turn = 2 * np.pi * at / Plan().season
    columns = [np.ones(156), at - 104, at >= 104, np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)]
    quick = step_p(counts[None], np.column_stack(columns), 2)[0]
    assert quick == pytest.approx(interruption(counts, 104, plan=Plan(family="quasi"), seed=1).p, rel=1e-3)


def test_dependence_between_weeks_widens_the_interval():
    rng = np.random.default_rng(8)
    shock = np.zeros(156)
    for week in range(1, 156):
        shock[week] = 0.7 * shock[week - 1] + rng.normal(0, 0.2)
    found = interruption(rng.poisson(40 * np.exp(shock)).astype(float), 104, plan=Plan(), seed=1)
    assert found.autocorrelation[0] > 0.3
    assert found.factor > 1.4
    assert found.durbin_watson < 1.5


@given(st.integers(1, 5), st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_ratio_does_not_depend_on_how_many_people_are_counted(times, seed):
    counts = series(seed)
    one = interruption(counts, 104, plan=NO_SEASON, seed=1, exposure=np.full(156, 100.0))
    other = interruption(counts, 104, plan=NO_SEASON, seed=1, exposure=np.full(156, 100.0 * times))
    assert other.ratio == pytest.approx(one.ratio, rel=1e-6)
    assert other.expected == pytest.approx(one.expected, rel=1e-6)


def test_starts_are_named_by_date_or_by_number():
    counts = series(9).astype(int)
    dates = [str(day) for day in np.arange("2023-01-02", "2025-12-30", 7, dtype="datetime64[D]")[:156]]
    frame = {"period": dates, "count": counts}
    by_date = run("interrupted_time_series", {"starts": dates[104]}, series=frame)
    by_number = run("interrupted_time_series", {"starts": "104"}, series=frame)
    assert by_date.summary["rate_ratio"] == by_number.summary["rate_ratio"]
    assert [row["stage"] for row in by_date.rows].count("after") == 52
    with pytest.raises(WrongUsage, match="no period"):
        run("interrupted_time_series", {"starts": "2031-01-01"}, series=frame)
    with pytest.raises(WrongOrder, match="row 2"):
        run("interrupted_time_series", {"starts": "104"}, series={"period": dates[::-1], "count": counts})


def test_series_that_say_nothing_are_refused():
    with pytest.raises(TooFewPoints, match="before the start"):
        interruption(series(1), 3, plan=Plan(), seed=1)
    with pytest.raises(TooFewPoints, match="after the start"):
        interruption(series(1), 155, plan=Plan(), seed=1)
    with pytest.raises(UnfitNumbers, match="E-test"):
        interruption(np.where(np.arange(156) < 104, series(1), 0), 104, plan=Plan(), seed=1)
    with pytest.raises(UnfitNumbers, match="whole"):
        interruption(series(1) + 0.5, 104, plan=Plan(), seed=1)


def test_six_models_refuse_what_they_cannot_use():
    frame = {name: range(1, 25) for name in ("count", "people", "time")} | {"after": [0] * 24}
    words = {"count": "count", "exposure": "people", "after": "after", "time": "time", "season": "time"}
    with pytest.raises(UnfitNumbers, match="one side"):
        run("its_sicily", words, series=frame)
    with pytest.raises(WrongOrder, match="row 2"):
        run("its_sicily", words, series=frame | {"time": [1] * 24})
