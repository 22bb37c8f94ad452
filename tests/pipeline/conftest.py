"""Homes that several tests read, each made once for a whole run."""

from pathlib import Path

import pytest

from pipeline.county import County, county_folder
from pipeline.homes import made_once
from pipeline.real import deliver_leicestershire, deliver_montgomery, leicestershire_desk, montgomery_desk
from shared_data import SHARED
from upstander.pipeline.desk import Desk


@pytest.fixture(scope="session")
def leicestershire(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Leicester, Leicestershire and Rutland with its places, and the eleven open police files in it."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with real data is not here")
    return leicestershire_desk(made_once(tmp_path_factory, "leicestershire", deliver_leicestershire))


@pytest.fixture(scope="session")
def montgomery(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The call log of Montgomery County, in a home that has no boundaries at all."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared with real data is not here")
    return montgomery_desk(made_once(tmp_path_factory, "montgomery", deliver_montgomery))


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    """One year of the fictional county through the demo, twice."""
    return County(made_once(tmp_path_factory, "county", county_folder))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Somewhere for files that are sent."""
    return tmp_path / "sent"
