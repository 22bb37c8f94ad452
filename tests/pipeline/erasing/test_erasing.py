"""Erasure: gone from every byte with the keys in hand, nobody else harmed, and finished wherever it was stopped."""

import io
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.desk import rms
from pipeline.erasing.canaries import PEOPLE, Planted, cells, nhs_number, person, planted, seen, surname
from pipeline.homes import counted, desk_at, injury_schedule, send, total, with_pact
from pipeline.keeping.test_flipped_bytes import NoDatabase
from upstander.contracts.asking import Purpose
from upstander.contracts.releasing import Edition
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.erasing import ledger
from upstander.pipeline.erasing.acting import erase, finish_erasures, look
from upstander.pipeline.erasing.finding import Person
from upstander.pipeline.gate import ask
from upstander.pipeline.held import decide_held, held_readings
from upstander.pipeline.keeping.backups import backup
from upstander.pipeline.keeping.contents import check_backup

ERASED = range(0, PEOPLE, 3)
OTHERS = set(range(PEOPLE)) - set(ERASED)
SEED = 20261124


@pytest.fixture
def home(tmp_path: Path) -> Planted:
    return planted(tmp_path)


def test_the_scan_finds_every_canary_before_and_none_of_the_erased_after(
    home: Planted, proof: Callable[..., None]
) -> None:
    source, _ = backup(home.desk, home.folder / "disk", NoDatabase())
    root, disk = home.desk.home.root, home.folder / "disk"
    assert seen(root, home.desk) == seen(disk, home.desk) == set(range(PEOPLE))
    done = erase(home.desk, [person(n) for n in ERASED])
    left = {folder: seen(folder, home.desk) for folder in (root, disk)}
    proof("erased people found in any byte of home, backups and what sealed files open to",
          figure=sum(len(found & set(ERASED)) for found in left.values()), goal="0 of 100")  # fmt: skip
    proof("other people still found there", figure=min(len(found) for found in left.values()), goal="200 of 200")
    assert left == {root: OTHERS, disk: OTHERS}
    assert (done.people, done.unsure) == (100, ())
    assert look(home.desk, [person(0)]).records == 0
    check_backup(home.desk.key, source)


def test_the_rows_of_others_are_what_they_were(home: Planted) -> None:
    before = {one.reading: one for one in home.desk.warehouse.manifests()}
    erase(home.desk, [person(n) for n in ERASED])
    for one in home.desk.warehouse.manifests():
        assert one.rows == before[one.reading].rows - one.erased
        assert one.lines == before[one.reading].lines
        assert one.lines.adds_up
    assert home.desk.warehouse.damaged() == ()
    assert sum(one.erased for one in home.desk.warehouse.manifests()) == 100 + 100  # each 3rd lies in two months


def test_a_reading_that_waits_is_erased_in_and_can_still_be_accepted(home: Planted) -> None:
    (waiting,) = held_readings(home.desk)
    before = waiting["lines"]["accepted"]
    erase(home.desk, [person(n) for n in ERASED])
    decide_held(home.desk, waiting["reading"], accept=True)
    accepted = next(one for one in home.desk.warehouse.manifests() if one.reading == waiting["reading"])
    theirs = [n for n in range(0, PEOPLE, 11) if n in ERASED]
    assert (accepted.rows, accepted.erased) == (before - len(theirs), len(theirs))


def test_a_delivery_read_again_after_an_erasure_has_the_same_rows(home: Planted) -> None:
    from upstander.pipeline.child import run_job
    from upstander.pipeline.deliver import reread

    erase(home.desk, [person(n) for n in ERASED])
    first = home.desk.warehouse.manifests()[0]
    home.desk.keyring.new_epoch(home.desk.now(), why="a test")
    again = reread(home.desk, first.delivery, runner=run_job)
    assert again.result.lines.accepted == first.rows


# ── Who is meant ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Three people, one of them twice under different numbers, and a namesake born on another day."""
    made = with_pact(tmp_path, injury_schedule(
        fields=["person_token", "event_from_local"], purposes=["monitoring", "stewardship"], gateway="fictional",
    ))  # fmt: skip
    twice = cells(1) | {"incident_ref": "X1", "person_ref": "Q999999"}
    namesake = cells(1) | {"incident_ref": "X2", "person_ref": "Q888888", "dob": "01/01/1970"}
    send(made, tmp_path / "sent", rms(cells(1), cells(2), cells(3), twice, namesake))
    return made


def _tokens(desk: Desk) -> list[str]:
    at = desk.asking(purpose=Purpose.MONITORING)
    allowed = ask(at, "police_incidents", ("person_token",), Edition.SHAREABLE)
    rows = desk.warehouse.read(allowed, secrets=desk.keyring.secret).to_polars()
    return list(rows["person_token"])


