"""The index of deliveries says what the manifests say, on SQLite and on PostgreSQL, and is made anew from them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from upstander.pipeline.home import make_home
from upstander.pipeline.indexing import bring_index
from upstander.warehouse import Warehouse
from upstander.web.store import Store
from warehouse.county import deliver

Open = Callable[[], Store]
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


class Shelf:
    """As much of a desk as an index asks for: a warehouse."""

    def __init__(self, root: Path) -> None:
        self.warehouse = Warehouse(root)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(make_home(tmp_path / "held").root)


@pytest.fixture
def store(opened: Open) -> Store:
    return opened()


def _held(store: Store) -> list[tuple[date, int, bool]]:
    return [(row.covers_start, row.accepted, row.is_in_force) for row in store.index.rows()]


def test_each_reading_is_in_the_index_with_its_days_its_rows_and_whether_it_is_in_force(
    store: Store, shelf: Shelf
) -> None:
    deliver(shelf.warehouse, "july", JULY, 31, each=2)
    deliver(shelf.warehouse, "august", AUGUST, 31)
    deliver(shelf.warehouse, "july again", JULY, 31)
    assert bring_index(shelf, store.index) == 3  # type: ignore[arg-type]
    assert _held(store) == [(JULY, 62, False), (AUGUST, 31, True), (JULY, 31, True)]
    assert bring_index(shelf, store.index) == 0  # type: ignore[arg-type]


def test_what_is_destroyed_leaves_the_index_and_what_changed_is_told_anew(store: Store, shelf: Shelf) -> None:
    first = deliver(shelf.warehouse, "july", JULY, 31)
    second = deliver(shelf.warehouse, "july again", JULY, 31)
    bring_index(shelf, store.index)  # type: ignore[arg-type]
    shelf.warehouse.retire(second.dataset, second.reading)
    assert bring_index(shelf, store.index) == 2  # type: ignore[arg-type]
    assert [(row.reading, row.is_in_force) for row in store.index.rows()] == [(first.reading, True)]


def test_an_index_that_was_lost_is_made_anew_from_the_manifests(store: Store, shelf: Shelf) -> None:
    deliver(shelf.warehouse, "july", JULY, 31)
    bring_index(shelf, store.index)  # type: ignore[arg-type]
    before = _held(store)
    store.index.follow((), ())
    assert store.index.rows() == []
    bring_index(shelf, store.index)  # type: ignore[arg-type]
    assert _held(store) == before


def test_while_a_reading_is_damaged_the_index_stays_as_it_is(store: Store, shelf: Shelf) -> None:
    manifest = deliver(shelf.warehouse, "july", JULY, 31)
    bring_index(shelf, store.index)  # type: ignore[arg-type]
    path = shelf.warehouse.folder(manifest.dataset, manifest.reading) / "manifest.json"
    path.write_bytes(path.read_bytes()[:-9])
    assert bring_index(shelf, store.index) == 0  # type: ignore[arg-type]
    assert len(store.index.rows()) == 1
