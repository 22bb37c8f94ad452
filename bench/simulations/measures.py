"""Rates, funnels, concentration and harm over made worlds: do intervals hold the truth, do alarms stay quiet?"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from simulations import Finding
from upstander.analysis.measures import concentration
from upstander.analysis.measures.funnel import Spread, Tails, funnel, signals
from upstander.analysis.measures.harm import crime_harm
from upstander.analysis.measures.limits import Limits, byar, exact_poisson, poisson_limits, wilson
from upstander.analysis.measures.rates import dispersed_limits, rate_ratio
from upstander.analysis.measures.smoothing import smoothed_globally, smoothed_locally
from upstander.analysis.measures.standardised import (
    ESP_2013,
    directly_standardised,
    indirectly_standardised,
    variance_of_repeats,
)

Rng = np.random.Generator
Floats = NDArray[np.float64]

# Made-up weights with the spread that indices of harm have: one kind is common and light, one rare and heavy.
WEIGHTS = np.array([10.0, 180.0, 700.0, 3000.0, 8000.0])
SHARES = np.array([0.60, 0.30, 0.07, 0.027, 0.003])

SPREADS: tuple[tuple[Spread, Tails], ...] = (
    ("none", "drawn in"), ("added", "drawn in"), ("added", "made good"), ("multiplied", "made good"),
)  # fmt: skip


def simulate(runs: int, seed: int) -> list[Finding]:
    """Every finding of the subject; the random worlds of each part hang on the seed alone."""
    parts: tuple[Callable[[int, Rng], Iterator[Finding]], ...] = (
        _counts, _proportions, _standardised, _repeats, _ratios, _smoothing, _funnels, _concentrated, _harm,
    )  # fmt: skip
    return [found for number, part in enumerate(parts) for found in part(runs, np.random.default_rng([seed, number]))]


def held(limits: Limits, truth: float | Floats) -> float:
    """Share of intervals that hold the truth; one that does not exist holds nothing."""
    return float(((limits.low <= truth) & (truth <= limits.high)).mean())


def _counts(runs: int, rng: Rng) -> Iterator[Finding]:
    for mean, size in ((3, "small"), (30, "medium"), (300, "large")):
        x = rng.poisson(mean, runs).astype(float)
        ways = (("exact", exact_poisson(x), 0.95), ("Byar", byar(x), 0.945), ("auto", poisson_limits(x), 0.945))
        for name, limits, least in ways:
            if name != "Byar" or mean >= 10:
                yield Finding(
                    f"rates: {name}", "coverage", f"{size}: {mean} events", held(limits, mean), runs, 0.95, least, 0.995
                )
        spread = rng.poisson(rng.gamma(mean, 1.0, runs)).astype(float)
        yield Finding(
            "rates: auto", "coverage", f"{size}, variance twice the mean", held(poisson_limits(spread), mean), runs,
            0.95, 0.80, 0.97 if size == "small" else 0.88,
        )  # fmt: skip


def _proportions(runs: int, rng: Rng) -> Iterator[Finding]:
    for n, p in ((20, 0.1), (100, 0.02), (100, 0.3), (2000, 0.3)):
        limits = wilson(rng.binomial(n, p, runs), np.full(runs, n))
        yield Finding("rates: Wilson", "coverage", f"{p:.0%} of {n}", held(limits, p), runs, 0.95, 0.92, 0.99)


def _standardised(runs: int, rng: Rng) -> Iterator[Finding]:
    standard = np.array(list(ESP_2013.values()), dtype=float)
    people = standard * rng.uniform(0.4, 1.6, standard.size)
    young = np.exp(-0.5 * ((np.arange(standard.size) - 4.5) / 2.5) ** 2) + 0.02
    group = np.repeat(np.arange(runs), standard.size)
    truth_shape = standard / standard.sum() * young
    for total, size in ((20, "small"), (100, "medium"), (1000, "large")):
        rates = young * total / (young * people).sum()
        events = rng.poisson(np.tile(rates * people, runs)).astype(float)
        found = directly_standardised(events, np.tile(people, runs), np.tile(standard, runs), group)
        is_given = found.events >= 10
        limits = Limits(*(limit[is_given] for limit in found.limits(0.95)))
        truth = float((truth_shape * total / (young * people).sum()).sum())
        setting = f"{size}: {total} events in 19 bands"
        yield Finding("dsr_dobson", "coverage", setting, held(limits, truth), int(is_given.sum()), 0.95, 0.94, 0.98)
    for expected, size in ((3, "small"), (30, "medium"), (300, "large")):
        observed = rng.poisson(1.2 * expected, runs).astype(float)
        indirect = indirectly_standardised(
            observed, np.full(runs, 1000.0), np.full(runs, expected / 1000), np.arange(runs)
        )
        setting = f"{size}: {expected} expected"
        yield Finding(
            "indirectly_standardised_rate",
            "coverage",
            setting,
            held(indirect.limits(0.95), 1.2),
            runs,
            0.95,
            0.945,
            0.99,
        )


def _repeats(runs: int, rng: Rng) -> Iterator[Finding]:
    """People are harmed 1, 2, … times with a geometric tail: 1.8 on average, the variance 2.6 times the count."""
    k = np.arange(1, 16)
    chance = 0.55 * 0.45 ** (k - 1)
    for victims, size in ((10, "small"), (60, "medium"), (600, "large")):
        persons = rng.poisson(victims * chance, (runs, k.size)).astype(float)
        events, truth = persons @ k, float(victims * chance @ k)
        allowed = dispersed_limits(events, variance_of_repeats(persons), 0.95)
        setting = f"{size}: {victims} victims, {truth:.0f} events"
        least = 0.86 if size == "small" else 0.92
        yield Finding("repeat_victim_rate", "coverage", setting, held(allowed, truth), runs, 0.95, least, 0.97)
        naive = held(poisson_limits(events), truth)
        yield Finding("repeat_victim_rate", "coverage if taken as independent", setting, naive, runs, 0.95, 0.70, 0.85)


def _ratios(runs: int, rng: Rng) -> Iterator[Finding]:
    for mean, size in ((4, "small"), (30, "medium"), (300, "large")):
        x, y = rng.poisson(1.5 * mean, runs), rng.poisson(mean, runs)
        ones = np.ones(runs)
        for name, least in (("exact", 0.95), ("mid-p", 0.935)):
            found = rate_ratio(x, ones, y, ones, mid_p=name == "mid-p")
            setting = f"{size}: {1.5 * mean:.0f} and {mean} events"
            yield Finding(
                f"rate_ratio: {name}",
                "coverage",
                setting,
                held(Limits(found.low, found.high), 1.5),
                runs,
                0.95,
                least,
                1.0,
            )


def _smoothing(runs: int, rng: Rng) -> Iterator[Finding]:
    """Not intervals, for there are none: the share of worlds in which smoothed rates err less than raw ones."""
    side = 10
    at = np.arange(side * side).reshape(side, side)
    pairs = [(at[:, 1:], at[:, :-1]), (at[1:], at[:-1])]
    left = np.concatenate([np.concatenate([one.ravel(), other.ravel()]) for one, other in pairs])
    right = np.concatenate([np.concatenate([other.ravel(), one.ravel()]) for one, other in pairs])
    slope = np.add.outer(np.arange(side), np.arange(side)).ravel() / (2 * side)
    worlds = min(runs, 500)
    for mean, size in ((1, "small"), (5, "medium"), (50, "large")):
        better = np.zeros(3)
        for _ in range(worlds):
            people = rng.uniform(500, 1500, at.size)
            alike = rng.gamma(6, 1 / 6, at.size) * mean / 1000
            near = (0.3 + 1.4 * slope) * mean / 1000
            for number, (true, is_local) in enumerate(((alike, False), (near, False), (near, True))):
                x = rng.poisson(true * people)
                smooth = smoothed_locally(x, people, left, right) if is_local else smoothed_globally(x, people)
                better[number] += np.square(smooth.rate - true).sum() < np.square(x / people - true).sum()
        for number, what in enumerate(
            ("global, areas differ at random", "global, areas lie on a slope", "local, slope")
        ):
            yield Finding(
                "empirical_bayes_smoothing", "worlds in which it errs less than raw rates",
                f"{size}: {mean} events an area, {what}", better[number] / worlds, worlds, None,
                0.95 if mean < 50 else 0.6, 1.0,
            )  # fmt: skip


def _funnels(runs: int, rng: Rng) -> Iterator[Finding]:
    for mean, size in ((1, "small"), (10, "medium"), (200, "large")):
        expected = np.full(runs, float(mean))
        found = funnel(rng.poisson(expected), expected, kind="ratio")
        said = np.array(signals(found.p_low, found.p_high))
        setting = f"{size}: {mean} expected, by chance alone"
        yield Finding(
            "funnel_limits", "false alarms at 95%", setting, float((said != "none").mean()), runs, 0.05, 0, 0.05
        )
        severe = float(np.char.endswith(said, "998").mean())
        yield Finding("funnel_limits", "false alarms at 99.8%", setting, severe, runs, 0.002, 0, 0.002)
        drawn = float((found.value > found.limits["95"].high).mean())
        yield Finding(
            "funnel_limits", "beyond the drawn upper limit (not an alarm)", setting, drawn, runs, 0.025, 0, 0.09
        )
        odd = funnel(rng.poisson(2 * expected), expected, kind="ratio")
        seen = np.char.startswith(signals(odd.p_low, odd.p_high), "high")
        least = {1: 0.1, 10: 0.6, 200: 0.99}[mean]
        yield Finding("funnel_limits", "recall of twice the rate", setting, float(seen.mean()), runs, None, least, 1)
    yield from _spread_funnels(runs, rng)


def _spread_funnels(runs: int, rng: Rng) -> Iterator[Finding]:
    """Forty areas that differ from each other by a standard deviation of 15%, none odd among them."""
    worlds, areas = max(runs // 40, 5), 40
    for mean, size in ((10, "small"), (100, "medium"), (1000, "large")):
        alarms = dict.fromkeys(SPREADS, 0)
        for _ in range(worlds):
            expected = mean * rng.uniform(0.5, 1.5, areas)
            x = rng.poisson(expected * rng.gamma(1 / 0.15**2, 0.15**2, areas))
            for spread, rule in SPREADS:
                found = funnel(x, expected, kind="ratio", spread=spread, tail_rule=rule)
                alarms[spread, rule] += sum(said != "none" for said in signals(found.p_low, found.p_high))
        for (spread, rule), count in alarms.items():
            share = count / (worlds * areas)
            naive = {10: (0.03, 0.08), 100: (0.20, 0.32), 1000: (0.60, 0.75)}[mean]
            least, most = naive if spread == "none" else (0.03, 0.07) if rule == "made good" else (0.05, 0.12)
            tails = "" if spread == "none" else f", tails {rule}"
            yield Finding(
                f"funnel_limits, overdispersion {spread}{tails}", "areas beyond 95%",
                f"{size}: about {mean} expected, areas differ by 15%", share, worlds * areas, 0.05, least, most,
            )  # fmt: skip


def _concentrated(runs: int, rng: Rng) -> Iterator[Finding]:
    worlds = min(runs, 400)
    many = rng.negative_binomial(0.5, 0.5 / (0.5 + 3), 500_000)
    for places, size in ((50, "small"), (400, "medium"), (3000, "large")):
        truth = concentration.share_of_places(many)
        hits = 0
        for world in range(worlds):
            x = rng.negative_binomial(0.5, 0.5 / (0.5 + 3), places)
            low, high = concentration.bootstrap_share(x, draws=499, seed=world)
            hits += low <= truth <= high
        setting = f"{size}: {places} places, 3 events each on average"
        yield Finding("concentration", "coverage", setting, hits / worlds, worlds, 0.95, 0.90, 0.99)
    for places, events in ((50, 30), (400, 400), (1000, 3000)):
        setting = f"{events} events over {places} places"
        even = _p_by_chance(worlds, rng, np.full(places, 1 / places), events)
        yield Finding("concentration", "false alarms of p ≤ 0.05", f"{setting}, at random", even, worlds, 0.05, 0, 0.05)
        heavy = np.where(np.arange(places) < places // 10, 6.0, 1.0)
        planted = _p_by_chance(worlds, rng, heavy / heavy.sum(), events)
        least = 0.3 if events < 100 else 0.95
        yield Finding(
            "concentration", "recall: a tenth of places at six times the risk", setting, planted, worlds, None, least, 1
        )


def _p_by_chance(worlds: int, rng: Rng, chances: Floats, events: int) -> float:
    found = 0
    for world in range(worlds):
        x = rng.multinomial(events, chances)
        found += concentration.share_by_chance(x, draws=199, seed=world).p <= 0.05
    return found / worlds


def _harm(runs: int, rng: Rng) -> Iterator[Finding]:
    accepted = {
        "gamma": dict.fromkeys((5, 50, 500, 5000), (0.945, 1.0)),
        "dobson": {5: (0.55, 0.75), 50: (0.75, 0.87), 500: (0.90, 0.96), 5000: (0.94, 0.97)},
    }
    for total, size in ((5, "small"), (50, "medium"), (500, "large"), (5000, "very large")):
        for without in (False, True):
            weights = WEIGHTS[:-1] if without else WEIGHTS
            means = total * SHARES[: weights.size]
            counts = rng.poisson(means, (runs, weights.size))
            group = np.repeat(np.arange(runs), weights.size)
            harm = crime_harm(counts.ravel(), np.tile(weights, runs), group, runs)
            for how in ("gamma", "dobson"):
                limits = harm.limits(0.95, heaviest=float(weights.max()), how=how)  # type: ignore[arg-type]
                setting = f"{size}: {total} offences{', homicide left out' if without else ''}"
                share = held(limits, float(means @ weights))
                yield Finding(f"crime_harm: {how}", "coverage", setting, share, runs, 0.95, *accepted[how][total])
