"""The declarations say what they must, and keep identity out of the warehouse."""

from dataclasses import replace

import polars as pl
import pytest

from upstander.contracts import ALL, code_map, codes_version, taxonomy, warehouse_columns
from upstander.contracts.codes import map_of, shipped
from upstander.contracts.dataset import Kind, Shape
from upstander.contracts.indicators import as_indicators

COLUMNS = [
    pytest.param(contract, column, id=f"{contract.name}.{column.name}")
    for contract in ALL.values()
    for column in contract.columns
]
CONTRACTS = [pytest.param(contract, id=contract.name) for contract in ALL.values()]
PERSONAL = {
    "surname",
    "forename",
    "dob",
    "person_ref",
    "patient_ref",
    "nhs_number",
    "postcode",
    "easting",
    "northing",
    "longitude",
    "latitude",
    "notes",
}
SENT = {
    "police_incidents": "incident_ref occurred_from occurred_to recorded_at offence_code knife_flag weapon injury "
    "location_type postcode easting northing longitude latitude area_code location_text "
    "person_ref surname forename dob sex ethnicity role notes",
    "ambulance_callouts": "incident_ref called_at nature_code injury location_type postcode easting northing longitude "
    "latitude area_code location_text patient_ref age dob sex ethnicity notes",
    "ed_assaults": "attendance_ref reporting_period_start reporting_period_end site_code arrived_at assaulted_at "
    "assault_method assault_method_other assault_location_type assault_location_description "
    "postcode area_code age dob sex ethnicity injury",
    "group_violence": "record_ref occurred_at recorded_at group_kind link_is offence_group weapon injury location_type "
    "postcode area_code person_ref surname forename dob sex ethnicity role",
    "child_criminal_exploitation": "referral_ref referred_at exploitation status referred_by nrm is_county_line "
    "closed_on person_ref surname forename dob sex ethnicity postcode area_code",
    "hospital_episodes": "episode_ref episode_started episode_ended admitted_on cause_code admission_method "
    "episode_order provider_code nhs_number person_ref age dob sex ethnicity postcode area_code",
    "children_in_care": "person_ref started ended reason legal_status need placement end_reason dob sex ethnicity "
    "postcode area_code",
    "missing_episodes": "episode_ref missing_since returned_at reported_at kind missing_from risk return_interview "
    "harm person_ref surname forename dob sex ethnicity postcode area_code",
    "education_local": "person_ref term_started term_ended school_code enrolment is_dual_with_pru exclusion "
    "exclusion_reason suspensions sessions_suspended sessions_possible sessions_unauthorised sessions_authorised need "
    "surname forename dob sex ethnicity postcode area_code",
    "neet": "month person_ref surname forename dob sex participation activity activity_since has_plan is_care_leaver "
    "ethnicity postcode area_code",
    "substance_misuse_treatment": "journey_ref nhs_number person_ref started ended referred_on referral_source "
    "substance setting exit_reason age dob sex ethnicity postcode area_code",
    "youth_justice_children": "outcome_ref outcome_on offence_on outcome is_first_time_entrant offence_group gravity "
    "person_ref surname forename dob sex ethnicity postcode area_code",
    "habitual_knife_carriers": "person_ref surname forename dob sex ethnicity role criterion_version entered_on "
    "left_on reviewed_on review_due exit_reason postcode area_code",
    "children_in_custody": "custody_ref arrived_at left_at offence_group appropriate_adult adult_arrived_at "
    "was_overnight strip_search outcome person_ref surname forename dob sex ethnicity postcode area_code",
}


@pytest.mark.parametrize("name", SENT)
def test_the_sent_columns_are_the_ones_agreed(name):
    assert [column.name for column in ALL[name].columns] == SENT[name].split()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_column_says_what_it_means_and_shows_an_example(contract):
    assert [column.name for column in contract.columns if not column.means or not column.example] == []


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_contract_says_what_a_row_is_and_how_it_comes(contract):
    said = (contract.title, contract.one_row_is, contract.sent_by, contract.arrives, contract.standard)
    assert all(said)
    assert contract.retention_days > 0


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_times_and_measures_say_their_unit(contract, column):
    measured = column.kind in {Kind.TIMESTAMP, Kind.INTEGER, Kind.DECIMAL}
    assert column.unit or not measured


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_a_column_of_codes_has_a_list_and_no_other_has(contract, column):
    assert (column.kind is Kind.CODE) == (column.codes is not None)


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_an_example_would_be_accepted(contract, column):
    if column.codes:
        assert column.codes.canonical(column.example) == column.example
    else:
        dtypes = {Kind.TIMESTAMP: pl.Datetime, Kind.DATE: pl.Date, Kind.INTEGER: pl.Int64, Kind.DECIMAL: pl.Float64}
        dtype = dtypes.get(column.kind, pl.String)
        text = pl.Series([column.example])
        read = (
            text.str.to_datetime("%Y-%m-%d %H:%M")
            if dtype is pl.Datetime
            else text.str.to_date("%Y-%m-%d")
            if dtype is pl.Date
            else text.cast(dtype)
        )
        assert read.null_count() == 0


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_no_value_that_identifies_may_be_quoted(contract, column):
    assert not (column.quotable and (column.identifies or column.free_text))


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_what_is_dropped_says_why_and_nothing_else_does(contract, column):
    assert bool(column.dropped_because) == (column.becomes == ())


