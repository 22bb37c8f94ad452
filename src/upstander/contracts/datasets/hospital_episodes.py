"""Hospital admissions after an assault (Hospital Episode Statistics), one row a finished consultant episode.

Source: HES data dictionary; ICD-10 external causes X85-Y09; public health indicator of admissions for violence, which
counts the first episode of an emergency admission by the year in which the episode ended.
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Indicator, Kind, Shape, WarehouseColumn
from upstander.contracts.groups_sent import SEXES
from upstander.contracts.people_sent import (
    AGE,
    DOB_WITHOUT_NAME,
    ETHNICITY_HEALTH,
    HOME,
    LOCAL_DAY,
    NHS_NUMBER,
    SEX,
    STARTS,
)
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = ("icd10_assaults", "admission_methods", "sex", "ethnicity_health")
_INDICATORS = (
    Indicator("ae_attendances", "attendances at A&E, for whatever cause", "attendances"),
    Indicator(
        "ae_over_four_hours", "attendances that lasted more than four hours", "attendances",
        "attendances at A&E, for whatever cause",
    ),
    Indicator("emergency_admissions", "emergency admissions, for whatever cause", "admissions"),
    Indicator(
        "admission_waits_over_four_hours", "emergency admissions that waited more than four hours for a bed",
        "admissions", "emergency admissions, for whatever cause",
    ),
    Indicator("violence_admissions", "emergency admissions for violence", "admissions", "people who live there"),
)  # fmt: skip
_DEPARTMENTS = {
    "type_1": "type 1: a consultant-led department, open day and night",
    "type_2": "type 2: a department of one specialty",
    "type_other": "other departments: minor injury units, urgent treatment and walk-in centres",
}

HOSPITAL_EPISODES = DatasetContract(
    name="hospital_episodes",
    title="Hospital admissions after an assault (HES)",
    version=f"1.1+{codes_version(*_LISTS)}",
    one_row_is="one finished consultant episode of a patient admitted after an assault",
    sent_by="NHS England, under a data sharing agreement of its own; NHS England's open counts of A&E fit too",
    arrives="yearly, or monthly where the agreement says so",
    standard="Hospital Episode Statistics, admitted patient care; ICD-10 external causes X85-Y09",
    purposes={Purpose.STRATEGIC: ""},
    number=5,
    shape=Shape.RECORDS,
    counts_by="episode_ended",
    columns=(
        Column(
            "episode_ref",
            Kind.TEXT,
            "the number of the record in the extract",
            required=True,
            identifies=True,
            becomes=("incident_token",),
            example="500000000001",
            also_called=("EPIKEY",),
        ),
        Column(
            "episode_started",
            Kind.TIMESTAMP,
            "first day of the episode",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=STARTS,
            example="2026-07-05 00:00",
            also_called=("EPISTART",),
        ),
        Column(
            "episode_ended",
            Kind.TIMESTAMP,
            "last day of the episode; an episode that is not finished does not belong here",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("event_to_local", "episode_ended"),
            example="2026-07-07 00:00",
            also_called=("EPIEND",),
        ),
        Column(
            "admitted_on",
            Kind.DATE,
            "day of admission, which may be before the episode",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("admitted_on",),
            example="2026-07-05",
            also_called=("ADMIDATE",),
        ),
        Column(
            "cause_code",
            Kind.CODE,
            "external cause (ICD-10): how it happened, and where",
            required=True,
            codes=code_list("icd10_assaults"),
            quotable=True,
            becomes=("cause_code", "mechanism", "weapon_class", "place_class"),
            example="X994",
            also_called=("CAUSE",),
        ),
        Column(
            "admission_method",
            Kind.CODE,
            "how the patient came in; emergencies begin with 2",
            required=True,
            codes=code_list("admission_methods"),
            quotable=True,
            becomes=("admission_method",),
            example="21",
            also_called=("ADMIMETH",),
        ),
        Column(
            "episode_order",
            Kind.INTEGER,
            "place of the episode in the stay; 1 is the first",
            required=True,
            unit="episodes",
            quotable=True,
            becomes=("episode_order",),
            example="1",
            also_called=("EPIORDER",),
        ),
        Column(
            "provider_code",
            Kind.TEXT,
            "organisation code of the trust, 3 to 5 characters",
            quotable=True,
            becomes=("provider_code",),
            example="ZZZ",
            also_called=("PROCODE",),
        ),
        NHS_NUMBER,
        Column(
            "person_ref",
            Kind.TEXT,
            "the extract's own number of the patient, where there is no NHS number",
            identifies=True,
            becomes=("person_token",),
            example="HES00000001",
            also_called=("ENCRYPTED_HESID", "TOKEN_PERSON_ID"),
        ),
        AGE,
        DOB_WITHOUT_NAME,
        SEX,
        ETHNICITY_HEALTH,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("episode_ended", "Datetime", "last local day of the episode: what a year of HES counts by"),
        WarehouseColumn("admitted_on", "Datetime", "local day of admission"),
        WarehouseColumn("cause_code", "String", "ICD-10 external cause in four characters, such as X994"),
        WarehouseColumn("admission_method", "String", "as sent; emergencies begin with 2"),
        WarehouseColumn("episode_order", "Float64", "place of the episode in the stay; 1 is the first"),
        WarehouseColumn("provider_code", "String", "organisation code of the trust"),
        WarehouseColumn("mechanism", "String", "one taxonomy for every source"),
        WarehouseColumn("weapon_class", "String", "one taxonomy for every source"),
        WarehouseColumn("role", "String", "always patient"),
    ),
    event_times=(EventTime("episode_started", "episode_ended", "arrived"),),
    classified_from={
        "mechanism": ("cause_code",),
        "weapon_class": ("cause_code",),
        "place_class": ("cause_code",),
        "sex": ("sex",),
        "ethnic_group": ("ethnicity",),
    },
    always={"role": "patient"},
    indicators=_INDICATORS,
    groups={**_DEPARTMENTS, **SEXES},
    retention_days=2192,  # six years: five of trend, and the year being compared
    due_within_days=75,  # a month of HES is final about two months after its end
    notes=(
        "An episode is not a person and not a stay: one stay may have several. Count those of order 1.",
        "The published indicator takes emergency admissions only, by the year in which the episode ended.",
        "The open counts of A&E are of all attendances, mostly not after violence: they say how busy a department was.",
        "Self-inflicted wounds, accidents and events of undetermined intent are set aside when the file is read.",
        "The area is that of the patient's home; the kind of place is that of the assault.",
    ),
)
