"""Words about places on their way: rows placed, phrases sealed and settled once, and no name outside the vault."""

import logging
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from pipeline.homes import desk_at, send
from pipeline.spoken import NOWHERE, attendances, ready, terms
from places.conftest import VILLAGE_CRS
from upstander.cli.settling import places_app
from upstander.errors import WrongUsage
from upstander.intake import DeliveryReport
from upstander.pipeline.agreeing import sign
from upstander.pipeline.child import run_job
from upstander.pipeline.desk import Desk
from upstander.pipeline.locating import candidates_for, locate_text
from upstander.pipeline.settling.keeping import kept_phrases
from upstander.pipeline.settling.settling import Answer, settle
from upstander.pipeline.settling.waiting import waiting

# No person that we know of has these names, and no place of the village.
CANARIES = ("Zephandra", "Quillibrand", "Oswythe", "Tharnaby")
PLANTED = (
    "o/s moonrake with Zephandra Quillibrand", "pts home, Oswythe Tharnaby", "Zephandra Quillibrand",
    "assaulted by Oswythe Tharnaby, gilded hare", "ex partner Tharnaby", "u/k Quillibrand wont say", "Quillibrands",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A home with the village's outlines and gazetteers, which an agreement lets the hospital send to."""
    desk = desk_at(tmp_path)
    ready(desk.home, tmp_path)
    sign(desk, terms())
    return desk


def deliver_texts(desk: Desk, folder: Path, content: bytes) -> DeliveryReport:
    report = send(
        desk, folder, content, name="ed_2026-07.csv", supplier="village_ed", dataset="ed_assaults", runner=run_job
    )
    assert report.result.lines.accepted > 0, report.result.message
    return report


def rows_of(desk: Desk) -> pl.DataFrame:
    """The rows of the newest reading, as they lie in the warehouse, in the order of their lines."""
    newest = desk.warehouse.manifests("ed_assaults")[-1]
    parts = sorted((desk.home.root / "warehouse" / "ed_assaults" / newest.reading).glob("*.parquet"))
    rows = pl.concat(pl.read_parquet(part) for part in parts)
    return rows.sort(pl.col("row_id").str.split(":").list.last().cast(pl.Int64))


def files_that_hold(folder: Path, words: Iterable[str]) -> list[str]:
    """Names of the files below that hold any of the words in any case, in their bytes or in their Parquet cells."""
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pl.read_parquet(path).to_dicts()).encode()
        if any(word.lower().encode() in content.lower() for word in words):
            found.append(path.relative_to(folder).as_posix())
    return found


def test_rows_are_placed_and_classed_by_their_words(desk: Desk, folder: Path) -> None:
    deliver_texts(desk, folder, attendances("o/s gilded hare", "pts home", "u/k", "selmarsh town centre", "in magaluf"))
    rows = rows_of(desk).select("place_method", "area_kind", "area_code", "place_class", "x_m").rows()
    assert rows == [
        ("text", "lsoa", "F1", "public", 1500.0),
        ("none", "", "", "home", None),
        ("none", "", "", "unknown", None),
        ("text", "town", "t1", "public", None),
        ("none", "", "", "abroad", None),
    ]
    sure = rows_of(desk)["place_confidence"]
    assert 0.75 <= sure[0] < 1
    assert sure[1] == 0


def test_a_code_for_the_kind_of_place_wins_over_the_words(desk: Desk, folder: Path) -> None:
    deliver_texts(desk, folder, attendances("pts home", "gilded hare", kind="street"))
    assert rows_of(desk)["place_class"].to_list() == ["public", "public"]


def test_a_code_that_has_no_class_is_not_made_public_by_the_words(desk: Desk, folder: Path) -> None:
    deliver_texts(desk, folder, attendances("gilded hare", kind="work"))
    assert rows_of(desk).select("place_class", "area_code").row(0) == ("unknown", "F1")


def test_a_chain_is_settled_once_and_the_delivery_is_read_again(desk: Desk, folder: Path) -> None:
    first = deliver_texts(desk, folder, attendances(*[("in the moonrake", NOWHERE)] * 3, "gilded hare"))
    assert rows_of(desk)["place_method"].to_list() == ["none"] * 3 + ["text"]
    (phrase,) = waiting(desk)
    assert (phrase.phrase, phrase.rows, phrase.deliveries) == ("moonrake", 3, (first.delivery,))
    assert {one.id for one in phrase.candidates} == {"licence:M1", "licence:M2"}
    (again,) = settle(desk, phrase.id, Answer(entry="licence:M2"), runner=run_job)
    assert again.reading != first.reading
    assert rows_of(desk)["area_code"].to_list() == ["F6", "F6", "F6", "F1"]
    assert waiting(desk) == []
    deliver_texts(desk, folder, attendances(("o/s Moonrake pub", NOWHERE)))
    assert rows_of(desk)["area_code"].to_list() == ["F6"]


