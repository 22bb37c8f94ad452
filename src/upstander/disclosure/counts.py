"""One count under one rule."""

import polars as pl

from upstander.contracts.asking import CountRule
from upstander.contracts.releasing import Status
from upstander.disclosure.errors import PersonsNotCounted


def releasable_count(count: int, rule: CountRule) -> int | None:
    """The count as it may be shown; None means suppressed, which is not zero. Zero is shown."""
    if 0 < count <= rule.suppress_up_to:
        return None
    # Halves go up: Python's round() would show both 15 and 25 as 20.
    return (count + rule.round_to // 2) // rule.round_to * rule.round_to


def released_counts(exact: pl.DataFrame, rule: CountRule) -> pl.DataFrame:
    """Adds value, low, high and status to a table that has a `count` column; a null count is missing, not zero.

    The same arithmetic as releasable_count, on columns. `persons`, how many persons a count is of: where the rule is
    `of_persons`, a count of few persons is hidden like a small one. `tells`: a cell to be hidden whatever its size.
    Raises PersonsNotCounted where the rule needs `persons` and the table has none.
    """
    refuse_uncounted(exact, rule)
    count = pl.col("count").cast(pl.Int64)
    hidden = _is_small(count, rule)
    if rule.of_persons:
        hidden = hidden | _is_small(pl.col("persons").fill_null(count), rule)
    if "tells" in exact.columns:
        hidden = hidden | pl.col("tells")
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
    ).drop("count", "persons", "tells", strict=False)


def refuse_uncounted(exact: pl.DataFrame, rule: CountRule) -> None:
    """Raises PersonsNotCounted where the rule is about persons and the table has no `persons`."""
    if rule.of_persons and "persons" not in exact.columns:
        raise PersonsNotCounted(
            f"The rule {rule.name} of {rule.agreement} is about persons, and this table cannot tell one from another.",
            where=rule.agreement, found="counts of events", expected="a count by `upstander table`",
            state="Nothing was shown.",
        )  # fmt: skip


def _is_small(number: pl.Expr, rule: CountRule) -> pl.Expr:
    return (number > 0) & (number <= rule.suppress_up_to)
