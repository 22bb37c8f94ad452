"""The key of a figure: every class and every way of having no number that the figure holds, each with its words."""

from collections.abc import Iterable, Mapping

from upstander.contracts.releasing import Status
from upstander.publish import svg, tokens
from upstander.publish.classes import Ladder
from upstander.publish.paint import Frame, painted, rect_path, states_in
from upstander.publish.reading import Shown

KeyEntry = tuple[svg.Drawing, str]
_WORDS: Mapping[Status, str] = {
    Status.TOO_UNCERTAIN: "too uncertain to compare",
    Status.MISSING: "not received",
    Status.NOT_APPLICABLE: "does not apply here",
}


def count_key(name: str, cells: Iterable[Shown], ladder: Ladder, height: float) -> tuple[KeyEntry, ...]:
    """None, the ways of having no number that occur, then the four classes from pale to dark."""
    states = states_in(cells)
    entries = [("none", Shown(Status.SHOWN, 0.0), "None")]
    entries += [
        (state.value.replace("_", "-"), Shown(state, float(ladder.floors[1])), _words(state, ladder))
        for state in states
    ]
    entries += [
        (f"class-{place}", Shown(Status.SHOWN, float(floor)), ladder.labels[place])
        for place, floor in enumerate(ladder.floors)
    ]
    return tuple((_swatch(f"{name}-{kind}", cell, ladder, height, words), words) for kind, cell, words in entries)


def _words(state: Status, ladder: Ladder) -> str:
    return ladder.withheld_words if state is Status.SUPPRESSED else _WORDS[state]


def _swatch(name: str, cell: Shown, ladder: Ladder, height: float, words: str) -> svg.Drawing:
    width = height * 1.6
    path = rect_path(0.5, 0.5, width - 1, height - 1)
    painting = painted(name, [(path, cell)], ladder, Frame(0, 0, width, height), stroke=tokens.BORDER, stroke_width=0.8)
    return svg.drawing(name, width, height, words, painting)
