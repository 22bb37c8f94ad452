"""Published results through the stable door: `upstander method run … --json` agrees with each oracle's README."""

import json
from pathlib import Path

import polars as pl
import pytest

from analysis.oracles import ORACLES, as_numbers, as_text
from cli.conftest import Keyboard
from shared_data import needs_shared

pytestmark = [needs_shared, pytest.mark.oracle]


def rows_of(types: Keyboard, name: str, *words: object) -> pl.DataFrame:
    """What the method answers, one row a row; its envelope is the agreed one."""
    said = types("method", "run", name, *words, "--json")
    assert said.code == 0, said.err
    told = said.json
    assert set(told) == {"method", "version", "parameters", "source", "seed", "rows", "summary", "warnings"}
    assert told["method"] == name
    return pl.DataFrame(told["rows"], infer_schema_length=None)


def largest(found: pl.Series, wanted: pl.Series) -> float:
    """The largest difference; the two must be absent in the same places."""
    assert (found.is_null() == wanted.is_null()).all()
    return float((found - wanted).abs().max() or 0.0)  # type: ignore[arg-type]


def test_windows_across_midnight_agree_with_the_oracle(types: Keyboard) -> None:
    wanted = as_numbers("temporal_windows/input_expected.csv")
    found = rows_of(types, "temporal_windows", "--input", ORACLES / "temporal_windows" / "input_expected.csv")
    assert found["calendar_dow"].to_list() == wanted["calendar_dow"].to_list()
    assert found["hour"].to_list() == wanted["hour"].to_list()
    assert found["in_hours"].cast(pl.Int64).to_list() == wanted["in_20_02"].to_list()
    assert found["in_window"].cast(pl.Int64).to_list() == wanted["saturday_2000_0200"].to_list()
    assert found["night_of"].to_list() == wanted["night_of"].to_list()
    print(f"temporal_windows: {wanted.height} rows, all exact")


def test_aoristic_weights_agree_with_the_oracle(types: Keyboard) -> None:
    wanted = as_numbers("aoristic/expected_weights.csv")
    found = rows_of(types, "aoristic", "--input", ORACLES / "aoristic" / "input.csv")
    found = found.with_columns(pl.col("id").cast(pl.Int64))
    assert found.select("id", "hour_of_week_sun0").rows() == wanted.select("id", "hour_of_week_sun0").rows()
    difference = largest(found["weight"], wanted["weight"])
    print(f"aoristic: {wanted.height} weights, largest difference {difference:.1e}")
    assert difference <= 1e-9
    assert found.group_by("id").agg(pl.col("weight").sum())["weight"].to_list() == pytest.approx([1.0] * 9, abs=1e-9)


def test_gi_star_agrees_with_the_oracle(types: Keyboard) -> None:
    folder = ORACLES / "gi_star"
    wanted = as_numbers("gi_star/expected.csv").sort("i")
    found = rows_of(
        types, "gi_star", "--input", f"values={folder / 'input.csv'}", "--input",
        f"neighbours={folder / 'queen_neighbours.csv'}", "--param", "value=rate74",
    ).with_columns(pl.col("i").cast(pl.Int64)).sort("i")  # fmt: skip
    columns = ("gi_star_z", "gi_z", "p_two_sided", "p_fdr_bh", "p_bonf")
    differences = {column: largest(found[column], wanted[column]) for column in columns}
    print(f"gi_star: {wanted.height} counties, largest difference {max(differences.values()):.1e}")
    assert max(differences.values()) <= 1e-10
    assert (found["p_fdr_bh"] < 0.05).sum() == 2
    assert (found["p_two_sided"] < 0.05).sum() == 12


