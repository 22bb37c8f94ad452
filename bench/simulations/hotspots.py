"""Hot spots in made worlds: quiet ones that must name nothing, planted ones that must be found, ranks that are known.

"Spread" is the variance of counts over their mean: 1 is Poisson; more comes of several victims at once, of feuds, of
busy addresses that are alike to no neighbour. A method that cannot know of it is shown with it all the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from simulations import Finding
from upstander.analysis.hotspots.gi_star import gi_star
from upstander.analysis.hotspots.gi_star_permutations import gi_star_permuted
from upstander.analysis.hotspots.knox import knox
from upstander.analysis.hotspots.local_moran import local_moran
from upstander.analysis.hotspots.near_repeat import near_repeats
from upstander.analysis.hotspots.neighbours import Neighbours, grid_neighbours
from upstander.analysis.hotspots.ranks import rank_intervals
from upstander.analysis.hotspots.stability import rank_stability

SIDE, Q, LEVEL = 20, 0.05, 0.05
PERMUTATIONS, SHUFFLES = 19_999, 199
COUNTY_SEEDS = 50
ROW, COLUMN = (axis.ravel() for axis in np.indices((SIDE, SIDE)))
GRID = grid_neighbours(COLUMN, ROW)
HOT = ((abs(ROW - 4) <= 1) & (abs(COLUMN - 4) <= 1)), ((abs(ROW - 14) <= 1) & (abs(COLUMN - 13) <= 1))

Discovers = Callable[[np.ndarray, int], np.ndarray]


def by_permutations(counts: np.ndarray, seed: int) -> np.ndarray:
    """Cells named hot or cold."""
    found = gi_star_permuted(counts, GRID, permutations=PERMUTATIONS, q=Q, seed=seed)
    return found.is_hot | found.is_cold


NAMERS: dict[str, Discovers] = {
    "gi_star": lambda counts, seed: gi_star(counts, GRID, q=Q, seed=seed).is_hot,
    "gi_star_permutations": by_permutations,
    "local_moran": lambda counts, seed: (
        local_moran(counts, GRID, permutations=PERMUTATIONS, q=Q, seed=seed).is_discovery
    ),
}


def simulate(runs: int, seed: int) -> list[Finding]:
    """Every share, each from its own stream of random numbers."""
    return [
        *quiet_counties(runs, seed),
        *planted_squares(runs, seed),
        *fictional_county(min(runs, COUNTY_SEEDS), seed),
        *events_without_repeats(runs, seed),
        *planted_repeats(runs, seed),
        *known_ranks(runs, seed),
        *tops_that_stay(runs, seed),
    ]


def worlds(runs: int, seed: int, *label: int) -> Iterator[np.random.Generator]:
    """A random stream for each world of a setting."""
    return (np.random.default_rng([seed, run, *label]) for run in range(runs))


def spread_counts(rng: np.random.Generator, mean: np.ndarray, spread: float) -> np.ndarray:
    """Counts with the mean, and a variance of `spread` times it."""
    if spread == 1:
        return rng.poisson(mean)
    return rng.poisson(rng.gamma(np.asarray(mean) / (spread - 1), spread - 1))


def quiet_counties(runs: int, seed: int) -> Iterator[Finding]:
    """How often a county without hot spots has any cell named."""
    for base, spread in ((0.5, 1.0), (4.0, 1.0), (40.0, 1.0), (4.0, 3.0), (40.0, 10.0)):
        named = dict.fromkeys(NAMERS, 0)
        for rng in worlds(runs, seed, 1, int(base * 10), int(spread)):
            counts = spread_counts(rng, np.full(SIDE * SIDE, base), spread)
            for method, discovers in NAMERS.items():
                named[method] += bool(discovers(counts, int(rng.integers(2**32))).any())
        for method, many in named.items():
            yield Finding(
                method, "quiet counties in which anything is named", f"{base:g} a cell, spread {spread:g}",
                many / runs, runs, Q, 0.0, Q,
            )  # fmt: skip


def planted_squares(runs: int, seed: int) -> Iterator[Finding]:
    """How many planted squares are found, and what share of the discoveries has nothing planted near."""
    planted = (HOT[0] | HOT[1]).astype(float)
    is_near = GRID.sums(planted) + planted > 0
    for base, risk, spread, least in ((4.0, 3.0, 1.0, 0.95), (40.0, 2.0, 1.0, 0.95), (4.0, 3.0, 3.0, 0.5)):
        found, false = {method: [] for method in NAMERS}, {method: [] for method in NAMERS}
        for rng in worlds(runs, seed, 2, int(base * 10), int(spread)):
            counts = spread_counts(rng, base * np.where(planted > 0, risk, 1.0), spread)
            for method, discovers in NAMERS.items():
                named = discovers(counts, int(rng.integers(2**32)))
                found[method].append(np.mean([named[square].any() for square in HOT]))
                false[method].append((named & ~is_near).sum() / max(named.sum(), 1))
        for method in NAMERS:
            setting = f"{risk:g} times {base:g} a cell, spread {spread:g}"
            recall, share = float(np.mean(found[method])), float(np.mean(false[method]))
            yield Finding(method, "planted squares found", setting, recall, runs, least=least)
            yield Finding(method, "discoveries with nothing planted near", setting, share, runs, Q, 0.0, Q)


def fictional_county(runs: int, seed: int) -> Iterator[Finding]:
    """Planted hot spots of the fictional county, in a year of street and licensed violence on Friday and Saturday
    nights. Town centres are truly busier as well, so only recall is asked; the lesser ones add 70 to 90 acts a year.
    """
    greater, lesser = [], []
    for run in range(runs):
        counts, spots = county_counts(seed + run)
        hot = gi_star(counts, county_neighbours(), q=Q, seed=seed).is_hot
        for spot in spots:
            (lesser if spot.is_lesser else greater).append(bool(hot[list(spot.areas)].any()))
    setting = "fictional county, a year of weekend nights"
    yield Finding("gi_star", "planted hot spots found", setting, float(np.mean(greater)), runs, least=0.9)
    yield Finding("gi_star", "lesser planted hot spots found", setting, float(np.mean(lesser)), runs, least=0.5)


@cache
def county_land():
    """The fictional county's land and residents, the same under every seed."""
    from upstander.synthetic.land import make_land
    from upstander.synthetic.residents import residents

    land = make_land()
    return land, residents(land)


