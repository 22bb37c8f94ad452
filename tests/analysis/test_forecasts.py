"""Looking ahead: scores by hand, intervals that hold, counts that stay counts, and nobody forecast."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.impact_runs import rows_of, run
from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder
from upstander.analysis.impact import weekly
from upstander.analysis.impact.scores import interval_score, pit_histogram, weighted_interval_score
from upstander.analysis.impact.structural import structural
from upstander.analysis.impact.weekly import forecast_weekly
from upstander.errors import NotAcceptable


def weeks(seed: int, *, mean: float = 15, size: int = 200) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(mean * np.exp(0.2 * np.sin(2 * np.pi * np.arange(size) / 52.18))).astype(float)


def test_the_weighted_interval_score_of_a_forecast_worked_by_hand():
    # Median 11, 50% interval 9 to 13: (1/2 |y - 11| + 1/4 (4 + 4 × outside)) / 1.5.
    y = np.array([10.0, 12.0, 16.0])
    score = weighted_interval_score(y, np.full(3, 11.0), {0.5: (np.full(3, 9.0), np.full(3, 13.0))})
    assert score == pytest.approx([(0.5 + 1) / 1.5, (0.5 + 1) / 1.5, (2.5 + 0.25 * 16) / 1.5])


@given(st.floats(0, 50), st.floats(0, 50))
def test_the_score_of_a_single_number_is_the_absolute_error(y, median):
    assert weighted_interval_score(np.array([y]), np.array([median]), {})[0] == pytest.approx(abs(y - median))


def test_the_score_of_many_intervals_is_near_the_continuous_ranked_score():
    # Of a standard normal forecast at its own mean: (√2 - 1) / √π.
    from scipy.stats import norm

    levels = np.arange(0.01, 1, 0.01)
    intervals = {
        level: (np.array([norm.ppf(0.5 - level / 2)]), np.array([norm.ppf(0.5 + level / 2)])) for level in levels
    }
    found = weighted_interval_score(np.zeros(1), np.zeros(1), intervals)[0]
    assert found == pytest.approx((np.sqrt(2) - 1) / np.sqrt(np.pi), rel=0.02)


def test_an_interval_is_charged_for_what_lies_outside_it():
    assert interval_score(np.array([20.0]), np.array([5.0]), np.array([10.0]), 0.2)[0] == 5 + 10 * 10


def test_the_transform_of_right_forecasts_is_flat():
    from scipy.stats import poisson

    counts = np.random.default_rng(1).poisson(4, 20_000)
    shares = pit_histogram(poisson.cdf(counts - 1, 4), poisson.cdf(counts, 4))
    assert shares == pytest.approx(np.full(10, 0.1), abs=0.01)
    assert pit_histogram(poisson.cdf(counts - 1, 8), poisson.cdf(counts, 8))[0] > 0.3


@given(st.integers(0, 10_000), st.sampled_from([0.3, 2.0, 30.0]))
@settings(max_examples=12, deadline=None)
def test_limits_are_counts_in_order_and_never_below_zero(seed, mean):
    found = forecast_weekly(weeks(seed, mean=mean), 4)
    assert (found.low >= 0).all()
    assert (found.low == np.floor(found.low)).all()
    assert (np.diff(found.low, axis=0) <= 0).all()
    assert (np.diff(found.high, axis=0) >= 0).all()
    assert (found.median >= 0).all()


def test_a_forecast_of_the_past_sees_only_its_own_past():
    counts, flags = weeks(3), np.zeros(204)
    later = np.where(np.arange(200) >= 150, 99.0, counts)
    one, other = (weekly._both(each, flags, np.array([150]), 4, 0.1, 0.9) for each in (counts, later))
    assert [each.tolist() for each in one] == [each.tolist() for each in other]


def test_a_bank_holiday_to_come_is_expected_to_be_like_those_before():
    counts, flags = weeks(4, mean=30), (np.arange(200) % 17 == 0).astype(float)
    busy = counts + np.where(flags > 0, 30, 0)
    found = forecast_weekly(busy, 2, holiday=flags, holiday_ahead=np.array([1.0, 0.0]))
    assert found.regression[0] > 1.4 * found.regression[1]
    with pytest.raises(UnfitNumbers, match="both"):
        forecast_weekly(busy, 2, holiday=flags)


def test_weeks_are_dated_and_none_may_be_missing():
    days = pl.date_range(date(2022, 1, 3), date(2025, 10, 27), "1w", eager=True)
    counts = weeks(5, size=days.len()).astype(int)
    rows = rows_of(run("forecast_weekly", {"horizon": 3}, series={"week": days, "count": counts}))
    assert rows["week"].to_list() == [date(2025, 11, 3), date(2025, 11, 10), date(2025, 11, 17)]
    gone = pl.DataFrame({"week": days, "count": counts}).with_row_index().filter(pl.col("index") != 50)
    with pytest.raises(UnfitNumbers, match="Row 51"):
        run("forecast_weekly", series=gone)
    with pytest.raises(WrongOrder):
        run("forecast_weekly", series={"week": days.reverse(), "count": counts})


@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("person_id", "7"), ("NHS number", "x"), ("surname", "x"), ("victim_token", "x"), ("dob", "x"),
        ("key", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), ("ref", "943 476 5919"),
    ],
)  # fmt: skip
def test_a_person_is_never_forecast(heading, value):
    with pytest.raises(NotAcceptable, match="never forecast") as refused:
        run("forecast_weekly", series={"count": weeks(1).astype(int), heading: [value] * 200})
    assert value not in str(refused.value) or value in {"x", "7"}


def test_a_short_series_says_how_many_weeks_are_needed():
    with pytest.raises(TooFewPoints, match="150 or more"):
        forecast_weekly(weeks(1, size=100), 8)


def test_plain_forecasts_refuse_what_they_cannot_use():
    with pytest.raises(TooFewPoints):
        run("forecast_baselines", series={"y": [1, 2, 3]})
    with pytest.raises(UnfitNumbers, match="above zero"):
        run("forecast_baselines", {"model": "ets_MAM", "season": 4}, series={"y": [0, *range(1, 30)]})
    with pytest.raises(WrongOrder, match="row 3"):
        run("forecast_baselines", series={"t": [1, 2, 2, 4], "y": [1, 2, 3, 4]})


def test_a_plain_season_comes_back_in_theta_and_in_last_year():
    season = np.array([10.0, 20, 30, 20])
    series = {"y": np.tile(season, 10)}
    for model in ("snaive", "theta"):
        rows = rows_of(run("forecast_baselines", {"model": model, "season": 4, "horizon": 4}, series=series))
        assert rows["mean"].to_list() == pytest.approx(season.tolist(), rel=0.02)


def test_a_fall_that_the_control_does_not_share_is_the_effect():
    rng = np.random.default_rng(6)
    control = 50 + np.cumsum(rng.normal(0, 1, 120))
    y = 2 * control + rng.normal(0, 1, 120)
    y[80:] -= 10
    found = structural(y, 80, controls=control[:, None])
    assert found.average[1] < -10 < found.average[2] < 0
    assert found.p < 0.001
    assert found.total[0] == pytest.approx(40 * found.average[0])
    alone = structural(y, 80)
    assert alone.average[2] - alone.average[1] > found.average[2] - found.average[1]


def test_the_filter_of_a_known_drift_agrees_with_generalised_least_squares():
    # A level that starts anywhere, drifts with variance q and is seen with variance 1: the forecast of the next number
    # is the generalised least squares predictor.
    from upstander.analysis.impact import structural as module

    y = np.random.default_rng(7).normal(size=30)
    size = np.arange(31)
    covariance = 0.25 * np.minimum(size[:, None], size[None, :]) + np.eye(31)
    seen, cross = covariance[:30, :30], covariance[30, :30]
    inverse = np.linalg.inv(seen)
    level = inverse.sum(axis=0) @ y / inverse.sum()
    expected = level + cross @ inverse @ (y - level)
    original = module._DRIFTS
    try:
        module._DRIFTS = np.array([0.25])
        found = module._over_drifts(y, None, 1)
    finally:
        module._DRIFTS = original
    assert found.mean[0] == pytest.approx(expected, abs=1e-4)
