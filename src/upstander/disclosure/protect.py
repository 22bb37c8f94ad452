"""The only maker of ReleasedTable."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, ReleasedTable, Status
from upstander.contracts.rules import strictest
from upstander.disclosure.counts import refuse_uncounted, released_counts
from upstander.disclosure.cubes import HIERARCHY, Cube, Publication
from upstander.disclosure.errors import UnfitTables
from upstander.disclosure.groups import telling_groups
from upstander.disclosure.protecting import protect_cube
from upstander.disclosure.sums import Group, Sum

_APART = "\x1f"  # in no code, name or period


@dataclass(frozen=True)
class Exact:
    """An exact table on its way to protection: the dimensions (text) and a whole-number `count` (null: missing).

    counts may have `persons`, how many persons each count is of, which a rule about persons needs. `breakdowns` are
    the dimensions that say what the people of a row are like, such as sex or weapon; the others say which row it is.
    """

    name: str
    dimensions: tuple[str, ...]
    counts: pl.DataFrame
    about: About
    breakdowns: tuple[str, ...] = ()


def protect(exact: Exact) -> ReleasedTable:
    """Every count and every margin on its own, under the strictest of the rules in `about`."""
    return _table(exact.name, exact.dimensions, released_counts(_marked(exact), _known_rule(exact)), exact.about)


def protect_linked(
    exacts: Sequence[Exact], sums: Sequence[Sum], groups: Sequence[Group] = ()
) -> dict[str, ReleasedTable]:  # fmt: skip
    """Protect tables whose cells add up to one another; no hidden cell can be worked out closer than its rule allows.

    All their cells become one cube with these sums. Where the tables' rules differ, the strictest of them governs all:
    what one hides must not follow from what another shows. A cell of a sum that is in no table is not told. groups:
    cells that say what the people of another are like, hidden where a rule asks it and they tell it of everybody.
    """
    marked = {exact.name: _marked(exact).with_columns(cell=_key(exact)) for exact in exacts}
    for exact in exacts:
        refuse_uncounted(marked[exact.name], _known_rule(exact))
    held = [frame.select("cell", "count", "tells", _persons(frame)) for frame in marked.values()]
    rule = strictest([rule for exact in exacts for rule in exact.about.rules])
    cells = _in_groups(pl.concat(held), groups if rule.no_group else ()).with_columns(told=pl.lit(value=True))
    tree = pl.DataFrame(
        [(_name(each.total), _name(part), str(number)) for number, each in enumerate(sums) for part in each.parts],
        schema=dict.fromkeys(HIERARCHY, pl.String), orient="row",
    )  # fmt: skip
    summed = pl.concat([tree["parent"], tree["child"]]).unique().rename("cell").to_frame()
    cells = pl.concat([cells, summed.join(cells, on="cell", how="anti").with_columns(told=pl.lit(value=False))],
                      how="diagonal")  # fmt: skip
    published = protect_cube(Cube(("cell",), cells, {"cell": tree}), replace(rule, no_group=False)).cells
    blank, told = pl.lit(None, pl.Float64), published.select("cell", "value", "status")
    return {
        exact.name: _table(
            exact.name, exact.dimensions,
            marked[exact.name].join(told, on="cell", how="left").with_columns(low=blank, high=blank), exact.about,
        )
        for exact in exacts
    }  # fmt: skip


def _in_groups(cells: pl.DataFrame, groups: Sequence[Group]) -> pl.DataFrame:
    """The cells with `tells` also where a group's people are all, or all but one, alike: each of its parts."""
    rows = [(number, _name(each.whole), _name(part)) for number, each in enumerate(groups) for part in each.parts]
    tree = pl.DataFrame(rows, {"group": pl.Int64, "whole": pl.String, "cell": pl.String}, orient="row")
    counts = cells.select("cell", "count")
    held = tree.join(counts.rename({"cell": "whole", "count": "of"}), on="whole").join(counts, on="cell")
    tells = held.filter((pl.col("of") > 0) & (pl.col("of") - pl.col("count").max().over("group") <= 1))
    return cells.with_columns(tells=pl.col("tells") | pl.col("cell").is_in(tells["cell"].implode()))


