"""Six regressions of an interrupted time series, side by side: what each choice of model does to the answer.

Source: Lopez Bernal, Cummins and Gasparrini, International Journal of Epidemiology 46(1), 2017, pp. 348-355.
"""

from dataclasses import dataclass

import numpy as np

from upstander.analysis.errors import TooFewPoints, UnfitNumbers, WrongOrder
from upstander.analysis.impact.regression import (
    Array,
    Design,
    Fit,
    durbin_watson,
    harmonics,
    least_squares,
    negative_binomial,
    newey_west,
    poisson,
)

_PER = 100_000
_PAIRS = 2


@dataclass(frozen=True)
class SixModels:
    """Models by name: m1 Poisson, m2 quasi-Poisson, m3 with seasons, m4 with a change of slope, m5 negative binomial,
    m6 least squares of the rate per 100,000. `robust` holds Newey–West errors of m1 and m6 at the lag asked for.
    """

    models: dict[str, Fit]
    robust: dict[str, Array]
    durbin_watson: float


def six_models(
    count: Array, exposure: Array, after: Array, time: Array, season: Array, *, period: float = 12, lag: int = 3,
    after_name: str = "after", time_name: str = "time",
) -> SixModels:  # fmt: skip
    """The six models of one series with one interruption.

    count: events a period. exposure: who was at risk. after: 0 before, 1 from the interruption on; a share while it is
    being brought in. time: position, rising. season: position in the year (month 1 to 12 for period 12).
    Raises TooFewPoints under 12 periods, WrongOrder, UnfitNumbers for negative or fractional counts, for exposure that
    is not above zero, and where all periods lie on one side.
    """
    _check(count, exposure, after, time)
    waves = harmonics(season, period, _PAIRS)
    plain = {"(Intercept)": np.ones(count.size), after_name: after, time_name: time}
    seasons = {"(Intercept)": np.ones(count.size), after_name: after} | waves | {time_name: time}
    slopes = plain | waves | {f"{after_name}:{time_name}": after * time}
    offset = np.log(exposure)
    models = {
        "m1": poisson(count, _design(plain, offset)),
        "m2": poisson(count, _design(plain, offset), quasi=True),
        "m3": poisson(count, _design(seasons, offset), quasi=True),
        "m4": poisson(count, _design(slopes, offset), quasi=True),
        "m5": negative_binomial(count, _design(seasons, offset)),
        "m6": least_squares(count / exposure * _PER, _design(plain, np.zeros(count.size))),
    }
    robust = {name: np.sqrt(np.diag(newey_west(models[name], lag))) for name in ("m1", "m6")}
    return SixModels(models, robust, durbin_watson(models["m6"].residuals))


def _design(columns: dict[str, Array], offset: Array) -> Design:
    return Design(tuple(columns), np.column_stack(list(columns.values())), offset)


def _check(count: Array, exposure: Array, after: Array, time: Array) -> None:
    if count.size < 12:
        raise TooFewPoints(where="series", found=int(count.size), needed=12)
    if (np.diff(time) <= 0).any():
        at = int(np.argmax(np.diff(time) <= 0)) + 2
        raise WrongOrder(
            f"Time runs backwards or repeats at row {at}.",
            where=f"series, row {at}", found="a time not after the one before", expected="rising time",
        )  # fmt: skip
    if (count < 0).any() or (count != np.floor(count)).any():
        raise UnfitNumbers("Counts are whole and not negative.", where="series, column count", expected="0, 1, 2, …")
    if (exposure <= 0).any():
        raise UnfitNumbers("Nobody at risk.", where="series, column exposure", found="0", expected="more than 0")
    if after.min() == after.max():
        raise UnfitNumbers(
            "Every period lies on one side of the interruption.",
            where="series, column after", found=f"only {after[0]:g}", expected="0 before and 1 after",
        )  # fmt: skip
