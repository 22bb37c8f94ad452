"""Unusual weeks: Farrington flexible, EARS, CUSUM."""

import json
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_data import SHARED, needs_shared
from upstander.analysis import methods
from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder
from upstander.analysis.methods import ALL, Result
from upstander.analysis.outbreaks.baseline import baseline, reference_weeks
from upstander.analysis.outbreaks.counts import chance_of_at_least, quantile
from upstander.analysis.outbreaks.cusum import cusum
from upstander.analysis.outbreaks.ears import ears
from upstander.analysis.outbreaks.farrington import Settings, farrington
from upstander.errors import WrongUsage

WEEKS = 330


def made(series: int = 4, seed: int = 3, mean: float = 8.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    season = 1 + 0.3 * np.cos(2 * np.pi * np.arange(WEEKS) / 52)[:, None]
    return rng.negative_binomial(mean * season / 0.5, 1 / 1.5, (WEEKS, series)).astype(float)


def run(name: str, params: dict | None = None, **inputs: dict | pl.DataFrame) -> Result:
    frames = {role: pl.DataFrame(frame) for role, frame in inputs.items()}
    return methods.run(ALL[name], frames, params or {}, seed=1)


def rows_of(result: Result) -> pl.DataFrame:
    return pl.DataFrame(list(result.rows), infer_schema_length=None)


@given(
    st.floats(0.01, 300), st.one_of(st.just(1.0), st.floats(1.001, 6)), st.sampled_from([0.9, 0.95, 0.99, 0.999]),
)  # fmt: skip
def test_quantiles_and_tails_agree_with_scipy(mean, phi, p):
    from scipy import stats

    law = stats.poisson(mean) if phi == 1 else stats.nbinom(mean / (phi - 1), 1 / phi)
    k = float(quantile(p, mean, phi))
    assert law.cdf(k) >= p - 1e-9
    assert k == 0 or law.cdf(k - 1) < p + 1e-9
    assert chance_of_at_least([0, 3, k + 1], mean, phi) == pytest.approx(law.sf([-1, 2, k]), rel=1e-6, abs=1e-12)


def test_the_same_week_of_an_earlier_year_is_the_nearest_of_the_same_weekday():
    monday = date(2018, 1, 1)
    starts = [monday + timedelta(weeks=number) for number in range(400)]
    for week in (300, 321, 352):
        back = reference_weeks(week, 4, starts)
        for years, at in enumerate(back):
            wanted = starts[week].replace(year=starts[week].year - years)
            assert abs((starts[at] - wanted).days) <= 3


def test_seasons_between_windows_differ_by_a_week_at_most_and_recent_weeks_are_left_out():
    found = baseline(320, 5, half_window=3, seasons=10, recent=26)
    assert found.weeks.max() == 320 - 27
    assert sorted(set(found.season.tolist())) == list(range(10))
    assert (found.season == 9).sum() == 5 * 7
    # A whole year has 45 weeks between two windows: five for each of nine seasons.
    whole_years = found.season[found.weeks < 320 - 52]
    assert {int((whole_years == season).sum()) for season in range(9)} == {4 * 5}


def test_without_reweighting_it_is_the_quasi_poisson_model_of_statsmodels():
    import statsmodels.api as sm

    y = made()
    found = farrington(y, [WEEKS - 1], settings=Settings(reweigh_above=1e6))
    base = baseline(WEEKS - 1, 5, half_window=3, seasons=10, recent=26)
    x = np.column_stack([base.season[:, None] == np.arange(10), base.weeks / 100]).astype(float)
    now = np.append(np.eye(10)[9], (WEEKS - 1) / 100)
    for series in range(y.shape[1]):
        fit = sm.GLM(y[base.weeks, series], x, family=sm.families.Poisson()).fit(scale="X2", tol=1e-12)
        assert found.expected[0, series] == pytest.approx(np.exp(fit.params @ now), rel=1e-8)
        assert found.dispersion[0, series] == pytest.approx(max(fit.scale, 1), rel=1e-8)
        assert found.trend[0, series] == pytest.approx(fit.params[-1] / 100, rel=1e-6)


@given(st.permutations(range(4)))
@settings(max_examples=10, deadline=None)
def test_a_series_is_judged_alike_whatever_stands_beside_it(order):
    y = made()
    together, alone = farrington(y[:, order], [300, 329]), farrington(y[:, [2]], [300, 329])
    at = order.index(2)
    assert together.expected[:, at] == pytest.approx(alone.expected[:, 0], rel=1e-12)
    assert together.upper[:, at].tolist() == alone.upper[:, 0].tolist()


def test_a_week_not_known_is_left_out_and_is_no_zero():
    y = made(1)
    gone = y.copy()
    gone[[120, 200, 201]] = np.nan
    is_out = np.zeros(WEEKS, dtype=bool)
    is_out[[120, 200, 201]] = True
    with_gaps, left_out = farrington(gone, [329]), farrington(y, [329], excluded=is_out)
    assert with_gaps.expected == pytest.approx(left_out.expected, rel=1e-9)
    assert with_gaps.dispersion == pytest.approx(left_out.dispersion, rel=1e-9)


def test_a_week_that_is_not_known_itself_raises_no_alarm():
    y = made(1)
    y[329] = np.nan
    found = farrington(y, [329])
    assert not found.is_alarm.any()
    assert np.isnan(found.score).all()


def test_a_constant_population_changes_nothing_and_a_growing_one_explains_growth():
    y = made(2)
    plain, per_head = farrington(y, [329]), farrington(y, [329], population=np.full(y.shape, 5000.0))
    assert plain.expected == pytest.approx(per_head.expected, rel=1e-9)
    heads = np.geomspace(1000, 4000, WEEKS)[:, None] * np.ones((1, 2))
    grown = np.round(y * heads / 1000)
    assert (farrington(grown, [329], population=heads).trend < 0.3 * farrington(grown, [329]).trend).all()


def test_a_past_outbreak_does_not_raise_the_bound_for_long():
    y = made(1)
    y[277] = 120
    spoilt = farrington(y, [329])
    plain = farrington(made(1), [329])
    assert spoilt.expected[0, 0] < 1.25 * plain.expected[0, 0]


def test_series_without_any_event_are_no_obstacle():
    y = made(3)
    y[:, 1] = 0
    found = farrington(y, [329])
    assert found.expected[0, 1] == pytest.approx(0, abs=1e-9)
    assert not found.is_alarm[0, 1]
    assert np.isnan(found.upper[0, 1])


def test_expected_false_alarms_are_stated_and_never_above_the_nominal_ones():
    long = pl.DataFrame(made(30)).with_row_index("i").unpivot(index="i", variable_name="series", value_name="count")
    result = run("farrington_flexible", {"range_from": "300"}, series=long)
    assert result.summary["judged"] == 30 * 30
    assert 0 < result.summary["expected_false_alarms"] <= result.summary["most_false_alarms"] == 9.0
    assert "if nothing had changed" in result.summary["says"]


def test_days_left_out_are_named_with_their_reason():
    starts = [date(2019, 1, 7) + timedelta(weeks=number) for number in range(WEEKS)]
    series = {"week_start": starts, "count": made(1)[:, 0].astype(int)}
    asked = {"exclude": "2020-03-23..2021-07-19 COVID restrictions"}
    result = run("farrington_flexible", asked, series=series)
    assert "Weeks from 2020-03-23 to 2021-07-19 are in no baseline: COVID restrictions." in result.warnings
    with pytest.raises(WrongUsage, match="with its reason"):
        run("farrington_flexible", {"exclude": "2020-03-23..2021-07-19"}, series=series)
    with pytest.raises(UnfitNumbers, match="needs week_start"):
        run("farrington_flexible", asked, series={"count": series["count"]})


@pytest.mark.parametrize(
    ("series", "wrong", "where"),
    [
        ({"i": [1, 3, 2], "count": [1, 1, 1]}, WrongOrder, "series, row 3"),
        ({"week_start": ["2025-01-06", "2025-01-14"], "count": [1, 1]}, UnfitNumbers, "series, row 2"),
        ({"i": [1, 2], "count": [1, -1]}, UnfitNumbers, "series, row 2"),
        ({"i": [], "count": []}, TooFewPoints, "series"),
    ],
)
def test_a_series_that_does_not_fit_is_refused_with_its_row(series, wrong, where):
    frame = pl.DataFrame(
        {name: [str(each) for each in values] for name, values in series.items()},
        schema=dict.fromkeys(series, pl.String),
    )
    for name in ("farrington_flexible", "ears_c1c2c3", "cusum"):
        with pytest.raises(wrong) as refused:
            run(name, series=frame)
        assert refused.value.where == where


def test_a_baseline_that_does_not_vary_is_named():
    result = run("ears_c1c2c3", {"method": "C1"}, series={"count": [2] * 7 + [3]})
    assert result.rows[0]["alarm"]
    assert any("do not vary at all" in said for said in result.warnings)
    floored = run("ears_c1c2c3", {"method": "C1", "min_sigma": "1"}, series={"count": [2] * 7 + [3]})
    assert not floored.rows[0]["alarm"]


def test_c3_signals_in_the_week_itself_by_the_published_rule():
    y = np.array([[4, 6, 5, 4, 6, 5, 4, 5, 6, 5, 5, 9, 9.0]]).T
    found = ears(y, "C3", alpha=0.01)
    c2 = ears(y, "C2", alpha=0.01).statistic
    assert found.statistic[12] == pytest.approx(np.maximum(c2[10:13] - 1, 0).sum())


def test_a_negative_binomial_cusum_gives_poissons_as_its_dispersion_goes_to_one():
    y = made(1)
    poisson = cusum(y, 8.0, score="negative_binomial")
    nearly = cusum(y, 8.0, score="negative_binomial", dispersion=1 + 1e-7)
    assert nearly.statistic == pytest.approx(poisson.statistic, abs=1e-4)


def test_the_same_input_gives_the_same_bytes():
    long = pl.DataFrame(made(3)).with_row_index("i").unpivot(index="i", variable_name="series", value_name="count")
    one, other = (json.dumps(run("farrington_flexible", series=long).as_json()) for _ in range(2))
    assert one == other


@needs_shared
def test_the_outbreaks_of_measles_in_germany_are_alarms():
    wide = pl.read_csv(SHARED / "data/outbreak/measlesDE.csv")
    long = wide.drop("state_any").unpivot(index="epoch", variable_name="series", value_name="count")
    asked = {"b": "2", "no_periods": "1"}
    result = run("farrington_flexible", asked, series=long.rename({"epoch": "i"}))
    found = rows_of(result)
    assert result.summary["alarms"] > 5 * result.summary["expected_false_alarms"]
    assert found.filter(pl.col("alarm"))["score"].min() > 1
