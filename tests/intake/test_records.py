"""Record datasets read end to end: spells and their ends, kept numbers and dates, classes, roles and who is meant."""

import polars as pl
import pytest

from intake.desk import KEYS, read_bytes, variant, wall
from intake.records import CARE, HES, LISTED, PUPIL, ROWS, csv_of
from upstander import contracts
from upstander.contracts.codes import code_list, code_map
from upstander.contracts.readings import Outcome
from upstander.contracts.spellings import canonical_icd10
from upstander.intake import suppliers
from upstander.values.tokens import tokens


@pytest.mark.parametrize("name", ROWS)
def test_one_row_sent_is_the_one_row_kept_by_its_contract(name: str) -> None:
    sent, wanted = ROWS[name]
    result, tray = read_bytes(csv_of(sent), name)
    assert result.lines.accepted == 1, (result.message, result.mistakes)
    row = tray.accepted.row(0, named=True)
    assert {column: row[column] for column in wanted} == dict(wanted)
    contract = contracts.ALL[suppliers.load(name).dataset]
    assert tray.accepted.columns == [column.name for column in contracts.warehouse_columns(contract)]


@pytest.mark.parametrize("name", ROWS)
def test_no_name_number_or_birth_of_the_row_sent_is_in_the_row_kept(name: str) -> None:
    sent, _ = ROWS[name]
    contract, layout = contracts.ALL[suppliers.load(name).dataset], suppliers.load(name)
    personal = {column.name for column in contract.columns if column.identifies}
    _, tray = read_bytes(csv_of(sent), name)
    kept = {str(value) for value in tray.accepted.row(0)}
    assert not {text for heading, text in sent.items() if layout.columns.get(heading) in personal and text} & kept


def test_a_spell_without_an_end_goes_on_and_one_with_an_end_stops_there() -> None:
    ended = CARE | {"CHILD": "C2", "DEC": "11/05/2026", "REC": "E4A"}
    _, tray = read_bytes(csv_of(CARE, ended), "ssda903")
    assert tray.accepted["event_to_local"].to_list() == [None, wall(2026, 5, 11)]


def test_a_spell_whose_end_was_never_asked_for_does_not_end_on_the_day_it_began() -> None:
    never_asked = {heading: text for heading, text in CARE.items() if heading != "DEC"}
    _, tray = read_bytes(csv_of(never_asked), "ssda903")
    assert tray.accepted["event_to_local"].to_list() == [None]


def test_a_spell_that_ends_before_it_starts_is_kept_back() -> None:
    result, _ = read_bytes(csv_of(CARE, CARE | {"CHILD": "C2", "DEC": "10/05/2026"}), "ssda903")
    assert dict(result.quarantined_by_rule) == {"ends before it starts": 1}


def test_a_year_of_hospital_episodes_is_counted_by_the_day_they_ended() -> None:
    before = HES | {"EPIKEY": "500000000002", "EPISTART": "2026-03-01", "EPIEND": "2026-03-31"}
    result, tray = read_bytes(csv_of(HES, before), "hes", file_name="hes_FY2026.csv")
    assert result.quarantined_by_rule == (("outside the period", 1),)
    assert tray.accepted["event_from_local"].to_list() == [wall(2026, 3, 30)]
    assert result.covers is not None
    assert not result.covers.inferred


def test_an_unfinished_episode_and_a_self_inflicted_wound_are_set_aside_each_with_its_reason() -> None:
    unfinished = HES | {"EPIKEY": "2", "EPISTAT": "1"}
    by_own_hand = HES | {"EPIKEY": "3", "CAUSE": "X78.9"}
    unclear = HES | {"EPIKEY": "4", "CAUSE": "Y289"}
    result, _ = read_bytes(csv_of(HES, unfinished, by_own_hand, unclear), "hes")
    assert result.lines.accepted == 1
    assert dict(result.set_aside_by_reason) == {
        "an episode that is not finished is counted when it is": 1,
        "self-inflicted: not violence by another person": 1,
        "undetermined intent: not counted as an assault": 1,
    }


def test_the_nhs_number_makes_one_token_in_hospital_and_in_treatment_whatever_its_spelling() -> None:
    _, hospital = read_bytes(csv_of(HES), "hes")
    _, treatment = read_bytes(csv_of(ROWS["ndtms"][0]), "ndtms")
    assert hospital.accepted["person_token"].to_list() == tokens(KEYS["nhs_number"], ["9434765919"])
    assert treatment.accepted["person_token"].to_list() == hospital.accepted["person_token"].to_list()


def test_a_person_on_the_list_without_a_role_is_kept_back() -> None:
    no_role, unknown = LISTED | {"person_ref": "P2", "role": ""}, LISTED | {"person_ref": "P3", "role": "unknown"}
    victim = LISTED | {"person_ref": "P4", "role": "victim"}
    result, tray = read_bytes(csv_of(LISTED, no_role, unknown, victim), "knife_carriers")
    assert dict(result.quarantined_by_rule) == {"required and missing": 1, "code not in the codelist": 1}
    assert tray.accepted["role"].to_list() == ["suspect", "victim"]


def test_one_person_listed_as_victim_and_as_suspect_has_two_rows_that_stay_apart() -> None:
    result, tray = read_bytes(csv_of(LISTED, LISTED | {"role": "victim"}), "knife_carriers")
    assert result.outcome == Outcome.ACCEPT
    assert tray.accepted.select("person_token", "role").n_unique() == 2


def test_a_count_that_was_not_sent_is_empty_and_never_nought() -> None:
    without = {heading: text for heading, text in PUPIL.items() if heading != "Suspensions"}
    _, tray = read_bytes(csv_of(without), "school_census")
    assert tray.accepted.schema["suspensions"] == pl.Float64
    assert tray.accepted["suspensions"].to_list() == [None]


def test_a_count_that_is_no_number_is_kept_back() -> None:
    result, _ = read_bytes(csv_of(PUPIL, PUPIL | {"UPN": "A2", "Suspensions": "two"}), "school_census")
    assert dict(result.quarantined_by_rule) == {"not a number": 1}


def test_records_sent_again_in_an_increment_are_repeats_though_they_have_no_role() -> None:
    layout = variant("missing", delivers="increment")
    held = pl.DataFrame({"incident_token": tokens(KEYS["incident_ref"], ["M1"]), "person_token": tokens(
        KEYS["person_ref"], ["P1"])})  # fmt: skip
    again = ROWS["missing"][0]
    result, _ = read_bytes(csv_of(again, {**again, "episode_ref": "M2"}), layout, already_held=held)
    assert (result.lines.accepted, result.lines.repeated) == (1, 1)


@pytest.mark.parametrize(
    ("written", "code"),
    [("X99.4", "X994"), ("x994", "X994"), ("X99", "X99"), ("X99X", "X99"), ("Y04.0-", "Y040"), ("X9941", "X994")],
)
def test_an_external_cause_has_one_spelling_of_four_characters_at_most(written: str, code: str) -> None:
    assert canonical_icd10(written) == code
    assert code_list("icd10_assaults").canonical(written) == code


@pytest.mark.parametrize("cause", ["Y060", "Y070"])
def test_the_fourth_character_of_neglect_and_maltreatment_is_no_place(cause: str) -> None:
    assert code_map("icd10_assaults").rows[cause]["place_class"] == "unknown"
