"""Operational pictures: one for the same readings and grants, frozen, looked at through the gate, gone with it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from intake.desk import rms
from pipeline.homes import NOW, at, send
from pipeline.shown import tables_in
from pipeline.village import AREAS, IN_WINDOW, deliver_village, homes_and_sexual_offences, saturday_night
from upstander.contracts.asking import Purpose
from upstander.errors import NotAcceptable, WrongUsage
from upstander.pipeline.agreeing import decide_about
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted
from upstander.pipeline.injuries import frozen, pictures
from upstander.pipeline.injuries.hiding import hidden
from upstander.pipeline.injuries.pictures import Wanted, look, make, resting, visible
from upstander.pipeline.injuries.showing import Reader, area_json, on_screen, place_pdf, places, shown_to
from upstander.pipeline.recalling import standings
from upstander.places import open_reference
from upstander.sharing import ActKind

NIGHT = "Sat 20:00-02:00"
WINDOWS = ("", NIGHT, "Tue 12:00-18:00")


def operational(desk: Desk, **changed: object) -> Desk:
    return desk.asking(purpose=Purpose.OPERATIONAL, why="tasking", **changed)


def silent(share: float, words: str) -> None:
    assert 0.0 <= share <= 1.0, words


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return operational(deliver_village(tmp_path_factory.mktemp("village"), homes_and_sexual_offences()))


@pytest.fixture(scope="module")
def numbers(village: Desk) -> dict[str, int]:
    return dict(zip(WINDOWS, make(village, WINDOWS, 12, silent), strict=True))


@pytest.fixture
def own(tmp_path: Path) -> Desk:
    """A village of one's own, to be changed."""
    return operational(deliver_village(tmp_path))


def folder_of(desk: Desk, number: int) -> Path:
    return frozen.folder_of(desk.home, number)


def tables_of(desk: Desk, number: int) -> dict[str, pl.DataFrame]:
    """The released tables as they lie on disk."""
    return {name: cells for name, cells in tables_in(folder_of(desk, number)).items() if name != "outlines"}


def test_the_same_readings_window_and_grants_are_one_picture_however_often_it_is_asked_for(
    village: Desk, numbers: dict[str, int]
) -> None:
    assert sorted(numbers.values()) == [1, 2, 3]
    assert make(village, WINDOWS, 12, silent) == list(numbers.values())
    again = operational(village, person="B. Analyst")
    assert pictures.find(again, resting(again, Wanted.parse(NIGHT, "12"))) == numbers[NIGHT]


def test_a_new_delivery_or_another_period_is_another_picture(own: Desk, tmp_path: Path) -> None:
    (first,) = make(own, [NIGHT], 12, silent)
    (wider,) = make(own, [NIGHT], 24, silent)
    more = [saturday_night(n, AREAS[0]) for n in range(5)]
    send(own, tmp_path / "sent", rms(*more), name="more.csv", supplier="village", covers="2026-08-01/2026-09-01")
    assert len({first, wider, *make(own, [NIGHT], 12, silent)}) == 3


def test_a_picture_made_beside_another_holds_the_same_cells_as_one_made_alone(own: Desk) -> None:
    beside = make(own, ["", NIGHT], 12, silent)[1]
    told = {name: cells.write_csv() for name, cells in tables_of(own, beside).items()}
    for folder in (own.home.outputs / frozen.KIND).iterdir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    (alone,) = make(own, [NIGHT], 12, silent)
    assert {name: cells.write_csv() for name, cells in tables_of(own, alone).items()} == told


def test_a_window_across_midnight_counts_the_night_it_starts(village: Desk, numbers: dict[str, int]) -> None:
    cells = tables_of(village, numbers[NIGHT])["places"]
    assert dict(cells.select("area", "value").rows()) == {f"lsoa21:{area}": float(n) for area, n in IN_WINDOW.items()}
    every = tables_of(village, numbers[""])["places"]
    assert every["value"].sum() == 2 * sum(IN_WINDOW.values())


def test_all_hours_are_told_by_week_too(village: Desk, numbers: dict[str, int]) -> None:
    assert tables_of(village, numbers[""])["weekly"]["value"].sum() > 2 * sum(IN_WINDOW.values()) - 20


def test_no_home_and_no_sexual_offence_is_on_a_map_of_public_places(village: Desk, numbers: dict[str, int]) -> None:
    planted = [f"lsoa21:{AREAS[5]}", f"lsoa21:{AREAS[6]}"]  # 25 at home, 25 sexual offences
    expected = [IN_WINDOW[AREAS[5]], IN_WINDOW[AREAS[6]]]
    for window, times in (("", 2), (NIGHT, 1)):
        cells = dict(tables_of(village, numbers[window])["places"].select("area", "value").rows())
        assert [cells[area] for area in planted] == [times * count for count in expected]


def test_a_frozen_picture_is_read_back_as_it_was_made(village: Desk, numbers: dict[str, int]) -> None:
    card, picture = look(village, numbers[NIGHT])
    assert (card.window, picture.window, picture.number) == (NIGHT, NIGHT, f"{numbers[NIGHT]:04d}")
    on_disk = tables_of(village, numbers[NIGHT])
    assert {name: table.cells.to_dicts() for name, table in picture.tables.items()} == {
        name: cells.to_dicts() for name, cells in on_disk.items()
    }
    about = picture.tables["places"].about
    assert (about.area_layer, about.method, [rule.agreement for rule in about.rules]) == (
        "lsoa21", "window_counts", ["pact"],
    )  # fmt: skip
    assert len(picture.shapes) == len(AREAS)


