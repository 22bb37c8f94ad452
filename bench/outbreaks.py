"""A year of unusual weeks for 600 series, and a night's scan of 600 and of 5,000 places.

Weeks: five earlier years, ten seasons, a trend, two fits each. The limit is ten exponentials of every baseline week,
which no fit of that model can do without. Scan: circles of up to 30 nearest places, the last one to eight weeks, 999
worlds. The limit is one addition a cylinder and world. All runs are in one process. What takes minutes is measured
on a part and scaled, marked ~.
"""

import argparse
import math
import resource
import sys
from collections.abc import Callable
from time import perf_counter

import numpy as np
from in_r import seconds_in_r

from upstander.analysis.outbreaks.baseline import baseline
from upstander.analysis.outbreaks.cylinders import circles, last_windows, log_likelihood_ratio
from upstander.analysis.outbreaks.farrington import Settings, farrington
from upstander.analysis.outbreaks.scan import permutation_scan

SERIES, WEEKS, YEAR = 600, 364, 52
NEAREST, WINDOWS, WORLDS, PERIODS = 30, 8, 999, 52
SIZES = {600: 20_000, 5_000: 200_000}
R_SCRIPT = """
library(surveillance)
y <- as.matrix(read.csv(commandArgs(TRUE)[1])); took <- system.time(farringtonFlexible(
  sts(y, start = c(2019, 1), frequency = 52), control = list(range = (nrow(y) - 3):nrow(y), b = 5, w = 3,
  noPeriods = 10, pastWeeksNotIncluded = 26, weightsThreshold = 2.58, thresholdMethod = "delta", alpha = 0.01)))
cat(took[["elapsed"]])
"""


def seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs, for others share the machine."""
    return min(seconds(work) for _ in range(times))


def made_series(series: int) -> np.ndarray:
    """Negative binomial counts of many sizes, with seasons and trends."""
    rng = np.random.default_rng(20260107)
    week = np.arange(WEEKS)[:, None]
    level, dispersion = np.exp(rng.uniform(np.log(0.15), np.log(40), series)), 1 + rng.gamma(1.5, 0.4, series)
    turn = 2 * np.pi * (week - rng.integers(0, 52, series)) / 52
    mean = level * np.exp(rng.normal(0, 0.0012, series) * (week - 180) + rng.uniform(0, 0.5, series) * np.cos(turn))
    return rng.negative_binomial(mean / (dispersion - 1) + 1e-9, 1 / dispersion).astype(float)


def exponentials(series: int) -> None:
    """Ten passes over a year's baselines."""
    size = baseline(WEEKS - 1, 5, half_window=3, seasons=10, recent=26).weeks.size
    values = np.random.default_rng(0).random((series, size))
    out = np.empty_like(values)
    for _ in range(YEAR * 10):
        np.exp(values, out=out)


def by_statsmodels(y: np.ndarray, series: int) -> None:
    """The usual port: two fits a series and week, one after another; four weeks."""
    import statsmodels.api as sm

    for week in range(WEEKS - 4, WEEKS):
        base = baseline(week, 5, half_window=3, seasons=10, recent=26)
        x = np.column_stack([base.season[:, None] == np.arange(10), base.weeks / 100]).astype(float)
        for column in range(series):
            past = y[base.weeks, column] + 1e-3  # a season without events stops its fit
            fit = sm.GLM(past, x, family=sm.families.Poisson()).fit(scale="X2")
            weights = np.where(fit.resid_anscombe > 2.58, 0.1, 1.0)
            sm.GLM(past, x, family=sm.families.Poisson(), var_weights=weights).fit(scale="X2")


def weeks_section(series: int) -> str:
    y = made_series(series)
    asked, last = Settings(threshold="delta"), list(range(WEEKS - YEAR, WEEKS))
    limit = best(lambda: exponentials(series))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ours = best(lambda: farrington(y, last, settings=asked))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    part = min(series, 20)
    by_statsmodels(y, 1)  # its imports are no part of the fits
    loop = seconds(lambda: by_statsmodels(y, part)) * (series / part) * (YEAR / 4)
    in_r = seconds_in_r(R_SCRIPT, y[:, :part])
    rows = [
        _row("limit: ten exponentials a baseline week", limit, limit), _row("Upstander", ours, limit),
        _row("statsmodels, one fit after another", loop, limit, is_part=True),
        "| R surveillance | not installed | |" if in_r is None
        else _row("R surveillance", in_r * (series / part) * (YEAR / 4), limit, is_part=True),
    ]  # fmt: skip
    return _table(
        f"{series} series × {YEAR} weeks, {series * YEAR:,} double fits", rows,
        f"The process held {peak:.0f} MB at its most, {before:.0f} MB before the fits.",
    )  # fmt: skip


