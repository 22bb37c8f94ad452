"""The database itself refuses to change or remove a line of the audit log."""

from typing import Any, ClassVar

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_TABLES = ("audit_line",)
_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'lines of the audit log are never changed or removed'); END
"""
_POSTGRESQL_SAYS = """
CREATE OR REPLACE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'lines of the audit log are never changed or removed'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()
"""


def refuse_changes(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Put the triggers on every table, in the words of the engine."""
    for table in _TABLES:
        if editor.connection.vendor == "postgresql":
            editor.execute(_POSTGRESQL_SAYS.format(table=table))
            editor.execute(_POSTGRESQL.format(table=table))
        else:
            for verb in ("UPDATE", "DELETE"):
                editor.execute(_SQLITE.format(table=table, verb=verb))


class Migration(migrations.Migration):
    """Append-only tables."""

    dependencies: ClassVar[list[tuple[str, str]]] = [("audit", "0001_initial")]
    operations: ClassVar[list[Any]] = [migrations.RunPython(refuse_changes, migrations.RunPython.noop)]