@cache
def county_neighbours() -> Neighbours:
    """Small areas that touch."""
    from shapely import STRtree

    from upstander.analysis.hotspots.neighbours import listed_neighbours

    shapes = county_land()[0].shapes
    left, right = STRtree(shapes).query(shapes, predicate="intersects")
    return listed_neighbours(left, right, len(shapes))


def county_counts(seed: int):
    """Acts by small area, and the hot spots planted among them."""
    from datetime import date

    from upstander.synthetic.hours import make_calendar
    from upstander.synthetic.planted import plant
    from upstander.synthetic.violence import AT_NIGHT_OUT, acts_of_violence, risk_before_planting

    land, people = county_land()
    ends = date(2026, 8, 1)
    planted, calendar = plant(land, seed=seed, ends=ends), make_calendar(date(2025, 8, 1), ends)
    acts = acts_of_violence(risk_before_planting(land, people, calendar), planted, calendar, seed=seed)
    counted = calendar.at_night((4, 5), 20, 4)[acts.hour] & np.isin(acts.setting, AT_NIGHT_OUT)
    return np.bincount(acts.area[counted], minlength=land.areas.height), planted.hot_spots


@dataclass(frozen=True)
class Town:
    """Events of a year about a few centres, with a busy summer: crowded in space and in time, but not in both."""

    x: np.ndarray
    y: np.ndarray
    days: np.ndarray


def town(rng: np.random.Generator, events: int, *, is_crowded: bool) -> Town:
    """Events in a square of 5 km. Crowded: half of them in five knots of 150 m, and twice as many in summer."""
    at = rng.random((2, events)) * 5000
    if is_crowded:
        centre, near = rng.random((2, 5)) * 5000, events // 2
        at[:, :near] = centre[:, rng.integers(0, 5, near)] + rng.normal(0, 150, (2, near))
    days = rng.random(events) * 365
    if is_crowded:
        summer = rng.random(events) < 0.3
        days = np.where(summer, 150 + days / 365 * 90, days)
    return Town(*at, np.floor(days))


def events_without_repeats(runs: int, seed: int) -> Iterator[Finding]:
    """How often places and times that have nothing to do with each other raise an alarm."""
    for events, is_crowded in ((100, False), (100, True), (400, True)):
        alarms = dict.fromkeys(("p_shuffled", "p_poisson", "p_poisson_at_least", "p_perm"), 0)
        bands = {"p": 0.0, "p_fdr_bh": 0.0}
        for rng in worlds(runs, seed, 3, events, is_crowded):
            made, own = town(rng, events, is_crowded=is_crowded), int(rng.integers(2**32))
            tested = knox(made.x, made.y, made.days, eps_s=300, eps_t=14, permutations=SHUFFLES, seed=own)
            for name in alarms:
                alarms[name] += tested[name][0] <= LEVEL
            table = near_repeats(
                made.x, made.y, made.days, space=[0, 200, 400, 800], days=[0, 7, 14, 28], permutations=SHUFFLES,
                seed=own,
            ).bands  # fmt: skip
            bands["p"] += (table["p"] <= LEVEL).mean()
            bands["p_fdr_bh"] += bool((table["p_fdr_bh"] <= LEVEL).any())
        setting = f"{events} events, {'knots of places, a busy summer' if is_crowded else 'evenly spread'}"
        for name, many in alarms.items():
            most = LEVEL if name == "p_shuffled" else 1.0
            yield Finding("knox", f"false alarms by {name}", setting, many / runs, runs, LEVEL, 0.0, most)
        yield Finding("near_repeat", "bands falsely called by p", setting, bands["p"] / runs, runs, LEVEL, 0.0, LEVEL)
        yield Finding(
            "near_repeat", "tables with any band falsely called by p_fdr_bh", setting, bands["p_fdr_bh"] / runs, runs,
            LEVEL, 0.0, LEVEL,
        )  # fmt: skip


