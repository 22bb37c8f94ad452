"""Children detained by the police, one row a detention. Source: Police and Criminal Evidence Act 1984, Code C."""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape, WarehouseColumn
from upstander.contracts.people_sent import ETHNICITY_POLICE, HOME, NAMED, STARTS, WALL_CLOCK
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = (
    "offence_groups", "appropriate_adults", "strip_searches", "custody_outcomes", "yes_no", "sex", "ethnicity_police",
)  # fmt: skip

CHILDREN_IN_CUSTODY = DatasetContract(
    name="children_in_custody",
    title="Children in police custody",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one detention of one child in police custody",
    sent_by="The police force",
    arrives="monthly, by the tenth working day",
    standard="Custody record, Police and Criminal Evidence Act 1984 (Code C)",
    purposes={Purpose.STRATEGIC: "", Purpose.MONITORING: ""},
    number=17,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        Column(
            "custody_ref",
            Kind.TEXT,
            "number of the custody record",
            required=True,
            identifies=True,
            becomes=("incident_token",),
            example="CU26000001",
        ),
        Column(
            "arrived_at",
            Kind.TIMESTAMP,
            "when the child came to the custody suite",
            required=True,
            unit=WALL_CLOCK,
            quotable=True,
            becomes=STARTS,
            example="2026-07-11 22:20",
        ),
        Column(
            "left_at",
            Kind.TIMESTAMP,
            "when the child left it",
            unit=WALL_CLOCK,
            quotable=True,
            becomes=("event_to_local",),
            example="2026-07-12 09:05",
        ),
        Column(
            "offence_group",
            Kind.CODE,
            "group of the most serious offence of the arrest",
            required=True,
            codes=code_list("offence_groups"),
            quotable=True,
            becomes=("offence_group",),
            example="robbery",
        ),
        Column(
            "appropriate_adult",
            Kind.CODE,
            "who came to help the child",
            codes=code_list("appropriate_adults"),
            quotable=True,
            becomes=("appropriate_adult",),
            example="parent",
        ),
        Column(
            "adult_arrived_at",
            Kind.TIMESTAMP,
            "when that adult came",
            unit=WALL_CLOCK,
            quotable=True,
            becomes=("adult_arrived_at",),
            example="2026-07-12 00:40",
        ),
        Column(
            "was_overnight",
            Kind.CODE,
            "whether the child was held overnight, by the force's own hours",
            codes=code_list("yes_no"),
            quotable=True,
            becomes=("was_overnight",),
            example="yes",
        ),
        Column(
            "strip_search",
            Kind.CODE,
            "the most intrusive search carried out",
            codes=code_list("strip_searches"),
            quotable=True,
            becomes=("strip_search",),
            example="none",
        ),
        Column(
            "outcome",
            Kind.CODE,
            "how the detention ended",
            codes=code_list("custody_outcomes"),
            quotable=True,
            becomes=("outcome",),
            example="bailed",
        ),
        *NAMED,
        ETHNICITY_POLICE,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("offence_group", "String", "group of the most serious offence of the arrest"),
        WarehouseColumn("appropriate_adult", "String", "who came to help the child"),
        WarehouseColumn("adult_arrived_at", "Datetime", "when that adult came, local wall clock"),
        WarehouseColumn("was_overnight", "String", "yes, no, unknown or not_asked"),
        WarehouseColumn("strip_search", "String", "the most intrusive search carried out"),
        WarehouseColumn("outcome", "String", "how the detention ended"),
    ),
    event_times=(EventTime("arrived_at", "left_at", "arrived"),),
    classified_from={"sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    ages=(10, 17),
    retention_days=2192,  # six years: five of trend, and the year being compared
    notes=(
        "An arrest says what somebody was suspected of; it is not a finding.",
        "The area is that of the child's home, not of the custody suite or the offence.",
        "Count strip searches with the number of detentions beside them, and watch who is searched.",
    ),
)
