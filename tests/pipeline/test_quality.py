"""What goes back to the owner: the calendar, the scorecard."""

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from intake.desk import rms, varied
from pipeline.homes import desk_at, injury_schedule, send, with_pact
from upstander.contracts.releasing import Status
from upstander.errors import WrongUsage
from upstander.pipeline.desk import Desk
from upstander.pipeline.gate import NotGranted
from upstander.pipeline.quality.calendar import State, feed_calendar
from upstander.pipeline.quality.due import calendar_for
from upstander.pipeline.quality.scorecard import scorecard
from upstander.publish.reading import cells_of
from upstander.publish.scorecard import headline, worst_columns

TODAY = date(2026, 11, 23)


def month(number: int, rows: int = 40, **changed: str) -> bytes:
    """An extract of one month: a row a day and more, each its own incident."""
    told = f"{number:02d}/2026"
    return rms(*(
        varied(n) | {
            "incident_ref": f"C{number:02d}{n:04d}", "occurred_from": f"{n % 28 + 1:02d}/{told} 22:{n % 60:02d}",
            "recorded_at": f"28/{told} 23:59",
        } | changed for n in range(rows)
    ))  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, folder: Path) -> Desk:
    made = with_pact(tmp_path, injury_schedule())
    for number in (6, 7, 9):
        blank = {"injury": ""} if number == 9 else {}
        send(made, folder, month(number, **blank), name=f"rms_2026-{number:02d}.csv")
    return made


def test_a_month_that_did_not_come_is_missing_and_no_zero(desk: Desk) -> None:
    told = {one.period.label: one for one in feed_calendar(desk.warehouse.manifests(), today=TODAY)}
    assert {label: one.state for label, one in told.items()} == {
        "2026-06": State.RECEIVED, "2026-07": State.RECEIVED, "2026-08": State.LATE, "2026-09": State.RECEIVED,
        "2026-10": State.LATE,
    }  # fmt: skip
    assert told["2026-08"].rows is None
    assert told["2026-08"].late_days == (TODAY - date(2026, 9, 15)).days
    assert told["2026-10"].in_words == "missing, 8 days late"


def test_what_falls_due_soon_is_told_before_its_days_are_over(desk: Desk, folder: Path) -> None:
    send(desk, folder, month(11), name="rms_2026-11.csv", covers="2026-11-01/2026-11-20")
    soon = feed_calendar(desk.warehouse.manifests(), today=TODAY, ahead=timedelta(days=60))
    assert [(one.period.label, one.state, one.due, one.late_days) for one in soon[-2:]] == [
        ("2026-11", State.DUE, date(2026, 12, 15), 0), ("2026-12", State.DUE, date(2027, 1, 15), 0)
    ]  # fmt: skip
    assert feed_calendar(desk.warehouse.manifests(), today=TODAY)[-1].period.label == "2026-10"


def test_a_week_without_a_row_in_days_that_came_is_a_week_of_zero(desk: Desk, folder: Path) -> None:
    (june, *_) = desk.warehouse.manifests()
    assert june.profile is not None
    quiet = tuple(one for one in june.profile.by_day if not "2026-06-08" <= one[0] <= "2026-06-14")
    told = feed_calendar([replace(june, profile=replace(june.profile, by_day=quiet))], today=date(2026, 7, 20))
    assert [(one.state, one.empty_weeks) for one in told] == [(State.RECEIVED, 1)]
    empty = replace(june.profile, rows=0, by_day=())
    nothing = feed_calendar([replace(june, profile=empty)], today=date(2026, 7, 20))
    assert [one.state for one in nothing] == [State.NOTHING]


def test_figures_of_a_whole_period_stand_on_no_day_and_are_no_weeks_of_zero(desk: Desk) -> None:
    (june, *_) = desk.warehouse.manifests()
    undated = replace(june, profile=replace(june.profile, rows=280, by_day=()))
    (entry,) = feed_calendar([undated], today=date(2026, 7, 20))
    assert (entry.state, entry.rows, entry.empty_weeks) == (State.RECEIVED, 280, 0)


def test_a_feed_that_comes_each_term_is_never_missing_in_a_quarter_without_one(desk: Desk) -> None:
    (june, *_) = desk.warehouse.manifests()
    terms = [
        replace(
            june,
            dataset="education_local",
            covers=replace(june.covers, start=date(2025, at, 1), end=date(2025, at + 3, 1)),
        )
        for at in (1, 4, 7)
    ]
    told = feed_calendar(terms, today=date(2026, 7, 20))
    assert [(one.period.start.month, one.late_days) for one in told] == [(1, 0), (4, 0), (7, 0)]


def test_a_month_of_which_days_are_wanting_is_short(desk: Desk) -> None:
    (june, *_) = desk.warehouse.manifests()
    cut = replace(june, covers=replace(june.covers, end=june.covers.end - timedelta(days=10)))
    (entry,) = feed_calendar([cut], today=date(2026, 7, 20))
    assert (entry.state, entry.days, entry.of_days) == (State.SHORT, 20, 30)


def test_the_calendar_is_for_who_may_look_after_the_feed(desk: Desk) -> None:
    assert calendar_for(desk, dataset=None, today=TODAY)
    stranger = desk.asking(agency="nobody")
    assert calendar_for(stranger, dataset=None, today=TODAY) == ()
    with pytest.raises(NotGranted):
        calendar_for(stranger, dataset="police_incidents", today=TODAY)


def test_the_scorecard_names_the_worst_column_first_and_what_to_change(desk: Desk) -> None:
    made = scorecard(desk, "police_incidents", "rms")
    first = worst_columns(made.card)[0]
    assert first.heading.column == "injury"
    assert headline(made.card).startswith("Injury is empty in ")
    assert "Fill “" in first.heading.change
    page = made.html.decode()
    assert "<script" not in page
    assert re.search(r"<h1>[^<]{10,120}</h1>", page)


def test_small_numbers_of_the_scorecard_follow_the_agreement(desk: Desk) -> None:
    made = scorecard(desk, "police_incidents", "rms")
    for table in made.card.tables.values():
        if table.name not in {"columns", "deliveries", "shifts", "kept_back"}:
            continue
        for cell in cells_of(table).values():
            assert cell.status is Status.SUPPRESSED or cell.value == 0 or (cell.value or 0) > 7
    lines = list(csv.reader(io.StringIO(made.csv.decode())))
    assert {len(line) for line in lines} == {8}


def test_a_scorecard_is_refused_to_who_may_not_look_after_the_feed(desk: Desk) -> None:
    with pytest.raises(NotGranted):
        scorecard(desk.asking(agency="nobody"), "police_incidents", "rms")


def test_a_scorecard_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="Nothing of police_incidents"):
        scorecard(desk_at(tmp_path), "police_incidents", "rms")
