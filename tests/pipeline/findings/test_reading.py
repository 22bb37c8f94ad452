"""A published release as it can be asked: every released cell, no other, and words for what is not told."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.release.agencies import peopled
from pipeline.release.town import AREAS, checker, deliver_quarter, on, released_on, rows_of, town_desk, usual
from upstander.contracts.asking import Purpose
from upstander.pipeline.desk import Desk
from upstander.pipeline.findings import (
    Findings,
    NotReleased,
    Question,
    datasets_seen,
    editions_out,
    findings_named,
    findings_now,
)
from upstander.pipeline.findings.residents import residents
from upstander.pipeline.findings.working import rates_by_area
from upstander.pipeline.recalling import recall
from upstander.pipeline.release import shelf
from upstander.pipeline.release.covering import quarter_named
from upstander.pipeline.release.ground import WHOLE
from upstander.pipeline.release.making import make_release
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES
from upstander.places import open_reference

QUARTERS, DAY = ("2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1"), date(2026, 5, 15)
WARD, DISTRICT = "ward24:F05000001", "ltla24:F07000001"
EVERYBODY = {"age": (ALL_AGES,), "sex": (ALL_SEXES,)}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("town")
    desk = town_desk(folder / "home")
    for quarter in QUARTERS:
        deliver_quarter(on(desk, DAY), folder, quarter, rows_of(quarter, usual(quarter)))
    released_on(desk, QUARTERS[-1], DAY)
    return on(desk, DAY)


@pytest.fixture(scope="module")
def findings(town: Desk) -> Findings:
    found = findings_now(town)
    assert found is not None
    return found


def test_every_cell_of_every_table_is_held_once_and_is_as_it_was_released(findings: Findings) -> None:
    tables = [shelf.cells_of(findings.edition, name) for name in shelf.tables_in(findings.edition)]
    keys = ["measure", "period", "area", "age", "sex"]
    whole = pl.concat(tables).unique(keys).sort(keys)
    held = findings.cells(Question())
    assert held.height > 500
    assert held.select(*keys, "value", "low", "high", "status").equals(whole)


def test_choices_are_in_words_and_say_which_area_lies_in_which(findings: Findings) -> None:
    choices = findings.choices
    assert choices.measure("police_violence").title == "Violence recorded by the police"
    assert choices.period("2026-Q1").title == "January to March 2026"
    assert choices.period("FY2025").kind == "year"
    assert choices.areas[0].name == "Whole area"
    assert choices.area(WARD).within == DISTRICT
    assert [one.name for one in choices.areas if one.name.startswith("Rest of")]
    assert (choices.ages[0], choices.sexes[0]) == (ALL_AGES, ALL_SEXES)
    assert choices.layers[0] == "ltla24"


def test_what_is_not_told_is_refused_with_what_would_be(findings: Findings) -> None:
    with pytest.raises(NotReleased) as refused:
        findings.cells(Question(measure=("police_violence",), area=(WARD,), age=("under 25",)))
    assert refused.value.open_to["age"] == (ALL_AGES,)
    assert DISTRICT in refused.value.open_to["area"]
    assert WARD not in refused.value.open_to["area"]
    with pytest.raises(NotReleased):
        findings.cells(Question(area=("lsoa21:" + AREAS[0],)))


def test_an_answer_as_a_table_is_the_same_cells_under_the_rules_of_its_dataset(findings: Findings) -> None:
    asked = Question(measure=("police_violence",), period=("2026-Q1",), layer=("ward24",), **EVERYBODY)
    table, cells = findings.table(asked, "wards"), findings.cells(asked)
    assert table.cells["value"].equals(cells["value"])
    assert table.about.rules[0].suppress_up_to == 7
    assert (table.about.area_layer, table.about.period.label) == ("ward24", "2026-Q1")


def test_every_figure_explains_itself_whatever_its_period_is_called(findings: Findings) -> None:
    spans = findings.cells(Question(area=(WHOLE,), **EVERYBODY))
    assert spans.height >= len(QUARTERS)
    for figure, status in spans.select("figure", "status").rows():
        told = findings.figure(figure)
        assert (told.id, told.status) == (figure, status)
        assert "police_incidents from town" in told.how_made
    with pytest.raises(NotReleased):
        findings.figure("2026-Q1/police_incidents_large/measure=nothing")


def test_an_area_that_is_hidden_takes_with_it_all_that_lies_in_it(findings: Findings) -> None:
    seen = findings.seen({"police_incidents"}, {DISTRICT})
    held = set(seen.frame["area"])
    assert {WARD, DISTRICT} <= set(findings.frame["area"])
    assert held.isdisjoint({one for one in set(findings.frame["area"]) if "F07000001" in one} | {WARD})
    assert WHOLE in held
    with pytest.raises(NotReleased):
        seen.table(Question(measure=("police_violence",), area=(WARD,)), "hidden")
    assert findings.seen(set()).frame.is_empty()


def test_a_reader_sees_the_datasets_that_an_agreement_gives_their_agency(town: Desk, findings: Findings) -> None:
    def seen(agency: str, purpose: Purpose = Purpose.MONITORING) -> frozenset[str]:
        return datasets_seen(town, findings, person="N. Ash", agency=agency, purpose=purpose, at=town.now())

    before = len(list(town.audit.entries()))
    assert seen("vrn") == {"police_incidents"}
    assert seen("nobody") == frozenset()
    assert len(list(town.audit.entries())) == before


def test_what_is_published_later_or_recalled_is_seen_at_once(tmp_path: Path) -> None:
    desk = on(town_desk(tmp_path / "home"), DAY)
    deliver_quarter(desk, tmp_path, "2026-Q1", rows_of("2026-Q1", usual("2026-Q1")))
    assert findings_now(desk) is None
    make_release(desk, quarter_named("2026-Q1"))
    assert findings_now(desk) is None
    edition = released_on(desk, "2026-Q1", DAY)
    assert [one.name for one in editions_out(desk)] == [edition.name]
    assert findings_named(desk, "2026-Q1", 7) is None
    recall(checker(desk, "B. Checker"), "release", edition.name)
    assert (findings_now(desk), findings_named(desk, edition.quarter, edition.number)) == (None, None)


@pytest.fixture(scope="module")
def peopled_town(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The town, where 300 people live in each area, released for the year 2025."""
    folder = tmp_path_factory.mktemp("peopled")
    desk = town_desk(folder / "home")
    peopled(desk, folder / "people.csv")
    for quarter in QUARTERS:
        deliver_quarter(on(desk, DAY), folder, quarter, rows_of(quarter, usual(quarter)))
    released_on(desk, QUARTERS[-1], DAY)
    return on(desk, DAY)


