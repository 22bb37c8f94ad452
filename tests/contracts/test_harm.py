"""The published weights of offences: every code is one of ours, and the graver offence weighs more."""

import csv

import pytest

from shared_data import SHARED, needs_shared
from upstander.contracts.codes import code_list
from upstander.contracts.harm import harm_weights
from upstander.errors import WrongUsage

OURS_AND_THEIRS = {"1": "1/4.1/4.10/4.2", "5D": "5D", "8N": "8N", "105A": "105A", "34B": "34B", "4/3": "4.3"}


def test_every_weighed_code_is_an_offence_of_the_counting_rules():
    weighed = harm_weights()
    assert set(weighed.weights) <= set(code_list("home_office_offences").meanings)
    assert set(weighed.homicide) <= set(weighed.weights)
    assert all(weight > 0 for weight in weighed.weights.values())


def test_the_graver_offence_weighs_more():
    weights = harm_weights().weights
    ladder = ["104", "105A", "8N", "8P", "34B", "5D", "2", "1"]
    assert sorted(ladder, key=weights.__getitem__) == ladder


def test_weights_that_are_not_shipped_are_refused_by_name():
    with pytest.raises(WrongUsage, match="no harm weights 'invented'"):
        harm_weights("invented")


@needs_shared
def test_weights_are_those_of_the_published_table():
    with (SHARED / "data" / "harm" / "PSD-policeuk-ons-code-join.csv").open() as file:
        published = {row["ONS_COUNTS_code"]: row["ONS_SEVERITY_weight"] for row in csv.DictReader(file)}
    for ours, theirs in OURS_AND_THEIRS.items():
        assert harm_weights().weights[ours] == pytest.approx(float(published[theirs]), abs=0.005)
