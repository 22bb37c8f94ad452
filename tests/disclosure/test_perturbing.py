"""Counts changed a little: rounded so that they add up, or by the noise of their records' keys."""

from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from disclosure.made_cubes import with_margins
from disclosure.test_cubes import FIVE
from upstander.disclosure import Cube, Publication, differences, protect_cube
from upstander.disclosure.cell_keys import noise_table
from upstander.disclosure.cubes import link
from upstander.disclosure.errors import UnfitTables
from upstander.disclosure.rounding import controlled_rounding


def sums_and_counts(counts: np.ndarray) -> tuple[csr_matrix, np.ndarray]:
    cube = with_margins(counts, tuple("abc"[: counts.ndim]))
    linked = link([cube])
    true = np.zeros(linked.keys.height, np.int64)
    true[linked.at[0]] = cube.cells["count"].to_numpy()
    return linked.sums, true


@given(counts=st.lists(st.integers(0, 30), min_size=8, max_size=8), base=st.sampled_from([3, 5, 10]))
def test_controlled_rounding_adds_up_and_moves_no_count_past_its_neighbours_unless_it_says_so(counts, base):
    sums, true = sums_and_counts(np.array(counts).reshape(2, 2, 2))
    found = controlled_rounding(sums, true, base)
    assert not (sums @ found.counts).any()
    assert not (found.counts % base).any()
    assert (found.counts[true == 0] == 0).all()
    assert np.abs(found.counts - true).max() < base * (1 + found.steps)


@given(counts=st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_no_table_of_multiples_that_adds_up_lies_closer(counts):
    sums, true = sums_and_counts(np.array(counts).reshape(2, 2))
    found = controlled_rounding(sums, true, 5)
    choices = [sorted({count // 5 * 5, -(-count // 5) * 5}) for count in true.tolist()]
    every = np.array(list(product(*choices)))
    adding = every[(every @ sums.toarray().T.astype(int) == 0).all(axis=1)]
    assert found.steps == 0
    assert found.moved == np.abs(adding - true).sum(axis=1).min()


@pytest.mark.parametrize(
    ("most", "variance", "never", "stays"), [(5, 3.0, 2, 0.5), (5, 3.0, 0, None), (6, 4.0, 3, None)]
)
def test_noise_has_no_bias_its_variance_and_never_shows_what_it_must_not(most, variance, never, stays):
    table = noise_table(most, variance, never_up_to=never, stays=stays)
    steps = np.arange(-most, most + 1)
    rows = table.chances[1:]
    assert np.allclose(table.chances.sum(axis=1), 1)
    assert np.allclose(rows @ steps, 0, atol=1e-9)
    assert np.allclose(rows @ steps**2, variance, atol=1e-9)
    after = np.arange(len(table.chances))[:, None] + steps
    assert not table.chances[(after < 0) | ((after > 0) & (after <= never))].any()
    assert table.chances[0].tolist() == (steps == 0).tolist()
    assert np.allclose(rows[-1], rows[-1][::-1]) or not never


def test_of_all_keys_each_noise_comes_as_often_as_its_chance():
    table = noise_table(2, 0.5)
    drawn = table.noise(np.full(256, 50), np.arange(256))
    shares = np.bincount(drawn + 2, minlength=5) / 256
    assert np.abs(shares - table.chances[-1]).max() <= 1 / 256
    assert (table.noise(np.zeros(256, np.int64), np.arange(256)) == 0).all()


def test_a_variance_that_no_noise_can_have_is_refused():
    with pytest.raises(UnfitTables, match="variance of 9"):
        noise_table(2, 9.0)


def test_what_is_left_of_a_ward_without_its_beats_is_found_though_it_is_no_cell():
    # Ward A is L1 to L4; beat X is L1, beat Y L2: A less X less Y is L3 and L4 together, which is nowhere told.
    tree = pl.DataFrame({"parent": ["A"] * 4 + ["X", "Y"], "child": ["L1", "L2", "L3", "L4", "L1", "L2"]})
    cells = pl.DataFrame({"area": ["A", "X", "Y"], "value": [50.0, 30.0, 17.0], "status": "shown"})
    found = differences([Publication(("area",), cells, {"area": tree}, FIVE)])
    assert found.select("plus", "minus", "low", "high").rows() == [(["A"], ["X", "Y"], 3.0, 3.0)]
    safe = cells.with_columns(value=pl.Series([60.0, 30.0, 17.0]))
    assert differences([Publication(("area",), safe, {"area": tree}, FIVE)]).is_empty()


def test_two_beats_less_the_ward_between_them_are_found_and_protection_leaves_none():
    # Ward A is L1 and L2; beat X is L0 and L1, beat Y is L2 and L3. X and Y less A are L0 and L3: three people.
    tree = pl.DataFrame({"parent": ["A", "A", "X", "X", "Y", "Y"], "child": ["L1", "L2", "L0", "L1", "L2", "L3"],
                         "split": ["lsoa"] * 6})  # fmt: skip
    counts = {"A": 20, "X": 11, "Y": 12, "L0": 1, "L1": 10, "L2": 10, "L3": 2}
    cells = pl.DataFrame({"area": list(counts), "count": list(counts.values())})
    cells = cells.with_columns(told=pl.col("area").str.len_chars() == 1)
    shown = cells.select("area", "told", value=pl.col("count").cast(pl.Float64), status=pl.lit("shown"))
    found = differences([Publication(("area",), shown, {"area": tree}, FIVE)])
    assert found.select("plus", "minus", "low").rows() == [(["X", "Y"], ["A"], 3.0)]
    assert differences([protect_cube(Cube(("area",), cells, {"area": tree}), FIVE)]).is_empty()
