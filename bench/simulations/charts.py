"""Process charts over many made series: false alarms where nothing changed, and changes planted and found.

A point beyond three sigma should be 1 in 370; the promise for whole charts is wider, since limits come from the same
points. Bounds say what each chart honestly does, the well-known faults of c, u and g charts among them.
"""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from simulations import Finding
from upstander.analysis.errors import UnfitNumbers
from upstander.analysis.measures.charts import Asked, ProcessChart, process_chart
from upstander.analysis.measures.choosing import Chart, Numbers
from upstander.analysis.measures.seasons import same_time_last_year, seasonality

WEEKS = 52
_PER_SIDE = 0.0027
Draw = Callable[[np.random.Generator], NDArray[np.float64]]


def simulate(runs: int, seed: int) -> list[Finding]:
    """False alarms, power and coverage of charts, seasons and comparisons with last year."""
    rng = np.random.default_rng(seed)
    return [
        *_in_control(runs, rng),
        *_chosen(runs, rng),
        *_shifted(runs, rng),
        *_seasons(runs, rng),
        *_ratios(runs, rng),
    ]


def poisson(mean: float) -> Draw:
    """Counts by chance alone."""
    return lambda rng: rng.poisson(mean, WEEKS).astype(float)


def crowded(mean: float, factor: float) -> Draw:
    """Counts whose variance is `factor` times their mean."""
    return lambda rng: rng.negative_binomial(mean / (factor - 1), 1 / factor, WEEKS).astype(float)


def _points_outside(chart: ProcessChart) -> float:
    return float(chart.points["special_cause"].is_in(["Above UCL", "Below LCL"]).mean())


def _share(runs: int, one: Callable[[], float]) -> float:
    return float(np.mean([one() for _ in range(runs)]))


def _outside(draw: Draw, rng: np.random.Generator, asked: Asked, n: NDArray[np.float64] | None = None) -> float:
    return _points_outside(process_chart(draw(rng), n, asked=asked))


def _in_control(runs: int, rng: np.random.Generator) -> list[Finding]:
    """Points beyond the limits of each chart where nothing changed, as a share of all points."""
    gaps, many = Numbers.GAPS, np.linspace(50, 150, WEEKS)
    cases: list[tuple[str, str, Draw, Asked, NDArray[np.float64] | None, float]] = [
        ("c", "mean 2, Poisson", poisson(2), Asked(chart=Chart.C), None, 0.02),
        ("c", "mean 2, Poisson, probability limits", poisson(2), Asked(chart=Chart.C, exact=True), None, 0.004),
        ("c", "mean 20, Poisson", poisson(20), Asked(chart=Chart.C), None, 0.006),
        ("c", "mean 20, variance 3 × mean", crowded(20, 3), Asked(chart=Chart.C), None, 0.15),
        ("xmr", "mean 20, Poisson", poisson(20), Asked(chart=Chart.XMR), None, 0.01),
        ("xmr", "mean 20, variance 3 × mean", crowded(20, 3), Asked(chart=Chart.XMR), None, 0.015),
        ("u", "mean 20 of differing n, Poisson", _scaled(20, many), Asked(chart=Chart.U), many, 0.006),
        ("laney_u", "mean 20 of differing n, variance 3 × mean", _scaled(20, many, 3), Asked(chart=Chart.LANEY_U), many,
         0.015),
        ("p", "20 of 100, binomial", lambda r: r.binomial(100, 0.2, WEEKS) * 1.0, Asked(chart=Chart.P),
         np.full(WEEKS, 100.0), 0.005),
        ("laney_p", "beta-binomial, 20 of 100", _beta_binomial, Asked(chart=Chart.LANEY_P), np.full(WEEKS, 100.0),
         0.01),
        ("g", "mean gap 10, geometric", _gaps(10), Asked(numbers=gaps, chart=Chart.G), None, 0.025),
        ("g", "mean gap 10, geometric, probability limits", _gaps(10), Asked(numbers=gaps, chart=Chart.G, exact=True),
         None, 0.004),
        ("t", "mean time 10 days, exponential", lambda r: r.exponential(10, WEEKS), Asked(numbers=gaps, chart=Chart.T),
         None, 0.006),
    ]  # fmt: skip
    return [
        Finding(
            f"process_chart {name}", "points beyond limits, no change", setting,
            _share(runs, lambda draw=draw, asked=asked, n=n: _outside(draw, rng, asked, n)), runs * WEEKS,
            nominal=_PER_SIDE, most=most,
        )
        for name, setting, draw, asked, n, most in cases
    ]  # fmt: skip


def _scaled(mean: float, n: NDArray[np.float64], factor: float = 1.0) -> Draw:
    level = mean * n / n.mean()
    if factor == 1:
        return lambda rng: rng.poisson(level).astype(float)
    return lambda rng: rng.negative_binomial(level / (factor - 1), 1 / factor).astype(float)


