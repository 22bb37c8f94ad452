"""One spelling for each identifier, whatever way it was typed."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upstander.values import identifiers


def _one(expression: pl.Expr, text: str | None) -> object:
    return pl.DataFrame({"sent": pl.Series([text], dtype=pl.String)}).select(expression).item()


SENT = pl.col("sent")


def _check_digit(nine: str) -> str | None:
    """By hand, one digit at a time: the Data Dictionary's own recipe."""
    left = 11 - sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
    return {11: "0", 10: None}.get(left, str(left))


@pytest.mark.parametrize(
    "text", ["9434765919", "943 476 5919", "943-476-5919", " 943 476 5919 ", "９４３４７６５９１９"]
)
def test_the_data_dictionarys_own_example_is_an_nhs_number_however_it_is_typed(text: str) -> None:
    assert _one(identifiers.nhs_number(SENT), text) == "9434765919"
    assert _one(identifiers.is_wrong_nhs_number(SENT), text) is False


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_of_ten_last_digits_at_most_one_makes_an_nhs_number(nine: str) -> None:
    texts = pl.DataFrame({"sent": [nine + str(last) for last in range(10)]})
    found = texts.select(identifiers.nhs_number(SENT)).to_series().drop_nulls().to_list()
    right = _check_digit(nine)
    is_filler = right is not None and _one(identifiers.is_placeholder_nhs_number(SENT), nine + right)
    assert found == ([nine + right] if right is not None and not is_filler else [])


@pytest.mark.parametrize("digit", list("0123456789"))
def test_one_digit_ten_times_passes_the_check_and_is_refused_all_the_same(digit: str) -> None:
    assert _check_digit(digit * 9) == digit
    assert _one(identifiers.nhs_number(SENT), digit * 10) is None
    assert _one(identifiers.is_placeholder_nhs_number(SENT), f"{digit * 3} {digit * 3} {digit * 4}") is True


@pytest.mark.parametrize("text", ["943476591", "94347659190", "943476591X", "", "nil"])
def test_what_has_not_ten_digits_is_wrong_and_becomes_no_token(text: str) -> None:
    assert _one(identifiers.is_wrong_nhs_number(SENT), text) is True
    assert _one(identifiers.nhs_number(SENT), text) is None


def test_an_empty_cell_is_neither_right_nor_wrong() -> None:
    assert _one(identifiers.is_wrong_nhs_number(SENT), None) is False
    assert _one(identifiers.nhs_number(SENT), None) is None


@pytest.mark.parametrize(
    "texts", [("Zoë", "ZOE", "zoe "), ("O’Neill", "O'NEILL", "ONeill"), ("Smith-Jones", "Smith Jones")]
)
def test_spellings_of_one_name_become_one_name(texts: tuple[str, ...]) -> None:
    assert len({_one(identifiers.name(SENT), text) for text in texts}) == 1


def test_names_of_other_alphabets_are_kept_and_stay_apart() -> None:
    assert _one(identifiers.name(SENT), "Ольга") == "ОЛЬГА"
    assert _one(identifiers.name(SENT), "李") != _one(identifiers.name(SENT), "王")


def test_a_reference_keeps_its_signs_and_loses_its_blanks() -> None:
    assert _one(identifiers.reference(SENT), " p 00-12/a ") == "P00-12/A"


def test_a_name_without_a_letter_names_nobody() -> None:
    frame = pl.DataFrame({"surname": ["--"], "forename": ["Alex"], "born": ["2008-03-14"]}).with_columns(
        pl.col("born").str.to_date()
    )
    asked = identifiers.name_and_birth(pl.col("surname"), pl.col("forename"), pl.col("born"))
    assert frame.select(asked).item() is None
