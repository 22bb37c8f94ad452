"""Dates and times by the formats the supplier states. Repairs are named and counted; nothing is guessed.

The wall clock is kept as sent. A time that the clock skipped never happened; one in the hour that happens twice has
two UTC readings, and both are kept.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_PRECISIONS = ("minute", "hour", "day", "month")
_OFFSET = r"(Z|[+-]\d{2}:?\d{2})$"
_SERIAL = r"^\d{5}(\.\d+)?$"
_TWO_DIGIT_YEAR = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2}\b"
_OLDEST_YEAR = 1000
_OLDEST = pl.datetime(_OLDEST_YEAR, 1, 1)
_EXCEL_EPOCH = pl.datetime(1899, 12, 30)
_MOMENT = pl.Datetime("us")
_DIRECTIVE = re.compile(r"(%[A-Za-z%])")
_SHAPES = {"%y": r"\s*[0-9]{2}", "%%": "%"}


@dataclass(frozen=True)
class Times:
    """A column of text read as wall-clock moments; null where empty or unreadable.

    `precision` is minute, hour, day or month, null where there is no value. `repairs` counts what was mended, by name.
    `swapped` counts values that read only with day and month the other way round, `two_digit` those whose year has two
    digits. `used` names the formats that fit.
    """

    values: pl.Series
    precision: pl.Series
    is_unreadable: pl.Series
    repairs: dict[str, int]
    swapped: int
    two_digit: int
    used: frozenset[str]


def read_times(text: pl.Series, formats: Sequence[str], zone: str) -> Times:
    """Read wall-clock text, format by format, then mend 24:00, offsets and spreadsheet serials."""
    values, precision = (pl.repeat(None, text.len(), dtype=dtype, eager=True) for dtype in (_MOMENT, pl.String))
    used: set[str] = set()
    for pattern in formats:
        if used and not _is_left(text, values):
            break
        left = text if not used else pl.select(pl.when(values.is_null()).then(text)).to_series()
        read = _read_as(pattern, left)
        if read["value"].null_count() < text.len():
            values = values.fill_null(read["value"]) if used else read["value"]
            precision = precision.fill_null(read["precision"]) if used else read["precision"]
            used.add(pattern)
    if not _is_left(text, values):
        all_read = pl.repeat(value=False, n=text.len(), eager=True)
        return Times(values, precision, all_read, {}, 0, 0, frozenset(used))
    values, precision, repairs = _mended(text, values, precision, formats, zone)
    is_unreadable = text.is_not_null() & values.is_null()
    unreadable = text.filter(is_unreadable)
    swapped = _swapped(unreadable, formats) if len(unreadable) else 0
    two_digit = int(unreadable.str.contains(_TWO_DIGIT_YEAR).sum())
    return Times(values, precision, is_unreadable, repairs, swapped, two_digit, frozenset(used))


def precision_of(pattern: str) -> str:
    """How fine a strptime pattern reads: minute, hour, day or month."""
    if "%M" in pattern or "%T" in pattern or "%R" in pattern:
        return "minute"
    if "%H" in pattern or "%I" in pattern:
        return "hour"
    return "day" if "%d" in pattern or "%F" in pattern or "%j" in pattern else "month"


def coarser(first: pl.Expr, finest: str) -> pl.Expr:
    """A precision, but never finer than `finest`."""
    if finest == "unknown":
        return pl.lit("unknown")
    too_fine = _PRECISIONS[: _PRECISIONS.index(finest)]
    return pl.when(first.is_in(list(too_fine))).then(pl.lit(finest)).otherwise(first)


def end_of(start: pl.Expr, end: pl.Expr, precision: pl.Expr) -> pl.Expr:
    """The end of an event: as stated, else the first instant after the hour, day or month it is known to."""
    return (
        pl.when(end.is_not_null()).then(end)
        .when(precision == "month").then(start.dt.offset_by("1mo"))
        .when(precision == "day").then(start.dt.offset_by("1d"))
        .when(precision == "hour").then(start.dt.offset_by("1h"))
        .otherwise(start)
    )  # fmt: skip


def utc_readings(local: pl.Series, zone: str) -> tuple[pl.Series, pl.Series]:
    """Earliest and latest UTC moment of wall-clock times, without zone; both null for a time that never was."""
    at = pl.col("local")
    earliest, latest = (
        at.dt.replace_time_zone(zone, ambiguous=reading, non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None)
        .alias(reading)
        for reading in ("earliest", "latest")
    )
    both = pl.DataFrame({"local": local}).select(earliest, latest)
    return both["earliest"], both["latest"]


def _is_left(text: pl.Series, values: pl.Series) -> bool:
    return values.null_count() > text.null_count()


def _read_as(pattern: str, text: pl.Series) -> pl.DataFrame:
    """Value and precision of each text by one pattern; null where it does not fit."""
    read = pl.DataFrame({"text": text}).select(value=_moment(pl.col("text"), pattern))
    # A parser reads 04/05/24 under %Y as the year 24: that is a two-digit year, and nobody knows its century.
    is_read = pl.col("value") >= _OLDEST
    return read.select(
        value=pl.when(is_read).then("value"), precision=pl.when(is_read).then(pl.lit(precision_of(pattern)))
    )


def _mended(
    text: pl.Series, values: pl.Series, precision: pl.Series, formats: Sequence[str], zone: str
) -> tuple[pl.Series, pl.Series, dict[str, int]]:
    frame = pl.DataFrame({"text": text, "value": values, "precision": precision}).with_row_index("row")
    left = frame.filter(pl.col("value").is_null() & pl.col("text").is_not_null())
    timed = [pattern for pattern in formats if precision_of(pattern) == "minute"]
    mends = {
        "24:00": _any_format(pl.col("text").str.replace(r"24:00(:00)?$", "00:00${1}"), timed).dt.offset_by("1d"),
        "offset": _with_offset(timed, zone),
        "serial": _from_serial(),
    }
    when = {"24:00": pl.col("text").str.contains(r"24:00(:00)?$"), "offset": pl.col("text").str.contains(_OFFSET),
            "serial": pl.col("text").str.contains(_SERIAL)}  # fmt: skip
    repairs: dict[str, int] = {}
    for name, mend in mends.items():
        part = left.filter(when[name])
        if part.is_empty() or (name != "serial" and not timed):
            continue
        mended = part.select("row", value=mend, precision=pl.lit("minute")).drop_nulls()
        repairs[name] = mended.height
        frame = frame.update(mended, on="row")
    return frame["value"], frame["precision"], {name: count for name, count in repairs.items() if count}


def _any_format(text: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    if not formats:
        return pl.lit(None, dtype=_MOMENT)
    return pl.coalesce([_moment(text, pattern) for pattern in formats])


def _moment(text: pl.Expr, pattern: str) -> pl.Expr:
    value = text.str.to_datetime(pattern, strict=False, time_unit="us")
    if "%y" not in pattern:
        return value
    # The parser takes any sign for the second digit of a two-digit year, or none at all: 1/2/2Z is no date.
    return pl.when(text.str.contains(_shape(pattern))).then(value)


def _shape(pattern: str) -> str:
    """What a text looks like that has two digits for the year."""
    parts = (re.escape(part) if part[:1] != "%" else _SHAPES.get(part, ".+?") for part in _DIRECTIVE.split(pattern))
    return f"^{''.join(parts)}$"


def _with_offset(formats: Sequence[str], zone: str) -> pl.Expr:
    base = _any_format(pl.col("text").str.replace(_OFFSET, "").str.strip_chars_end(), formats)
    offset = pl.col("text").str.extract(_OFFSET).str.replace("Z", "+0000").str.replace(":", "")
    minutes = offset.str.slice(1, 2).cast(pl.Int32) * 60 + offset.str.slice(3, 2).cast(pl.Int32)
    signed = pl.when(offset.str.starts_with("-")).then(-minutes).otherwise(minutes)
    utc = base - pl.duration(minutes=signed)
    return utc.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)


def _from_serial() -> pl.Expr:
    """A spreadsheet's day number, counted from 30 December 1899; five digits reach from 1927 to 2173."""
    seconds = (pl.col("text").cast(pl.Float64, strict=False) * 86_400).round(0)
    return (_EXCEL_EPOCH + pl.duration(seconds=seconds)).cast(_MOMENT)


def _swapped(unreadable: pl.Series, formats: Sequence[str]) -> int:
    turned = [pattern.replace("%d/%m", "%m/%d") for pattern in formats if "%d/%m" in pattern]
    if not turned:
        return 0
    read = pl.DataFrame({"text": unreadable}).select(
        (_any_format(pl.col("text"), turned).dt.year() >= _OLDEST_YEAR).sum()
    )
    return int(read.item())
