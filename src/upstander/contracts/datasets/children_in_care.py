"""Children looked after by a local authority, one row an episode of care.

Source: children looked-after data return (SSDA903), Department for Education. An episode ends, and another begins,
whenever the placement or the legal status changes.
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Indicator, Kind, Shape, WarehouseColumn
from upstander.contracts.groups_sent import CARE_AGES, ETHNIC_GROUPS, SEXES
from upstander.contracts.people_sent import (
    DOB_WITHOUT_NAME,
    ETHNICITY_CHILDREN,
    HOME,
    LOCAL_DAY,
    PERSON_REF,
    SEX,
    STARTS,
)
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = (
    "care_legal_status", "care_reasons", "care_needs", "care_placements", "care_ends", "sex", "ethnicity_children",
)  # fmt: skip
_CHILDREN_THERE = "children aged 0 to 17 who live there"
_INDICATORS = (
    Indicator("looked_after_31_march", "children looked after on 31 March", "children", _CHILDREN_THERE),
    Indicator("looked_after_started", "children who came into care in the year", "children", _CHILDREN_THERE),
    Indicator("looked_after_ceased", "children who left care in the year", "children", _CHILDREN_THERE),
    Indicator("children_in_need", "children in need at any point in the year", "children", _CHILDREN_THERE),
    Indicator("children_in_need_started", "children who began to be in need in the year", "children"),
    Indicator("children_in_need_ended", "children who ceased to be in need in the year", "children"),
    Indicator("need_episodes", "episodes of need at any point in the year", "episodes"),
    Indicator("need_episodes_started", "episodes of need that began in the year", "episodes"),
    Indicator("need_episodes_ended", "episodes of need that ended in the year", "episodes"),
    Indicator("need_episodes_31_march", "episodes of need open on 31 March", "episodes"),
    Indicator("awaiting_assessment_31_march", "episodes open on 31 March and still to be assessed", "episodes"),
)

CHILDREN_IN_CARE = DatasetContract(
    name="children_in_care",
    title="Children in care",
    version=f"1.1+{codes_version(*_LISTS)}",
    one_row_is="one episode of care of one child: from one change of placement or legal status to the next",
    sent_by="Local authorities (children's social care); the Department for Education's open figures fit too",
    arrives="quarterly; the open figures yearly",
    standard="Children looked-after data return (SSDA903), Department for Education",
    purposes={Purpose.STRATEGIC: "", Purpose.MONITORING: ""},
    number=8,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        PERSON_REF,
        Column(
            "started",
            Kind.TIMESTAMP,
            "first day of the episode",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=STARTS,
            example="2026-05-11 00:00",
            also_called=("DECOM",),
        ),
        Column(
            "ended",
            Kind.TIMESTAMP,
            "last day of the episode; blank where it goes on",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("event_to_local",),
            example="2026-08-02 00:00",
            also_called=("DEC",),
        ),
        Column(
            "reason",
            Kind.CODE,
            "why a new episode began",
            required=True,
            codes=code_list("care_reasons"),
            quotable=True,
            becomes=("reason",),
            example="S",
            also_called=("RNE",),
        ),
        Column(
            "legal_status",
            Kind.CODE,
            "the law under which the child is looked after",
            required=True,
            codes=code_list("care_legal_status"),
            quotable=True,
            becomes=("legal_status",),
            example="V2",
            also_called=("LS",),
        ),
        Column(
            "need",
            Kind.CODE,
            "category of need when the child came into care",
            required=True,
            codes=code_list("care_needs"),
            quotable=True,
            becomes=("need",),
            example="N1",
            also_called=("CIN",),
        ),
        Column(
            "placement",
            Kind.CODE,
            "type of placement",
            required=True,
            codes=code_list("care_placements"),
            quotable=True,
            becomes=("placement",),
            example="K2",
            also_called=("PLACE",),
        ),
        Column(
            "end_reason",
            Kind.CODE,
            "why the episode ended; blank where it goes on",
            codes=code_list("care_ends"),
            quotable=True,
            becomes=("end_reason",),
            example="E4A",
            also_called=("REC",),
        ),
        DOB_WITHOUT_NAME,
        SEX,
        ETHNICITY_CHILDREN,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("reason", "String", "why a new episode began (SSDA903 RNE); S is coming into care"),
        WarehouseColumn("legal_status", "String", "SSDA903 legal status"),
        WarehouseColumn("need", "String", "SSDA903 category of need"),
        WarehouseColumn("placement", "String", "SSDA903 placement type"),
        WarehouseColumn("end_reason", "String", "SSDA903 reason why the episode ceased; empty where it goes on"),
    ),
    event_times=(EventTime("started", "ended", "occurred"),),
    classified_from={"sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    indicators=_INDICATORS,
    groups={**SEXES, **CARE_AGES, **ETHNIC_GROUPS},
    ages=(0, 17),
    retention_days=2192,  # six years: five of trend, and the year being compared
    due_within_days=30,
    notes=(
        "An episode is not a child: children coming into care are the episodes whose reason is S.",
        "The postcode is that of the home the child came from. The placement's address is never taken.",
        "Each file stands for all episodes of the years agreed; the newest file replaces the one before.",
    ),
)
