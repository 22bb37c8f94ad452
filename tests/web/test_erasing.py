"""Erasure where a database remembers: gone from every byte of home, database, its log of writes, and backups."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.erasing.canaries import PEOPLE, person, planted, seen, surname
from upstander.pipeline.erasing.acting import erase
from upstander.pipeline.keeping.backups import backup, tell_backups
from upstander.sharing import AuditEvent
from web.places import NOW, Place

ERASED = range(0, PEOPLE, 3)
OTHERS = set(range(PEOPLE)) - set(ERASED)
EVENT = AuditEvent(
    NOW, "A. Analyst", "vrn", "stewardship", "police_incidents", (), (), "erase", "looked", "a test", "", 0
)


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest, environ: Mapping[str, str]) -> Iterator[Place]:
    made = Place(tmp_path, request, environ)
    yield made
    made.close()


def _names_in(folder: Path) -> set[str]:
    """The files below that hold any canary's surname, in any case; a server may remove one meanwhile."""
    found = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and b"zqcanary" in path.read_bytes().lower():
            found.add(path.name)
    return found


def _database_folder(place: Place, request: pytest.FixtureRequest) -> Path:
    """Where the bytes of the database lie, with its log of writes (WAL)."""
    if not place.environ:
        return place.desk.home.root
    folder: Path = request.getfixturevalue("server").folder / "data"
    return folder


def test_a_hundred_erased_people_are_in_no_byte_of_home_database_and_backup(
    place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    planted(tmp_path, desk=place.desk)
    backup(place.desk, place.disk, place.store)
    root = place.desk.home.root
    assert seen(root, place.desk) == seen(place.disk, place.desk) == set(range(PEOPLE))
    erase(place.desk, [person(n) for n in ERASED])
    tell_backups(place.desk, place.store)
    assert seen(root, place.desk) == seen(place.disk, place.desk) == OTHERS
    where = _database_folder(place, request)
    assert _names_in(where) == set()
    place.store.audit.append(replace(EVENT, why=surname(0)))  # so that the scan is seen to find
    assert _names_in(where) != set()
