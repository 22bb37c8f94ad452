"""Code lists, taxonomies and maps: sourced, dated, whole, and clear about what is never violence."""

import csv
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_data import SHARED, needs_shared
from upstander.contracts.codes import code_list, code_map, codes_of_family, shipped, taxonomy
from upstander.contracts.spellings import canonical_ampds, canonical_home_office
from upstander.errors import WrongUsage

LISTS = shipped("codelists")
UNKNOWN_PEOPLE = {"unknown", "not_asked", "withheld"}


@pytest.mark.parametrize("name", LISTS)
def test_every_code_list_has_a_source_and_a_date(name):
    codes = code_list(name)
    assert codes.name == name
    assert codes.source
    assert codes.version
    assert date(2000, 1, 1) < codes.dated < date(2027, 1, 1)
    assert all(codes.meanings.values())


@pytest.mark.parametrize("name", shipped("taxonomies"))
def test_every_taxonomy_has_a_source_a_date_and_a_class_for_not_known(name):
    found = taxonomy(name)
    assert found.source
    assert isinstance(found.dated, date)
    assert "unknown" in found.classes


def test_every_code_list_has_a_map_and_every_map_a_list():
    assert shipped("codemaps") == LISTS


@pytest.mark.parametrize("name", LISTS)
def test_every_code_is_mapped_into_every_taxonomy_or_set_aside_with_a_reason(name):
    codes, mapped = code_list(name), code_map(name)
    said = mapped.rows.keys() | mapped.excluded.keys()
    assert said == codes.meanings.keys() if mapped.into else not mapped.rows and said <= codes.meanings.keys()
    assert all(mapped.excluded.values())
    for code, classes in mapped.rows.items():
        assert set(classes) == set(mapped.into), code
        assert {into: group for into, group in classes.items() if group not in taxonomy(into).classes} == {}


@pytest.mark.parametrize("name", LISTS)
def test_no_code_is_both_counted_and_set_aside(name):
    assert code_map(name).rows.keys() & code_map(name).excluded.keys() == set()


@pytest.mark.parametrize("name", LISTS)
def test_every_map_has_a_source_and_a_date(name):
    mapped = code_map(name)
    assert mapped.source
    assert isinstance(mapped.dated, date)
    assert mapped.version


def test_no_self_inflicted_code_counts_as_violence():
    by_hand = {
        code: name
        for name in LISTS
        for code, means in code_list(name).meanings.items()
        if "self" in means.lower() and "inflicted" in means.lower()
    }
    by_hand |= {"ecds:self_harm": "ecds_injury_mechanisms"}
    assert len(by_hand) > 100
    for code, name in by_hand.items():
        assert "self-inflicted" in code_map(name).excluded[code]
        assert code not in code_map(name).rows


def test_every_self_inflicted_suffix_of_protocol_27_is_set_aside():
    written = [f"27{level}{number:02}{suffix}" for level in "ABCDE" for number in range(10) for suffix in "XY"]
    codes = {code_list("ambulance_nature").canonical(text) for text in written}
    assert len(codes) == 100
    assert codes <= code_map("ambulance_nature").excluded.keys()


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("04D02A", "4-D-2A"), ("4-D-2", "4-D-2"), ("27-B-3S", "27-B-3S"), ("27B03s", "27-B-3S"),
        (" 27 D 1 g ", "27-D-1G"), ("4D2", "4-D-2"), ("27-D-03-P", "27-D-3P"), ("004-B-01-T", "4-B-1T"),
    ],
)  # fmt: skip
def test_a_determinant_has_one_spelling(written, canonical):
    assert canonical_ampds(written) == canonical
    assert code_list("ambulance_nature").canonical(written) == canonical


@given(
    protocol=st.sampled_from([4, 27]),
    level=st.sampled_from("ABCDE"),
    determinant=st.integers(min_value=0, max_value=9),
    suffix=st.sampled_from(["", "A", "S", "T", "G", "P", "X", "Y"]),
)
def test_every_way_of_writing_a_determinant_gives_the_same_code(protocol, level, determinant, suffix):
    hyphened = f"{protocol}-{level}-{determinant}{suffix}"
    assert canonical_ampds(f"{protocol:02}{level}{determinant:02}{suffix}") == hyphened
    assert canonical_ampds(hyphened.lower()) == hyphened
    assert canonical_ampds(hyphened) == hyphened


