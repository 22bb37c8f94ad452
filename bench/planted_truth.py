"""Planted truth: counties whose hot spots and rates are known, and what Gi* and the rank intervals make of them.

    .venv/bin/python bench/planted_truth.py --seeds 400 --write docs/methods/planted-truth.md

Prints the tables, or writes them with the page around them. The same seeds give the same tables.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import ndtr

from upstander.analysis.discoveries import benjamini_hochberg
from upstander.analysis.hotspots.gi_star import GiStar, gi_star
from upstander.analysis.hotspots.neighbours import Neighbours, grid_neighbours
from upstander.analysis.hotspots.ranks import rank_intervals

SIDE = 25
SQUARES = 3
APART = 6  # least distance of two centres, so that the rings of two squares do not touch
Q = 0.05
# base a cell, unevenness, relative risk of two squares and of the third
BESIDE = (
    (2.0, 0.0, 3.0, 10.0),
    (2.0, 0.0, 3.0, 40.0),
    (8.0, 0.0, 2.0, 40.0),
    (8.0, 0.5, 3.0, 40.0),
    (2.0, 1.0, 5.0, 5.0),
    (2.0, 1.0, 5.0, 40.0),
)
ROW, COLUMN = (axis.ravel() for axis in np.indices((SIDE, SIDE)))
GRID: Neighbours = grid_neighbours(COLUMN, ROW)


@dataclass(frozen=True)
class County:
    """One made county: counts by cell, and the number of the planted square each cell lies in (-1 for none)."""

    counts: np.ndarray
    square: np.ndarray

    @property
    def is_near_planted(self) -> np.ndarray:
        """Whether a cell's neighbourhood (itself and the eight around it) holds a planted cell."""
        planted = (self.square >= 0).astype(float)
        return GRID.sums(planted) + planted > 0


@dataclass(frozen=True)
class Score:
    """What one county showed."""

    found: float
    false_share: float
    names_none: bool
    normal_names_none: bool
    normal_false_share: float


@dataclass(frozen=True)
class Beside:
    """What one county with one very busy square showed, in the first round of naming and in all rounds.

    `found`: share of the other squares found. `dragged`: ordinary cells named that touch the busy square.
    """

    found_at_once: float
    found: float
    dragged_at_once: float
    dragged: float
    false_share: float


def county(
    rng: np.random.Generator, base: float, risk: float, *, unevenness: float = 0.0, busiest: float | None = None
) -> County:
    """Poisson counts at `base` a cell, `risk` times that in three 3×3 squares; none if risk is 1.

    unevenness: variance of a gamma multiplier of each cell with mean 1, independent of its neighbours.
    busiest: relative risk of the first square, where it is not that of the others.
    """
    square = np.full(SIDE * SIDE, -1)
    if risk != 1:
        for number, (row, column) in enumerate(centres(rng)):
            square[(abs(ROW - row) <= 1) & (abs(COLUMN - column) <= 1)] = number
    rates = np.where(square >= 0, base * risk, base)
    if busiest is not None:
        rates = np.where(square == 0, base * busiest, rates)
    if unevenness:
        rates = rates * rng.gamma(1 / unevenness, unevenness, rates.size)
    return County(rng.poisson(rates), square)


def centres(rng: np.random.Generator) -> list[tuple[int, int]]:
    """Centres of the squares, inside the county and apart from one another."""
    chosen: list[tuple[int, int]] = []
    while len(chosen) < SQUARES:
        row, column = (int(at) for at in rng.integers(1, SIDE - 1, 2))
        if all(max(abs(row - r), abs(column - c)) >= APART for r, c in chosen):
            chosen.append((row, column))
    return chosen


def score(made: County) -> Score:
    """Recall by place and false discoveries of the exact test, and of the same z taken as normal."""
    result = gi_star(made.counts, GRID, q=Q)
    with np.errstate(invalid="ignore"):
        normal = benjamini_hochberg(np.nan_to_num(ndtr(-result.z_star), nan=1.0)) <= Q
    hit = {int(number) for number in made.square[result.is_hot] if number >= 0}
    return Score(
        found=len(hit) / SQUARES,
        false_share=false_share(made, result.is_hot),
        names_none=not named(result),
        normal_names_none=not normal.any(),
        normal_false_share=false_share(made, normal),
    )


def score_beside(made: County) -> Beside:
    """What is found beside the first square, and which ordinary cells it takes along."""
    result = gi_star(made.counts, GRID, q=Q)
    at_once = result.is_hot & (result.round == 1)
    touches = (GRID.sums((made.square == 0).astype(float)) > 0) & (made.square < 0)
    others = [made.square == number for number in range(1, SQUARES)]
    return Beside(
        found_at_once=float(np.mean([at_once[square].any() for square in others])),
        found=float(np.mean([result.is_hot[square].any() for square in others])),
        dragged_at_once=float((at_once & touches).sum()),
        dragged=float((result.is_hot & touches).sum()),
        false_share=false_share(made, result.is_hot),
    )


