"""Seasons: found, taken out, and this year beside last."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder
from upstander.analysis.measures.seasons import same_time_last_year, seasonality

MONDAYS = [date(2022, 1, 3) + timedelta(weeks=week) for week in range(156)]
WEEK = np.arange(156)


def swinging(level=60.0, swing=0.4, seed=2):
    return np.random.default_rng(seed).poisson(level * np.exp(swing * np.cos(2 * np.pi * WEEK / 52.18))).astype(float)


def test_a_season_is_found_with_its_peak_and_its_size():
    found = seasonality(MONDAYS, swinging())
    assert found.p < 1e-6
    assert found.peak_over_trough == pytest.approx(np.exp(0.8), rel=0.15)
    assert min(found.peak_day, 365 - found.peak_day) < 15


def test_no_season_is_found_where_there_is_none():
    assert seasonality(MONDAYS, swinging(swing=0)).p > 0.05


def test_what_is_left_has_no_season():
    found = seasonality(MONDAYS, swinging(level=600))
    assert seasonality(MONDAYS, found.points["adjusted"].to_numpy()).p > 0.5


def test_the_fit_is_that_of_statsmodels():
    import statsmodels.api as sm

    y, n = swinging(), 1.0 + WEEK / 100
    found = seasonality(MONDAYS, y, n, harmonics=2)
    day = np.array([each.timetuple().tm_yday - 1 for each in MONDAYS])
    angles = [2 * np.pi * k * day / 365.2425 for k in (1, 2)]
    waves = np.column_stack([wave(angle) for angle in angles for wave in (np.sin, np.cos)])
    trend = np.column_stack([np.ones(156), (WEEK - WEEK.mean()) * 7 / 365.2425])
    plain, full = (
        sm.GLM(y, terms, family=sm.families.Poisson(), offset=np.log(n)).fit(tol=1e-12)
        for terms in (trend, np.column_stack([trend, waves]))
    )
    scale = full.pearson_chi2 / full.df_resid
    assert found.points["expected"].to_numpy() == pytest.approx(full.fittedvalues)
    assert found.dispersion == pytest.approx(scale)
    assert found.f == pytest.approx((plain.deviance - full.deviance) / 4 / scale)
    assert found.yearly_change == pytest.approx(np.exp(full.params[1]) - 1)


def test_under_two_years_there_is_no_telling():
    with pytest.raises(TooFewPoints, match="two years"):
        seasonality(MONDAYS[:60], swinging()[:60])


def test_numbers_that_are_no_counts_and_dates_out_of_order_are_refused():
    with pytest.raises(UnfitNumbers, match="no event"):
        seasonality(MONDAYS, np.zeros(156))
    with pytest.raises(UnfitNumbers, match="0 or more"):
        seasonality(MONDAYS, np.full(156, -1.0))
    with pytest.raises(WrongOrder):
        same_time_last_year([MONDAYS[1], MONDAYS[0]], np.ones(2))


def test_a_week_is_compared_with_that_364_days_before_and_a_month_with_its_name():
    weeks = same_time_last_year(MONDAYS, swinging()).points
    assert set((weeks["date"] - weeks["date_before"]).dt.total_days()) == {364}
    months = [date(2024 + k // 12, k % 12 + 1, 1) for k in range(24)]
    told = same_time_last_year(months, np.full(24, 30.0))
    assert told.step == "month"
    assert told.points["date_before"].to_list() == months[:12]


def test_no_date_with_its_like_is_refused():
    with pytest.raises(TooFewPoints):
        same_time_last_year(MONDAYS[:20], np.ones(20))


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_interval_is_clopper_and_pearson_s(now, before):
    from scipy.stats import binomtest

    if not now + before:
        return
    found = same_time_last_year([MONDAYS[0], MONDAYS[52]], np.array([before, now], float), factor=1.0).points
    share = binomtest(now, now + before).proportion_ci()
    low, high = found.select("low", "high").row(0)
    assert low == pytest.approx(share.low / (1 - share.low), rel=1e-6, abs=1e-12)
    assert high is None if not before else high == pytest.approx(share.high / (1 - share.high), rel=1e-6)


def test_overdispersed_counts_have_wider_intervals():
    y = np.random.default_rng(1).negative_binomial(5, 5 / 55, 156).astype(float)
    alone, wide = (same_time_last_year(MONDAYS, y, factor=factor) for factor in (1.0, None))
    assert wide.factor > 5
    assert (wide.points["high"] > alone.points["high"]).all()
