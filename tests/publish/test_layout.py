"""A bulletin holds together whatever is missing: a source, a table, a border, or a short name."""

import dataclasses
from io import BytesIO

import numpy as np
import pytest
from pypdf import PdfReader

from publish import wharram
from publish.wharram import SOURCES, county, released
from upstander.contracts.places import AreaShape
from upstander.publish.bulletin import Action, Bulletin, sheet, write
from upstander.publish.facts import facts_of
from upstander.publish.html import page
from upstander.publish.pdf import document
from upstander.publish.sheet import Section, Sheet
from upstander.publish.standing import named_places
from upstander.publish.tokens import PRINT, SCREEN
from upstander.values.areas import AreaKey


def laid_out(bulletin: Bulletin) -> Sheet:
    return sheet(facts_of(bulletin), PRINT)


def section(bulletin: Bulletin, figure: str) -> Section:
    return next(section for section in laid_out(bulletin).sections if section.figure == figure)


def text_of_pdf(bulletin: Bulletin) -> list[str]:
    reader = PdfReader(BytesIO(document(laid_out(bulletin), bulletin.made_on)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def without(bulletin: Bulletin, *names: str) -> Bulletin:
    return dataclasses.replace(
        bulletin, tables={name: table for name, table in bulletin.tables.items() if name not in names}
    )


def squares() -> Bulletin:
    rng = np.random.default_rng(1)
    corners = sorted({tuple((rng.normal(0, 6_000, 2) // 500 * 500).astype(int).tolist()) for _ in range(60)})
    ring = 500.0 * np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    shapes = tuple(
        AreaShape(AreaKey("square", "", f"{x}_{y}"), f"square {x} {y}", (ring + np.array([x, y]),)) for x, y in corners
    )
    counts = {("police_incidents", str(shape.key)): float(rng.poisson(0.6) + 1) for shape in shapes}
    places = released("places", ("source", "area"), counts, layer="square")
    names = {str(shape.key): shape.name for shape in shapes}
    return county(sources=("police_incidents",), tables={"places": places}, shapes=shapes, area_names=names,
                  place_labels=(), actions=())  # fmt: skip


def test_pictures_stand_in_the_order_ambulance_police_hospital() -> None:
    for figure in ("where", "rising", "when"):
        assert [panel.heading for panel in section(county(), figure).panels] == ["Ambulance", "Police", "Hospital"]


def test_an_absent_source_keeps_its_place_and_says_so() -> None:
    bulletin = county(sources=SOURCES[1:])
    for figure in ("where", "rising", "when"):
        panels = section(bulletin, figure).panels
        assert [panel.drawing is None for panel in panels] == [False, True, False]
        assert panels[1].words == "No police records are in this bulletin."
    pages = text_of_pdf(bulletin)
    assert "No police records are in this bulletin." in pages[0]
    assert b"No police records are in this bulletin." in page(sheet(facts_of(bulletin), SCREEN))


def test_without_a_count_of_places_the_page_says_why_there_is_no_map() -> None:
    why = "It gives the month and not the hour, so it cannot be looked at through a window."
    bulletin = county(sources=("police_incidents",), window_refused={"police_incidents": why.rstrip(".")}, tables={})
    assert section(bulletin, "where").finding == "There is no window map."
    assert f"Police: {why}" in text_of_pdf(bulletin)[0]
    plain = without(county(), "places")
    assert section(plain, "where").paragraphs == (
        ("Why", "No count of places in the window was released for this bulletin."),
    )


def test_one_refused_source_does_not_take_the_others_maps() -> None:
    why = "Police times are months, so police has no window map."
    panels = section(county(window_refused={"police_incidents": why}), "where").panels
    assert [panel.drawing is None for panel in panels] == [False, True, False]
    assert panels[1].words == why


def test_months_are_mapped_at_all_hours_and_the_note_says_why() -> None:
    why = "It gives the month and not the hour"
    whole = without(county(), "weekly", "usual", "signals", "hours")
    bulletin = dataclasses.replace(
        whole, sources=("police_incidents",), window=None, window_refused={"police_incidents": why}
    )
    where = section(bulletin, "where")
    assert where.sub.startswith("Records at all hours")
    assert where.note.startswith(f"There is no window map. Police: {why}.")
    assert where.panels[1].drawing is not None
    assert section(bulletin, "when").finding == "Which hours cannot be said."


def test_nothing_is_said_to_be_done_only_where_actions_of_that_size_were_given() -> None:
    def last_column(bulletin: Bulletin) -> set[str]:
        table = section(bulletin, "ranked").table
        assert table is not None
        return {row[-1].words for row in table.rows}

    assert "Nothing yet" in last_column(county())
    assert last_column(county(actions=())) == {"No list given"}
    elsewhere = (Action("ward24:F9", "Lighting", "City council"),)
    assert last_column(county(actions=elsewhere)) == {"Listed by other areas"}


@pytest.mark.parametrize("table", sorted(county().tables))
def test_any_table_may_be_absent(table: str) -> None:
    bulletin = without(county(), table)
    assert document(laid_out(bulletin), bulletin.made_on)
    assert page(sheet(facts_of(bulletin), SCREEN))


def test_names_of_sixty_characters_are_shown_whole() -> None:
    def long(name: str) -> str:
        return f"{name} {'and the Upper Marshes of Saint Wilfrid by the Old Canal Basin'}"[:60].strip()

    pages = text_of_pdf(county(rename=long))
    for name in ("Lanternside", "Station Quarter", "Weir Gate", "Gasworks"):
        assert long(name) in pages[0]
        assert any(long(name) in text for text in pages[1:])
    assert len(pages) <= 6


def test_the_first_page_holds_the_headline_the_maps_and_the_weeks() -> None:
    first = text_of_pdf(county())[0]
    for words in (
        "Ambulance call-outs are up.",
        "Gasworks (5) stands out",
        "is a signal; the rest is noise",
        "Not known",
    ):
        assert words in first


def test_squares_need_no_boundaries_and_say_so() -> None:
    bulletin = squares()
    where = section(bulletin, "where")
    assert "No boundaries are loaded" in where.note
    assert where.panels[1].drawing is not None
    assert where.panels[1].aside.endswith("records")


def test_the_key_of_a_protected_map_counts_what_is_withheld() -> None:
    asides = [panel.aside for panel in section(county(edition=wharram.Edition.SHAREABLE), "where").panels]
    assert all(aside.startswith("withheld in ") and aside.endswith(" of 212 areas") for aside in asides)


def test_a_withheld_number_is_nowhere_in_the_files() -> None:
    """Weir Gate has 6 police records, which the shareable rule withholds."""
    bulletin = county(edition=wharram.Edition.SHAREABLE)
    rows = {row[0]: row for table in section(bulletin, "where").numbers for row in table.rows}
    assert rows["Weir Gate"][2] == "*"
    pictures = [panel.drawing for panel in section(bulletin, "where").panels if panel.drawing]
    assert "Weir Gate" in pictures[0].alt
    assert "Weir Gate" not in pictures[1].alt


def test_every_map_bears_its_attribution() -> None:
    bulletin = county(attributions=("Contains invented data, crown of Wharram 2026",))
    assert "Contains invented data, crown of Wharram 2026." in section(bulletin, "where").note


def test_what_is_already_being_done_stands_beside_its_place() -> None:
    table = section(county(), "ranked").table
    assert table is not None
    done = {row[0].words: row[-1].words for row in table.rows}
    assert done["Lanternside"] == "Taxi marshals on Saturdays, due 20 Dec"
    assert done["Weir Gate"] == "Nothing yet"


def test_an_action_past_its_date_is_called_overdue() -> None:
    table = section(county(), "last-time").table
    assert table is not None
    assert [row[4].words for row in table.rows] == ["20 Dec", "1 Oct, overdue", "none"]


def test_a_place_only_health_sees_may_come_before_one_that_all_see() -> None:
    assert [place.name for place in named_places(county())][:3] == ["Lanternside", "Station Quarter", "Weir Gate"]


def test_write_puts_two_files_in_the_folder_and_nothing_else(tmp_path) -> None:  # type: ignore[no-untyped-def]
    written = write(county(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bulletin.html", "bulletin.pdf"]
    assert written.pdf.read_bytes().startswith(b"%PDF")
