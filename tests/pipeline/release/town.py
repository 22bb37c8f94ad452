"""A small fictional county for releases: sixteen areas, four wards, two districts, beats across them; one feed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from intake.desk import rms, varied
from pipeline.homes import ONE_ROW_FIELDS, agreement, at, desk_at, injury_schedule, send
from places.conftest import VILLAGE_CRS, block, geojson
from sharing.county import SEVEN_FIVE, handling
from upstander.contracts.asking import Purpose
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.pipeline.release.approving import Standing, approve
from upstander.pipeline.release.covering import quarter_named
from upstander.pipeline.release.making import make_release
from upstander.pipeline.release.shelf import Edition
from upstander.places import load
from upstander.values.periods import Period

AREAS = tuple(f"F01{number:06d}" for number in range(1, 17))
WARD_OF = {area: f"F05{number // 4 + 1:06d}" for number, area in enumerate(AREAS)}
DISTRICT_OF = {area: f"F07{number // 8 + 1:06d}" for number, area in enumerate(AREAS)}
BEAT_OF = {area: f"F09{(number + 2) % 16 // 4 + 1:06d}" for number, area in enumerate(AREAS)}
MAKER, FIRST, SECOND = "A. Analyst", "B. Checker", "C. Checker"
MAP = """
based_on = "rms"
name = "town"
version = "1"
dated = 2026-11-01
source = "Written for this test"
agency = "Fenmoor Police"

[places]
crs = "upstander:village"
metric_crs = "upstander:village"
layers = ["lsoa21"]
"""
Row = dict[str, str]


def town_desk(
    folder: Path, *, shares_persons: bool = True, retention_days: int = 2000, publishable: bool = False,
    **settings: object,
) -> Desk:  # fmt: skip
    """The desk of the town's home: places loaded, the agreement signed, nothing delivered."""
    desk = desk_at(folder, **settings)
    squares = {code: block(1000 * (n % 4 + 1), 1000 * (n // 4 + 1)) for n, code in enumerate(AREAS)}
    outlines = geojson(folder / "town.geojson", squares, crs=VILLAGE_CRS)
    load(desk.home.reference, kind="boundaries", source=[outlines], attribution="Invented.")
    _lookup(desk, folder / "wards.csv", "WD24CD,LAD24CD", lambda area: f"{WARD_OF[area]},{DISTRICT_OF[area]}")
    _lookup(desk, folder / "beats.csv", "BEAT24CD", lambda area: BEAT_OF[area])
    sign(
        at(desk, datetime(2020, 1, 1, tzinfo=UTC)),
        town_agreement(shares_persons=shares_persons, retention_days=retention_days, publishable=publishable),
    )
    desk.home.suppliers.mkdir(exist_ok=True)
    (desk.home.suppliers / "town.toml").write_text(MAP)
    return desk


def town_agreement(*, shares_persons: bool, retention_days: int = 2000, publishable: bool = False) -> bytes:
    """The force's extract, with ages and sexes or without, for as long as any test may run."""
    fields = [*ONE_ROW_FIELDS, *(["age_band", "sex"] if shares_persons else [])]
    shared = injury_schedule(
        suppliers=["town"], fields=fields, start=date(2010, 1, 1), end=date(2040, 1, 1),
        handling=handling(
            retention_days=retention_days, shareable=SEVEN_FIVE | ({"publishable": True} if publishable else {})
        ),
    )  # fmt: skip
    return agreement(shared)


def _lookup(desk: Desk, path: Path, columns: str, of: object) -> None:
    lines = [f"LSOA21CD,{columns}", *(f"{area},{of(area)}" for area in AREAS)]  # type: ignore[operator]
    path.write_text("\n".join(lines) + "\n")
    load(desk.home.reference, kind="lookup", source=[path])


def rows_of(quarter: str, counts: Sequence[int], *, seed: int = 0) -> list[Row]:
    """Records of a quarter, so many in each area, on days and at ages drawn by the seed."""
    period, draw = Period.parse(quarter), np.random.default_rng([seed, *map(int, quarter.encode())])
    rows = []
    for area, count in zip(AREAS, counts, strict=True):
        for _ in range(count):
            number = len(rows)
            moment = datetime.combine(period.start, datetime.min.time()) + timedelta(
                days=int(draw.integers(period.days)), minutes=int(draw.integers(1, 1439))
            )
            born = int(draw.integers(1960, 2010))
            rows.append(varied(number) | {
                "occurred_from": f"{moment:%d/%m/%Y %H:%M}", "recorded_at": "", "area_code": area, "easting": "",
                "northing": "", "postcode": "", "dob": f"14/03/{born}",
                "location_type": ("street", "park", "dwelling")[number % 3],
                "incident_ref": f"{quarter}-{number}", "person_ref": f"P{quarter}{number}",
            })  # fmt: skip
    return rows


def public_rows(quarter: str, counts: Sequence[int]) -> list[Row]:
    """The same, all of them at public places, and none at a time that the clocks left out."""
    sprung, after = "29/03/2026 01:", "29/03/2026 03:"
    return [
        row | {"location_type": ("street", "park")[number % 2],
               "occurred_from": row["occurred_from"].replace(sprung, after)}
        for number, row in enumerate(rows_of(quarter, counts))
    ]  # fmt: skip


def usual(quarter: str, seed: int = 0) -> list[int]:
    """How many records each area has: a few none, some small, some large."""
    draw = np.random.default_rng([7, seed, *map(int, quarter.encode())])
    return [int(number) for number in draw.poisson([0, 2, 4, 9, 14, 3, 25, 6, 1, 12, 5, 8, 30, 2, 7, 10])]


def deliver_quarter(desk: Desk, folder: Path, quarter: str, rows: Iterable[Row], *, name: str = "") -> None:
    """The police's extract of one quarter, as a delivery that covers it whole."""
    period = Period.parse(quarter)
    report = send(
        desk, folder, rms(*rows), name=f"{name or quarter}.csv", supplier="town", covers=f"{period.start}/{period.end}"
    )
    assert report.result.outcome.value in {"ACCEPT", "NORMALISE", "ROWQ", "RESTATE"}, report.result.message


def on(desk: Desk, day: date) -> Desk:
    """The desk at noon of that day."""
    return replace(desk, now=lambda: datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def released_on(desk: Desk, quarter: str, day: date) -> Edition:
    """A release of the quarter, made that day and approved by two others."""
    edition = make_release(on(desk, day), quarter_named(quarter)).edition
    assert published(on(desk, day), edition).is_published
    return edition


def published(desk: Desk, edition: Edition) -> Standing:
    """The edition, approved by two people."""
    for person in (FIRST, SECOND):
        now = approve(desk.asking(person=person, why="checked"), edition.quarter, edition.number)
    return now


def checker(desk: Desk, person: str) -> Desk:
    """Another person at the desk."""
    return desk.asking(person=person, purpose=Purpose.MONITORING, why="checked")


def restated(rows: Sequence[Row], number: int) -> list[Row]:
    """The quarter as its sender tells it later: a few records taken back, one told otherwise, a few come late."""
    late = [
        row | {"incident_ref": f"late-{number}-{row['incident_ref']}", "person_ref": f"L{number}{row['person_ref']}"}
        for row in rows[number * 5 : number * 5 + 4]
    ]
    moved = dict(rows[-number]) | {"area_code": AREAS[number % 16]}
    return [*rows[number:-number], moved, *(rows[1 - number :] if number > 1 else []), *late]
