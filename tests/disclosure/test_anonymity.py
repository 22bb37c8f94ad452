"""How rows hide among rows that are alike, by hand and for any table."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from upstander.disclosure import Anonymity, anonymity, ladder

# In the manner of Sweeney (2002), figure 2: alike in twos or more by race, birth, gender and ZIP code.
TWOS = pl.DataFrame(
    {
        "race": ["Black"] * 4 + ["White"] * 7,
        "birth": ["1965"] * 4 + ["1964"] * 5 + ["1967"] * 2,
        "gender": ["m", "m", "f", "f", "m", "m", "f", "f", "f", "m", "m"],
        "zip": ["02141", "02141", "02138", "02138", "02138", "02138", "02138", "02138", "02138", "02138", "02138"],
    }
)
COLUMNS = ("race", "birth", "gender", "zip")


def test_a_two_anonymous_table_has_no_row_alone_and_a_smallest_group_of_two() -> None:
    assert anonymity(TWOS, COLUMNS) == Anonymity(COLUMNS, 11, 5, 2, 0, 11, 11)


def test_one_more_row_of_its_own_is_the_only_one_of_its_kind() -> None:
    alone = pl.concat([TWOS, TWOS.head(1).with_columns(zip=pl.lit("02139"))])
    found = anonymity(alone, COLUMNS)
    assert (found.k, found.unique) == (1, 1)


def test_no_rows_hide_nobody_and_expose_nobody() -> None:
    assert anonymity(TWOS.clear(), COLUMNS) == Anonymity(COLUMNS, 0, 0, 0, 0, 0, 0)


rows = st.lists(st.tuples(*[st.sampled_from("ab")] * 3), min_size=1, max_size=40)


@given(rows)
def test_knowing_less_never_leaves_more_rows_alone(lines: list[tuple[str, str, str]]) -> None:
    table = pl.DataFrame(lines, schema=["x", "y", "z"], orient="row")
    found = {line.columns: line for line in ladder(table, ("x", "y", "z"))}
    for columns, line in found.items():
        for fewer, wider in found.items():
            if set(fewer) < set(columns):
                assert (wider.unique, wider.below_5, wider.below_10) <= (line.unique, line.below_5, line.below_10)
                assert wider.k >= line.k


@given(rows)
def test_counts_by_hand_agree_with_the_table(lines: list[tuple[str, str, str]]) -> None:
    table = pl.DataFrame(lines, schema=["x", "y", "z"], orient="row")
    sizes = [lines.count(line) for line in lines]
    found = anonymity(table, ("x", "y", "z"))
    assert (found.groups, found.k, found.unique, found.below_5) == (
        len(set(lines)), min(sizes), sizes.count(1), sum(size < 5 for size in sizes),
    )  # fmt: skip


def test_coarser_postcodes_and_ages_are_told_beside_the_finer_ones() -> None:
    table = pl.DataFrame({"postcode_sector": ["ZZ1 1", "ZZ1 2"], "age_band": ["0-4", "15-17"]})
    told = {line.columns: line.unique for line in ladder(table, ("postcode_sector", "age_band"))}
    assert told["postcode_sector", "age_band"] == 2
    assert told["postcode_district", "wide_age"] == 0
    assert told["postcode_district", "age_band"] == 2
