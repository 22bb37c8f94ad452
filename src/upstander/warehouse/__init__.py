"""Readings of deliveries as immutable folders, and the ones in force as tables.

Comes in: Parquet parts with the facts of a reading; the gate's Allowed. Goes out: manifests, and Ibis tables of what
was granted and nothing else. Must never: change a reading, show one without a manifest, or read without an Allowed.
Either engine, DuckDB in this process or Spark, gives the same tables.
"""

from upstander.warehouse.engine import engine_maker
from upstander.warehouse.erasing import part_without, rows_in
from upstander.warehouse.errors import BrokenReading, NothingHeld, SumsTwice
from upstander.warehouse.facts import ReadingFacts
from upstander.warehouse.inforce import InForce, in_force
from upstander.warehouse.store import Register, Warehouse

__all__ = [
    "BrokenReading",
    "InForce",
    "NothingHeld",
    "ReadingFacts",
    "Register",
    "SumsTwice",
    "Warehouse",
    "engine_maker",
    "in_force",
    "part_without",
    "rows_in",
]
