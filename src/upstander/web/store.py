"""The store of one home: its database, opened, brought up to date, with the parts that keep the protocols of `sharing`.

By default a SQLite file in the home; PostgreSQL where DATABASE_URL names one. Many homes may be open in one process:
each database has a connection of its own, and every part names the one it uses.
"""

import hashlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import dj_database_url
import django
from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from upstander.errors import NotAcceptable, WrongUsage
from upstander.sharing import FileAgreements, FileAuditLog
from upstander.values.durable import locked

DATABASE_VARIABLE = "DATABASE_URL"
FILE_NAME = "upstander.sqlite3"
_PATIENCE_S = 60.0
_AT_A_TIME = 5_000


class _Exactly(DjangoJSONEncoder):
    """Moments to the microsecond; Django's own encoder cuts them to the millisecond."""

    def default(self, o: object) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


@dataclass(frozen=True)
class Store:
    """One open database. `audit`, `register` and `index` keep what their protocols say."""

    alias: str
    audit: Any
    register: Any
    index: Any

    def dump(self) -> bytes:
        """Every row of every table, at one moment, as JSON."""
        with transaction.atomic(using=self.alias):
            rows = chain.from_iterable(model.objects.using(self.alias).order_by("pk").iterator() for model in _models())
            return str(serializers.serialize("json", rows, cls=_Exactly)).encode()

    def load(self, content: bytes) -> None:
        """Take in a dump. Raises NotAcceptable where a table has a row already."""
        with transaction.atomic(using=self.alias):
            if any(model.objects.using(self.alias).exists() for model in _models()):
                raise NotAcceptable(
                    "The database is not empty.", where=DATABASE_VARIABLE, expected="a database that nobody has used",
                    state="Nothing was restored.",
                )  # fmt: skip
            rows = (one.object for one in serializers.deserialize("json", content.decode(), using=self.alias))
            for model, theirs in groupby(rows, lambda row: row._meta.model):  # noqa: SLF001 - Django's public name
                model.objects.using(self.alias).bulk_create(theirs, batch_size=_AT_A_TIME)  # never an update
            connection = connections[self.alias]
            for statement in connection.ops.sequence_reset_sql(no_style(), list(_models())):
                with connection.cursor() as cursor:
                    cursor.execute(statement)

    def disabled(self) -> list[str]:
        """The handles of people whose accounts are closed."""
        from upstander.web.accounts.models import Person

        return list(Person.objects.using(self.alias).filter(is_active=False).values_list("handle", flat=True))

    def disable(self, handles: Collection[str]) -> None:
        """Close these accounts, those that there are."""
        from upstander.web.accounts.models import Person

        Person.objects.using(self.alias).filter(handle__in=handles).update(is_active=False)

    def close(self) -> None:
        """Give the connection back; the next use opens it again."""
        connections[self.alias].close()


def open_store(home: Path, *, environ: Mapping[str, str], alias: str = "") -> Store:
    """The store of a home, its tables made or brought up to date, and what lay in files before it taken over.

    `alias` is what Django calls its connection; the site's is `default`. Left empty, each home gets one of its own.

    Raises WrongUsage for an address that is none, DatabaseUnreachable where nobody answers, and NotAcceptable where
    the audit chain in the home's files is broken: a broken chain is not carried on.
    """
    configure()
    from upstander.web.reaching import reaching

    store = _store(_connected(home, environ.get(DATABASE_VARIABLE, ""), alias))
    alias = store.alias
    with reaching(alias), locked(home / "locks" / "database", patience_s=_PATIENCE_S):
        _bring_up_to_date(alias)
        if store.audit.head() is None and not store.register.stored():
            _take_over(home, store)
    return store


def served_store() -> Store:
    """The store of the home that this process serves, which is open already."""
    return _store("default")


def configure() -> None:
    """Tell Django, once in a process, what there is."""
    if not apps.ready:
        declare_settings()
        django.setup()


def declare_settings() -> None:
    """Say where Django's settings are; nothing is loaded yet."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "upstander.web.settings"


def _store(alias: str) -> Store:
    from upstander.web.agreements.register import DatabaseAgreements
    from upstander.web.audit.log import DatabaseAuditLog
    from upstander.web.deliveries.index import DeliveryIndex

    return Store(alias, DatabaseAuditLog(alias), DatabaseAgreements(alias), DeliveryIndex(alias))


def _models() -> tuple[Any, ...]:
    """The tables, those that others point to first.

    Sessions, tries, invitations, jobs and tokens are left out: what has been ended since must not open again.
    """
    from allauth.mfa.models import Authenticator

    from upstander.web.accounts.models import Agency, Conflict, Person
    from upstander.web.agreements.models import Act, Version
    from upstander.web.audit.models import Line, Review, Week
    from upstander.web.deliveries.models import Reading, Sending
    from upstander.web.surveillance.models import TakenToTasking

    return (Agency, Person, Conflict, Authenticator, Version, Act, Line, Week, Review, Reading, Sending, TakenToTasking)


def _connected(home: Path, address: str, alias: str) -> str:
    """The alias of the home's database, declared if it was not yet."""
    wanted = _from_address(address) if address else _in_home(home)
    own = "home-" + hashlib.sha256(f"{wanted['ENGINE']}|{wanted['NAME']}|{address}".encode()).hexdigest()[:12]
    alias = alias or own
    declared = {**connections.settings["default"], "OPTIONS": {}, **wanted}
    if connections.settings.get(alias) != declared:
        if alias in connections.settings:
            connections[alias].close()
            del connections[alias]
        connections.settings[alias] = declared
    return alias


def _in_home(home: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(home / FILE_NAME),
        "CONN_MAX_AGE": 60,  # seconds: a thread that serves pages need not open the file for each
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            # FULL: what was committed is on the disk, also in write-ahead mode.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }


def _from_address(address: str) -> dict[str, Any]:
    try:
        wanted: dict[str, Any] = dict(dj_database_url.parse(address))
    except (ValueError, KeyError) as why:
        raise WrongUsage(
            f"{DATABASE_VARIABLE} is no address of a database.", where=DATABASE_VARIABLE,
            expected="postgresql://user@host/name, or nothing for the home's own file",
        ) from why  # fmt: skip
    if "postgresql" not in str(wanted.get("ENGINE")):
        raise WrongUsage(
            f"{DATABASE_VARIABLE} names a kind of database that is not known here.", where=DATABASE_VARIABLE,
            found=str(wanted.get("ENGINE")), expected="PostgreSQL",
        )  # fmt: skip
    return wanted


def _bring_up_to_date(alias: str) -> None:
    """Apply the migrations that are missing."""
    executor = MigrationExecutor(connections[alias])
    leaves = executor.loader.graph.leaf_nodes()
    if executor.migration_plan(leaves):
        executor.migrate(leaves)


def _take_over(home: Path, store: Store) -> None:
    """Carry on what lay in files, all of it or nothing: the audit chain line for line, and every signed agreement."""
    log, agreements = FileAuditLog(home), FileAgreements(home)
    if fault := log.verify():
        raise NotAcceptable(
            f"The audit log in {home / 'audit'} is not as it was written: entry {fault.seq}: {fault.what}.",
            where=f"line {fault.line}", expected="an unbroken chain", state="It was not taken over.",
        )  # fmt: skip
    with transaction.atomic(using=store.alias):
        store.audit.take_over(log.lines())
        store.register.follow([one for one in agreements.stored() if one.signature is not None])
