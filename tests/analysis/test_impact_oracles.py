"""Methods of `impact` against the published results under ../shared, through the method runner."""

import json

import polars as pl
import pytest

from analysis.impact_runs import rows_of, run
from analysis.oracles import ORACLES, as_numbers, as_text
from shared_data import SHARED, needs_shared

pytestmark = [pytest.mark.oracle, needs_shared]


def facts(path: str) -> dict:
    return json.loads((ORACLES / path).read_text("utf-8"))


def test_six_models_of_an_interruption_agree_with_the_tutorial():
    result = run("its_sicily", series=as_text("its_sicily/input.csv"))
    found, expected = rows_of(result), as_numbers("its_sicily/expected.csv")
    assert found.select("model", "term").rows() == expected.select("model", "term").rows()
    for column in ("estimate", "se"):
        assert found[column].to_numpy() == pytest.approx(expected[column].to_numpy(), abs=1e-7)
    for name, value in facts("its_sicily/expected.json").items():
        assert result.summary[name] == pytest.approx(value, rel=1e-7), name


def test_the_mix_for_the_basque_country_agrees_with_the_published_one():
    result = run("synthetic_control_basque", panel=as_text("synthetic_control_basque/basque.csv"))
    expected = facts("synthetic_control_basque/expected.json")
    assert set(result.summary["weights"]) == set(expected["weights"])
    for name, weight in expected["weights"].items():
        assert result.summary["weights"][name] == pytest.approx(weight, abs=1e-4)
    for name in ("att", "att_se", "mspe"):
        assert result.summary[name] == pytest.approx(expected[name], rel=1e-4)
    assert result.summary["att_period"] == expected["att_period"]


def test_time_to_another_arrest_agrees_with_the_published_curves_and_regression():
    cohort = as_text("survival_recidivism/input_rossi.csv")
    result = run("survival_recidivism", {"times": "10, 26, 40, 52"}, cohort=cohort)
    found, curves = rows_of(result), as_numbers("survival_recidivism/expected_km.csv")
    ours = found.filter(table="kaplan_meier")
    assert (
        ours.select("group", pl.col("time").cast(int), "n_risk").rows() == curves.select("fin", "week", "n_risk").rows()
    )
    for column in ("surv", "se", "lo", "hi"):
        assert ours[column].to_numpy() == pytest.approx(curves[column].to_numpy(), abs=1e-9)
    terms, regression = as_numbers("survival_recidivism/expected_cox_efron.csv"), found.filter(table="cox")
    assert regression["term"].to_list() == terms["term"].to_list()
    for column in ("coef", "se", "hr"):
        assert regression[column].to_numpy() == pytest.approx(terms[column].to_numpy(), abs=1e-7)
    for name, value in facts("survival_recidivism/expected.json").items():
        assert result.summary[name] == pytest.approx(value, rel=1e-7), name


@pytest.mark.parametrize(
    ("model", "expected", "file", "params", "tolerance"),
    [
        ("snaive", "snaive_4weekly", "4weekly", {}, 1e-9),
        ("naive", "naive_4weekly", "4weekly", {}, 1e-9),
        ("drift", "drift_4weekly", "4weekly", {}, 1e-9),
        ("ets_ANN", "ets_ANN_4weekly", "4weekly", {}, 0.001),
        ("theta", "theta_4weekly", "4weekly", {}, 0.001),
        ("ets_MAM", "ets_MAM_air", "airpassengers", {"season": 12}, 0.05),
        ("arima_011_011", "arima_011_011_logair", "airpassengers", {"season": 12, "log": "true"}, 0.001),
    ],
)
def test_plain_forecasts_agree_with_the_reference(model, expected, file, params, tolerance):
    series = as_text(f"forecast_baselines/input_{file}.csv")
    theirs = as_numbers("forecast_baselines/expected.csv").filter(model=expected)
    ours = rows_of(run("forecast_baselines", {"model": model, **params}, series=series))[: theirs.height]
    for column in ("h", "mean", "lo80", "hi80", "lo95", "hi95"):
        assert ours[column].to_numpy() == pytest.approx(theirs[column].to_numpy(), rel=tolerance, abs=1e-9)


def test_unit_costs_are_read_as_they_stand_and_the_loose_one_is_named():
    costs = as_text("cost_benefit_unit_costs/unit_costs_2015_16_prices.csv")
    result = run("cost_benefit_unit_costs", costs=costs)
    found = dict(rows_of(result).select("offence", "unit_cost").iter_rows())
    assert (found["violence_with_injury"], found["robbery"], found["rape"]) == (14_050, 11_320, 39_360)
    assert found["homicide"] == pytest.approx(3_217_740, rel=0.01)
    assert result.summary["base_year"] == "2015/16"
    assert any("homicide" in said for said in result.warnings)


def test_california_without_its_tobacco_law_is_the_mix_of_the_literature():
    # Arkhangelsky et al., American Economic Review 111(12), 2021, table 1: synthetic control -19.6 packs a head.
    panel = pl.read_csv(SHARED / "data/evaluation/california_prop99.csv", separator=";", infer_schema=False)
    headings = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita"}
    found = run("synthetic_control", headings, panel=panel).summary
    assert found["att"] == pytest.approx(-19.6, abs=0.2)
    assert {"Utah", "Montana", "Nevada", "Connecticut"} <= set(found["weights"])
    assert found["placebo_pvalue"] < 0.1
