"""The weeks ahead and the weeks still coming in, on the page."""

from datetime import date, timedelta

import pytest

from publish.wharram import county, released
from upstander.publish.bulletin import sheet
from upstander.publish.facts import Facts, facts_of
from upstander.publish.findings import ahead as words
from upstander.publish.findings.coming import how_late, still_coming
from upstander.publish.model import ComingIn
from upstander.publish.sections import ahead, rising
from upstander.publish.tokens import PRINT, SCREEN
from upstander.publish.words import fits

POLICE, AMBULANCE, ED = "police_incidents", "ambulance_callouts", "ed_assaults"
LAST = date(2026, 9, 21)


def weeks_ahead(
    *,
    usual: float = 100,
    low: float = 90,
    high: float = 120,
    sources: tuple[str, ...] = (POLICE,),
    held: dict | None = None,
) -> Facts:
    rows: dict = {}
    past: dict = {}
    for source in sources:
        for step in range(1, 7):
            week = str(LAST + timedelta(weeks=step))
            middle = (low + high) / 2
            rows[source, week, "80"] = (middle, low, high)
            rows[source, week, "95"] = (middle, low - 10, high + 10)
        rows |= {
            (source, "all", "usual"): usual,
            (source, "all", "held_80"): (held or {}).get(source, 0.81),
            (source, "all", "held_95"): 0.97,
        }
        past |= {(source, str(LAST - timedelta(weeks=at)), "records"): 100 + at for at in range(60)}
    bulletin = county(ahead_refused={ED: "Too many of its weeks are withheld to foresee others."})
    tables = {
        "ahead": released("ahead", ("source", "week", "what"), rows),
        "past_all": released("past_all", ("source", "week", "what"), past),
    }
    object.__setattr__(bulletin, "tables", {**bulletin.tables, **tables})
    return facts_of(bulletin)


def test_a_panel_says_what_to_plan_for_and_what_it_is_beside() -> None:
    found = ahead.section(weeks_ahead(), SCREEN)
    by_name = {panel.heading: panel for panel in found.panels}
    assert by_name["Police"].tag == "Plan for 120 a week"
    assert by_name["Police"].words == (
        "Most likely 105 a week; nine in ten stay at or under 120. The last eight weeks 104; a usual week of the last "
        "year 100."
    )
    assert by_name["Hospital"].drawing is None
    assert by_name["Hospital"].words == "Too many of its weeks are withheld to foresee others."
    assert "bands meant to hold 80% and 95% of weeks held: Police 81% and 97%" in found.note


@pytest.mark.parametrize(
    ("usual", "said"),
    [
        (100, "The next six weeks are likely to bring about as many records as usual."),
        (80, "Expect more police records than usual in the next six weeks."),
        (130, "Expect fewer police records than usual in the next six weeks."),
    ],
)
def test_the_sentence_follows_the_bands(usual: float, said: str) -> None:
    found = words.outlooks(weeks_ahead(usual=usual))
    assert words.finding(found) == said
    assert fits(said)


def test_a_source_whose_bands_failed_on_the_past_is_not_planned_by() -> None:
    found = ahead.section(weeks_ahead(sources=(POLICE, AMBULANCE), held={POLICE: 0.58}), SCREEN)
    by_name = {panel.heading: panel for panel in found.panels}
    assert by_name["Ambulance"].drawing is not None
    assert by_name["Police"].drawing is None
    assert by_name["Police"].words.endswith("held 58%: too few to plan by.")
    assert "Police" not in found.note


def test_three_sources_are_drawn_on_one_scale_in_both_media() -> None:
    facts = weeks_ahead(sources=(POLICE, AMBULANCE, ED))
    for medium in (SCREEN, PRINT):
        drawn = [panel.drawing for panel in ahead.section(facts, medium).panels]
        assert all(drawn)
        assert len({drawing.height for drawing in drawn if drawing}) == 1


def test_the_numbers_of_every_week_stand_in_a_table() -> None:
    (table,) = ahead.section(weeks_ahead(), SCREEN).numbers
    assert len(table.rows) == 6
    assert table.rows[0] == ("28 Sep 2026", "105", "90 to 120", "80 to 130")


def test_where_nothing_is_foreseen_the_reason_stands() -> None:
    found = ahead.section(facts_of(county(ahead_refused={POLICE: "It takes 148 weeks; 52 are held."})), SCREEN)
    assert found.finding == "How many records the next weeks will bring cannot be foreseen."
    assert found.paragraphs == (("Why", "It takes 148 weeks; 52 are held."),)
    assert "three years" in ahead.section(facts_of(county()), SCREEN).paragraphs[0][1]


def coming(one: ComingIn) -> Facts:
    bulletin = county(coming_in={AMBULANCE: one})
    shares = released("coming_in", ("source", "week"), {(AMBULANCE, "2026-09-21"): (0.62, 0.62, 0.62)})
    object.__setattr__(bulletin, "tables", {**bulletin.tables, "coming_in": shares})
    return facts_of(bulletin)


HELD = ComingIn(date(2026, 10, 1), is_known=True, since=date(2026, 9, 7))


def test_weeks_still_coming_in_are_hollow_named_and_not_the_latest() -> None:
    facts = coming(HELD)
    trend = next(trend for trend in facts.trends if trend.source.dataset == AMBULANCE)
    assert trend.latest is not None
    assert trend.latest[0] < date(2026, 9, 7)
    assert trend.weeks.coming == {date(2026, 9, 7), date(2026, 9, 14), date(2026, 9, 21)}
    found = rising.section(facts, SCREEN)
    panel = next(panel for panel in found.panels if panel.heading == "Ambulance")
    assert "From 7 Sep on still coming in: hollow, not judged." in panel.words
    assert "Hollow: still coming in." in found.sub
    assert "Hollow" not in rising.section(facts_of(county()), SCREEN).sub


def test_a_signal_only_in_weeks_still_coming_in_is_no_signal_now() -> None:
    facts = coming(ComingIn(date(2026, 10, 1), is_known=True, since=date(2026, 7, 27)))
    assert next(trend.now for trend in facts.trends if trend.source.dataset == AMBULANCE) is None


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (HELD, "weeks from 7 September 2026 are still coming in (that of 21 Sep has about 62% of its records)"),
        (ComingIn(date(2026, 10, 1), is_known=True), "the newest whole week has at least 95% of its records"),
        (ComingIn(date(2026, 10, 1), is_known=False), "how late they come is withheld, since no week was read twice"),
        (
            ComingIn(date(2026, 10, 1), is_known=False, no_fall_since=date(2026, 9, 7)),
            "so no fall is told from 7 September 2026 on",
        ),
    ],
)
def test_how_late_records_come_is_said_or_said_to_be_withheld(one: ComingIn, said: str) -> None:
    assert said in " ".join(how_late(coming(one)))


def test_the_brief_says_what_is_still_coming_in() -> None:
    whole = sheet(coming(HELD), SCREEN)
    assert "Still coming in: ambulance call-outs from 7 September 2026" in whole.not_known
    assert still_coming(facts_of(county())) == ""
