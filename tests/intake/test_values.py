"""Counting how often values occur, in a table that stays small: no value that makes up a share of a file is lost."""

import polars as pl
import pytest

from upstander.intake import profiling
from upstander.intake.profiling import Values


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiling, "MOST_VALUES", 1_000)


def told(*blocks: list[str]) -> Values:
    values = Values()
    for block in blocks:
        values.add(pl.Series(block, dtype=pl.String))
    return values


def others(first: int, many: int) -> list[str]:
    return [f"v{number}" for number in range(first, first + many)]


def test_few_values_are_counted_exactly() -> None:
    found = told(others(0, 500), others(0, 200), ["v7"] * 3)
    assert (found.distinct, found.commonest, found.is_full) == (500, ("v7", 5), False)


def test_a_common_value_is_found_even_where_it_comes_after_too_many_others() -> None:
    found = told(*(others(start, 700) for start in range(0, 7_000, 700)), *[["late"] * 400] * 5)
    assert found.commonest == ("late", 2_000)
    assert found.is_full
    assert found.distinct >= 1_000


def test_the_table_stays_small() -> None:
    found = told(*(others(start, 700) for start in range(0, 70_000, 700)))
    assert found.counts is not None
    assert found.counts.height <= 1_000
