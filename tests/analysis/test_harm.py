"""Crime harm: one version of weights, never without the count and without homicide, honest about what did not occur."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from shared_data import SHARED, needs_shared
from upstander.analysis import methods
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.measures.harm import crime_harm
from upstander.analysis.measures.limits import exact_poisson
from upstander.analysis.methods import ALL, Result
from upstander.errors import WrongUsage

OFFENCES = {"area": ["a", "a", "b"], "code": ["assault", "murder", "assault"], "count": [3, 1, 2]}
WEIGHTS = {"code": ["assault", "murder"], "weight": [10.0, 5000.0], "homicide": [False, True]}
ONE = np.zeros(1, dtype=np.int64)


def run(params: dict[str, str] | None = None, **inputs: object) -> Result:
    frames = {"offences": OFFENCES, "weights": WEIGHTS} | inputs
    told = {role: each if isinstance(each, pl.DataFrame) else pl.DataFrame(each) for role, each in frames.items()}
    return methods.run(ALL["crime_harm"], told, params or {}, seed=1)


@given(st.integers(0, 400), st.floats(0.5, 8000))
def test_offences_of_one_weight_have_exact_limits_times_that_weight(count, weight):
    limits = crime_harm([count], [weight], ONE, 1).limits(0.95, heaviest=weight)
    exact = exact_poisson([float(count)])
    assert limits.low[0] == pytest.approx(exact.low[0] * weight, rel=1e-9)
    assert limits.high[0] == pytest.approx(exact.high[0] * weight, rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from([1.0, 10.0, 184.0, 5000.0])), min_size=1, max_size=9))
def test_gamma_limits_are_those_of_fay_and_feuer_and_hold_the_score(rows):
    counts, weights = np.array(rows, dtype=float).T
    harm = crime_harm(counts, weights, np.zeros(len(rows), dtype=np.int64), 1)
    limits = harm.limits(0.95, heaviest=5000)
    y, v = float(counts @ weights), float(counts @ weights**2)
    high = (v + 5000**2) / (2 * (y + 5000)) * chi2.ppf(0.975, 2 * (y + 5000) ** 2 / (v + 5000**2))
    assert limits.high[0] == pytest.approx(high, rel=1e-9)
    assert limits.low[0] == pytest.approx(v / (2 * y) * chi2.ppf(0.025, 2 * y**2 / v) if y else 0, rel=1e-9)
    assert limits.low[0] <= harm.score[0] <= limits.high[0]


@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order):
    rows = pl.DataFrame({"area": list("aabbcc"), "code": ["assault", "murder"] * 3, "count": [3, 1, 4, 0, 0, 2]})
    one = {row["area"]: row for row in run(offences=rows).rows}
    assert {row["area"]: row for row in run(offences=rows[list(order)]).rows} == one


def test_harm_stands_beside_the_count_and_the_harm_without_homicide():
    first, second = run().rows
    assert (first["count"], first["homicides"], first["harm"], first["harm_without_homicide"]) == (4, 1, 5030, 30)
    assert (second["count"], second["harm"], second["harm_without_homicide"]) == (2, 20, 20)
    assert second["harm_high"] > 5000 > second["harm_without_homicide_high"]


def test_an_offence_without_a_weight_is_told_and_is_in_the_count():
    result = run(offences={"code": ["assault", "new offence"], "count": [1, 4]})
    assert (result.rows[0]["count"], result.rows[0]["unweighted"], result.rows[0]["harm"]) == (5, 4, 10)
    assert result.warnings == ("4 offences have no weight and are in no score.",)


def test_offences_without_an_area_are_a_group_of_their_own_and_are_not_lost():
    rows = run(offences={"area": ["a", ""], "code": ["assault", "assault"], "count": [1, 2]}).rows
    assert [(row["area"], row["count"]) for row in rows] == [("a", 1), (None, 2)]


def test_weights_that_do_not_say_what_is_homicide_are_refused():
    unmarked = {"code": WEIGHTS["code"], "weight": WEIGHTS["weight"]}
    with pytest.raises(MissingColumn, match="which codes are homicide"):
        run(weights=unmarked)
    assert run({"homicide_codes": "murder"}, weights=unmarked).rows == run().rows


def test_one_version_of_the_weights_must_be_named():
    both = {name: values * 2 for name, values in WEIGHTS.items()} | {"version": ["2016", "2016", "2023", "2023"]}
    with pytest.raises(WrongUsage, match="One version") as refused:
        run(weights=both)
    assert refused.value.expected == "2016, 2023"
    assert run({"version": "2023"}, weights=both).summary["version"] == "2023"
    with pytest.raises(WrongUsage, match="One version"):
        run({"version": "1999"}, weights=both)


def test_weights_in_force_on_the_day_are_taken():
    weights = {"code": ["assault"] * 2, "weight": [10.0, 12.0], "homicide": [False] * 2,
               "starts": ["2016-04-01", "2023-04-01"], "ends": ["2023-03-31", ""]}  # fmt: skip
    offences = {"code": ["assault"], "count": [1]}
    assert run({"at": "2020-01-01"}, weights=weights, offences=offences).rows[0]["harm"] == 10
    assert run({"at": "2026-01-01"}, weights=weights, offences=offences).rows[0]["harm"] == 12
    with pytest.raises(UnfitNumbers, match="two weights"):
        run(weights=weights, offences=offences)
    with pytest.raises(WrongUsage, match="not a date"):
        run({"at": "last year"}, weights=weights, offences=offences)


def test_a_rate_is_per_person_year_of_the_population_named():
    people = {"area": ["a", "b"], "population": [1000, 500]}
    result = run({"years": "2", "multiplier": "1000", "population": "visitor"}, population=people)
    assert [row["rate_of_harm"] for row in result.rows] == [2515, 20]
    assert [row["rate_of_count"] for row in result.rows] == [2, 2]
    assert {row["population"] for row in result.rows} == {"visitor"}
    with pytest.raises(UnfitNumbers, match="no population"):
        run(population={"area": ["a"], "population": [1000]})


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [
        ({"offences": {"code": ["assault"], "count": [-1]}}, UnfitNumbers),
        ({"weights": WEIGHTS | {"weight": [-1.0, 1.0]}}, UnfitNumbers),
        ({"offences": pl.DataFrame(schema={"code": pl.String, "count": pl.Int64})}, TooFewPoints),
    ],
)
def test_what_cannot_be_weighed_is_refused(inputs, wrong):
    with pytest.raises(wrong):
        run(**inputs)


@needs_shared
def test_the_weights_of_the_crime_severity_score_fit_the_schema():
    listed = pl.read_csv(SHARED / "data/harm/PSD-policeuk-ons-code-join.csv", infer_schema=False)
    weights = listed.select(
        code="ONS_COUNTS_code", weight="ONS_SEVERITY_weight", homicide=pl.col("ONS_SEVERITY_offence") == "Homicide"
    ).unique("code", maintain_order=True)
    result = run(weights=weights, offences={"code": ["1", "4.1", "2"], "count": [1, 1, 1]})
    (row,) = result.rows
    assert row["homicides"] == 2
    assert row["harm"] - row["harm_without_homicide"] == pytest.approx(2 * 7973.393423)
