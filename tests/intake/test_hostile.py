"""The corpus of bad CSV files: the reaction each must get, for the kinds that a file alone decides.

Left out: what needs an earlier delivery, a control file or a reference (repeats between files, drift, places),
and the cases whose event lies after its recording, which the corpus wants loaded and a rule here keeps back.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from intake.desk import read_bytes
from shared_data import SHARED, needs_shared

ANSWERED = (
    "enc_utf8_bom", "enc_utf16_be_nobom", "enc_cp1252", "enc_nul_bytes", "enc_invalid_utf8", "enc_ebcdic",
    "enc_bom_and_header_midfile", "enc_zero_width_bidi", "enc_homoglyph_ids", "enc_empty", "enc_whitespace_only",
    "enc_pdf_named_csv", "enc_gzip_named_csv", "csv_semicolon", "csv_pipe", "csv_mixed_delims", "csv_mixed_eol",
    "csv_unbalanced_quote", "csv_ragged", "csv_unquoted_comma_shift", "csv_no_header", "csv_header_only",
    "csv_totals_footer", "csv_10k_columns", "csv_one_50mb_line", "csv_million_blank_lines", "csv_header_case_nbsp",
    "drift_missing_required", "drift_extra_not_in_dsa", "drift_new_code", "seq_exact_dup_rows",
    "seq_conflicting_dup_ids", "inj_formula", "inj_sql", "inj_template_and_lookup", "inj_log_ansi", "inj_prompt",
    "inj_eicar", "date_30_years_old", "date_future", "date_two_digit_year", "date_us_uk_mixed", "time_dst_nonexistent",
    "time_all_midnight", "date_impossible", "dob_after_incident", "dob_default", "recorded_before_occurred",
    "postcode_o_zero", "postcode_pseudo", "coords_null_island", "ids_scientific", "numbers_locale", "null_spellings",
    "drift_codelist_renumbered", "postcode_all_police_hq", "coords_swapped", "ids_leading_zero_lost",
    "poison_one_person", "poison_one_ward", "people_named_null", "people_long_and_mononym",
    "people_test_records", "sdc_village_single", "canary_rows",
)  # fmt: skip
PERSONAL = ("Adeyemi", "Kowalska", "Canary", "07700 900123", "943 476 5919", "Acacia", "Wolfeschlegel", "P000001")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, str(SHARED / "hostile" / "gen.py"), str(folder), "--only", *ANSWERED]
    subprocess.run(command, check=True, capture_output=True)
    cases = json.loads((folder / "manifest.json").read_text())
    return {case["name"]: case | {"folder": folder} for case in cases}


@needs_shared
@pytest.mark.parametrize("name", ANSWERED)
def test_a_bad_file_gets_its_reaction_and_its_words(name: str, corpus: dict[str, dict[str, Any]]) -> None:
    case = corpus[name]
    sent = Path(case["folder"]) / case["files"][-1]["path"]
    result, tray = read_bytes(sent.read_bytes(), "hostile")
    assert result.outcome == case["reaction"], result.message
    assert case["message_must_contain"].lower() in result.message.lower()
    assert result.lines.adds_up
    assert result.outcome != "ROWQ" or tray.quarantined.height > 0
    said = result.message + " ".join(result.notes) + repr(result.mistakes)
    assert not [word for word in PERSONAL if word in said]
