"""Permanent exclusions and suspensions from school, as the Department for Education publishes them."""

from upstander.contracts.asking import Purpose
from upstander.contracts.dataset import DatasetContract, Indicator, Shape
from upstander.contracts.groups_sent import ETHNIC_GROUPS, PHASES, SEXES
from upstander.contracts.indicators import as_indicators

_ON_ROLL = "pupils on roll"
_REASONS = {
    "assault_pupil": "physical assault against a pupil",
    "assault_adult": "physical assault against an adult",
    "threat_pupil": "verbal abuse or threats against a pupil",
    "threat_adult": "verbal abuse or threats against an adult",
    "bullying": "bullying",
    "racist_abuse": "racist abuse",
    "sexual_misconduct": "sexual misconduct",
    "drugs_alcohol": "drugs or alcohol",
    "damage": "damage",
    "theft": "theft",
    "disruption": "persistent disruptive behaviour",
    "weapon": "use or threat of an offensive weapon or prohibited item",
    "other": "another reason",
}
_INDICATORS = (
    Indicator("permanent", "permanent exclusions", "exclusions", _ON_ROLL),
    Indicator("suspensions", "suspensions, once called fixed-period exclusions", "suspensions", _ON_ROLL),
    Indicator("pupils_suspended", "pupils suspended at least once", "pupils", _ON_ROLL),
    *(
        Indicator(f"permanent_{code}", f"permanent exclusions for {means}", "exclusions", _ON_ROLL)
        for code, means in _REASONS.items()
    ),
    *(
        Indicator(f"suspensions_{code}", f"suspensions for {means}", "suspensions", _ON_ROLL)
        for code, means in _REASONS.items()
    ),
)

SCHOOL_EXCLUSIONS_NATIONAL = as_indicators(DatasetContract(
    name="school_exclusions_national",
    title="School exclusions (national statistics)",
    version="1.0",
    one_row_is="one area, school year and type of school, with its exclusions and suspensions",
    sent_by="Department for Education",
    arrives="yearly, in July, ten to eleven months after the school year ended; suspensions also each term",
    standard="Suspensions and permanent exclusions in England, Department for Education",
    purposes={Purpose.STRATEGIC: "", Purpose.MONITORING: ""},
    number=11,
    shape=Shape.INDICATORS,
    counts_by="period_start",
    columns=(),
    indicators=_INDICATORS,
    groups={**PHASES, **SEXES, **ETHNIC_GROUPS},
    retention_days=3653,  # ten years: open data, and a trend worth having
    due_within_days=365,
    notes=(
        "An exclusion is a school's decision: what differs between schools may be what they do, not what pupils do.",
        "Until the school year 2019/20 an exclusion had one reason; since 2020/21 a school may give up to three.",
        "Small counts are suppressed or rounded by the publisher. A suppressed figure is not nought.",
    ),
))  # fmt: skip
