"""Weeks that are still coming in: known from readings or from when records were written down, or said to be withheld.

Six records a day, one in three of them written down 25 days late.
"""

import json
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from intake.desk import rms, varied
from pipeline.homes import ONE_ROW_FIELDS, injury_schedule, send, with_pact
from upstander.contracts.asking import Purpose
from upstander.contracts.definitions import load_definition
from upstander.contracts.releasing import Edition
from upstander.pipeline.desk import Desk
from upstander.pipeline.injuries import exact
from upstander.pipeline.injuries.coming_in import coming_in, late_of, settled, told, without_falls
from upstander.pipeline.injuries.ground import Ground
from upstander.pipeline.injuries.scope import Scope, about_of
from upstander.pipeline.injuries.sources import Source, read_source
from upstander.places import open_reference
from upstander.publish.model import ComingIn
from upstander.values.periods import Period

POLICE = "police_incidents"
FIRST, PERIOD = date(2026, 1, 5), Period.between(date(2026, 1, 1), date(2026, 8, 1))
LATE = timedelta(days=25)
DEFINITION = load_definition("all_violence")


def extract(end: date, read_on: date, *, start: date = FIRST, with_times: bool = False) -> bytes:
    """The records of the days up to `end` that were written down by the day of the extract."""
    rows = []
    for ahead in range((end - start).days):
        day = start + timedelta(days=ahead)
        for number in range(6):
            written = day + (LATE if number % 3 == 0 else timedelta(0))
            if written <= read_on:
                ref, told = f"{day:%m%d}{number}", f"{written:%d/%m/%Y} 23:00" if with_times else ""
                row = {"incident_ref": f"C{ref}", "person_ref": f"P{ref}", "dob": "01/02/1990", "recorded_at": told}
                at = ahead * 6 + number
                row |= {"easting": f"{458_000 + at % 20 * 7}", "northing": f"{304_000 + at // 20 % 20 * 7}"}
                row |= {"postcode": "", "area_code": "", "occurred_from": f"{day:%d/%m/%Y} 21:1{number}"}
                rows.append(varied(at) | row)
    return rms(*rows)


def home(folder: Path, *, with_times: bool = False) -> Desk:
    fields = [*ONE_ROW_FIELDS, "recorded_local"] if with_times else list(ONE_ROW_FIELDS)
    return with_pact(folder, injury_schedule(fields=fields))


def deliver(desk: Desk, folder: Path, start: date, end: date, days_after: int = 8, **how: bool) -> None:
    """One file of the days from start to end, extracted so many days after them, as its control file says."""
    read_on = end + timedelta(days=days_after)
    name = f"rms_{start}_{end}.csv"
    folder.mkdir(exist_ok=True)
    told = {"covers": f"{start}/{end}", "extracted_at": f"{read_on}T12:00:00+00:00"}
    (folder / f"{name}.control.json").write_text(json.dumps(told))
    report = send(desk, folder, extract(end, read_on, start=start, **how), name=name)
    assert report.result.outcome in {"ACCEPT", "NORMALISE", "RESTATE"}, report.result.message


def month(number: int) -> date:
    return date(2026, number, 1)


def read(desk: Desk) -> Source:
    asking = desk.asking(purpose=Purpose.OPERATIONAL, why="a test")
    source = read_source(asking, POLICE, DEFINITION, PERIOD, Edition.OPERATIONAL)
    assert isinstance(source, Source)
    return source


def found(desk: Desk) -> tuple[dict[date, float], ComingIn]:
    """The share told of each of the newest weeks, and what is made of it."""
    source = read(desk)
    asking = desk.asking(purpose=Purpose.OPERATIONAL, why="a test")
    known = late_of(asking, [source], DEFINITION, Edition.OPERATIONAL)
    scope = Scope(Edition.OPERATIONAL, PERIOD, None, "d", date(2027, 1, 1), 1, 1)
    ground = Ground(open_reference(desk.home.reference), "", ())
    tables = coming_in(known, partial(about_of, scope, [source], ground))
    cells = tables["coming_in"].cells if tables else pl.DataFrame(schema={"week": pl.String, "value": pl.Float64})
    return {date.fromisoformat(week): share for week, share in cells.select("week", "value").rows()}, told(
        tables, known
    )[POLICE]


