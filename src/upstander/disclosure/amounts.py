"""Sums of amounts that few contributors make up: dominance and the p% rule.

Source: Hundepool and others, Statistical Disclosure Control (Wiley 2012), section 4.2.2, sensitivity rules for tables
of magnitude.
"""

from collections.abc import Sequence

import polars as pl

from upstander.contracts.asking import CountRule


def dominated(amounts: pl.DataFrame, by: Sequence[str], rule: CountRule) -> pl.DataFrame:
    """Each cell's `total`, its `contributors`, and `dominated`: whether the rule hides the total.

    amounts: the dimensions `by`, `contributor` (who adds to the sum: a person, a school) and `amount` (nought or more:
    harm weights, pounds); a row an addition, so that one contributor may have several. One row a cell comes out, in
    order of `by`.
    A cell of up to `suppress_up_to` contributors is hidden as a count would be. `dominance` (n, k): hidden if its n
    largest contributors make more than k% of it. `p_percent`: hidden if what remains of it without the two largest is
    less than p% of the largest, for then the second could work the largest out to within p%. A sum of nought gives
    nothing away by its size.
    """
    each = amounts.group_by(*by, "contributor").agg(pl.col("amount").cast(pl.Float64).sum())
    largest = pl.col("amount").sort(descending=True)
    n = rule.dominance[0] if rule.dominance else 0
    held = each.group_by(by) if by else each.group_by(pl.lit(1).alias("_all"))
    cells = held.agg(
        total=pl.col("amount").sum(),
        contributors=pl.len().cast(pl.Int64),
        _top=largest.head(n).sum(),
        _first=pl.col("amount").max(),
        _two=largest.head(2).sum(),
    )
    is_few = pl.col("contributors") <= rule.suppress_up_to
    is_dominated = pl.lit(value=False)
    if rule.dominance is not None:
        is_dominated = is_dominated | (pl.col("_top") * 100 > rule.dominance[1] * pl.col("total"))
    if rule.p_percent is not None:
        rest = pl.col("total") - pl.col("_two")
        is_dominated = is_dominated | (rest * 100 < rule.p_percent * pl.col("_first"))
    hidden = (is_few | is_dominated) & (pl.col("total") > 0)
    found = cells.select(*by, "total", "contributors", dominated=hidden)
    return found.sort(by) if by else found
