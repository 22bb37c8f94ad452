"""Maps of rates by area: one source beside another on one scale, each area beside all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from upstander.contracts.places import AreaShape
from upstander.contracts.releasing import ReleasedTable, Status
from upstander.publish.charts.keys import count_key
from upstander.publish.classes import Ladder
from upstander.publish.figures.model import Figure, Picture, nothing
from upstander.publish.figures.words import Subject, how_made, rule_words
from upstander.publish.maps import map_sheet
from upstander.publish.reading import ABSENT, Shown, as_number, as_text, cells_of
from upstander.publish.sheet import Numbers
from upstander.publish.tokens import SCREEN, WIDE
from upstander.publish.words import capital, counted

_ALONE, _ROW = 460.0, 270.0  # widths of a map that stands alone, and of one in a row


@dataclass(frozen=True)
class Mapped:
    """One map: its heading, and rates and counts by area. `subject` says what is counted."""

    subject: Subject
    rates: ReleasedTable
    counts: ReleasedTable


def area_map(
    name: str, maps: Sequence[Mapped], layer: tuple[str, str], names: Mapping[str, str], shapes: Sequence[AreaShape],
    unit: str, together: float, attribution: str, release: str,
) -> Figure:  # fmt: skip
    """The figure. together: the rate of all areas of the first map, by which classes end: at half, once, twice."""
    first = maps[0].subject
    cells = [{area: cell for (area,), cell in cells_of(one.rates, "area").items()} for one in maps]
    drawn = [cell for held in cells for cell in held.values()]
    if not shapes or together <= 0 or not any(cell.has_number for cell in drawn):
        return nothing(
            name, f"No map of {first.short} can be drawn by {layer[0]}.", first.sub, "No outlines or no rates are held."
        )
    withheld = max((rule.suppress_up_to for one in maps for rule in one.counts.about.rules), default=0)
    ladder = Ladder(_floors(together), 1, withheld)
    said = finding(layer, cells[0], together)
    wide = replace(WIDE, column=_ALONE if len(maps) == 1 else _ROW, small=12)
    sheets = [(map_sheet(shapes, (), (), medium), medium.name) for medium in (wide, SCREEN)]
    pictures = []
    for place, (one, held) in enumerate(zip(maps, cells, strict=True)):
        lead = said if not place else ""
        alt = f"Map of {one.subject.sub}, {unit}, {one.subject.period}. {lead} The table gives every number."
        both = [sheet.drawn_for(f"{name}-{place}-{size}", held, ladder, alt) for sheet, size in sheets]
        pictures.append(Picture(both[0], both[1], heading=one.subject.source))
    hatched = sum(cell.status is Status.SUPPRESSED for cell in drawn)
    hidden = f" {hatched} of {len(drawn)} are withheld." if hatched else ""
    rows = tuple(
        (names[area], *(_words(held.get(area, ABSENT)) for held in cells))
        for area in sorted(names, key=names.__getitem__)
    )
    heads = (capital(layer[0]), *(f"{one.subject.title}, {unit}" for one in maps))
    shared = " One scale for all: darker is more." if len(maps) > 1 else ""
    note = (
        f"{capital(unit)}.{shared} Classes end at half, at once and at twice the rate of all {layer[1]} together, "
        f"{as_number(together)}.{hidden} North is up. Records at homes and sexual offences lie in no {layer[0]}. "
        f"{maps[0].subject.counted} {rule_words(maps[0].counts)} {attribution}"
    )
    what = first.sub if len(maps) == 1 else "Sources side by side"
    return Figure(
        name, said, f"{what}, {unit}, by {layer[0]}, {first.period}",
        Numbers(f"Rates by {layer[0]}, {unit}, {first.period}", heads, rows), tuple(pictures),
        key=count_key(f"{name}-key", drawn, ladder, 15), note=note.strip(),
        made=how_made([table for one in maps for table in (one.counts, one.rates)], release),
        stands_in_row=len(maps) > 1,
    )  # fmt: skip


def finding(layer: tuple[str, str], cells: Mapping[str, Shown], together: float) -> str:
    """How many areas have at least twice the rate of all together, by the lower end of their interval."""
    many = sum(cell.low is not None and cell.low >= 2 * together for cell in cells.values())
    if many == 0:
        return f"No {layer[0]} surely has twice the rate of all {layer[1]} together."
    verb = "has" if many == 1 else "have"
    return (
        f"{capital(counted(many))} {layer[many > 1]} surely {verb} at least twice the rate of all {layer[1]} together."
    )


def _floors(together: float) -> tuple[int, ...]:
    """One, then half, once and twice the rate of all together, as whole numbers that differ."""
    half = max(round(together / 2), 2)
    return (1, half, max(round(together), half + 1), max(round(2 * together), half + 2))


def _words(cell: Shown) -> str:
    if not cell.has_number or cell.low is None or cell.high is None:
        return "[u]" if cell.status is Status.TOO_UNCERTAIN else as_text(cell)
    return f"{as_number(cell.number)} ({as_number(cell.low)} to {as_number(cell.high)})"
