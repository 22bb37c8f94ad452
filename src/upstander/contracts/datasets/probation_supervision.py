"""People supervised by the Probation Service, one row a period of supervision.

The paper's matrix does not name it. The Serious Violence Duty does: probation is a specified authority (Police, Crime,
Sentencing and Courts Act 2022, section 11 and Schedule 1), which must take part in the assessment and the strategy.
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape, WarehouseColumn
from upstander.contracts.people_sent import ETHNICITY_POLICE, HOME, LOCAL_DAY, NAMED, STARTS
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = ("supervision_kinds", "supervision_ends", "offence_groups", "yes_no", "sex", "ethnicity_police")
_DUTY = "Serious Violence Duty: a specified authority (Police, Crime, Sentencing and Courts Act 2022, Schedule 1)"

PROBATION_SUPERVISION = DatasetContract(
    name="probation_supervision",
    title="Probation supervision",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one period of supervision of one person under one order or licence",
    sent_by="The Probation Service, regional office",
    arrives="quarterly",
    standard="The service's case system; no public record layout",
    purposes={Purpose.STRATEGIC: _DUTY, Purpose.MONITORING: _DUTY},
    number=18,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        Column(
            "supervision_ref",
            Kind.TEXT,
            "the service's own number of the order or licence",
            required=True,
            identifies=True,
            becomes=("incident_token",),
            example="PS000001",
        ),
        Column(
            "started",
            Kind.TIMESTAMP,
            "first day of supervision",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=STARTS,
            example="2026-02-16 00:00",
        ),
        Column(
            "ended",
            Kind.TIMESTAMP,
            "last day; blank where it goes on",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("event_to_local",),
            example="2026-10-15 00:00",
        ),
        Column(
            "kind",
            Kind.CODE,
            "the order or licence",
            required=True,
            codes=code_list("supervision_kinds"),
            quotable=True,
            becomes=("kind",),
            example="community_order",
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
            "was_weapon_offence",
            Kind.CODE,
            "whether a knife or another weapon was carried or used in it",
            codes=code_list("yes_no"),
            quotable=True,
            becomes=("was_weapon_offence",),
            example="yes",
        ),
        Column(
            "end_reason",
            Kind.CODE,
            "how supervision ended; blank where it goes on",
            codes=code_list("supervision_ends"),
            quotable=True,
            becomes=("end_reason",),
            example="completed",
        ),
        *NAMED,
        ETHNICITY_POLICE,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("kind", "String", "the order or licence"),
        WarehouseColumn("offence_group", "String", "group of the most serious offence"),
        WarehouseColumn("was_weapon_offence", "String", "yes, no, unknown or not_asked"),
        WarehouseColumn("end_reason", "String", "how supervision ended; empty where it goes on"),
    ),
    event_times=(EventTime("started", "ended", "recorded"),),
    classified_from={"sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    ages=(18, 70),
    retention_days=2192,  # six years: five of trend, and the year being compared
    due_within_days=30,
    notes=(
        "Operational use has no tick: tasking about a person belongs to the service's own multi-agency arrangements.",
        "No risk score is taken. A period is not a person: one may be under two orders at once.",
        "Each file stands for all periods of the years agreed; the newest file replaces the one before.",
    ),
)
