"""Every finding follows from the numbers: change the numbers and the sentence goes."""

import dataclasses
import re
from datetime import date

import pytest

from publish import wharram
from publish.wharram import SOURCES, county, released
from upstander.contracts.releasing import Edition, Status
from upstander.publish.bulletin import Bulletin, sheet
from upstander.publish.facts import Facts, facts_of, told_apart
from upstander.publish.findings import change, gaps, last_time, place, time
from upstander.publish.findings.headline import headline
from upstander.publish.reading import Shown
from upstander.publish.tokens import PRINT
from upstander.publish.words import MOST_WORDS, first_that_fits, fits, listed, per_cent

POLICE, AMBULANCE, HOSPITAL = SOURCES


def facts(bulletin: Bulletin | None = None, without: tuple[str, ...] = (), **tables: object) -> Facts:
    bulletin = bulletin or county()
    kept = {name: table for name, table in bulletin.tables.items() if name not in without}
    return facts_of(dataclasses.replace(bulletin, tables={**kept, **tables}))


def weekly(**by_source: tuple[float, str]) -> dict[str, object]:
    """Steady weeks, and for each source named a last week with its signal's direction."""
    counts, usual, _ = wharram.weeks(rise=0)
    last = max(week for _, week in counts)
    signals = {(source, last, "outside limits", way): 1 for source, (_, way) in by_source.items()}
    counts |= {(source, last): value for source, (value, _) in by_source.items()}
    return {
        "weekly": released("weekly", ("source", "week"), counts),
        "usual": released("usual", ("source",), usual),
        "signals": released("signals", ("source", "week", "rule", "direction"), signals),
    }


def ranked(**rows: tuple[tuple[float, float, float], ...]) -> dict[str, object]:
    """Ranks of named places, one triple a source in the order police, ambulance, hospital; all stand out everywhere."""
    key = {shape.name: str(shape.key) for shape in wharram.shapes()}
    cells = {(source, key[name]): row[at] for name, row in rows.items() for at, source in enumerate(SOURCES)}
    return {
        "ranks": released("ranks", ("source", "area"), cells),
        "stands_out": released("stands_out", ("source", "area"), dict.fromkeys(cells, 4.0)),
    }


def test_the_headline_names_what_rose_and_where() -> None:
    assert headline(facts()) == "Ambulance call-outs are up. Lanternside, Station Quarter and Weir Gate stand out."


def test_the_headline_stops_saying_up_when_no_rule_fires() -> None:
    assert headline(facts(**weekly())).startswith("No source shows a signal.")
    assert headline(facts(**weekly(police_incidents=(2, "lower")))).startswith("Police records are down.")


def test_the_headline_says_nothing_of_places_that_were_not_compared() -> None:
    assert headline(facts(without=("ranks", "stands_out"))) == "Ambulance call-outs are up."
    none = released("stands_out", ("source", "area"), {})
    assert headline(facts(stands_out=none)).endswith("No place stands out.")


def test_without_tables_it_claims_nothing() -> None:
    nothing = facts(county(tables={}))
    assert headline(nothing) == "These records cannot say what changed, where or when."
    assert place.where(nothing) == ("Places were not compared, so none is said to stand out.",)
    assert time.when(nothing) == ("No hours stand out, or too few have a number to say.",)
    assert gaps.finding(
        dataclasses.replace(nothing, bulletin=dataclasses.replace(nothing.bulletin, deliveries=()))
    ) == ("What is missing was not counted for this bulletin.")


def test_a_signal_is_called_a_signal_and_the_rest_noise() -> None:
    assert change.finding(facts()) == "The rise in ambulance call-outs is a signal; the rest is noise."
    assert change.finding(facts(**weekly())) == "No source shows a signal: the ups and downs are noise."
    both = weekly(police_incidents=(60, "higher"), ed_assaults=(1, "lower"))
    assert (
        change.finding(facts(**both))
        == "Police records are up, hospital attendances down: both are signals; the rest is noise."
    )


def test_a_signal_that_ended_months_ago_is_not_a_signal_now() -> None:
    tables = weekly()
    week = "2026-01-05"
    tables["signals"] = released(
        "signals", ("source", "week", "rule", "direction"), {(POLICE, week, "run", "higher"): 1}
    )
    found = facts(**tables)
    assert change.finding(found) == "No source shows a signal: the ups and downs are noise."
    assert "An earlier signal in police records ended with the week of 5 Jan." in change.what_changed(found)


def test_a_source_with_few_numbers_is_neither_signal_nor_noise() -> None:
    tables = weekly()
    counts, _, _ = wharram.weeks(rise=0)
    hidden = {key: "suppressed" if key[0] == AMBULANCE else value for key, value in counts.items()}
    tables["weekly"] = released("weekly", ("source", "week"), hidden)
    found = facts(**tables)
    assert change.finding(found) == "No signal in police records or hospital attendances."
    assert "Ambulance call-outs: too few weeks with a number to say." in change.what_changed(found)


