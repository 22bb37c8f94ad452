"""One row a record dataset, as each shipped map's sender would send it, and what the warehouse should then say."""

from collections.abc import Mapping
from typing import Any

from intake.desk import wall

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
