"""What leaves: two editions, their tables as a recipient has them, the ledger, and what they must never hold."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from intake.desk import rms
from pipeline.attacker import COUNTS, pinned, pinned_in
from pipeline.homes import NOW, counted, numbers, send, total, tree_hashes, with_pact
from pipeline.real import bulletin
from pipeline.shown import ledger_of, output_facts, page_in, tables_in, told_of
from pipeline.village import END, IN_WINDOW, NOT_LOCATED, START, deliver_village, homes_and_sexual_offences
from reader import attacked
from upstander.contracts.asking import CountRule
from upstander.contracts.incidents import PERSON_ATTRIBUTES
from upstander.contracts.releasing import About, Edition
from upstander.disclosure import Exact, Sum, protect
from upstander.pipeline.desk import Desk
from upstander.pipeline.outputs import MixedGeographies, Output, OutputFacts, write_output
from upstander.values.periods import Period

SEVEN_FIVE = CountRule("evidence, shareable", "pact", 7, 5)
LOCATED = sum(IN_WINDOW.values())
RULE = {"suppress_up_to": 7, "round_to": 5}


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return deliver_village(tmp_path_factory.mktemp("village"))


@pytest.fixture(scope="module")
def operational(village: Desk) -> Output:
    return bulletin(village, Edition.OPERATIONAL, start=START, end=END)


@pytest.fixture(scope="module")
def shareable(village: Desk, operational: Output) -> Output:
    return bulletin(village, Edition.SHAREABLE, start=START, end=END)


def cells(output: Output, table: str) -> dict[str, float | None]:
    """Value by the last dimension."""
    found = tables_in(output.folder)[table]
    return dict(found.select(found.columns[-5], "value").rows())


def test_the_operational_edition_shows_exact_counts(operational: Output) -> None:
    assert cells(operational, "places") == {f"lsoa21:{area}": float(count) for area, count in IN_WINDOW.items()}
    assert cells(operational, "unknown")["not_located"] == NOT_LOCATED
    assert tables_in(operational.folder)["weekly"]["value"].sum() == LOCATED + NOT_LOCATED
    assert tables_in(operational.folder)["hours"]["value"].sum() == 2 * LOCATED + NOT_LOCATED


def test_the_shareable_edition_withholds_1_to_7_and_rounds_the_rest_to_5(shareable: Output) -> None:
    def as_shown(count: int) -> float | None:
        return None if 1 <= count <= 7 else float((count + 2) // 5 * 5)

    assert cells(shareable, "places") == {f"lsoa21:{area}": as_shown(count) for area, count in IN_WINDOW.items()}
    for name in COUNTS:
        if name not in (tables := tables_in(shareable.folder)):
            continue
        shown = tables[name].filter(status="shown")["value"]
        assert ((shown == 0) | ((shown >= 10) & (shown % 5 == 0))).all(), name
        hidden = tables[name].filter(status="suppressed")
        assert hidden.select(pl.col("value", "low", "high").is_null().all()).row(0) == (True, True, True)


def test_a_zero_is_shown_and_is_not_a_withheld_count(shareable: Output) -> None:
    places = tables_in(shareable.folder)["places"].sort("area")
    assert places.row(-1, named=True) | {"low": None} == {
        "source": "police_incidents", "area": "lsoa21:F01000016", "value": 0.0, "low": None, "high": None,
        "status": "shown",
    }  # fmt: skip
    assert places.filter(area="lsoa21:F01000002")["status"].item() == "suppressed"


def test_no_withheld_number_of_the_shareable_page_stands_in_its_words(shareable: Output) -> None:
    words = page_in(shareable.folder)
    assert "Area F01000002 *" in words
    assert "Area F01000002 3" not in words


def test_tables_that_are_hidden_cell_by_cell_only_give_a_count_away(operational: Output) -> None:
    """The attack finds what it should: exact counts with 1 to 7 blanked out, as a spreadsheet would."""
    exact = tables_in(operational.folder)
    is_small = pl.col("value").is_between(1, 7)
    naive = {
        name: table.with_columns(
            status=pl.when(is_small).then(pl.lit("suppressed")).otherwise("status"),
            value=pl.when(is_small).then(None).otherwise("value"),
        )
        for name, table in exact.items()
        if name in COUNTS
    }
    found = {bounds.cell: bounds.low for bounds in pinned(naive, suppress_up_to=7, round_to=1)}
    assert found[("unknown", "police_incidents", "not_located")] == NOT_LOCATED


def test_no_shareable_cell_follows_from_all_the_tables_of_its_output(shareable: Output) -> None:
    hidden = sum(
        table.filter(status="suppressed").height
        for name, table in tables_in(shareable.folder).items()
        if name in COUNTS
    )
    assert hidden > 1
    assert pinned_in(shareable.folder, **RULE) == []


def test_a_table_and_its_total_give_no_withheld_count_away(village: Desk) -> None:
    answer = counted(village, "area")
    shown = numbers(answer.cells)
    assert shown["lsoa21:F01000002"] is None
    assert shown["not located"] is None
    # Those two are all that is withheld, 6 and 3 of them; the total is rounded or withheld as well.
    assert total(answer) in {None, float((2 * LOCATED + NOT_LOCATED + 2) // 5 * 5)}


def test_a_total_that_would_tell_its_parts_is_withheld_too(tmp_path: Path) -> None:
    """Twelve days of one record: a total shown as 10 is at most 12, so that no day could have had more than one."""
    desk = with_pact(tmp_path)
    days = [{"occurred_from": f"{day:02d}/07/2026 22:10", "recorded_at": ""} for day in range(1, 13)]
    send(desk, tmp_path / "sent", rms(*days))
    cells = {("day", str(day)): (1.0, 7.0) for day in range(1, 13)}
    told = [Sum(("total",), tuple(cells))]
    assert all(bounds.is_pinned for bounds in attacked(cells | {("total",): (8.0, 12.0)}, told, list(cells)))
    answer = counted(desk, "day")
    assert set(numbers(answer.cells).values()) == {None}
    assert total(answer) is None


def test_a_shareable_output_has_one_set_of_areas(shareable: Output) -> None:
    layers = {told_of(shareable.folder, name)["area_layer"] for name in tables_in(shareable.folder)}
    assert layers - {""} == {"lsoa21"}


def _by_area(layer: str, edition: Edition) -> Exact:
    about = About(
        title="By area", measure="records", unit="records", edition=edition, period=Period.between(START, END),
        area_layer=layer, rules=(SEVEN_FIVE,), readings=(), method="counts", method_version="1.0",
        definition="all_violence 2026.1", source="a test",
    )  # fmt: skip
    return Exact(layer, ("area",), pl.DataFrame({"area": [f"{layer}:F1"], "count": [20]}), about)


def test_two_sets_of_areas_in_one_shareable_output_are_refused_and_nothing_is_written(village: Desk) -> None:
    facts = OutputFacts("try", Edition.SHAREABLE, ("all",), "monitoring", "A", NOW, date(2027, 1, 1))
    tables = [protect(_by_area(layer, Edition.SHAREABLE)) for layer in ("lsoa21", "ward24")]
    before = len(ledger_of(village.home.outputs))
    with pytest.raises(MixedGeographies, match="one set of areas"):
        write_output(village.home, facts, tables, lambda _number, _folder: ())
    assert not (village.home.outputs / "try").exists()
    assert len(ledger_of(village.home.outputs)) == before
    named = replace(facts, edition=Edition.OPERATIONAL)
    assert write_output(village.home, named, tables, lambda _number, _folder: ()).number == 1


def test_an_output_that_cannot_be_drawn_leaves_no_folder_and_no_line(village: Desk) -> None:
    def fails(_number: int, _folder: Path) -> tuple[Path, ...]:
        raise RuntimeError("no ink")

    facts = OutputFacts("inkless", Edition.SHAREABLE, ("all",), "monitoring", "A", NOW, date(2027, 1, 1))
    before = ledger_of(village.home.outputs)
    with pytest.raises(RuntimeError, match="no ink"):
        write_output(village.home, facts, [protect(_by_area("lsoa21", Edition.SHAREABLE))], fails)
    assert list((village.home.outputs / "inkless").glob("[0-9]*")) == []
    assert ledger_of(village.home.outputs) == before


def test_every_output_and_every_table_on_a_screen_is_a_line_in_the_ledger(
    village: Desk, operational: Output, shareable: Output
) -> None:
    counted(village, "month", where=(("weapon", "knife"),))
    lines = ledger_of(village.home.outputs)
    made = {(line["kind"], line["number"], line["edition"]): line for line in lines if line["kind"] == "bulletin"}
    assert set(made) == {("bulletin", 1, "operational"), ("bulletin", 2, "shareable")}
    for (_, number, _), line in made.items():
        folder = (operational if number == 1 else shareable).folder
        assert line["tables"] == sorted(tables_in(folder))
        assert line["recipients"] == ["the tasking group"]
    assert lines[-1]["kind"] == "table"
    assert lines[-1]["shown"] == {"dataset": "police_incidents", "by": ["month"], "where": [["weapon", "knife"]]}


@pytest.mark.parametrize("edition", list(Edition))
def test_an_output_names_its_readings_methods_definition_rules_and_end(
    edition: Edition, village: Desk, operational: Output, shareable: Output
) -> None:
    facts = output_facts((operational if edition is Edition.OPERATIONAL else shareable).folder)
    (held,) = village.warehouse.manifests()
    assert facts["readings"] == [["police_incidents", "village", held.reading]]
    assert {"window_counts 1.0", "xmr 1.0", "rank_intervals 1.0"} <= set(facts["methods"])
    assert facts["definitions"] == ["all_violence 2026.1"]
    assert facts["rules"] == [f"evidence, {edition.value} (pact)"]
    assert (facts["kind"], facts["edition"], facts["made"]) == ("bulletin", edition.value, "2026-11-23T12:00:00+00:00")
    assert date(2026, 11, 23) < date.fromisoformat(facts["expires"]) <= date(2027, 4, 1)


def test_every_table_says_where_it_comes_from(operational: Output) -> None:
    for name in tables_in(operational.folder):
        told = told_of(operational.folder, name)
        assert [
            key for key in ("title", "method", "definition", "source", "rules", "readings", "expires") if not told[key]
        ] == []
        assert told["period"] == f"{START}/{END}"


def test_the_same_inputs_and_clock_give_the_same_bytes(tmp_path: Path, operational: Output, shareable: Output) -> None:
    again = deliver_village(tmp_path)
    for edition, first in ((Edition.OPERATIONAL, operational), (Edition.SHAREABLE, shareable)):
        second = bulletin(again, edition, start=START, end=END)
        assert tree_hashes(second.folder) == tree_hashes(first.folder)


def test_homes_and_sexual_offences_change_no_table_of_public_places(tmp_path: Path, operational: Output) -> None:
    desk = deliver_village(tmp_path, homes_and_sexual_offences())
    output = bulletin(desk, Edition.OPERATIONAL, start=START, end=END)
    without, planted = tables_in(operational.folder), tables_in(output.folder)
    assert set(without) == set(planted)
    for name in set(without) - {"unknown", "past_all"}:
        assert planted[name].equals(without[name]), name
    # Homes are counted for the whole county, never by place, and sexual offences not at all.
    weeks = [table["past_all"].filter(pl.col("what") == "records")["value"].sum() for table in (without, planted)]
    assert weeks[1] - weeks[0] == 24  # the 25th fell in a week that was not delivered in full
    before, after = cells(operational, "unknown"), cells(output, "unknown")
    assert (before["home"], after["home"]) == (0, 25)
    assert (after["records"] or 0) - (before["records"] or 0) == 25


def test_an_operational_table_holds_no_person_attribute(village: Desk, operational: Output) -> None:
    allowed = {"source", "area", "week", "day", "hour", "what", "rule", "direction", "action", "when"}
    for name, table in tables_in(operational.folder).items():
        assert set(table.columns) - {"value", "low", "high", "status"} <= allowed, name
    asked = [entry.event for entry in village.audit.entries() if entry.event.purpose == "operational"]
    fields = {field for event in asked for field in event.fields}
    assert fields
    assert fields & (set(PERSON_ATTRIBUTES) - {"role"}) == set()


def test_the_pdf_and_the_page_say_edition_number_recipients_and_end(operational: Output, shareable: Output) -> None:
    assert "Operational edition, number 0001, for the tasking group Destroy by" in page_in(operational.folder)
    assert "Shareable edition, number 0002, for the tasking group Destroy by" in page_in(shareable.folder)
    for output in (operational, shareable):
        assert (output.folder / "bulletin.pdf").read_bytes().startswith(b"%PDF-")
        assert {path.name for path in output.files} == {"bulletin.pdf", "bulletin.html"}


def test_a_bulletin_expires_no_later_than_the_agreement_it_rests_on(village: Desk) -> None:
    from datetime import UTC, datetime

    from pipeline.homes import at

    late = bulletin(at(village, datetime(2027, 3, 1, 12, tzinfo=UTC)), Edition.OPERATIONAL, start=START, end=END)
    assert output_facts(late.folder)["expires"] <= "2027-04-01"