def test_readings_that_speak_again_tell_how_far_the_newest_weeks_have_filled_up(tmp_path: Path, folder: Path) -> None:
    desk = home(tmp_path)
    for number in (4, 5, 6, 7):
        deliver(desk, folder, FIRST, month(number))
    shares, one = found(desk)
    newest = max(shares)
    assert newest == date(2026, 6, 22)
    assert shares[newest] == pytest.approx(2 / 3, abs=0.01)
    assert one == ComingIn(date(2026, 7, 9), is_known=True, since=date(2026, 6, 15))
    assert min(share for week, share in shares.items() if week < date(2026, 6, 15)) >= 0.95


def test_one_delivery_with_times_of_writing_down_tells_the_same(tmp_path: Path, folder: Path) -> None:
    desk = home(tmp_path, with_times=True)
    deliver(desk, folder, FIRST, month(7), with_times=True)
    shares, one = found(desk)
    assert shares[max(shares)] == pytest.approx(2 / 3, abs=0.01)
    assert one.is_known
    assert one.since is not None
    assert abs((one.since - date(2026, 6, 15)).days) <= 7


def test_one_delivery_without_such_times_withholds_it_and_tells_no_fall(tmp_path: Path, folder: Path) -> None:
    desk = home(tmp_path)
    deliver(desk, folder, FIRST, month(7))
    shares, one = found(desk)
    assert shares == {}
    assert one == ComingIn(date(2026, 7, 9), is_known=False, no_fall_since=date(2026, 6, 8))


def test_months_read_once_and_alike_are_compared_with_one_another(tmp_path: Path, folder: Path) -> None:
    desk = home(tmp_path)
    for number in range(2, 7):
        deliver(desk, folder, month(number), month(number + 1))
    shares, one = found(desk)
    assert shares == {}
    assert one == ComingIn(date(2026, 7, 9), is_known=False)


def test_what_is_read_long_after_is_complete(tmp_path: Path, folder: Path) -> None:
    desk = home(tmp_path)
    for number in (4, 5, 6, 7):
        deliver(desk, folder, FIRST, month(number), days_after=28)
    _, one = found(desk)
    assert one.is_known
    assert one.since is None


def weekly(*weeks: str) -> pl.DataFrame:
    return pl.DataFrame({"source": [POLICE] * len(weeks), "week": weeks, "direction": ["lower"] * len(weeks)})


def test_points_that_hold_a_week_still_coming_in_are_left_out_and_others_stay() -> None:
    known = {POLICE: ComingIn(date(2026, 7, 9), is_known=True, since=date(2026, 6, 8))}
    weeks = weekly("2026-05-11", "2026-06-01", "2026-06-08")
    assert settled(weeks, known)["week"].to_list() == ["2026-05-11", "2026-06-01"]
    assert settled(weeks, known, weeks_a_point=4)["week"].to_list() == ["2026-05-11"]
    assert settled(weeks, {}).equals(weeks)


def test_a_rise_is_told_where_a_fall_is_not() -> None:
    alone = {POLICE: ComingIn(date(2026, 7, 9), is_known=False, no_fall_since=date(2026, 6, 8))}
    signals = pl.concat(
        [weekly("2026-06-01", "2026-06-08"), weekly("2026-06-08").with_columns(direction=pl.lit("higher"))]
    )
    told_still = without_falls(signals, alone, 1).select("week", "direction").rows()
    assert told_still == [("2026-06-01", "lower"), ("2026-06-08", "higher")]


def test_what_happened_since_an_action_is_counted_without_weeks_still_coming_in(tmp_path: Path, folder: Path) -> None:
    desk = home(tmp_path)
    deliver(desk, folder, FIRST, month(7))
    source, ground = read(desk), Ground(open_reference(desk.home.reference), "square500", ())
    (area,) = exact.by_area(source, None, ground)["area"]
    since = date(2026, 5, 1)
    plain = dict(exact.near_action(source, None, area, ground, since=since).select("when", "count").rows())
    assert plain["since"] < plain["before"]
    whole = exact.near_action(source, None, area, ground, since=since, until=date(2026, 6, 8))
    assert whole["count"].n_unique() == 1
