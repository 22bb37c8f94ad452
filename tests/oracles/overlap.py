"""What one agency alone would miss: lists set beside one another, records compared, identifiers keyed."""

from collections.abc import Iterator

import polars as pl

from oracles.asking import answer
from oracles.comparing import Compared, labels, numbers
from oracles.reading import as_numbers, as_text, facts


def chapman() -> Iterator[Compared]:
    found, wanted = answer("chapman", {"lists": "chapman/expected.csv"}).rows, as_numbers("chapman/expected.csv")
    for column in wanted.columns:
        yield numbers(column, found[column], wanted[column], within=1e-9, is_relative=True)


def three_lists() -> Iterator[Compared]:
    folder = "capture_recapture_three_source"
    told, wanted = answer(folder, {"patterns": f"{folder}/input.csv"}), as_numbers(f"{folder}/expected.csv")
    yield labels("model", told.rows["model"], wanted["model"])
    for column in wanted.columns[1:]:
        # The saturated model leaves a deviance of 0, which both find to within rounding: no share can be taken.
        is_share = column != "deviance"
        within = 1e-6 if is_share else 1e-9
        yield numbers(column, told.rows[column], wanted[column], within=within, is_relative=is_share)
    average = facts(f"{folder}/expected_avg.json")
    for name in ("n", "N_model_averaged"):
        yield numbers(name, [told.summary[name]], [average[name]], within=1e-6, is_relative=True)


def linkage() -> Iterator[Compared]:
    told = answer("fellegi_sunter_em", {"patterns": "fellegi_sunter_em/pattern_counts.csv"})
    wanted = facts("fellegi_sunter_em/expected.json")
    posterior = wanted.pop("posterior_by_pattern")
    made_with = wanted.pop("known_generating")
    for name, values in wanted.items():
        as_list = values if isinstance(values, list) else [values]
        found = told.summary[name]
        yield numbers(name, found if isinstance(found, list) else [found], as_list, within=1e-9)
    for name, values in made_with.items():
        yield numbers(f"{name} that made the data", told.summary[name], values, within=1e-6)
    yield numbers("match probability", told.rows["match_probability"], posterior, within=1e-9)


def similarity() -> Iterator[Compared]:
    """The published table has three decimals; the reference implementation has all of them."""
    path = "string_similarity/winkler1994_table.csv"
    found, wanted = answer("string_similarity", {"pairs": path}).rows, as_numbers(path)
    for column, short in (("jaro", "jaro"), ("jaro_winkler", "jw")):
        yield numbers(f"{column}, published", found[column], wanted[f"{short}_published"], within=5e-4)
        yield numbers(f"{column}, reference", found[column], wanted[f"{short}_rapidfuzz"], within=1e-12)
    yield labels("levenshtein", found["levenshtein"], wanted["levenshtein"])


def keyed_hashes() -> Iterator[Compared]:
    """Two published placeholders pass the check of NHS numbers, and must be refused all the same."""
    vectors = "hmac_rfc4231/vectors.csv"
    found = answer("hmac_rfc4231", {"vectors": vectors}).rows
    yield labels("hmac_sha256", found["hmac_sha256"], as_text(vectors)["hmac_sha256"])
    path = "hmac_rfc4231/nhs_number_mod11.csv"
    checked = answer("nhs_number", {"numbers": path}).rows
    said = checked["valid_checksum"].cast(pl.String)
    yield labels("nhs_number: valid_checksum", said, as_text(path)["valid_checksum"].str.to_lowercase())
    refused = checked.filter(pl.col("valid_checksum") & pl.col("canonical").is_null())["nhs_number"]
    yield labels("nhs_number: refused", refused, checked.filter("is_placeholder")["nhs_number"])
    yield labels("nhs_number: placeholders are refused", [{"0000000000", "9999999999"} <= set(refused)], [True])
