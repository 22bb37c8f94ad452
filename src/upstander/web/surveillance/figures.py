"""A section of a picture in the shape that a template can walk through."""

from collections.abc import Sequence
from dataclasses import dataclass

from upstander.pipeline.injuries.showing import Cell, Column, Numbers, Section, Standing


@dataclass(frozen=True)
class Row:
    """One row of a table: its cells with their columns, and the place that can be taken to tasking, if it is one."""

    cells: tuple[tuple[Cell, Column], ...]
    place: Standing | None


@dataclass(frozen=True)
class Table:
    """The numbers of a figure: each cell with whether it holds words."""

    told: Numbers
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, bool], ...], ...]


@dataclass(frozen=True)
class Figure:
    """A section with its tables laid out. `is_maps`: its panels are maps, one of which a phone shows at a time."""

    section: Section
    rows: tuple[Row, ...]
    numbers: tuple[Table, ...]
    is_maps: bool
    has_places: bool


def figure_of(section: Section, places: Sequence[Standing] = ()) -> Figure:
    """One section. places: of the ranked table, the place of each row."""
    is_ranked = section.figure == "ranked" and section.table is not None
    found = section.table.rows if section.table else ()
    named: Sequence[Standing | None] = places if is_ranked and len(places) == len(found) else [None] * len(found)
    columns = section.table.columns if section.table else ()
    rows = tuple(Row(tuple(zip(row, columns, strict=True)), one) for row, one in zip(found, named, strict=True))
    is_maps = section.figure == "where" and any(panel.drawing for panel in section.panels)
    return Figure(section, rows, tuple(map(_table, section.numbers)), is_maps, any(one is not None for one in named))


def _table(told: Numbers) -> Table:
    in_words = [at in told.words_in for at in range(len(told.heads))]
    rows = tuple(tuple(zip(row, in_words, strict=True)) for row in told.rows)
    return Table(told, tuple(zip(told.heads, in_words, strict=True)), rows)
