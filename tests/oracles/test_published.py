"""Results printed in papers, books and manuals, recomputed by `upstander method run`. Each says where it is printed."""

import polars as pl
import pytest

from oracles.asking import answer
from shared_data import SHARED, needs_shared

pytestmark = pytest.mark.oracle


@pytest.fixture(scope="module")
def california() -> pl.DataFrame:
    """Packs of cigarettes a head, 39 states, 1970 to 2000."""
    return pl.read_csv(SHARED / "data/evaluation/california_prop99.csv", separator=";", infer_schema=False)


@needs_shared
def test_the_ban_on_smoking_in_sicily_has_the_ratios_of_the_tutorial() -> None:
    # Lopez Bernal, Cummins and Gasparrini, International J. Epidemiology 46(1), 2017: 0.894, with seasons 0.885.
    told = answer("its_sicily", {"series": "its_sicily/input.csv"}).summary
    assert (told["rr_smokban_m1"], told["rr_smokban_m3"]) == pytest.approx((0.894, 0.885), abs=5e-4)


@needs_shared
def test_california_without_its_tobacco_law_is_the_mix_of_the_literature(california: pl.DataFrame) -> None:
    # Arkhangelsky et al., American Economic Review 111(12), 2021, table 1: synthetic control -19.6 packs a head.
    headings = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita"}
    found = answer("synthetic_control", {"panel": california}, headings).summary
    assert found["att"] == pytest.approx(-19.6, abs=0.2)
    assert {"Utah", "Montana", "Nevada", "Connecticut"} <= set(found["weights"])
    assert found["placebo_pvalue"] < 0.1


@needs_shared
def test_california_against_all_other_states_is_as_published(california: pl.DataFrame) -> None:
    # The same table: difference in differences -27.3 (17.7).
    headings = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita"}
    (row,) = answer("difference_in_differences", {"panel": california}, headings).rows.rows(named=True)
    assert row["effect"] == pytest.approx(-27.35, abs=0.01)
    assert row["se"] == pytest.approx(17.7, abs=1.0)


# fmt: off
SIX_MP = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]  # weeks in remission
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TIMES = "6, 7, 10, 13, 16, 22, 23"
# fmt: on


def test_remission_of_leukaemia_is_as_the_textbooks_print_it() -> None:
    # Freireich et al., Blood 21, 1963, in Kleinbaum and Klein, Survival Analysis, 3rd edition 2012, chapters 1 to 3:
    # the curve of table 2.2, log-rank 16.79, medians 23 and 8 weeks, Cox 1.572 (0.412).
    cohort = {
        "weeks": SIX_MP + PLACEBO, "relapse": RELAPSED + [1] * 21, "arm": ["6-MP"] * 21 + ["placebo"] * 21,
        "placebo": [0] * 21 + [1] * 21,
    }  # fmt: skip
    asked = {
        "time": "weeks",
        "event": "relapse",
        "group": "arm",
        "covariates": "placebo",
        "times": "6,7,10,13,16,22,23",
    }
    told = answer("survival_recidivism", {"cohort": cohort}, asked)
    curve = told.rows.filter(table="kaplan_meier", group="arm=6-MP")
    assert curve["surv"].to_list() == pytest.approx([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5)
    assert curve["n_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    assert told.summary["logrank_chisq"] == pytest.approx(16.793, abs=5e-4)
    assert told.summary["median"] == {"arm=6-MP": 23, "arm=placebo": 8}
    (cox,) = told.rows.filter(table="cox").rows(named=True)
    assert (cox["coef"], cox["se"]) == pytest.approx((1.572, 0.412), abs=5e-4)


def test_wilson_limits_are_those_of_newcombe() -> None:
    # Newcombe, Statistics in Medicine 17, 1998, p. 861, table I, method 3.
    counts = {"x": [81, 15, 0, 1], "n": [263, 148, 20, 29]}
    found = answer("rates_ci_byar_wilson_exact", {"counts": counts}, {"method": "wilson"}).rows
    assert found["lowercl"].to_list() == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=5e-5)
    assert found["uppercl"].to_list() == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=5e-5)