def test_places_whose_ranks_overlap_have_no_leader() -> None:
    overlap = ranked(Lanternside=((1, 1, 3),) * 3, Gasworks=((2, 1, 4),) * 3)
    apart = ranked(Lanternside=((1, 1, 1),) * 3, Gasworks=((3, 2, 4),) * 3)
    assert place.ranks(facts(**overlap)) == "No one place leads: the first places cannot be told apart."
    assert place.ranks(facts(**apart)) == "Lanternside leads in every source."
    assert "Their order cannot be told apart." in place.where(facts(**overlap))
    assert "Their order cannot be told apart." not in place.where(facts(**apart))


def test_a_place_does_not_lead_where_an_unnamed_one_may_rank_above_it() -> None:
    second = ranked(Lanternside=((2, 2, 2),) * 3, Gasworks=((4, 3, 5),) * 3)
    assert place.ranks(facts(**second)) == "No one place leads: the first places cannot be told apart."


def test_a_place_that_one_source_alone_sees_is_said() -> None:
    assert place.maps(facts()) == "Gasworks (5) stands out in police records only."
    everywhere = ranked(Lanternside=((1, 1, 3),) * 3, Gasworks=((2, 1, 4),) * 3)
    assert place.maps(facts(**everywhere)) == "The same places stand out in every source."


def test_the_busiest_hours_follow_the_numbers() -> None:
    assert time.finding(facts()) == "Fridays and Saturdays are busiest between 23:00 and 04:00."
    late = {key: 200.0 if key[1:] == ("3", "14") else 1.0 for key in wharram.hours()}
    table = released("hours", ("source", "day", "hour"), late)
    assert time.finding(facts(hours=table)) == "Wednesdays peak from 14:00 to 15:00."
    weekend = {key: 90.0 if key[1:] in {("6", "23"), ("7", "00")} else 0.0 for key in wharram.hours()}
    later = {
        key: 90.0 if key[1:] in {("7", "03"), ("7", "04")} else 0.0 for key in wharram.hours() if key[0] == HOSPITAL
    }
    apart = released("hours", ("source", "day", "hour"), {**weekend, **later})
    assert time.finding(facts(hours=apart)) == (
        "Saturdays are busiest between 23:00 and 04:00; hospital attendances peak latest."
    )
    daily = {key: 40.0 if key[2] == "14" else 1.0 for key in wharram.hours()}
    assert time.finding(facts(hours=released("hours", ("source", "day", "hour"), daily))) == (
        "Every day peaks from 14:00 to 15:00."
    )
    flat = released("hours", ("source", "day", "hour"), dict.fromkeys(wharram.hours(), 4.0))
    assert time.finding(facts(hours=flat)) == "No hours stand out from an even spread, or too few have a number."


def test_hours_that_are_mostly_withheld_are_not_read() -> None:
    hidden = released("hours", ("source", "day", "hour"), dict.fromkeys(wharram.hours(), "suppressed"))
    assert time.when(facts(hours=hidden)) == ("No hours stand out, or too few have a number to say.",)


def test_the_brief_says_when_the_window_closes_before_the_peak() -> None:
    assert "The window closes before the ambulance, police and hospital peaks do." in time.when(facts())
    assert not any("closes" in words for words in time.when(facts(county(window="Sat 20:00-05:00"))))


def test_the_worst_gap_is_said_first() -> None:
    assert gaps.finding(facts()) == "29% of hospital attendances have no known place."
    assert gaps.not_known(facts()).startswith(
        "The place of 29% of hospital attendances, 3% of police records and 1% of"
    )
    whole = {(source, what): 100.0 for source in SOURCES for what in ("records", "located", "time_known")}
    unknown = released("unknown", ("source", "what"), whole)
    assert gaps.finding(facts(unknown=unknown)) == "Hospital records came 9 days late."
    assert gaps.not_known(facts(unknown=unknown)) == "No place and no time is missing. Late: hospital by 9 days."


def test_every_figure_says_which_source_is_received_to_an_earlier_day() -> None:
    bulletin = county()
    september, june = date(2026, 9, 30), date(2026, 6, 30)
    last = {"police_incidents": september, "ambulance_callouts": september, "ed_assaults": june}
    sent = tuple(dataclasses.replace(one, received_to=last[one.source]) for one in bulletin.deliveries)
    told = facts(dataclasses.replace(bulletin, deliveries=sent))
    assert gaps.received_to(told) == "Received: Hospital to 30 June 2026 only; the others to 30 September 2026."
    drawn = [one for one in sheet(told, PRINT).sections if one.panels or one.table]
    assert len(drawn) > 4
    assert all(one.note.startswith("Received: Hospital to 30 June 2026 only") for one in drawn)
    assert gaps.received_to(facts()) == ""


def test_a_withheld_gap_is_not_said_to_be_none() -> None:
    whole: dict[tuple[str, ...], object] = {
        (source, what): 100.0 for source in SOURCES for what in ("records", "located", "time_known")
    }
    unknown = released("unknown", ("source", "what"), whole | {(HOSPITAL, "not_located"): "suppressed"})
    assert gaps.not_known(facts(unknown=unknown)).startswith("Few places and times are missing; how many is withheld.")


