"""A year beside the year before, place by place, with intervals: what changed, and never why."""

from collections.abc import Mapping, Sequence

from upstander.contracts.releasing import ReleasedTable
from upstander.publish.charts.dots import Dot, Line, dots_chart
from upstander.publish.figures.model import Figure, Picture, nothing
from upstander.publish.figures.words import Subject, how_made, rule_words
from upstander.publish.reading import ABSENT, Shown, as_text, cells_of
from upstander.publish.sheet import Numbers
from upstander.publish.tokens import SCREEN, WIDE
from upstander.publish.words import capital, counted, first_that_fits, listed

_WHY = (
    "A change beside an intervention is not its effect: places that were worst tend to fall by themselves, and other "
    "things change too. An effect is judged by places or times to compare with; ask the analyst for an evaluation."
)


def change(
    name: str, subject: Subject, layer: tuple[str, str], names: Mapping[str, str], tables: Mapping[str, ReleasedTable],
    years: tuple[str, str], release: str,
) -> Figure:  # fmt: skip
    """The figure. tables: `years`: area, when (before, since), records; `ratios`: area, since over before;
    `moved`: area, direction, 1 where the change is more than chance and rounding.
    """
    ratios, records = cells_of(tables["ratios"], "area"), cells_of(tables["years"], "area", "when")
    who = f", {subject.who}" if subject.who else ""
    sub = f"{subject.title}{who}, {years[1]} beside {years[0]}, by {layer[0]}"
    if not any(cell.has_number for cell in ratios.values()):
        said = f"Two years of {subject.short} cannot be set side by side."
        return nothing(name, said, sub, "Two years with numbers that may be shown are needed, and are not there.")
    order = sorted(names, key=lambda area: (area != next(iter(names)), names[area]))
    moved = {area: direction == "higher" for area, direction in cells_of(tables["moved"], "area", "direction")}
    sides = {area: moved.get(area) for area in order}
    told = sum(ratios.get((area,), ABSENT).has_number for area in order[1:])
    said = finding(subject, layer, [(names[area], sides[area]) for area in order], told)
    alt = f"{sub}. {said} The table gives every number."
    rows = [
        Dot(names[area], ratios.get((area,), ABSENT), change_words(ratios.get((area,), ABSENT)), sides[area])
        for area in order
    ]
    line = Line(1.0, "As the year before")
    drawn = Picture(
        dots_chart(f"{name}-wide", rows, line, WIDE, alt, tick=_tick),
        dots_chart(f"{name}-narrow", rows, line, SCREEN, alt, tick=_tick),
    )
    rows_told = tuple(
        (names[area], *(as_text(records.get((area, when), ABSENT)) for when in ("before", "since")),
         change_words(ratios.get((area,), ABSENT)))
        for area in order
    )  # fmt: skip
    heads = (capital(layer[0]), years[0], years[1], "Change, 95% interval")
    bars = "Bars: 95% interval. Triangles: beyond 99.8% and beyond rounding. In order of name."
    note = f"{bars} {rule_words(tables['years'])} {_WHY}"
    return Figure(name, said, sub, Numbers(sub, heads, rows_told, words_in=(0, 3)), (drawn,), note=note,
                  made=how_made((tables["years"], tables["ratios"]), release))  # fmt: skip


def finding(subject: Subject, layer: tuple[str, str], places: Sequence[tuple[str, bool | None]], told: int) -> str:
    """The sentence above: whether the whole, which is the first of the places, changed by more than chance, and which
    of the others did. told: how many of them have two numbers to set side by side.
    """
    (_, whole), *places = places
    fell, rose = ([name for name, way in places if way is wanted] for wanted in (False, True))
    moved, word = (rose, "rose") if rose else (fell, "fell")
    if whole is not None:
        over = "rose" if whole else "fell"
        return first_that_fits([
            f"{subject.starts} {over} over the year, by more than chance.",
            f"It {over} over the year, by more than chance.",
        ], [subject.title])  # fmt: skip
    if moved:
        return first_that_fits([
            f"{subject.starts} {word} in {listed(moved)}.",
            f"{subject.starts} {word} in {counted(len(moved))} {layer[len(moved) > 1]}.",
            f"It {word} in {counted(len(moved))} {layer[len(moved) > 1]}.",
        ], [*moved, subject.title])  # fmt: skip
    if not told:
        return first_that_fits([
            f"The change in {subject.short} by {layer[0]} is withheld: counts are small.",
            f"The change by {layer[0]} is withheld: counts are small.",
        ], [subject.title])  # fmt: skip
    return first_that_fits([
        f"{subject.starts} cannot be told apart from its year before.", "It cannot be told apart from its year before.",
    ], [subject.title])  # fmt: skip


def change_words(ratio: Shown) -> str:
    """`−12% (−20% to −3%)`; why there is none otherwise."""
    if not ratio.has_number or ratio.low is None or ratio.high is None:
        return {"*": "withheld", "[u]": "too few"}.get(as_text(ratio), "not received")
    return f"{_signed(ratio.number)} ({_signed(ratio.low)} to {_signed(ratio.high)})"


def _signed(ratio: float) -> str:
    percent = round(100 * (ratio - 1))
    return f"{'+' if percent > 0 else '−' if percent < 0 else ''}{abs(percent)}%"


def _tick(ratio: float) -> str:
    return _signed(ratio)