def test_rates_stand_on_the_population_that_the_release_pinned_and_not_on_a_newer_one(
    peopled_town: Desk, tmp_path: Path
) -> None:
    peopled(peopled_town, tmp_path / "more.csv", each=200, vintage="2027")
    found = findings_now(peopled_town)
    assert found is not None
    assert residents(found.reference, "lsoa21")["persons"].to_list() == [300.0] * len(AREAS)
    newest = open_reference(peopled_town.home.reference)
    assert residents(newest, "lsoa21")["persons"].to_list() == [600.0] * len(AREAS)


def test_a_rate_that_is_worked_out_is_the_one_that_was_released(peopled_town: Desk) -> None:
    found = findings_now(peopled_town)
    assert found is not None
    asked = Question(measure=("police_violence",), period=("FY2025",), area=(DISTRICT,), **EVERYBODY)
    (released,) = found.cells(replace(asked, unit=("per 100,000 people a year",))).rows(named=True)
    at_risk = residents(found.reference, "ltla24").select("area", out_of=pl.col("persons") * 365 / 365.25)
    made = rates_by_area(found.table(asked, "x"), at_risk, per=100_000, rate_from=0)
    (own,) = made.cells.filter(area=DISTRICT).rows(named=True)
    assert [own[name] for name in ("value", "low", "high", "status")] == pytest.approx(
        [released[name] for name in ("value", "low", "high", "status")]
    )


def test_counts_are_told_unless_rates_are_asked_for(peopled_town: Desk) -> None:
    found = findings_now(peopled_town)
    assert found is not None
    everything = found.cells(Question(unit=()))
    assert {"count", "per 100,000 people a year", "per 100,000 people under 25 a year"} < set(everything["unit"])
    assert found.cells(Question())["unit"].unique().to_list() == ["count"]
    rates, told = everything.filter(pl.col("unit") != "count"), shelf.cells_of(found.edition, shelf.FIGURES_TABLE)
    on_disk = told.filter(pl.col("cell").str.contains(";per=", literal=True))
    assert set(rates.select("figure", "value").rows()) <= set(on_disk.select("figure", "value").rows())
    assert rates.height == on_disk["cell"].n_unique() > 50
