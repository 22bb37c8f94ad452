"""Rates of counts that are shown already, with their limits."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.measures.rates import rate
from upstander.contracts.releasing import Status

_UNCERTAIN, _SHOWN = Status.TOO_UNCERTAIN.value, Status.SHOWN.value
Numbers = NDArray[np.float64]


def rates_of(
    cells: Sequence[pl.DataFrame], at_risk: float | pl.DataFrame | None, *, per: int, rate_from: int, is_share: bool
) -> pl.DataFrame:
    """The rate of each shown count; a count that is hidden has none, one under `rate_from` is too uncertain.

    cells: the counts, and for a cohort the table with its size (`out_of`). at_risk: one number for all, or `out_of` by
    the dimensions of the counts. is_share: the counted are some of those they are out of.
    """
    counts = cells[0].filter(pl.col("what") == "counted") if "what" in cells[0].columns else cells[0]
    sized = _sized(counts, cells, at_risk)
    events, size = (sized[name].to_numpy().astype(np.float64) for name in ("value", "out_of"))
    known = np.isfinite(events) & np.isfinite(size) & (size > 0)
    enough = known & (events >= rate_from)
    value, low, high = _limits(np.where(enough, events, 0.0), np.where(enough, size, 1.0), per, is_share=is_share)
    is_shown = pl.Series(enough)
    status = pl.when(is_shown).then(pl.lit(_SHOWN)).when(pl.Series(known)).then(pl.lit(_UNCERTAIN)).otherwise("status")
    dimensions = [name for name in sized.columns if name not in {"value", "low", "high", "status", "out_of"}]
    found = sized.with_columns(value=pl.Series(value), low=pl.Series(low), high=pl.Series(high), status=status)
    numbers = pl.col("value", "low", "high")
    return found.with_columns(pl.when(is_shown).then(numbers)).select(*dimensions, "value", "low", "high", "status")


def _sized(counts: pl.DataFrame, cells: Sequence[pl.DataFrame], at_risk: float | pl.DataFrame | None) -> pl.DataFrame:
    if isinstance(at_risk, pl.DataFrame):
        return counts.join(at_risk, on=[name for name in at_risk.columns if name != "out_of"], how="left")
    if at_risk is not None:
        return counts.with_columns(out_of=pl.lit(at_risk))
    size = cells[-1].filter(pl.col("what") == "out_of")["value"]
    return counts.with_columns(out_of=pl.lit(size[0] if size.len() else None, pl.Float64))


def _limits(events: Numbers, at_risk: Numbers, per: int, *, is_share: bool) -> tuple[Numbers, Numbers, Numbers]:
    """Rate and its 95% limits: Wilson's for a share, exact or Byar's for a count. A rounded count may exceed its whole,
    and is then the whole.
    """
    counted = np.minimum(events, at_risk) if is_share else events
    found = rate(counted, at_risk, multiplier=float(per), how="wilson" if is_share else "auto")
    return events * per / at_risk, found.low, found.high
