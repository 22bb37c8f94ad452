"""What a row must meet. One rule, one column of its own: polars works them out side by side, the reasons come after.

A rule's `expected` says what would be right, never what was found; a value is quoted later, if its column may be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from upstander.contracts.dataset import Column, DatasetContract, Kind, Shape
from upstander.intake.persons import Refs, refs_of
from upstander.intake.suppliers import Supplier
from upstander.intake.suppliers.statistics import PeriodForm
from upstander.intake.typed import DEFAULT_FORMATS
from upstander.values.identifiers import is_placeholder_nhs_number, is_wrong_nhs_number
from upstander.values.periods import Period

_PLACEHOLDER_BIRTHS = (date(1900, 1, 1), date(1901, 1, 1), date(1911, 11, 11), date(1800, 1, 1), date(1899, 12, 30))
_INVISIBLE = r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u00ad\ufeff]"
_LOOK_ALIKE = r"[A-Za-z0-9][\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}][A-Za-z0-9]"
_SPREADSHEET_NUMBER = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]+$"
_TEST_NAMES = ("ZZTEST", "XXTEST", "TESTING", "TESTPATIENT", "MOUSE", "DUMMY", "ZZZ")
_TEST_NAME_IN_CAPITALS = "TEST"  # there are people called Test
_LONGEST_TEXT = 100
_AREA_CODE = r"^[A-Za-z0-9]{2,12}$"
_FORMS: Mapping[PeriodForm, str] = {
    "ours": "2026-07, 2026-Q3, FY2026, AY2026 or 2026",
    "month": "a month",
    "months": "its first and its last month",
    "year": "a calendar year",
    "fy_starting": "a year from April, by its first year or both",
    "fy_ending": "a year from April, by its last year or both",
    "ay_starting": "a year from September, by its first year or both",
    "ay_ending": "a year from September, by its last year or both",
    "year_ending": "the last month of the year",
}
_OLDEST_AGE = 120
_SHARED_BY = 10
SPREADSHEET_RULE = "digits lost to a spreadsheet"


@dataclass(frozen=True)
class Rule:
    """A row fails where `fails` is true. `column` is the sent column the sender would mend.

    is_met_in_ascii: nothing in plain ASCII can fail it, so it need not be asked there.
    """

    name: str
    column: str
    fails: pl.Expr
    expected: str
    is_met_in_ascii: bool = False


def rules_for(
    contract: DatasetContract, supplier: Supplier, columns: set[str], *, received: datetime, covers: Period | None
) -> tuple[Rule, ...]:
    """The rules of one file. columns: the contract columns it fills. received: wall clock of the supplier's zone."""
    sent = [column for column in contract.columns if column.name in columns]
    if contract.shape is Shape.INDICATORS:
        return (
            *(rule for column in sent for rule in _of_column(column, supplier)),
            *_of_statistics(supplier, columns, received, covers),
        )
    made = [
        *(rule for column in sent for rule in _of_column(column, supplier)),
        *_of_event(contract, supplier, columns, received, covers),
        *_of_person(columns),
        *_of_nhs_number(refs_of(contract, supplier.person_ref_is, columns)),
        *_of_point(columns),
    ]
    return tuple(made)


def failing(frame: pl.DataFrame, rules: tuple[Rule, ...], *, is_ascii: bool) -> pl.DataFrame:
    """One boolean column a rule, named by its position; null (nothing to judge) counts as met."""
    met = pl.repeat(value=False, n=pl.len())
    return frame.select(
        (met if is_ascii and rule.is_met_in_ascii else rule.fails.fill_null(value=False)).alias(str(index))
        for index, rule in enumerate(rules)
    )


def _of_column(column: Column, supplier: Supplier) -> Iterator[Rule]:
    name, cell = column.name, pl.col(column.name)
    if column.required:
        yield Rule("required and missing", name, cell.is_null(), f"{column.means}: every row needs it")
    if column.kind in (Kind.TIMESTAMP, Kind.DATE):
        formats = supplier.formats.get(name) or DEFAULT_FORMATS[column.kind]
        what = "a date" if column.kind == Kind.DATE else "a date and time"
        yield Rule("not a date", name, pl.col(f"{name}.unread"), f"{what} that exists, written {_spelt(formats[0])}")
    elif column.kind in (Kind.INTEGER, Kind.DECIMAL):
        yield Rule("not a number", name, pl.col(f"{name}.unread"), "a number in plain digits, such as 450000 or 52.63")
    elif column.kind is Kind.FIGURE:
        marks = ", ".join(supplier.markers) or "our own words for its absence"
        yield Rule(
            "not a figure", name, pl.col(f"{name}.unread"), f"a number, an empty cell, or an agreed mark: {marks}"
        )
    elif column.codes is not None:
        yield Rule("code not in the codelist", name, pl.col(f"{name}.strange"), _some(tuple(column.codes.meanings)))
    elif column.identifies and not column.free_text:
        yield from _of_identifier(column)