def scan_section(places: int, cases: int) -> str:
    rng = np.random.default_rng(8)
    points, share = rng.random((places, 2)) * 100, rng.dirichlet(np.full(places, 1.5))
    cell, period = rng.choice(places, cases, p=share), rng.integers(0, PERIODS, cases)
    is_planted = (np.abs(points[cell] - 50).max(axis=1) < 6) & (rng.random(cases) < 0.3)
    period[is_planted] = rng.integers(PERIODS - 4, PERIODS, int(is_planted.sum()))
    zones = circles(points, np.bincount(cell, minlength=places).astype(float), most_cells=NEAREST)
    asked = (cell, period, zones, last_windows(PERIODS, WINDOWS))
    limit = best(lambda: additions(places))
    ours = best(lambda: permutation_scan(*asked, worlds=WORLDS, seed=1), 2)
    stopped = best(lambda: permutation_scan(cell, rng.permutation(period), *asked[2:], seed=1, stop_at=20), 1)
    worlds = 10
    plain = seconds(lambda: plain_numpy(cell, period, zones.cells, worlds)) * WORLDS / worlds
    few = min(places, 200)
    python = seconds(lambda: pure_python(cell, period, zones.cells[:few])) * WORLDS * places / few
    rows = [
        _row("limit: one addition a cylinder", limit, limit), _row("Upstander, 999 worlds", ours, limit),
        _row("Upstander, nothing there, stopped at 20 worlds as high", stopped, limit),
        _row("plain numpy, a world at a time", plain, limit, is_part=True),
        _row("plain Python", python, limit, is_part=True),
    ]  # fmt: skip
    return _table(f"{places:,} places, {cases:,} cases", rows, "")


def additions(places: int) -> None:
    total, added = (np.zeros(places * WINDOWS, dtype=np.int32) for _ in range(2))
    for _ in range(WORLDS * NEAREST):
        np.add(total, added, out=total)


def plain_numpy(cell: np.ndarray, period: np.ndarray, nearest: np.ndarray, worlds: int) -> float:
    """Counts anew, sums over neighbours, a logarithm of every cylinder."""
    rng, places = np.random.default_rng(1), len(nearest)
    held = np.bincount(cell, minlength=places)[nearest].cumsum(axis=1)
    highest = 0.0
    for _ in range(worlds):
        moved = PERIODS - 1 - rng.permutation(period)
        seen = np.zeros((places, WINDOWS))
        late = moved < WINDOWS
        np.add.at(seen, (cell[late], moved[late]), 1)
        counted = seen.cumsum(axis=1)[nearest].cumsum(axis=1)
        expected = held[:, :, None] * seen.cumsum(axis=1).sum(axis=0) / cell.size
        highest = max(highest, float(log_likelihood_ratio(counted, expected, cell.size).max()))
    return highest


def pure_python(cell: np.ndarray, period: np.ndarray, nearest: np.ndarray) -> float:
    """Loops and a dictionary; one world, some centres."""
    seen: dict[tuple[int, int], int] = {}
    for one, when in zip(cell.tolist(), period.tolist(), strict=True):
        key = (one, PERIODS - 1 - when)
        seen[key] = seen.get(key, 0) + 1
    held = np.bincount(cell, minlength=int(nearest.max()) + 1).tolist()
    by_window = np.bincount(PERIODS - 1 - period, minlength=PERIODS).cumsum()[:WINDOWS].tolist()
    total, highest = cell.size, 0.0
    for cells in nearest.tolist():
        for window in range(WINDOWS):
            counted = inside = 0
            for one in cells:
                inside += held[one]
                counted += sum(seen.get((one, back), 0) for back in range(window + 1))
                expected = inside * by_window[window] / total
                if counted > expected:
                    rest = (total - counted) * math.log((total - counted) / (total - expected))
                    highest = max(highest, counted * math.log(counted / expected) + rest)
    return highest


def _row(name: str, took: float, limit: float, *, is_part: bool = False) -> str:
    return f"| {name} | {'~' if is_part else ''}{took:.3g} | {took / limit:,.1f} |"


def _table(title: str, rows: list[str], note: str) -> str:
    return "\n".join([f"### {title}", "", "| what | seconds | × the limit |", "|---|---|---|", *rows, "", note, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=SERIES)
    parser.add_argument("--places", type=int, nargs="*", default=list(SIZES))
    asked = parser.parse_args()
    print(f"## Unusual weeks and clusters\n\n{__doc__}")
    print(weeks_section(asked.series))
    for places in asked.places:
        print(f"bench: scan of {places} places", file=sys.stderr)
        print(scan_section(places, SIZES.get(places, places * 35)))


if __name__ == "__main__":
    main()
