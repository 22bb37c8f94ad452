"""A fictional county for the attack: districts, wards, beats across them, three feeds, and 200 planted victims.

Readings are written straight into the warehouse, as intake leaves them: what is tried here begins after that. Every
number of the base is large but where the plan says so; a victim is one record where there would otherwise be none.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipeline.homes import ONE_ROW_FIELDS, agreement, at, desk_at, made_once, schedule
from pipeline.release.town import on, released_on
from places.conftest import VILLAGE_CRS, block, geojson
from sharing.county import handling
from upstander.contracts.readings import Covers, LineAccount, Outcome
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.places import load
from upstander.values.canonical import short_id
from upstander.values.periods import Period
from upstander.warehouse import ReadingFacts

FEEDS = {"police_incidents": "police", "ambulance_callouts": "ambulance", "ed_assaults": "trust"}
RULES = {
    "police_incidents": {"suppress_up_to": 4, "round_to": 1},
    "ambulance_callouts": {"suppress_up_to": 9, "round_to": 1},
    "ed_assaults": {"suppress_up_to": 7, "round_to": 5},
}
ROOTS = {"police_incidents": 1, "ambulance_callouts": 2, "ed_assaults": 3}  # so that no two feeds draw alike
FIELDS, PERSONS = (*ONE_ROW_FIELDS, "place_confidence"), ("age_band", "sex")


@dataclass(frozen=True)
class Ground:
    """Districts of wards of four small areas each, and beats of three that cross the wards.

    The last ward of a district is a village, where nothing happens but to a victim. Nothing else happens either in
    the first area of the first ward: the other three are a beat, so that ward less beat leaves it. Of the second ward
    nothing is told otherwise later but a victim; what else changes is in the wards between.
    """

    districts: int = 3
    wards: int = 4  # in each district

    @property
    def in_district(self) -> int:
        """How many areas a district has."""
        return 4 * self.wards

    @cached_property
    def areas(self) -> pl.DataFrame:
        """area, ward, district, beat: codes, one row an area."""
        number = np.arange(self.districts * self.in_district)
        district, place = np.divmod(number, self.in_district)
        end = self.in_district
        beat = np.select(
            [place == 0, place < 4, place < end - 6, place < end - 2], [0, 1, 2 + (place - 4) // 3, end], 0
        )
        columns = {"area": number, "ward": number // 4, "district": district, "beat": 100 * district + beat}
        letters = {"area": "F01", "ward": "F05", "district": "F07", "beat": "F09"}
        return pl.DataFrame({name: [f"{letters[name]}{one + 1:06d}" for one in of] for name, of in columns.items()})

    @cached_property
    def usual(self) -> np.ndarray:
        """How many records each area has in a quarter, on average."""
        usual = np.resize([11.0, 9.0, 14.0, 8.0], (self.districts, self.in_district))
        usual[:, 0] = 0
        usual[:, -4:] = 0
        return usual.ravel()

    @property
    def victims_at(self) -> dict[str, int]:
        """In which area of a district each kind of victim is."""
        return {"village": self.in_district - 4, "sliver": 0, "late": 5}

    @property
    def restless(self) -> np.ndarray:
        """The areas where records come late, go, and move."""
        number = np.arange(self.districts * self.in_district)
        place = number % self.in_district
        return number[(place >= 8) & (place < self.in_district - 4)]


@dataclass(frozen=True)
class Victim:
    """One record where there is no other: in a village, in what a ward has more than a beat, or told late."""

    dataset: str
    quarter: str
    district: int
    kind: str
    version: int  # of the quarter's delivery that is the first to tell of it


@dataclass(frozen=True)
class Story:
    """What happened in the county, and how often each quarter was told otherwise.

    Of every quarter there are `restated` later versions; they come with the next `cycles` quarters, evenly.
    """

    ground: Ground
    quarters: tuple[str, ...]
    restated: int
    cycles: int
    datasets: tuple[str, ...] = tuple(FEEDS)
    wanted: int = 200
    seed: int = 20260801

    @cached_property
    def victims(self) -> tuple[Victim, ...]:
        """The planted ones; the late come last."""
        early = [
            Victim(dataset, quarter, district, kind, 0)
            for kind in ("village", "sliver") for dataset in self.datasets for quarter in self.quarters
            for district in range(self.ground.districts)
        ]  # fmt: skip
        late = [
            Victim(dataset, quarter, district, "late", self.each * (1 + (number + district + more) % cycles))
            for number, quarter in enumerate(self.quarters[:-1]) for dataset in self.datasets
            for district in range(self.ground.districts)
            for cycles in [min(self.cycles, len(self.quarters) - 1 - number)] for more in range(cycles)
        ]  # fmt: skip
        every = [*early, *late]
        chosen = np.random.default_rng(self.seed).permutation(len(every))[: self.wanted]
        return tuple(every[at] for at in sorted(chosen))

    @property
    def each(self) -> int:
        """How many versions of a quarter come in one cycle."""
        return self.restated // self.cycles

    def records(self, dataset: str, quarter: str) -> pl.DataFrame:
        """area (number), day, is_home, age, sex, since, until: a row stands in the versions since <= v < until."""
        draw = np.random.default_rng([self.seed, ROOTS[dataset], *map(int, quarter.encode())])
        where = np.repeat(np.arange(len(self.ground.usual)), draw.poisson(self.ground.usual))
        base = self._drawn(draw, where, quarter, since=0)
        for version in range(1, self.restated + 1):
            base = self._told_otherwise(draw, base, quarter, version)
        mine = [one for one in self.victims if (one.dataset, one.quarter) == (dataset, quarter)]
        planted = [self._planted(draw, one) for one in mine]
        return pl.concat([base, *planted])

    def _drawn(self, draw: np.random.Generator, where: np.ndarray, quarter: str, *, since: int) -> pl.DataFrame:
        size, days = len(where), Period.parse(quarter).days
        return pl.DataFrame({
            "area": where, "day": draw.integers(days, size=size), "is_home": draw.random(size) < 0.2,
            "age": np.where(draw.random(size) < 0.4, "15-17", "30-34"),
            "sex": np.where(draw.random(size) < 0.4, "female", "male"),
            "since": np.full(size, since), "until": np.full(size, self.restated + 1),
        })  # fmt: skip

    def _told_otherwise(
        self, draw: np.random.Generator, base: pl.DataFrame, quarter: str, version: int
    ) -> pl.DataFrame:
        """Some records come late, one is withdrawn, one is found to lie elsewhere."""
        restless = self.ground.restless
        late = self._drawn(draw, draw.choice(restless, size=draw.integers(1, 4)), quarter, since=version)
        standing = base.with_row_index().filter((pl.col("until") > version) & pl.col("area").is_in(restless))["index"]
        gone, moved = draw.choice(standing.to_numpy(), size=2, replace=False).tolist()
        elsewhere = base[moved].with_columns(
            area=pl.lit(int(draw.choice(restless)), pl.Int64), since=pl.lit(version, pl.Int64)
        )  # fmt: skip
        until = base["until"].scatter([gone, moved], version)
        return pl.concat([base.with_columns(until), late, elsewhere])

    def _planted(self, draw: np.random.Generator, victim: Victim) -> pl.DataFrame:
        area = victim.district * self.ground.in_district + self.ground.victims_at[victim.kind]
        one = self._drawn(draw, np.array([area]), victim.quarter, since=victim.version)
        sex = pl.lit("unknown") if victim.kind == "village" else pl.col("sex")
        return one.with_columns(is_home=pl.lit(value=False), sex=sex)

    def due(self, number: int) -> Iterator[tuple[str, int]]:
        """Which versions of which quarters come with a quarter: its own first one, and later ones of those before."""
        yield self.quarters[number], 0
        for back in range(1, min(self.cycles, number) + 1):
            for version in range(self.each * (back - 1) + 1, self.each * back + 1):
                yield self.quarters[number - back], version


@cache
def _records(story: Story, dataset: str, quarter: str) -> pl.DataFrame:
    """Drawn once for all versions of a quarter."""
    return story.records(dataset, quarter)


def deliver(desk: Desk, story: Story, dataset: str, quarter: str, version: int) -> None:
    """A version of a quarter as a reading of the feed, as intake would have left it."""
    period, name = Period.parse(quarter), f"{dataset} {quarter} {version}"
    told = _records(story, dataset, quarter).filter((pl.col("since") <= version) & (pl.col("until") > version))
    start = datetime.combine(period.start, datetime.min.time())
    codes = story.ground.areas["area"]
    text = {
        "event_zone": "Europe/London", "event_precision": "minute", "event_is": "stated", "area_kind": "lsoa",
        "area_vintage": "21", "place_method": "stated", "offence_code": "8N", "mechanism": "assault",
        "weapon_class": "none", "role": "victim",
    }  # fmt: skip
    rows = told.with_row_index("line", 2).select(
        pl.format(f"{short_id([name])}:{{}}", "line").alias("row_id"),
        event_from_local=pl.lit(start) + pl.duration(days="day", hours=12),
        area_code=codes.gather(told["area"]),
        place_class=pl.when("is_home").then(pl.lit("home")).otherwise(pl.lit("public")),
        place_confidence=pl.lit(1.0), x_m=pl.lit(None, pl.Float64), y_m=pl.lit(None, pl.Float64),
        age_band="age", sex="sex", **{column: pl.lit(value) for column, value in text.items()},
    )  # fmt: skip
    folder = desk.warehouse.stage(dataset, short_id([name]))
    rows.write_parquet(folder / "part-000.parquet")
    lines = LineAccount(rows.height + 1, 1, 0, 0, 0, 0, rows.height, rows.height, 0, 0, 0)
    desk.warehouse.commit(ReadingFacts(
        reading=short_id([name]), delivery=short_id([name]), dataset=dataset, supplier=FEEDS[dataset],
        agency="police", contract_version="1", supplier_version="1", vintages=(), key_epoch="1", raw_sha256="ab" * 32,
        raw_bytes=1, covers_asked="stated", covers=Covers(period.start, period.end, inferred=False), delivers="whole",
        counts_by="event_from_local", counts_same_events_as=(), received=desk.now(), extracted_at=None,
        outcome=Outcome.ACCEPT, lines=lines,
    ))  # fmt: skip


def quarters(first: int, years: int) -> tuple[str, ...]:
    """The quarters of some years."""
    return tuple(f"{year}-Q{quarter}" for year in range(first, first + years) for quarter in (1, 2, 3, 4))


def released_history(folder: Path, story: Story, *, covers: int, shares_persons: bool) -> Desk:
    """The desk after every quarter was delivered, told otherwise and released; each release tells `covers` quarters."""
    desk = county_desk(folder, story.ground, shares_persons=shares_persons, release={"quarters": covers})
    for number, quarter in enumerate(story.quarters):
        day = Period.parse(quarter).end + timedelta(days=20)
        for old, version in story.due(number):
            for dataset in story.datasets:
                deliver(on(desk, day), story, dataset, old, version)
        released_on(desk, quarter, day + timedelta(days=20))
    return on(desk, day + timedelta(days=60))


SHARED = Story(Ground(districts=2), quarters(2024, 2), restated=3, cycles=3)


def shared_history(factory: pytest.TempPathFactory, folder: Path) -> Desk:
    """Two years of a county released eight times, made once for all tests, in a folder of the caller's own."""

    def make(into: Path) -> None:
        released_history(into, SHARED, covers=4, shares_persons=False)

    made = made_once(factory, "county-released-over-years", make)
    shutil.copytree(made, folder, dirs_exist_ok=True)
    return on(desk_at(folder), Period.parse(SHARED.quarters[-1]).end + timedelta(days=100))