def named(result: GiStar) -> int:
    """How many places a result names."""
    return int(result.place.max()) + 1


def false_share(made: County, is_hot: np.ndarray) -> float:
    """Share of discoveries whose neighbourhood holds no planted cell; 0 where nothing is discovered."""
    return float((is_hot & ~made.is_near_planted).sum() / max(int(is_hot.sum()), 1))


def rank_coverage(rates: np.ndarray, rng: np.random.Generator, seed: int) -> tuple[float, float]:
    """Share of places whose interval holds the true rank (any of its tied ranks), and the same of the ten highest."""
    found = rank_intervals(rng.poisson(rates), seed=seed, draws=1000)
    best = (rates[None] > rates[:, None]).sum(axis=1) + 1
    worst = (rates[None] >= rates[:, None]).sum(axis=1)
    holds = (found.low <= worst) & (found.high >= best)
    return float(holds.mean()), float(holds[np.argsort(-rates, kind="stable")[:10]].mean())


RATES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "gamma, shape 0.5, mean 2": lambda rng, n: rng.gamma(0.5, 4, n),
    "gamma, shape 2, mean 0.5": lambda rng, n: rng.gamma(2, 0.25, n),
    "gamma, shape 2, mean 2": lambda rng, n: rng.gamma(2, 1, n),
    "gamma, shape 2, mean 8": lambda rng, n: rng.gamma(2, 4, n),
    "gamma, shape 20, mean 8": lambda rng, n: rng.gamma(20, 0.4, n),
    "log-normal, sd 0.5, median 2": lambda rng, n: 2 * np.exp(rng.normal(0, 0.5, n)),
    "log-normal, sd 1, median 2": lambda rng, n: 2 * np.exp(rng.normal(0, 1, n)),
    "log-normal, sd 1.5, median 2": lambda rng, n: 2 * np.exp(rng.normal(0, 1.5, n)),
    "uneven base, one place in 20 three times it": lambda rng, n: (
        2 * rng.gamma(8, 1 / 8, n) * np.where(np.arange(n) < n // 20, 3, 1)
    ),
}


def mean_and_error(values: list[float], form: str = "{:.3f}") -> str:
    """Mean and twice its Monte Carlo standard error."""
    error = 2 * np.std(values, ddof=1) / np.sqrt(len(values))
    return f"{form.format(np.mean(values))} ± {form.format(error)}"


def hot_spot_table(seeds: int) -> list[str]:
    """Recall and false discoveries by base and relative risk."""
    rows = [
        "| base a cell | relative risk | recall by place | false share, exact p | false share, normal z |",
        "|--:|--:|--:|--:|--:|",
    ]
    for base in (0.5, 2.0, 8.0):
        for risk in (2.0, 3.0, 5.0):
            scores = [
                score(county(np.random.default_rng([seed, int(base * 10), int(risk)]), base, risk))
                for seed in range(seeds)
            ]
            cells = [
                mean_and_error([each.found for each in scores]),
                mean_and_error([each.false_share for each in scores]),
                mean_and_error([each.normal_false_share for each in scores]),
            ]
            rows.append(f"| {base:g} | {risk:g} | " + " | ".join(cells) + " |")
    return rows


