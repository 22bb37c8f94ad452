"""EARS C1, C2 and C3: is this week above the seven before it? For series too short to have a season.

Sources: Hutwagner, Thompson, Seeman and Treadwell, Journal of Urban Health 80(2) suppl. 1, 2003; Fricker, Hegler and
Dunfee, Statistics in Medicine 27(17), 2008; bounds as `earsC` of the R package surveillance 1.20.3 gives them.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Variant = Literal["C1", "C2", "C3"]
Numbers = NDArray[np.float64]
LAG = {"C1": 0, "C2": 2, "C3": 2}


@dataclass(frozen=True)
class Ears:
    """weeks × series; NaN in weeks with too few before them. `upper`: the alarm is above it. `statistic`: C1, C2 or C3
    as published. `is_signal`: statistic above the normal quantile, which for C1 and C2 is the alarm.
    """

    upper: Numbers
    statistic: Numbers
    is_alarm: NDArray[np.bool_]
    is_signal: NDArray[np.bool_]
    mean: Numbers
    sd: Numbers


def ears(
    counts: ArrayLike, variant: Variant, *, alpha: float = 0.001, baseline: int = 7, least_sd: float = 0.0
) -> Ears:
    """Each week of each series against the `baseline` weeks before it; C2 and C3 leave out the last two.

    counts: weeks × series; NaN is a week not known, and every week that would be compared with it is NaN too.
    least_sd: floor of the standard deviation; at 0 a quiet series alarms at one event. C3 adds what C2 had above 1 in
    this week and the two before. The reference's bound for C3 counts those of the two weeks before against this
    week's own count, so its alarm comes a week late; `is_signal` is the published rule.
    """
    from scipy.special import ndtri

    y = np.asarray(counts, dtype=np.float64)
    z = float(ndtri(1 - alpha))
    mean, sd = _moving(y, baseline, LAG[variant])
    sd = np.maximum(sd, least_sd)
    with np.errstate(divide="ignore", invalid="ignore"):
        away = (y - mean) / sd
    away = np.where((y == mean) & (sd == 0), 0.0, away)
    if variant != "C3":
        upper = mean + z * sd
        return Ears(upper, away, y > upper, away > z, mean, sd)
    above = np.maximum(away - 1, 0.0)
    before = _shifted(above, 1) + _shifted(above, 2)
    with np.errstate(invalid="ignore"):
        upper = np.maximum(y + sd * (z - before), 0.0)
    statistic = above + before
    return Ears(upper, statistic, y > upper, statistic > z, mean, sd)


def _moving(y: Numbers, length: int, lag: int) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation (n - 1) of the `length` weeks that end `lag` + 1 weeks before each."""
    mean, sd = np.full_like(y, np.nan), np.full_like(y, np.nan)
    if len(y) > length + lag:
        stretch = np.lib.stride_tricks.sliding_window_view(y, length, axis=0)[: len(y) - length - lag]
        mean[length + lag :] = stretch.mean(axis=-1)
        sd[length + lag :] = stretch.std(axis=-1, ddof=1)
    return mean, sd


def _shifted(values: Numbers, weeks: int) -> Numbers:
    out = np.full_like(values, np.nan)
    out[weeks:] = values[:-weeks]
    return out
