"""What one agency alone would miss, in the bulletin: a band in every cell, and a sentence that says the least alone."""

import dataclasses

import pytest

from publish.wharram import MISSED, SOURCES, county, released
from upstander.publish.bulletin import sheet
from upstander.publish.facts import Facts, facts_of
from upstander.publish.findings import alone
from upstander.publish.sheet import Section
from upstander.publish.tokens import PRINT
from upstander.publish.words import fits

POLICE, AMBULANCE, HOSPITAL = SOURCES


def facts(rows: dict[tuple[str, str], object]) -> Facts:
    bulletin = county()
    table = released("alone", ("source", "missed_by"), rows)
    return facts_of(dataclasses.replace(bulletin, tables={**bulletin.tables, "alone": table}))


def sections(told: Facts) -> list[Section]:
    return [section for section in sheet(told, PRINT).sections if section.figure == "alone"]


def test_the_sentence_says_what_police_would_miss_at_least() -> None:
    said = alone.finding(facts_of(county()))
    assert said == "At least 54% of hospital attendances are not among police records, however they are matched."
    assert fits(said)


def test_the_sentence_goes_where_the_numbers_go() -> None:
    lower = alone.finding(facts({**MISSED, (HOSPITAL, POLICE): (0.30, 0.30, 0.75)}))
    assert lower == "At least 42% of ambulance call-outs are not among police records, however they are matched."
    none = alone.finding(facts({(AMBULANCE, POLICE): (0, 0, 1)}))
    assert none == "How much one agency alone would miss cannot be told from these records."


def test_without_police_whoever_misses_most_is_named() -> None:
    rows = {pair: band for pair, band in MISSED.items() if POLICE not in pair}
    assert alone.finding(facts(rows)).startswith(
        "At least 51% of ambulance call-outs are not among hospital attendances"
    )


def test_every_cell_is_a_band_and_no_source_misses_itself() -> None:
    (section,) = sections(facts_of(county()))
    assert section.table is not None
    assert [column.head for column in section.table.columns] == [
        "Records of", "Not in ambulance call-outs", "Not in police records", "Not in hospital attendances",
    ]  # fmt: skip
    assert [[cell.words for cell in row] for row in section.table.rows] == [
        ["Ambulance", "[z]", "42% to 68%", "51% to 78%"],
        ["Police", "76% to 87%", "[z]", "82% to over 99%"],
        ["Hospital", "44% to 61%", "54% to 75%", "[z]"],
    ]


def test_a_pair_that_was_not_compared_says_so() -> None:
    (section,) = sections(facts({pair: band for pair, band in MISSED.items() if HOSPITAL not in pair}))
    assert section.table is not None
    assert [[cell.words for cell in row] for row in section.table.rows] == [
        ["Ambulance", "[z]", "42% to 68%"], ["Police", "76% to 87%", "[z]"],
    ]  # fmt: skip


@pytest.mark.parametrize("sources", [(POLICE,), SOURCES])
def test_nothing_is_said_where_nothing_was_compared(sources: tuple[str, ...]) -> None:
    bulletin = county(sources=sources)
    without = {name: table for name, table in bulletin.tables.items() if name != "alone"}
    assert sections(facts_of(dataclasses.replace(bulletin, tables=without))) == []
