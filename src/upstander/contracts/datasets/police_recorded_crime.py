"""Crime as national statistics have it: recorded by the police, and told to the survey (CSEW)."""

from upstander.contracts.asking import Purpose
from upstander.contracts.dataset import DatasetContract, Indicator, Shape
from upstander.contracts.groups_sent import SEXES
from upstander.contracts.indicators import as_indicators

_RESIDENTS, _ADULTS = "people who live there", "people aged 16 and over living in households"
_RECORDED = {
    "total": "all offences without fraud and computer misuse",
    "violence": "violence against the person",
    "homicide": "homicide",
    "unlawful_driving": "death or serious injury by unlawful driving",
    "violence_with_injury": "violence with injury",
    "violence_without_injury": "violence without injury",
    "stalking_harassment": "stalking and harassment",
    "sexual_offences": "sexual offences",
    "rape": "rape",
    "other_sexual": "other sexual offences",
    "robbery": "robbery",
    "robbery_business": "robbery of business property",
    "robbery_personal": "robbery of personal property",
    "theft": "theft offences",
    "criminal_damage": "criminal damage and arson",
    "drugs": "drug offences",
    "weapons": "possession of weapons",
    "public_order": "public order offences",
    "other": "other crimes against society",
    "knife": "offences with a knife or sharp instrument",
    "firearm": "offences with a firearm",
}
_SURVEYED = {
    "violence": "violence",
    "violence_with_injury": "violence with injury",
    "violence_without_injury": "violence without injury",
    "robbery": "robbery",
}
_INDICATORS = (
    *(
        Indicator(f"recorded_{code}", f"recorded by the police: {means}", "offences", _RESIDENTS)
        for code, means in _RECORDED.items()
    ),
    *(
        Indicator(f"recorded_{code}_rate", f"recorded by the police: {means}", "per 1,000 people")
        for code, means in _RECORDED.items()
    ),
    Indicator(
        "sharp_admissions",
        "hospital admissions for assault with a sharp object, as published beside the offences",
        "finished episodes in hospital",
        _RESIDENTS,
    ),
    *(
        Indicator(f"csew_{code}_incidents", f"estimated from the survey: incidents of {means}", "thousand incidents")
        for code, means in _SURVEYED.items()
    ),
    *(
        Indicator(f"csew_{code}_victims", f"estimated from the survey: victims of {means}", f"% of {_ADULTS}")
        for code, means in _SURVEYED.items()
    ),
)

POLICE_RECORDED_CRIME = as_indicators(DatasetContract(
    name="police_recorded_crime",
    title="Crime: national statistics (recorded crime, CSEW)",
    version="1.0",
    one_row_is="one area and one period, with its offences",
    sent_by="Office for National Statistics; Home Office",
    arrives="quarterly, about four months after the quarter ended",
    standard="Crime in England and Wales: police recorded crime tables; Crime Survey for England and Wales",
    purposes={Purpose.STRATEGIC: "", Purpose.MONITORING: ""},
    number=1,
    shape=Shape.INDICATORS,
    counts_by="period_start",
    columns=(),
    indicators=_INDICATORS,
    groups={
        **SEXES,
        "under_25": "under 25 years old",
        "age_16_to_24": "16 to 24 years old",
        "age_25_to_34": "25 to 34 years old",
        "age_35_to_44": "35 to 44 years old",
        "age_45_to_54": "45 to 54 years old",
        "age_55_to_64": "55 to 64 years old",
        "age_65_to_74": "65 to 74 years old",
        "age_75_on": "75 years old and over",
    },
    retention_days=3653,  # ten years: open data, and a trend worth having
    due_within_days=150,
    notes=(
        "Recorded crime follows recording: the rises of 2014 to 2019 are partly better recording, not more violence.",
        "The survey asks adults in households; it knows little of harm that is rare, and nothing of homicide.",
        "The same offences may also be among the force's own records. The two are never added together.",
    ),
))  # fmt: skip
