"""One count under one rule."""

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Status


def releasable_count(count: int, rule: CountRule) -> int | None:
    """The count as it may be shown; None means suppressed, which is not zero. Zero is shown."""
    if 0 < count <= rule.suppress_up_to:
        return None
    # Halves go up: Python's round() would show both 15 and 25 as 20.
    return (count + rule.round_to // 2) // rule.round_to * rule.round_to


def released_counts(exact: pl.DataFrame, rule: CountRule) -> pl.DataFrame:
    """Adds value, low, high and status to a table that has a `count` column; a null count is missing, not zero.

    The same arithmetic as releasable_count, on columns.
    """
    count = pl.col("count").cast(pl.Int64)
    hidden = (count > 0) & (count <= rule.suppress_up_to)
    rounded = (count + rule.round_to // 2) // rule.round_to * rule.round_to
    return exact.with_columns(
        value=pl.when(hidden).then(None).otherwise(rounded).cast(pl.Float64),
        low=pl.lit(None, pl.Float64),
        high=pl.lit(None, pl.Float64),
        status=pl.when(count.is_null())
        .then(pl.lit(Status.MISSING.value))
        .when(hidden)
        .then(pl.lit(Status.SUPPRESSED.value))
        .otherwise(pl.lit(Status.SHOWN.value)),
    ).drop("count")


def possible_range(status: str, value: float | None, rule: CountRule) -> tuple[float, float] | None:
    """What a reader who knows the rule learns of a cell on its own: the least and the most it can be, or None."""
    if status == Status.SUPPRESSED.value:
        return 1.0, float(rule.suppress_up_to)
    if status != Status.SHOWN.value or value is None:
        return None
    if value == 0:
        # A zero is a true zero, unless rounding could have brought a shown count down to it.
        return 0.0, float(max(0, (rule.round_to - 1) // 2) if rule.suppress_up_to == 0 else 0)
    below, above = rule.round_to // 2, (rule.round_to - 1) // 2
    return max(value - below, rule.suppress_up_to + 1.0), value + above
