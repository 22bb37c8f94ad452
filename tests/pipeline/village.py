"""A village of sixteen squares whose violence is known to the last record, and its force's extract of one year."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from intake.desk import rms, varied
from pipeline.homes import agreement as written
from pipeline.homes import desk_at, injury_schedule, send
from places.conftest import VILLAGE_CRS, block, geojson
from upstander.pipeline.agreeing import sign
from upstander.pipeline.desk import Desk
from upstander.places import load

START, END = date(2025, 8, 1), date(2026, 8, 1)
SIDE = 4
AREAS = tuple(f"F01{number:06d}" for number in range(1, SIDE * SIDE + 1))
# On Saturday nights: one small count, one that is none, and the others large enough to show.
IN_WINDOW = dict(zip(AREAS, (40, 3, 12, 9, 15, 8, 20, 10, 11, 9, 14, 16, 8, 12, 10, 0), strict=True))
NOT_LOCATED = 3
MAP = """
based_on = "rms"
name = "village"
version = "1"
dated = 2026-11-01
source = "Written for this test"
agency = "Fenmoor Police"

[places]
crs = "upstander:village"
metric_crs = "upstander:village"
layers = ["lsoa21"]
"""
Row = Mapping[str, str]


def village_desk(folder: Path, **schedule: Any) -> Desk:
    """The desk of the village's home; nothing is delivered yet."""
    desk = desk_at(folder)
    squares = {code: block(1000 * (n % SIDE + 1), 1000 * (n // SIDE + 1)) for n, code in enumerate(AREAS)}
    outlines = geojson(folder / "village.geojson", squares, crs=VILLAGE_CRS)
    load(desk.home.reference, kind="boundaries", source=[outlines], attribution="Invented.")
    sign(desk, written(injury_schedule(suppliers=["village"], **schedule)))
    desk.home.suppliers.mkdir(exist_ok=True)
    (desk.home.suppliers / "village.toml").write_text(MAP)
    return desk


def saturday_night(number: int, area: str, **changed: str) -> Row:
    """A record in an area, on the Saturday night of that number, at a minute of its own."""
    night = datetime(2025, 8, 2, 22, 1) + timedelta(weeks=number % 52, minutes=number % 53)  # noqa: DTZ001
    return {
        "occurred_from": f"{night:%d/%m/%Y %H:%M}", "recorded_at": "", "area_code": area,
        **varied(number), "easting": "", "northing": "", "postcode": "",
    } | changed  # fmt: skip


def usual_rows() -> list[Row]:
    """The village's year: its Saturday nights, and as many records again on Tuesday afternoons."""
    # Seven and 52 have no common factor: the nights of one area spread over the whole year.
    nights = [
        saturday_night(7 * n + start, area)
        for start, (area, count) in enumerate(IN_WINDOW.items())
        for n in range(count)
    ]
    lost = [saturday_night(n, "") for n in range(NOT_LOCATED)]
    return [*nights, *lost, *(_on_tuesday(row) for row in nights)]


def homes_and_sexual_offences() -> list[Row]:
    """What no operational picture may hold: violence at home, and sexual offences, in one place on Saturday nights."""
    at_home = [saturday_night(n, AREAS[5], location_type="dwelling") for n in range(25)]
    sexual = [saturday_night(n, AREAS[6], offence_code="19C", surname="", forename="") for n in range(25)]
    return [*at_home, *sexual]


def deliver_village(folder: Path, *more: Sequence[Row], **schedule: Any) -> Desk:
    """The village's home with its year in it, and more rows if any are given; its schedule as told."""
    desk = village_desk(folder, **schedule)
    rows = [*usual_rows(), *(row for part in more for row in part)]
    report = send(desk, folder / "sent", rms(*rows), name="village.csv", supplier="village", covers=f"{START}/{END}")
    assert report.result.lines.accepted == len(rows), json.dumps(report.result.quarantined_by_rule)
    return desk


def _on_tuesday(row: Row) -> Row:
    moment = datetime.strptime(row["occurred_from"], "%d/%m/%Y %H:%M") + timedelta(days=3, hours=-8)  # noqa: DTZ007
    return {**row, "occurred_from": f"{moment:%d/%m/%Y %H:%M}"}
