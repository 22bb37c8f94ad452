"""Unusual rises and harm on the page: the sentence says what the tables say, and what cannot be said is said."""

import pytest

from publish.wharram import county, released, shapes
from upstander.publish.facts import Facts, facts_of
from upstander.publish.findings import harm as harm_words
from upstander.publish.findings import unusual as words
from upstander.publish.model import EVERYWHERE, RiseReading
from upstander.publish.sections import harm, unusual
from upstander.publish.sheet import Section
from upstander.publish.words import fits

KEY = {shape.name: str(shape.key) for shape in shapes()}
GASWORKS, LANTERN = KEY["Gasworks"], KEY["Lanternside"]
POLICE, AMBULANCE = "police_incidents", "ambulance_callouts"
JUDGED = {(POLICE, "areas"): 40, (POLICE, "false"): 1.2}
RISE, TWO = ("source", "area", "week"), ("source", "what")


def facts(rises: dict, judged: dict | None = None, readings: dict | None = None) -> Facts:
    bulletin = county(rise_readings=readings or {})
    tables = {
        "rises": released("rises", RISE, rises, layer="ward24"),
        "judged": released("judged", TWO, JUDGED if judged is None else judged, layer="ward24"),
    }
    object.__setattr__(bulletin, "tables", {**bulletin.tables, **tables})
    return facts_of(bulletin)


def words_in(section: Section) -> list[list[str]]:
    return [[cell.words for cell in row] for row in section.table.rows] if section.table else []


def test_nothing_unusual_is_a_finding() -> None:
    found = unusual.section(facts({}))
    assert found.finding == "No ward is above what its earlier years lead to expect."
    assert found.table is None
    assert "Looked at: 40 wards" in found.note
    assert "about 1.2 times" in found.note


def test_one_place_is_named_and_several_are_counted() -> None:
    one = {(POLICE, GASWORKS, "2026-09-07"): (12, 3.1, 8)}
    assert unusual.section(facts(one)).finding == "Gasworks is above what its earlier years lead to expect."
    two = one | {(AMBULANCE, LANTERN, "2026-09-14"): (9, 2, 7)}
    assert unusual.section(facts(two)).finding == "Two wards are above what their earlier years lead to expect."
    assert all(fits(unusual.section(facts(some)).finding, ["Gasworks"]) for some in ({}, one, two))


def test_a_row_says_how_many_how_many_were_expected_and_what_it_may_be() -> None:
    rise = (POLICE, GASWORKS, "2026-09-07")
    said = unusual.section(
        facts({rise: (12, 3.1, 8)}, readings={rise: RiseReading("Read as a change in recording.", "Times 1.2.")})
    )
    assert words_in(said) == [["Gasworks", "Police", "7 Sep", "12", "3.1", "Read as a change in recording. Times 1.2."]]
    assert words_in(unusual.section(facts({rise: (12, 3.1, 8)})))[0][-1] == "Not weighed against the other sources."


def test_of_several_weeks_of_one_place_the_newest_stands_and_whole_sources_come_last() -> None:
    rows = {
        (POLICE, EVERYWHERE, "2026-09-14"): (300, 250, 280), (POLICE, GASWORKS, "2026-09-07"): (30, 3, 8),
        (POLICE, GASWORKS, "2026-09-14"): (12, 3, 8),
    }  # fmt: skip
    found = words.rises(facts(rows))
    assert [(rise.area, rise.count.number) for rise in found] == [(GASWORKS, 12), (EVERYWHERE, 300)]


def test_a_whole_source_alone_is_no_place_above_its_years() -> None:
    found = unusual.section(facts({(POLICE, EVERYWHERE, "2026-09-14"): (300, 250, 280)}))
    assert found.finding.startswith("No ward is above")
    assert len(words_in(found)) == 1


def test_what_cannot_be_judged_is_said() -> None:
    assert unusual.section(facts_of(county())).finding == "Unusual rises in one place cannot be told."
    assert "cannot be said" in unusual.section(facts({}, {(POLICE, "areas"): 0, (POLICE, "false"): 0})).finding


def weighed(before: tuple, now: tuple, counts: tuple[int, int], readings: dict | None = None) -> Facts:
    bulletin = county(rise_readings=readings or {})
    measures = {
        "records": (counts[0] + 2, counts[1]), "severity": (before, now), "homicides": (2, 0),
    }  # fmt: skip
    cells = {
        (POLICE, span, measure): pair[at]
        for measure, pair in measures.items()
        for at, span in enumerate(("before", "now"))
    }
    tables = {"harm": released("harm", ("source", "span", "measure"), cells)}
    object.__setattr__(bulletin, "tables", {**bulletin.tables, **tables})
    return facts_of(bulletin)


LOW, HIGH = (1000, 900, 1100), (2000, 1800, 2200)


@pytest.mark.parametrize(
    ("before", "now", "counts", "said"),
    [
        (LOW, LOW, (100, 104), "Neither records nor their harm can be told apart from the period before."),
        (LOW, HIGH, (100, 300), "Police records and their harm both rose."),
        (HIGH, LOW, (300, 100), "Police records and their harm both fell."),
        (LOW, HIGH, (300, 100), "Police records fell, but their harm rose."),
        (LOW, LOW, (300, 100), "Police records fell; their harm cannot be told apart."),
        (HIGH, LOW, (100, 104), "The harm of police records fell; their number cannot be told apart."),
    ],
)
def test_the_sentence_sets_harm_beside_counts(before: tuple, now: tuple, counts: tuple[int, int], said: str) -> None:
    found = harm.section(weighed(before, now, counts))
    assert found.finding == said
    assert fits(said)


def test_counts_stand_first_harm_has_its_range_and_homicide_stands_apart() -> None:
    rows = words_in(harm.section(weighed(LOW, HIGH, (100, 300))))
    assert rows == [
        ["Records of violence", "102", "300", "higher"],
        ["Harm without homicide, in days", "1,000 (900 to 1,100)", "2,000 (1,800 to 2,200)", "higher"],
        ["Homicides", "2", "0", "cannot be told apart"],
    ]


def test_a_rise_read_as_recording_is_said_again_where_harm_is() -> None:
    said = RiseReading("Police rose 1.8 times alone: read as a change in recording.", "Times: Police 1.8.")
    note = harm.section(weighed(LOW, HIGH, (100, 300), {(POLICE, EVERYWHERE, "2026-09-14"): said})).note
    assert note.startswith("Police rose 1.8 times alone: read as a change in recording. Harm:")


def test_without_offences_harm_is_not_told() -> None:
    assert harm.section(facts_of(county())).finding == "Harm cannot be set beside counts here."
    assert harm_words.measured(facts_of(county())) is None
