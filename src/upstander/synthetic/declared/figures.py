"""Published figures of a dataset, one a line: each indicator in each district and year, some withheld or unknown."""

import numpy as np
import polars as pl

from upstander.contracts.dataset import Indicator
from upstander.synthetic.chance import Numbers, stream
from upstander.synthetic.declared.layouts import Layout
from upstander.synthetic.declared.pool import Pool
from upstander.values.periods import Period

_WITHHELD, _UNKNOWN = 0.05, 0.03
_SUPPRESSED, _ABSENT = "suppressed", "not_applicable"


def figure_rows(layout: Layout, pool: Pool, periods: list[Period], *, seed: int) -> pl.DataFrame:
    """One row a figure: `sent.` columns of the layout, file, rule and reason (both empty: published figures are sound).

    A count lies between a few and a few thousand, a share or rate between 0 and 100. A withheld figure says so in
    our own word, and so does one that does not apply.
    """
    rng = stream(seed, f"figures of {layout.name}")
    districts = pool.land.areas.select("ltla_code", "ltla_name").unique("ltla_code").sort("ltla_code")
    grid = pl.DataFrame({"file": [str(period) for period in periods]}).join(districts, how="cross")
    rows = grid.join(pl.DataFrame({"indicator": [one.code for one in layout.contract.indicators]}), how="cross")
    values = np.concatenate([_values(rng, one, len(grid)) for one in layout.contract.indicators])
    order = rows.with_row_index("at").sort("indicator", maintain_order=True)["at"].to_numpy()
    placed = np.empty(len(values))
    placed[order] = values
    marked = rng.random(rows.height)
    text = [
        _SUPPRESSED if mark < _WITHHELD else _ABSENT if mark < _WITHHELD + _UNKNOWN else f"{value:g}"
        for mark, value in zip(marked, placed.round(1), strict=True)
    ]
    cells: dict[str, pl.Expr | pl.Series] = {
        "period": pl.col("file"), "area_code": pl.col("ltla_code"), "area_name": pl.col("ltla_name"),
        "indicator": pl.col("indicator"), "value": pl.Series("value", text),
    }  # fmt: skip
    sent = [
        cells.get(name, pl.lit(None, pl.String)).alias(f"sent.{name}") for name in layout.headings
    ]  # fmt: skip
    return rows.with_columns(sent).with_columns(rule=pl.lit(""), reason=pl.lit(""))


def _values(rng: np.random.Generator, indicator: Indicator, size: int) -> Numbers:
    if any(word in indicator.unit for word in ("%", "share", "rate", "per ")):
        return np.asarray(rng.uniform(0.5, 60, size))
    return np.asarray(rng.integers(3, 3000, size), dtype=np.float64)
