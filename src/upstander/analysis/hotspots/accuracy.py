"""How well a map of places foretold where events fell: hit rate, PAI, PEI and RRI, from the first place to the last.

Sources: PAI: Chainey, Tompson and Uhlig, Security Journal 21(1-2), 2008; PEI (PEI*): Hunt, doctoral thesis, University
of Texas at Dallas, 2016, and the NIJ Real-Time Crime Forecasting Challenge, 2017; RRI: Levine, Security Journal
21(4), 2008; ties and columns as `pai` of the R package ptools (Wheeler).
"""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers


def accuracy_table(observed: ArrayLike, predicted: ArrayLike, area: ArrayLike | None = None) -> pl.DataFrame:
    """One row a place, the densest prediction first, each row telling of all places down to it.

    observed: events that fell there; predicted: any score of 0 or more, such as expected events; area: the same for
    all if not given. Equal densities stand with the fewest events first, so that PAI is the least the map may claim.
    Gives `Order`, `Count`, `CumCount`, `PCumCount` (the hit rate), `Pred`, `CumPred`, `Area`, `CumArea`, `PCumArea`,
    `PAI` (hit rate ÷ share of area), `PEI` (PAI ÷ that of as many places in the best order; over 1 may happen where
    areas differ), `RRI` (predicted ÷ observed so far; NaN before the first event) and `row` (from 0, as given).
    Raises TooFewPoints for no places, UnfitNumbers for negative or missing numbers, areas of 0, and no events at all.
    """
    count, score, size = _checked(observed, predicted, area)
    order = densest_first(score, size, count)
    best = order[np.argsort(-(count / size)[order], kind="stable")]
    caught, covered = _shares(count[order]), _shares(size[order])
    pai = caught / covered
    so_far = count[order].cumsum()
    return pl.DataFrame({
        "Order": np.arange(1, order.size + 1), "Count": count[order], "CumCount": so_far, "PCumCount": caught,
        "Pred": score[order], "CumPred": score[order].cumsum(), "Area": size[order], "CumArea": size[order].cumsum(),
        "PCumArea": covered, "PAI": pai, "PEI": pai / (_shares(count[best]) / _shares(size[best])),
        "RRI": np.divide(score[order].cumsum(), so_far, out=np.full(order.size, np.nan), where=so_far > 0),
        "row": order,
    })  # fmt: skip


def densest_first(
    score: NDArray[np.float64], area: NDArray[np.float64], observed: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Places by score per area, highest first; where it is equal the one with fewest events first, then as given."""
    return np.lexsort((observed, -score / area)).astype(np.int64)


def within_budget(area_in_order: NDArray[np.float64], budget: float, whole: float) -> int:
    """How many places from the front on fit in a share `budget` of the whole area."""
    return int(np.searchsorted(area_in_order.cumsum(), budget * whole * (1 + 1e-12), side="right"))


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    running = values.cumsum()
    shares: NDArray[np.float64] = running / running[-1]
    return shares


def _checked(
    observed: ArrayLike, predicted: ArrayLike, area: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    count, score = np.asarray(observed, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    size = np.ones(count.size) if area is None else np.asarray(area, dtype=np.float64)
    if not count.size:
        raise TooFewPoints(where="places", found=0, needed=1)
    for name, values in (("obs", count), ("pred", score), ("area", size)):
        if values.shape != count.shape or not (np.isfinite(values).all() and (values >= 0).all()):
            raise UnfitNumbers(
                f"Every place needs {name}, 0 or more.",
                where=f"places, column {name}", found="one that is missing or negative", expected="0 or more",
            )  # fmt: skip
    if not (size > 0).all() or not count.any():
        name = "obs" if (size > 0).all() else "area"
        raise UnfitNumbers(
            "Accuracy needs places with an area, and an event somewhere.",
            where=f"places, column {name}", found="0", expected="above 0" if name == "area" else "one event or more",
        )  # fmt: skip
    return count, score, size
