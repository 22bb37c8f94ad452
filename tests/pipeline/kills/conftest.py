"""One forking process and one prepared home for the tests of this folder."""

import sys
from collections.abc import Iterator

import pytest

from pipeline.kills import county
from pipeline.kills.forks import Forks
from pipeline.kills.trial import Trial


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
    folder = tmp_path_factory.mktemp("kills")
    june, july = county.month_file(folder, 6), county.month_file(folder, 7)
    (folder / "rehearsal").mkdir()
    county.desk(folder / "rehearsal" / "home")
    start = Trial(folder / "rehearsal", june, july, "")
    assert forks.one(start.order(file=str(june.file)))["exit"] == 0
    rehearsed = start.copy(folder / "known")
    assert forks.one(rehearsed.order())["exit"] == 0
    return Trial(start.folder, june, july, rehearsed.acknowledged()[-1].split()[1])
