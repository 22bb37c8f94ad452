"""Records of three sources linked without an identifier, and capture–recapture with its bootstrap, beside the peers.

Linkage: made records of police, ambulance and hospital, of which the truth is known; 60% of events are in two or more.
The limit is one sort of all records by time, which no exact join avoids. recordlinkage and splink block on the day and
the square kilometre, which is what they can say: they find half of the links. recordlinkage is timed once more with the
blocks around joined too. Ours joins everything within six hours and 1.2 km, learns its weights, links one to one.
Capture–recapture: 24 areas, 1,000 replicates, eight log-linear models each; the limit is eighty passes of an
exponential and a product. All runs are in one process, the limit before and after the others; each linkage is run five
times, and the middle one told.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from upstander.analysis.overlap.excess import Rule, matched_excess
from upstander.analysis.overlap.log_linear import PATTERNS, averaged
from upstander.analysis.overlap.pairs import Points
from upstander.analysis.overlap.proximity import Compared, linked

GOAL_SORT, GOAL_PASS = 15.0, 10.0
YEARS, DAY = 5, 1440
# Chance of being seen; metres and minutes that its place and time stray; minutes that it is later.
SOURCES = {"police": (0.75, 60, 20, 0), "ambulance": (0.55, 80, 15, 0), "hospital": (0.4, 400, 60, 90)}
_BLOCKS = ("day", "cell")
_ROW = 1000  # squares of a kilometre from one column of them to the next


@dataclass(frozen=True)
class Made:
    """One source: where and when, whose record, and what is said of the person and the injury (-1: not known)."""

    points: Points
    event: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    injury: np.ndarray


def made(records: int, seed: int) -> list[Made]:
    """About so many records over five years, round forty centres."""
    rng = np.random.default_rng(seed)
    events, side = int(records / 1.7), 80_000 * max(records / 1e6, 0.1) ** 0.5
    at = rng.random(events) * YEARS * 365 * DAY
    place = (rng.random((40, 2)) * side)[rng.integers(0, 40, events)] + rng.normal(0, side / 15, (events, 2))
    age, sex = np.clip(rng.gamma(4, 7.5, events), 5, 95), rng.choice(2, events, p=[0.7, 0.3])
    injury = rng.integers(0, 5, events)
    found = []
    for chance, stray_m, stray_min, later in SOURCES.values():
        seen = np.flatnonzero(rng.random(events) < chance)
        size = seen.size
        minute = at[seen] + rng.exponential(stray_min, size) + later
        x, y = (place[seen] + rng.normal(0, stray_m, (size, 2))).T
        found.append(Made(
            Points.of(np.round(minute * 60), x, y), seen, np.where(rng.random(size) < 0.1, -1, age[seen].astype(int)),
            np.where(rng.random(size) < 0.03, 1 - sex[seen], sex[seen]),
            np.where(rng.random(size) < 0.15, rng.integers(0, 5, size), injury[seen]),
        ))  # fmt: skip
    return found


def ours(sources: list[Made]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The events of each linked pair, for each two sources."""
    found = []
    for one, other in combinations(sources, 2):
        compared = [
            Compared("age", one.age, other.age, 3), Compared("sex", one.sex, other.sex),
            Compared("injury", one.injury, other.injury),
        ]  # fmt: skip
        links = linked(one.points, other.points, Rule(1200, -360, 360), compared)
        found.append((one.event[links.first], other.event[links.second]))
    return found


