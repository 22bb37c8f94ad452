"""A home with its database, for tests of what a whole home does on SQLite and on PostgreSQL."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.homes import ANALYST
from upstander.pipeline.desk import Desk
from upstander.pipeline.home import Settings, make_home, open_home
from upstander.pipeline.keeping.backups import restore
from upstander.vault import master_key
from upstander.web.store import DATABASE_VARIABLE, Store, open_store
from web.postgres import fresh_name

NOW = datetime(2026, 11, 24, 12, 0, 7, 654_321, tzinfo=UTC)  # moments come back to the microsecond


class Place:
    """A home with its database, and where another one may be restored to."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest, environ: Mapping[str, str]) -> None:
        self.folder, self.disk = folder, folder / "disk"
        self._request, self.environ = request, environ
        self._stores: list[Store] = []
        make_home(folder / "home", Settings(key_file="../home.key"))
        self.desk, self.store = self.open(folder / "home", environ)

    def open(self, root: Path, environ: Mapping[str, str]) -> tuple[Desk, Store]:
        home = open_home(root)
        store = open_store(root, environ=environ)
        self._stores.append(store)
        key = master_key(root, create=True, environ={}, setting=home.key_file)
        return Desk(home, store.register, store.audit, key, ANALYST, lambda: NOW), store

    def elsewhere(self) -> Mapping[str, str]:
        """Another database of the same kind, which nobody has used."""
        if not self.environ:
            return {}
        return {DATABASE_VARIABLE: self._request.getfixturevalue("server").address(fresh_name())}

    def restored(self, source: Path, *, name: str = "again", **words: object) -> tuple[Desk, Store]:
        environ = self.elsewhere()
        root = self.folder / name
        restore(source, root, open_home=lambda folder: self.open(folder, environ), **words)  # type: ignore[arg-type]
        return self.open(root, environ)

    def close(self) -> None:
        for store in self._stores:
            store.close()
