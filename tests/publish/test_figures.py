"""Every figure's sentence follows from its numbers, and says otherwise as soon as they do."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from publish.test_exports import places as any_table
from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish import tokens
from upstander.publish.figures.change import change
from upstander.publish.figures.model import Figure
from upstander.publish.figures.people import people
from upstander.publish.figures.places import places
from upstander.publish.figures.quality import Received, quality
from upstander.publish.figures.trend import trend
from upstander.publish.figures.words import Subject
from upstander.publish.pictures import as_file
from upstander.publish.words import fits

RULE = CountRule("evidence, shareable", "the pact", 7, 5)
SUBJECT = Subject(
    "Home Office measure 2: knife-enabled serious violence", "", "", "July to September 2026", "Police", "one offence"
)
PERIODS = [(f"2026-Q{n}", f"Quarter {n} of 2026", f"Q{n} 2026") for n in (1, 2, 3, 4)]
NAMES = {"w:1": "Ashby", "w:2": "Birch", "w:3": "Cold Ash"}
Row = tuple[object, ...]
RATES: tuple[Row, ...] = (("w:1", 80.0, 57.0, 109.0), ("w:2", 40.0, 24.0, 62.0), ("w:3", Status.SUPPRESSED))


def table(name: str, dimensions: tuple[str, ...], *rows: Row) -> ReleasedTable:
    """Rows of dimensions and value, or dimensions, value, low, high; None or a Status stands for no number."""
    columns = {
        **dict.fromkeys(dimensions, pl.String),
        **dict.fromkeys(("value", "low", "high"), pl.Float64),
        "status": pl.String,
    }
    made = []
    for row in rows:
        keys, rest = row[: len(dimensions)], (*row[len(dimensions) :], None, None)
        is_absent = isinstance(rest[0], Status)
        numbers = (None, None, None) if is_absent else rest[:3]
        made.append((*keys, *numbers, str(rest[0]) if is_absent else Status.SHOWN.value))
    frame = pl.DataFrame(made, columns, orient="row")
    return ReleasedTable(name, dimensions, frame, replace(any_table().about, rules=(RULE,)))


def trend_of(last: object, *signals: Row, usual: bool = True) -> Figure:
    counts = table("counts", ("period",), *((period, 20.0) for period, _, _ in PERIODS[:3]), ("2026-Q4", last))
    bounds = table("usual", ("what",), *([("usual", 20.0, 10.0, 30.0)] if usual else []))
    return trend(
        "t",
        SUBJECT,
        "quarter",
        PERIODS,
        counts,
        bounds,
        table("signals", ("period", "direction"), *signals),
        "2026-Q4/0001",
    )


def test_a_trend_is_noise_until_a_rule_fires_in_its_last_period() -> None:
    noise, signal = trend_of(20.0), trend_of(45.0, ("2026-Q4", "higher", 1.0))
    assert noise.finding == "Knife-enabled serious violence cannot be told apart from usual."
    assert signal.finding == "Knife-enabled serious violence is higher than usual, and that is a signal."
    assert trend_of(5.0, ("2026-Q4", "lower", 1.0)).pictures[0].tag == "Signal: lower"
    assert trend_of(20.0, ("2026-Q2", "higher", 1.0)).finding == noise.finding
    assert "45; usual is 10 to 30" in signal.note


@pytest.mark.parametrize("last", [Status.SUPPRESSED, Status.MISSING])
def test_a_trend_whose_last_period_has_no_number_calls_nothing_signal_or_noise(last: Status) -> None:
    figure = trend_of(last)
    assert "too few quarters" in figure.finding
    assert figure.pictures[0].tag == ""
    assert trend_of(20.0, usual=False).finding == figure.finding
    assert figure.numbers.rows[-1][1] == {"suppressed": "*", "missing": "[x]"}[last.value]


def test_a_trend_without_any_number_says_why_and_draws_nothing() -> None:
    hidden = table("counts", ("period",), *((period, Status.SUPPRESSED) for period, _, _ in PERIODS))
    figure = trend(
        "t", SUBJECT, "quarter", PERIODS, hidden, table("u", ("what",)), table("s", ("period", "direction")), "r"
    )
    assert (figure.pictures, figure.finding) == ((), "No number of knife-enabled serious violence can be shown.")
    assert "withheld" in figure.without


def places_of(*beyond: Row, ranks: tuple[Row, ...] = (), more: int = 0) -> Figure:
    further = {f"x:{number}": f"Further {number}" for number in range(more)}
    names = NAMES | further
    tables = {
        "counts": table("counts", ("area",), ("w:1", 40.0), ("w:2", 20.0), ("w:3", Status.SUPPRESSED)),
        "rates": table("rates", ("area",), *RATES, *((area, 60.0, 40.0, 90.0) for area in further)),
        "whole": table("whole", ("what",), ("whole", 60.0)),
        "beyond": table("beyond", ("area", "direction"), *beyond), "ranks": table("ranks", ("area",), *ranks),
        "limits": table("limits", ("residents", "level"), *(
            (size, level, 60.0, low, 120.0 - low)
            for size in ("400", "600") for level, low in (("95", 40.0), ("998", 20.0))
        )),
    }  # fmt: skip
    return places(
        "p", SUBJECT, ("ward", "wards"), names, "per 100,000", tables, "2026-Q4/0001", dict.fromkeys(names, 500.0)
    )


def test_places_are_told_apart_only_where_chance_would_not_give_them() -> None:
    assert places_of().finding == "No ward can be told apart from all wards together."
    assert places_of(("w:1", "higher", 1.0)).finding == (
        "Ashby has more knife-enabled serious violence per resident than chance allows."
    )
    assert "have less" in places_of(("w:1", "lower", 1.0), ("w:2", "lower", 1.0)).finding


def test_places_are_ranked_only_where_ranks_can_be_told_apart() -> None:
    first = [row[0] for row in places_of(ranks=(("w:2", 1.0), ("w:1", 2.0))).numbers.rows]
    assert [row[0] for row in places_of().numbers.rows] == ["Ashby", "Birch", "Cold Ash"]
    assert first == ["Birch", "Ashby", "Cold Ash"]
    assert "ranks cannot be told apart" in places_of().note


def test_a_withheld_place_keeps_its_row_and_shows_no_number() -> None:
    figure = places_of()
    assert figure.numbers.rows[2][:3] == ("Cold Ash", "*", "*")
    assert ">withheld<" in figure.pictures[0].wide.svg


def test_a_funnel_says_how_many_places_it_leaves_out_and_rows_leave_out_none() -> None:
    assert "not drawn" not in places_of(more=9).note
    assert "One ward without a rate is not drawn; the table says why." in places_of(more=10).note


def change_of(*moved: Row, places_told: bool = True) -> Figure:
    told: list[Row] = [("all", 1.1, 0.9, 1.3), ("w:1", 2.0, 1.5, 2.7)]
    hidden: list[Row] = [("all", Status.SUPPRESSED), ("w:1", Status.SUPPRESSED)]
    tables = {
        "years": table("years", ("area", "when"), ("all", "before", 100.0), ("all", "since", 110.0)),
        "ratios": table("ratios", ("area",), *(told if places_told else [told[0], hidden[1]])),
        "moved": table("moved", ("area", "direction"), *moved),
    }
    return change("c", SUBJECT, ("ward", "wards"), {"all": "Whole area", "w:1": "Ashby"}, tables, ("2024", "2025"), "r")


def test_a_change_is_called_one_only_where_it_is_beyond_chance() -> None:
    assert "cannot be told apart from its year before" in change_of().finding
    assert change_of(("w:1", "higher", 1.0)).finding == "Knife-enabled serious violence rose in Ashby."
    assert change_of(("all", "lower", 1.0)).finding == (
        "Knife-enabled serious violence fell over the year, by more than chance."
    )
    assert "is withheld" in change_of(places_told=False).finding
    assert "not its effect" in change_of().note
    assert change_of().numbers.rows[1][-1] == "+100% (+50% to +170%)"


def test_the_share_of_the_young_follows_the_counts_and_is_not_told_where_one_is_withheld() -> None:
    def figure(young: object) -> Figure:
        cells = [(age, sex, 30.0) for age in ("25 and over",) for sex in ("all", "male", "female")]
        cells += [
            ("under 25", "all", young),
            ("under 25", "male", 5.0),
            ("under 25", "female", 5.0),
            ("all ages", "all", 40.0),
        ]
        ages, sexes = ("all ages", "under 25", "25 and over"), ("all", "female", "male")
        return people("w", SUBJECT, ages, sexes, table("counts", ("age", "sex"), *cells), "r")

    assert figure(10.0).finding.startswith("25% of records")
    assert figure(30.0).finding.startswith("50% of records")
    assert "cannot be told in full" in figure(Status.SUPPRESSED).finding


def test_sources_are_to_be_read_with_care_by_what_is_known_of_them() -> None:
    def figure(known: float, whole: int) -> Figure:
        shares = table("known", ("what",), ("area", known), ("age", 1.0), ("sex", 1.0))
        one = Received("ed", "Hospital", whole, 4, 9, ())
        return quality("q", [one], {"ed": shares}, "2026", "r")

    assert figure(0.95, 4).finding.startswith("Every source came whole")
    assert figure(0.6, 4).numbers.rows[0][-1] == "Too low by area"
    assert figure(0.6, 4).finding == figure(1.0, 3).finding == "One of one sources is to be read with care."


def test_findings_are_short_and_every_picture_is_self_contained_and_described() -> None:
    for figure in (trend_of(Status.SUPPRESSED), trend_of(20.0), places_of(("w:1", "higher", 1.0)), change_of()):
        assert fits(figure.finding, [SUBJECT.title])
        for picture in figure.pictures:
            for drawing in (picture.wide, picture.narrow):
                root = ET.fromstring(drawing.svg)
                words = {name for node in root.iter() for name in node.attrib}
                assert words.isdisjoint({"style", "class", "href"})
                assert figure.finding in drawing.alt
                assert not any(
                    "url(" in value and "#" not in value for node in root.iter() for value in node.attrib.values()
                )


def test_words_in_every_picture_stand_out_from_what_they_may_lie_on() -> None:
    """White and the pale band lie behind words; nothing darker does. Source: WCAG 2.2, 1.4.3."""
    grounds, fills = (tokens.PAPER, tokens.WASH), set()
    for figure in (trend_of(Status.SUPPRESSED), trend_of(20.0), places_of(("w:1", "higher", 1.0)), change_of()):
        for picture in figure.pictures:
            nodes = [*ET.fromstring(picture.wide.svg).iter(), *ET.fromstring(picture.narrow.svg).iter()]
            fills |= {
                node.attrib["fill"] for node in nodes if node.tag.endswith("}text") and "stroke" not in node.attrib
            }
    assert fills == {tokens.INK, tokens.SECONDARY}
    assert min(contrast(fill, ground) for fill in fills for ground in grounds) >= 4.5
    assert contrast("#dbd7da", tokens.PAPER) < 4.5


def contrast(one: str, other: str) -> float:
    low, high = sorted(luminance(colour) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_picture_as_a_file_holds_its_title_its_description_and_whose_copy_it_is() -> None:
    figure = trend_of(20.0)
    document = as_file(figure, "Copy 0001 for the county")
    root = ET.fromstring(document)
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == figure.finding
    assert (root.findtext(f"{space}desc") or "").startswith(SUBJECT.title)
    words = " ".join(node.text or "" for node in root.iter(f"{space}text"))
    assert "Copy 0001 for the county" in words
    assert figure.note in words