def county_desk(folder: Path, ground: Ground, *, shares_persons: bool, **settings: Any) -> Desk:
    """The desk of the county's home: places loaded, the agreement signed, nothing delivered."""
    desk = desk_at(folder, **settings)
    squares = {code: block(1000 * (n % 8 + 1), 1000 * (n // 8 + 1)) for n, code in enumerate(ground.areas["area"])}
    outlines = geojson(folder / "county.geojson", squares, crs=VILLAGE_CRS)
    load(desk.home.reference, kind="boundaries", source=[outlines], attribution="Invented.")
    for name, codes in (("wards", ["ward", "district"]), ("beats", ["beat"])):
        headings = {"area": "LSOA21CD", "ward": "WD24CD", "district": "LAD24CD", "beat": "BEAT24CD"}
        path = folder / f"{name}.csv"
        ground.areas.select("area", *codes).rename({one: headings[one] for one in ("area", *codes)}).write_csv(path)
        load(desk.home.reference, kind="lookup", source=[path])
    shared = [
        schedule(
            id=dataset.replace("_", "-"), dataset=dataset, provider="police", suppliers=[supplier], gateway="fictional",
            fields=[*FIELDS, *(PERSONS if shares_persons else ())], purposes=["monitoring", "stewardship"],
            start=date(1999, 1, 1), end=date(2060, 1, 1),
            handling=handling(retention_days=20_000, shareable=RULES[dataset]),
        )
        for dataset, supplier in FEEDS.items()
    ]  # fmt: skip
    sign(at(desk, datetime(1999, 6, 1, tzinfo=UTC)), agreement(*shared))
    return desk
