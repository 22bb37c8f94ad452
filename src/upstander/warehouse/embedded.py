"""The embedded engine: DuckDB in this process, through Ibis, shut off from everything but the files it was given."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

import ibis
import ibis.expr.types as ir
import pyarrow as pa


class Embedded:
    """See Engine. After `shut` it opens no other file, network or extension.

    threads: with more than one, counts are the same to the byte, as they are whole numbers and sorted; but rows whose
    tokens were keyed anew come in another order each time. So a home uses one (promise 3).
    """

    def __init__(self, threads: int = 1) -> None:
        self._connection = ibis.duckdb.connect(
            threads=threads, autoinstall_known_extensions=False, autoload_known_extensions=False, temp_directory=""
        )
        self._made = 0

    def scan(self, paths: Sequence[Path]) -> ir.Table:
        """See Engine.scan."""
        scanned = self._connection.read_parquet(
            [str(path) for path in paths],
            table_name=self._name("scan"),
            hive_partitioning=False,  # a folder called a=b must not become a column
            union_by_name=True,
            filename=True,
        )
        return cast("ir.Table", scanned)

    def table(self, rows: pa.Table) -> ir.Table:
        """See Engine.table."""
        return cast("ir.Table", self._connection.create_table(self._name("small"), rows, temp=True))

    def shut(self, paths: Iterable[Path]) -> None:
        """From now on only these files can be read, and no setting can be changed."""
        quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
        for setting in (f"allowed_paths = [{quoted}]", "enable_external_access = false", "lock_configuration = true"):
            self._connection.raw_sql(f"SET {setting}")

    def _name(self, kind: str) -> str:
        self._made += 1
        return f"{kind}_{self._made}"
