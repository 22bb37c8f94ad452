"""Windows, nights, pins and outlines: the geometry under the pictures."""

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.wharram import county
from upstander.contracts.places import AreaShape
from upstander.errors import WrongUsage
from upstander.publish.bulletin import sheet
from upstander.publish.charts.hours import night_of, window_cells
from upstander.publish.enlarging import enlarged
from upstander.publish.facts import facts_of
from upstander.publish.ground import Box, View, centres_of
from upstander.publish.paint import Frame
from upstander.publish.pins import Target, pins_for
from upstander.publish.tokens import INK, PAPER, SCREEN, SECONDARY
from upstander.publish.windows import window
from upstander.values.areas import AreaKey


def test_sunday_at_two_in_the_morning_lies_in_saturdays_row() -> None:
    assert night_of(7, 2) == (5, 20)
    assert night_of(6, 22) == (5, 16)
    assert night_of(1, 3) == (6, 21)


def test_a_window_past_midnight_is_one_piece_in_the_row_of_its_night() -> None:
    assert window_cells(window("Sat 20:00-02:00")) == {(5, hour) for hour in range(14, 20)}


def test_a_window_of_a_whole_day_has_every_hour() -> None:
    assert window("Sun 00:00-24:00").hours == 24
    assert len(window_cells(window("Sun 00:00-24:00"))) == 24


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Sat 20:00-02:00", "Saturdays, 20:00 to 02:00"),
        ("Fri,Sat 22:30-04:00", "Fridays and Saturdays, 22:30 to 04:00"),
        ("Mon-Thu 15:00-18:00", "Mondays to Thursdays, 15:00 to 18:00"),
        ("Fri-Mon 20:00-02:00", "Mondays, Fridays, Saturdays and Sundays, 20:00 to 02:00"),
        ("daily 22:00-04:00", "every day, 22:00 to 04:00"),
        ("Mon-Sun 00:00-06:00", "every day, 00:00 to 06:00"),
    ],
)
def test_windows_are_read_and_said(words: str, said: str) -> None:
    assert window(words).words == said


@pytest.mark.parametrize("words", ["", "Sat", "20:00-02:00", "Caturday 20:00-02:00", "Sat 20-02"])
def test_what_is_not_a_window_is_refused_with_an_example(words: str) -> None:
    with pytest.raises(WrongUsage) as told:
        window(words)
    assert "Sat 20:00-02:00" in told.value.expected


@given(st.lists(st.tuples(st.floats(25, 195), st.floats(25, 125)), min_size=1, max_size=6, unique=True))
def test_pins_stay_in_their_frame_and_off_their_own_target(spots: list[tuple[float, float]]) -> None:
    frame, radius = Frame(0, 0, 220, 150), 7.0
    pins = pins_for([Target(at, x, y, 3.0) for at, (x, y) in enumerate(spots, 1)], frame, radius)
    for pin in pins:
        assert radius <= pin.x <= frame.width - radius
        assert radius <= pin.y <= frame.height - radius
        assert math.hypot(pin.x - pin.target.x, pin.y - pin.target.y) > radius


def test_pins_of_close_places_do_not_cover_each_other() -> None:
    pins = pins_for([Target(at, 100 + 6 * at, 70, 4.0) for at in range(1, 5)], Frame(0, 0, 220, 150), 7.0)
    gaps = [math.hypot(a.x - b.x, a.y - b.y) for at, a in enumerate(pins) for b in pins[:at]]
    assert min(gaps) >= 14


def test_neighbours_keep_a_shared_border_when_drawn_small() -> None:
    border = np.array([(100.0, 0), (103, 40), (97, 61), (100, 100)])
    west = np.vstack([border, [(0, 100), (0, 0), (100, 0)]])
    east = np.vstack([border[::-1], [(200, 0), (200, 100), (100, 100)]])
    view = View(Box(0, 0, 200, 100), Frame(0, 0, 60, 30))
    drawn = [set(map(tuple, np.round(np.round(view.at(ring) / 0.4) * 0.4, 2).tolist())) for ring in (west, east)]
    assert len(drawn[0] & drawn[1]) == 4


def test_a_view_has_north_up_and_one_scale() -> None:
    view = View(Box(0, 0, 1_000, 2_000), Frame(10, 20, 100, 100))
    (x0, y0), (x1, y1) = view.at(np.array([(0, 0), (1_000, 2_000)])).tolist()
    assert y1 < y0
    assert math.isclose((x1 - x0) / 1_000, (y0 - y1) / 2_000)


def test_the_middle_of_an_area_is_its_centroid_wherever_it_lies() -> None:
    ring = np.array([(0.0, 0), (4, 0), (4, 2), (0, 2), (0, 0)]) + np.array([450_000, 300_000])
    shape = AreaShape(AreaKey("lsoa", "21", "F1"), "one", (ring,))
    assert centres_of([shape])["lsoa21:F1"] == pytest.approx((450_002, 300_001))


def test_only_a_dense_part_is_enlarged() -> None:
    whole, room = Box(0, 0, 50_000, 40_000), Frame(0, 0, 220, 150)
    town = [(10_000 + 300.0 * step, 9_000 + 200.0 * step) for step in range(6)]
    (view,) = enlarged(whole, [*town, (45_000.0, 35_000.0)], room)
    assert all(view.box.holds(*place) for place in town)
    assert view.box.width <= 10_000
    spread = [(1_000.0, 1_000.0), (49_000.0, 1_000.0), (1_000.0, 39_000.0), (49_000.0, 39_000.0)]
    assert not enlarged(whole, [*spread, (25_000.0, 1_000.0), (25_000.0, 39_000.0)], room)


def test_three_towns_are_enlarged_each_at_one_scale() -> None:
    whole, room = Box(0, 0, 50_000, 40_000), Frame(0, 0, 220, 150)
    towns = [(5_000.0, 5_000.0), (44_000.0, 30_000.0), (25_000.0, 20_000.0)]
    places = [(x + 400.0 * step, y) for x, y in towns for step in range(3)]
    views = enlarged(whole, places, room)
    assert len(views) == 3
    assert all(any(view.box.holds(*place) for view in views) for place in places)
    assert len({round(view.scale, 9) for view in views}) == 1
    assert all(view.frame.x + view.frame.width <= 220 and view.frame.y + view.frame.height <= 150 for view in views)


def test_words_in_a_bulletins_pictures_are_ink_or_secondary_and_stand_off_from_what_is_coloured() -> None:
    """Over a map they have a white edge, and white words lie on ink. Source: WCAG 2.2, 1.4.3."""
    laid_out = sheet(facts_of(county()), SCREEN)
    drawn = [panel.drawing for section in laid_out.sections for panel in section.panels if panel.drawing]
    assert len(drawn) > 6
    fills = set()
    for drawing in drawn:
        words = [node for node in ET.fromstring(drawing.svg).iter() if node.tag.endswith("}text")]
        edged = {(node.text, node.get("x"), node.get("y")) for node in words if node.get("stroke") == PAPER}
        plain = [node for node in words if node.get("stroke") is None]
        fills |= {node.attrib["fill"] for node in plain}
        if drawing.name.startswith("map-"):
            bare = [node for node in plain if (node.text, node.get("x"), node.get("y")) not in edged]
            assert {node.attrib["fill"] for node in bare} <= {PAPER, INK}, drawing.name
            assert all(len(str(node.text)) <= 2 for node in bare if node.get("fill") == INK)  # the numbers of pins
    assert fills <= {INK, SECONDARY, PAPER}
    assert {INK, SECONDARY} <= fills