@pytest.mark.parametrize(
    ("cases", "params"),
    [
        (("a_rnorm", "b_outlier_screened", "c_shift_trend", "d_two_of_three"), ()),
        (("b_outlier_unscreened",), ("--param", "screen_outliers=false")),
        (("c_fixed12",), ("--param", "baseline_points=12")),
    ],
)
def test_process_charts_by_the_making_data_count_rules(
    cases: tuple[str, ...], params: tuple[str, ...], types: Keyboard
) -> None:
    path = "spc_xmr_nhs_making_data_count/expected.csv"
    wanted = as_numbers(path).filter(pl.col("case").is_in(cases))
    found = rows_of(types, "spc_xmr_nhs_making_data_count", "--input", ORACLES / path, *params)
    found = found.filter(pl.col("case").is_in(cases))
    differences = [largest(found[column], wanted[column]) for column in ("mean", "lpl", "upl")]
    print(f"spc_xmr_nhs_making_data_count, {cases}: {wanted.height} points, largest difference {max(differences):.1e}")
    assert wanted.height > 0
    assert max(differences) <= 1e-6
    for column in ("case", "i", "special_cause", "point_type"):
        assert found[column].to_list() == wanted[column].to_list(), column


def test_keyed_hashes_agree_with_the_published_vectors(types: Keyboard) -> None:
    wanted = as_text("hmac_rfc4231/vectors.csv")
    found = rows_of(types, "hmac_rfc4231", "--input", ORACLES / "hmac_rfc4231" / "vectors.csv")
    assert wanted.height > 4
    assert found["hmac_sha256"].to_list() == wanted["hmac_sha256"].to_list()
    print(f"hmac_rfc4231: {wanted.height} vectors, all exact")


def test_nhs_numbers_check_as_the_oracle_says_and_placeholders_are_refused(types: Keyboard) -> None:
    wanted = as_text("hmac_rfc4231/nhs_number_mod11.csv")
    found = rows_of(types, "nhs_number", "--input", ORACLES / "hmac_rfc4231" / "nhs_number_mod11.csv")
    assert found["valid_checksum"].cast(pl.String).to_list() == wanted["valid_checksum"].str.to_lowercase().to_list()
    refused = found.filter(pl.col("valid_checksum") & pl.col("canonical").is_null())["nhs_number"]
    assert {"9999999999", "0000000000"} <= {*refused}
    assert {*refused} == {*found.filter("is_placeholder")["nhs_number"]}
    print(f"hmac_rfc4231, NHS numbers: {wanted.height}, all exact; {refused.len()} placeholders refused")


def test_drift_agrees_with_the_oracle(types: Keyboard, tmp_path: Path) -> None:
    folder = ORACLES / "drift_psi_ks"
    wanted = json.loads((folder / "expected.json").read_text("utf-8"))
    shares = tmp_path / "shares.csv"
    pl.DataFrame({"p": wanted["cat"]["p"], "q": wanted["cat"]["q"]}).write_csv(shares)
    said = types(
        "method", "run", "drift_psi_ks", "--input", f"reference={folder / 'reference.csv'}",
        "--input", f"current={folder / 'current.csv'}", "--input", f"shares={shares}", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    told = said.json["summary"]
    pairs = [(told[name], wanted[name]) for name in ("psi", "ks", "ks_p_asymp")]
    pairs += [
        (told["psi_of_shares"], wanted["cat"]["psi"]),
        *zip(told["decile_edges"], wanted["decile_edges"], strict=True),
    ]
    difference = max(abs(found - right) for found, right in pairs)
    print(f"drift_psi_ks: {len(pairs)} numbers, largest difference {difference:.1e}")
    assert difference <= 1e-9


def test_string_similarities_agree_with_the_published_table(types: Keyboard) -> None:
    path = "string_similarity/winkler1994_table.csv"
    wanted = as_numbers(path)
    found = rows_of(types, "string_similarity", "--input", ORACLES / path)
    differences = {
        f"{metric}, {source}": largest(found[name], wanted[f"{short}_{source}"])
        for name, metric, short in (("jaro", "Jaro", "jaro"), ("jaro_winkler", "Jaro-Winkler", "jw"))
        for source in ("published", "rapidfuzz")
    }
    assert wanted.height == 11
    assert found["levenshtein"].to_list() == wanted["levenshtein"].to_list()
    print(f"string_similarity: {wanted.height} pairs, largest difference {max(differences.values()):.1e}")
    assert max(differences.values()) <= 5e-4
