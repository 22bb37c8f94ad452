"""Stores on SQLite and on PostgreSQL, each new and empty."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from django.db import connections

from upstander.web.store import DATABASE_VARIABLE, Store, configure, open_store
from web import postgres
from web.browsing import here
from web.county import county, either_county, released_county
from web.postgres import Server
from web.sites import Site

__all__ = ["county", "either_county", "here", "released_county"]
configure()  # before a test module names a table


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL of this worker's own."""
    where = postgres.programs()
    if where is None:
        if os.environ.get("UPSTANDER_STRICT"):
            pytest.fail("PostgreSQL is not installed, and strict tests want it")
        pytest.skip("PostgreSQL is not installed here")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o755)
        running = Server(Path(folder), where)
        yield running
        running.stop("immediate")


@pytest.fixture(params=["sqlite", "postgresql"])
def environ(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The environment that names the database: nothing for SQLite."""
    if request.param == "sqlite":
        return {}
    running: Server = request.getfixturevalue("server")
    return {DATABASE_VARIABLE: running.address(postgres.fresh_name())}


@pytest.fixture
def opened(tmp_path: Path, environ: Mapping[str, str]) -> Iterator[Callable[[], Store]]:
    """Opens the store of one home, as often as is wanted."""
    stores: list[Store] = []

    def open_it() -> Store:
        stores.append(open_store(tmp_path / "home", environ=environ))
        return stores[-1]

    (tmp_path / "home").mkdir()
    yield open_it
    for store in stores:
        store.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The site of an empty home, on SQLite."""
    yield Site(tmp_path, {})
    connections.close_all()


@pytest.fixture
def either_site(tmp_path: Path, environ: Mapping[str, str]) -> Iterator[Site]:
    """The site of an empty home, on SQLite and on PostgreSQL."""
    yield Site(tmp_path, environ)
    connections.close_all()
