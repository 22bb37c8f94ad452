"""Getis–Ord Gi*: which cells stand, with the cells around them, above what chance arrangement would give.

z is the usual statistic. The p-value that decides is not taken from it: counts are skewed and few, and a normal z
calls many quiet cells hot. Instead, the sum over a cell and its neighbours is compared with every way of drawing as
many cells, without replacement, from the values observed. For whole numbers that distribution is computed exactly;
for other values it is drawn at random, 10^5 times or more. It makes no assumption about the spread of the counts
(one very busy address does not make its nine neighbours hot), and needs no population.

One place far above the rest would hide the next: any draw may hold one of its cells. So cells are named in rounds.
What a round names leaves the pool and the sums, and the other cells are judged again among themselves, until a round
names nothing. Where the first round names nothing there is no second, so a quiet county is as quiet as with one.

Sources: Getis and Ord, Geographical Analysis 24(3), 1992; Ord and Getis, Geographical Analysis 27(4), 1995;
false discoveries: Caldas de Castro and Singer, Geographical Analysis 38(2), 2006; rounds: Zhang, Assunção and
Kulldorff, Journal of Probability and Statistics 2010, 642379 (of scan statistics; the share of false discoveries
over all rounds is measured in docs/methods/planted-truth.md, not proved).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.discoveries import benjamini_hochberg
from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots.neighbours import Neighbours, connected
from upstander.analysis.hotspots.permuting import distinct_draws

LEAST_PERMUTATIONS = 100_000
_MOST_EXACT_WORK = 200_000_000  # numbers added up for an exact answer: a second or two
_FEWEST_CELLS = 9
_MOST_ROUNDS = 10


@dataclass(frozen=True)
class GiStar:
    """Gi* of every cell, in the order given.

    `z_star` counts the cell itself, `z` leaves it out (NaN where all values are equal); both are of all cells.
    `round`: in which the cell was decided, from 1; named, or in the last round not named. `p_hot`: chance of a sum
    this high or higher under chance arrangement, in that round: cells named before are neither in the sum nor drawn.
    `p_hot_bh`: the same adjusted over the cells of that round. `is_hot`: p_hot_bh ≤ q.
    `place`: number of the named place the cell belongs to (touching hot cells are one place, whatever their rounds),
    -1 for none. `how`: "exact", or "permutations" if any round drew at random.
    """

    z_star: NDArray[np.float64]
    z: NDArray[np.float64]
    p_hot: NDArray[np.float64]
    p_hot_bh: NDArray[np.float64]
    is_hot: NDArray[np.bool_]
    round: NDArray[np.int64]
    place: NDArray[np.int64]
    how: str


def gi_star(
    values: ArrayLike, neighbours: Neighbours, *, q: float = 0.05, seed: int = 0,
    permutations: int = LEAST_PERMUTATIONS,
) -> GiStar:  # fmt: skip
    """Gi* with binary weights including the cell itself, p by chance arrangement, discoveries at false share `q`.

    Discoveries are made in rounds, ten at most, each among the cells that no earlier round named.
    values: one number a cell. Counts get exact p-values; `permutations` and `seed` matter for rates, and for counts
    so large (thousands in hundreds of cells) that counting every draw would take minutes.
    Raises TooFewPoints under 9 cells, UnfitNumbers for values that are missing or do not match the neighbours.
    """
    x = checked(values, neighbours)
    p_hot, p_hot_bh, decided = np.ones(x.size), np.ones(x.size), np.zeros(x.size, dtype=np.int64)
    cells, how = np.arange(x.size), "exact"
    for number in range(1, _MOST_ROUNDS + 1):
        p_hot[cells], how_now = _chances(x[cells], neighbours.among(cells), seed=seed, permutations=permutations)
        p_hot_bh[cells], decided[cells] = benjamini_hochberg(p_hot[cells]), number
        how = how if how_now == "exact" else how_now
        others = cells[p_hot_bh[cells] > q]
        if others.size == cells.size or others.size < _FEWEST_CELLS:
            break
        cells = others
    is_hot = p_hot_bh <= q
    z_star, z = z_scores(x, neighbours)
    return GiStar(z_star, z, p_hot, p_hot_bh, is_hot, decided, connected(neighbours, is_hot), how)


def _chances(
    x: NDArray[np.float64], neighbours: Neighbours, *, seed: int, permutations: int
) -> tuple[NDArray[np.float64], str]:
    """The chance of each cell's sum with its neighbours, among these cells alone, and how it was found."""
    sums, drawn = x + neighbours.sums(x), neighbours.counts() + 1
    return chance_of_sum(x, sums, drawn, seed=seed, permutations=permutations)


