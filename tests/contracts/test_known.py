"""What outsiders know: a file says where it is from, and an attacker gets the narrowest that all of it leaves."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.contracts.errors import BadKnown
from upstander.contracts.known import Fact, Known, checked, facts_in, known_cells, known_toml, parse_known, read_known

DIMENSIONS = ("measure", "period", "area", "age")
WHOLE = {"age": "all ages"}
CELL = {"measure": "homicide", "period": "2026-Q2", "area": "ward24:F05000001"}


def known(*facts, name="press_2026"):
    return Known(name, "Fenmoor Gazette, 3 July 2026", date(2026, 7, 3), "A. Analyst", facts)


def of(low, high=None, **cell):
    return Fact("police_incidents", CELL | cell, low, low if high is None else high)


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12)
FACTS = st.builds(
    lambda low, more, cell: Fact("ed_assaults", {"measure": "m"} | cell, low, low + more),
    st.integers(0, 50), st.integers(0, 9), st.dictionaries(st.sampled_from(["area", "age"]), TEXTS),
)  # fmt: skip


@given(facts=st.lists(FACTS, min_size=1, max_size=4))
def test_facts_are_read_back_as_they_were_written(facts):
    assert parse_known(known_toml(known(*facts)), where="a file") == known(*facts)


def test_a_table_gives_facts_and_an_empty_cell_means_all():
    table = b"dataset,measure,period,area,age,value\r\npolice_incidents,homicide,2026-Q2,ward24:F05000001,,1\r\n"
    assert facts_in(table, where="x") == (of(1),)
    spans = b"\xef\xbb\xbfdataset,measure,low,high\npolice_incidents,violence,2,9\n"
    assert facts_in(spans, where="x") == (Fact("police_incidents", {"measure": "violence"}, 2, 9),)


@pytest.mark.parametrize("row", ["police_incidents,homicide,few", ",homicide,1", "police_incidents,homicide,-1", "a"])
def test_a_row_without_a_dataset_and_a_whole_number_is_refused_by_its_line(row):
    with pytest.raises(BadKnown, match=r"^x, row 2: a fact needs a dataset"):
        facts_in(f"dataset,measure,value\n{row}\n".encode(), where="x")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (known(Fact("crystal_ball", CELL, 1, 1)), "fact 1: There is no dataset 'crystal_ball'"),
        (known(of(1), of(3, 2)), "fact 2: It says that 3 to 2 are counted"),
        (known(of(-1, 1)), "use whole numbers from 0"),
        (known(Fact("ed_assaults", {}, 1, 1)), "It does not say which cell it is of"),
        (known(of(1, period="last summer")), "'last summer' is not a period"),
        (known(), "a source, who entered it, and a fact at least"),
        (known(of(1), name="../x"), "must give a name"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_in_words(wrong, said):
    with pytest.raises(BadKnown) as caught:
        checked(wrong, where="press.toml")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "is not a TOML file"),
        ('name = "a"\nsource = "b"\ndated = 2026-07-03\nentered_by = "c"\nfacts = []\nextra = 1', "extra"),
        ('name = "a"\nsource = "b"\ndated = 2026-07-03\nfacts = []', "entered_by"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_part(text, said):
    with pytest.raises(BadKnown) as caught:
        parse_known(text, where="press.toml")
    assert "press.toml" in str(caught.value)
    assert said in str(caught.value)


def test_an_attacker_gets_one_row_a_cell_with_the_narrowest_that_is_true():
    cells = known_cells(
        [known(of(1, 9)), known(of(2, 20), of(0, age="under 25"))], "police_incidents", DIMENSIONS, WHOLE
    )
    assert cells.rows() == [
        ("homicide", "2026-Q2", "ward24:F05000001", "all ages", 2, 9),
        ("homicide", "2026-Q2", "ward24:F05000001", "under 25", 0, 0),
    ]
    assert cells.schema == dict.fromkeys(DIMENSIONS, pl.String) | {"low": pl.Int64, "high": pl.Int64}


def test_what_is_known_of_another_dataset_is_no_row():
    assert known_cells([known(of(1))], "ed_assaults", DIMENSIONS, WHOLE).height == 0


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ((of(1), of(2)), "contradicts itself"),
        ((of(1, agee="under 25"),), "must speak of measure, period, area, age; this one does not, in agee"),
        ((Fact("police_incidents", {"measure": "homicide", "period": "2026-Q2"}, 1, 1),), "this one does not, in area"),
    ],
)
def test_what_cannot_be_used_is_not_left_out_in_silence(facts, said):
    with pytest.raises(BadKnown) as caught:
        known_cells([known(*facts)], "police_incidents", DIMENSIONS, WHOLE)
    assert said in str(caught.value)


def test_a_home_without_facts_knows_nothing(tmp_path):
    assert read_known(tmp_path / "known") == ()
    (tmp_path / "b.toml").write_text(known_toml(known(of(1))))
    assert [one.name for one in read_known(tmp_path)] == ["press_2026"]