def test_what_changed_after_an_action_is_read_with_its_uncertainty() -> None:
    assert last_time.finding(facts()) == "Police records at Lanternside are lower since; why is not shown."

    def after(since: float) -> str:
        rows = {("1", POLICE, "before"): 60.0, ("1", POLICE, "since"): since}
        return last_time.finding(facts(changes=released("changes", ("action", "source", "when"), rows)))

    assert after(50) == "No change since the last actions can be told apart from chance."
    assert after(95) == "Police records at Lanternside are higher since; why is not shown."


def test_an_action_says_the_least_fall_that_its_area_could_show() -> None:
    falls = {("1", POLICE): 0.43, ("1", "ambulance_callouts"): 0.7, ("2", POLICE): "not_applicable"}
    told = facts(least_falls=released("least_falls", ("action", "source"), falls))
    said = [last_time.could_show(changes) for changes in told.changes]
    assert said == [
        "Only a fall of 43% or more would be likely to show (Police).",
        "Too few records here for any fall to show.",
        "",
    ]


@pytest.mark.parametrize(
    ("before", "since", "is_lower"), [(60, 31, True), (31, 60, False), (22, 19, None), (6, 0, None)]
)
def test_two_counts_differ_only_beyond_chance(before: float, since: float, *, is_lower: bool | None) -> None:
    assert told_apart(Shown(Status.SHOWN, before), Shown(Status.SHOWN, since)) is is_lower


def test_released_intervals_go_before_a_rule_of_thumb() -> None:
    before, since = Shown(Status.SHOWN, 60, 30, 90), Shown(Status.SHOWN, 31, 10, 55)
    assert told_apart(before, since) is None


def bulletins() -> list[Bulletin]:
    long = county(rename=lambda name: f"{name} and the Upper Marshes of Saint Wilfrid by the Old Canal"[:60])
    alone = county(sources=(HOSPITAL,))
    return [county(), county(edition=Edition.SHAREABLE), long, alone, county(tables={}), county(window=None)]


@pytest.mark.parametrize(
    "bulletin", bulletins(), ids=["open", "rounded", "long names", "one source", "empty", "no window"]
)
def test_findings_are_short_and_hold_one_number_at_most(bulletin: Bulletin) -> None:
    found = facts_of(bulletin)
    laid_out = sheet(found, PRINT)
    for finding in (laid_out.headline, *(section.finding for section in laid_out.sections)):
        assert fits(finding, found.names), finding


@pytest.mark.parametrize(
    "bulletin", bulletins(), ids=["open", "rounded", "long names", "one source", "empty", "no window"]
)
def test_no_sentence_uses_a_word_that_claims_too_much(bulletin: Bulletin) -> None:
    laid_out = repr(sheet(facts_of(bulletin), PRINT))
    assert not re.search(
        r"\b(significant\w*|hotspot|spike|soar\w*|caus(?:ed|es) by|offenders?)\b", laid_out, re.IGNORECASE
    )


def test_numbers_in_findings_are_counted_and_clock_times_are_not() -> None:
    assert fits("Fridays peak from 22:00 to 03:00.")
    assert not fits("From 12 to 15 records.")
    assert not fits("Leicester 041 and Leicester 042 stand out.")
    assert fits("Leicester 041 and Leicester 042 stand out.", ["Leicester 041", "Leicester 042"])
    assert not fits(" ".join(["word"] * (MOST_WORDS + 1)))
    assert first_that_fits([" ".join(["word"] * 20), "short"]) == "short"


def test_words_and_shares_read_as_people_say_them() -> None:
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([]) == ""
    assert (per_cent(0.004), per_cent(0.286), per_cent(0.998), per_cent(1.0)) == ("under 1%", "29%", "over 99%", "100%")


def test_a_late_week_says_that_later_ones_are_missing() -> None:
    counts, usual, _ = wharram.weeks(rise=0)
    last = max(week for _, week in counts)
    counts_with_gap = {**counts, (HOSPITAL, last): "missing"}
    found = facts(
        weekly=released("weekly", ("source", "week"), counts_with_gap),
        usual=released("usual", ("source",), usual),
        signals=released("signals", ("source", "week", "rule", "direction"), {}),
    )
    words = {trend.source.dataset: change.under_weeks(trend) for trend in found.trends}
    assert words[HOSPITAL].endswith("Later ones are withheld or missing.")
    assert "missing" not in words[POLICE]
    assert date.fromisoformat(last) in found.trends[0].weeks.days


def test_four_weeks_a_point_are_named_as_four_weeks() -> None:
    counts, usual, _ = wharram.weeks(rise=0)
    mondays = sorted({week for _, week in counts})[::4]
    sparse = {key: value for key, value in counts.items() if key[1] in mondays}
    tables = {
        "weekly": released("weekly", ("source", "week"), sparse),
        "usual": released("usual", ("source",), usual),
        "signals": released("signals", ("source", "week", "rule", "direction"), {}),
    }
    found = facts(dataclasses.replace(county(), weeks_a_point=4), **tables)
    assert all(len(trend.weeks.days) == len(mondays) for trend in found.trends)
    assert all(change.under_weeks(trend).startswith("The four weeks from ") for trend in found.trends)
