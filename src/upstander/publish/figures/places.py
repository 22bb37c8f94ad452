"""Places side by side: rates with their intervals, and which of them chance alone would not give."""

from collections.abc import Mapping, Sequence

from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish.charts.dots import Dot, Line, dots_chart
from upstander.publish.charts.funnel import Limits, Point, funnel_chart
from upstander.publish.figures.model import Figure, Picture, nothing
from upstander.publish.figures.words import Subject, how_made, rule_words
from upstander.publish.reading import ABSENT, Cells, as_number, as_text, cells_of
from upstander.publish.sheet import Numbers
from upstander.publish.tokens import SCREEN, WIDE
from upstander.publish.words import capital, counted, first_that_fits, listed

_MOST_ROWS = 12  # beyond so many places a funnel tells more than rows do


def places(
    name: str, subject: Subject, layer: tuple[str, str], names: Mapping[str, str], unit: str,
    tables: Mapping[str, ReleasedTable], release: str, sizes: Mapping[str, float],
) -> Figure:  # fmt: skip
    """The figure. layer: what one of the places is called, and several. sizes: residents of each place.

    tables: `counts` and `rates` by area, the rate of all together as `whole`; `beyond`: area, direction, 1 where it
    lies beyond what chance gives; `ranks`: area, its place in an order, only where ranks can be told apart; `limits`:
    residents, level, the limits of chance.
    """
    rates, counts = cells_of(tables["rates"], "area"), cells_of(tables["counts"], "area")
    whole = cells_of(tables["whole"], "what").get(("whole",), ABSENT)
    beyond = {area: direction == "higher" for area, direction in cells_of(tables["beyond"], "area", "direction")}
    if not whole.has_number or not any(cell.has_number for cell in rates.values()):
        said = f"No rate of {subject.short} can be told by {layer[0]}."
        return nothing(
            name, said, subject.sub, "Too few records have a number that may be shown, or no population is held."
        )
    ranks = {area: cell.number for (area,), cell in cells_of(tables["ranks"], "area").items()}
    order = sorted(names, key=lambda area: (ranks.get(area, 0.0 if not ranks else 1e9), names[area]))
    said = finding(subject, layer, [names[area] for area in order if beyond.get(area) is True],
                   [names[area] for area in order if beyond.get(area) is False])  # fmt: skip
    is_funnel = len(order) > _MOST_ROWS
    without = [area for area in order if is_funnel and not rates.get((area,), ABSENT).has_number]
    undrawn = _undrawn(layer, without)
    alt = f"{subject.sub}, {unit}, by {layer[0]}, {subject.period}. {said} {undrawn}The table gives every number."
    drawn = _funnel(
        name, names, rates, beyond, tables["limits"], whole.number, sizes, alt
    ) if is_funnel else _dots(name, order, names, rates, beyond, whole.number, alt)  # fmt: skip
    rows = tuple(
        (names[area], as_text(counts.get((area,), ABSENT)), *_rate_words(rates, area), _stands(beyond.get(area)))
        for area in order
    )
    sort = (
        "In order of rate; places that cannot be told apart stand by name."
        if ranks
        else "In order of name: their ranks cannot be told apart."
    )
    note = (
        f"Intervals: 95%. Compared with all {layer[1]} together, {as_number(whole.number)} {unit}. Above or below: "
        f"beyond the 99.8% limits of chance. {sort} {undrawn}{subject.counted} {rule_words(tables['counts'])}"
    )
    heads = (capital(layer[0]), "Count", capital(unit), "95% interval", "Beside all together")
    return Figure(
        name, said, f"{subject.sub}, {unit}, by {layer[0]}, {subject.period}",
        Numbers(f"{subject.sub}, by {layer[0]}, {subject.period}", heads, rows, words_in=(0, 3, 4)),
        (drawn,), note=note, made=how_made((tables["counts"], tables["rates"]), release),
    )  # fmt: skip


def finding(subject: Subject, layer: tuple[str, str], above: Sequence[str], below: Sequence[str]) -> str:
    """The sentence above: who stands apart from the whole by more than chance gives."""
    if not above and not below:
        return f"No {layer[0]} can be told apart from all {layer[1]} together."
    if above:
        verb = "has" if len(above) == 1 else "have"
        return first_that_fits([
            f"{listed(above)} {verb} more {subject.short} per resident than chance allows.",
            f"{listed(above)} {verb} more per resident than chance allows.",
            f"{capital(counted(len(above)))} {layer[len(above) > 1]} {verb} more per resident than chance allows.",
        ], above)  # fmt: skip
    verb = "has" if len(below) == 1 else "have"
    return first_that_fits([
        f"{listed(below)} {verb} less {subject.short} per resident than chance allows.",
        f"{capital(counted(len(below)))} {layer[len(below) > 1]} {verb} less per resident than chance allows.",
    ], below)  # fmt: skip


def _undrawn(layer: tuple[str, str], without: Sequence[str]) -> str:
    """How many places a picture leaves out since they have no rate; nothing where it leaves out none."""
    if not without:
        return ""
    who, are = f"{capital(counted(len(without)))} {layer[len(without) > 1]}", "is" if len(without) == 1 else "are"
    return f"{who} without a rate {are} not drawn; the table says why. "


def _dots(
    name: str, order: Sequence[str], names: Mapping[str, str], rates: Cells, beyond: Mapping[str, bool], whole: float,
    alt: str,
) -> Picture:  # fmt: skip
    rows = [Dot(names[area], rates.get((area,), ABSENT), _says(rates, area), beyond.get(area)) for area in order]
    line = Line(whole, f"Together {as_number(whole)}")
    return Picture(
        dots_chart(f"{name}-wide", rows, line, WIDE, alt, tick=as_number),
        dots_chart(f"{name}-narrow", rows, line, SCREEN, alt, tick=as_number),
    )


def _funnel(
    name: str, names: Mapping[str, str], rates: Cells, beyond: Mapping[str, bool], limits: ReleasedTable, whole: float,
    sizes: Mapping[str, float], alt: str,
) -> Picture:  # fmt: skip
    points = [
        Point(names[area], sizes[area], cell.number, beyond.get(area))
        for (area,), cell in rates.items() if cell.has_number and area in sizes
    ]  # fmt: skip
    held = cells_of(limits, "residents", "level")
    edges = [
        Limits(float(size), (inner.low or 0.0, inner.high or 0.0), (outer.low or 0.0, outer.high or 0.0))
        for size in sorted({size for size, _ in held}, key=float)
        for inner, outer in [(held[size, "95"], held[size, "998"])]
    ]
    return Picture(
        funnel_chart(f"{name}-wide", points, edges, whole, WIDE, alt),
        funnel_chart(f"{name}-narrow", points, edges, whole, SCREEN, alt),
    )


def _rate_words(rates: Cells, area: str) -> tuple[str, str]:
    cell = rates.get((area,), ABSENT)
    if not cell.has_number or cell.low is None or cell.high is None:
        return as_text(cell) if cell.status is not Status.TOO_UNCERTAIN else "[u]", ""
    return as_number(cell.number), f"{as_number(cell.low)} to {as_number(cell.high)}"


def _says(rates: Cells, area: str) -> str:
    rate, interval = _rate_words(rates, area)
    words = {"*": "withheld", "[x]": "not received", "[u]": "too few for a rate", "[z]": "does not apply"}
    return words.get(rate, f"{rate} ({interval})")


def _stands(side: bool | None) -> str:  # noqa: FBT001 - a side, not a switch
    return "" if side is None else "above" if side else "below"
