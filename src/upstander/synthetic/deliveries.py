"""The agencies' files: a month each, under the supplier map's name, cut by the moment the contract counts by."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from upstander.synthetic import ambulance, emergency, police
from upstander.synthetic.planted import AGENCIES

SUPPLIERS = {"police": "brackenshire_police", "ambulance": "brackenshire_ambulance", "ed": "brackenshire_ed"}
HEADINGS = {"police": police.HEADINGS, "ambulance": ambulance.HEADINGS, "ed": emergency.HEADINGS}
DATASETS = {"police": "police_incidents", "ambulance": "ambulance_callouts", "ed": "ed_assaults"}
LATE_AGENCY = "ed"  # its last month has not come
# A crime recorded later than this after its month is not in that month's file, and the force sends no second one.
_EXTRACTED_AFTER = timedelta(days=28)


@dataclass(frozen=True)
class Sent:
    """One file: agency, month (2026-07), path below the deliveries folder, rows."""

    agency: str
    month: str
    path: str
    rows: int


def months(start: date, ends: date) -> list[date]:
    """The first of every month from `start` up to `ends`."""
    count = range(start.year * 12 + start.month - 1, ends.year * 12 + ends.month - 1)
    return [date(one // 12, one % 12 + 1, 1) for one in count]


def as_delivered(agency: str, rows: pl.DataFrame, *, start: date, ends: date) -> pl.DataFrame:
    """The agency's rows with `month` (the file they belong to, as text) and `is_delivered`."""
    first, day = pl.col("event_local").dt.month_start().dt.date(), pl.col("event_local").dt.date()
    extracted = pl.col("event_local").dt.month_end().dt.date() + _EXTRACTED_AFTER
    in_time = (pl.col("recorded_local").dt.date() <= extracted) if agency == "police" else pl.lit(value=True)
    late = months(start, ends)[-1] if agency == LATE_AGENCY else None
    on_time = pl.lit(value=True) if late is None else first != late
    return rows.with_columns(
        first.dt.strftime("%Y-%m").alias("month"),
        ((day >= start) & (day < ends) & in_time & on_time).alias("is_delivered"),
    )


def write_deliveries(folder: Path, rows: dict[str, pl.DataFrame]) -> list[Sent]:
    """Write what `as_delivered` marked, a file for each agency and month that has rows."""
    sent: list[Sent] = []
    for agency in AGENCIES:
        supplier = SUPPLIERS[agency]
        (folder / supplier).mkdir(parents=True, exist_ok=True)
        delivered = rows[agency].filter("is_delivered")
        for (month,), part in delivered.partition_by("month", as_dict=True, maintain_order=True).items():
            path = f"{supplier}/{supplier}_{month}.csv"
            _headed(agency, part, str(month)).write_csv(folder / path, line_terminator="\n")
            sent.append(Sent(agency, str(month), path, part.height))
    return sorted(sent, key=lambda one: one.path)


def _headed(agency: str, part: pl.DataFrame, month: str) -> pl.DataFrame:
    if agency == "ed":
        first = date.fromisoformat(f"{month}-01")
        last = pl.select(pl.lit(first).dt.month_end()).item()
        part = part.with_columns(
            pl.lit(first.isoformat()).alias("REPORTING PERIOD START DATE"),
            pl.lit(last.isoformat()).alias("REPORTING PERIOD END DATE"),
        )
    # An empty value is written as nothing between the commas, not as a pair of quotes.
    return part.select(pl.col(HEADINGS[agency]).replace("", None))
