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
    """The figure. tables: `years`: area, when (before, since), records; `ratios`: area, since over before."""
    ratios, records = cells_of(tables["ratios"], "area"), cells_of(tables["years"], "area", "when")
    sub = f"{subject.title}, {years[1]} beside {years[0]}, by {layer[0]}"
    if not any(cell.has_number for cell in ratios.values()):
        said = f"Two years of {subject.short} cannot be set side by side."
        return nothing(
            name, said, sub, "Eight whole quarters with a number that may be shown are needed, and are not there."
        )
    order = sorted(names, key=lambda area: (area != next(iter(names)), names[area]))
    sides = {area: side(ratios.get((area,), ABSENT)) for area in order}
    said = finding(subject, layer, [(names[area], sides[area]) for area in order[1:]])
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
    told = tuple(
        (names[area], *(as_text(records.get((area, when), ABSENT)) for when in ("before", "since")),
         change_words(ratios.get((area,), ABSENT)))
        for area in order
    )  # fmt: skip
    heads = (capital(layer[0]), years[0], years[1], "Change, 95% interval")
    bars = "Bars: 95% interval of chance; it does not hold the rounding. In order of name."
    note = f"{bars} {rule_words(tables['years'])} {_WHY}"
    return Figure(name, said, sub, Numbers(sub, heads, told, words_in=(0, 3)), (drawn,), note=note,
                  made=how_made((tables["years"], tables["ratios"]), release))  # fmt: skip


def finding(subject: Subject, layer: tuple[str, str], places: Sequence[tuple[str, bool | None]]) -> str:
    """The sentence above: which places changed by more than chance."""
    fell, rose = ([name for name, way in places if way is wanted] for wanted in (False, True))
    if not fell and not rose:
        return first_that_fits([
            f"No {layer[0]} can be told apart from its year before in {subject.short}.",
            f"No {layer[0]} can be told apart from its year before.",
        ], [subject.title])  # fmt: skip
    moved, word = (rose, "rose") if rose else (fell, "fell")
    rest = "; no other place changed" if not (rose and fell) and len(moved) < len(places) else ""
    return first_that_fits([
        f"{subject.starts} {word} in {listed(moved)}{rest}.", f"{subject.starts} {word} in {listed(moved)}.",
        f"{subject.starts} {word} in {counted(len(moved))} {layer[len(moved) > 1]}.",
        f"It {word} in {counted(len(moved))} {layer[len(moved) > 1]}.",
    ], [*moved, subject.title])  # fmt: skip


def side(ratio: Shown) -> bool | None:
    """Whether the interval lies above the year before, below it, or holds it."""
    if not ratio.has_number or ratio.low is None or ratio.high is None or ratio.low <= 1 <= ratio.high:
        return None
    return ratio.low > 1


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