def _marked(exact: Exact) -> pl.DataFrame:
    """The dimensions, count, persons (if they are counted) and `tells`: hidden for a group."""
    numbers = (pl.col(name).cast(pl.Int64) for name in ("count", "persons") if name in exact.counts.columns)
    cells = exact.counts.select(*(pl.col(name).cast(pl.String) for name in exact.dimensions), *numbers)
    if _known_rule(exact).no_group:
        return telling_groups(cells, exact.dimensions, exact.breakdowns)
    return cells.with_columns(tells=pl.lit(value=False))


def _persons(cells: pl.DataFrame) -> pl.Expr:
    return pl.col("persons") if "persons" in cells.columns else pl.lit(None, pl.Int64).alias("persons")


def _key(exact: Exact) -> pl.Expr:
    return pl.concat_str(pl.lit(exact.name), *exact.dimensions, separator=_APART)


def _name(cell: tuple[str, ...]) -> str:
    return _APART.join(cell)


def released(
    publication: Publication, name: str, about: About, *, where: Mapping[str, str | Sequence[str]] | None = None
) -> ReleasedTable:
    """One table of a publication: its told cells `where` a dimension has the value, or one of the values, named.

    A dimension held to one value is left out of the table. Raises UnfitTables where the publication was made under a
    weaker rule than the table's, or shows a count that its own rule hides.
    """
    _refuse_weaker(publication, about)
    held = dict(where or {})
    cells = publication.cells.filter("told")
    for dimension, kept in held.items():
        cells = cells.filter(pl.col(dimension).is_in([kept] if isinstance(kept, str) else list(kept)))
    dimensions = tuple(each for each in publication.dimensions if not isinstance(held.get(each), str))
    blank = pl.lit(None, pl.Float64)
    return _table(name, dimensions, cells.with_columns(low=blank, high=blank), about)


def _refuse_weaker(publication: Publication, about: About) -> None:
    rule, asked = publication.rule, strictest(about.rules)
    if rule.width < asked.width or rule.round_to % asked.round_to:
        raise UnfitTables(
            "The publication was made under a weaker rule than its table's.",
            found=rule.name, expected=asked.name, state="Nothing was released.",
        )  # fmt: skip
    value, is_shown = pl.col("value"), pl.col("told") & (pl.col("status") == Status.SHOWN.value)
    too_small = is_shown & (value > 0) & (value + (rule.round_to - 1) // 2 <= rule.width)
    if publication.cells.filter(too_small | (is_shown & (value % rule.round_to != 0))).height:
        raise UnfitTables(
            "The publication shows counts that its rule hides.", expected=rule.name, state="Nothing was released."
        )


def without(table: ReleasedTable, values: Collection[str]) -> ReleasedTable:
    """The same table without the rows that name one of these values in any dimension: it tells less, nothing new."""
    named = pl.any_horizontal(pl.col(name).is_in(list(values)) for name in table.dimensions)
    return replace(table, cells=table.cells.filter(~named))


def derive(
    name: str,
    dimensions: tuple[str, ...],
    about: About,
    sources: Sequence[ReleasedTable],
    work_out: Callable[..., pl.DataFrame],
) -> ReleasedTable:
    """A statistic worked out from released cells only, so that it can tell nothing that they do not.

    `work_out` gets the `cells` of each source in turn and gives a table with the dimensions and value, and low, high
    and status where it has them.
    """
    made = work_out(*(source.cells for source in sources))
    absent: Mapping[str, pl.Expr] = {
        "low": pl.lit(None, pl.Float64),
        "high": pl.lit(None, pl.Float64),
        "status": pl.lit(Status.SHOWN.value),
    }
    made = made.with_columns(**{column: blank for column, blank in absent.items() if column not in made.columns})
    return _table(name, dimensions, made, about)


def _table(name: str, dimensions: tuple[str, ...], cells: pl.DataFrame, about: About) -> ReleasedTable:
    numbers = (pl.col(column).cast(pl.Float64) for column in ("value", "low", "high"))
    keys = (pl.col(column).cast(pl.String) for column in dimensions)
    ordered = cells.select(*keys, *numbers, pl.col("status").cast(pl.String)).sort(dimensions)
    return ReleasedTable(name, dimensions, ordered, about)


def _known_rule(exact: Exact) -> CountRule:
    """The rule as a reader of this table knows it: without a breakdown nothing was hidden for a group."""
    rule = strictest(exact.about.rules)
    return replace(rule, no_group=rule.no_group and bool(exact.breakdowns))