@pytest.mark.parametrize("contract", CONTRACTS)
def test_what_we_know_to_be_personal_is_marked(contract):
    marked = {column.name for column in contract.columns if column.identifies}
    assert {column.name for column in contract.columns} & PERSONAL <= marked


@pytest.mark.parametrize("contract", CONTRACTS)
def test_identifying_columns_never_appear_in_the_warehouse(contract):
    stored = {column.name for column in warehouse_columns(contract)}
    assert {column.name for column in contract.columns if column.identifies or column.free_text} & stored == set()


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_free_text_becomes_nothing_but_a_place(contract, column):
    place = {"place_class", "x_m", "y_m", "crs", "area_kind", "area_vintage", "area_code", "place_method"}
    place |= {"place_confidence", "place_precision_m"}
    assert not column.free_text or set(column.becomes) <= place


@pytest.mark.parametrize(("contract", "column"), COLUMNS)
def test_whatever_identifies_becomes_a_token_a_band_a_sector_or_a_place(contract, column):
    safe = {
        "person_token",
        "incident_token",
        "age_band",
        "postcode_sector",
        "x_m",
        "y_m",
        "crs",
        "area_kind",
        "area_vintage",
    }
    safe |= {"area_code", "place_method", "place_confidence", "place_precision_m", "place_class"}
    assert not column.identifies or set(column.becomes) <= safe


@pytest.mark.parametrize("contract", CONTRACTS)
def test_columns_become_only_columns_that_are_stored(contract):
    stored = {column.name for column in warehouse_columns(contract)}
    assert {name for column in contract.columns for name in column.becomes} <= stored
    assert len(stored) == len(warehouse_columns(contract))
    assert contract.counts_by in stored


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_stored_type_is_one_of_polars(contract):
    assert [column.name for column in warehouse_columns(contract) if not hasattr(pl, column.dtype)] == []


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_class_comes_from_columns_whose_codes_have_that_class(contract):
    for name, asked in contract.classified_from.items():
        for sent in asked:
            column = contract.column(sent)
            assert name in code_map(column.codes.name).into
            assert name in column.becomes
        assert taxonomy(name).classes["unknown"]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_class_a_code_gives_is_used(contract):
    given = {(name, column.name) for column in contract.columns if column.codes for name in map_of(column.codes).into}
    used = {(name, sent) for name, asked in contract.classified_from.items() for sent in asked}
    assert given == used


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_row_can_have_a_time(contract):
    for time in contract.event_times:
        assert contract.column(time.starts).kind is Kind.TIMESTAMP
        assert contract.column(time.ends).kind is Kind.TIMESTAMP
        assert time.event_is in {"occurred", "called", "arrived", "recorded"}
    assert contract.event_times or contract.shape is Shape.INDICATORS


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contracts_version_names_every_list_that_it_uses(contract):
    lists = {column.codes.name for column in contract.columns if column.codes} & set(shipped("codelists"))
    assert not lists or contract.version.endswith(codes_version(*lists))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_changed_meaning_of_a_figure_is_a_new_version(contract):
    if not contract.indicators:
        return
    first, *others = contract.indicators
    changed = replace(contract, indicators=(replace(first, means="something else"), *others))
    assert as_indicators(changed).version != as_indicators(contract).version
    assert as_indicators(as_indicators(contract)) == as_indicators(contract)


def test_a_child_who_is_exploited_has_no_role_but_victim():
    exploited = ALL["child_criminal_exploitation"]
    assert exploited.always["role"] == "victim"
    assert exploited.column("role") is None


def test_the_knife_carriers_list_tells_victims_from_suspects_and_holds_no_score():
    listed = ALL["habitual_knife_carriers"]
    role = listed.column("role")
    assert role.required
    assert set(role.codes.meanings) == {"victim", "suspect"}
    assert listed.column("criterion_version").required
    assert listed.column("review_due").required
    assert [column.name for column in warehouse_columns(listed) if "score" in column.name] == []


def test_a_contract_version_follows_its_code_lists():
    versions = [contract.version for contract in ALL.values()]
    assert len(set(versions)) == len(ALL)
    assert codes_version("sex") != codes_version("roles")
    assert codes_version("sex", "roles") == codes_version("roles", "sex")


def test_the_ambulance_and_hospital_call_everyone_a_patient():
    assert ALL["ambulance_callouts"].always["role"] == ALL["ed_assaults"].always["role"] == "patient"


def test_both_groups_of_the_istv_minimum_data_set_are_there():
    names = {name for column in ALL["ed_assaults"].columns for name in column.also_called}
    assert names >= {
        "REPORTING PERIOD START DATE", "REPORTING PERIOD END DATE", "SITE CODE (OF TREATMENT)",
        "ARRIVAL DATE AND TIME AT ACCIDENT AND EMERGENCY DEPARTMENT", "ASSAULT DATE AND TIME", "ASSAULT METHOD",
        "ASSAULT METHOD OTHER DESCRIPTION", "ASSAULT LOCATION TYPE", "ASSAULT LOCATION DESCRIPTION",
    }  # fmt: skip