def _beta_binomial(rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.binomial(100, rng.beta(10, 40, WEEKS)).astype(float)


def _gaps(mean: float) -> Draw:
    return lambda rng: rng.geometric(1 / (1 + mean), WEEKS) - 1.0


def _chosen(runs: int, rng: np.random.Generator) -> list[Finding]:
    """Charts chosen by the data: is the choice right, how many points alarm falsely, and how many runs."""
    found = []
    for setting, draw, right, most in (
        ("mean 4, Poisson", poisson(4), {Chart.C}, 0.004), ("mean 20, Poisson", poisson(20), {Chart.C}, 0.006),
        ("mean 100, Poisson", poisson(100), {Chart.C}, 0.006),
        ("mean 20, variance 3 × mean", crowded(20, 3), {Chart.XMR}, 0.015),
        ("mean 0.2, Poisson", poisson(0.2), {Chart.G, Chart.RUN}, 0.004),
    ):  # fmt: skip
        charts = [process_chart(draw(rng)) for _ in range(runs)]
        is_right = float(np.mean([chart.choice.chart in right for chart in charts]))
        alarms = float(np.mean([_points_outside(chart) for chart in charts]))
        runs_alarm = float(np.mean([chart.runs.is_signal for chart in charts]))
        found += [
            Finding("process_chart auto", "right chart chosen", setting, is_right, runs, least=0.9),
            Finding("process_chart auto", "points beyond limits, no change", setting, alarms, runs * WEEKS,
                    nominal=_PER_SIDE, most=most),
            Finding("process_chart auto", "run rules signal, no change", setting, runs_alarm, runs, most=0.12),
        ]  # fmt: skip
    return found


def _shifted(runs: int, rng: np.random.Generator) -> list[Finding]:
    """A level that changes half-way, found by any rule of the chart the data choose."""

    def found(before: Draw, after: Draw) -> float:
        y = np.concatenate([before(rng)[: WEEKS // 2], after(rng)[: WEEKS // 2]])
        chart = process_chart(y)
        return float(chart.runs.is_signal or (chart.points["special_cause"] != "Common Cause").any())

    cases = [
        ("mean 20 to 30, Poisson", poisson(20), poisson(30), 0.97),
        ("mean 20 to 14, Poisson", poisson(20), poisson(14), 0.9),
        ("mean 4 to 8, Poisson", poisson(4), poisson(8), 0.9),
        ("mean 20 to 40, variance 3 × mean", crowded(20, 3), crowded(40, 3), 0.95),
    ]  # fmt: skip
    return [
        Finding(
            "process_chart auto", "planted change found", setting,
            _share(runs, lambda one=one, other=other: found(one, other)), runs, least=least,
        )
        for setting, one, other, least in cases
    ]  # fmt: skip


def _seasons(runs: int, rng: np.random.Generator) -> list[Finding]:
    days = [date(2022, 1, 3) + timedelta(weeks=week) for week in range(156)]
    wave = np.cos(2 * np.pi * np.arange(156) / 52.18)
    found = []
    for mean, factor, swing, least, most in (
        (20, 1, 0, 0.0, 0.07), (20, 3, 0, 0.0, 0.07), (2, 1, 0, 0.0, 0.07),
        (20, 1, 0.2, 0.95, 1.0), (20, 3, 0.3, 0.9, 1.0),
    ):  # fmt: skip
        level = mean * np.exp(swing * wave)

        def below(level: NDArray[np.float64] = level, factor: float = factor) -> float:
            y = _scaled(float(level.mean()), level, factor)(rng)
            try:
                return float(seasonality(days, y).p < 0.05)
            except UnfitNumbers:
                return 0.0

        what = "season found where planted" if swing else "season found where none is"
        setting = f"mean {mean}, variance {factor} × mean, swing {swing}"
        found.append(
            Finding("seasonality", what, setting, _share(runs, below), runs, None if swing else 0.05, least, most)
        )
    return found


def _ratios(runs: int, rng: np.random.Generator) -> list[Finding]:
    """Coverage of the ratio to last year, where the truth is a rise of half."""
    days = [date(2024, 1, 1) + timedelta(weeks=week) for week in range(104)]
    found = []
    for mean, factor, least in ((1, 1, 0.95), (5, 1, 0.95), (50, 1, 0.94), (20, 3, 0.93), (100, 3, 0.93)):
        level = np.repeat([mean, mean * 1.5], 52)

        def held(level: NDArray[np.float64] = level, factor: float = factor) -> float:
            y = _scaled(float(level.mean()), level, factor)(rng)
            points = same_time_last_year(days, y).points
            above = points["high"].fill_null(np.inf) >= 1.5
            return float((above & (points["low"].fill_null(0.0) <= 1.5)).mean())

        setting = f"mean {mean}, variance {factor} × mean"
        found.append(
            Finding(
                "same_time_last_year", "interval holds the ratio", setting, _share(runs, held), runs * 52, 0.95, least
            )
        )
    return found