def test_a_form_finds_a_person_under_every_number_and_leaves_a_namesake(desk: Desk) -> None:
    assert look(desk, [person(1)]).records == 2
    erase(desk, [person(1)])
    assert desk.warehouse.manifests()[0].rows == 3
    assert 1 in seen(desk.home.root, desk)  # the namesake
    assert look(desk, [Person(surname=surname(1), forename="Ann", born=person(1).born)]).records == 0


def test_a_token_as_a_reader_saw_it_finds_the_person(desk: Desk) -> None:
    shown = _tokens(desk)
    done = erase(desk, [Person(token=shown[1])])
    assert (done.records, done.rows) == (1, 1)
    assert 2 not in seen(desk.home.root, desk)
    assert sorted(_tokens(desk)) == sorted(shown[:1] + shown[2:])


def test_an_agencys_own_number_finds_the_person(desk: Desk) -> None:
    assert look(desk, [Person(references=(("rms", "q000003"),))]).records == 1


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (Person(), "Too little is said"),
        (Person(surname="Smith", forename="Jo"), "Too little is said"),
        (Person(nhs_number="9434765918"), "not an NHS number"),
        (Person(token="u1.abcdef.aaaa"), "No row that is held has this token"),
    ],
)
def test_somebody_of_whom_too_little_is_said_is_not_looked_for(desk: Desk, who: Person, said: str) -> None:
    with pytest.raises(WrongUsage, match=said):
        erase(desk, [who])
    assert desk.warehouse.manifests()[0].erased == 0


def test_an_erasure_wants_a_reason_and_its_message_names_nobody(desk: Desk) -> None:
    with pytest.raises(WrongUsage, match="needs a reason"):
        erase(replace(desk, who=desk.who.model_copy(update={"why": " "})), [person(1)])
    done = erase(desk, [person(1)])
    assert surname(1).lower() not in repr(done).lower()
    assert surname(1).lower().encode() not in b"".join(desk.audit.lines()).lower()


def test_an_nhs_number_of_the_test_range_has_its_check_digit() -> None:
    assert nhs_number(7).startswith("999")
    assert len(nhs_number(7)) == 10


# ── Stopped anywhere ─────────────────────────────────────────────────────────────────────────────────────────────────


class _Stopped(Exception):
    pass


def _stops(after: int) -> Iterator[Callable[[], None]]:
    """Counts the steps of an erasure that change files, and stops at one."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if done > after:
            raise _Stopped

    yield step


@pytest.mark.parametrize("stops", [6, pytest.param(40, marks=pytest.mark.prove)])
def test_an_erasure_stopped_before_any_rename_is_finished_by_the_next(
    stops: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from upstander.values import durable
    from upstander.vault import sealed

    chance = random.Random(SEED)
    planted(tmp_path / "start", people=30)
    for number in range(stops):
        folder = shutil.copytree(tmp_path / "start", tmp_path / str(number))
        home = Planted(desk_at(folder), folder)
        step = next(_stops(chance.randrange(1, 40)))
        publish = durable.publish

        def stopping(
            temporary: Path, final: Path, step: Callable[[], None] = step, go: Callable[..., None] = publish
        ) -> None:
            step()
            go(temporary, final)

        with monkeypatch.context() as patched:
            patched.setattr(sealed, "publish", stopping)
            patched.setattr(durable, "publish", stopping)
            try:
                erase(home.desk, [person(n) for n in range(0, 30, 3)])
            except _Stopped:
                home.desk.vault.tidy()
        if ledger.open_erasures(home.desk.vault):
            assert finish_erasures(home.desk) == 1
        else:
            erase(home.desk, [person(n) for n in range(0, 30, 3)])
        assert seen(home.desk.home.root, home.desk) == set(range(30)) - set(range(0, 30, 3))
        assert home.desk.warehouse.damaged() == ()
        assert ledger.open_erasures(home.desk.vault) == []


def test_a_packed_file_is_looked_through_and_written_anew_without_its_people(tmp_path: Path) -> None:
    desk = with_pact(tmp_path, injury_schedule(purposes=["monitoring", "stewardship"]))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rms.csv", rms(*(cells(n) for n in range(12))))
    send(desk, tmp_path / "sent", packed.getvalue(), name="rms_2026-07.csv")
    (held,) = desk.warehouse.manifests()
    erase(desk.asking(why="the person asked"), [person(3)])
    with desk.vault.open_raw(held.raw_sha256) as raw:
        left = raw.read()
    assert [n for n in range(12) if surname(n).encode() in left] == [n for n in range(12) if n != 3]
    assert total(counted(desk)) == 10  # 11, shown to the nearest 5


def test_counts_read_after_an_erasure_are_those_of_the_others(home: Planted) -> None:
    before = total(counted(home.desk))
    erase(home.desk, [person(n) for n in ERASED])
    assert total(counted(home.desk)) == before - 200
