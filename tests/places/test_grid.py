"""Squares by arithmetic."""

import ibis
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.errors import WrongUsage
from upstander.places import (
    SIZES_M,
    square_corner,
    square_in_query,
    square_layer,
    square_neighbours,
    square_of,
    square_shape,
    square_size,
)
from upstander.values.areas import AreaKey

# A metre that is no normal number (10^-308) has no side of a line to be on: divided by 250, it is nought.
metres = st.floats(-2e6, 2e6, allow_nan=False, allow_subnormal=False)


def code_at(x, y, size):
    return pl.select(square_of(pl.lit(x, pl.Float64), pl.lit(y, pl.Float64), size)).item()


def test_a_square_is_named_by_its_south_west_corner():
    assert code_at(459_327.0, 304_196.0, 250) == "E459250N304000"
    assert code_at(459_327.0, 304_196.0, 500) == "E459000N304000"
    assert code_at(-1.0, 0.0, 250) == "E-250N0"


def test_a_point_on_a_line_belongs_to_the_square_east_or_north_of_it():
    assert code_at(500.0, 250.0, 250) == "E500N250"
    assert code_at(499.999, 249.999, 250) == "E250N0"


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_no_point_is_in_no_square(missing):
    assert code_at(missing, 1.0, 250) is None
    assert code_at(1.0, missing, 250) is None


@given(x=metres, y=metres, size=st.sampled_from(SIZES_M))
def test_a_square_holds_the_points_that_are_named_by_it(x, y, size):
    west, south = square_corner(code_at(x, y, size))
    assert west <= x < west + size
    assert south <= y < south + size


@given(x=metres, y=metres)
def test_squares_of_250_m_nest_in_squares_of_500_m(x, y):
    west, south = square_corner(code_at(x, y, 250))
    assert code_at(float(west), float(south), 500) == code_at(x, y, 500)


def test_the_warehouse_computes_the_same_squares():
    points = pl.DataFrame({"x": [459_327.0, -0.5, 500.0, None], "y": [304_196.0, 1e6, -250.0, 1.0]})
    table = ibis.memtable(points.with_row_index("row"))
    asked = table.mutate(square=square_in_query(table.x, table.y, 250)).order_by("row").to_polars()
    assert asked["square"].to_list() == points.select(square_of(pl.col("x"), pl.col("y"), 250)).to_series().to_list()


def test_a_square_is_drawn_as_a_closed_ring_of_its_size():
    shape = square_shape("E500N-250", 250)
    assert shape.key == AreaKey.parse("square250:E500N-250")
    assert shape.rings[0].tolist() == [[500, -250], [750, -250], [750, 0], [500, 0], [500, -250]]


def test_squares_touch_at_sides_and_corners():
    pairs = square_neighbours(["E0N0", "E250N0", "E250N250", "E1000N0", "E-250N-250"], 250)
    assert set(pairs.rows()) == {
        ("E0N0", "E250N0"), ("E250N0", "E0N0"), ("E0N0", "E250N250"), ("E250N250", "E0N0"),
        ("E250N0", "E250N250"), ("E250N250", "E250N0"), ("E0N0", "E-250N-250"), ("E-250N-250", "E0N0"),
    }  # fmt: skip
    assert square_neighbours([], 250).is_empty()


def test_a_layer_names_its_size():
    assert square_size(square_layer(500)) == 500
    for wrong in ("square", "lsoa21", "square0"):
        with pytest.raises(WrongUsage):
            square_size(wrong)
    with pytest.raises(WrongUsage):
        square_corner("E1")
