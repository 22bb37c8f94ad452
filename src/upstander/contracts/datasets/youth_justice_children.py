"""Outcomes given to children, one row an outcome. Source: data recording requirements of the Youth Justice Board."""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape, WarehouseColumn
from upstander.contracts.people_sent import ETHNICITY_POLICE, HOME, LOCAL_DAY, MOMENT, NAMED
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = ("youth_outcomes", "offence_groups", "gravity_scores", "yes_no", "sex", "ethnicity_police")

YOUTH_JUSTICE_CHILDREN = DatasetContract(
    name="youth_justice_children",
    title="Children in the youth justice system",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one outcome given to one child, for the most serious offence it was given for",
    sent_by="Youth justice services",
    arrives="quarterly, with the national return",
    standard="Youth Justice Board, data recording requirements for youth justice services",
    purposes={Purpose.STRATEGIC: ""},
    number=15,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        Column(
            "outcome_ref",
            Kind.TEXT,
            "the service's own number of the outcome",
            required=True,
            identifies=True,
            becomes=("incident_token",),
            example="YJ000001",
        ),
        Column(
            "outcome_on",
            Kind.TIMESTAMP,
            "day on which the outcome was given",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=MOMENT,
            example="2026-07-09 00:00",
        ),
        Column(
            "offence_on",
            Kind.DATE,
            "day of the offence",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("offence_on",),
            example="2026-05-18",
        ),
        Column(
            "outcome",
            Kind.CODE,
            "what was decided",
            required=True,
            codes=code_list("youth_outcomes"),
            quotable=True,
            becomes=("outcome",),
            example="referral_order",
        ),
        Column(
            "is_first_time_entrant",
            Kind.CODE,
            "whether it is the child's first caution or conviction",
            codes=code_list("yes_no"),
            quotable=True,
            becomes=("is_first_time_entrant",),
            example="yes",
        ),
        Column(
            "offence_group",
            Kind.CODE,
            "group of the most serious offence",
            required=True,
            codes=code_list("offence_groups"),
            quotable=True,
            becomes=("offence_group",),
            example="violence_against_person",
        ),
        Column(
            "gravity",
            Kind.CODE,
            "seriousness score of that offence, 1 to 8",
            codes=code_list("gravity_scores"),
            quotable=True,
            becomes=("gravity",),
            example="3",
        ),
        *NAMED,
        ETHNICITY_POLICE,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("offence_on", "Datetime", "local day of the offence"),
        WarehouseColumn("outcome", "String", "what was decided"),
        WarehouseColumn("is_first_time_entrant", "String", "yes, no, unknown or not_asked"),
        WarehouseColumn("offence_group", "String", "group of the most serious offence"),
        WarehouseColumn("gravity", "String", "seriousness score of the offence, 1 to 8; a code, never added up"),
    ),
    event_times=(EventTime("outcome_on", "outcome_on", "recorded"),),
    classified_from={"sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    ages=(10, 17),
    retention_days=2192,  # six years: five of trend, and the year being compared
    due_within_days=45,
    notes=(
        "An outcome is not a child and not an offence: one child may have several in a quarter.",
        "The gravity score is of the offence, never of the child.",
        "Diversion rises where cautions fall: a fall of first-time entrants may be practice, not behaviour.",
    ),
)
