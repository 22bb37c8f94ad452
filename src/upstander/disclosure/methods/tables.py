"""Anybody's table of counts as a cube: long or wide, with its totals or without, with further linked tables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from upstander.contracts.methods import OTHERS, Param, WantedColumn
from upstander.disclosure.cubes import Cube, Linked, link, tidy
from upstander.disclosure.errors import UnfitTables
from upstander.errors import NotAcceptable

JOIN = "|"
_COUNTS = ("count", "value", "freq", "frequency", "n", "obs", "cell")
_TOTALS = ("total", "tot", "all", "sum", "_t", "t")
_ROWS, _COLUMNS = "row", "column"

TABLE = (
    WantedColumn("count", "text", "the count; empty, or no number, where the table hides it", "count", required=False),
    WantedColumn("suppressed", "text", "true (1) where the cell is hidden to protect others", required=False),
    WantedColumn("primary", "text", "true (1) where the cell is hidden for itself", required=False),
    WantedColumn("persons", "number", "distinct people behind the count", "persons", required=False),
    WantedColumn("cost", "number", "what hiding the cell would lose; else its count", required=False),
    WantedColumn(
        OTHERS,
        "text",
        "the dimensions; without a count, a wide table: its rows' names, then a column each",
        required=False,
    ),
)
HIERARCHIES = (
    WantedColumn("dimension", "text", "the dimension's heading"),
    WantedColumn("parent", "text", "a value that is the sum of others"),
    WantedColumn("child", "text", "one of those"),
    WantedColumn("split", "text", "which way of dividing the parent, if there are several", required=False),
)
INPUTS: Mapping[str, tuple[WantedColumn, ...]] = {"table": TABLE, "hierarchies": HIERARCHIES, "linked": TABLE}
OPTIONAL = ("hierarchies", "linked")
PARAMS = (
    Param("count", "text", "the heading of the counts", "count"),
    Param("total", "text", "the value that stands for the sum of all others of a dimension", "Total"),
)


@dataclass(frozen=True)
class Given:
    """cube: every cell of the table and of those linked to it, with count (null where it is not told), is_hidden,
    is_primary, persons, cost. linked: its sums. Rows of `cube.cells` are in the order of `linked.at[0]`.
    """

    cube: Cube
    linked: Linked

    @property
    def names(self) -> list[str]:
        """Each cell as its values, joined."""
        return self.cube.cells.select(pl.concat_str(self.cube.dimensions, separator=JOIN)).to_series().to_list()


def given(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any]) -> Given:
    """The cube of a method's input. Totals that a dimension without hierarchy lacks are made, where counts allow.

    Raises UnfitTables for sums that do not add up, NotAcceptable for a table without counts or dimensions.
    """
    total = str(params["total"])
    table = _long("table", frames["table"])
    dimensions = tuple(name for name in table.columns if name not in _OWN)
    tables = [table]
    if "linked" in frames:
        linked = _long("linked", frames["linked"])
        absent = [name for name in dimensions if name not in linked.columns]
        linked = linked.with_columns(pl.lit(total).alias(name) for name in absent)
        tables.append(linked.select(table.columns))
    cells = pl.concat(tables).unique(dimensions, keep="first", maintain_order=True)
    trees = _trees(dimensions, frames.get("hierarchies"))
    for name in dimensions:
        trees.setdefault(name, _one_total(cells[name], total))
        cells = _with_parents(cells, dimensions, name, trees[name])
    cube = Cube(dimensions, tidy(dimensions, cells), trees)
    return Given(cube, link([cube]))


_OWN = ("count", "is_hidden", "is_primary", "persons", "cost")


def _long(role: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Dimensions as text, then count, is_hidden, is_primary, persons, cost."""
    spelt = {name.strip().lower(): name for name in reversed(frame.columns)}
    heading = next((spelt[name] for name in _COUNTS if name in spelt), None)
    if heading is None:
        frame = _melted(role, frame)
        heading = "count"
    count = pl.col(heading).cast(pl.String).str.strip_chars().str.replace_all(",", "").cast(pl.Float64, strict=False)
    blank = {name: pl.lit(None, pl.String) for name in ("suppressed", "primary") if name not in frame.columns}
    blank |= {name: pl.lit(None, pl.Float64) for name in ("persons", "cost") if name not in frame.columns}
    told = frame.with_columns(**blank).with_columns(count=count)
    dimensions = [name for name in frame.columns if name not in (heading, "suppressed", "primary", "persons", "cost")]
    if not dimensions:
        raise NotAcceptable(
            f"{role}: there is no column but the counts.", where=role, found=", ".join(frame.columns),
            expected="a column for each dimension",
        )  # fmt: skip
    return told.select(
        *(pl.col(name).cast(pl.String).fill_null("") for name in dimensions),
        count=pl.col("count").round().cast(pl.Int64),
        is_hidden=_truth("suppressed") | _truth("primary") | pl.col("count").is_null(),
        is_primary=_truth("primary"),
        persons=pl.col("persons").cast(pl.Int64),
        cost=pl.col("cost").cast(pl.Float64),
    )