def frames(sources: list[Made]) -> list[Any]:
    """The same records as pandas frames, with the blocks the peers join on."""
    import pandas as pd

    return [
        pd.DataFrame({
            "event": one.event, "t": one.points.at_s / 60, "x": one.points.x_m, "y": one.points.y_m,
            "age": np.where(one.age < 0, np.nan, one.age), "sex": one.sex, "injury": one.injury,
            "day": one.points.at_s // 86_400,
            "cell": (one.points.x_m // 1000).astype(int) * _ROW + (one.points.y_m // 1000).astype(int),
        })
        for one in sources
    ]  # fmt: skip


def by_recordlinkage(sources: list[Made], *, wide: bool = False) -> list[tuple[np.ndarray, np.ndarray]]:
    """wide: also joins the day before and after, and the eight squares around, which is what finds what ours finds."""
    import recordlinkage

    found = []
    for one, other in combinations(frames(sources), 2):
        pairs = _blocked(one, other)
        moves = product((-1, 0, 1), (-_ROW, 0, _ROW), (-1, 0, 1)) if wide else ()
        for days, columns, rows in moves:
            if (days, columns, rows) != (0, 0, 0):
                moved = other.assign(day=other["day"] + days, cell=other["cell"] + columns + rows)
                pairs = pairs.append(_blocked(one, moved))
        compare = recordlinkage.Compare()
        compare.numeric("t", "t", offset=30, scale=60, method="linear", label="t")
        for axis in ("x", "y"):
            compare.numeric(axis, axis, offset=50, scale=300, label=axis)
        compare.numeric("age", "age", offset=1, scale=3, missing_value=0.5, label="age")
        compare.exact("sex", "sex", label="sex")
        compare.exact("injury", "injury", label="injury")
        scores = compare.compute(pairs, one, other).sum(axis=1)
        kept = scores[scores > 4].index
        found.append(
            (one["event"].to_numpy()[kept.get_level_values(0)], other["event"].to_numpy()[kept.get_level_values(1)])
        )
    return found


def _blocked(one: Any, other: Any) -> Any:
    import recordlinkage

    index = recordlinkage.Index()
    index.block(list(_BLOCKS))
    return index.index(one, other)


def by_splink(sources: list[Made]) -> list[tuple[np.ndarray, np.ndarray]]:
    import splink.comparison_library as library
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink.internals import comparison_level_library as levels

    def graded(name: str, *conditions: str) -> Any:
        steps = [levels.CustomLevel(condition, condition) for condition in conditions]
        return library.CustomComparison(
            output_column_name=name, comparison_levels=[levels.NullLevel(name), *steps, levels.ElseLevel()]
        )

    tables = [frame.assign(unique_id=np.arange(len(frame))) for frame in frames(sources)]
    distance = "sqrt((x_l-x_r)**2+(y_l-y_r)**2)"
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[block_on(*_BLOCKS)],
        additional_columns_to_retain=["event"],
        comparisons=[
            graded("t", "abs(t_l-t_r)<30", "abs(t_l-t_r)<90", "abs(t_l-t_r)<240"),
            graded("x", f"{distance}<150", f"{distance}<500"), graded("age", "age_l=age_r", "abs(age_l-age_r)<=3"),
            library.ExactMatch("sex"), library.ExactMatch("injury"),
        ],
    )  # fmt: skip
    engine = DuckDBAPI()
    inputs = [engine.register(table, dataset_display_name=name) for table, name in zip(tables, SOURCES, strict=True)]
    linker = Linker(inputs, settings, log_level="ERROR")
    linker.training.estimate_probability_two_random_records_match([block_on(*_BLOCKS, "injury")], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on(*_BLOCKS))
    pairs = linker.inference.predict(threshold_match_probability=0.9).as_pandas_dataframe()
    return [(pairs["event_l"].to_numpy(), pairs["event_r"].to_numpy())]


