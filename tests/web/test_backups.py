"""A copy of the whole home comes back as it was, on SQLite and PostgreSQL, and brings nobody back who was erased."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps

from intake.desk import rms
from pipeline.erasing.canaries import cells, person, seen, surname
from pipeline.homes import agreement, counted, injury_schedule, send, total
from sharing.county import LASTING
from upstander.errors import NotAcceptable, WrongUsage
from upstander.pipeline.agreeing import decide_about, sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.erasing.acting import erase
from upstander.pipeline.gate import NotGranted
from upstander.pipeline.keeping.backups import AFTERWARDS, afterwards_of, backup, restore, state_hash, tell_backups
from upstander.pipeline.keeping.contents import check_backup
from upstander.sharing import ActKind
from web.places import NOW, Place

ERASED, LEFT = 3, 5


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest, environ: Mapping[str, str]) -> "Iterator[Place]":
    made = Place(tmp_path, request, environ)
    sign(made.desk, agreement(injury_schedule(purposes=["monitoring", "stewardship"], **LASTING)))
    send(made.desk, tmp_path / "sent", rms(*(cells(n) for n in range(10))))
    yield made
    made.close()


def _asking(desk: Desk) -> Desk:
    return desk.asking(why="the person asked")


def test_what_comes_back_is_what_was_there(place: Place) -> None:
    source, state = backup(place.desk, place.disk, place.store)
    assert check_backup(place.desk.key, source)["state"] == state
    desk, store = place.restored(source)
    assert total(counted(desk)) == total(counted(place.desk)) == 10
    kept = place.desk.register.agreements(NOW)
    assert desk.register.agreements(NOW) == kept
    assert desk.audit.verify() is None
    assert list(desk.audit.lines())[: len(list(place.desk.audit.lines())) - 2][0] == next(
        iter(place.desk.audit.lines())
    )
    assert desk.warehouse.manifests() == place.desk.warehouse.manifests()
    assert store.disabled() == []


def test_the_state_of_a_restored_home_is_that_of_the_backup_before_anything_is_applied(place: Place) -> None:
    before = place.store.dump()
    source, state = backup(place.desk, place.disk, place.store)
    assert state_hash(source / "home", _database_of(place, source)) == state
    assert before != place.store.dump()  # the backup itself is on the log


def _database_of(place: Place, source: Path) -> bytes:
    from upstander.vault import sealed

    path = source / "database.sealed"
    with sealed.open(path, sealed.unwrap(path, place.desk.key)) as file:
        return file.read()


def test_who_was_erased_after_the_backup_stays_erased_and_others_come_back(place: Place, tmp_path: Path) -> None:
    source, _ = backup(place.desk, place.disk, place.store)
    cold = tmp_path / "cold" / source.name  # a copy that no erasure reaches
    shutil.copytree(source, cold)
    erase(_asking(place.desk), [person(ERASED)])
    tell_backups(place.desk, place.store)
    shutil.copy(place.disk / AFTERWARDS, cold.parent / AFTERWARDS)
    assert ERASED in seen(cold, place.desk)
    desk, _ = place.restored(cold)
    assert seen(tmp_path / "again", desk) == set(range(10)) - {ERASED}
    assert total(counted(desk)) == 10  # 9, shown to the nearest 5


def test_a_backup_within_reach_is_erased_at_once_and_stays_whole(place: Place) -> None:
    source, _ = backup(place.desk, place.disk, place.store)
    assert ERASED in seen(source, place.desk)
    erase(_asking(place.desk), [person(ERASED)])
    assert seen(source, place.desk) == set(range(10)) - {ERASED}
    check_backup(place.desk.key, source)


def test_an_agreement_that_ended_and_an_account_that_was_closed_stay_so(place: Place) -> None:
    people = apps.get_model("accounts", "Person").objects.using(place.store.alias)
    people.create(handle="leaver", name="A. Leaver")
    source, _ = backup(place.desk, place.disk, place.store)
    decide_about(_asking(place.desk), "pact", ActKind.SUSPENDED)
    people.filter(handle="leaver").update(is_active=False)
    known = afterwards_of(place.desk, place.store)
    desk, store = place.restored(source, known=known)
    with pytest.raises(NotGranted, match="suspended"):
        counted(desk)
    assert store.disabled() == ["leaver"]


def test_what_happened_since_is_read_from_beside_the_backup(place: Place) -> None:
    source, _ = backup(place.desk, place.disk, place.store)
    decide_about(_asking(place.desk), "pact", ActKind.ENDED)
    tell_backups(place.desk, place.store)
    desk, _ = place.restored(source)
    with pytest.raises(NotGranted, match="ended"):
        counted(desk)


def test_where_nobody_says_what_happened_since_nothing_is_restored(place: Place, tmp_path: Path) -> None:
    source, _ = backup(place.desk, place.disk, place.store)
    (place.disk / AFTERWARDS).unlink()
    with pytest.raises(NotAcceptable, match="Nobody says what came since"):
        place.restored(source)
    assert not (tmp_path / "again").exists()
    assert not list(tmp_path.glob(".again*"))


def test_a_folder_that_is_not_empty_or_a_database_in_use_is_left_alone(place: Place, tmp_path: Path) -> None:
    source, _ = backup(place.desk, place.disk, place.store)
    with pytest.raises(WrongUsage, match="is not empty"):
        place.restored(source, name="home")
    if place.environ:
        with pytest.raises(NotAcceptable, match="The database is not empty"):
            restore(source, tmp_path / "again", open_home=lambda folder: place.open(folder, place.environ))


def test_a_later_delivery_follows_on_in_a_restored_home(place: Place, tmp_path: Path) -> None:
    source, _ = backup(place.desk, place.disk, place.store)
    desk, _ = place.restored(source)
    later = replace(desk, now=lambda: NOW + timedelta(days=1))
    send(later, tmp_path / "sent", rms({"surname": surname(LEFT)}, {}), name="rms_2026-06.csv", covers="2026-06")
    assert len(desk.warehouse.manifests()) == 2
    assert desk.audit.verify() is None
