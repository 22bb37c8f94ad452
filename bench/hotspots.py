"""Gi* by 999 conditional permutations, and kernel density of three million points, beside what a person would pick.

Gi*: invented areas that touch as a Delaunay triangulation has it. The limit is one load from memory for each value
that 999 deals would hand to each neighbour; ours shares its deals among all areas and stays under it. esda draws the
same kind of deals one area after the other, and so does spdep, in R.

Density: points on a county of 80 km, cells of 100 m, a bandwidth of 500 m. The limit is one histogram and one Fourier
transform there and back. KDEpy has no quartic kernel and is timed with its Gaussian on the same grid; scikit-learn and
scipy sum each point and cell, so they are timed on a sample and scaled up (~). All runs are in one process, the limit
before and after the others; memory is the largest that Python allocated in the run.
"""

import argparse
import sys
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np
from in_r import seconds_in_r

from upstander.analysis.hotspots import density as kde
from upstander.analysis.hotspots.gi_star_permutations import gi_star_permuted
from upstander.analysis.hotspots.neighbours import Neighbours, listed_neighbours

PERMUTATIONS = 999
SIDE_M, CELL_M, BANDWIDTH_M = 80_000, 100, 500
AREAS, POINTS = (600, 5_000, 35_000), 3_000_000
GOAL_LOADS, GOAL_LIMIT, GOAL_SECONDS, GOAL_MB = 10.0, 1.5, 0.1, 250.0

SPDEP = """
suppressMessages(library(spdep)); counts <- read.csv(commandArgs(TRUE)[1])[[1]]; pair <- read.csv(commandArgs(TRUE)[2])
near <- split(pair[[2]] + 1L, factor(pair[[1]] + 1L, levels = seq_along(counts))); names(near) <- NULL
class(near) <- "nb"; attr(near, "region.id") <- as.character(seq_along(counts))
weights <- nb2listw(include.self(near), style = "B")
cat(system.time(localG_perm(counts, weights, nsim = 999))[["elapsed"]])
"""

Work = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One line of a table; seconds None where the peer is not installed."""

    name: str
    seconds: float | None
    mb: float | None = None
    is_scaled: bool = False


def timed(work: Work, repeats: int = 5) -> float:
    """Median seconds."""
    seconds = []
    for _ in range(repeats):
        began = perf_counter()
        work()
        seconds.append(perf_counter() - began)
    return median(seconds)


def megabytes(work: Work) -> float:
    """The most that one run allocates at once, apart from its input."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def areas(size: int, seed: int) -> tuple[np.ndarray, Neighbours]:
    """Counts that rise towards one place, and who touches whom."""
    from scipy.spatial import Delaunay

    rng = np.random.default_rng(seed)
    at = rng.random((size, 2)) * 1000
    corners = Delaunay(at).simplices
    left, right = (np.concatenate([corners[:, one] for one in order]) for order in ((0, 1, 2), (1, 2, 0)))
    counts = rng.poisson(3 + 20 * np.exp(-np.square(at - 300).sum(axis=1) / 2e4)).astype(np.float64)
    return counts, listed_neighbours(left, right, size)


