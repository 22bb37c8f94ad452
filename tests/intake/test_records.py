"""Record datasets read end to end: spells and their ends, kept numbers and dates, classes, roles and who is meant."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from intake.desk import KEYS, read_bytes, variant, wall
from upstander import contracts
from upstander.contracts.codes import code_list, code_map
from upstander.contracts.readings import Outcome
from upstander.contracts.spellings import canonical_icd10
from upstander.intake import suppliers
from upstander.values.tokens import tokens

WHO = {"person_ref": "P1", "dob": "14/03/2011", "sex": "F", "ethnicity": "A1", "area_code": "E01010001"}
HES = {
    "EPIKEY": "500000000001", "EPISTAT": "3", "EPISTART": "2026-03-30", "EPIEND": "2026-04-02",
    "ADMIDATE": "2026-03-29", "CAUSE": "X99.4", "ADMIMETH": "21", "EPIORDER": "1", "PROCODE3": "ZZZ",
    "NEWNHSNO": "943 476 5919", "STARTAGE": "17", "SEX": "1", "ETHNOS": "N", "LSOA11": "E01010001",
}  # fmt: skip
CARE = {
    "CHILD": "C1", "DOB": "14/03/2011", "SEX": "2", "ETHNIC": "MWBC", "DECOM": "11/05/2026", "RNE": "S", "LS": "V2",
    "CIN": "N1", "PLACE": "K2", "DEC": "", "REC": "",
}  # fmt: skip
PUPIL = {
    "UPN": "A000000000001", "DOB": "14/03/2011", "Sex": "M", "Ethnicity": "WBRI", "URN": "000001",
    "TermStart": "2026-04-13", "TermEnd": "2026-07-21", "EnrolStatus": "M", "DualPRU": "Y",
    "ExclusionCategory": "SUSP", "ExclusionReason": "PP", "Suspensions": "2", "SessionsSuspended": "6",
    "SessionsPossible": "124", "SessionsUnauthorised": "19", "SessionsAuthorised": "", "SENtype": "SEMH",
}  # fmt: skip
LISTED = {
    **WHO, "role": "suspect", "criterion_version": "2026-04", "entered_on": "20/04/2026", "left_on": "",
    "reviewed_on": "20/07/2026", "review_due": "20/10/2027", "exit_reason": "",
}  # fmt: skip
ROWS: Mapping[str, tuple[Mapping[str, str], Mapping[str, Any]]] = {
    "group_violence": (
        {**WHO, "record_ref": "G1", "occurred_at": "04/07/2026 22:40", "group_kind": "CL", "link_is": "investigation",
         "offence_group": "violence_against_person", "weapon": "knife", "injury": "minor", "location_type": "street",
         "role": "victim"},
        {"group_kind": "county_line", "weapon_class": "sharp", "mechanism": "sharp_force", "injury_severity": "minor",
         "role": "victim", "place_class": "public", "event_to_local": wall(2026, 7, 4, 22, 40), "event_is": "occurred",
         "sex": "female", "ethnic_group": "asian", "age_band": "15-17"},
    ),
    "cce_referrals": (
        {**WHO, "referral_ref": "R1", "referred_at": "06/07/2026 10:15", "exploitation": "CCE", "status": "suspected",
         "nrm": "referred", "is_county_line": "Y", "closed_on": "30/10/2026"},
        {"exploitation": "criminal", "role": "victim", "place_class": "home", "is_county_line": "yes",
         "closed_on": wall(2026, 10, 30), "referred_by": "not_asked", "event_is": "recorded"},
    ),
    "hes": (HES, {
        "cause_code": "X994", "mechanism": "sharp_force", "weapon_class": "sharp", "place_class": "public",
        "episode_order": 1.0, "role": "patient", "event_from_local": wall(2026, 3, 30),
        "episode_ended": wall(2026, 4, 2), "admitted_on": wall(2026, 3, 29), "ethnic_group": "black", "sex": "male",
        "age_band": "15-17", "event_precision": "day",
    }),
    "ssda903": (CARE, {
        "reason": "S", "legal_status": "V2", "need": "N1", "placement": "K2", "end_reason": "", "place_class": "home",
        "event_from_local": wall(2026, 5, 11), "event_to_local": None, "ethnic_group": "mixed", "age_band": "15-17",
    }),
    "missing": (
        {**WHO, "episode_ref": "M1", "missing_since": "10/07/2026 19:30", "returned_at": "11/07/2026 08:10",
         "reported_at": "10/07/2026 22:05", "missing_from": "care", "risk": "H", "return_interview": "offered_refused",
         "harm": "exploited"},
        {"event_to_local": wall(2026, 7, 11, 8, 10), "recorded_local": wall(2026, 7, 10, 22, 5), "risk": "high",
         "missing_from": "care", "return_interview": "offered_refused", "harm": "exploited", "kind": "not_asked"},
    ),
    "school_census": (PUPIL, {
        "exclusion": "SUSP", "exclusion_reason": "PP", "suspensions": 2.0, "sessions_possible": 124.0,
        "sessions_unauthorised": 19.0, "sessions_authorised": None, "is_dual_with_pru": "yes", "need": "SEMH",
        "event_to_local": wall(2026, 7, 21), "ethnic_group": "white", "sex": "male",
    }),
    "nccis": (
        {"ClientId": "N1", "DOB": "14/03/2009", "Gender": "F", "Ethnicity": "BLC", "Month": "2026-07",
         "ActivityGroup": "Not known", "ActivityCode": "810", "ActivityStart": "29/06/2026", "EHCPlan": "N"},
        {"participation": "not_known", "activity": "810", "event_precision": "month", "has_plan": "no",
         "event_to_local": wall(2026, 8, 1), "activity_since": wall(2026, 6, 29), "ethnic_group": "black",
         "is_care_leaver": "not_asked"},
    ),
    "ndtms": (
        {"journey_id": "J1", "nhs_number": "9434765919", "age": "16", "sex": "F", "ethnic": "A", "refd": "22/04/2026",
         "rfls": "youth_justice", "start": "06/05/2026", "disd": "16/09/2026", "drug_group": "cannabis",
         "setting": "young_people", "disrsn": "completed_drug_free"},
        {"substance": "cannabis", "referral_source": "youth_justice", "exit_reason": "completed_drug_free",
         "event_to_local": wall(2026, 9, 16), "referred_on": wall(2026, 4, 22), "age_band": "15-17"},
    ),
    "yjms": (
        {"outcome_id": "Y1", "outcome_date": "09/07/2026", "offence_date": "18/05/2026", "outcome": "referral_order",
         "first_time_entrant": "Yes", "offence_group": "weapons", "gravity_score": "3", "child_id": "P1",
         "dob": "14/03/2011", "sex": "F", "ethnicity": "B1"},
        {"outcome": "referral_order", "is_first_time_entrant": "yes", "offence_group": "weapons", "gravity": "3",
         "offence_on": wall(2026, 5, 18), "event_from_local": wall(2026, 7, 9)},
    ),
    "knife_carriers": (LISTED, {
        "role": "suspect", "criterion_version": "2026-04", "review_due": wall(2027, 10, 20), "exit_reason": "",
        "event_from_local": wall(2026, 4, 20), "event_to_local": None,
    }),
    "custody": (
        {**WHO, "custody_ref": "CU1", "arrived_at": "11/07/2026 22:20", "left_at": "12/07/2026 09:05",
         "offence_group": "robbery", "appropriate_adult": "parent", "adult_arrived_at": "12/07/2026 00:40",
         "was_overnight": "Y", "strip_search": "none", "outcome": "bailed"},
        {"offence_group": "robbery", "was_overnight": "yes", "adult_arrived_at": wall(2026, 7, 12, 0, 40),
         "strip_search": "none", "event_to_local": wall(2026, 7, 12, 9, 5), "event_is": "arrived"},
    ),
}  # fmt: skip


def csv_of(*rows: Mapping[str, str]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]).encode() + b"\n"


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
