"""Personal details in free text, and names beside a sexual offence, wait for a person; nothing of them is quoted."""

import polars as pl
import pytest

from intake.desk import read_bytes, rms, variant
from upstander.contracts.readings import Outcome
from upstander.intake.details import rows_with_details

AGREED = {"reason": "the steward, 27 November 2026"}


@pytest.mark.parametrize(
    "text",
    [
        "Pt NHS 943 476 5919 attended", "9434765919", "nhs no 943-476-5919.", "mob 07700 900123", "tel 0116 2960123",
        "ring +44 7700 900123", "write to a.person@example.org", "DOB 14/03/2008", "born on 3 May 1999",
        "lives at 12 Acacia Ave", "resides: flat 4b",
    ],
)  # fmt: skip
def test_a_personal_detail_is_found(text: str) -> None:
    assert rows_with_details(pl.DataFrame({"notes": [text, "Outside a shop.", None]})) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Altercation outside 12 High Street", "10 past 5", "incident 9434765918 refers", "unit 2041, bay 7",
        "lives nearby", "25 people at no 14", "@SUM(1)", "LE1 1AA", "0 to 60", "01/06/2024 22:10", "call 999",
    ],
)  # fmt: skip
def test_ordinary_words_and_numbers_are_no_detail(text: str) -> None:
    assert rows_with_details(pl.DataFrame({"notes": [text]})) == 0


def test_a_row_counts_once_however_many_columns_tell() -> None:
    told = pl.DataFrame({"notes": ["mob 07700 900123", None], "place": ["943 476 5919", "lives at 4"]})
    assert rows_with_details(told) == 2


def test_a_file_that_tells_details_waits_and_none_is_quoted() -> None:
    result, tray = read_bytes(rms(*[{}] * 20, {"notes": "Pt NHS 943 476 5919"}))
    assert result.outcome is Outcome.HOLD
    assert "1 row has personal details in free text" in result.message
    assert "943" not in result.message
    assert tray.accepted.height == 21  # complete, for when a person has looked


def test_one_row_in_a_hundred_is_needed() -> None:
    few = read_bytes(rms(*[{}] * 100, {"notes": "Pt NHS 943 476 5919"}))[0]
    assert few.otherwise is Outcome.ACCEPT  # such a file of like rows waits for other reasons
    assert "personal details" not in few.message


def test_what_is_agreed_with_a_reason_does_not_wait() -> None:
    content = rms({"notes": "mob 07700 900123", "offence_code": "19E"})
    assert read_bytes(content, variant("rms", agreed=AGREED | {"details_in_text": True}))[0].outcome is Outcome.HOLD
    both = AGREED | {"details_in_text": True, "names_with_sexual_offences": True}
    assert read_bytes(content, variant("rms", agreed=both))[0].outcome is Outcome.ACCEPT
    with pytest.raises(ValueError, match="who agreed to it"):
        variant("rms", agreed={"details_in_text": True})


def test_names_beside_a_sexual_offence_wait_for_a_person() -> None:
    result, _ = read_bytes(rms({"offence_code": "19E"}, {}))
    assert result.outcome is Outcome.HOLD
    assert "1 row names somebody in a sexual offence" in result.message
    assert "anonymity" in result.message


@pytest.mark.parametrize("blank", [{"surname": "", "forename": ""}])
def test_a_sexual_offence_without_a_name_comes_in(blank: dict[str, str]) -> None:
    assert read_bytes(rms({"offence_code": "19E"} | blank, {}))[0].outcome is Outcome.ACCEPT
