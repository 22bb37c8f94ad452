"""Files that an analyst hands to a method."""

import pytest

from upstander.errors import NotAcceptable
from upstander.pipeline.methods import read_frame


@pytest.mark.parametrize("separator", [",", ";"])
def test_commas_and_semicolons_both_part_cells(tmp_path, separator):
    file = tmp_path / "panel.csv"
    file.write_text(f"unit{separator}time\nUtah{separator}1970\n", "utf-8")
    assert read_frame(file).rows(named=True) == [{"unit": "Utah", "time": "1970"}]


def test_a_semicolon_inside_a_heading_with_commas_parts_nothing(tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text("unit;name,time\nUtah,1970\n", "utf-8")
    assert read_frame(file).columns == ["unit;name", "time"]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NotAcceptable, match="no file"):
        read_frame(tmp_path / "none.csv")
