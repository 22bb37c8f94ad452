"""Treatment for substance misuse, one row a treatment journey.

Source: National Drug Treatment Monitoring System, whose services keep these columns.
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape, WarehouseColumn
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

_LISTS = (
    "substance_groups", "treatment_sources", "treatment_exits", "treatment_settings", "sex", "ethnicity_health",
)  # fmt: skip

SUBSTANCE_MISUSE_TREATMENT = DatasetContract(
    name="substance_misuse_treatment",
    title="Substance misuse treatment",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one treatment journey of one person: from the first appointment to the exit",
    sent_by="Commissioned treatment services",
    arrives="quarterly",
    standard="National Drug Treatment Monitoring System (NDTMS) core data set",
    purposes={Purpose.STRATEGIC: "", Purpose.MONITORING: ""},
    number=14,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        Column(
            "journey_ref",
            Kind.TEXT,
            "the service's own number of the journey",
            required=True,
            identifies=True,
            becomes=("incident_token",),
            example="TJ000001",
        ),
        NHS_NUMBER,
        Column(
            "person_ref",
            Kind.TEXT,
            "the service's own number of the client, where there is no NHS number",
            identifies=True,
            becomes=("person_token",),
            example="CL000000",
        ),
        Column(
            "started",
            Kind.TIMESTAMP,
            "day on which treatment began",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=STARTS,
            example="2026-05-06 00:00",
        ),
        Column(
            "ended",
            Kind.TIMESTAMP,
            "day on which it ended; blank where it goes on",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("event_to_local",),
            example="2026-09-16 00:00",
        ),
        Column(
            "referred_on",
            Kind.DATE,
            "day of the referral",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("referred_on",),
            example="2026-04-22",
        ),
        Column(
            "referral_source",
            Kind.CODE,
            "who referred the person",
            codes=code_list("treatment_sources"),
            quotable=True,
            becomes=("referral_source",),
            example="youth_justice",
        ),
        Column(
            "substance",
            Kind.CODE,
            "group of substances, or the main one",
            required=True,
            codes=code_list("substance_groups"),
            quotable=True,
            becomes=("substance",),
            example="cannabis",
        ),
        Column(
            "setting",
            Kind.CODE,
            "where treatment takes place",
            codes=code_list("treatment_settings"),
            quotable=True,
            becomes=("setting",),
            example="young_people",
        ),
        Column(
            "exit_reason",
            Kind.CODE,
            "how the journey ended",
            codes=code_list("treatment_exits"),
            quotable=True,
            becomes=("exit_reason",),
            example="completed_drug_free",
        ),
        AGE,
        DOB_WITHOUT_NAME,
        SEX,
        ETHNICITY_HEALTH,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("referred_on", "Datetime", "local day of the referral"),
        WarehouseColumn("referral_source", "String", "who referred the person"),
        WarehouseColumn("substance", "String", "group of substances, or the main one"),
        WarehouseColumn("setting", "String", "where treatment takes place"),
        WarehouseColumn("exit_reason", "String", "how the journey ended; empty while it goes on"),
    ),
    event_times=(EventTime("started", "ended", "occurred"),),
    classified_from={"sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    ages=(12, 65),
    retention_days=2192,  # six years: five of trend, and the year being compared
    due_within_days=30,
    notes=(
        "Patient information: the Serious Violence Duty's own power to disclose cannot carry it.",
        "A person in treatment is a patient, never a suspect by that.",
        "Each file stands for all journeys of the years agreed; the newest file replaces the one before.",
    ),
)
