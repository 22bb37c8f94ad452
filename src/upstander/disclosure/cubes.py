"""All the tables of a publication as one cube, and everything ever published as one set of sums.

Each table is a slice of the cube, so tables that share a cell share it here: linked tables need no further declaring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from upstander.contracts.asking import CountRule
from upstander.disclosure.errors import UnfitTables

HIERARCHY = ("parent", "child", "split")


@dataclass(frozen=True)
class Cube:
    """Exact counts on their way to protection; one row a cell.

    cells: the dimensions (text), `count` (null: missing), and where they are known `persons` (distinct people),
    `vintage` (which readings it was counted from: the same cell of the same vintage is the same number) and `told`
    (whether it is to be published; an untold cell is still a target, as what lies in a ward but not in a beat is).
    hierarchies: for each dimension that has sums, rows of parent, child and `split` (a parent may be the sum of its
    children in more than one way). A parent is a sum only where all its children are cells.
    """

    dimensions: tuple[str, ...]
    cells: pl.DataFrame
    hierarchies: Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Publication:
    """What a reader sees of a cube, and knows of it.

    cells: the dimensions, vintage, told, value (null unless shown), status, and `why`: what a cell is hidden for
    (`count`, `persons`, `group`, `dominance`: itself; `others`: to protect others; `withdrawn`: it may be anything).
    `why` is never published; the attack grants it to the strongest attacker. hierarchies, rule: public.
    """

    dimensions: tuple[str, ...]
    cells: pl.DataFrame
    hierarchies: Mapping[str, pl.DataFrame]
    rule: CountRule


def tidy(dimensions: Sequence[str], cells: pl.DataFrame) -> pl.DataFrame:
    """Cells with text dimensions, a vintage and whether they are told; sorted. Raises UnfitTables for a cell twice."""
    absent = [name for name in dimensions if name not in cells.columns]
    if absent:
        raise UnfitTables(
            f"The cells have no column '{absent[0]}'.", found=", ".join(cells.columns), expected=", ".join(dimensions)
        )
    blank = {"vintage": pl.lit(""), "told": pl.lit(True), "why": pl.lit(None, pl.String)}  # noqa: FBT003 # a literal
    made = [expr.alias(name) for name, expr in blank.items() if name not in cells.columns]
    text = [pl.col(name).cast(pl.String) for name in (*dimensions, "vintage")]
    cells = cells.with_columns(made).with_columns(text).sort(dimensions)
    twice = cells.filter(cells.select(dimensions).is_duplicated())
    if twice.height:
        where = named(dimensions, twice.row(0, named=True))
        raise UnfitTables(
            f"The cell {where} stands twice.", where=where, found=f"{twice.height} rows", expected="one row a cell"
        )
    return cells


def named(dimensions: Sequence[str], cell: Mapping[str, str]) -> str:
    """A cell in words: `area=W01, period=2026-Q1`."""
    return ", ".join(f"{name}={cell[name]}" for name in dimensions)


@dataclass(frozen=True)
class Linked:
    """Every cell ever published, once for each vintage, and every sum that a reader knows.

    keys: the dimensions and vintage; row number = variable. sums: matrix with one row a sum (parts less total), each
    described in `says`: dimension, split, total (variable). at: for each publication, the variable of each of its rows.
    """

    dimensions: tuple[str, ...]
    keys: pl.DataFrame
    sums: csr_matrix
    says: pl.DataFrame
    at: tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]


def link(publications: Sequence[Cube | Publication]) -> Linked:
    """Cells and sums of all publications together; the cells of each as `tidy` gives them."""
    dimensions = publications[0].dimensions
    if any(each.dimensions != dimensions for each in publications):
        raise UnfitTables("The publications have different dimensions.", expected=", ".join(dimensions))
    frames = [each.cells.select(*dimensions, "vintage") for each in publications]
    keys = pl.concat(frames).unique().sort(*dimensions, "vintage").with_row_index("variable")
    placed = [frame.join(keys, on=[*dimensions, "vintage"], how="left", maintain_order="left") for frame in frames]
    found = [
        _sums(dimensions, frame, name, publication.hierarchies[name])
        for frame, publication in zip(placed, publications, strict=True)
        for name in dimensions
        if name in publication.hierarchies
    ]
    says = pl.concat(found) if found else _NO_SUMS
    says = says.unique(["total", "parts"], keep="first", maintain_order=True)
    matrix = _matrix(says, keys.height)
    at = tuple(frame["variable"].cast(pl.Int64).to_numpy() for frame in placed)
    return Linked(dimensions, keys.drop("variable"), matrix, says.drop("parts"), at)


_NO_SUMS = pl.DataFrame(
    schema={"dimension": pl.String, "split": pl.String, "total": pl.Int64, "parts": pl.List(pl.Int64)}
)


def _sums(dimensions: Sequence[str], cells: pl.DataFrame, name: str, hierarchy: pl.DataFrame) -> pl.DataFrame:
    """The sums along one dimension: total and parts as variables. A sum with an absent part is none."""
    others = [other for other in dimensions if other != name]
    split = pl.col("split").cast(pl.String) if "split" in hierarchy.columns else pl.lit("")
    tree = hierarchy.select(pl.col("parent").cast(pl.String), pl.col("child").cast(pl.String), split=split).unique()
    cells = cells.with_columns(pl.col("variable").cast(pl.Int64))
    totals = cells.select(*others, pl.col(name).alias("parent"), pl.col("variable").alias("total"))
    parts = cells.select(*others, pl.col(name).alias("child"), pl.col("variable").alias("part"))
    pairs = totals.join(tree, on="parent").join(parts, on=[*others, "child"], how="left")
    grouped = pairs.group_by("total", "split").agg(parts=pl.col("part").sort(), absent=pl.col("part").null_count())
    return (
        grouped.filter(absent=0)
        .sort("total", "split")
        .select(dimension=pl.lit(name), split="split", total="total", parts="parts")
    )


def _matrix(says: pl.DataFrame, variables: int) -> csr_matrix:
    """One row a sum: its parts less its total."""
    parts = says["parts"].list.len().to_numpy().astype(np.int64)
    rows = np.repeat(np.arange(says.height), parts)
    children = says["parts"].explode(empty_as_null=False).to_numpy().astype(np.int64)
    at_total = says["total"].to_numpy().astype(np.int64)
    values = np.concatenate([np.ones(len(children)), np.full(says.height, -1.0)])
    where = (np.concatenate([rows, np.arange(says.height)]), np.concatenate([children, at_total]))
    return csr_matrix((values, where), shape=(says.height, variables))