def test_exact_limits_of_counts_are_those_of_garwood() -> None:
    # Garwood, Biometrika 28, 1936, p. 439, to two decimals.
    asked = {"method": "exact"}
    found = answer("rates_ci_byar_wilson_exact", {"counts": {"x": [5, 10, 20]}}, asked).rows
    assert found["lowercl"].to_list() == pytest.approx([1.62, 4.80, 12.22], abs=5e-3)
    assert found["uppercl"].to_list() == pytest.approx([11.67, 18.39, 30.89], abs=5e-3)


def test_cottontail_rabbits_marked_and_seen_again_come_to_164() -> None:
    # Pollock, Nichols, Brownie and Hines, Wildlife Monographs 107, 1990: 87 marked, 14 caught, 7 of them marked.
    (row,) = answer("chapman", {"lists": {"n1": [87], "n2": [14], "m": [7]}}).rows.rows(named=True)
    assert (row["chapman"], row["var"]) == pytest.approx((164, 1283.33), abs=5e-3)
    assert (row["lo95_wald"], row["hi95_wald"]) == pytest.approx((94, 234), abs=0.5)


def test_of_135_rabbits_in_a_pen_of_which_76_were_caught_the_lower_bound_is_134() -> None:
    # Edwards and Eberhardt, J. Wildlife Management 31, 1967: how often each was caught; 135 had been put in.
    caught = {"times": [1, 2, 3, 4, 6, 7], "count": [43, 16, 8, 6, 2, 1]}
    (row,) = answer("chao_lower_bound", {"frequencies": caught}).rows.rows(named=True)
    assert row["seen"] == 76
    assert row["N"] == pytest.approx(134, abs=0.5)
    assert row["low"] < 135 < row["high"]


def test_hepatitis_in_a_college_has_the_printed_estimates_of_two_models() -> None:
    # Chao, Tsay, Lin, Shau and Chao, Statistics in Medicine 20, 2001: three lists, 271 cases; independent lists 388,
    # all three pairs dependent 1,313, where a blood test later found 545.
    patterns = {
        "c1": [1, 1, 1, 1, 0, 0, 0], "c2": [1, 1, 0, 0, 1, 1, 0], "c3": [1, 0, 1, 0, 1, 0, 1],
        "freq": [28, 21, 17, 69, 18, 55, 63],
    }  # fmt: skip
    told = answer("capture_recapture_three_source", {"patterns": patterns})
    total = dict(told.rows.select("model", "N").iter_rows())
    assert told.summary["n"] == 271
    assert (total["A+B+C"], total["A*B+A*C+B*C"]) == pytest.approx((388, 1313), abs=0.5)


def test_discount_factors_are_those_of_the_green_book() -> None:
    # HM Treasury, The Green Book, 2022, annex 6, table of discount factors at 3.5%: years 1, 10, 20 and 30.
    costs = {"offence": ["robbery"], "unit_cost_gbp_2015_16": [10_000]}
    effects = {"offence": ["robbery"] * 4, "prevented": [1] * 4, "year": [1, 10, 20, 30]}
    found = answer("cost_benefit_unit_costs", {"costs": costs, "effects": effects})
    assert found.rows["benefit"].to_list() == pytest.approx([9662, 7089, 5026, 3563], abs=0.5)


def test_a_ratio_of_3_9_would_take_something_unmeasured_of_7_26() -> None:
    # VanderWeele and Ding, Annals of Internal Medicine 167(4), 2017: the E-value of a risk ratio of 3.9.
    cohort = {
        "treated": [1] * 100 + [0] * 100, "outcome": [1] * 39 + [0] * 61 + [1] * 10 + [0] * 90,
        "age": list(range(100)) * 2,
    }  # fmt: skip
    found = answer("matched_cohort", {"cohort": cohort}, {"covariates": "age"}).summary
    assert (found["ratio"], found["e_value"]) == pytest.approx((3.9, 7.26), abs=5e-3)
