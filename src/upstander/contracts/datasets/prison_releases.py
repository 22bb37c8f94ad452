"""People released from prison to an address in the area, one row a release.

The paper's matrix does not name it. The Serious Violence Duty does: the authorities of prisons and of youth custody
must be consulted, and may be asked to take part (Police, Crime, Sentencing and Courts Act 2022, section 12 and
Schedule 2). Strategic and monitoring use only: who comes out when is told, person by person, in the arrangements that
exist for it (multi-agency public protection, integrated offender management), not on a tasking screen.
"""

from upstander.contracts.asking import Purpose
from upstander.contracts.codes import code_list, codes_version
from upstander.contracts.dataset import Column, DatasetContract, EventTime, Kind, Shape, WarehouseColumn
from upstander.contracts.people_sent import ETHNICITY_POLICE, HOME, LOCAL_DAY, MOMENT, NAMED
from upstander.contracts.places_sent import POSTCODE_SECTOR

_LISTS = ("release_kinds", "release_housing", "offence_groups", "yes_no", "sex", "ethnicity_police")
_DUTY = "Serious Violence Duty: to be consulted (Police, Crime, Sentencing and Courts Act 2022, Schedule 2)"

PRISON_RELEASES = DatasetContract(
    name="prison_releases",
    title="Releases from prison and youth custody",
    version=f"1.0+{codes_version(*_LISTS)}",
    one_row_is="one release of one person from prison or youth custody, to an address in the area",
    sent_by="HM Prison and Probation Service; the Youth Custody Service",
    arrives="monthly, by the tenth working day",
    standard="The service's prison system; no public record layout",
    purposes={Purpose.STRATEGIC: _DUTY, Purpose.MONITORING: _DUTY},
    number=19,
    shape=Shape.RECORDS,
    counts_by="event_from_local",
    columns=(
        Column(
            "release_ref",
            Kind.TEXT,
            "the service's own number of the release",
            required=True,
            identifies=True,
            becomes=("incident_token",),
            example="PR000001",
        ),
        Column(
            "released_on",
            Kind.TIMESTAMP,
            "day of release",
            required=True,
            unit=LOCAL_DAY,
            quotable=True,
            becomes=MOMENT,
            example="2026-07-17 00:00",
        ),
        Column(
            "received_on",
            Kind.DATE,
            "day on which this stay in prison began",
            unit=LOCAL_DAY,
            quotable=True,
            becomes=("received_on",),
            example="2025-11-03",
        ),
        Column(
            "kind",
            Kind.CODE,
            "how the person was released",
            required=True,
            codes=code_list("release_kinds"),
            quotable=True,
            becomes=("kind",),
            example="licence",
        ),
        Column(
            "offence_group",
            Kind.CODE,
            "group of the most serious offence",
            required=True,
            codes=code_list("offence_groups"),
            quotable=True,
            becomes=("offence_group",),
            example="robbery",
        ),
        Column(
            "sentence_months",
            Kind.INTEGER,
            "length of the sentence; blank on remand and for life",
            unit="months",
            quotable=True,
            becomes=("sentence_months",),
            example="18",
        ),
        Column(
            "was_weapon_offence",
            Kind.CODE,
            "whether a knife or another weapon was carried or used in it",
            codes=code_list("yes_no"),
            quotable=True,
            becomes=("was_weapon_offence",),
            example="no",
        ),
        Column(
            "housing",
            Kind.CODE,
            "where the person went to live",
            codes=code_list("release_housing"),
            quotable=True,
            becomes=("housing",),
            example="settled",
        ),
        *NAMED,
        ETHNICITY_POLICE,
        *HOME,
    ),
    extra_columns=(
        POSTCODE_SECTOR,
        WarehouseColumn("received_on", "Datetime", "local day on which this stay began"),
        WarehouseColumn("kind", "String", "how the person was released"),
        WarehouseColumn("offence_group", "String", "group of the most serious offence"),
        WarehouseColumn("sentence_months", "Float64", "length of the sentence in months; empty on remand and for life"),
        WarehouseColumn("was_weapon_offence", "String", "yes, no, unknown or not_asked"),
        WarehouseColumn("housing", "String", "where the person went to live"),
    ),
    event_times=(EventTime("released_on", "released_on", "occurred"),),
    classified_from={"sex": ("sex",), "ethnic_group": ("ethnicity",)},
    always={"place_class": "home"},
    ages=(18, 70),
    retention_days=2192,  # six years: five of trend, and the year being compared
    notes=(
        "Operational use has no tick: who comes out when is told in the arrangements that exist for it.",
        "Releases rise when the law on release changes; such a day is a step in the series, not in violence.",
        "The area is that of the address given on release; a person without one has none.",
    ),
)
