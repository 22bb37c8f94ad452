"""Using a database that may be full, busy or gone: its errors become ours, in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connections
from django.db.models import Model

from upstander.errors import TryAgain


class DatabaseUnreachable(TryAgain):
    """The database could not be read or written. What was not committed is not there."""


@contextmanager
def reaching(alias: str) -> Iterator[None]:
    """In this `with` the database is used. Raises DatabaseUnreachable; a broken connection is made anew."""
    try:
        yield
    except Error as why:
        if not connections[alias].in_atomic_block:
            connections[alias].close_if_unusable_or_obsolete()
        # The driver's words may quote a row; the kind of error may not.
        raise DatabaseUnreachable(
            f"The database of this home could not be used ({type(why).__name__}).",
            where="the database", found=type(why).__name__, expected="room, rights and a running database",
            state="What was not finished was not kept.",
        ) from why  # fmt: skip


def hold_other_writers(alias: str, table: type[Model]) -> None:
    """In a transaction: nobody else writes to the table until it ends. SQLite begins each one as the only writer."""
    if connections[alias].vendor == "postgresql":
        with connections[alias].cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table._meta.db_table} IN EXCLUSIVE MODE")  # noqa: SLF001 - Django's public name
