"""When and to whom: one row an event or spell, spread over the year, on the days that its declaration's example hints.

The example of a contract tells how its dates lie to one another: a referral two weeks before a journey starts, an end
three months after. Each row's dates keep those distances, stretched by a factor that varies from row to row.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from upstander.contracts.dataset import Column, DatasetContract, Kind
from upstander.synthetic.chance import Claims, Indices, pick, stream
from upstander.synthetic.declared.layouts import Layout, precision
from upstander.synthetic.declared.pool import Pool
from upstander.synthetic.hours import ZONE
from upstander.values.periods import Period

_FEWEST, _MOST = 500, 2500  # rows a year of a dataset; which, the seed decides
_LEAD_DAYS = 60  # where a period counts by another day than the start, starts begin so much earlier
_STRETCH = 0.6  # standard deviation of the stretching factor's logarithm
_SUMMER = 0.15
_TERMS = ((1, 5), (4, 14), (9, 2))  # first days of the three school terms
PERSONAL = ("person_ref", "patient_ref", "nhs_number", "surname", "age", "dob", "sex", "ethnicity")
_EXAMPLES = {16: "%Y-%m-%d %H:%M", 10: "%Y-%m-%d"}


@dataclass(frozen=True)
class Effect:
    """Twice as many rows in one district from a day on. `before` and `after` count the rows there, the new included."""

    district: str
    start: date
    factor: float
    after: int


def files_of(contract: DatasetContract, *, years: int, ends: date) -> list[Period]:
    """The periods of the files, at most two years: years of April where it comes yearly, else calendar quarters."""
    several = min(years, 2)
    if contract.arrives.startswith("yearly"):
        last = ends.year - (1 if ends >= date(ends.year, 4, 1) else 2)
        return [Period.parse(f"FY{year}") for year in range(last - several + 1, last + 1)]
    after = ends.year * 4 + (ends.month - 1) // 3  # the quarter that has not ended
    return [Period.parse(f"{number // 4}-Q{number % 4 + 1}") for number in range(after - 4 * several, after)]


def spells_of(layout: Layout, pool: Pool, periods: list[Period], *, seed: int) -> tuple[pl.DataFrame, Effect]:
    """Rows with number, person (position in the pool, -1 for nobody), unit (postcode), is_extra, counted, and for each
    time column of the layout a datetime of its name; and the planted effect. Whole rows before any is spoilt.
    """
    contract, rng = layout.contract, stream(seed, f"spells of {layout.name}")
    start = contract.event_times[0].starts
    span = Period.between(periods[0].start, periods[-1].end)
    effect_from = periods[len(periods) // 2].start
    first = span.start - timedelta(days=0 if _counted(contract) == start else _LEAD_DAYS)
    size = int(rng.uniform(_FEWEST, _MOST) * (span.end - first).days / 365)
    days = _as_stated(layout, _days(rng, size, first, span.end))
    person, unit = _whom_and_where(rng, layout, pool, days)
    district = str(rng.choice(pool.land.areas["ltla_code"].unique().sort().to_numpy()))
    is_there = (pool.district == district).to_numpy()[unit] & (days >= _number(effect_from))
    again = days[is_there]
    more_person, more_unit = _whom_and_where(rng, layout, pool, again, district)
    drawn = pl.DataFrame({
        "day": np.concatenate([days, again]),
        "person": np.concatenate([person, more_person]),
        "unit": np.concatenate([unit, more_unit]),
        "is_extra": np.arange(size + len(again)) >= size,
    }).with_columns(_moment(rng, size + len(again)).alias(start))  # fmt: skip
    rows = _with_other_times(rng, layout, _on_the_clock(drawn, layout, start)).with_columns(
        counted=pl.col(_counted(contract))
    )
    inside = (pl.col("counted").dt.date() >= span.start) & (pl.col("counted").dt.date() < span.end)
    kept = rows.filter(inside).sort("counted", maintain_order=True)
    if not any("incident_token" in column.becomes for column in contract.columns) and _is_about_people(layout):
        kept = kept.unique(["person", start], keep="first", maintain_order=True)
    kept = kept.with_row_index("number", 1).cast({"number": pl.Int64})
    there = kept.filter(pool.district.gather(kept["unit"]) == district)
    after = there.filter(pl.col(start).dt.date() >= effect_from).height
    return kept, Effect(district, effect_from, 2.0, after)


def _counted(contract: DatasetContract) -> str:
    """The sent column that periods count by."""
    if contract.counts_by == "event_from_local":
        return contract.event_times[0].starts
    return next(column.name for column in contract.columns if contract.counts_by in column.becomes)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _days(rng: np.random.Generator, size: int, first: date, after: date) -> Indices:
    """Days since 1970, somewhat more of them in summer."""
    days = np.arange(_number(first), _number(after))
    weights = 1 + _SUMMER * np.cos(2 * np.pi * (days / 365.25 - 0.52))
    return days[pick(rng, weights, size)]


def _is_about_people(layout: Layout) -> bool:
    return any(column.name in PERSONAL for column in layout.columns)


def is_a_home(layout: Layout) -> bool:
    """Whether the places of its rows are people's homes, as the declaration says."""
    stated = layout.contract.column("postcode")
    return _is_about_people(layout) and stated is not None and "home" in stated.means