def _of_identifier(column: Column) -> Iterator[Rule]:
    name, cell = column.name, pl.col(column.name)
    yield Rule("too long", name, cell.str.len_chars() > _LONGEST_TEXT, f"at most {_LONGEST_TEXT} characters")
    yield Rule(
        "invisible character", name, cell.str.contains(_INVISIBLE), "no zero-width or direction characters",
        is_met_in_ascii=True,
    )  # fmt: skip
    if name.endswith("_ref"):
        yield Rule(
            "look-alike letters", name, cell.str.contains(_LOOK_ALIKE), "letters of one alphabet", is_met_in_ascii=True
        )
        yield Rule(SPREADSHEET_RULE, name, cell.str.contains(_SPREADSHEET_NUMBER), "the whole number, exported as text")


def _of_event(
    contract: DatasetContract, supplier: Supplier, columns: set[str], received: datetime, covers: Period | None
) -> Iterator[Rule]:
    start = contract.event_times[0].starts
    begins = pl.col("event.from")
    unread = [pl.col(f"{when.starts}.unread") for when in contract.event_times if when.starts in columns]
    nothing = begins.is_null() & ~pl.any_horizontal(unread) & ~_is_required_missing(contract, start)
    yield Rule("no time at all", start, nothing, "when it happened, or at least when it was recorded")
    skipped = begins.is_not_null() & pl.col("event.utc_min").is_null()
    yield Rule(
        "time that does not exist", start, skipped,
        f"a time that does not exist in {supplier.zone}: the clocks went forward over it",
    )  # fmt: skip
    yield Rule("in the future", start, begins > received, "a time before the file was received, not in the future")
    end = contract.event_times[0].ends
    yield Rule(
        "ends before it starts",
        end if end in columns else start,
        pl.col("event.ends") < begins,
        "an end that is not before the start",
    )
    recorded = recorded_column(contract)
    if recorded in columns and recorded != start:
        yield Rule(
            "recorded before it happened", recorded, _is_early(recorded) & ~_is_shared(),
            "a time that is not before it happened",
        )  # fmt: skip
    if covers is not None and supplier.delivers == "whole":
        day = pl.col(counted_by(contract)).dt.date()
        outside = (day < covers.start) | (day >= covers.end)
        yield Rule(
            "outside the period",
            start,
            outside,
            f"a day from {covers.start} to {covers.last_day}, which the file covers",
        )


def _of_statistics(supplier: Supplier, columns: set[str], received: datetime, covers: Period | None) -> Iterator[Rule]:
    """What figures need besides being numbers: a period that has begun, and an area of an agreed kind."""
    begins = pl.col("event.from")
    yield Rule("not a period", "period", pl.col("period.unread"), _period_in_words(supplier))
    yield Rule("in the future", "period", begins > received, "a period that began before the file was received")
    if covers is not None and supplier.delivers == "whole":
        outside = (begins.dt.date() < covers.start) | (begins.dt.date() >= covers.end)
        right = f"a period that begins from {covers.start} to {covers.last_day}, which the file covers"
        yield Rule("outside the period", "period", outside, right)
    if "indicator" in columns:
        yield Rule("required and missing", "indicator", pl.col("indicator").is_null(), "what is counted, in every row")
    named = [name for name in ("area_code", "area_name") if name in columns]
    if supplier.areas.level:
        levels = supplier.areas.levels
        strange = ~pl.col("area.level").is_in(list(levels)).fill_null(value=False)
        yield Rule("area of no agreed kind", named[0], strange, f"a row about one of: {', '.join(levels)}")
    nowhere = pl.all_horizontal(pl.col(name).is_null() for name in named)
    yield Rule("no area at all", named[0], nowhere, "the code or the name of an area")
    if "area_code" in columns:
        odd = ~pl.col("area_code").str.contains(_AREA_CODE)
        yield Rule("not an area code", "area_code", odd, "an official code of letters and digits, such as E06000016")
    if "area_name" in columns:
        long = pl.col("area_name").str.len_chars() > _LONGEST_TEXT
        yield Rule("too long", "area_name", long, f"at most {_LONGEST_TEXT} characters")


def _period_in_words(supplier: Supplier) -> str:
    forms = dict.fromkeys([*supplier.period.forms.values()] or [supplier.period.form])
    formats = supplier.formats.get("period", ())
    written = f", written {_spelt(formats[0])}" if formats else ""
    return f"a period that exists{written}: {', '.join(_FORMS[form] for form in forms)}"


