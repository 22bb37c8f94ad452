"""Indicators are declared once, and name only what exists and what their data may be used for."""

import pytest

from upstander.contracts import ALL
from upstander.contracts.asking import Purpose
from upstander.contracts.catalogue import all_warehouse_columns
from upstander.contracts.definitions import definition_names, load_definition
from upstander.contracts.errors import BadMeasure, NoSuchMeasure
from upstander.contracts.measures import all_measures, as_json_values, find_measure, parse_measure

MEASURES = all_measures()
HOME_OFFICE = ("ho_1_sharp_admissions", "ho_2_knife_enabled", "ho_3_nondomestic_homicide")
ASKED_FOR = (
    *HOME_OFFICE, "b12a_violence_admissions", "ed_assaults", "ambulance_violence", "first_time_entrants",
    "permanent_exclusions", "suspensions", "missing_episodes", "neet",
)  # fmt: skip
LOCAL = """
name = "local"
version = "1"
title = "Local"
says = "Something."
purposes = [{purposes}]
better = "lower"
because = "So."
period = "year"
source = "The board"
caveats = ["A caveat."]
{rest}
[numerator]
dataset = "{dataset}"
one_is = "one thing"
{asks}
[[denominators]]
kind = "resident"
of = "people"
per = 1000
unit = "per 1,000 people"
comes_from = "somewhere"
{dens}
[disclosure]
rule = "the schedule's"
"""


def local(*, purposes='"strategic"', dataset="hospital_episodes", asks="", dens="", rest=""):
    return LOCAL.format(purposes=purposes, dataset=dataset, asks=asks, dens=dens, rest=rest)


@pytest.mark.parametrize("dataset", ALL)
def test_every_dataset_has_an_indicator(dataset):
    assert [one.name for one in MEASURES.values() if one.numerator.dataset == dataset]


@pytest.mark.parametrize("name", ASKED_FOR)
def test_the_indicators_of_the_field_are_there(name):
    assert name in MEASURES


@pytest.mark.parametrize("name", HOME_OFFICE)
def test_each_home_office_measure_is_of_all_ages_and_of_those_under_25(name):
    young = MEASURES[f"{name}_under_25"]
    assert MEASURES[name].ages is None
    assert young.ages == (0, 24)
    assert young.age_bands == ("0-4", "5-9", "10-14", "15-17", "18-19", "20-24")


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_an_indicator_names_what_exists_and_serves_only_ticked_purposes(measure):
    numerator = measure.numerator
    contract = ALL[numerator.dataset]
    assert set(measure.purposes) <= contract.purposes.keys()
    assert {*numerator.where, *([numerator.sums] if numerator.sums else [])} <= {
        column.name for column in all_warehouse_columns(contract)
    }
    assert not numerator.definition or numerator.definition in definition_names()
    assert set(numerator.figures) <= {one.code for one in contract.indicators}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_an_indicator_says_all_a_reader_needs(measure):
    assert all([measure.says.endswith("."), measure.because, measure.source, measure.caveats, measure.disclosure.rule])
    assert [one.unit for one in measure.denominators if not one.unit or not one.of or not one.comes_from] == []


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_what_is_counted_where_it_happened_names_residents_and_visitors(measure):
    if ALL[measure.numerator.dataset].shape == "incidents":
        assert {one.kind for one in measure.denominators} == {"resident", "visitor"}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_codes_of_a_definition_are_not_restated(measure):
    if measure.numerator.definition:
        asked = load_definition(measure.numerator.definition).criteria(measure.numerator.dataset).where()
        assert not {column for column, _ in asked} & measure.numerator.where.keys()


@pytest.mark.parametrize("dataset", [name for name, one in ALL.items() if set(one.purposes) == {Purpose.STRATEGIC}])
def test_data_for_the_strategic_assessment_only_can_never_feed_a_monitoring_indicator(dataset):
    with pytest.raises(BadMeasure, match="no monitoring tick"):
        parse_measure(local(purposes='"strategic", "monitoring"', dataset=dataset), where="local.toml")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"dataset": "horoscopes"}, "no dataset 'horoscopes'"),
        ({"asks": 'where = { colour = ["red"] }'}, "no column 'colour'"),
        ({"asks": 'where = { admission_method = ["77"] }'}, "'77' is not a value of admission_method"),
        ({"asks": 'where = { weapon_class = ["spoon"] }'}, "'spoon' is not a value of weapon_class"),
        ({"asks": 'definition = "nobody"'}, "no definition called 'nobody'"),
        ({"asks": 'definition = "ho_sharp_admissions"'}, "cannot be counted by the definition"),
        ({"asks": 'figures = ["bed_days"]'}, "no figure 'bed_days'"),
        ({"asks": 'figures = ["violence_admissions"]\ngroup = "giants"'}, "no group 'giants'"),
        ({"asks": 'sums = "tears"'}, "no column 'tears'"),
        ({"asks": 'colour = "red"'}, "numerator.colour"),
        ({"rest": "ages = [11, 13]"}, "No age band lies within 11 to 13"),
        ({"dens": 'where = { colour = ["red"] }'}, "no column 'colour'"),
    ],
)
def test_a_declaration_that_names_what_does_not_exist_is_refused(changed, says):
    with pytest.raises(BadMeasure, match=says) as refused:
        parse_measure(local(**changed), where="local.toml")
    assert refused.value.where.startswith("local.toml")


def test_a_file_that_is_no_toml_and_a_name_that_is_not_there_are_told():
    with pytest.raises(BadMeasure, match="not a TOML file"):
        parse_measure("name = ", where="local.toml")
    with pytest.raises(NoSuchMeasure) as refused:
        find_measure("happiness")
    assert "ed_assaults" in refused.value.expected


def test_a_declaration_is_plain_json():
    import json

    assert json.loads(json.dumps(as_json_values(MEASURES["neet"])))["purposes"] == ["strategic", "monitoring"]
