"""Zero, withheld, missing, not applicable and too uncertain never look alike, in pictures and in tables."""

import itertools

import pytest

from publish.wharram import ROUNDED
from upstander.contracts.releasing import Status
from upstander.publish.charts.keys import count_key
from upstander.publish.classes import ladder
from upstander.publish.paint import Frame, painted, rect_path
from upstander.publish.reading import ABSENT, Shown, as_text

CELLS = {
    "zero": Shown(Status.SHOWN, 0.0),
    "withheld": Shown(Status.SUPPRESSED),
    "missing": Shown(Status.MISSING),
    "not applicable": Shown(Status.NOT_APPLICABLE),
    "too uncertain": Shown(Status.TOO_UNCERTAIN, 45.0, 20.0, 80.0),
    "a count": Shown(Status.SHOWN, 45.0),
}
LADDER = ladder(CELLS.values(), [ROUNDED])


def mark(cell: Shown) -> str:
    return painted("one", [(rect_path(0, 0, 20, 20), cell)], LADDER, Frame(0, 0, 20, 20), stroke="#000")


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(CELLS, 2)))
def test_any_two_states_are_drawn_differently(one: str, other: str) -> None:
    assert mark(CELLS[one]) != mark(CELLS[other])


def test_states_differ_by_texture_not_by_colour_alone() -> None:
    """A grey photocopy keeps paths, not hues: each state without a number has marks of its own."""
    assert "clip-path" not in mark(CELLS["zero"])
    assert 'id="one-suppressed"' in mark(CELLS["withheld"])
    assert 'id="one-missing"' in mark(CELLS["missing"])
    assert "stroke-dasharray" in mark(CELLS["not applicable"])
    assert 'id="one-too-uncertain"' in mark(CELLS["too uncertain"])


def test_each_state_has_its_own_sign_in_a_table() -> None:
    assert {name: as_text(cell) for name, cell in CELLS.items()} == {
        "zero": "0", "withheld": "*", "missing": "[x]", "not applicable": "[z]", "too uncertain": "45 [u]",
        "a count": "45",
    }  # fmt: skip


def test_a_row_that_is_not_there_is_missing_never_zero() -> None:
    assert as_text(ABSENT) == "[x]"
    assert mark(ABSENT) == mark(CELLS["missing"])


def test_the_key_names_every_state_that_occurs_and_no_other() -> None:
    words = [words for _, words in count_key("map", CELLS.values(), LADDER, 12)]
    assert words == [
        "None", "1 to 7, number withheld", "too uncertain to compare", "not received", "does not apply here",
        "10 to 15", "20 to 30", "35 to 55", "60 or more",
    ]  # fmt: skip
    assert "not received" not in [words for _, words in count_key("map", [CELLS["a count"]], LADDER, 12)]


def test_a_darker_class_always_means_more() -> None:
    steps = [LADDER.step_of(value) for value in (0.0, 10.0, 15.0, 20.0, 35.0, 60.0, 200.0)]
    assert steps == [None, 0, 0, 1, 2, 3, 3]


def test_one_ladder_serves_every_source_until_a_count_is_out_of_its_reach() -> None:
    def floors(most: float) -> tuple[int, ...]:
        return ladder([Shown(Status.SHOWN, most)], [ROUNDED]).floors

    assert floors(15) == floors(240) == (10, 20, 35, 60)
    assert floors(245) == (10, 25, 50, 100)