def test_a_picture_whose_file_was_changed_is_not_shown(own: Desk) -> None:
    (number,) = make(own, [NIGHT], 12, silent)
    path = folder_of(own, number) / "told.json"
    path.write_bytes(path.read_bytes().replace(b"Injury", b"Injurx"))
    with pytest.raises(NotAcceptable, match="not as it was written"):
        look(own, number)


def test_every_look_is_one_line_of_the_audit_log(village: Desk, numbers: dict[str, int]) -> None:
    before = len(list(village.audit.entries()))
    look(village, numbers[NIGHT])
    (line,) = list(village.audit.entries())[before:]
    assert (line.event.action, line.event.answer, line.event.agreement, line.event.person) == (
        f"look at picture {numbers[NIGHT]:04d}", "allowed", "pact", "A. Analyst",
    )  # fmt: skip


def test_who_is_no_recipient_sees_none_and_their_try_is_written_down(village: Desk, numbers: dict[str, int]) -> None:
    stranger = operational(village, agency="elsewhere", person="S. Stranger")
    assert [one.number for one in visible(village)] != []
    assert visible(stranger) == []
    with pytest.raises(NotGranted):
        look(stranger, numbers[NIGHT])
    last = list(village.audit.entries())[-1].event
    assert (last.person, last.answer.startswith("refused")) == ("S. Stranger", True)
    monitoring = village.asking(purpose=Purpose.MONITORING)
    with pytest.raises(NotGranted):
        look(monitoring, numbers[NIGHT])


def test_a_withdrawn_agreement_ends_every_look_at_once_and_recalls_the_picture(own: Desk) -> None:
    (number,) = make(own, [NIGHT], 12, silent)
    look(own, number)
    thawed_before = frozen.thawed.cache_info().currsize
    assert thawed_before > 0  # the picture is in memory, and must not be shown from there
    decide_about(own, "pact", ActKind.WITHDRAWN, agency="police")
    for moment in (NOW, NOW + timedelta(seconds=1)):
        with pytest.raises(NotGranted):
            look(at(own, moment), number)
    assert visible(own) == []
    assert not resting(own, Wanted.parse(NIGHT, "12")).is_possible
    (standing,) = [one for one in standings(own.home, NOW.date()) if one.kind == frozen.KIND]
    assert standing.state == "recalled"


def test_an_expired_picture_is_not_there(village: Desk, numbers: dict[str, int]) -> None:
    later = at(village, datetime(2027, 6, 1, tzinfo=UTC))
    assert visible(later) == []
    with pytest.raises(NotGranted):
        look(later, numbers[NIGHT])


def test_what_a_reader_declared_is_in_no_table_map_name_or_outline(village: Desk, numbers: dict[str, int]) -> None:
    _, picture = look(village, numbers[NIGHT])
    key = f"lsoa21:{AREAS[0]}"
    reference = open_reference(village.home.reference)
    assert key.encode() in area_json(picture)
    less = hidden(picture, {key}, reference)
    assert key.encode() not in area_json(less)
    assert AREAS[0] not in repr(on_screen(less))
    assert AREAS[0] in repr(on_screen(picture))
    assert len(less.shapes) == len(AREAS) - 1
    with pytest.raises(WrongUsage):
        place_pdf(village, look(village, numbers[NIGHT])[0], less, key)


def test_outlines_carry_classes_and_no_count(village: Desk, numbers: dict[str, int]) -> None:
    _, picture = look(village, numbers[NIGHT])
    features = json.loads(area_json(picture))["features"]
    classes = {one["properties"]["area"]: one["properties"]["police_incidents"] for one in features}
    assert set(map(str, classes.values())) <= {"0", "1", "2", "3", "none", "withheld", "missing"}
    assert classes[f"lsoa21:{AREAS[15]}"] == "none"
    assert classes[f"lsoa21:{AREAS[0]}"] == max(value for value in classes.values() if isinstance(value, int))


def test_papers_are_marked_with_the_readers_name_and_entered_in_the_ledger(
    village: Desk, numbers: dict[str, int]
) -> None:
    card, picture = look(village, numbers[NIGHT])
    shown = shown_to(village, picture, Reader("M. Ashdown, Fenmoor Police"), ())
    area = places(shown)[0].area
    paper = place_pdf(village, card, shown, area)
    assert paper.startswith(b"%PDF")
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type/Page/") <= 1
    assert "M. Ashdown, Fenmoor Police" in on_screen(shown).edition
    last = json.loads((village.home.outputs / "ledger.jsonl").read_text("utf-8").splitlines()[-1])
    assert last["shown"] == {"picture": f"{card.number:04d}", "product": "place profile", "area": area}


def test_a_layer_without_its_owners_words_is_not_drawn(village: Desk, numbers: dict[str, int]) -> None:
    _, picture = look(village, numbers[NIGHT])
    silent_layer = replace(picture, attributions=("",))
    assert shown_to(village, silent_layer, Reader("R"), ()).shapes == ()
    assert shown_to(village, picture, Reader("R"), ()).shapes != ()
