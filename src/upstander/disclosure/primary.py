"""Which cells are hidden for themselves, under one rule: counts, the people behind them, groups, contributors."""

from collections.abc import Mapping, Sequence

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.disclosure.cubes import HIERARCHY


def why_hidden(
    cells: pl.DataFrame, rule: CountRule, dimensions: Sequence[str], hierarchies: Mapping[str, pl.DataFrame]
) -> pl.Series:
    """For each cell `count`, `persons`, `group`, `dominance`, `p_percent` or null: why it is hidden for itself.

    A count of 1 to the rule's width is small (a zero is none). With `of_persons`, so is one of so few people; with
    `no_group`, a count that makes up all of a sum of several parts, for it tells of everybody in the sum. `largest`
    and `second` (columns: the largest contributions, where counts are sums of them) are held to dominance and p%.
    """
    count, few = pl.col("count"), (pl.col("count") > 0) & (pl.col("count") <= rule.width)
    reasons = [pl.when(few).then(pl.lit("count"))]
    if rule.of_persons and "persons" in cells.columns:
        reasons.append(pl.when((count > 0) & pl.col("persons").is_between(1, rule.width)).then(pl.lit("persons")))
    reasons += [pl.when(count > 0).then(pl.when(told).then(pl.lit(name))) for name, told in _of_sums(cells, rule)]
    if rule.no_group:
        alone = _alone(cells, dimensions, hierarchies)
        reasons.append(pl.when(pl.lit(alone) & (count > 0)).then(pl.lit("group")))
    return cells.select(pl.coalesce(reasons).cast(pl.String)).to_series().alias("why")


def _of_sums(cells: pl.DataFrame, rule: CountRule) -> list[tuple[str, pl.Expr]]:
    """Dominance and p%, where the contributions are known. Source: Hundepool et al., Statistical Disclosure Control
    (Wiley, 2012), 4.2.2: dominance (n, k) for n of 1 or 2; p%: total - largest - second < p% of the largest.
    """
    total = pl.col("count")
    made: list[tuple[str, pl.Expr]] = []
    if rule.dominance is not None and {"largest", "second"} <= set(cells.columns):
        most, percent = rule.dominance
        first = pl.col("largest") + (pl.col("second").fill_null(0) if most > 1 else 0)
        made.append(("dominance", first * 100 > total * percent))
    if rule.p_percent is not None and {"largest", "second"} <= set(cells.columns):
        rest = total - pl.col("largest") - pl.col("second").fill_null(0)
        made.append(("p_percent", rest * 100 < pl.col("largest") * rule.p_percent))
    return made


def _alone(cells: pl.DataFrame, dimensions: Sequence[str], hierarchies: Mapping[str, pl.DataFrame]) -> pl.Series:
    """Whether a cell is all there is in a sum of two parts or more: everybody in the sum is alike."""
    lone = pl.Series("lone", [False]).new_from_index(0, cells.height)
    keyed = cells.select(*dimensions, "count").with_row_index("row")
    for name in dimensions:
        if name not in hierarchies:
            continue
        others = [other for other in dimensions if other != name]
        tree = hierarchies[name].select(column for column in HIERARCHY if column in hierarchies[name].columns)
        tree = tree if "split" in tree.columns else tree.with_columns(split=pl.lit(""))
        parts = keyed.join(tree, left_on=name, right_on="child")
        of_sum = [*others, "parent", "split"]
        is_alone = (pl.col("count") > 0) & ((pl.col("count") > 0).sum().over(of_sum) == 1) & (pl.len().over(of_sum) > 1)
        rows = parts.filter(is_alone)["row"].unique().cast(pl.Int64)
        lone = lone.scatter(rows, True) if len(rows) else lone  # noqa: FBT003 # a value, not an option
    return lone
