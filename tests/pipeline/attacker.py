"""An attacker who has one output's folder: what follows from all its tables together about every withheld cell.

Known to every reader: records by place and by time add up to the records of a source; the hours of the week hold no
more than the records whose time is known; the window's hours are the window's records, and neither its places nor its
weeks hold more than those; what is missing from the places has no known place. What lies between is a cell that may be
any size.
"""

from collections.abc import Iterator
from math import inf
from pathlib import Path

import polars as pl

from pipeline.shown import tables_in
from reader import Bounds, attacked
from upstander.disclosure import Sum

Cell = tuple[str, ...]
Ranges = dict[Cell, tuple[float, float]]
COUNTS = ("places", "weekly", "hours", "unknown", "changes")
PLACES = ("located", "located_in_part", "not_located", "outside")
TIMES = ("time_known", "time_defaulted", "time_unknown")
WINDOW = (*tuple(("6", f"{hour}") for hour in range(20, 24)), ("7", "00"), ("7", "01"))


def pinned_in(folder: Path, *, suppress_up_to: int, round_to: int) -> list[Bounds]:
    """The withheld cells of an output that only one whole number fits."""
    tables = {name: table for name, table in tables_in(folder).items() if name in COUNTS}
    return pinned(tables, suppress_up_to=suppress_up_to, round_to=round_to)


def pinned(tables: dict[str, pl.DataFrame], *, suppress_up_to: int, round_to: int) -> list[Bounds]:
    """The same for tables in memory."""
    ranges, hidden = possible(tables, suppress_up_to=suppress_up_to, round_to=round_to)
    found = attacked(ranges, list(relations(tables)), hidden)
    return [bounds for bounds in found if bounds.is_pinned]


def possible(tables: dict[str, pl.DataFrame], *, suppress_up_to: int, round_to: int) -> tuple[Ranges, list[Cell]]:
    """What each cell can be on its own, and the withheld ones."""
    ranges: Ranges = {}
    hidden: list[Cell] = []
    for name, table in tables.items():
        for *key, value, status in table.drop("low", "high").iter_rows():
            cell = (name, *key)
            if status == "suppressed":
                ranges[cell] = (1.0, inf)  # hidden for itself, or to protect another
                hidden.append(cell)
            elif value == 0:
                ranges[cell] = (0.0, 0.0)
            elif status == "shown":
                least = max(value - round_to // 2, suppress_up_to + 1)
                ranges[cell] = (float(least), float(value + (round_to - 1) // 2))
    return ranges, hidden


def relations(tables: dict[str, pl.DataFrame]) -> Iterator[Sum]:
    """Every sum and every bound that a reader knows, for each source."""
    for source in tables["unknown"]["source"].unique().sort():
        records = ("unknown", source, "records")
        yield Sum(records, tuple(("unknown", source, what) for what in PLACES))
        yield Sum(records, tuple(("unknown", source, what) for what in TIMES))
        yield from _of_the_window(tables, source)


def _of_the_window(tables: dict[str, pl.DataFrame], source: str) -> Iterator[Sum]:
    cells = {name: _cells(name, table, source) for name, table in tables.items()}
    if cells.get("hours"):
        yield Sum(("unknown", source, "time_known"), (*cells["hours"], ("rest", source, "hours")))
        inside = tuple(cell for cell in cells["hours"] if cell[2:] in WINDOW)
        yield Sum(("window", source), inside)
    for name in ("places", "weekly"):
        if cells.get(name):
            yield Sum(("window", source), (*cells[name], ("rest", source, name)))
    unplaced = tuple(("unknown", source, what) for what in PLACES[1:])
    yield Sum(("unplaced", source), unplaced)
    yield Sum(("unplaced", source), (("rest", source, "places"), ("rest", source, "elsewhere")))


def _cells(name: str, table: pl.DataFrame, source: str) -> tuple[Cell, ...]:
    dimensions = [column for column in table.columns if column not in ("value", "low", "high", "status")]
    return tuple((name, *key) for key in table.filter(source=source).select(dimensions).rows())
