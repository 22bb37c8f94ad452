"""Which cells are hidden for themselves, under one rule: counts, the people behind them, groups, contributors."""

from collections.abc import Mapping, Sequence

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.disclosure.amounts import PARTS, telling
from upstander.disclosure.counts import refuse_uncounted

_PLACE_AND_TIME = ("area", "period")


def why_hidden(
    cells: pl.DataFrame, rule: CountRule, dimensions: Sequence[str], hierarchies: Mapping[str, pl.DataFrame]
) -> pl.Series:
    """For each cell `count`, `persons`, `contributors`, `dominance`, `p_percent`, `group` or null: why it is hidden for
    itself.

    A count of 1 to the rule's width is small (a zero is none). With `of_persons`, so is one of so few people; with
    `no_group`, every cell of a sum whose people are all, or all but one, alike. `tells` marks cells that are hidden for
    a group already. Where counts are sums of amounts, the columns of `amounts.contributions` say what few may make up.
    Raises PersonsNotCounted where the rule is about persons and they are not counted.
    """
    refuse_uncounted(cells, rule)
    count = pl.col("count")
    reasons = [pl.when(_few(count, rule)).then(pl.lit("count"))]
    if rule.of_persons:
        reasons.append(pl.when((count > 0) & _few(pl.col("persons").fill_null(count), rule)).then(pl.lit("persons")))
    if set(PARTS) <= set(cells.columns):
        reasons += [pl.when((count > 0) & is_told).then(pl.lit(name)) for name, is_told in telling(count, rule)]
    marked = cells if "tells" in cells.columns else cells.with_columns(tells=pl.lit(value=False))
    tells = marked["tells"].fill_null(value=False)
    if rule.no_group:
        tells |= _telling(cells, [name for name in dimensions if name not in _PLACE_AND_TIME], dimensions, hierarchies)
    reasons.append(pl.when(pl.lit(tells)).then(pl.lit("group")))
    return cells.select(pl.coalesce(reasons).cast(pl.String)).to_series().alias("why")


def _few(number: pl.Expr, rule: CountRule) -> pl.Expr:
    return (number > 0) & (number <= rule.width)


def _telling(
    cells: pl.DataFrame, breakdowns: Sequence[str], dimensions: Sequence[str], hierarchies: Mapping[str, pl.DataFrame]
) -> pl.Series:
    """Whether a cell is of a sum, along what people are like, whose people are all, or all but one, in one part."""
    telling: list[pl.Series] = []
    keyed = cells.select(*dimensions, "count").with_row_index("row")
    for name in breakdowns:
        if name not in hierarchies:
            continue
        tree = hierarchies[name]
        tree = tree if "split" in tree.columns else tree.with_columns(split=pl.lit(""))
        parts = keyed.join(tree.select("parent", "child", "split"), left_on=name, right_on="child")
        of_sum = ["parent", "split", *(other for other in dimensions if other != name)]
        whole, largest = pl.col("count").sum().over(of_sum), pl.col("count").max().over(of_sum)
        is_told = (pl.len().over(of_sum) > 1) & (whole > 0) & (whole - largest <= 1)
        telling.append(parts.filter(is_told)["row"])
    rows = pl.concat(telling).unique() if telling else pl.Series(dtype=pl.UInt32)
    return keyed["row"].is_in(rows.implode())
