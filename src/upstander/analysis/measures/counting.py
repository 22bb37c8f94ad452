"""Counting incidents: Ibis table of the warehouse in, Ibis expression out. Nothing runs until an edge asks for it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

from upstander.analysis.clock import TIMED, night_of
from upstander.contracts.definitions import ViolenceDefinition
from upstander.errors import WrongUsage

if TYPE_CHECKING:
    import ibis.expr.types as ir

NOT_LOCATED = "not located"
NOT_KNOWN = "not known"
_DATED = (*TIMED, "day")
_MONTHED = (*_DATED, "month")


def _area(table: "ir.Table") -> "ir.StringValue":
    import ibis

    key = table.area_kind.concat(table.area_vintage, ":", table.area_code)
    return ibis.ifelse(table.area_code.fill_null("") == "", NOT_LOCATED, key)


def _known(table: "ir.Table", value: "ir.Value", precisions: tuple[str, ...]) -> "ir.StringValue":
    import ibis

    return ibis.ifelse(table.event_precision.isin(precisions), value.cast("string"), NOT_KNOWN)


def _two_digits(number: "ir.IntegerValue") -> "ir.StringValue":
    return number.cast("string").lpad(2, "0")


def _month(table: "ir.Table") -> "ir.StringValue":
    local = table.event_from_local
    return _known(table, local.year().cast("string").concat("-", _two_digits(local.month())), _MONTHED)


def _quarter(table: "ir.Table") -> "ir.StringValue":
    local = table.event_from_local
    return _known(table, local.year().cast("string").concat("-Q", local.quarter().cast("string")), _MONTHED)


def _week(table: "ir.Table") -> "ir.StringValue":
    local = table.event_from_local
    label = local.iso_year().cast("string").concat("-W", _two_digits(local.week_of_year()))
    return _known(table, label, _DATED)


def _hour(table: "ir.Table") -> "ir.StringValue":
    return _known(table, _two_digits(table.event_from_local.hour()), TIMED)


def _column(name: str) -> Callable[["ir.Table"], "ir.StringValue"]:
    return lambda table: table[name].fill_null(NOT_KNOWN)


DIMENSIONS: Mapping[str, Callable[["ir.Table"], "ir.StringValue"]] = {
    "area": _area,
    "month": _month,
    "quarter": _quarter,
    "week": _week,
    "night": lambda table: _known(table, night_of(table.event_from_local), TIMED),
    "day": lambda table: _known(table, table.event_from_local.date(), _DATED),
    "hour": _hour,
    "supplier": _column("supplier"),
    "offence": _column("offence_code"),
    "weapon": _column("weapon_class"),
    "mechanism": _column("mechanism"),
    "severity": _column("injury_severity"),
    "place_class": _column("place_class"),
    "age_band": _column("age_band"),
    "sex": _column("sex"),
    "role": _column("role"),
    "precision": _column("event_precision"),
}
"""How each dimension of a count is read from an incident, always as text. Periods are written as `values.periods`
writes them, hours as 00 to 23, areas as keys such as lsoa21:E01034022. What a row cannot tell (the hour of an event
known by its day) is counted as `not known`, never dropped; an incident without an area as `not located`."""


def counts(table: "ir.Table", by: Iterable[str], *, of_persons: bool = False) -> "ir.Table":
    """Count incidents by any of `DIMENSIONS`: one row per combination that occurs, `incidents` last, in order.

    table: incidents of the warehouse (Ibis). No dimension gives one row, the total. Every row of the table is in one
    cell, so the counts add up to it. of_persons: `persons` comes beside (see `persons`).
    Raises WrongUsage for a dimension there is not.
    """
    names = list(by)
    for name in names:
        if name not in DIMENSIONS:
            raise WrongUsage(
                f"Counts cannot be made by '{name}'.", where="by", found=name, expected=", ".join(DIMENSIONS)
            )
    labelled = table.mutate(**{name: DIMENSIONS[name](table) for name in names})
    sums = {"incidents": labelled.count()}
    if of_persons:
        sums["persons"] = persons(labelled)
    return labelled.aggregate(by=names, **sums).order_by(names) if names else labelled.aggregate(**sums)


def persons(table: "ir.Table") -> "ir.IntegerScalar":
    """How many persons rows are of, by their `person_token`; a row without one is a person of its own."""
    token = table.person_token.nullif("")
    return token.nunique() + token.isnull().sum().fill_null(0)


def meets(table: "ir.Table", dataset: str, definition: ViolenceDefinition) -> "ir.BooleanValue":
    """Whether each incident of the dataset counts under the definition: an Ibis boolean, never null.

    Each part of the criteria that asks something must hold; a value that is missing meets no part that asks.
    Raises CannotServe, with the definition's own reason, for a dataset it cannot be counted in.
    """
    return holds(table, dict(definition.criteria(dataset).where()))


def holds(table: "ir.Table", asks: Mapping[str, Sequence[str]]) -> "ir.BooleanValue":
    """Whether each row has one of the values in every column asked: an Ibis boolean, never null. A missing value is
    none of them; in a column of numbers the values are read as numbers.
    """
    import ibis

    # Ibis takes a literal by position.
    held = [_has(table[column], values) for column, values in asks.items()]
    return ibis.and_(*held) if held else ibis.literal(True)  # noqa: FBT003


def _has(column: "ir.Column", values: Sequence[str]) -> "ir.BooleanValue":
    if column.type().is_numeric():
        return column.isin([float(value) for value in values]).fill_null(False)  # noqa: FBT003 - as above
    return column.fill_null("").isin(values)


def weekly_counts(
    table: "ir.Table", day: "ir.DateValue", covered: Iterable[date], *, days: Iterable[int] = range(1, 8)
) -> "ir.Table":
    """Count incidents by week, quiet weeks as zero, weeks nobody delivered in full as null (Ibis expression).

    table: incidents. day: the date each counts under, an expression on it, null to leave it out; for a window
    `window.night_of(table.event_from_local)`, so that a night counts in the week it began. covered: days the
    deliveries speak for; for a window its `nights_within` them. days: the days of the week that matter (Monday = 1);
    for a window its `days`.
    Gives, from the first week touched to the last, `week_beginning` (Monday), `incidents`, `days_covered`, `is_whole`
    (every day that matters was covered). Only whole weeks have a number: a half-delivered week is no fall.
    """
    import ibis

    by_week = table.group_by(week_beginning=day.truncate("W").cast("date")).agg(found=lambda rows: rows.count())
    joined = _weeks(covered, tuple(days)).left_join(by_week, "week_beginning")
    number = ibis.ifelse(joined.is_whole, joined.found.fill_null(0), None).cast("int64")
    weeks = joined.select("week_beginning", incidents=number, days_covered="days_covered", is_whole="is_whole")
    return weeks.order_by("week_beginning")


def _weeks(covered: Iterable[date], days: tuple[int, ...]) -> "ir.Table":
    import ibis

    mondays = Counter(day - timedelta(days=day.weekday()) for day in set(covered) if day.isoweekday() in days)
    calendar = pl.Series([], dtype=pl.Date)
    if mondays:
        calendar = pl.date_range(min(mondays), max(mondays), "1w", eager=True)
    weeks = pl.DataFrame({
        "week_beginning": calendar,
        "days_covered": pl.Series([mondays[monday] for monday in calendar], dtype=pl.Int64),
    })  # fmt: skip
    return ibis.memtable(weeks.with_columns(is_whole=pl.col("days_covered") == len(days)))
