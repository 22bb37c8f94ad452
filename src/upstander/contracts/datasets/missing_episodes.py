"""Missing episodes, one row each time a person was missing.

Source: authorised professional practice on missing persons (College of Policing); statutory guidance on children who
run away or go missing from home or care (Department for Education, 2014), for return interviews.
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape, WarehouseColumn
from upstander.contracts.people_sent import ETHNICITY_POLICE, HOME, NAMED, STARTS, WALL_CLOCK
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = (
    "missing_kinds", "missing_from", "missing_risk", "return_interviews", "harm_found", "sex", "ethnicity_police",
)  # fmt: skip

MISSING_EPISODES = DatasetContract(
    name="missing_episodes",
    title="Missing episodes",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one time one person was missing",
    sent_by="The police force and the local authorities",
    arrives="monthly, by the tenth working day",
    standard="College of Policing practice on missing persons; statutory guidance on missing children (2014)",
    purposes={Purpose.STRATEGIC: "", Purpose.MONITORING: "", Purpose.OPERATIONAL: "already in use"},
    number=9,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        Column(
            "episode_ref",
            Kind.TEXT,
            "the sender's own number of the episode",
            required=True,
            identifies=True,
            becomes=("incident_token",),
            example="MP26000001",
        ),
        Column(
            "missing_since",
            Kind.TIMESTAMP,
            "when the person was last seen, or reported missing where that is not known",
            required=True,
            unit=WALL_CLOCK,
            quotable=True,
            becomes=STARTS,
            example="2026-07-10 19:30",
        ),
        Column(
            "returned_at",
            Kind.TIMESTAMP,
            "when the person came back or was found; blank where they are still missing",
            unit=WALL_CLOCK,
            quotable=True,
            becomes=("event_to_local",),
            example="2026-07-11 08:10",
        ),
        Column(
            "reported_at",
            Kind.TIMESTAMP,
            "when it was reported",
            unit=WALL_CLOCK,
            quotable=True,
            becomes=("recorded_local",),
            example="2026-07-10 22:05",
        ),
        Column(
            "kind",
            Kind.CODE,
            "missing, absent or away without leave",
            codes=code_list("missing_kinds"),
            quotable=True,
            becomes=("kind",),
            example="missing",
        ),
        Column(
            "missing_from",
            Kind.CODE,
            "where the person should have been",
            required=True,
            codes=code_list("missing_from"),
            quotable=True,
            becomes=("missing_from",),
            example="care",
        ),
        Column(
            "risk",
            Kind.CODE,
            "risk level given to the episode",
            codes=code_list("missing_risk"),
            quotable=True,
            becomes=("risk",),
            example="medium",
        ),
        Column(
            "return_interview",
            Kind.CODE,
            "whether somebody independent spoke with the child after the return",
            codes=code_list("return_interviews"),
            quotable=True,
            becomes=("return_interview",),
            example="done_in_time",
        ),
        Column(
            "harm",
            Kind.CODE,
            "the worst harm found to have come to the person",
            codes=code_list("harm_found"),
            quotable=True,
            becomes=("harm",),
            example="none",
        ),
        *NAMED,
        ETHNICITY_POLICE,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("kind", "String", "missing, absent, away or unknown"),
        WarehouseColumn("missing_from", "String", "home, care, school, hospital, other, unknown or not_asked"),
        WarehouseColumn("risk", "String", "high, medium, low, very_low, unknown or not_asked"),
        WarehouseColumn("return_interview", "String", "whether a return interview was offered and done"),
        WarehouseColumn("harm", "String", "the worst harm found"),
    ),
    event_times=(EventTime("missing_since", "returned_at", "occurred"),),
    classified_from={"sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    ages=(8, 17),
    retention_days=2192,  # six years: five of trend, and the year being compared
    notes=(
        "An episode is not a person: a few children account for many episodes.",
        "The area is that of the address the person went missing from: a home, or a place of care.",
        "A person still missing has no end; the next file for the same days brings it.",
        "The police and an authority may both record one episode: their counts are never added up.",
    ),
)
