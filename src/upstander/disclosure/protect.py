"""The only maker of ReleasedTable."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import About, ReleasedTable, Status
from upstander.contracts.rules import strictest
from upstander.disclosure.attack import Sum, pinned
from upstander.disclosure.counts import possible_range, released_counts
from upstander.disclosure.groups import telling_groups


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
