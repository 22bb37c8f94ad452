"""Who sees the same violence: intervals over made lists, matched excess over made towns, bands over fictional counties.

Lists that depend on one another are among the worlds: there the intervals do not hold, and the findings show by how
much, so that nobody takes an interval for more than its assumptions.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from simulations import Finding
from upstander.analysis.overlap.bands import share_limits, unknown_band
from upstander.analysis.overlap.excess import Rule, matched_excess
from upstander.analysis.overlap.frequencies import chao_lower_bound, zelterman
from upstander.analysis.overlap.log_linear import PATTERNS, bootstrap_interval, three_source
from upstander.analysis.overlap.pairs import DAY_S, Points
from upstander.analysis.overlap.proximity import Compared, linked
from upstander.analysis.overlap.totals import Shared, total_across_agencies
from upstander.analysis.overlap.two_source import two_source

SIZES = {"small, 60 events": 60, "medium, 600 events": 600, "large, 6,000 events": 6000}
_SLOW, _COUNTIES = 200, 50  # worlds of what takes longer


def simulate(runs: int, seed: int) -> list[Finding]:
    """Every share of this subject. Slow worlds are made less often than `runs`."""
    rng = np.random.default_rng(seed)
    few = min(runs, _SLOW)
    return [
        *_two_lists(runs, rng), *_frequencies(runs, rng), *_three_lists(few, rng), *_excess(few, rng),
        *_links(max(1, few // 20), rng), *_totals(runs, rng), *counties(max(1, min(runs // 4, _COUNTIES)), seed),
    ]  # fmt: skip


def _share(holds: ArrayLike) -> float:
    return float(np.asarray(holds).mean())


def _lists(
    rng: np.random.Generator, runs: int, size: int, *, ratio: float = 1.0, spread: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts of two lists that see 40% and 30%. ratio: how much likelier the second is to see what the first saw;
    spread: how much events differ, each list in its own way.
    """
    unlike = rng.gamma(1 / spread, spread, (2, runs, size)) if spread else np.ones((2, 1, size))
    first = rng.random((runs, size)) < np.minimum(0.4 * unlike[0], 0.95)
    second = rng.random((runs, size)) < np.minimum(0.3 * unlike[1] * np.where(first, ratio, 1.0), 0.95)
    return first.sum(axis=1), second.sum(axis=1), (first & second).sum(axis=1)


