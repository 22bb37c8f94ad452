"""Definitions of serious violence load, refer to real codes, and say what a dataset cannot tell."""

from datetime import date

import pytest

from upstander.contracts import ALL, definition_names, load_definition
from upstander.contracts.codes import code_list, code_map
from upstander.contracts.definitions import FOUR_FACTORS, parse_definition
from upstander.contracts.errors import BadDefinition, CannotServe, NoSuchDefinition
from upstander.values.agebands import UNDER_25

SHIPPED = (
    "all_violence",
    "ho_knife_enabled",
    "ho_nondomestic_homicide",
    "ho_sharp_admissions",
    "knife_enabled",
    "network_own",
)
LOCAL = """
name = "local"
version = "{version}"
title = "Local"
says = "Violence with injury."
agreed_by = "The partnership board"
agreed_on = 2026-05-01
source = "Minutes of the board"
{rest}
[four_factors]
maximum_penalty = "a"
impact_on_victims = "b"
prevalence_in_the_area = "c"
impact_on_the_community = "d"
[per_dataset.police_incidents]
{criteria}
"""


def local(*, version="2026.1", criteria='severities = ["serious"]', rest=""):
    return LOCAL.format(version=version, criteria=criteria, rest=rest)


def test_six_definitions_are_shipped():
    assert definition_names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_definition_answers_the_four_factors_and_says_who_agreed_it(name):
    definition = load_definition(name)
    assert definition.name == name
    assert set(definition.four_factors) == set(FOUR_FACTORS)
    assert all([*definition.four_factors.values(), definition.agreed_by, definition.source, definition.says])
    assert str(definition) == f"{name} {definition.version}"


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("dataset", ALL)
def test_a_dataset_either_serves_a_definition_or_is_refused_with_the_reason(name, dataset):
    definition = load_definition(name)
    if dataset in definition.per_dataset:
        assert definition.criteria(dataset) is definition.per_dataset[dataset]
    else:
        reason = definition.limits.get(dataset, "does not speak of this dataset")
        with pytest.raises(CannotServe, match=reason[:20]):
            definition.criteria(dataset)


def test_all_violence_is_the_one_category_of_the_open_data():
    asked = dict(load_definition("all_violence").criteria("police_incidents").where())
    assert [code for code in asked["offence_code"] if code.startswith("policeuk:")] == [
        "policeuk:violence-and-sexual-offences"
    ]
    assert "unknown" in asked["role"]


def test_all_violence_counts_every_row_of_ambulance_and_hospital():
    definition = load_definition("all_violence")
    assert definition.criteria("ambulance_callouts").where() == definition.criteria("ed_assaults").where() == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_suspects_and_witnesses_do_not_multiply_a_crime(name):
    police = load_definition(name).per_dataset.get("police_incidents")
    assert police is None or not {"suspect", "witness"} & set(police.roles)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_definition_counts_an_offence_without_violence(name):
    police = load_definition(name).per_dataset.get("police_incidents")
    codes = police.offence_codes if police else ()
    assert [code for code in codes if code_map("offences").rows[code]["mechanism"] in {"none", "carrying"}] == []


def test_the_networks_own_is_young_public_and_armed():
    definition = load_definition("network_own")
    assert set(definition.per_dataset) == {"police_incidents", "ambulance_callouts", "ed_assaults"}
    for dataset in definition.per_dataset:
        asked = dict(definition.criteria(dataset).where())
        assert asked["age_band"] == UNDER_25
        assert set(asked["place_class"]) == {"public", "licensed"}
        assert not {"none", "unknown", "body_part"} & set(asked["weapon_class"])


def test_the_home_office_measures_do_not_pass_a_stand_in_for_the_measure():
    admissions = load_definition("ho_sharp_admissions")
    assert "stand-in" in admissions.says
    assert "not an admission" in admissions.limits["ed_assaults"]
    assert "upper bound" in load_definition("ho_nondomestic_homicide").limits["police_incidents"]


def test_knife_enabled_is_the_same_police_count_as_the_home_office_measure():
    ours, theirs = load_definition("knife_enabled"), load_definition("ho_knife_enabled")
    assert ours.criteria("police_incidents") == theirs.criteria("police_incidents")


def test_a_homes_own_definition_goes_before_the_shipped_one(tmp_path):
    for version in ("2026.9", "2026.10"):
        path = tmp_path / "all_violence" / f"{version}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(local(version=version), encoding="utf-8")
    assert load_definition("all_violence", folder=tmp_path).version == "2026.10"
    assert load_definition("all_violence", "2026.9", tmp_path).agreed_on == date(2026, 5, 1)
    assert load_definition("knife_enabled", folder=tmp_path).name == "knife_enabled"
    assert load_definition("knife_enabled", folder=tmp_path / "missing").name == "knife_enabled"


def test_a_definition_nobody_wrote_is_answered_with_those_there_are():
    with pytest.raises(NoSuchDefinition, match="no definition called 'street_crime'") as caught:
        load_definition("street_crime")
    assert caught.value.expected == ", ".join(SHIPPED)
    with pytest.raises(NoSuchDefinition, match=r"no version 1999\.1"):
        load_definition("all_violence", "1999.1")


@pytest.mark.parametrize(
    ("criteria", "complaint"),
    [
        ('weapon_classes = ["knief"]', "'knief' is not a value of weapon_class"),
        ('offence_codes = ["999Z"]', "'999Z' is not a value of offence_code"),
        ('age_bands = ["0-17"]', "'0-17' is not a value of age_band"),
        ('weapons = ["sharp"]', "Unexpected keyword argument"),
        ("severities = []", "would count nothing"),
        ('[per_dataset.ed_assaults]\nroles = ["victim"]', "role as asked would count nothing"),
        ("[per_dataset.horoscopes]", "no dataset 'horoscopes'"),
    ],
)
def test_a_definition_that_names_what_does_not_exist_is_refused(criteria, complaint):
    with pytest.raises(BadDefinition, match=complaint):
        parse_definition(local(criteria=criteria), where="local/2026.1.toml")


def test_a_definition_without_the_four_factors_is_refused():
    with pytest.raises(BadDefinition, match="maximum_penalty"):
        parse_definition(local().replace('maximum_penalty = "a"', ""), where="local/2026.1.toml")


def test_a_file_that_is_not_toml_is_refused():
    with pytest.raises(BadDefinition, match=r"local/2026\.1\.toml is not a TOML file"):
        parse_definition("name =", where="local/2026.1.toml")


def test_deaths_by_driving_are_left_out_of_violence():
    codes = load_definition("all_violence").criteria("police_incidents").offence_codes
    driving = {
        code
        for code, means in code_list("home_office_offences").meanings.items()
        if "driving" in means or "vehicle taking" in means
    }
    assert len(driving) == 5
    assert not driving & set(codes)