@pytest.mark.parametrize(
    ("code", "mechanism", "weapon"),
    [
        ("27-D-3S", "sharp_force", "sharp"),
        ("27-D-3G", "gunshot", "firearm"),
        ("4-B-1S", "sexual", "unknown"),
        ("4-B-1A", "unknown", "unknown"),
    ],
)
def test_the_suffix_of_a_determinant_says_how(code, mechanism, weapon):
    assert dict(code_map("ambulance_nature").rows[code]) == {"mechanism": mechanism, "weapon_class": weapon}


@pytest.mark.parametrize("text", ["17-D-3", "27-F-1", "27-D-3Q", "PATIENT COLLAPSED", ""])
def test_what_is_not_violence_in_the_dispatch_system_is_not_in_the_list(text):
    assert code_list("ambulance_nature").canonical(text) is None


@pytest.mark.parametrize(
    ("written", "canonical"), [("08N", "8N"), ("4.10", "4/10"), ("004/01", "4/1"), ("10d", "10D"), ("105A", "105A")]
)
def test_a_home_office_class_has_one_spelling(written, canonical):
    assert canonical_home_office(written) == canonical
    assert code_list("offences").canonical(written) == canonical


@pytest.mark.parametrize(
    ("name", "written", "code"), [("sex", "F", "female"), ("sex", " Male ", "male"), ("knife_flag", "Y", "yes")]
)
def test_a_short_form_is_read_as_its_code(name, written, code):
    assert code_list(name).canonical(written) == code
    assert code in code_list(name)


@pytest.mark.parametrize("name", LISTS)
def test_a_short_form_stands_for_a_code_and_hides_none(name):
    codes = code_list(name)
    assert set(codes.aliases.values()) <= set(codes.meanings)
    assert not {code.lower() for code in codes.meanings} & set(codes.aliases)


def test_all_fourteen_categories_of_the_open_data_are_accepted():
    codes = code_list("policeuk_categories")
    assert len(codes.meanings) == 14
    for means in codes.meanings.values():
        assert code_list("offences").canonical(means) in codes


def test_shoplifting_is_not_violence_and_the_violent_category_is():
    rows = code_map("offences").rows
    assert rows["policeuk:shoplifting"]["mechanism"] == "none"
    assert rows["policeuk:violence-and-sexual-offences"]["mechanism"] == "unknown"


def test_a_family_stands_for_each_of_its_codes():
    assert codes_of_family("27-[A-B]-[0-1][XY]") == [
        "27-A-0X", "27-A-0Y", "27-A-1X", "27-A-1Y", "27-B-0X", "27-B-0Y", "27-B-1X", "27-B-1Y",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["ethnicity_police", "ethnicity_health"])
def test_not_knowing_is_three_different_codes(name):
    groups = {classes["ethnic_group"] for classes in code_map(name).rows.values()}
    assert groups == {"asian", "black", "mixed", "white", "other"} | UNKNOWN_PEOPLE
    assert {classes["sex"] for classes in code_map("sex").rows.values()} == {"female", "male", "other"} | UNKNOWN_PEOPLE


def test_the_detailed_groups_make_the_five_of_the_census():
    groups = {code: classes["ethnic_group"] for code, classes in code_map("ethnicity_18").rows.items()}
    sizes = {group: sum(found == group for found in groups.values()) for group in set(groups.values())}
    assert sizes == {"white": 5, "mixed": 4, "asian": 5, "black": 3, "other": 2, "withheld": 1}


def test_nobody_is_called_an_offender():
    assert "offender" not in " ".join([*code_list("roles").meanings, *taxonomy("role").classes])


def test_a_list_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(WrongUsage, match="no 'colours' in codelists") as caught:
        code_list("colours")
    assert "weapons" in caught.value.expected


@needs_shared
def test_the_offence_classes_bear_the_codes_of_the_ons_severity_tables():
    with (SHARED / "data/harm/PSD-policeuk-ons-code-join.csv").open(encoding="utf-8-sig") as file:
        known = {canonical_home_office(row["ONS_COUNTS_code"]) for row in csv.DictReader(file)}
    added_since = {"8T", "8U"}
    assert set(code_list("home_office_offences").meanings) - known == added_since


@needs_shared
def test_every_category_in_the_real_open_data_is_in_the_list():
    found = set()
    for path in sorted((SHARED / "data/police").glob("*-street.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found |= {row["Crime type"] for row in csv.DictReader(file)}
    assert {code_list("offences").canonical(text) for text in found} == set(code_list("policeuk_categories").meanings)
