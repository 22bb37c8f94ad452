"""Every figure of a release as a row that explains itself."""

from collections.abc import Sequence

import polars as pl

from upstander.contracts.releasing import ReleasedTable
from upstander.pipeline.outputs import described_about
from upstander.pipeline.release.plan import Plan
from upstander.values.canonical import canonical_json

SCHEMA = {
    "figure": pl.String, "table": pl.String, "cell": pl.String, "value": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "status": pl.String, "period": pl.String, "definition": pl.String, "datasets": pl.String,
    "method": pl.String, "caveats": pl.String, "recording_changes": pl.String, "rules": pl.String,
}  # fmt: skip


def figures(plan: Plan, tables: Sequence[ReleasedTable]) -> pl.DataFrame:
    """One row a cell: `figure` is quarter/table/cell, and is the same in every edition; texts are JSON where many.

    `period` and `definition` are those of the cell itself.
    """
    return pl.concat([pl.DataFrame(schema=SCHEMA), *(_of_table(plan, table) for table in tables)]).sort("figure")


def _of_table(plan: Plan, table: ReleasedTable) -> pl.DataFrame:
    about = described_about(table.about)
    definitions = {
        one.name: f"{one.definition} {one.definition_version}" for source in plan.sources for one in source.measures
    }
    cell = pl.concat_str([pl.format(f"{name}={{}}", name) for name in table.dimensions], separator=";")
    texts = {
        "datasets": about["readings"], "caveats": about["caveats"],
        "recording_changes": about["recording_changes"], "rules": about["rules"],
    }  # fmt: skip
    told = table.cells.select(
        "value", "low", "high", "status", "period",
        cell=cell,
        definition=pl.col("measure").replace_strict(definitions, return_dtype=pl.String),
        table=pl.lit(table.name),
        method=pl.lit(str(about["method"])),
        **{name: pl.lit(canonical_json(value).decode()) for name, value in texts.items()},
    )  # fmt: skip
    return told.with_columns(figure=pl.format(f"{plan.quarter}/{{}}/{{}}", "table", "cell")).select(*SCHEMA)
