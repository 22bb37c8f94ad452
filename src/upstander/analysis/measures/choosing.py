"""Which process chart fits a series, and why, in a sentence for whoever reads the chart.

Guidance: Provost and Murray, The Health Care Data Guide (2nd ed., 2022), chapters 5 to 7; NHS England, Making Data
Count (few points). Overdispersion is judged between neighbours, see `dispersion.py`.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from upstander.analysis.measures.dispersion import Dispersion
from upstander.analysis.measures.spc import FEW_POINTS

_MOSTLY_ZERO = 0.5
_SMALL = 10.0  # expected events a point under which three-sigma limits raise too many false alarms


class Numbers(StrEnum):
    """What the numbers of a series are."""

    COUNTS = "counts"  # events, with or without what they are out of
    SHARES = "shares"  # how many of n, each at most once
    GAPS = "gaps"  # time or opportunities from one event to the next
    MEASUREMENTS = "measurements"  # anything else: a rate somebody worked out, a mean, a waiting time


class Chart(StrEnum):
    """The charts there are."""

    RUN = "run"
    XMR = "xmr"
    C = "c"
    U = "u"
    P = "p"
    LANEY_U = "laney_u"
    LANEY_P = "laney_p"
    G = "g"
    T = "t"


@dataclass(frozen=True)
class Choice:
    """A chart, whether with probability limits, and the reason. `as_gaps`: chart the quiet periods between events."""

    chart: Chart
    exact: bool
    reason: str
    as_gaps: bool = False


def choose(y: NDArray[np.float64], n: NDArray[np.float64], kind: Numbers, spread: Dispersion) -> Choice:
    """The chart that fits. y, n: the points of the baselines; n all 1 where there is no denominator."""
    if y.size < FEW_POINTS:
        return _few(y.size)
    if kind is Numbers.MEASUREMENTS:
        return Choice(Chart.XMR, exact=False, reason="XmR chart: the numbers are measurements, not counts.")
    if kind is Numbers.GAPS:
        return _gaps(y)
    if _is_rare(y):
        return _rare(y, n, kind)
    return _dispersed(kind, n, spread) if spread.is_over else _plain(y, n, kind)


def has_denominator(n: NDArray[np.float64]) -> bool:
    """Whether n says anything."""
    return bool((n != 1).any())


def _few(points: int) -> Choice:
    return Choice(
        Chart.RUN, exact=False,
        reason=f"Run chart: {points} points are too few for limits; {FEW_POINTS} or more are needed.",
    )  # fmt: skip


def _gaps(y: NDArray[np.float64]) -> Choice:
    if (y == np.round(y)).all():
        return Choice(Chart.G, exact=True, reason="g chart: the numbers are whole opportunities between rare events.")
    return Choice(Chart.T, exact=False, reason="t chart: the numbers are times between rare events.")


def _is_rare(y: NDArray[np.float64]) -> bool:
    return bool((y == 0).mean() > _MOSTLY_ZERO)


def _rare(y: NDArray[np.float64], n: NDArray[np.float64], kind: Numbers) -> Choice:
    quiet = f"{(y == 0).mean():.0%} of the periods have no event"
    if has_denominator(n):
        chart = Chart.P if kind is Numbers.SHARES else Chart.U
        return Choice(chart, exact=True, reason=f"{chart} chart with probability limits: {quiet}, and n differs.")
    gaps = int((y > 0).sum()) - 1
    if gaps < FEW_POINTS:
        return Choice(
            Chart.RUN, exact=False,
            reason=f"Run chart: {quiet}, and {max(gaps, 0)} gaps between events are too few for limits. No chart of "
            "so few events can tell a change; pool areas or years.",
        )  # fmt: skip
    return Choice(
        Chart.G, exact=True, as_gaps=True,
        reason=f"g chart of the quiet periods between events: {quiet}, so a chart of counts would see no fall.",
    )  # fmt: skip


def _dispersed(kind: Numbers, n: NDArray[np.float64], spread: Dispersion) -> Choice:
    found = f"neighbouring points vary {spread.ratio:.1f} times as much as chance alone (p = {spread.p:.2g})"
    if kind is Numbers.SHARES:
        return Choice(Chart.LANEY_P, exact=False, reason=f"Laney p' chart: {found}.")
    if has_denominator(n):
        return Choice(Chart.LANEY_U, exact=False, reason=f"Laney u' chart: {found}.")
    return Choice(Chart.XMR, exact=False, reason=f"XmR chart, which is Laney's where periods are equal: {found}.")


def _plain(y: NDArray[np.float64], n: NDArray[np.float64], kind: Numbers) -> Choice:
    chart = Chart.P if kind is Numbers.SHARES else Chart.U if has_denominator(n) else Chart.C
    least = float((y.sum() / n.sum() * n).min())
    is_small = least < _SMALL
    what = {Chart.P: "shares of n", Chart.U: "counts over n", Chart.C: "counts of equal periods"}[chart]
    limits = f" Probability limits, since {least:.1f} events are expected in the smallest." if is_small else ""
    return Choice(
        chart, exact=is_small,
        reason=f"{chart} chart: {what}, which vary no more than chance alone explains.{limits}",
    )  # fmt: skip
