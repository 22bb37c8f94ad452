"""A phrase that waits is seen, settled once from the keyboard, and the delivery that says it is read again."""

from pathlib import Path

import pytest

from cli.conftest import END, START, Keyboard
from pipeline import spoken
from places.conftest import VILLAGE_CRS
from upstander.pipeline.home import open_home

PHRASE = "in the moonrake"


@pytest.fixture
def told(types: Keyboard, signed: Path, tmp_path: Path) -> str:
    """The delivery of a hospital whose words name a pub that two towns have."""
    spoken.ready(open_home(signed), tmp_path)
    pact = tmp_path / "hospital.toml"
    pact.write_bytes(spoken.terms(name="hospital", start=START, end=END))
    assert types("agreement", "sign", pact).code == 0
    sent = tmp_path / "ed_2026-07.csv"
    sent.write_bytes(spoken.attendances(*[(PHRASE, spoken.NOWHERE)] * 3, "gilded hare", "pts home"))
    said = types("deliver", sent, "--dataset", "ed_assaults", "--supplier", "village_ed", "--json").json
    assert said["rows_loaded"] == 5, said
    return said["delivery"]


def test_a_phrase_is_seen_settled_and_its_delivery_read_again(types: Keyboard, told: str) -> None:
    (waits,) = types("places", "waiting", "--json").json
    assert (waits["phrase"], waits["rows"]) == ("moonrake", 3)
    assert {one["id"] for one in waits["candidates"]} == {"licence:M1", "licence:M2"}
    (again,) = types("place", "settle", waits["id"], "--entry", "licence:M2", "--json").json
    assert (again["delivery"], again["rows_loaded"]) == (told, 5)
    assert types("places", "waiting", "--json").json == []
    placed = types(
        "places", "locate", "o/s moonrake pub", "--site", spoken.NOWHERE, "--crs", VILLAGE_CRS, "--json"
    ).json
    assert (placed["text_status"], placed["area_code"]) == ("settled", "F6")


def test_what_waits_is_told_in_words(types: Keyboard, told: str) -> None:
    said = types("places", "waiting")
    assert said.code == 0
    assert "1 phrase waits" in said.out
    assert "The Moonrake, Selmarsh [licence:M1]" in said.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("nonsense", "--nowhere"), "No such phrase waits"),
        (("moonrake",), "settled as one thing"),
        (("moonrake", "--entry", "licence:M1", "--nowhere"), "settled as one thing"),
        (("moonrake", "--entry", "licence:none"), "no entry"),
        (("moonrake", "--class", "pub"), "no class of place 'pub'"),
    ],
)
def test_an_answer_that_cannot_be_taken_changes_nothing(
    types: Keyboard, told: str, words: tuple[str, ...], expected: str
) -> None:
    said = types("places", "settle", *words)
    assert (said.code, "Traceback" in said.err) == (2, False)
    assert expected in said.err
    assert len(types("places", "waiting", "--json").json) == 1


def test_words_that_may_mean_two_places_name_both(types: Keyboard, told: str) -> None:
    said = types("places", "locate", "moonrake", "--crs", VILLAGE_CRS)
    assert said.code == 0
    assert "It may mean" in said.out
    assert said.out.count("licence:M") == 2