def beside_table(seeds: int) -> list[str]:
    """Recall of two squares beside a third that is far busier, by round; ordinary cells named next to the third."""
    rows = [
        "| base | uneven | risk | of the busy one | recall: round 1 | all | false share | taken along: round 1 | all |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for base, unevenness, risk, busiest in BESIDE:
        made = (
            county(np.random.default_rng([seed, int(base * 10), 2]), base, risk, unevenness=unevenness, busiest=busiest)
            for seed in range(seeds)
        )
        scores = [score_beside(each) for each in made]
        cells = [
            mean_and_error([getattr(each, name) for each in scores])
            for name in ("found_at_once", "found", "false_share", "dragged_at_once", "dragged")
        ]
        rows.append(f"| {base:g} | {unevenness:g} | {risk:g} | {busiest:g} | " + " | ".join(cells) + " |")
    return rows


def null_table(seeds: int) -> list[str]:
    """How often a county without hot spots names no place."""
    rows = [
        "| base a cell | cells uneven (variance) | names no place, exact p | names no place, normal z |",
        "|--:|--:|--:|--:|",
    ]
    for base in (0.1, 0.5, 2.0, 8.0):
        for unevenness in (0.0, 1.0):
            made = (
                county(np.random.default_rng([seed, int(base * 10), 1]), base, 1.0, unevenness=unevenness)
                for seed in range(seeds)
            )
            scores = [score(each) for each in made]
            rows.append(
                f"| {base:g} | {unevenness:g} | {np.mean([each.names_none for each in scores]):.1%} "
                f"| {np.mean([each.normal_names_none for each in scores]):.1%} |"
            )
    return rows


def rank_table(seeds: int) -> list[str]:
    """Coverage of 95% rank intervals, averaged over places and counties."""
    rows = ["| true rates | 20 places | 100 places | 600 places | ten highest of 600 |", "|---|--:|--:|--:|--:|"]
    for name, make in RATES.items():
        covered = {}
        for places in (20, 100, 600):
            rng = np.random.default_rng([places, len(name)])
            covered[places] = [rank_coverage(make(rng, places), rng, seed) for seed in range(seeds)]
        cells = [mean_and_error([every for every, _ in covered[places]]) for places in (20, 100, 600)]
        rows.append(f"| {name} | " + " | ".join(cells) + f" | {np.mean([top for _, top in covered[600]]):.3f} |")
    return rows


PAGE = """# Planted truth: do we find what is there, and only that?

Made by `bench/planted_truth.py --seeds {seeds} --write docs/methods/planted-truth.md`. Each row is {seeds} counties
({rank_seeds} for ranks), each from its own seed. ± is twice the Monte Carlo error.

## Hot spots (Gi*, exact p, Benjamini–Hochberg at 0.05)

A county of 25 × 25 squares with three hot spots, each 3 × 3 squares, apart from one another. A hot spot is found when
a cell inside it is discovered. A discovery is false when neither it nor any of the eight squares around it is planted.
"Normal z" is the same statistic with its p taken from the normal curve: it is shown to say why we do not use it.

{hot}

## Beside a very busy place

The same county, but one of its three hot spots is far busier than the other two. Recall is of those two. The busy one
hides them in the first round: any draw may hold one of its cells. A round leaves out what earlier rounds have named.
"Taken along": ordinary cells named that touch the busy hot spot, a county; the ring around it has 16. "Uneven" is the
variance of the cells' own rates, as below.

{beside}

Where cells are uneven, rounds mend less. In the row before the last no hot spot is busier than the others, and recall
is low all the same; a far busier one lowers it further, and later rounds then take a few more ordinary cells along,
where a part of the busy place was not named at first.

## Counties with nothing planted

A place named here is named wrongly. "Uneven" cells differ in their own rate (gamma, that variance about 1) without
being alike to their neighbours: busy addresses, no hot spot.

{null}

## Rank intervals (95%)

Places have known rates; the interval should hold the true rank in 95% of places. Where places tie, any of the tied
ranks counts as held, so a county of equal places is held in full and says nothing; the rates below do not tie.

{ranks}

The average over places is what the interval promises. The highest places are held less often where counts are few
(means of one or two a place): the data then cannot say which they are, and the interval is drawn towards the middle.
Read the top of such a list as a group, not as an order. Very uneven rates (log-normal, standard deviation 1.5) have
a longer tail than the gamma distribution the method fits, and cost it about two points.

## Why exact

The sum over a cell and its neighbours is compared with every way of drawing that many cells from the values observed,
without replacement. For whole numbers the number of ways is counted, not sampled, so a p of one in a billion is as
good as a p of one in two; 999 random arrangements could never pass the correction for 625 cells. The draw keeps the
spread of the counts as it is, so one very busy address does not make nine cells hot, as it would against a Poisson
expectation.

The price: cells truly hot are among those drawn, and hide others that are less so. Therefore cells are named in rounds,
as Zhang, Assunção and Kulldorff do for clusters of a scan statistic (Journal of Probability and Statistics 2010,
642379): the cells a round names leave the sums and the draws, and the rest are judged again, until a round names
nothing, ten rounds at most. A county whose first round names nothing has no second, so the share of quiet counties is
that of one round. Each round is corrected at 0.05 over its own cells; that all rounds together stay under the goal is
shown here, not proved. Where rates fall off slowly from a centre, later rounds name more of the slope: a cell of
round three stands out among what is left, not beside the busiest. The method gives each cell's round.
"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seeds", type=int, default=400)
    asked.add_argument("--write", type=Path)
    options = asked.parse_args()
    rank_seeds = max(options.seeds // 4, 2)
    tables = {
        "hot": hot_spot_table(options.seeds),
        "beside": beside_table(options.seeds),
        "null": null_table(options.seeds),
        "ranks": rank_table(rank_seeds),
    }
    page = PAGE.format(
        seeds=options.seeds, rank_seeds=rank_seeds, **{name: "\n".join(rows) for name, rows in tables.items()}
    )
    if options.write:
        options.write.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
