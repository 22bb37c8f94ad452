"""The only maker of ReleasedTable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, ReleasedTable, Status
from upstander.contracts.rules import strictest
from upstander.disclosure.counts import possible_range, released_counts
from upstander.disclosure.cubes import Publication
from upstander.disclosure.errors import UnfitTables
from upstander.disclosure.groups import telling_groups
from upstander.disclosure.sums import Sum, pinned


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
    rule = _known_rule(exact)
    numbers = [name for name in ("count", "persons") if name in exact.counts.columns]
    cells = exact.counts.select(*exact.dimensions, *numbers)
    if rule.no_group:
        cells = telling_groups(cells, exact.dimensions, exact.breakdowns)
    cells = released_counts(cells, rule)
    return _table(exact.name, exact.dimensions, cells, exact.about)


def protect_linked(exacts: Sequence[Exact], sums: Sequence[Sum]) -> dict[str, ReleasedTable]:
    """Protect tables whose cells add up to one another; no hidden cell can be worked out from the rest.

    After each table is protected on its own, the attacker's programme runs over all of them. Where it pins a hidden
    cell, the margins that hold it are hidden too, until it pins none.
    """
    tables = {exact.name: protect(exact) for exact in exacts}
    rules = {exact.name: _known_rule(exact) for exact in exacts}
    withdrawn: set[tuple[str, ...]] = set()
    while exposed := _exposed(tables, rules, sums, withdrawn):
        withdrawn |= {margin.total for margin in sums if exposed & {margin.total, *margin.parts}}
        tables = {name: _hide(table, withdrawn) for name, table in tables.items()}
    return tables


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


def _exposed(
    tables: Mapping[str, ReleasedTable],
    rules: Mapping[str, CountRule],
    sums: Sequence[Sum],
    withdrawn: set[tuple[str, ...]],
) -> set[tuple[str, ...]]:
    """Hidden cells that only one number fits. A withdrawn margin may be any size, so it bounds nothing."""
    ranges: dict[tuple[str, ...], tuple[float, float]] = {}
    hidden: list[tuple[str, ...]] = []
    for table in tables.values():
        keys = table.cells.select(table.dimensions).rows()
        values = table.cells.select("value", "status").rows()
        for key, (value, status) in zip(keys, values, strict=True):
            cell = (table.name, *key)
            known = None if cell in withdrawn else possible_range(status, value, rules[table.name])
            if known is not None:
                ranges[cell] = known
            if known is not None and status == Status.SUPPRESSED.value:
                hidden.append(cell)
    return {bounds.cell for bounds in pinned(ranges, sums, hidden)}


def _hide(table: ReleasedTable, cells: set[tuple[str, ...]]) -> ReleasedTable:
    keys = [key[1:] for key in cells if key[0] == table.name]
    if not keys:
        return table
    chosen = pl.DataFrame(keys, schema=dict.fromkeys(table.dimensions, pl.String), orient="row")
    marked = table.cells.join(chosen.with_columns(_hidden=pl.lit(True)), on=table.dimensions, how="left")  # noqa: FBT003
    is_hidden = pl.col("_hidden").fill_null(value=False)
    covered = marked.with_columns(
        value=pl.when(is_hidden).then(None).otherwise("value"),
        status=pl.when(is_hidden).then(pl.lit(Status.SUPPRESSED.value)).otherwise("status"),
    ).drop("_hidden")
    return _table(table.name, table.dimensions, covered, table.about)
