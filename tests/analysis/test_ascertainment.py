"""Two lists and three: published results, hand calculations, another implementation, and what must always hold."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.analysis import methods
from upstander.analysis.errors import MissingColumn, TooFewPoints, UnfitNumbers
from upstander.analysis.overlap.fellegi_sunter import fellegi_sunter
from upstander.analysis.overlap.frequencies import chao_lower_bound, zelterman
from upstander.analysis.overlap.log_linear import (
    PATTERNS,
    averaged,
    bootstrap_interval,
    model_names,
    three_source,
)
from upstander.analysis.overlap.two_source import exact_interval, two_source

COUNTS = [3, 34, 20, 409, 38, 555, 632]
PATTERN_ROWS = {"c1": [1, 1, 0], "c2": [1, 0, 1], "c3": [0, 1, 1], "freq": [5, 6, 7]}


def run(name: str, params: dict | None = None, **inputs: dict | pl.DataFrame) -> methods.Result:
    frames = {role: pl.DataFrame(frame) for role, frame in inputs.items()}
    return methods.run(methods.ALL[name], frames, params or {}, seed=1)


def rows_of(result: methods.Result) -> pl.DataFrame:
    return pl.DataFrame(list(result.rows), infer_schema_length=None)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60))
def test_no_limit_but_walds_lies_below_what_was_seen(alone, other, both):
    row = two_source(alone + both, other + both, both).row(0, named=True)
    for low, high in (("lo_lognormal", "hi_lognormal"), ("lo_logit", "hi_logit"), ("lo_exact", "hi_exact")):
        assert row["seen"] <= row[low] + 1e-9
        assert row[low] <= row["chapman"] + 1e-9 or low == "lo_logit"
        assert row[low] <= row[high] + 1e-9


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_exact_limits_are_the_first_totals_that_the_overlap_does_not_exclude(n1, n2, data):
    from scipy.stats import hypergeom

    m = data.draw(st.integers(0, min(n1, n2)))
    found = exact_interval(n1, n2, m, confidence=0.893)
    low = int(found.low[0])
    assert low == next(total for total in range(n1 + n2 - m, 5000) if hypergeom.cdf(m, total, n1, n2) > 0.0535)
    if m:
        high = int(found.high[0])
        assert hypergeom.sf(m - 1, high, n1, n2) > 0.0535
        assert hypergeom.sf(m - 1, high + 1, n1, n2) <= 0.0535


def test_few_shared_events_give_a_lower_bound_only():
    result = run("chapman", lists={"n1": [50, 50], "n2": [40, 40], "m": [6, 7]})
    assert rows_of(result)["read_as"].to_list() == ["lower bound only", "estimate"]
    assert result.warnings[0].startswith("1 rows share under 7")


@pytest.mark.parametrize("counts", [(1, 1, 2), (-1, 3, 0), (0, 0, 0), (2, 2, -1)])
def test_counts_of_two_lists_that_cannot_be_are_refused(counts):
    with pytest.raises(UnfitNumbers):
        two_source(*counts)


def test_the_eight_models_are_written_as_in_the_literature():
    assert model_names()[0] == "A+B+C"
    assert model_names()[-1] == "A*B+A*C+B*C"
    assert len(set(model_names())) == 8


@pytest.mark.filterwarnings("ignore::Warning")
@given(st.lists(st.integers(1, 400), min_size=7, max_size=7))
def test_three_lists_agree_with_statsmodels(counts):
    import statsmodels.api as sm

    found = three_source(counts).models
    seen = np.array(PATTERNS, dtype=float)
    pairs = {"A*B": seen[:, 0] * seen[:, 1], "A*C": seen[:, 0] * seen[:, 2], "B*C": seen[:, 1] * seen[:, 2]}
    for row in found.iter_rows(named=True):
        terms = [pairs[part] for part in row["model"].split("+") if part in pairs]
        design = np.column_stack([np.ones(7), seen, *terms])
        fit = sm.GLM(np.array(counts), design, family=sm.families.Poisson()).fit(tol=1e-12)
        assert row["missed"] == pytest.approx(np.exp(fit.params[0]), rel=1e-5)
        assert row["se_log_missed"] == pytest.approx(fit.bse[0], rel=1e-5)
        assert row["AIC"] == pytest.approx(fit.aic, abs=1e-5)


def test_the_order_of_rows_and_the_names_of_lists_do_not_matter_to_the_average():
    patterns = pl.DataFrame([(*pattern, count) for pattern, count in zip(PATTERNS, COUNTS, strict=True)],
                            schema=["c1", "c2", "c3", "freq"], orient="row")  # fmt: skip
    one = run("capture_recapture_three_source", patterns=patterns)
    other = run("capture_recapture_three_source", patterns=patterns.reverse().rename({"c1": "c3", "c3": "c1"}))
    assert one.summary["N_model_averaged"] == pytest.approx(other.summary["N_model_averaged"], rel=1e-9)


def test_events_one_a_row_count_like_counted_patterns():
    one_a_row = pl.DataFrame({"c1": [1, 1, 0, 1, 0, 0], "c2": [1, 0, 1, 0, 1, 0], "c3": [1, 0, 1, 1, 0, 1]})
    counted = run("capture_recapture_three_source", patterns=one_a_row.with_columns(freq=pl.Series([2, 3, 2, 2, 3, 3])))
    listed = one_a_row[[0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5]]
    assert run("capture_recapture_three_source", patterns=listed).rows == counted.rows


def test_a_model_whose_cells_are_empty_says_so_and_has_no_estimate():
    result = run(
        "capture_recapture_three_source",
        patterns={
            "c1": [1, 0, 1, 1, 0, 0], "c2": [0, 1, 1, 0, 1, 0], "c3": [1, 1, 0, 0, 0, 1], "freq": [9, 8, 0, 30, 30, 30],
        },
    )  # fmt: skip
    assert rows_of(result)["N"].is_null().any()
    assert "have no estimate" in result.warnings[0]


def test_lists_that_share_nothing_have_no_estimate_at_all():
    result = run("capture_recapture_three_source", patterns={"c1": [1, 0, 0], "c2": [0, 1, 0], "c3": [0, 0, 1]})
    assert result.as_json()["summary"]["N_model_averaged"] is None
    assert result.warnings == ("No model has an estimate: hardly any event is on two lists.",)


@pytest.mark.parametrize(
    ("wrong", "patterns"),
    [
        (UnfitNumbers, {**PATTERN_ROWS, "c1": [2, 1, 0]}),
        (UnfitNumbers, {**PATTERN_ROWS, "c1": [1, 1, 0], "c2": [1, 0, 0], "c3": [0, 1, 0]}),
        (TooFewPoints, {"c1": [1, 1], "c2": [0, 1], "c3": [0, 0]}),
        (MissingColumn, {"c1": [1], "c2": [1]}),
    ],
)
def test_patterns_that_do_not_fit_are_refused(wrong, patterns):
    with pytest.raises(wrong):
        run("capture_recapture_three_source", patterns=patterns)


def test_the_profile_interval_holds_the_estimate_and_is_near_the_log_normal_one():
    models = three_source(COUNTS).models
    assert (models["lo_profile"] < models["N"]).all()
    assert (models["hi_profile"] > models["N"]).all()
    assert models["hi_profile"][0] == pytest.approx(models["hi_lognormal"][0], rel=0.02)


def test_many_tables_at_once_are_averaged_as_one_by_one():
    tables = np.random.default_rng(3).poisson(40, (20, 7)) + 1
    assert averaged(tables) == pytest.approx([three_source(table).by_aic for table in tables], rel=1e-8)


def test_the_bootstrap_repeats_itself_and_never_falls_below_what_was_seen():
    one = bootstrap_interval(COUNTS, 12_064, replicates=500, seed=4)
    assert one == bootstrap_interval(COUNTS, 12_064, replicates=500, seed=4)
    assert sum(COUNTS) <= one[0] < 12_064 < one[1]
    assert bootstrap_interval([3, 4, 0, 1, 2, 1, 0], 11.3, replicates=300, seed=1)[0] >= 11


def test_chao_and_zelterman_by_hand():
    assert chao_lower_bound([1, 2], [200, 25]).total == 225 + 800
    assert chao_lower_bound([1, 2], [200, 25], occasions=2).total == 225 + 400
    assert chao_lower_bound([1, 3], [10, 2]).total == 12 + 45
    # Böhning 2008: treatment episodes of methamphetamine users in Bangkok, 3,345 seen.
    often = [3114, 163, 23, 20, 9, 3, 3, 3, 4, 3]
    assert chao_lower_bound(range(1, 11), often).total == pytest.approx(33_090, abs=1)
    assert zelterman(range(1, 11), often).total == pytest.approx(3345 / (1 - np.exp(-2 * 163 / 3114)), abs=1e-6)


def test_zelterman_says_nothing_where_none_was_seen_twice():
    result = run("zelterman", frequencies={"times": [1], "count": [9]})
    assert result.as_json()["rows"][0]["N"] is None
    assert "nothing can be estimated" in result.warnings[0]


def test_frequencies_of_the_never_seen_are_refused():
    with pytest.raises(UnfitNumbers, match="once or more"):
        chao_lower_bound([0, 1], [5, 5])


def patterns_of(m: list[float], u: list[float], share: float) -> tuple[np.ndarray, np.ndarray]:
    gamma = np.array(list(product((0, 1), repeat=len(m))), dtype=float)
    chance = [np.prod(np.where(gamma == 1, p, 1 - np.array(p)), axis=1) for p in (m, u)]
    return gamma, 10_000 * (share * chance[0] + (1 - share) * chance[1])


@given(st.lists(st.floats(0.75, 0.98), min_size=4, max_size=4), st.lists(st.floats(0.02, 0.3), min_size=4, max_size=4),
       st.floats(0.1, 0.9))  # fmt: skip
def test_em_recovers_what_patterns_were_made_from(m, u, share):
    found = fellegi_sunter(*patterns_of(m, u, share), most_rounds=100_000)
    assert found.m == pytest.approx(m, abs=1e-4)
    assert found.u == pytest.approx(u, abs=1e-4)
    assert found.share == pytest.approx(share, abs=1e-4)


def test_links_that_changed_places_are_named_anew():
    gamma, pairs = patterns_of([0.9, 0.8, 0.85], [0.1, 0.2, 0.05], 0.3)
    found = fellegi_sunter(gamma, pairs, m=0.1, u=0.9)
    assert found.switched
    assert found.m == pytest.approx([0.9, 0.8, 0.85], abs=1e-5)
    assert found.share == pytest.approx(0.3, abs=1e-5)


def test_what_was_not_compared_counts_neither_way():
    gamma, pairs = patterns_of([0.9, 0.8, 0.85, 0.9], [0.1, 0.2, 0.05, 0.3], 0.3)
    blind = np.vstack([gamma, np.full((1, 4), np.nan)])
    found = fellegi_sunter(blind, np.append(pairs, 500.0))
    assert found.m == pytest.approx([0.9, 0.8, 0.85, 0.9], abs=1e-5)
    assert found.posterior[-1] == pytest.approx(found.share)


def test_two_columns_are_too_few_to_tell_links_from_others():
    with pytest.raises(TooFewPoints, match="3 or more"):
        fellegi_sunter([[1, 0]], [5])