def loads(counts: np.ndarray, neighbours: Neighbours) -> Work:
    """A load for each value that the deals hand out, all from a cache."""
    at_once = min(counts.size, 2000)
    index = np.random.default_rng(0).integers(0, at_once, 50_000)
    block, into = counts[:at_once].copy(), np.empty(index.size)
    times = max(PERMUTATIONS * neighbours.left.size // index.size, 1)

    def work() -> None:
        for _ in range(times):
            np.take(block, index, out=into, mode="clip")

    return work


def esda(counts: np.ndarray, neighbours: Neighbours) -> Work | None:
    """esda's G_Local, warmed up, one process."""
    try:
        from esda.getisord import G_Local
        from libpysal.weights import W
    except ImportError:
        return None
    warnings.filterwarnings("ignore")
    ends = np.searchsorted(neighbours.left, np.arange(counts.size + 1))
    near = {cell: neighbours.right[ends[cell] : ends[cell + 1]].tolist() for cell in range(counts.size)}
    weights = W(near, silence_warnings=True)
    G_Local(counts, weights, transform="B", permutations=9, star=True, n_jobs=1, seed=1)
    return lambda: G_Local(counts, weights, transform="B", permutations=PERMUTATIONS, star=True, n_jobs=1, seed=1)


def gi_star_rows(size: int, seed: int) -> list[Row]:
    counts, neighbours = areas(size, seed)
    limit = loads(counts, neighbours)
    before = timed(limit, 3)
    own: Work = lambda: gi_star_permuted(counts, neighbours, permutations=PERMUTATIONS, seed=1)  # noqa: E731
    ours, mb = timed(own), megabytes(own)
    peer = esda(counts, neighbours)
    theirs = None if peer is None else timed(peer, 1)
    in_r = seconds_in_r(SPDEP, counts[:, None], np.column_stack([neighbours.left, neighbours.right]))
    after = timed(limit, 3)
    return [
        Row("loads", (before + after) / 2), Row("ours", ours, mb), Row("esda", theirs), Row("spdep, in R", in_r),
    ]  # fmt: skip


def density_rows(points: int, seed: int) -> list[Row]:
    from scipy.fft import irfft2, rfft2

    rng = np.random.default_rng(seed)
    x, y = rng.random((2, points)) * SIDE_M
    study = kde.study_within(0, 0, SIDE_M, SIDE_M, CELL_M)
    cells = study.columns

    def limit() -> object:
        cell = (y / CELL_M).astype(np.int32) * cells + (x / CELL_M).astype(np.int32)
        return irfft2(rfft2(np.bincount(cell, minlength=cells * cells).reshape(cells, cells).astype(np.float64)))

    def own() -> object:
        return kde.density(kde.binned(x, y, study)[0], study, BANDWIDTH_M)

    before, ours = timed(limit), timed(own)
    mb = megabytes(own)
    peers = [kdepy(x, y, study), sklearn(x, y, study), scipy_kde(x, y, study)]
    return [Row("histogram and transform", (before + timed(limit)) / 2), Row("ours", ours, mb), *peers]


def kdepy(x: np.ndarray, y: np.ndarray, study: kde.Study) -> Row:
    name = "KDEpy FFTKDE, Gaussian"
    try:
        from KDEpy import FFTKDE
    except ImportError:
        return Row(name, None)
    across, up = study.centres()
    grid = np.array(np.meshgrid(across, up, indexing="ij")).reshape(2, -1).T.copy()
    # It wants every point strictly within its grid.
    at = np.column_stack([np.clip(x, across[0] + 1, across[-1] - 1), np.clip(y, up[0] + 1, up[-1] - 1)])
    return Row(name, timed(lambda: FFTKDE(bw=BANDWIDTH_M, kernel="gaussian").fit(at).evaluate(grid), 1))


def sampled(
    x: np.ndarray, y: np.ndarray, study: kde.Study, points: int, every: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Some points, some cells, and how many times more work the whole is."""
    grid = np.array(np.meshgrid(*study.centres())).reshape(2, -1).T[::every]
    return (
        np.column_stack([x, y])[:points],
        grid,
        x.size * study.columns * study.rows / (min(points, x.size) * len(grid)),
    )


def sklearn(x: np.ndarray, y: np.ndarray, study: kde.Study) -> Row:
    name = "scikit-learn KernelDensity, Epanechnikov"
    try:
        from sklearn.neighbors import KernelDensity
    except ImportError:
        return Row(name, None)
    at, grid, times = sampled(x, y, study, 100_000, 160)
    seconds = timed(lambda: KernelDensity(bandwidth=BANDWIDTH_M, kernel="epanechnikov").fit(at).score_samples(grid), 1)
    return Row(name, seconds * times, is_scaled=True)


def scipy_kde(x: np.ndarray, y: np.ndarray, study: kde.Study) -> Row:
    from scipy.stats import gaussian_kde

    at, grid, times = sampled(x, y, study, 2000, 640)
    own = gaussian_kde(at.T, bw_method=0.05)
    return Row("scipy gaussian_kde", timed(lambda: own(grid.T), 1) * times, is_scaled=True)


def table(title: str, rows: list[Row]) -> list[str]:
    """The rows as Markdown, each against the first, which is the limit, and against ours."""
    limit, ours = rows[0].seconds or 0.0, rows[1].seconds or 0.0
    lines = [f"| {title} | time | × the limit | × ours | memory |", "|---|---|---|---|---|"]
    for row in rows:
        if row.seconds is None:
            lines.append(f"| {row.name} | not installed | | | |")
            continue
        mark, memory = "~" if row.is_scaled else "", "" if row.mb is None else f"{row.mb:.0f} MB"
        shares = f"{row.seconds / limit:,.1f} | {row.seconds / ours:,.1f}"
        lines.append(f"| {row.name} | {mark}{row.seconds:,.4f} s | {shares} | {memory} |")
    return [*lines, ""]


def section(sizes: tuple[int, ...], points: int, seed: int) -> str:
    found = {size: gi_star_rows(size, seed) for size in sizes}
    lines = [line for size, rows in found.items() for line in table(f"Gi*, {size:,} areas", rows)]
    met = all(rows[1].seconds <= GOAL_LOADS * rows[0].seconds and rows[1].mb <= GOAL_MB for rows in found.values())
    print("bench: density", file=sys.stderr)
    surface = density_rows(points, seed)
    is_quick = surface[1].seconds <= GOAL_LIMIT * surface[0].seconds
    goals = [
        f"Goal for Gi*: at most {GOAL_LOADS:.0f} × the loads and {GOAL_MB:.0f} MB: {'met' if met else 'not met'}.", "",
        *table(f"Density, {points:,} points", surface),
        f"Goal for density: at most {GOAL_LIMIT} × the limit: {'met' if is_quick else 'not met'}.",
        f"In {GOAL_SECONDS} s: {'met' if surface[1].seconds <= GOAL_SECONDS else 'not met'}.", "",
    ]  # fmt: skip
    return "\n".join([*lines, *goals])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--areas", type=int, nargs="+", default=AREAS)
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--seed", type=int, default=3)
    asked = parser.parse_args()
    print(f"## Hot spots\n\n{__doc__}\n{section(tuple(asked.areas), asked.points, asked.seed)}")


if __name__ == "__main__":
    main()
