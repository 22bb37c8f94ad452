"""Tables of a release protected and audited: how long it takes, how much memory, and how many cells stay shown.

Counts are invented, at the size of a county. A district table and ward tables by quarter are protected: small counts
are hidden, then the cheapest further cells, then all of it is attacked. A fine table is only rounded, and audited. The
limit of an audit is one linear programme over the same cells and sums. Each run is in a process of its own.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np
import polars as pl
from running import run

from upstander.contracts.asking import CountRule
from upstander.disclosure import Cube, Publication, attack, protect_cube
from upstander.disclosure.bounds import Free
from upstander.disclosure.cubes import link, tidy
from upstander.disclosure.knowledge import knowledge

FIVE, HOSPITAL = CountRule("under five", "bench", 4, 1), CountRule("hospital", "bench", 7, 5)
GOALS = {"district": (1, 4), "wards": (300, 4), "fine": (300, 4)}  # seconds, GB
SAYS = {
    "district": "8 districts × 3 ages × 3 sexes of one quarter, protected",
    "wards": "8 districts, 160 wards, 12 quarters and 3 years, protected",
    "fine": "600 areas × 12 months × 8 types with all sums, rounded and audited",
}
SEED = 20260803


def cube_of(counts: np.ndarray, names: tuple[str, ...], groups: dict[int, int]) -> Cube:
    """A cube of these counts with all sums; along an axis of `groups` so many values make a group, groups the whole."""
    full, labels, trees = counts, [], {}
    for axis, name in enumerate(names):
        leaves = [f"{name}{one}" for one in range(counts.shape[axis])]
        size = groups.get(axis, 0)
        parts = [full] if not size else [full, np.add.reduceat(full, np.arange(0, counts.shape[axis], size), axis)]
        middle = [f"group{one}" for one in range(parts[-1].shape[axis])] if size else []
        full = np.concatenate([*parts, full.sum(axis, keepdims=True)], axis)
        labels.append([*leaves, *middle, "all"])
        above = [f"group{one // size}" if size else "all" for one in range(len(leaves))]
        trees[name] = pl.DataFrame({"parent": [*above, *("all" for _ in middle)], "child": [*leaves, *middle]})
    where = np.indices(full.shape).reshape(full.ndim, -1)
    keys = {name: pl.Series(those).gather(at) for name, those, at in zip(names, labels, where, strict=True)}
    return Cube(names, pl.DataFrame({**keys, "count": full.ravel()}), trees)


def protected(cube: Cube, rule: CountRule) -> dict[str, float]:
    """Processor seconds of its protection, and what became of its cells."""
    began = process_time()
    cells = protect_cube(cube, rule).cells
    took = process_time() - began
    return {"took_s": took, "cells": cells.height, "hidden": cells.filter(status="suppressed").height}


def audited(cube: Cube, rule: CountRule) -> dict[str, float]:
    """Processor seconds of the attack on the cube, small counts hidden and the rest rounded, and of one programme."""
    few, base = pl.col("count").is_between(1, rule.suppress_up_to), rule.round_to
    cells = tidy(cube.dimensions, cube.cells).with_columns(
        value=pl.when(~few).then((pl.col("count") + base // 2) // base * base).cast(pl.Float64),
        status=pl.when(few).then(pl.lit("suppressed")).otherwise(pl.lit("shown")),
        why=pl.when(few).then(pl.lit("count")),
    )
    publication = Publication(cube.dimensions, cells, cube.hierarchies, rule)
    began = process_time()
    found = attack([publication])
    took = process_time() - began
    facts = knowledge(link([publication]), [publication], None)
    programme = Free.of(facts.sums, facts.low, facts.high).programme()
    began = process_time()
    programme.least(np.random.default_rng(SEED).normal(size=len(programme.columns)))
    one = process_time() - began
    exposed, programmes = found.exposed.height, found.programmes
    return {"took_s": took, "cells": cells.height, "hidden": found.cells.height, "one_s": one, "exposed": exposed,
            "programmes": programmes}  # fmt: skip


def district() -> dict[str, float]:
    counts = np.random.default_rng(SEED).poisson(9, (8, 3, 3))
    return protected(cube_of(counts, ("area", "age", "sex"), {}), FIVE)


def wards() -> dict[str, float]:
    draw = np.random.default_rng(SEED)
    usual = draw.gamma(1.2, 12, 160)[:, None] * np.ones(12)
    return protected(cube_of(draw.poisson(usual), ("area", "quarter"), {0: 20, 1: 4}), FIVE)


def fine() -> dict[str, float]:
    draw = np.random.default_rng(SEED)
    usual = draw.gamma(0.7, 4, (600, 1, 8)) * np.ones((1, 12, 1))
    return audited(cube_of(draw.poisson(usual), ("area", "month", "type"), {0: 20}), HOSPITAL)


CASES: dict[str, Callable[[], dict[str, float]]] = {"district": district, "wards": wards, "fine": fine}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES)
    asked = parser.parse_args()
    if asked.case:
        print(json.dumps(CASES[asked.case]()))
        return
    rows = []
    for name, (seconds, gigabytes) in GOALS.items():
        print(f"release: {name}", file=sys.stderr)
        ran = run([sys.executable, Path(__file__), "--case", name])
        told = json.loads(ran.said)
        ratio = f"{told['took_s'] / told['one_s']:.1f}" if "one_s" in told else ""
        rows.append(
            f"| {SAYS[name]} | {told['cells']:,} | {told['hidden']:,} | {told['took_s']:.1f} (goal {seconds}) | "
            f"{ran.peak_mb / 1e3:.1f} (goal {gigabytes}) | {ratio} |"
        )
    head = ["| what | cells | hidden or attacked | processor seconds | peak memory, GB | × one programme |",
            "|---|---|---|---|---|---|"]  # fmt: skip
    print("\n".join([f"## Releases protected and audited\n\n{__doc__}", *head, *rows, ""]))


if __name__ == "__main__":
    main()
