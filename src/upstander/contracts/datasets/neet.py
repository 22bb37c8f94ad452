"""What young people of 16 and 17 (to 25 with special needs) do each month: education, work, neither, or not known.

Source: National Client Caseload Information System, management information requirement (Department for Education).
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape, WarehouseColumn
from upstander.contracts.people_sent import ETHNICITY_CHILDREN, HOME, LOCAL_DAY, MOMENT, NAMED
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = ("participation", "nccis_activities", "yes_no", "sex", "ethnicity_children")

NEET = DatasetContract(
    name="neet",
    title="Young people not in education, employment or training",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one young person's standing in one month",
    sent_by="Local authorities",
    arrives="monthly, with the national return",
    standard="National Client Caseload Information System (NCCIS), Department for Education",
    purposes={Purpose.STRATEGIC: "", Purpose.MONITORING: ""},
    number=13,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        Column(
            "month",
            Kind.TIMESTAMP,
            "the month that the row speaks for",
            required=True,
            unit="month, by its first local day",
            quotable=True,
            becomes=MOMENT,
            example="2026-07-01 00:00",
        ),
        *NAMED,
        Column(
            "participation",
            Kind.CODE,
            "in education, employment or training; in none of them; or not known",
            required=True,
            codes=code_list("participation"),
            quotable=True,
            becomes=("participation",),
            example="NEET",
        ),
        Column(
            "activity",
            Kind.CODE,
            "the activity code, which holds the reason for being in none",
            codes=code_list("nccis_activities"),
            quotable=True,
            becomes=("activity",),
            example="619",
        ),
        Column(
            "activity_since",
            Kind.DATE,
            "when the activity began",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("activity_since",),
            example="2026-06-29",
        ),
        Column(
            "has_plan",
            Kind.CODE,
            "whether the young person has an education, health and care plan, and so is followed to 25",
            codes=code_list("yes_no"),
            quotable=True,
            becomes=("has_plan",),
            example="no",
        ),
        Column(
            "is_care_leaver",
            Kind.CODE,
            "whether the young person is in care or has left it",
            codes=code_list("yes_no"),
            quotable=True,
            becomes=("is_care_leaver",),
            example="no",
        ),
        ETHNICITY_CHILDREN,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("participation", "String", "EET, NEET, not_known, other or not_asked"),
        WarehouseColumn("activity", "String", "NCCIS activity code; empty where it was not sent"),
        WarehouseColumn("activity_since", "Datetime", "local day on which the activity began"),
        WarehouseColumn("has_plan", "String", "yes, no, unknown or not_asked"),
        WarehouseColumn("is_care_leaver", "String", "yes, no, unknown or not_asked"),
    ),
    event_times=(EventTime("month", "month", "recorded"),),
    classified_from={"sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    ages=(16, 17),
    retention_days=2192,  # six years: five of trend, and the year being compared
    notes=(
        "Not known is not the same as in none: a fall of the one may be a rise of the other. Show both.",
        "Each September the cohort changes, and not known rises until the young people are found again.",
        "Months are snapshots: adding them up counts a person twelve times a year.",
    ),
)
