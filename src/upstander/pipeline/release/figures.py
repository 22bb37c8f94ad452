"""Every figure of a release as a row that explains itself."""

from collections.abc import Sequence

import polars as pl

from upstander.contracts.releasing import ReleasedTable
from upstander.pipeline.outputs import described_about
from upstander.pipeline.release.plan import PinnedSource, Plan
from upstander.pipeline.release.tallies import OUT_OF
from upstander.values.canonical import canonical_json
from upstander.values.periods import Period

SCHEMA = {
    "figure": pl.String, "table": pl.String, "cell": pl.String, "value": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "status": pl.String, "period": pl.String, "definition": pl.String, "datasets": pl.String,
    "method": pl.String, "caveats": pl.String, "recording_changes": pl.String, "rules": pl.String,
}  # fmt: skip


def figures(plan: Plan, tables: Sequence[ReleasedTable]) -> pl.DataFrame:
    """One row a cell: `figure` is quarter/table/cell, and is the same in every edition; texts are JSON where many.

    `period`, `definition` and `recording_changes` are those of the cell itself.
    """
    return pl.concat([pl.DataFrame(schema=SCHEMA), *(_of_table(plan, table) for table in tables)]).sort("figure")


def _of_table(plan: Plan, table: ReleasedTable) -> pl.DataFrame:
    about = described_about(table.about)
    source = plan.source_of(table.name)
    definitions = {one.name: f"{one.definition} {one.definition_version}" for one in source.measures}
    definitions |= {f"{name}{OUT_OF}": f"{said}{OUT_OF}" for name, said in definitions.items()}
    cell = pl.concat_str([pl.format(f"{name}={{}}", name) for name in table.dimensions], separator=";")
    changes = {label: _changed(source, Period.parse(label)) for label in table.cells["period"].unique().sort()}
    texts = {"datasets": about["readings"], "caveats": about["caveats"], "rules": about["rules"]}
    told = table.cells.select(
        "value", "low", "high", "status", "period",
        cell=cell,
        definition=pl.col("measure").replace_strict(definitions, return_dtype=pl.String),
        table=pl.lit(table.name),
        method=pl.lit(str(about["method"])),
        recording_changes=pl.col("period").replace_strict(changes, return_dtype=pl.String),
        **{name: pl.lit(canonical_json(value).decode()) for name, value in texts.items()},
    )  # fmt: skip
    return told.with_columns(figure=pl.format(f"{plan.quarter}/{{}}/{{}}", "table", "cell")).select(*SCHEMA)


def _changed(source: PinnedSource, period: Period) -> str:
    """What had changed in the days of the release by the end of a period: it may stand behind a step from before."""
    return canonical_json([one.in_words for one in source.changes if one.day < period.end]).decode()
