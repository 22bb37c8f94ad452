"""What the rows of a file are like as a whole, counted block by block; no value of a row is kept."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

import polars as pl

from upstander.contracts.dataset import DatasetContract, Shape
from upstander.contracts.profiles import (
    DELAY_QUANTILES,
    GRANULARITIES,
    SHIFTS,
    ColumnProfile,
    Counts,
    Profile,
    ReferenceProfile,
    SiteShift,
)
from upstander.intake.persons import refs_of
from upstander.intake.plan import Ground, ReadPlan
from upstander.intake.rules import Rule, counted_by, recorded_column
from upstander.intake.wholefile import LIMITS, NAME_AND_BIRTH, POINT

MOST_VALUES = 300_000
_MOST_DAYS = 800
_BLANK = "(blank)"
_NAMED_PERSON = ("surname", "forename", "dob")
POINTS = (("easting", "northing"), ("longitude", "latitude"))


@dataclass
class Values:
    """How often each value of one column occurs, in one table that is kept small.

    Past MOST_VALUES distinct ones the rarer half is forgotten, again and again: a value that makes up a share of a file
    worth a person's look is never among it, wherever in the file it stands, and loses at most the rows it had when it
    was rare. How many values there are is then known from below alone. After Misra and Gries, Science of Computer
    Programming 2, 1982.
    """

    counts: pl.DataFrame | None = None
    is_full: bool = False
    most: int = 0

    def add(self, values: pl.Series) -> None:
        """Count the values that are not null."""
        told = values.drop_nulls().alias("value")
        if told.is_empty():
            return
        here = told.value_counts(name="rows")
        if self.counts is not None:
            here = pl.concat([self.counts, here]).group_by("value").agg(pl.col("rows").sum())
        self.most = max(self.most, here.height)
        if here.height > MOST_VALUES:
            self.is_full = True
            here = here.sort(["rows", "value"], descending=[True, False]).head(MOST_VALUES // 2)
        self.counts = here

    @property
    def distinct(self) -> int:
        """How many values there are; at least so many, where some were forgotten."""
        return self.most

    @property
    def commonest(self) -> tuple[object, int]:
        """The value that occurs most (of equals, the first in order) and its rows."""
        if self.counts is None:
            return None, 0
        value, rows = self.counts.sort(["rows", "value"], descending=[True, False]).row(0)
        return value, int(rows)


@dataclass
class Profiler:
    """Counts one file. `columns` are the contract columns that it fills."""

    plan: ReadPlan
    columns: frozenset[str]
    sent: int = 0
    rows: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    codes: dict[str, Counter[str]] = field(default_factory=dict)
    values: dict[str, Values] = field(default_factory=dict)
    lengths: dict[str, Counter[int]] = field(default_factory=dict)
    short: Counter[str] = field(default_factory=Counter)
    numbers: dict[str, Counter[int]] = field(default_factory=dict)
    days: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    precision: Counter[str] = field(default_factory=Counter)
    granularity: Counter[str] = field(default_factory=Counter)
    delays: Counter[int] = field(default_factory=Counter)
    timed: int = 0
    on_the_hour: int = 0
    default_times: int = 0
    pointed: int = 0
    outside: int = 0
    swapped: int = 0
    shifts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    @property
    def contract(self) -> DatasetContract:
        """The contract of the file."""
        return self.plan.contract

    def count_sent(self, rows: pl.DataFrame) -> None:
        """Rows as they were sent, in contract columns, good or not: filled cells and the lengths of references."""
        self.sent += rows.height
        self.filled.update({name: rows.height - rows[name].null_count() for name in self._counted(rows)})
        for name in self.reference_columns:
            text = rows[name].drop_nulls()
            size = text.str.len_chars()
            self.lengths.setdefault(name, Counter()).update(dict(size.value_counts().iter_rows()))
            self.short[name] += int((text.str.contains(r"^[0-9]+$") & (size < LIMITS.shortest_reference)).sum())

    def count_refused(self, rules: Sequence[Rule], reasons: pl.DataFrame, bad: pl.DataFrame) -> None:
        """Cells that a rule of their column refused. reasons: a boolean column for each rule, by its position."""
        for name in {rule.column for rule in rules} & set(bad.columns):
            own = [str(at) for at, rule in enumerate(rules) if rule.column == name]
            told = reasons.select(pl.any_horizontal(own)).to_series() & bad[name].is_not_null()
            self.refused[name] += int(told.sum())

    def count_good(self, typed: pl.DataFrame) -> None:
        """Rows that passed every rule, also those already held."""
        self.rows += typed.height
        if self.contract.shape is Shape.INDICATORS:
            return
        self._count_codes(typed)
        self._count_values(typed)
        self._count_times(typed)
        self._count_granularity(typed)
        self._count_shifts(typed)

    def count_stored(self, made: pl.DataFrame) -> None:
        """Rows as they go to the warehouse: ages in bands."""
        if "age_band" in made.columns:
            self._tally(self.codes, "age_band", made["age_band"])

    def profile(self) -> Profile:
        """What was counted."""
        kept = sorted(self.days.items())[-_MOST_DAYS:]
        return Profile(
            sent=self.sent,
            rows=self.rows,
            columns=tuple(
                ColumnProfile(name, filled, filled - min(self.refused[name], filled))
                for name, filled in sorted(self.filled.items())
            ),
            codes=tuple((name, _ordered(counts)) for name, counts in sorted(self.codes.items())),
            references=tuple(self._reference(name) for name in sorted(self.values)),
            numbers=tuple((name, tuple(sorted(counts.items()))) for name, counts in sorted(self.numbers.items())),
            by_day=tuple(kept),
            by_hour=tuple(self.hours[hour] for hour in range(24)) if self.hours else (),
            precision=_ordered(self.precision),
            timed=self.timed,
            on_the_hour=self.on_the_hour,
            default_times=self.default_times,
            granularity=tuple((name, self.granularity[name]) for name in GRANULARITIES if self.granularity[name]),
            pointed=self.pointed,
            outside=self.outside,
            swapped=self.swapped,
            delay_days=tuple(_quantile(self.delays, share) for share in DELAY_QUANTILES) if self.delays else (),
            shifts=tuple(self._site_shifts()),
        )

    @property
    def reference_columns(self) -> tuple[str, ...]:
        """The columns of this file that hold references of incidents and persons."""
        refs = refs_of(self.contract, self.plan.supplier.person_ref_is, self.columns)
        return tuple(name for name in (refs.incident, refs.person, refs.nhs_number) if name is not None)

    def middle_km(self) -> tuple[int, int] | None:
        """The median kilometre of the points, east and north; None where no row has one in metres."""
        east, north = (self.numbers.get(name) for name in POINTS[0])
        return (_quantile(east, 0.5), _quantile(north, 0.5)) if east and north else None

    def _reference(self, name: str) -> ReferenceProfile:
        told = self.values[name]
        lengths = tuple((str(size), cells) for size, cells in sorted(self.lengths.get(name, Counter()).items()))
        return ReferenceProfile(name, told.distinct, told.commonest[1], lengths, self.short[name], told.is_full)

    def _counted(self, rows: pl.DataFrame) -> list[str]:
        return [name for name in rows.columns if name in self.columns]

    def _count_codes(self, typed: pl.DataFrame) -> None:
        for column in self.contract.columns:
            if f"{column.name}.code" in typed.columns:
                self._tally(self.codes, column.name, typed[f"{column.name}.code"].cast(pl.String).fill_null(_BLANK))

    def _count_values(self, typed: pl.DataFrame) -> None:
        for name in self.reference_columns:
            self._learn(name, typed[name].hash().set(typed[name].is_null(), None))
        if set(_NAMED_PERSON) <= self.columns and not self.refers_to_persons:
            known = typed.select(pl.all_horizontal(pl.col(name).is_not_null() for name in _NAMED_PERSON)).to_series()
            self._learn(NAME_AND_BIRTH, typed.filter(known).select(_NAMED_PERSON).hash_rows())
        if "postcode.tidy" in typed.columns:
            whole = typed["postcode.tidy"].str.contains(r"\d[A-Z]{2}$").fill_null(value=False)
            self._learn("postcode", typed["postcode.tidy"].filter(whole))
        for across, up in POINTS:
            if {across, up} <= self.columns:
                known = typed[f"{across}.number"].is_not_null() & typed[f"{up}.number"].is_not_null()
                points = typed.filter(known).select(
                    pl.col(f"{across}.number").alias("x"), pl.col(f"{up}.number").alias("y")
                )
                self._learn(POINT, points.hash_rows())
                self._learn(across, points["x"])
                self._learn(up, points["y"])
                self._count_points(points, (across, up))

    def _count_points(self, points: pl.DataFrame, names: tuple[str, str]) -> None:
        """Their kilometres, or hundredths of a degree, and how many lie beyond the outlines held."""
        step = 0.01 if names == POINTS[1] else 1000.0
        self.pointed += points.height
        for name, axis in zip(names, ("x", "y"), strict=True):
            self._tally(self.numbers, name, (points[axis] / step).floor().cast(pl.Int64))
        if self.plan.ground.bounds is None:
            return
        left, low, right, high = self.plan.ground.bounds
        x, y = pl.col("x"), pl.col("y")
        beyond = points.filter(~(x.is_between(left, right) & y.is_between(low, high)))
        self.outside += beyond.height
        self.swapped += beyond.filter(y.is_between(left, right) & x.is_between(low, high)).height

    @property
    def refers_to_persons(self) -> bool:
        """Whether the file has a column of references of persons."""
        refs = refs_of(self.contract, self.plan.supplier.person_ref_is, self.columns)
        return refs.person is not None or refs.nhs_number is not None

    def _count_times(self, typed: pl.DataFrame) -> None:
        begins = typed["event.from"]
        day = typed[counted_by(self.contract)].dt.date()
        self.days.update(dict(day.drop_nulls().cast(pl.String).value_counts().iter_rows()))
        fine = typed["event.fine"]
        self._tally_into(self.precision, fine)
        hourly = typed.filter(pl.col("event.fine").is_in(["minute", "hour"]))["event.from"]
        self._tally_into(self.hours, hourly.dt.hour().cast(pl.Int64))
        minutes = typed.filter(pl.col("event.fine") == "minute")["event.from"]
        on_hour = minutes.filter((minutes.dt.minute() == 0) & (minutes.dt.second() == 0))
        self.timed += len(minutes)
        self.on_the_hour += len(on_hour)
        self.default_times += int(on_hour.dt.hour().is_in([0, 12]).sum())
        self._tally_into(self.delays, (pl.Series([self._received]) - begins).dt.total_days().clip(lower_bound=0))
        recorded = recorded_column(self.contract)
        if recorded in self.columns and f"{recorded}.at" in typed.columns:
            hours = (typed[f"{recorded}.at"] - begins).dt.total_hours().clip(lower_bound=0)
            self._tally(self.numbers, "hours to recording", _coarse(hours))

    @property
    def _received(self) -> datetime:
        return self.plan.received.astimezone(ZoneInfo(self.plan.supplier.zone)).replace(tzinfo=None)

    def _count_granularity(self, typed: pl.DataFrame) -> None:
        nothing = pl.lit(value=False)
        tidy = pl.col("postcode.tidy") if "postcode.tidy" in typed.columns else pl.lit(None, pl.String)
        has_point = [
            pl.col(f"{across}.number").is_not_null() & pl.col(f"{up}.number").is_not_null()
            for across, up in POINTS
            if {across, up} <= self.columns
        ]
        has_code = pl.col("area_code").is_not_null() if "area_code" in typed.columns else nothing
        finest = (
            pl.when(pl.any_horizontal(nothing, *has_point)).then(pl.lit("point"))
            .when(tidy.str.contains(r"\d[A-Z]{2}$")).then(pl.lit("unit postcode"))
            .when(has_code).then(pl.lit("area"))
            .when(tidy.str.contains(r" \d$")).then(pl.lit("sector"))
            .when(tidy.is_not_null()).then(pl.lit("district"))
            .otherwise(pl.lit("none"))
        )  # fmt: skip
        self._tally_into(self.granularity, typed.select(finest).to_series())

    def _count_shifts(self, typed: pl.DataFrame) -> None:
        if "site_code" not in self.columns or "site_code" not in typed.columns:
            return
        came = "arrived_at.at" if "arrived_at.at" in typed.columns else "event.from"
        hour = pl.coalesce(came, "event.from").dt.hour()
        shift = pl.when(hour.is_between(6, 13)).then(pl.lit(SHIFTS[0])).when(hour.is_between(14, 21))
        cells = [name for name in self._counted(typed) if name != "site_code"]
        told = typed.group_by(
            pl.col("site_code").str.to_uppercase(), shift.then(pl.lit(SHIFTS[1])).otherwise(pl.lit(SHIFTS[2]))
        ).agg(pl.len().alias("rows"), *(pl.col(name).is_not_null().sum() for name in cells))
        for site, when, *counts in told.iter_rows():
            self.shifts.setdefault((site, when), Counter()).update(dict(zip(("rows", *cells), counts, strict=True)))

    def _site_shifts(self) -> Iterator[SiteShift]:
        for (site, shift), counts in sorted(self.shifts.items()):
            cells = tuple((name, cells) for name, cells in sorted(counts.items()) if name != "rows")
            yield SiteShift(site, shift, counts["rows"], cells)

    def _learn(self, name: str, values: pl.Series) -> None:
        self.values.setdefault(name, Values()).add(values)

    @staticmethod
    def _tally(into: dict[str, Counter[str]] | dict[str, Counter[int]], name: str, values: pl.Series) -> None:
        Profiler._tally_into(into.setdefault(name, Counter()), values)

    @staticmethod
    def _tally_into(counter: Counter[str] | Counter[int], values: pl.Series) -> None:
        counter.update(dict(values.drop_nulls().value_counts().iter_rows()))


def _coarse(hours: pl.Series) -> pl.Series:
    """Hours in steps that widen: whole hours to a day, days to a month, then months of 30 days (as their hours)."""
    hour = pl.col("hours")
    told = pl.when(hour < 24).then(hour).when(hour < 720).then(hour // 24 * 24).otherwise(hour // 720 * 720)
    return pl.DataFrame({"hours": hours}).select(told).to_series()


def _ordered(counts: Counter[str]) -> Counts:
    return tuple(sorted(counts.items()))


def _quantile(counts: Counter[int], share: float) -> int:
    """The smallest value that at least this share of what was counted does not exceed."""
    values = sorted(counts)
    reached = accumulate(counts[value] for value in values)
    wanted = share * counts.total()
    return next(value for value, rows in zip(values, reached, strict=True) if rows >= wanted)


def postcode_agrees(profiler: Profiler, ground: Ground) -> bool | None:
    """Whether the commonest postcode lies where the points of the file do; None where nothing can say."""
    told, middle = profiler.values.get("postcode"), profiler.middle_km()
    postcode = None if told is None else told.commonest[0]
    known = ground.middle_of(postcode) if isinstance(postcode, str) else None
    if known is None or middle is None:
        return None
    east, north = (metres // 1000 - km for metres, km in zip(known, middle, strict=True))
    return bool(east * east + north * north <= LIMITS.same_town_km**2)
