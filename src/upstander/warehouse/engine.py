"""What an engine is: the thing that runs the warehouse's Ibis expressions. Two are made here, and mean the same.

Which one runs is a setting of the home. No reader chooses it, and none can tell by an answer which one it was.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal, Protocol

import ibis.expr.types as ir
import pyarrow as pa


class Engine(Protocol):
    """One connection for one answer.

    What it reads keeps the types of the Parquet parts: local times are wall-clock times without zone, to the
    microsecond; null, NaN and empty text are three things. Rows come in no promised order: who needs one sorts.
    """

    def scan(self, paths: Sequence[Path]) -> ir.Table:
        """These Parquet files as one table with their columns by name, and `filename`.

        A column that only some files have is null in the rows of the others.
        """
        ...

    def table(self, rows: pa.Table) -> ir.Table:
        """A small table held in memory."""
        ...

    def shut(self, paths: Iterable[Path]) -> None:
        """From now on the connection reads these files at most, as far as the engine can be held to that."""
        ...


EngineMaker = Callable[[], Engine]


def engine_maker(name: Literal["duckdb", "spark"], *, spark_master: str) -> EngineMaker:
    """What makes the engine of this name, afresh for each answer.

    spark_master: where Spark runs, such as `local[2]` or `spark://host:7077`; of no meaning to DuckDB. Spark is
    imported, and started, when the first answer asks for it: see `spark.Spark` for what can fail then.
    """
    if name == "duckdb":
        from upstander.warehouse.embedded import Embedded

        return Embedded

    def on_spark() -> Engine:
        from upstander.warehouse.spark import Spark

        return Spark(spark_master)

    return on_spark
