"""One forking process and one prepared home for the tests of this folder."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.kills import county
from pipeline.kills.county import Sent
from pipeline.kills.forks import Forks
from pipeline.kills.trial import Trial
from web import postgres
from web.conftest import server

__all__ = ["server"]  # the fixture: one PostgreSQL for the tests of this worker


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if sys.platform == "win32":
        for item in items:
            item.add_marker(pytest.mark.skip(reason="this system cannot fork"))


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """The forking process."""
    started = Forks()
    yield started
    started.close()


@pytest.fixture(scope="session")
def template(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """June is held and acknowledged; July's file is ready and its reading's id is known."""
    folder = tmp_path_factory.mktemp("whole")
    return _prepared(forks, folder, Trial(folder / "start", *_months(folder), ""))


@pytest.fixture(scope="session")
def increments(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The same from a supplier that sends increments; July's file repeats some records of June."""
    folder = tmp_path_factory.mktemp("increments")
    return _prepared(forks, folder, Trial(folder / "start", *_months(folder, repeated=20), "", county.INCREMENT))


@pytest.fixture(scope="session", params=[county.SQLITE, "postgresql"])
def in_database(request: pytest.FixtureRequest, forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """June held and July ready, with agreements and the audit log in a database."""
    server = request.param != county.SQLITE
    address = request.getfixturevalue("server").address(postgres.fresh_name()) if server else county.SQLITE
    folder = tmp_path_factory.mktemp("database")
    return _prepared(forks, folder, Trial(folder / "start", *_months(folder), "", database=address))


def _months(folder: Path, *, repeated: int = 0) -> tuple[Sent, Sent]:
    return county.month_file(folder, 6), county.month_file(folder, 7, repeated=repeated)


def _prepared(forks: Forks, folder: Path, start: Trial) -> Trial:
    start.folder.mkdir()
    county.desk(start.home, start.database)
    assert forks.one(start.order(file=str(start.held.file)))["exit"] == 0
    rehearsed = start.copy(folder / "known")
    assert forks.one(rehearsed.order())["exit"] == 0
    return replace(start, reading=rehearsed.acknowledged()[-1].split()[1])
