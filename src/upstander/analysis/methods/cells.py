"""What methods about cells share: a value a cell, and which cells touch, as pairs or as squares of a grid."""

import polars as pl

from upstander.analysis.errors import MissingColumn, UnfitNumbers
from upstander.analysis.hotspots.neighbours import Neighbours, grid_neighbours, listed_neighbours
from upstander.contracts.methods import Param, WantedColumn

CELLS = {
    "values": (
        WantedColumn("i", "text", "name of the cell"),
        WantedColumn("value", "number", "count or rate; the parameter `value` names another heading"),
        WantedColumn("column", "integer", "of the square, where no neighbours are given", required=False),
        WantedColumn("row", "integer", "of the square, where no neighbours are given", required=False),
    ),
    "neighbours": (
        WantedColumn("i", "text", "a cell"),
        WantedColumn("j", "text", "a cell that touches it"),
    ),
}
VALUE = Param("value", "text", "heading of the column with the values", "value")


def neighbours_of(cells: pl.DataFrame, pairs: pl.DataFrame | None) -> Neighbours:
    """Who touches whom among the cells: by the pairs given, or by column and row of each square."""
    if cells["i"].n_unique() != cells.height:
        raise UnfitNumbers("A cell stands twice.", where="values, column i", expected="each cell once")
    if pairs is None:
        if not {"column", "row"} <= set(cells.columns):
            raise MissingColumn(
                "Give the neighbours as pairs, or the column and row of each square.",
                where="values", found=", ".join(cells.columns), expected="--input neighbours=FILE, or column and row",
            )  # fmt: skip
        return grid_neighbours(cells["column"].to_numpy(), cells["row"].to_numpy())
    number = cells.select("i", at=pl.int_range(pl.len()))
    left = pairs.select("i").join(number, on="i", how="left", maintain_order="left")["at"]
    right = pairs.select(i="j").join(number, on="i", how="left", maintain_order="left")["at"]
    lost = left.is_null() | right.is_null()
    if lost.any():
        row = int(lost.arg_true()[0]) + 1
        raise UnfitNumbers(
            f"neighbours, row {row} names a cell that is not among the values.",
            where=f"neighbours, row {row}", found="an unknown cell", expected="cells of the values",
        )  # fmt: skip
    return listed_neighbours(left.to_numpy(), right.to_numpy(), cells.height)


def alone_warning(neighbours: Neighbours) -> tuple[str, ...]:
    """A warning where cells have no neighbour."""
    alone = int((neighbours.counts() == 0).sum())
    return (f"{alone} cells have no neighbour and are judged by their own value alone.",) if alone else ()
