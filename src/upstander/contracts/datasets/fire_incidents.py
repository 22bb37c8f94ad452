"""Deliberate fires, and violence against fire crews, one row an incident attended.

The paper's matrix does not name it. The Serious Violence Duty does: fire and rescue is a specified authority (Police,
Crime, Sentencing and Courts Act 2022, section 11 and Schedule 1), and its violence includes violence against property
(section 13). Source of the kinds: Incident Recording System of the fire and rescue services.
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, WarehouseColumn
from upstander.contracts.people_sent import MOMENT, WALL_CLOCK
from upstander.contracts.places_sent import PLACE_COLUMNS, POSTCODE_SECTOR

_LISTS = ("fire_incident_kinds", "injury", "place_types")
_DUTY = "Serious Violence Duty: a specified authority (Police, Crime, Sentencing and Courts Act 2022, Schedule 1)"

FIRE_INCIDENTS = DatasetContract(
    name="fire_incidents",
    title="Deliberate fires and violence against fire crews",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one incident that a fire crew attended: a deliberate fire, or violence against the crew",
    sent_by="The fire and rescue service",
    arrives="monthly, by the tenth working day",
    standard="Incident Recording System (IRS) of the fire and rescue services in England",
    purposes={Purpose.STRATEGIC: _DUTY, Purpose.MONITORING: _DUTY},
    number=20,
    counts_by="event_from_local",
    columns=(
        Column(
            "incident_ref",
            Kind.TEXT,
            "the service's own number of the incident; a fire at which the crew was attacked has two rows",
            required=True,
            identifies=True,
            becomes=("incident_token",),
            example="F26000001",
        ),
        Column(
            "called_at",
            Kind.TIMESTAMP,
            "when the call was answered",
            required=True,
            unit=WALL_CLOCK,
            quotable=True,
            becomes=(*MOMENT, "recorded_local"),
            example="2026-07-04 23:12",
        ),
        Column(
            "kind",
            Kind.CODE,
            "the kind of fire, or what was done to the crew",
            required=True,
            codes=code_list("fire_incident_kinds"),
            quotable=True,
            becomes=("kind", "mechanism", "weapon_class"),
            example="secondary_fire",
        ),
        Column(
            "injury",
            Kind.CODE,
            "the worst injury of anybody, crew included",
            codes=code_list("injury"),
            quotable=True,
            becomes=("injury_severity",),
            example="none",
        ),
        Column(
            "people_hurt",
            Kind.INTEGER,
            "how many were hurt or died, crew left out",
            unit="people",
            quotable=True,
            becomes=("people_hurt",),
            example="0",
        ),
        Column(
            "crew_hurt",
            Kind.INTEGER,
            "how many of the crew were hurt or died",
            unit="people",
            quotable=True,
            becomes=("crew_hurt",),
            example="0",
        ),
        Column(
            "location_type",
            Kind.CODE,
            "the kind of place",
            codes=code_list("place_types"),
            quotable=True,
            becomes=("place_class",),
            example="park",
        ),
        *PLACE_COLUMNS,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("kind", "String", "the kind of fire, or what was done to the crew"),
        WarehouseColumn("people_hurt", "Float64", "how many were hurt or died, crew left out; empty where not sent"),
        WarehouseColumn("crew_hurt", "Float64", "how many of the crew were hurt or died; empty where not sent"),
    ),
    event_times=(EventTime("called_at", "called_at", "called"),),
    classified_from={
        "mechanism": ("kind",),
        "weapon_class": ("kind",),
        "injury_severity": ("injury",),
        "place_class": ("location_type",),
    },
    always={"role": "unknown", "offence_code": ""},
    retention_days=2192,  # six years: five of trend, and the year being compared
    notes=(
        "Operational use has no tick: the matrix gives none, and the Duty speaks of assessment and strategy.",
        "A deliberate fire is violence against property, so it has no mechanism against a person.",
        "Deliberate is the crew's judgement at the scene, before any investigation.",
        "A fire that nobody set is set aside when the file is read, with that reason.",
    ),
)
