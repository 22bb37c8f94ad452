"""The force's list of habitual knife carriers, as it stands on one day. A list that people decide on; no score.

Source for what it must hold: enforcement notice on the Gangs Matrix (Information Commissioner, November 2018): one
criterion, its version, role told apart, review and expiry.
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape, WarehouseColumn
from upstander.contracts.people_sent import ETHNICITY_POLICE, HOME, LOCAL_DAY, NAMED, STARTS
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = ("cohort_roles", "cohort_exits", "sex", "ethnicity_police")

HABITUAL_KNIFE_CARRIERS = DatasetContract(
    name="habitual_knife_carriers",
    title="Habitual knife carriers (the force's list)",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one person's time on the force's list, under one role",
    sent_by="The police force, whose list it is",
    arrives="monthly, as the list stands",
    standard="The force's own criterion, by version; no national criterion is published",
    purposes={Purpose.STRATEGIC: "", Purpose.MONITORING: "", Purpose.OPERATIONAL: ""},
    number=16,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        *NAMED,
        ETHNICITY_POLICE,
        Column(
            "role",
            Kind.CODE,
            "why the person is listed: thought to carry, or harmed; one row for each, never both in one",
            required=True,
            codes=code_list("cohort_roles"),
            quotable=True,
            becomes=("role",),
            example="suspect",
        ),
        Column(
            "criterion_version",
            Kind.TEXT,
            "version of the force's written criterion by which the person was entered",
            required=True,
            quotable=True,
            becomes=("criterion_version",),
            example="2026-04",
        ),
        Column(
            "entered_on",
            Kind.TIMESTAMP,
            "day on which the panel entered the person",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=STARTS,
            example="2026-04-20 00:00",
        ),
        Column(
            "left_on",
            Kind.TIMESTAMP,
            "day on which the person came off the list; blank while on it",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("event_to_local",),
            example="2026-10-19 00:00",
        ),
        Column(
            "reviewed_on",
            Kind.DATE,
            "day of the last review",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("reviewed_on",),
            example="2026-07-20",
        ),
        Column(
            "review_due",
            Kind.DATE,
            "day by which the next review must be, or the person comes off",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("review_due",),
            example="2026-10-20",
        ),
        Column(
            "exit_reason",
            Kind.CODE,
            "why the person came off the list",
            codes=code_list("cohort_exits"),
            quotable=True,
            becomes=("exit_reason",),
            example="no_longer_meets",
        ),
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("role", "String", "suspect or victim; a row without one is kept back"),
        WarehouseColumn("criterion_version", "String", "version of the force's criterion"),
        WarehouseColumn("reviewed_on", "Datetime", "local day of the last review"),
        WarehouseColumn("review_due", "Datetime", "local day by which the next review must be"),
        WarehouseColumn("exit_reason", "String", "why the person came off; empty while on the list"),
    ),
    event_times=(EventTime("entered_on", "left_on", "recorded"),),
    classified_from={"role": ("role",), "sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    ages=(14, 40),
    retention_days=366,  # the newest list is in force; a year of older ones answers who was on it, and when
    notes=(
        "A victim is never read as a suspect: the two are rows of their own, and stay so.",
        "The list holds no score, and none is made of it. The force's panel decides who is on it.",
        "Whoever the newest list leaves out is out of force at once; no earlier list is read.",
        "Watch who is listed against who lives there: on the list found unlawful, four people in five were Black.",
    ),
)