def planted_repeats(runs: int, seed: int) -> Iterator[Finding]:
    """How often a chance of one in ten of a second event within 100 m and a week is found in 400 events."""
    found = 0
    for rng in worlds(runs, seed, 4):
        made = town(rng, 360, is_crowded=True)
        source = rng.integers(0, 360, 40)
        x, y = (np.r_[at, at[source] + rng.uniform(-70, 70, 40)] for at in (made.x, made.y))
        days = np.r_[made.days, made.days[source] + rng.integers(0, 7, 40)]
        found += knox(x, y, days, eps_s=100, eps_t=7, permutations=SHUFFLES, seed=1)["p_shuffled"][0] <= LEVEL
    yield Finding(
        "knox", "planted repeats found", "one event in ten repeated near and soon", found / runs, runs, least=0.9
    )


def known_ranks(runs: int, seed: int) -> Iterator[Finding]:
    """How often a 95% interval holds the true rank of a place, also where counts spread and nobody said so."""
    settings = (
        (0.5, 1.0, 1.0, 0.92), (8.0, 1.0, 1.0, 0.92), (100.0, 1.0, 1.0, 0.92), (8.0, 2.0, 2.0, 0.92),
        (100.0, 2.0, 2.0, 0.92), (8.0, 2.0, 1.0, 0.8), (100.0, 2.0, 1.0, 0.8),
    )  # fmt: skip
    for mean, spread, told, least in settings:
        held = []
        for rng in worlds(runs, seed, 5, int(mean * 10), int(spread)):
            rates = rng.gamma(2, mean / 2, 40)
            counts, own = spread_counts(rng, rates, spread), int(rng.integers(2**32))
            ranks = rank_intervals(counts, draws=500, spread=told, seed=own)
            true = np.argsort(np.argsort(-rates)) + 1
            held.append(((ranks.low <= true) & (true <= ranks.high)).mean())
        setting = f"40 places, mean {mean:g}, spread {spread:g}{', not told' if told != spread else ''}"
        yield Finding("rank_intervals", "true ranks held", setting, float(np.mean(held)), runs, 0.95, least, 0.99)


def tops_that_stay(runs: int, seed: int) -> Iterator[Finding]:
    """How often an unchanged top raises an alarm, its range holds what is kept, and a changed top is noticed."""
    for mean, spread, told in (
        (2.0, 1.0, 1.0),
        (20.0, 1.0, 1.0),
        (200.0, 1.0, 1.0),
        (20.0, 2.0, 2.0),
        (20.0, 2.0, 1.0),
    ):
        alarms, held, noticed = 0, 0, 0
        for rng in worlds(runs, seed, 6, int(mean), int(spread)):
            rates = rng.gamma(2, mean / 2, 60)
            moved = rng.permutation(rates)
            before, same, other = (spread_counts(rng, each, spread) for each in (rates, rates, moved))
            kept, changed = (
                rank_stability(np.column_stack([before, after]), top=10, draws=500, spread=told, seed=1).between[0]
                for after in (same, other)
            )
            alarms += kept.p_fewer <= LEVEL
            held += kept.low <= kept.kept <= kept.high
            noticed += changed.p_fewer <= LEVEL
        setting = f"60 places, mean {mean:g}, spread {spread:g}{', not told' if told != spread else ''}"
        most, least = (LEVEL, 0.95) if told == spread else (0.2, 0.9)
        found = 0.9 if mean >= 20 else 0.0
        yield Finding("rank_stability", "unchanged tops called changed", setting, alarms / runs, runs, LEVEL, 0.0, most)
        yield Finding("rank_stability", "ranges that hold what is kept", setting, held / runs, runs, 0.95, least, 1.0)
        yield Finding("rank_stability", "tops dealt anew that are noticed", setting, noticed / runs, runs, least=found)
