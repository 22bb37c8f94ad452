"""Whom a published figure may be about: the breakdowns that publishers share. Code -> meaning."""

from collections.abc import Mapping

SEXES: Mapping[str, str] = {"female": "girls and women", "male": "boys and men"}
ETHNIC_GROUPS: Mapping[str, str] = {
    "asian": "Asian or Asian British",
    "black": "Black, Black British, Caribbean or African",
    "mixed": "mixed or multiple ethnic groups",
    "white": "White",
    "other_ethnic": "any other ethnic group",
    "unknown_ethnic": "ethnic group not known, not obtained or refused",
}
CARE_AGES: Mapping[str, str] = {
    "under_1": "under 1 year old",
    "age_1_to_4": "1 to 4 years old",
    "age_5_to_9": "5 to 9 years old",
    "age_10_to_15": "10 to 15 years old",
    "age_16_on": "16 years old and over",
}
PHASES: Mapping[str, str] = {
    "primary": "state-funded primary schools",
    "secondary": "state-funded secondary schools",
    "special": "special schools",
}