def test_settling_the_same_again_changes_no_reference_data(desk: Desk, folder: Path) -> None:
    deliver_texts(desk, folder, attendances(("moonrake", NOWHERE)))
    settle(desk, "moonrake", Answer(place_class="public"), runner=run_job)
    with pytest.raises(WrongUsage, match="No such phrase waits"):
        settle(desk, "moonrake", Answer(place_class="public"), runner=run_job)
    assert len(list((desk.home.reference / "aliases").glob("[!.]*"))) == 1


def test_a_phrase_with_an_unknown_word_waits_only_once_several_rows_say_it(desk: Desk, folder: Path) -> None:
    deliver_texts(desk, folder, attendances(*["the ponderosa"] * 5, *["the duckies"] * 4))
    assert [one.phrase for one in waiting(desk)] == ["ponderosa"]


def test_an_answer_is_one_thing_and_has_a_reason(desk: Desk, folder: Path) -> None:
    deliver_texts(desk, folder, attendances(("moonrake", NOWHERE)))
    with pytest.raises(WrongUsage, match="settled as one thing"):
        settle(desk, "moonrake", Answer(entry="licence:M1", nowhere=True), runner=run_job)
    with pytest.raises(WrongUsage, match="no entry"):
        settle(desk, "moonrake", Answer(entry="licence:none"), runner=run_job)
    with pytest.raises(WrongUsage, match="needs a reason"):
        waiting(desk.asking(why=" "))


def test_a_look_and_an_answer_are_in_the_audit_log_without_the_phrase(desk: Desk, folder: Path) -> None:
    deliver_texts(desk, folder, attendances(("moonrake", NOWHERE)))
    (phrase,) = waiting(desk)
    settle(desk, phrase.id, Answer(entry="licence:M1"), runner=run_job)
    said = b"".join(desk.audit.lines()).decode()
    assert "places waiting" in said
    assert f"places settle {phrase.id}" in said
    assert "moonrake" not in said.lower()


def test_names_in_texts_are_in_no_byte_outside_the_vault(
    desk: Desk, folder: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = [*[(text, NOWHERE) for text in PLANTED for _ in range(6)], *[("moonrake", NOWHERE)] * 3]
    report = deliver_texts(desk, folder, attendances(*texts))
    for phrase in waiting(desk):
        if phrase.candidates:
            settle(desk, phrase.id, Answer(entry=phrase.candidates[0].id), runner=run_job)
    for text in PLANTED:
        locate_text(desk.home, text, crs=VILLAGE_CRS)
        candidates_for(desk.home, text, crs=VILLAGE_CRS)
    assert files_that_hold(folder, CANARIES) == ["ed_2026-07.csv"]  # the scan can find them: in the plain input
    assert [name for name in files_that_hold(desk.home.root, CANARIES) if not name.startswith("vault/")] == []
    assert files_that_hold(desk.home.root, CANARIES) == []  # nor in the vault, where all is sealed
    assert any(canary.lower() in desk.vault.open_raw(one.raw_sha256).read().decode().lower()
               for one in desk.warehouse.manifests() for canary in CANARIES)  # fmt: skip
    told = f"{caplog.text}{capfd.readouterr()}{report}".lower()
    assert [canary for canary in CANARIES if canary.lower() in told] == []


def test_a_name_that_stands_alone_in_few_rows_is_in_no_waiting_phrase(desk: Desk, folder: Path) -> None:
    report = deliver_texts(desk, folder, attendances(*[(text, NOWHERE) for text in PLANTED for _ in range(4)]))
    phrases = " ".join(one.phrase for one in kept_phrases(desk, report.reading))
    assert "moonrake" in phrases
    assert [canary for canary in CANARIES if canary.lower() in phrases] == []


def test_the_commands_are_there_under_both_names() -> None:
    assert {"locate", "waiting", "settle"} <= {command.name for command in places_app.registered_commands}