def early_together(contract: DatasetContract, columns: set[str]) -> pl.Expr | None:
    """Which rows were recorded before they happened, by a time that many rows share; None where it cannot be told.

    One row's time that contradicts its recording is a slip, and the row is kept back. A time that a tenth of the rows
    share was set by a process: it is the time that is doubtful, in all of them alike, and the rows stand.
    """
    recorded = recorded_column(contract)
    if recorded not in columns or recorded == contract.event_times[0].starts:
        return None
    return _is_early(recorded) & _is_shared()


def _is_early(recorded: str) -> pl.Expr:
    begins, at = pl.col("event.from"), pl.col(f"{recorded}.at")
    in_whole_days = at.dt.date() < begins.dt.date()
    return pl.when(pl.col("event.fine").is_in(["minute", "hour"])).then(at < begins).otherwise(in_whole_days)


def _is_shared() -> pl.Expr:
    """Whether a tenth of the rows, and ten at least, share the row's time."""
    same = pl.len().over("event.from")
    return (same >= _SHARED_BY) & (same * _SHARED_BY >= pl.len())


def recorded_column(contract: DatasetContract) -> str:
    """The sent column that becomes recorded_local; empty where there is none."""
    return next((column.name for column in contract.columns if "recorded_local" in column.becomes), "")


def counted_by(contract: DatasetContract) -> str:
    """The typed column whose date `covers` is about."""
    if contract.counts_by == "event_from_local" or contract.shape is Shape.INDICATORS:
        return "event.from"
    return next(f"{column.name}.at" for column in contract.columns if contract.counts_by in column.becomes)


def _is_required_missing(contract: DatasetContract, start: str) -> pl.Expr:
    column = contract.column(start)
    return pl.col(start).is_null() if column is not None and column.required else pl.lit(value=False)


def _of_person(columns: set[str]) -> Iterator[Rule]:
    if "dob" in columns:
        born = pl.col("dob.at").dt.date()
        is_placeholder = born.is_in(list(_PLACEHOLDER_BIRTHS))
        yield Rule(
            "placeholder date of birth", "dob", is_placeholder, "the real date, or an empty cell where it is not known"
        )
        after = (born > pl.col("event.from").dt.date()) & ~_is_coarse()
        yield Rule("born after it happened", "dob", after, "a date of birth before the event; nobody is born after it")
    if "age" in columns:
        age = pl.col("age.number")
        strange = (age < 0) | (age > _OLDEST_AGE) | (age != age.floor())
        yield Rule("impossible age", "age", strange, f"completed years, 0 to {_OLDEST_AGE}")
    if "surname" in columns:
        surname = pl.col("surname")
        is_test = surname.str.to_uppercase().is_in(list(_TEST_NAMES)) | (surname == _TEST_NAME_IN_CAPITALS)
        yield Rule("test record", "surname", is_test, "real records only: leave test records out")


def _of_nhs_number(refs: Refs) -> Iterator[Rule]:
    if refs.nhs_number is None:
        return
    sent = pl.col(refs.nhs_number)
    yield Rule(
        "placeholder NHS number", refs.nhs_number, is_placeholder_nhs_number(sent),
        "the person's own NHS number, or an empty cell where it is not known",
    )  # fmt: skip
    yield Rule(
        "not an NHS number", refs.nhs_number, is_wrong_nhs_number(sent),
        "ten digits whose last is the check digit; 3 and 3 and 4 of them may stand apart",
    )  # fmt: skip


def _of_point(columns: set[str]) -> Iterator[Rule]:
    for across, up in (("easting", "northing"), ("longitude", "latitude")):
        if not {across, up} <= columns:
            continue
        x, y = pl.col(f"{across}.number"), pl.col(f"{up}.number")
        half = pl.col(across).is_null() != pl.col(up).is_null()
        yield Rule("location is half a point", across, half, f"both {across} and {up}, or neither, for a location")
        nowhere = (x == 0) & (y == 0) if across == "longitude" else (x <= 0) | (y <= 0)
        yield Rule(
            "location is nowhere", across, nowhere, "a location on the map, or empty cells where it is not known"
        )
    if "longitude" in columns:
        off = (pl.col("longitude.number").abs() > 180) | (pl.col("latitude.number").abs() > 90)
        yield Rule("location off the globe", "longitude", off, "longitude -180 to 180, latitude -90 to 90, in degrees")


def _is_coarse() -> pl.Expr:
    return pl.col("event.fine").is_in(["month", "unknown"])


def _spelt(pattern: str) -> str:
    words = {"%d": "31", "%m": "12", "%Y": "2026", "%H": "22", "%M": "40", "%S": "00"}
    for mark, word in words.items():
        pattern = pattern.replace(mark, word)
    return pattern


def _some(codes: tuple[str, ...]) -> str:
    listed = ", ".join(codes[:12])
    return f"one of: {listed}" + (f" and {len(codes) - 12} more (upstander contract show)" if len(codes) > 12 else "")
