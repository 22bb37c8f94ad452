"""Impact: whether intervals hold the truth, alarms stay quiet and planted effects are found.

Bounds are what we accept, not what we wish for: where a method is known to fall short of its nominal level (strong
dependence between weeks, few areas, Poisson variance where counts vary more) the bound says so.
"""

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np

from simulations import Finding
from upstander.analysis.impact.detectable import smallest_detectable_fall, step_p
from upstander.analysis.impact.differences import group_time_effects, two_periods
from upstander.analysis.impact.displacement import BeforeAfter, displacement_difference
from upstander.analysis.impact.interruption import Interruption, Plan, interruption
from upstander.analysis.impact.matching import matched_cohort
from upstander.analysis.impact.peaks import regression_to_the_mean
from upstander.analysis.impact.power import e_test, ratio_limits
from upstander.analysis.impact.regression import harmonics
from upstander.analysis.impact.structural import structural
from upstander.analysis.impact.survival import cox, kaplan_meier
from upstander.analysis.impact.synthetic_control import placebos, synthetic_control
from upstander.analysis.impact.weekly import LEVELS, forecast_weekly

Rng = np.random.Generator
WEEKS, START = 156, 104
RATIO = 0.8
PLAN = Plan(draws=500)
PLANTED_SEEDS, PLANTED_ENDS, PLANTED_YEARS = 50, date(2026, 8, 1), 3


