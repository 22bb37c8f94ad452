"""The paper's matrix: which dataset may serve which purpose, with which note. A tick is policy."""

import pytest

from upstander.contracts import ALL
from upstander.contracts.asking import Purpose

S, M, O = Purpose.STRATEGIC, Purpose.MONITORING, Purpose.OPERATIONAL  # noqa: E741 - the paper's own letters
IN_USE, SURVEILLANCE, ACCELERATOR = "already in use", "injury surveillance", "data accelerator"
MATRIX = {
    1: ("police_recorded_crime", {S: "", M: ""}),
    2: ("police_incidents", {S: "", M: "", O: SURVEILLANCE}),
    3: ("group_violence", {S: "", O: IN_USE}),
    4: ("child_criminal_exploitation", {S: "", O: IN_USE}),
    5: ("hospital_episodes", {S: ""}),
    6: ("ed_assaults", {S: "", M: "", O: SURVEILLANCE}),
    7: ("ambulance_callouts", {S: "", M: "", O: SURVEILLANCE}),
    8: ("children_in_care", {S: "", M: ""}),
    9: ("missing_episodes", {S: "", M: "", O: IN_USE}),
    10: ("child_deprivation", {S: ""}),
    11: ("school_exclusions_national", {S: "", M: ""}),
    12: ("education_local", {S: "", M: "", O: ACCELERATOR}),
    13: ("neet", {S: "", M: ""}),
    14: ("substance_misuse_treatment", {S: "", M: ""}),
    15: ("youth_justice_children", {S: ""}),
    16: ("habitual_knife_carriers", {S: "", M: "", O: ""}),
    17: ("children_in_custody", {S: "", M: ""}),
}
BEYOND = [pytest.param(one, id=one.name) for one in ALL.values() if one.number not in MATRIX]


@pytest.mark.parametrize("number", MATRIX)
def test_a_dataset_serves_the_purposes_that_the_paper_ticked_and_no_other(number):
    name, ticks = MATRIX[number]
    assert (ALL[name].number, dict(ALL[name].purposes)) == (number, ticks)


def test_no_two_datasets_share_a_row_of_the_matrix():
    numbers = [one.number for one in ALL.values()]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("contract", BEYOND)
def test_a_purpose_that_the_paper_did_not_tick_says_where_it_comes_from(contract):
    assert contract.purposes
    assert all(len(note) > len("already in use") for note in contract.purposes.values())