def _truth(name: str) -> pl.Expr:
    word = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
    return word.is_in(["1", "1.0", "true", "yes", "x", "u", "m", "*", "suppressed", "primary", "secondary"]).fill_null(
        value=False
    )


def _melted(role: str, frame: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in frame.columns if name not in ("suppressed", "primary", "persons", "cost")]
    if len(names) < 3:
        raise NotAcceptable(
            f"{role}: there is no column of counts.", where=role, found=", ".join(frame.columns),
            expected="a column called count (or --param count=HEADING), or a wide table",
        )  # fmt: skip
    rows = frame.select(pl.col(names[0]).alias(_ROWS), *names[1:])
    return rows.unpivot(index=_ROWS, variable_name=_COLUMNS, value_name="count")


def _trees(dimensions: Sequence[str], hierarchies: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
    if hierarchies is None:
        return {}
    split = pl.col("split").fill_null("") if "split" in hierarchies.columns else pl.lit("")
    told = hierarchies.with_columns(split=split)
    unknown = told.filter(~pl.col("dimension").is_in(list(dimensions)))
    if unknown.height:
        raise NotAcceptable(
            f"hierarchies: the table has no dimension '{unknown['dimension'][0]}'.",
            where="hierarchies, column dimension", found=unknown["dimension"][0], expected=", ".join(dimensions),
        )  # fmt: skip
    return {
        name: told.filter(dimension=name).select("parent", "child", "split")
        for name in dimensions
        if told.filter(dimension=name).height
    }


def _one_total(values: pl.Series, total: str) -> pl.DataFrame:
    """The tree of one total and everything else; where no value is called so, one that means the same is the total."""
    held = values.unique().sort()
    if total not in held:
        total = next((value for value in held if value.strip().lower() in _TOTALS), total)
    children = held.filter(held != total)
    return pl.DataFrame({"parent": [total] * len(children), "child": children, "split": [""] * len(children)})


def _with_parents(cells: pl.DataFrame, dimensions: Sequence[str], name: str, tree: pl.DataFrame) -> pl.DataFrame:
    """The cells with the sums of parents that the table leaves out altogether, the lowest first."""
    others = [other for other in dimensions if other != name]
    while True:
        held = cells[name].unique()
        first = tree.filter(pl.col("split") == pl.col("split").min().over("parent"))
        ready = first.group_by("parent").agg(is_ready=pl.col("child").is_in(held.implode()).all(), parts=pl.len())
        missing = ready.filter("is_ready", pl.col("parts") > 1, ~pl.col("parent").is_in(held.implode()))["parent"]
        if missing.is_empty():
            return cells
        pairs = first.filter(pl.col("parent").is_in(missing.implode())).select("parent", pl.col("child").alias(name))
        is_whole = pl.col("count").null_count() == 0
        sums = cells.join(pairs, on=name).group_by("parent", *others).agg(
            count=pl.when(is_whole).then(pl.col("count").sum()), is_hidden=~is_whole, is_primary=pl.lit(value=False),
            persons=pl.lit(None, pl.Int64), cost=pl.lit(None, pl.Float64),
        ).rename({"parent": name})  # fmt: skip
        cells = pl.concat([cells, sums.select(cells.columns)])


def patterns(frame: pl.DataFrame | None, table: Given) -> dict[str, list[str]]:
    """Each pattern of hidden cells as its name and the cells' joined values.

    frame: rows of the dimensions (and `pattern`), or one row of JSON: names, however deep, and lists of cells. Patterns
    that name cells which the table has not are another table's, and left out.
    """
    if frame is None:
        return {}
    known = set(table.names)
    if "patterns" in frame.columns:
        deep = json.loads(frame["patterns"][0])
        return {name: cells for name, cells in _flat("", deep) if set(cells) <= known}
    absent = [name for name in table.cube.dimensions if name not in frame.columns]
    if absent:
        raise UnfitTables(
            f"patterns: there is no column '{absent[0]}'.", where="patterns", found=", ".join(frame.columns),
            expected=", ".join(("pattern", *table.cube.dimensions)),
        )  # fmt: skip
    named = frame.with_columns(
        pattern=pl.col("pattern").cast(pl.String) if "pattern" in frame.columns else pl.lit("pattern"),
        cell=pl.concat_str(table.cube.dimensions, separator=JOIN),
    )
    listed = named.group_by("pattern", maintain_order=True).agg("cell").rows()
    return {name: cells for name, cells in listed if set(cells) <= known}


def _flat(name: str, deep: Any) -> list[tuple[str, list[str]]]:
    if isinstance(deep, dict):
        return [found for key, inner in deep.items() for found in _flat(f"{name}/{key}" if name else key, inner)]
    return [(name, [cell if isinstance(cell, str) else JOIN.join(map(str, cell)) for cell in deep])]