def score(sources: list[Made], pairs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """Share of the real links that are found, and of the links that are real."""
    real = sum(np.intersect1d(one.event, other.event).size for one, other in combinations(sources, 2))
    right, said = sum(int((one == other).sum()) for one, other in pairs), sum(one.size for one, _ in pairs)
    return right / real, right / max(said, 1)


def timed(work: Callable[[], Any], repeats: int = 1) -> tuple[float, Any]:
    """Median seconds, and what the work gave."""
    seconds, given = [], None
    for _ in range(repeats):
        began = perf_counter()
        given = work()
        seconds.append(perf_counter() - began)
    return median(seconds), given


def linkage(records: int, seed: int) -> Iterator[str]:
    """The part of the section about linkage, for one size."""
    sources = made(records, seed)
    times = np.concatenate([one.points.at_s for one in sources])
    before, _ = timed(lambda: np.argsort(times, kind="stable"), 5)
    ours(made(20_000, seed))  # imports what it needs
    took, links = timed(lambda: ours(sources), 5)
    excess, _ = timed(lambda: matched_excess(sources[0].points, sources[1].points, Rule(), replicates=200), 1)
    rows = [("ours, three pairs of sources", took, score(sources, links))]
    peers = (
        ("recordlinkage", by_recordlinkage), ("splink", by_splink),
        ("recordlinkage, days and squares around too", partial(by_recordlinkage, wide=True)),
    )  # fmt: skip
    for name, peer in peers:
        try:
            peer(made(20_000, seed))
            peer_took, found = timed(lambda peer=peer: peer(sources), 5)
            rows.append((name, peer_took, score(sources, found)))
        except ImportError:
            rows.append((name, None, (0.0, 0.0)))
    after, _ = timed(lambda: np.argsort(times, kind="stable"), 5)
    limit = (before + after) / 2
    yield f"\n{times.size:,} records.\n\n| | time | × the sort | links found | links that are real |"
    yield "|---|---|---|---|---|"
    yield f"| one sort | {limit:.3f} s | 1.0 | | |"
    for name, seconds, (recall, precision) in rows:
        if seconds is None:
            yield f"| {name} | not installed | | | |"
        else:
            yield f"| {name} | {seconds:.2f} s | {seconds / limit:.1f} | {recall:.1%} | {precision:.1%} |"
    yield f"| matched_excess, one pair of sources, six shifts | {excess:.2f} s | {excess / limit:.1f} | | |"
    yield f"\nGoal: at most {GOAL_SORT:.0f} × the sort: {'met' if took <= GOAL_SORT * limit else 'not met'}."


def capture(areas: int, replicates: int) -> Iterator[str]:
    """The part of the section about capture–recapture."""
    rng = np.random.default_rng(31)
    seen = np.array(PATTERNS)
    chance = np.prod(np.where(seen > 0, [0.5, 0.35, 0.25], [0.5, 0.65, 0.75]), axis=1)
    chance = chance * np.where(seen[:, 0] * seen[:, 1] > 0, 1.6, 1.0)
    totals = [rng.multinomial(size, [*chance, 1 - chance.sum()])[:7] for size in rng.integers(200, 3000, areas)]
    drawn = np.concatenate([rng.multinomial(one.sum(), one / one.sum(), replicates) for one in totals])
    outer, weights = rng.random((7, 49)), rng.random((len(drawn), 7))
    raised, into = np.empty_like(weights), np.empty((len(drawn), 49))

    def passes() -> None:
        for _ in range(80):
            np.matmul(np.exp(weights, out=raised), outer, out=into)

    before, _ = timed(passes, 3)
    averaged(drawn[:100])
    took, found = timed(lambda: averaged(drawn), 3)
    sample = drawn[:25]
    peer, wanted = timed(lambda: [by_statsmodels(row) for row in sample])
    after, _ = timed(passes, 3)
    limit = (before + after) / 2
    if np.abs(found[: len(sample)] / wanted - 1).max() > 1e-6:
        raise SystemExit("an average differs from what statsmodels gives")
    scaled = peer * len(drawn) / len(sample)
    yield f"\n{areas} areas, {replicates:,} replicates, eight models: {8 * len(drawn):,} fits.\n"
    yield "| | time | × the passes | times faster than statsmodels |\n|---|---|---|---|"
    yield f"| eighty passes | {limit:.3f} s | 1.0 | |"
    yield f"| ours | {took:.2f} s | {took / limit:.1f} | {scaled / took:.0f} |"
    yield f"| statsmodels, scaled from {len(sample)} replicates | {scaled:.0f} s | {scaled / limit:.0f} | 1 |"
    yield f"\nThe averages are those of statsmodels. Goal: at most {GOAL_PASS:.0f} × the passes: " + (
        "met." if took <= GOAL_PASS * limit else "not met."
    )


def by_statsmodels(counts: np.ndarray) -> float:
    """The averaged total by eight fits, as an analyst would write it."""
    import statsmodels.api as sm

    warnings.simplefilter("ignore")  # the saturated model fits exactly, which statsmodels takes for separation
    seen, pairs = np.array(PATTERNS, dtype=float), list(combinations(range(3), 2))
    score, total = [], []
    for size in range(4):
        for terms in combinations(pairs, size):
            design = np.column_stack([np.ones(7), seen, *(seen[:, one] * seen[:, other] for one, other in terms)])
            fit = sm.GLM(counts, design, family=sm.families.Poisson()).fit(tol=1e-12)
            score.append(fit.aic)
            total.append(counts.sum() + np.exp(fit.params[0]))
    weight = np.exp(-(np.array(score) - min(score)) / 2)
    return float(weight @ np.array(total) / weight.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--areas", type=int, default=24)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=21)
    asked = parser.parse_args()
    lines = [line for records in asked.records for line in linkage(records, asked.seed)]
    lines += capture(asked.areas, asked.replicates)
    print(f"## Who sees the same violence\n\n{__doc__}" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
