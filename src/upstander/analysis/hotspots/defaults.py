"""Default times: the 00:00 and 12:00 that a system or a tired clerk fills in, told from a truly busy hour.

A busy midnight is busy at 23:55 and 00:05 too; a default stands alone. Rounding to the hour is a habit of every
source and is told apart from a default: a default exceeds what rounding does at the other hours of the same source.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.discoveries import holm
from upstander.analysis.errors import UnfitNumbers
from upstander.values.windows import DAY_MINUTES

_NEIGHBOURS = np.r_[-15:0, 1:16]
_ON_THE_HOUR = np.arange(0, DAY_MINUTES, 60)
_DEFAULT_TIMES = (0, 12 * 60)


@dataclass(frozen=True)
class Spike:
    """One minute of the day that holds more events than its neighbours explain.

    `kind`: "default" (00:00 or 12:00, beyond rounding) or "rounded" (on the hour). `expected`: the count were it like
    the 15 minutes on each side. `expected_if_rounded`: the count were it rounded as the other hours are. `p`: Holm
    adjusted. `share`: the excess over what the kind is compared with, as a share of all timed events.
    """

    at: str
    kind: Literal["default", "rounded"]
    observed: int
    expected: float
    expected_if_rounded: float
    p: float
    share: float


def minute_counts(local: pl.Series) -> NDArray[np.int64]:
    """Events by minute of the local day: 1,440 counts. Give only rows with precision minute; null is left out."""
    minute = local.drop_nulls().dt.hour().cast(pl.Int64) * 60 + local.drop_nulls().dt.minute()
    return np.bincount(minute.to_numpy(), minlength=DAY_MINUTES).astype(np.int64)


def default_time_spikes(minute_of_day_counts: NDArray[np.int64], *, level: float = 0.01) -> tuple[Spike, ...]:
    """The minutes on the hour where times heap, largest excess first.

    minute_of_day_counts: 1,440 whole numbers, events by local minute. `level`: chance of even one false spike.
    Test: given the events of a minute and its 30 neighbours, its own are binomial with probability 1/31 where nothing
    heaps; a default is tested in the same way against the share the other 22 hours show. Holm over the 24 hours and
    over the two defaults. Source of the conditional test: Przyborowski and Wilenski, Biometrika 31, 1940; of heaping
    at default times: Ratcliffe 2002 (see `aoristic`).
    Raises UnfitNumbers for anything but 1,440 counts of zero or more.
    """
    counts = _checked(minute_of_day_counts)
    observed = counts[_ON_THE_HOUR]
    around = counts[(_ON_THE_HOUR[:, None] + _NEIGHBOURS) % DAY_MINUTES].sum(axis=1)
    is_default_time = np.isin(_ON_THE_HOUR, _DEFAULT_TIMES)
    flat = 1 / _NEIGHBOURS.size
    rounding = max(flat, _ratio(observed[~is_default_time].sum(), around[~is_default_time].sum()))
    p_heaped = holm(_upper_tail(observed, around, flat))
    p_default = np.ones(observed.size)
    p_default[is_default_time] = holm(_upper_tail(observed, around, rounding)[is_default_time])
    is_default = p_default <= level
    compared = around * np.where(is_default, rounding, flat)
    hours = pl.DataFrame({
        "at": [f"{hour:02d}:00" for hour in range(24)],
        "kind": np.where(is_default, "default", "rounded"),
        "observed": observed, "expected": around * flat, "expected_if_rounded": around * rounding,
        "p": np.where(is_default, p_default, p_heaped),
        "share": np.maximum(observed - compared, 0) / max(int(counts.sum()), 1),
    })  # fmt: skip
    heaped = hours.filter(pl.col("p") <= level).sort("share", "at", descending=[True, False])
    return tuple(Spike(**row) for row in heaped.iter_rows(named=True))


def _upper_tail(observed: NDArray[np.int64], around: NDArray[np.int64], ratio: float) -> NDArray[np.float64]:
    """P(own count ≥ observed) given own + neighbours, when own : neighbours is as `ratio` : 1."""
    from scipy.special import bdtrc

    tail = bdtrc(np.maximum(observed - 1, 0), observed + around, ratio / (1 + ratio))
    return np.where(observed == 0, 1.0, tail)


def _ratio(own: int, around: int) -> float:
    # Half an event on each side keeps a source with nothing around the hour finite.
    return (own + 0.5) / (around + 0.5)


def _checked(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    array = np.asarray(counts)
    if array.shape != (DAY_MINUTES,) or (array < 0).any() or (array != np.floor(array)).any():
        raise UnfitNumbers(
            "Counts by minute of the day must be 1,440 whole numbers of zero or more.",
            where="minute_of_day_counts", found=f"shape {array.shape}", expected="1,440 whole numbers, zero or more",
        )  # fmt: skip
    return array.astype(np.int64)