def _whom_and_where(
    rng: np.random.Generator, layout: Layout, pool: Pool, days: Indices, district: str = ""
) -> tuple[Indices, Indices]:
    """A person of the right age on each of the days, and the postcode: their home's, or one of anywhere."""
    person = np.full(len(days), -1)
    if _is_about_people(layout):
        liking = pool.proneness * np.exp(stream(pool.seed, f"liking of {layout.name}").normal(0, 1, pool.people.height))
        if district and is_a_home(layout):
            liking = liking * (pool.district.gather(pl.Series(pool.home)) == district).to_numpy()
        months = (days.astype("datetime64[D]")).astype("datetime64[M]")
        for month in np.unique(months):
            here = months == month
            begins = month.astype("datetime64[D]").item()
            fitting = pool.aged(layout.contract.ages, begins, begins + timedelta(days=31))
            person[here] = pick(rng, liking * fitting, int(here.sum()))
    if is_a_home(layout):
        return person, pool.home[person]
    return person, pool.places(rng, len(days), district)


def _moment(rng: np.random.Generator, size: int) -> pl.Series:
    """Minutes into the day: mostly afternoon and evening."""
    hours = np.arange(24)
    weights = 0.25 + np.exp(-0.5 * ((hours - 18) / 4.5) ** 2)
    return pl.Series(pick(rng, weights, size) * 60 + rng.integers(0, 60, size))


def _on_the_clock(drawn: pl.DataFrame, layout: Layout, start: str) -> pl.DataFrame:
    """The start as a moment no finer than it is stated, and never in the hour that the spring night leaves out."""
    day = pl.from_epoch("day", time_unit="d").cast(pl.Datetime("us"))
    moment = day + pl.duration(minutes=pl.col(start)) if _start_is(layout) == "minute" else day
    exists = moment.dt.replace_time_zone(ZONE, non_existent="null", ambiguous="earliest").is_not_null()
    return drawn.with_columns(pl.when(exists).then(moment).otherwise(moment.dt.offset_by("1h")).alias(start))


def _start_is(layout: Layout) -> str:
    column = layout.contract.column(layout.contract.event_times[0].starts)
    return precision(column) if column is not None else "day"


def _is_by_term(layout: Layout) -> bool:
    return "term" in layout.contract.arrives.split(",")[0]


def _as_stated(layout: Layout, days: Indices) -> Indices:
    """The days on which rows start: the first of the month or of the term where the dataset comes by those."""
    if not _is_by_term(layout) and _start_is(layout) != "month":
        return days
    day = pl.from_epoch("day", time_unit="d")
    first = _term_of(day) if _is_by_term(layout) else day.dt.month_start()
    return pl.DataFrame({"day": days}).select(first.dt.epoch("d").cast(pl.Int64)).to_series().to_numpy()


def _term_of(day: pl.Expr) -> pl.Expr:
    """The first day of the school term that a day belongs to."""
    year = day.dt.year()
    starts = [pl.date(year, month, first) for month, first in _TERMS]
    return (
        pl.when(day >= starts[2]).then(starts[2])
        .when(day >= starts[1]).then(starts[1])
        .when(day >= starts[0]).then(starts[0])
        .otherwise(pl.date(year - 1, *_TERMS[2]))
    )  # fmt: skip


def _with_other_times(rng: np.random.Generator, layout: Layout, rows: pl.DataFrame) -> pl.DataFrame:
    """Every other date or time, as far from the start as in the example; a required end soon, another when it comes."""
    contract = layout.contract
    start = contract.event_times[0].starts
    begun = contract.column(start)
    anchor = _example(begun) if begun is not None else None
    made = []
    for column in layout.columns:
        if column.kind not in (Kind.TIMESTAMP, Kind.DATE) or column.name in (start, "dob"):
            continue
        there = _example(column)
        apart = (there - anchor).total_seconds() / 60 if there and anchor else 0.0
        stretch = np.ones(rows.height) if _is_by_term(layout) else np.exp(rng.normal(0, _STRETCH, rows.height))
        minutes = pl.Series("minutes", (apart * stretch).astype(np.int64))
        moved = pl.col(start) + pl.duration(minutes=pl.lit(minutes))
        made.append((moved if precision(column) == "minute" else moved.dt.truncate("1d")).alias(column.name))
    return rows.with_columns(made)


def _example(column: Column) -> datetime | None:
    pattern = _EXAMPLES.get(len(column.example))
    return datetime.strptime(column.example, pattern) if pattern else None  # noqa: DTZ007 - a wall clock


def claims(rng: np.random.Generator, size: int, rate: float) -> Claims:
    """A random share of rows."""
    return np.asarray(rng.random(size) < rate)
