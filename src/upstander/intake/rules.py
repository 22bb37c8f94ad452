"""What a row must meet. One rule, one column of its own: polars works them out side by side, the reasons come after.

A rule's `expected` says what would be right, never what was found; a value is quoted later, if its column may be.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from upstander.contracts.codes import CodeList
from upstander.contracts.dataset import Column, DatasetContract, Kind, Shape
from upstander.intake.limits import LIMITS
from upstander.intake.persons import Refs, refs_of
from upstander.intake.sentences import expected
from upstander.intake.suppliers import Supplier
from upstander.intake.suppliers.statistics import PeriodForm
from upstander.intake.typed import DEFAULT_FORMATS
from upstander.values.identifiers import is_placeholder_nhs_number, is_wrong_nhs_number
from upstander.values.periods import Period

PLACEHOLDER_BIRTHS = (date(1900, 1, 1), date(1901, 1, 1), date(1911, 11, 11), date(1800, 1, 1), date(1899, 12, 30))
PATTERNS = {
    "invisible": r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u00ad\ufeff]",
    "look_alike": r"[A-Za-z0-9][\p{Cyrillic}\p{Greek}]|[\p{Cyrillic}\p{Greek}][A-Za-z0-9]",
    "spreadsheet_number": r"^[0-9](\.[0-9]+)?[eE]\+[0-9]+$",
    "area_code": r"^[A-Za-z0-9]{2,12}$",
}
TEST_NAMES = ("ZZTEST", "XXTEST", "TESTING", "TESTPATIENT", "MOUSE", "DUMMY", "ZZZ")
TEST_NAME_IN_CAPITALS = "TEST"  # there are people called Test
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


def _rule(
    name: str, column: str, fails: pl.Expr, *, right: str = "", is_met_in_ascii: bool = False, **facts: object
) -> Rule:
    """A rule with its sentence of what would be right: the one of that name, or the one called `right`."""
    return Rule(name, column, fails, expected(right or name, **facts), is_met_in_ascii)


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
        yield _rule("required and missing", name, cell.is_null(), means=column.means)
    if column.kind in (Kind.TIMESTAMP, Kind.DATE):
        formats = supplier.formats.get(name) or DEFAULT_FORMATS[column.kind]
        what = "a date" if column.kind == Kind.DATE else "a date and time"
        yield _rule("not a date", name, pl.col(f"{name}.unread"), what=what, example=spelt(formats[0]))
    elif column.kind in (Kind.INTEGER, Kind.DECIMAL):
        yield _rule("not a number", name, pl.col(f"{name}.unread"))
    elif column.kind is Kind.FIGURE:
        yield _rule("not a figure", name, pl.col(f"{name}.unread"), marks=marks_in_words(supplier))
    elif column.codes is not None:
        yield _rule("code not in the codelist", name, pl.col(f"{name}.strange"), codes=some_codes(column.codes))
    elif column.identifies and not column.free_text:
        yield from _of_identifier(column)


def _of_identifier(column: Column) -> Iterator[Rule]:
    name, cell = column.name, pl.col(column.name)
    yield _too_long(name)
    yield _rule("invisible character", name, cell.str.contains(PATTERNS["invisible"]), is_met_in_ascii=True)
    if name.endswith("_ref"):
        yield _rule("look-alike letters", name, cell.str.contains(PATTERNS["look_alike"]), is_met_in_ascii=True)
        yield _rule(SPREADSHEET_RULE, name, cell.str.contains(PATTERNS["spreadsheet_number"]))


def _too_long(name: str) -> Rule:
    is_long = pl.col(name).str.len_chars() > LIMITS.longest_text
    return _rule("too long", name, is_long, most=LIMITS.longest_text)


def _of_event(
    contract: DatasetContract, supplier: Supplier, columns: set[str], received: datetime, covers: Period | None
) -> Iterator[Rule]:
    start = contract.event_times[0].starts
    begins = pl.col("event.from")
    unread = [pl.col(f"{when.starts}.unread") for when in contract.event_times if when.starts in columns]
    nothing = begins.is_null() & ~pl.any_horizontal(unread) & ~_is_required_missing(contract, start)
    yield _rule("no time at all", start, nothing)
    skipped = begins.is_not_null() & pl.col("event.utc_min").is_null()
    yield _rule("time that does not exist", start, skipped, zone=supplier.zone)
    yield _rule("in the future", start, begins > received)
    end = contract.event_times[0].ends
    yield _rule("ends before it starts", end if end in columns else start, pl.col("event.ends") < begins)
    recorded = recorded_column(contract)
    if recorded in columns and recorded != start:
        yield _rule("recorded before it happened", recorded, _is_early(recorded) & ~_is_shared())
    if covers is not None and supplier.delivers == "whole":
        day = pl.col(counted_by(contract)).dt.date()
        outside = (day < covers.start) | (day >= covers.end)
        yield _rule("outside the period", start, outside, first=covers.start, last=covers.last_day)


def _of_statistics(supplier: Supplier, columns: set[str], received: datetime, covers: Period | None) -> Iterator[Rule]:
    """What figures need besides being numbers: a period that has begun, and an area of an agreed kind."""
    begins = pl.col("event.from")
    written, forms = period_in_words(supplier)
    yield _rule("not a period", "period", pl.col("period.unread"), written=written, forms=forms)
    yield _rule("in the future", "period", begins > received, right="figure in the future")
    if covers is not None and supplier.delivers == "whole":
        outside = (begins.dt.date() < covers.start) | (begins.dt.date() >= covers.end)
        yield _rule(
            "outside the period", "period", outside,
            right="figure outside the period", first=covers.start, last=covers.last_day,
        )  # fmt: skip
    if "indicator" in columns:
        yield _rule("required and missing", "indicator", pl.col("indicator").is_null(), right="no indicator")
    named = [name for name in ("area_code", "area_name") if name in columns]
    if supplier.areas.level:
        levels = supplier.areas.levels
        strange = ~pl.col("area.level").is_in(list(levels)).fill_null(value=False)
        yield _rule("area of no agreed kind", named[0], strange, kinds=", ".join(levels))
    nowhere = pl.all_horizontal(pl.col(name).is_null() for name in named)
    yield _rule("no area at all", named[0], nowhere)
    if "area_code" in columns:
        yield _rule("not an area code", "area_code", ~pl.col("area_code").str.contains(PATTERNS["area_code"]))
    if "area_name" in columns:
        yield _too_long("area_name")


def period_in_words(supplier: Supplier) -> tuple[str, str]:
    """How a period is written, and what forms it may have."""
    forms = dict.fromkeys([*supplier.period.forms.values()] or [supplier.period.form])
    formats = supplier.formats.get("period", ())
    written = f", written {spelt(formats[0])}" if formats else ""
    return written, ", ".join(_FORMS[form] for form in forms)


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
    return (same >= LIMITS.shared_by) & (same * LIMITS.shared_by >= pl.len())


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
        yield _rule("placeholder date of birth", "dob", born.is_in(list(PLACEHOLDER_BIRTHS)))
        after = (born > pl.col("event.from").dt.date()) & ~_is_coarse()
        yield _rule("born after it happened", "dob", after)
    if "age" in columns:
        age = pl.col("age.number")
        strange = (age < 0) | (age > LIMITS.oldest_age) | (age != age.floor())
        yield _rule("impossible age", "age", strange, most=LIMITS.oldest_age)
    if "surname" in columns:
        surname = pl.col("surname")
        is_test = surname.str.to_uppercase().is_in(list(TEST_NAMES)) | (surname == TEST_NAME_IN_CAPITALS)
        yield _rule("test record", "surname", is_test)


def _of_nhs_number(refs: Refs) -> Iterator[Rule]:
    if refs.nhs_number is None:
        return
    sent = pl.col(refs.nhs_number)
    yield _rule("placeholder NHS number", refs.nhs_number, is_placeholder_nhs_number(sent))
    yield _rule("not an NHS number", refs.nhs_number, is_wrong_nhs_number(sent))


def _of_point(columns: set[str]) -> Iterator[Rule]:
    for across, up in (("easting", "northing"), ("longitude", "latitude")):
        if not {across, up} <= columns:
            continue
        x, y = pl.col(f"{across}.number"), pl.col(f"{up}.number")
        half = pl.col(across).is_null() != pl.col(up).is_null()
        yield _rule("location is half a point", across, half, across=across, up=up)
        in_metres = (x <= 0) | (y <= 0) | (x > LIMITS.furthest_m) | (y > LIMITS.furthest_m)
        nowhere = (x == 0) & (y == 0) if across == "longitude" else in_metres
        yield _rule("location is nowhere", across, nowhere)
    if {"longitude", "latitude"} <= columns:
        off = (pl.col("longitude.number").abs() > 180) | (pl.col("latitude.number").abs() > 90)
        yield _rule("location off the globe", "longitude", off)


def _is_coarse() -> pl.Expr:
    return pl.col("event.fine").is_in(["month", "unknown"])


def spelt(pattern: str) -> str:
    """A moment written by a pattern, as an example."""
    words = {"%d": "31", "%m": "12", "%Y": "2026", "%H": "22", "%M": "40", "%S": "00"}
    for mark, word in words.items():
        pattern = pattern.replace(mark, word)
    return pattern


def marks_in_words(supplier: Supplier) -> str:
    """What may stand in the place of a figure."""
    return ", ".join(supplier.markers) or "our own words for its absence"


def some_codes(codes: CodeList) -> str:
    """The first codes of a list, and how many more there are."""
    listed, more = ", ".join([*codes.meanings][: LIMITS.codes_named]), len(codes.meanings) - LIMITS.codes_named
    return listed + (f" and {more} more (upstander contract show)" if more > 0 else "")
