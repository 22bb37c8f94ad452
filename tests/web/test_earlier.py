"""A home whose database was made by an earlier Upstander opens as it is: brought up to date, and not a row lost.

The databases lie in tests/web/earlier, made by the code of the commit that names them.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from upstander.web.store import DATABASE_VARIABLE, FILE_NAME, Store, open_store

EARLIER = Path(__file__).parent / "earlier"
COMMITS = sorted(path.name.partition(".")[0] for path in EARLIER.glob("*.sqlite.sql"))
NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
_OWN = {"django_migrations", "sqlite_sequence"}
Rows = Mapping[str, list[dict[str, Any]]]


def rows(alias: str) -> Rows:
    """Every row of every table, by column."""
    with connections[alias].cursor() as cursor:
        found = {}
        for table in sorted(set(connections[alias].introspection.table_names(cursor)) - _OWN):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [one[0] for one in cursor.description]
            found[table] = [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def restored(commit: str, home: Path, environ: Mapping[str, str]) -> Rows:
    """The earlier database put where this home has its own; its rows before anything else opens it."""
    script = (EARLIER / f"{commit}.{'postgresql' if environ else 'sqlite'}.sql").read_text("utf-8")
    if environ:
        with psycopg.connect(environ[DATABASE_VARIABLE], autocommit=True) as server:
            server.execute(script)
    else:
        file = sqlite3.connect(home / FILE_NAME)
        file.executescript(script)
        file.close()
    from upstander.web.store import _connected

    return rows(_connected(home, environ.get(DATABASE_VARIABLE, ""), ""))


@pytest.mark.parametrize("commit", COMMITS)
def test_every_row_of_an_earlier_database_is_kept_and_means_what_it_meant(
    commit: str, opened: Callable[[], Store], tmp_path: Path, environ: Mapping[str, str]
) -> None:
    before = restored(commit, tmp_path / "home", environ)
    assert sum(map(len, before.values())) >= 14
    store = opened()
    executor = MigrationExecutor(connections[store.alias])
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    after = rows(store.alias)
    for table, told in before.items():
        assert [{name: row[name] for name in told[0]} for row in after[table]] == told if told else after[table] == []
    _means_what_it_meant(store)
    assert rows(opened().alias) == after


def _means_what_it_meant(store: Store) -> None:
    from upstander.web.accounts.models import Person

    (one,) = store.register.agreements(NOW)
    assert (one.name, [act.kind for act in one.acts]) == ("pact", ["suspended"])
    assert store.audit.verify() is None
    assert [(entry.event.action, entry.event.rows) for entry in store.audit.entries()][:3] == [
        ("deliver 0", 0), ("deliver 1", 1), ("deliver 2", 2),
    ]  # fmt: skip
    told = Person.objects.using(store.alias).order_by("pk")
    assert [(person.handle, person.may_enter(NOW)) for person in told] == [("r.tarrant", True), ("k.dunmore", False)]
    assert len(json.loads(store.dump())) >= 11


def test_a_backup_of_an_earlier_database_goes_into_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "again").mkdir()
    restored(COMMITS[-1], tmp_path / "home", {})
    old, new = open_store(tmp_path / "home", environ={}), open_store(tmp_path / "again", environ={})
    new.load(old.dump())
    assert new.dump() == old.dump()
    _means_what_it_meant(new)
    old.close()
    new.close()