def _two_lists(runs: int, rng: np.random.Generator) -> Iterator[Finding]:
    for name, size in SIZES.items():
        worlds = min(runs, 20_000_000 // size)
        for spread in (0.0, 0.5):
            setting = f"{name}{', events unlike' if spread else ''}"
            found = two_source(*_lists(rng, worlds, size, spread=spread))
            # The log-normal form runs short of its promise where few events are shared; the exact one never does.
            for kind, least in (("lognormal", 0.91), ("logit", 0.93), ("exact", 0.95)):
                low, high = found[f"lo_{kind}"], found[f"hi_{kind}"].fill_null(np.inf)
                holds = (low <= size) & (size <= high)
                yield Finding(
                    "chapman", f"{kind} interval holds the total", setting, _share(holds), worlds, 0.95, least
                )
            at_least = _share(found["lower_bound"] <= size)
            yield Finding("chapman", "lower bound is one", setting, at_least, worlds, 0.975, 0.97)
        dependent = two_source(*_lists(rng, worlds, size, ratio=1.8))
        holds = (dependent["lo_lognormal"] <= size) & (size <= dependent["hi_lognormal"])
        setting = f"{name}, one list 1.8 times likelier to see what the other saw"
        yield Finding("chapman", "lognormal interval holds the total", setting, _share(holds), worlds, None, 0.0, 0.8)
        below = _share(dependent["chapman"] < size)
        yield Finding("chapman", "estimate is too low", setting, below, worlds, None, 0.85)


def _frequencies(runs: int, rng: np.random.Generator) -> Iterator[Finding]:
    worlds = min(runs, 500)
    for name, size in SIZES.items():
        for spread in (0.0, 1.0):
            setting = f"{name}{', people unlike' if spread else ''}, seen 0.7 times on average"
            chao, other = [], []
            for _ in range(worlds):
                rate = 0.7 * (rng.gamma(1 / spread, spread, size) if spread else np.ones(size))
                times, many = np.unique(rng.poisson(rate), return_counts=True)
                seen = times > 0
                least, most = (each(times[seen], many[seen]) for each in (chao_lower_bound, zelterman))
                chao.append(least.low <= size)
                other.append(most.low <= size <= most.high)
            yield Finding("chao_lower_bound", "lower limit is one", setting, _share(chao), worlds, 0.975, 0.95)
            least_share, most_share = (0.0, 0.97) if spread else (0.92, 1.0)
            yield Finding("zelterman", "interval holds the total", setting, _share(other), worlds,
                          None if spread else 0.95, least_share, most_share)  # fmt: skip


def _three_counts(rng: np.random.Generator, size: int, ratio: float) -> np.ndarray:
    """Seven counts of three lists; the second is `ratio` times likelier to see what the first saw."""
    first = rng.random(size) < 0.45
    second = rng.random(size) < 0.35 * np.where(first, ratio, 1.0)
    third = rng.random(size) < 0.3
    return np.array([((first == a) & (second == b) & (third == c)).sum() for a, b, c in PATTERNS])


def _three_lists(runs: int, rng: np.random.Generator) -> Iterator[Finding]:
    for name, size in SIZES.items():
        for ratio in (1.0, 1.7):
            setting = f"{name}, {'independent' if ratio == 1 else 'two lists dependent'}"
            own = "A+B+C" if ratio == 1 else "A*B+C"
            averaged, drawn, profile, naive = [], [], [], []
            for _ in range(runs):
                counts = _three_counts(rng, size, ratio)
                found = three_source(counts)
                interval = bootstrap_interval(counts, found.by_aic, replicates=300, seed=int(rng.integers(2**31)))
                row, plain = (
                    found.models.row(by_predicate=pl.col("model") == model, named=True) for model in (own, "A+B+C")
                )
                averaged.append(found.low <= size <= found.high)
                drawn.append(interval[0] <= size <= interval[1])
                high = np.inf if row["hi_profile"] is None else row["hi_profile"]
                profile.append(row["lo_profile"] is not None and row["lo_profile"] <= size <= high)
                naive.append(plain["N"] is not None and plain["lo_lognormal"] <= size <= plain["hi_lognormal"])
            method = "capture_recapture_three_source"
            yield Finding(method, "averaged interval holds the total", setting, _share(averaged), runs, 0.95, 0.90)
            yield Finding(method, "bootstrap interval holds the total", setting, _share(drawn), runs, 0.95, 0.85)
            yield Finding(method, "profile interval of the true model", setting, _share(profile), runs, 0.95, 0.92)
            if ratio > 1:
                most = 1.0 if size < 100 else 0.85
                yield Finding(
                    method, "interval of the independent model", setting, _share(naive), runs, None, 0.0, most
                )


@dataclass(frozen=True)
class _Town:
    """Two sources of one town; `known` says which of the first's records the second knows."""

    first: Points
    second: Points
    known: np.ndarray


def _town(rng: np.random.Generator, events: int, share: float, *, bursts: float = 0.0, days: int = 364) -> _Town:
    """A busy centre and busy weekends; `bursts`: how much weeks differ beyond chance, for both sources alike."""
    week = rng.gamma(1 / bursts, bursts, days // 7) if bursts else np.ones(days // 7)
    chance = np.where(np.arange(days) % 7 >= 5, 3.0, 1.0) * np.repeat(week, 7)

    def acts(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        day = rng.choice(days, size, p=chance / chance.sum())
        x, y = rng.normal(0, 6000, (2, size)) * np.where(rng.random(size) < 0.3, 0.1, 1)
        return day * DAY_S + rng.normal(22 * 3600, 5400, size).astype(int), x, y

    at, x, y = acts(events)
    known = rng.random(events) < share
    moved = (rng.exponential(900, events).astype(int), rng.normal(0, 60, events), rng.normal(0, 60, events))
    own = acts(events)
    second = (np.concatenate([(one + by)[known], other]) for one, by, other in zip((at, x, y), moved, own, strict=True))
    return _Town(Points.of(at, x, y), Points.of(*second), known)


def _excess(runs: int, rng: np.random.Generator) -> Iterator[Finding]:
    for events in (300, 1500):
        for bursts in (0.0, 0.2):
            setting = f"{events:,} records a year{', weeks unlike' if bursts else ''}"
            null, planted, counted = [], [], []
            for _ in range(runs):
                town = _town(rng, events, 0.0, bursts=bursts)
                found = matched_excess(town.first, town.second, Rule(), replicates=300, seed=1)
                null.append(found.low <= 0 <= found.high)
                town = _town(rng, events, 0.4, bursts=bursts)
                found = matched_excess(town.first, town.second, Rule(), replicates=300, seed=1)
                truth = town.known.mean()
                planted.append(found.share_low <= truth <= found.share_high)
                low, high = share_limits(found.observed, found.chance, town.first.size, town.second.size)
                counted.append(low <= truth <= high)
            yield Finding(
                "matched_excess", "interval holds no excess, nothing shared", setting, _share(null), runs, 0.95, 0.90
            )
            yield Finding(
                "matched_excess", "interval holds the share, 40% shared", setting, _share(planted), runs, 0.95, 0.90
            )
            yield Finding(
                "unknown_to_police", "limits from counts alone, 40% shared", setting, _share(counted), runs, 0.95, 0.93
            )


def _links(runs: int, rng: np.random.Generator) -> Iterator[Finding]:
    recall, right = [], []
    for _ in range(runs):
        town = _town(rng, 4000, 0.4)
        age = rng.integers(10, 80, town.first.size)
        theirs = np.concatenate([age[town.known], rng.integers(10, 80, 4000)])
        found = linked(town.first, town.second, Rule(), [Compared("age", age, theirs, 2)])
        partner = np.append(np.flatnonzero(town.known), np.full(4000, -1))
        is_true = partner[found.second] == found.first
        recall.append(is_true.sum() / town.known.sum())
        right.append(is_true.mean())
    setting = "4,000 records a year, 40% shared, ages known"
    yield Finding("proximity_linkage", "real links found", setting, _share(recall), runs, None, 0.85)
    yield Finding("proximity_linkage", "links that are real", setting, _share(right), runs, None, 0.95)


def _totals(runs: int, rng: np.random.Generator) -> Iterator[Finding]:
    worlds, holds = min(runs, 500), []
    names = ("police", "ambulance", "hospital")
    pairs = ((0, 1), (0, 2), (1, 2))
    for _ in range(worlds):
        held = rng.random((3, 800)) < rng.uniform(0.1, 0.8, (3, 1))
        shared = {}
        for one, other in pairs:
            both, least = int((held[one] & held[other]).sum()), int(min(held[one].sum(), held[other].sum()))
            off = rng.integers(0, 30)
            shared[names[one], names[other]] = Shared(both, max(both - off, 0), min(both + off, least))
        found = total_across_agencies(dict(zip(names, held.sum(axis=1).tolist(), strict=True)), shared)
        holds.append(found.low <= held.any(axis=0).sum() <= found.high)
    yield Finding(
        "total_across_agencies", "band holds the events", "800 acts, three agencies", _share(holds), worlds, 1.0, 1.0
    )


def counties(seeds: int, seed: int) -> Iterator[Finding]:
    """Bands from what agencies of the fictional county see and write, against who truly saw what."""
    for agency in ("ambulance", "ed"):
        holds, widths = [], []
        for number in range(seeds):
            police, other, truth = _county(seed * 1000 + number, agency)
            band = unknown_band(other, police, replicates=200, seed=number)
            holds.append(band.low <= truth <= band.high)
            widths.append(band.high - band.low)
        setting = f"fictional county, {agency} records, one year"
        yield Finding("unknown_to_police", "band holds the share", setting, _share(holds), seeds, 0.95, 0.95)
        narrow = _share(np.array(widths) < 0.4)
        yield Finding("unknown_to_police", "band is narrower than 40 points", setting, narrow, seeds, None, 0.95)


def _county(seed: int, agency: str) -> tuple[Points, Points, float]:
    """Police and one other agency: the times each writes, the places where the acts were and a little off."""
    from upstander.synthetic import making

    ends = date(2026, 8, 1)
    start = date(2025, 8, 1)
    land, calendar = making.make_land(), making.make_calendar(start, ends)
    homes, postcodes, planted = (
        making.residents(land),
        making.make_postcodes(land),
        making.plant(land, seed=seed, ends=ends),
    )
    risk = making.risk_before_planting(land, homes, calendar)
    drawn = making.acts_of_violence(risk, planted, calendar, seed=seed)
    acts, people = making.describe(drawn, land, postcodes, planted, calendar, seed=seed)
    seen = making.who_sees(acts, land, planted, years=calendar.years, seed=seed)
    local = making.make_gazetteer(land, postcodes)
    police = making.police_rows(acts, seen, people, seed=seed, first_day=start).filter(pl.col("role") == "victim")
    write: dict[str, Callable[[], pl.DataFrame]] = {
        "ambulance": lambda: making.ambulance_rows(acts, seen, people, postcodes, calendar, local, seed=seed),
        "ed": lambda: making.emergency_rows(acts, seen, people, local, postcodes.table(), seed=seed),
    }
    rows = write[agency]().filter(pl.col("incident") > 0)
    rng = np.random.default_rng(seed)
    places = acts.select("incident", "x_m", "y_m")

    def points(lines: pl.DataFrame, off_m: float) -> tuple[Points, pl.Series]:
        kept = lines.filter(~pl.col("is_repeat") & pl.col("event_local").is_not_null()).join(places, on="incident")
        x, y = (kept[name].to_numpy() + rng.normal(0, off_m, kept.height) for name in ("x_m", "y_m"))
        return Points.of(kept["event_local"].dt.epoch("s").to_numpy(), x, y), kept["incident"]

    ours, known = points(police, 30)
    theirs, asked = points(rows, 80)
    return ours, theirs, 1 - float(asked.is_in(known.implode()).mean())
