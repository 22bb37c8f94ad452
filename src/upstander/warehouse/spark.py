"""The engine for more rows than one machine should hold: Spark, on this machine or on a cluster, through Ibis.

Needs the extra `spark` (PySpark) and Java 17. The parts are read where they lie, so on a cluster the home must lie at
the same path for every worker. What Ibis writes for Spark with another meaning than for DuckDB is put right here.
"""

import atexit
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from upstander.errors import WrongUsage

try:
    from ibis.backends.pyspark import Backend
    from ibis.backends.sql.compilers.base import NULL
    from ibis.backends.sql.compilers.pyspark import PySparkCompiler
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import col
except ImportError as why:
    raise WrongUsage(
        "This home's engine is Spark, and PySpark is not installed here.",
        where="engine", found="spark", expected='`pip install "upstander[spark]"`, or engine = "duckdb"',
        state="Nothing was read.",
    ) from why  # fmt: skip

_MOMENT = dt.Timestamp(scale=6)
_ALWAYS = {
    "spark.app.name": "upstander",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.io.encryption.enabled": "true",  # what Spark writes to disk on the way is about people
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # wall-clock times have no zone
    "spark.sql.ansi.enabled": "true",  # a cast that fails is an error, not a missing value
    "spark.sql.parquet.mergeSchema": "true",  # columns by name, where only some parts have them
}
_ON_THIS_MACHINE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
}
_ON_A_CLUSTER = {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}


class Spark:
    """See Engine. Each is a session of its own, so that no answer sees the tables of another.

    Raises WrongUsage where Spark does not start: no Java, nothing at `master`, or no secret for a standalone cluster.
    """

    def __init__(self, master: str) -> None:
        self._session = _started(master).newSession()
        _Connection.register_options()  # Ibis does so for its own; its compiler fails without
        self._connection = _Connection().connect(self._session)
        self._made = 0

    def scan(self, paths: Sequence[Path]) -> ir.Table:
        """See Engine.scan."""
        # A path is a path: no pattern, and a folder called a=b must not become a column.
        exactly = self._session.read.options(__globPaths__="false", recursiveFileLookup="true")
        read = exactly.parquet(*(f"file://{path}" for path in paths))
        return self._named("scan", read.withColumn("filename", col("_metadata.file_path")))

    def table(self, rows: pa.Table) -> ir.Table:
        """See Engine.table."""
        return self._named("small", self._session.createDataFrame(rows))

    def shut(self, paths: Iterable[Path]) -> None:
        """Nothing: what Spark may open is for the accounts it runs under; the warehouse alone says what it scans."""

    def _named(self, kind: str, frame: Any) -> ir.Table:
        self._made += 1
        frame.createOrReplaceTempView(f"{kind}_{self._made}")
        return cast("ir.Table", self._connection.table(f"{kind}_{self._made}"))


@cache
def _started(master: str) -> SparkSession:
    """One Spark for the process, quiet, stopped at its exit."""
    if SparkContext._active_spark_context is not None:  # noqa: SLF001 - Spark would give the running one unasked
        raise WrongUsage(
            "Another Spark runs in this process already.", where="spark_master", found=master,
            expected="one Spark a process", state="Nothing was read.",
        )  # fmt: skip
    settings = SparkConf().setMaster(master).setAll(
        [*_ALWAYS.items(), *(_ON_THIS_MACHINE if master.startswith("local") else _ON_A_CLUSTER).items()]
    )  # fmt: skip
    try:
        # Java's own words would go to the terminal past every rule on what a log may hold.
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        session = SparkSession(SparkContext(gateway=launch_gateway(settings, silent), conf=settings))
    except (PySparkException, Py4JError, OSError) as why:
        raise WrongUsage(
            f"Spark did not start at {master}.", where="spark_master", found=master,
            expected="Java 17 here, and local[CORES] or the address of a cluster that shares spark.authenticate.secret",
            state="Nothing was read.",
        ) from why  # fmt: skip
    atexit.register(session.stop)
    return session


class _Compiler(PySparkCompiler):  # type: ignore[misc]
    """Ibis's SQL for Spark, with the meaning it has for DuckDB."""

    __slots__ = ()

    def visit_IsNull(self, _op: Any, *, arg: Any) -> Any:  # noqa: N802 - Ibis finds it by this name
        """A NaN is a value, and not a missing one."""
        return arg.is_(NULL)

    def visit_NotNull(self, _op: Any, *, arg: Any) -> Any:  # noqa: N802 - Ibis finds it by this name
        """A NaN is a value, and not a missing one."""
        return arg.is_(NULL).not_()

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:  # noqa: N802 - Ibis finds it by this name
        """A decimal becomes the nearest integer, halves the even one; Spark would cut it off."""
        is_rounded = op.arg.dtype.is_floating() and to.is_integer()
        return super().visit_Cast(op, arg=self.f.bround(arg) if is_rounded else arg, to=to)

    def visit_ExtractIsoYear(self, _op: Any, *, arg: Any) -> Any:  # noqa: N802 - Ibis finds it by this name
        """The year of the ISO week; Ibis has none for Spark."""
        return self.f.anon.date_part("YEAROFWEEK", arg)


class _Connection(Backend):  # type: ignore[misc]
    """Ibis's Spark, with answers by Arrow: its own go through pandas, where null and NaN are one."""

    compiler = _Compiler()

    def get_schema(self, table_name: str, **where: Any) -> Any:
        """The types of a table. Ibis says of Spark's times that their precision is not known; it is the microsecond."""
        found = super().get_schema(table_name, **where)
        return ibis.schema({name: _MOMENT if kind.is_timestamp() else kind for name, kind in found.items()})

    def to_pyarrow(self, expr: Any, /, *, params: Any = None, limit: Any = None, **_others: Any) -> pa.Table:
        """The answer with the types that the expression says."""
        asked = expr.as_table()
        self._run_pre_execute_hooks(asked)
        found = self._session.sql(self.compile(asked, params=params, limit=limit)).toArrow()
        return expr.__pyarrow_result__(found.cast(asked.schema().to_pyarrow()))

    def _register_in_memory_table(self, op: Any) -> None:
        self._session.createDataFrame(op.data.to_pyarrow(op.schema)).createOrReplaceTempView(op.name)
