"""How dates are written, as far as the file proves it. Where it leaves two readings open, a person decides."""

import re
from dataclasses import dataclass

import polars as pl

from upstander.intake.proposing.shapes import Shape

_SLASHED = re.compile(r"^(\d{1,2})([/.\-])(\d{1,2})[/.\-](\d{2,4})(?:([ ,T]+)(\d{1,2}):(\d\d)(:\d\d)?( ?[AaPp][Mm])?)?")


@dataclass(frozen=True)
class DateOrder:
    """strptime patterns that read the column; with an `open_question` they are the readings between which to choose."""

    formats: tuple[str, ...]
    reason: str
    open_question: str = ""


def date_order(shape: Shape) -> DateOrder | None:
    """The order of day, month and year in a column of dates; None where it holds no dates that are known here."""
    shares = shape.shares
    if shares["iso_time"] + shares["iso_day"] > 0.9:
        return _iso(shape)
    if shares["month"] > 0.9:
        return DateOrder(("%Y-%m",), "year and month, as ISO 8601 writes them")
    if shares["slashed_day"] + shares["slashed_time"] > 0.9:
        return _slashed(shape)
    if shares["named_month"] > 0.9:
        return DateOrder(("%B %Y",), "the month is written out")
    return None


def _iso(shape: Shape) -> DateOrder:
    first = next(iter(shape.weights))
    between = "T" if "T" in first else " "
    seconds = ":%S" if first.count(":") == 2 else ""
    formats = (f"%Y-%m-%d{between}%H:%M{seconds}",) if shape.shares["iso_time"] > 0.5 else ("%Y-%m-%d",)
    return DateOrder(formats, "the year comes first, as ISO 8601 has it")


def _slashed(shape: Shape) -> DateOrder | None:
    parts = pl.DataFrame({"x": shape.filled}).select(
        pl.col("x").str.extract(r"^(\d{1,2})", 1).cast(pl.Int32).alias("first"),
        pl.col("x").str.extract(r"^\d{1,2}[/.\-](\d{1,2})", 1).cast(pl.Int32).alias("second"),
    )
    found = _SLASHED.match(next(iter(shape.weights)))
    if found is None:
        return None
    first_over, second_over = int((parts["first"] > 12).sum()), int((parts["second"] > 12).sum())
    day_first, month_first = (_pattern(found, order) for order in ("%d{0}%m", "%m{0}%d"))
    if first_over and second_over:
        question = f"{first_over} dates can only be day-first and {second_over} only month-first: two systems?"
        return DateOrder((day_first, month_first), "both orders occur", question)
    if first_over:
        return DateOrder((day_first,), f"{first_over} dates have a first number over 12, so the day comes first")
    if second_over:
        return DateOrder((month_first,), f"{second_over} dates have a second number over 12, so the month comes first")
    question = "No number is over 12, so the file does not say whether the day or the month comes first."
    return DateOrder((day_first, month_first), "both readings are possible", question)


def _pattern(found: "re.Match[str]", order: str) -> str:
    year = "%Y" if len(found[4]) == 4 else "%y"
    day = f"{order.format(found[2])}{found[2]}{year}"
    if found[6] is None:
        return day
    hour = "%I" if found[9] else "%H"
    return f"{day}{found[5]}{hour}:%M{':%S' if found[8] else ''}{' %p' if found[9] else ''}"