def z_scores(x: NDArray[np.float64], neighbours: Neighbours) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard scores of Gi* (the cell counted) and Gi (left out), binary weights. NaN where nothing varies.

    Source: Ord and Getis 1995, equations 14 and 15 (weights given as counts of neighbours).
    """
    n, near, around = x.size, neighbours.counts(), neighbours.sums(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        star = _standard(around + x, near + 1, n, x.mean(), x.var())
        mean_others = (x.sum() - x) / (n - 1)
        var_others = np.maximum((np.square(x).sum() - np.square(x)) / (n - 1) - np.square(mean_others), 0)
        return star, _standard(around, near, n - 1, mean_others, var_others)


def _standard(
    total: NDArray[np.float64], k: NDArray[np.int64], n: int, mean: ArrayLike, variance: ArrayLike
) -> NDArray[np.float64]:
    spread = np.sqrt(np.asarray(variance) * (n * k - np.square(k)) / (n - 1))
    z = (total - k * np.asarray(mean)) / spread
    return np.where(np.isfinite(z), z, np.nan)


def chance_of_sum(
    x: NDArray[np.float64], sums: NDArray[np.float64], drawn: NDArray[np.int64], *, seed: int, permutations: int,
) -> tuple[NDArray[np.float64], str]:  # fmt: skip
    """Chance that as many cells as `drawn`, taken at random from `x` without replacement, sum to `sums` or more."""
    most, ceiling = int(drawn.max()), float(np.sort(x)[-int(drawn.max()) :].sum())
    is_whole = bool((x == np.floor(x)).all() and (x >= 0).all())
    if is_whole and np.unique(x).size * (most + 1) * (ceiling + 1) <= _MOST_EXACT_WORK:
        tails = exact_tails(x.astype(np.int64), most)
        return tails[drawn, sums.astype(np.int64)], "exact"
    return _permuted(x, sums, drawn, np.random.default_rng(seed), permutations), "permutations"


def exact_tails(x: NDArray[np.int64], most: int) -> NDArray[np.float64]:
    """P(sum of k cells drawn without replacement from `x` ≥ s), at [k, s], for k up to `most`; whole numbers ≥ 0.

    Counts the ways by the histogram of the values: one value after the other, take t of the m cells that have it.
    Every term is positive, and the tail is added up from its thin end, so small chances keep their digits.
    """
    ceiling = int(np.sort(x)[-most:].sum())
    ways = np.zeros((most + 1, ceiling + 1))
    ways[0, 0] = 1.0
    for value, multiplicity in zip(*np.unique(x, return_counts=True), strict=True):
        ways = _take(ways, int(value), int(multiplicity), most, x.size)
    tails: NDArray[np.float64] = np.cumsum(ways[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(tails / tails[:, :1], 1.0)


def _take(ways: NDArray[np.float64], value: int, multiplicity: int, most: int, n: int) -> NDArray[np.float64]:
    taken = ways.copy()
    choose = 1.0
    for t in range(1, min(multiplicity, most) + 1):
        # Scaled by (most / n) a cell, so that C(n, k) stays within a double; the division by the row total undoes it.
        choose *= (multiplicity - t + 1) / t * (most / n)
        shift = t * value
        if shift >= ways.shape[1]:
            break
        taken[t:, shift:] += choose * ways[:-t, : ways.shape[1] - shift]
    return taken


def _permuted(
    x: NDArray[np.float64], sums: NDArray[np.float64], drawn: NDArray[np.int64], rng: np.random.Generator, times: int,
) -> NDArray[np.float64]:  # fmt: skip
    """(1 + draws at or above the sum) / (1 + draws). Cells with as many neighbours share their draws."""
    if times < LEAST_PERMUTATIONS:
        raise UnfitNumbers(
            "Too few permutations to survive the correction for many cells.",
            where="permutations", found=str(times), expected=f"{LEAST_PERMUTATIONS} or more",
        )  # fmt: skip
    running = np.cumsum(x[distinct_draws(x.size, int(drawn.max()), times, rng)], axis=1)
    p = np.empty(x.size)
    for k in np.unique(drawn):
        chance, cells = np.sort(running[:, k - 1]), drawn == k
        # A tie counts as reached, also when the last digit of the two sums differs by the order of adding.
        reached = times - np.searchsorted(chance, sums[cells] - 1e-9 * np.maximum(np.abs(sums[cells]), 1), side="left")
        p[cells] = (1 + reached) / (1 + times)
    return p


def checked(values: ArrayLike, neighbours: Neighbours) -> NDArray[np.float64]:
    """The values as numbers. Raises TooFewPoints under 9 cells, UnfitNumbers where they do not match the neighbours."""
    x = np.asarray(values, dtype=np.float64)
    if x.size < _FEWEST_CELLS:
        raise TooFewPoints(where="values", found=x.size, needed=_FEWEST_CELLS)
    if x.shape != (neighbours.size,) or not np.isfinite(x).all():
        raise UnfitNumbers(
            "Each cell of the neighbours needs one number; an empty cell is a zero.",
            where="values", found=f"{int(np.isfinite(x).sum())} numbers, {neighbours.size} cells",
            expected="a number for every cell",
        )  # fmt: skip
    return x


@dataclass(frozen=True)
class Place:
    """A named place: touching hot cells. `cells` are their numbers, `peak` the one whose neighbourhood holds most."""

    number: int
    cells: tuple[int, ...]
    peak: int
    total: float
    p_hot_bh: float


def named_places(values: ArrayLike, found: GiStar) -> tuple[Place, ...]:
    """The places that Gi* names, the largest total first; none is an answer too."""
    cells = pl.DataFrame({
        "number": found.place, "cell": np.arange(found.place.size), "value": np.asarray(values, dtype=np.float64),
        "z": found.z_star, "p": found.p_hot_bh,
    }).filter(pl.col("number") >= 0)  # fmt: skip
    places = cells.group_by("number").agg(
        pl.col("cell").sort(),
        peak=pl.col("cell").sort_by("z", "cell", descending=[True, False]).first(),
        total=pl.col("value").sum(),
        p=pl.col("p").min(),
    )
    rows = places.sort(["total", "number"], descending=[True, False]).iter_rows(named=True)
    return tuple(Place(row["number"], tuple(row["cell"]), row["peak"], row["total"], row["p"]) for row in rows)
