"""Cohorts that are followed or matched: agreement with other implementations, balance, what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.impact_runs import rows_of, run
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.impact.matching import e_value, matched_cohort
from upstander.analysis.impact.survival import concordance, cox, kaplan_meier, log_rank, median_time


def cohort(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    event_at, leaves = rng.exponential(20 * np.exp(-x @ [0.5, -0.3])), rng.exponential(30, n)
    return np.ceil(np.minimum(event_at, leaves)), event_at <= leaves, x


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_curve_agrees_with_statsmodels(seed):
    from statsmodels.duration.survfunc import SurvfuncRight

    time, event, _ = cohort(seed)
    theirs = SurvfuncRight(time, event.astype(int))
    ours = kaplan_meier(time, event, np.asarray(theirs.surv_times, dtype=float))
    assert ours["surv"].to_numpy() == pytest.approx(theirs.surv_prob, abs=1e-12)
    assert ours["n_risk"].to_list() == theirs.n_risk.astype(int).tolist()
    inside = ours["surv"].to_numpy() > 0
    assert ours["se"].to_numpy()[inside] == pytest.approx(np.asarray(theirs.surv_prob_se)[inside], abs=1e-10)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_the_log_rank_test_agrees_with_statsmodels(seed):
    from statsmodels.duration.survfunc import survdiff

    time, event, x = cohort(seed)
    group = np.digitize(x[:, 0], [-0.5, 0.5])
    chisq, p = survdiff(time, event.astype(int), group)
    assert log_rank(time, event, group)[:2] == pytest.approx((chisq, p), rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_regression_agrees_with_statsmodels(seed):
    from statsmodels.duration.hazard_regression import PHReg

    time, event, x = cohort(seed)
    theirs = PHReg(time, x, status=event.astype(int), ties="efron").fit(disp=0)
    ours = cox(time, event, x, ("a", "b")).table
    assert ours["coef"].to_numpy() == pytest.approx(theirs.params, abs=1e-6)
    assert ours["se"].to_numpy() == pytest.approx(theirs.bse, rel=1e-5)


def test_a_hazard_ratio_that_changes_with_time_is_noticed():
    rng = np.random.default_rng(5)
    group = np.arange(600) % 2
    time = np.where(group == 1, rng.exponential(10, 600), 4 + rng.exponential(3, 600))
    found = cox(time, np.ones(600, dtype=bool), group[:, None].astype(float), ("group",))
    assert found.proportional["p"][-1] < 0.001


def test_concordance_counts_pairs_that_can_be_ordered():
    time, event = np.array([1.0, 2, 3]), np.array([True, False, True])
    assert concordance(time, event, np.array([3.0, 2, 1])) == 1
    assert concordance(time, event, np.array([1.0, 2, 3])) == 0
    assert concordance(time, event, np.array([1.0, 1, 1])) == 0.5


def test_the_median_is_none_where_more_than_half_stay_free():
    time = np.array([1.0, 2, 3, 4])
    assert median_time(time, np.array([True, False, False, False])) is None
    assert median_time(time, np.array([True, True, False, False])) == 2


def test_cohorts_that_say_nothing_are_refused():
    with pytest.raises(TooFewPoints, match="events"):
        run("survival_recidivism", {"covariates": ""}, cohort={"week": [1, 2], "arrest": [0, 0]})
    with pytest.raises(UnfitNumbers, match="Row 2"):
        run("survival_recidivism", {"covariates": ""}, cohort={"week": [1, 2], "arrest": [0, 2]})
    with pytest.raises(MissingColumn, match="age"):
        run("survival_recidivism", {"covariates": "age"}, cohort={"week": [1, 2], "arrest": [0, 1]})
    with pytest.raises(UnfitNumbers, match="same for all"):
        run("survival_recidivism", {"covariates": "a"}, cohort={"week": [1, 2], "arrest": [0, 1], "a": [1, 1]})
    with pytest.raises(UnfitNumbers, match="no time"):
        run("survival_recidivism", {"covariates": ""}, cohort={"week": [0, 2], "arrest": [0, 1]})


def referred(seed: int, effect: float, n: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    treated = rng.random(n) < 1 / (1 + np.exp(1.5 - x @ [0.8, 0.4, 0]))
    outcome = rng.random(n) < np.clip(0.3 + 0.08 * x[:, 0] + effect * treated, 0, 1)
    return treated, outcome.astype(float), x


def test_matching_takes_out_what_referral_brought_in():
    differences, plain = [], []
    for seed in range(12):
        treated, outcome, x = referred(seed, -0.1)
        found = matched_cohort(treated, outcome, x, seed=1, draws=200)
        assert np.abs(found.after).max() < 0.1
        differences.append(found.difference[0])
        plain.append(outcome[treated].mean() - outcome[~treated].mean())
    assert np.mean(differences) == pytest.approx(-0.1, abs=0.02)
    assert np.mean(plain) > -0.08


@given(st.integers(0, 1000), st.integers(1, 3))
@settings(max_examples=10, deadline=None)
def test_no_partner_is_used_twice_and_none_lies_beyond_the_caliper(seed, partners):
    treated, outcome, x = referred(seed, 0, n=300)
    found = matched_cohort(treated, outcome, x, partners=partners, seed=1, draws=200)
    logit = np.log(found.propensity / (1 - found.propensity))
    assert np.unique(found.control).size == found.control.size
    assert np.bincount(found.treated).max() <= partners
    assert treated[found.treated].all()
    assert not treated[found.control].any()
    assert np.abs(logit[found.treated] - logit[found.control]).max() <= found.caliper + 1e-12


def test_e_values_are_those_of_the_paper():
    # VanderWeele and Ding 2017: a risk ratio of 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0.
    assert e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert e_value(1.8) == pytest.approx(3.0, abs=0.005)
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))


def test_who_has_no_like_is_counted_and_said():
    n = 40
    frame = {
        "treated": [1] * 12 + [0] * (n - 12), "outcome": [0, 1] * (n // 2),
        "age": [*range(20, 30), 90, 95, *range(18, 18 + n - 12)],
    }  # fmt: skip
    result = run("matched_cohort", {"covariates": "age"}, cohort=frame)
    assert result.summary["matched"] + result.summary["unmatched"] == 12
    assert rows_of(result)["covariate"].to_list() == ["age"]
    with pytest.raises(UnfitNumbers, match="Matching needs"):
        run("matched_cohort", cohort=frame)
