"""Sums of amounts that few contributors make up: dominance and the p% rule.

Source: Hundepool and others, Statistical Disclosure Control (Wiley 2012), section 4.2.2, sensitivity rules for tables
of magnitude.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from upstander.contracts.asking import CountRule

PARTS = ("contributors", "top", "largest", "second")


def contributions(amount: pl.Expr, rule: CountRule) -> Mapping[str, pl.Expr]:
    """What `telling` asks of a cell, out of the amounts of its contributors, one each: how many there are, what the n
    largest of the rule's dominance make together, the largest, the second.
    """
    ordered = amount.sort(descending=True)
    n = rule.dominance[0] if rule.dominance else 0
    return {
        "contributors": amount.count().cast(pl.Int64), "top": ordered.head(n).sum(), "largest": amount.max(),
        "second": ordered.slice(1, 1).sum(),
    }  # fmt: skip


def telling(total: pl.Expr, rule: CountRule) -> Iterator[tuple[str, pl.Expr]]:
    """Why a sum may not be shown, and whether that holds; null where the columns of `contributions` are, for no sum.

    contributors: they are as few as a count that is hidden. dominance (n, k): the n largest make more than k% of it.
    p_percent: what remains without the two largest is less than p% of the largest, for then the second could work the
    largest out to within p%.
    """
    yield "contributors", pl.col("contributors") <= rule.width
    if rule.dominance is not None:
        yield "dominance", pl.col("top") * 100 > rule.dominance[1] * total
    if rule.p_percent is not None:
        rest = total - pl.col("largest") - pl.col("second")
        yield "p_percent", rest * 100 < rule.p_percent * pl.col("largest")


def dominated(amounts: pl.DataFrame, by: Sequence[str], rule: CountRule) -> pl.DataFrame:
    """Each cell's `total`, its `contributors`, and `dominated`: whether the rule hides the total.

    amounts: the dimensions `by`, `contributor` (who adds to the sum: a person, a school) and `amount` (nought or more:
    harm weights, pounds); a row an addition, so that one contributor may have several. One row a cell comes out, in
    order of `by`. A sum of nought gives nothing away by its size.
    """
    each = amounts.group_by(*by, "contributor").agg(pl.col("amount").cast(pl.Float64).sum())
    held = each.group_by(by) if by else each.group_by(pl.lit(1).alias("_all"))
    cells = held.agg(total=pl.col("amount").sum(), **contributions(pl.col("amount"), rule))
    reasons = [is_told for _, is_told in telling(pl.col("total"), rule)]
    hidden = pl.any_horizontal(reasons) & (pl.col("total") > 0)
    found = cells.select(*by, "total", "contributors", dominated=hidden)
    return found.sort(by) if by else found