def simulate(runs: int, seed: int) -> list[Finding]:
    """Every finding of this subject. Costly ones take fewer worlds than asked for; each says how many."""
    parts = (
        interruptions, prevented, comparisons, two_rates, differences, staggered, mixes, displaced, weekly, curves,
        regressions, cohorts, drifting, peaks, pilots,
    )  # fmt: skip
    found = [finding for number, part in enumerate(parts) for finding in part(runs, seed * 1000 + number)]
    return [*found, *planted(min(max(runs // 4, 2), PLANTED_SEEDS), seed * 1000 + len(parts))]


def share(runs: int, seed: int, one: Callable[[Rng, int], bool]) -> float:
    """Share of worlds for which `one` is true; world number and seed give it its own randomness."""
    return float(np.mean([one(np.random.default_rng([seed, world]), world) for world in range(runs)]))


def weekly_means(mean: float, ratio: float, weeks: int = WEEKS, start: int = START) -> np.ndarray:
    at = np.arange(weeks)
    return mean * np.exp(0.15 * np.sin(2 * np.pi * at / 52.18)) * np.where(at >= start, ratio, 1.0)


def counts(rng: Rng, mean: np.ndarray, *, theta: float = 0.0, dependence: float = 0.0, sd: float = 0.2) -> np.ndarray:
    """Poisson counts; negative binomial with theta; with dependence, around an autoregressive logarithm."""
    if theta:
        mean = mean * rng.gamma(theta, 1 / theta, mean.shape)
    if dependence:
        shock = np.empty(mean.size)
        shock[0] = rng.normal(0, sd)
        for week in range(1, mean.size):
            shock[week] = dependence * shock[week - 1] + rng.normal(0, sd * np.sqrt(1 - dependence**2))
        mean = mean * np.exp(shock - sd**2 / 2)
    return rng.poisson(mean).astype(float)


def interruptions(runs: int, seed: int) -> Iterator[Finding]:
    """Coverage of the rate ratio, and false alarms where nothing was done."""
    kinds = (
        ("Poisson", {}, 0.925), ("theta 5", {"theta": 5.0}, 0.92),
        ("weeks depend, r 0.4", {"dependence": 0.4}, 0.88), ("weeks depend, r 0.7", {"dependence": 0.7}, 0.80),
    )  # fmt: skip
    for mean in (3.0, 20.0, 100.0):
        for name, made, least in kinds:
            setting = f"{mean:g} a week, {name}"
            found = share(runs, seed, lambda rng, _, mean=mean, made=made: holds_ratio(rng, mean, made, RATIO))
            yield Finding("interrupted_time_series", "coverage of the ratio", setting, found, runs, 0.95, least, 0.985)
    for name, made, least in kinds[:3]:
        found = 1 - share(runs, seed + 1, lambda rng, _, made=made: holds_ratio(rng, 20.0, made, 1.0))
        yield Finding(
            "interrupted_time_series", "false alarms", f"20 a week, {name}", found, runs, 0.05, 0.0, 1 - least
        )


def holds_ratio(rng: Rng, mean: float, made: dict, ratio: float) -> bool:
    found = interruption(counts(rng, weekly_means(mean, ratio), **made), START, plan=PLAN, seed=1)
    return found.low <= ratio <= found.high


def prevented(runs: int, seed: int) -> Iterator[Finding]:
    """Coverage of the events prevented, and of the ratio where the slope changes too."""
    for mean in (3.0, 20.0, 100.0):
        truth = float(weekly_means(mean, 1 - RATIO)[START:].sum())

        def holds(rng: Rng, _: int, mean: float = mean, truth: float = truth) -> bool:
            found = interruption(counts(rng, weekly_means(mean, RATIO)), START, plan=PLAN, seed=1)
            return found.prevented[1] <= truth <= found.prevented[2]

        yield Finding("interrupted_time_series", "coverage of events prevented", f"{mean:g} a week",
                      share(runs, seed, holds), runs, 0.95, 0.92, 0.985)  # fmt: skip


def comparisons(runs: int, seed: int) -> Iterator[Finding]:
    """Coverage with a comparison series, where something moved both."""

    def holds(rng: Rng, _: int) -> bool:
        both = np.where(np.arange(WEEKS) >= START, 0.7, 1.0)
        own, other = counts(rng, weekly_means(20, RATIO) * both), counts(rng, weekly_means(40, 1.0) * both)
        found = interruption(own, START, plan=PLAN, seed=1, control=other)
        return found.low <= RATIO <= found.high

    yield Finding("interrupted_time_series", "coverage of the ratio", "with comparison, both fell by 30%",
                  share(runs, seed, holds), runs, 0.95, 0.92, 0.985)  # fmt: skip


def two_rates(runs: int, seed: int) -> Iterator[Finding]:
    """Size of the E-test (exactly 5.34% at 3 events and twice as many: it is almost exact) and the exact limits."""
    for mean in (3.0, 20.0, 100.0):
        pairs = np.random.default_rng([seed, int(mean)]).poisson((mean, 2 * mean), (runs, 2))
        alarms = float(np.mean([e_test(k1, k2, 1, 2) <= 0.05 for k1, k2 in pairs]))
        limits = [ratio_limits(k1, k2, 1, 2) for k1, k2 in pairs]
        held = float(np.mean([low <= 1 <= high for low, high in limits]))
        yield Finding("e_test", "false alarms", f"{mean:g} events and twice as many", alarms, runs, 0.05, 0.0, 0.054)
        yield Finding("e_test", "coverage of the ratio", f"{mean:g} events", held, runs, 0.95, 0.95, 1.0)


def area_panel(rng: Rng, areas: int, times: int, dependence: float = 0.6) -> np.ndarray:
    noise = np.empty((times, areas))
    noise[0] = rng.normal(size=areas)
    for at in range(1, times):
        noise[at] = dependence * noise[at - 1] + rng.normal(0, np.sqrt(1 - dependence**2), areas)
    return 20 + rng.normal(0, 3, areas) + np.linspace(0, 2, times)[:, None] + noise


def differences(runs: int, seed: int) -> Iterator[Finding]:
    """Difference in differences where an area's times depend on one another: coverage, false alarms by permutation."""
    for treated, others, least in ((1, 30, 0.92), (4, 12, 0.91), (10, 30, 0.93)):

        def one(rng: Rng, treated: int = treated, others: int = others) -> tuple[bool, bool]:
            outcome = area_panel(rng, treated + others, 24)
            after = np.arange(24) >= 16
            found = two_periods(outcome, np.arange(treated + others) < treated, after, seed=1, draws=500)
            return found.low <= 0 <= found.high, found.p <= 0.05

        pairs = [one(np.random.default_rng([seed, world])) for world in range(runs)]
        held, alarms = np.mean(pairs, axis=0)
        setting = f"{treated} treated, {others} others"
        yield Finding("difference_in_differences", "coverage", setting, float(held), runs, 0.95, least, 0.985)
        yield Finding("difference_in_differences", "false alarms", setting, float(alarms), runs, 0.05, 0.0, 0.055)


def staggered(runs: int, seed: int) -> Iterator[Finding]:
    """Group-time effects: coverage of the overall effect; a few areas a group make the bootstrap too sure."""
    for size, least in ((5, 0.86), (15, 0.91)):
        starts = np.array([5.0] * size + [8.0] * size + [np.nan] * 2 * size)

        def holds(rng: Rng, _: int, starts: np.ndarray = starts) -> bool:
            outcome = area_panel(rng, starts.size, 12) + 2 * (np.arange(12)[:, None] >= starts)
            _effect, low, high = group_time_effects(outcome, np.arange(12.0), starts, draws=199, seed=1).overall
            return low <= 2 <= high

        yield Finding("group_time_effects", "coverage", f"{size} areas a group, {2 * size} never",
                      share(runs, seed, holds), runs, 0.95, least, 0.985)  # fmt: skip


def mixes(runs: int, seed: int) -> Iterator[Finding]:
    """Synthetic control: false alarms of the placebo p among 25 places, recall of an effect of 4 noise deviations."""
    few = max(runs // 5, 2)
    before = np.arange(40) < 28

    def p_of(rng: Rng, effect: float) -> float:
        factors, loads = rng.normal(size=(40, 2)).cumsum(axis=0), rng.uniform(0, 1, (2, 25))
        outcome = 20 + factors @ loads + rng.normal(0, 0.5, (40, 25))
        outcome[~before, 0] += effect
        own = synthetic_control(outcome, 0, fitted=before, affected=~before)
        return placebos(outcome, 0, fitted=before, affected=~before, own=own, poor_fit=20).p

    yield Finding("synthetic_control", "false alarms", "24 donors, p at 0.1",
                  share(few, seed, lambda rng, _: p_of(rng, 0.0) <= 0.1), few, 0.1, 0.0, 0.12)  # fmt: skip
    yield Finding("synthetic_control", "recall", "24 donors, effect of 4 deviations",
                  share(few, seed, lambda rng, _: p_of(rng, -2.0) <= 0.1), few, None, 0.8, 1.0)  # fmt: skip


def displaced(runs: int, seed: int) -> Iterator[Finding]:
    """Weighted displacement difference: false alarms with and without overdispersion, known and not."""
    for mean in (15.0, 60.0, 300.0):
        for name, dispersion, told, most in (
            ("Poisson", 1.0, 1.0, 0.06), ("variance 3 times the mean, told", 3.0, 3.0, 0.06),
            ("variance 3 times the mean, not told", 3.0, 1.0, 0.32),
        ):  # fmt: skip

            def alarm(rng: Rng, _: int, mean: float = mean, spread: float = dispersion, told: float = told) -> bool:
                k = counts(rng, np.full(4, mean), theta=mean / (spread - 1) if spread > 1 else 0)
                found = displacement_difference(BeforeAfter(k[0], k[1]), BeforeAfter(k[2], k[3]), dispersion=told)
                return found["total"].p <= 0.05

            yield Finding("weighted_displacement_difference", "false alarms", f"{mean:g} events, {name}",
                          share(runs, seed, alarm), runs, 0.05, 0.0, most)  # fmt: skip


def weekly(runs: int, seed: int) -> Iterator[Finding]:
    """Coverage of the forecast's intervals, four weeks that were not seen, every week of every world counted."""
    few = max(runs // 5, 2)
    for mean, made, name in ((3.0, {}, "Poisson"), (20.0, {"theta": 5.0}, "theta 5"), (100.0, {}, "Poisson")):
        held = np.zeros(len(LEVELS))
        for world in range(few):
            made_counts = counts(np.random.default_rng([seed, world]), weekly_means(mean, 1.0, 264), **made)
            found = forecast_weekly(made_counts[:260], 4)
            held += ((made_counts[260:] >= found.low) & (made_counts[260:] <= found.high)).mean(axis=1) / few
        for at, level in enumerate(LEVELS):
            # Whole limits of a small count hold more than they must.
            yield Finding("forecast_weekly", f"coverage of {level:.0%}", f"{mean:g} a week, {name}", float(held[at]),
                          few, level, level - 0.06, min(level + (0.12 if mean < 10 else 0.06), 1.0))  # fmt: skip


def followed(rng: Rng, size: int, effect: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    group = (np.arange(size) % 2).astype(float)
    happens, leaves = rng.exponential(20 * np.exp(-effect * group)), rng.exponential(40, size)
    return np.minimum(happens, leaves), happens <= leaves, group


def curves(runs: int, seed: int) -> Iterator[Finding]:
    """Kaplan–Meier limits at a time by which a third had the event."""
    for size, least in ((40, 0.91), (150, 0.93), (600, 0.935)):

        def holds(rng: Rng, _: int, size: int = size) -> bool:
            time, event, _group = followed(rng, size, 0.0)
            row = kaplan_meier(time, event, np.array([8.0])).row(0, named=True)
            return bool(row["lo"] <= np.exp(-8 / 20) <= row["hi"])

        yield Finding("survival_recidivism", "coverage of the curve", f"{size} followed", share(runs, seed, holds),
                      runs, 0.95, least, 0.985)  # fmt: skip


def regressions(runs: int, seed: int) -> Iterator[Finding]:
    """Cox limits of a hazard ratio."""
    few = max(runs // 4, 2)
    for size in (60, 300):

        def holds(rng: Rng, _: int, size: int = size) -> bool:
            time, event, group = followed(rng, size, 0.5)
            row = cox(time, event, group[:, None], ("group",)).table.row(0, named=True)
            return bool(row["lo"] <= np.exp(0.5) <= row["hi"])

        yield Finding("survival_recidivism", "coverage of the hazard ratio", f"{size} followed",
                      share(few, seed, holds), few, 0.95, 0.925, 0.985)  # fmt: skip


def cohorts(runs: int, seed: int) -> Iterator[Finding]:
    """Matched cohort: coverage of a risk difference of -0.1, where all that mattered was measured."""
    few = max(runs // 4, 2)

    def holds(rng: Rng, _: int) -> bool:
        x = rng.normal(size=(800, 3))
        treated = rng.random(800) < 1 / (1 + np.exp(1.5 - x @ [0.6, 0.4, 0]))
        outcome = (rng.random(800) < np.clip(0.4 + 0.06 * x[:, 0] - 0.1 * treated, 0, 1)).astype(float)
        found = matched_cohort(treated, outcome, x, seed=1, draws=400)
        return found.difference[1] <= -0.1 <= found.difference[2]

    yield Finding("matched_cohort", "coverage of the difference", "800 people, one in five treated",
                  share(few, seed, holds), few, 0.95, 0.92, 0.985)  # fmt: skip


def drifting(runs: int, seed: int) -> Iterator[Finding]:
    """Structural series: coverage of the mean effect, for levels that stand still or drift."""
    few = max(runs // 4, 2)
    for drift, least in ((0.0, 0.93), (0.1, 0.92), (0.5, 0.89)):

        def holds(rng: Rng, _: int, drift: float = drift) -> bool:
            control = 50 + rng.normal(0, 0.5, 130).cumsum()
            y = 1.2 * control + (rng.normal(0, 1, 130) * drift).cumsum() + rng.normal(0, 1, 130)
            y[104:] -= 3
            found = structural(y, 104, controls=control[:, None])
            return found.average[1] <= -3 <= found.average[2]

        yield Finding("structural_time_series", "coverage of the mean effect", f"drift {drift:g} of the noise",
                      share(few, seed, holds), few, 0.95, least, 1.0)  # fmt: skip


def peaks(runs: int, seed: int) -> Iterator[Finding]:
    """Regression to the mean: coverage of the later count of places chosen at their peak, false alarms of p."""
    for mean, name in ((3.0, "3 a place"), (20.0, "20 a place")):

        def one(rng: Rng, mean: float = mean) -> tuple[bool, bool]:
            rates = rng.gamma(2, mean / 2, 200)
            before, after = rng.poisson(rates).astype(float), rng.poisson(rates).astype(float)
            chosen = np.zeros(200, dtype=bool)
            chosen[np.argsort(-before, kind="stable")[:10]] = True
            found = regression_to_the_mean(before, chosen, after=after, draws=1000, seed=1)
            return found.low <= after[chosen].sum() <= found.high, (found.p or 1) <= 0.05

        held, alarms = np.mean([one(np.random.default_rng([seed, world])) for world in range(runs)], axis=0)
        setting = f"10 highest of 200, {name}"
        yield Finding(
            "regression_to_the_mean", "coverage of the later count", setting, float(held), runs, 0.95, 0.91, 0.985
        )
        yield Finding("regression_to_the_mean", "false alarms", setting, float(alarms), runs, 0.05, 0.0, 0.075)


def pilots(runs: int, seed: int) -> Iterator[Finding]:
    """How often the fall that a pilot is said to show is shown, in other worlds than those it was worked out from."""
    rng = np.random.default_rng(seed)
    before = counts(rng, weekly_means(15, 1.0, 104), theta=10.0)
    said = smallest_detectable_fall(before, 52, seed=1, pilots=100 if runs < 100 else 300)
    at = np.arange(156.0)
    waves = harmonics(at, 365.25 / 7, 2).values()
    columns = np.column_stack([np.ones(156), (at - 104) / 52.18, at >= 104, *waves])
    means = np.tile(weekly_means(15, 1 - (said.fall or 0), 156), (runs, 1))
    made = rng.poisson(means * rng.gamma(10.0, 1 / 10.0, means.shape)).astype(float)
    found = float((step_p(made, columns, 2) <= 0.05).mean())
    yield Finding("pilot_power", "shown", "the fall it says, from two years before", found, runs, 0.8, 0.62, 0.95)


def planted(seeds: int, seed: int) -> Iterator[Finding]:
    """The intervention planted in the fictional county, from three years of acts that were truly committed."""
    found = [planted_effect(seed * 100 + number) for number in range(seeds)]
    effect = 0.6
    yield Finding("interrupted_time_series", "recall", "planted fall of 40%, other hot spots compared",
                  float(np.mean([one.high < 1 for one in found])), seeds, None, 0.8, 1.0)  # fmt: skip
    yield Finding("interrupted_time_series", "coverage of the ratio", "planted fall of 40%",
                  float(np.mean([one.low <= effect <= one.high for one in found])), seeds, 0.95, 0.85, 1.0)  # fmt: skip


def planted_effect(seed: int) -> Interruption:
    """What the interrupted time series makes of one county: night-time acts in the project's areas, by week."""
    from upstander.synthetic.hours import make_calendar
    from upstander.synthetic.land import make_land
    from upstander.synthetic.planted import plant
    from upstander.synthetic.residents import residents
    from upstander.synthetic.violence import AT_NIGHT_OUT, acts_of_violence, risk_before_planting

    land = make_land()
    calendar = make_calendar(PLANTED_ENDS.replace(year=PLANTED_ENDS.year - PLANTED_YEARS), PLANTED_ENDS)
    facts = plant(land, seed=seed, ends=PLANTED_ENDS)
    acts = acts_of_violence(risk_before_planting(land, residents(land), calendar), facts, calendar, seed=seed)
    project = facts.intervention
    night = calendar.at_night(tuple(range(7)), project.from_hour, project.to_hour)[acts.hour]
    reached = night & np.isin(acts.setting, AT_NIGHT_OUT)
    elsewhere = [area for spot in facts.hot_spots if spot.areas != project.areas for area in spot.areas]
    # Weeks are counted from the start of the project, so that none is half before and half after.
    week = (calendar.day[acts.hour] - (project.start - date(1970, 1, 1)).days) // 7
    first, last = -(-int(week.min()) - 1), int((calendar.day[-1] + 1 - (project.start - date(1970, 1, 1)).days) // 7)
    weeks = np.arange(first, last)

    def by_week(areas: list[int]) -> np.ndarray:
        here = reached & np.isin(acts.area, areas) & (week >= first) & (week < last)
        return np.bincount(week[here] - first, minlength=weeks.size).astype(float)

    own, other = by_week(list(project.areas)), by_week(elsewhere)
    return interruption(own, -first, plan=PLAN, seed=1, control=other)
