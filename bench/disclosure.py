"""Tables protected and attacked: by our engine, and by tau-ARGUS (pytauargus) on the same counts.

A2 is 24 areas by 8 types, A 24 areas by 12 months by 8 types, B 600 small areas in 24 wards by 8 types, all with their
sums. Counts of 1 to 4 are hidden; each must be able to be one more and one less. The limit is one programme of the
attacker, started from nothing: an attack cannot be quicker than that. Then the rule of a release (each hidden count can
be any of 1 to 4, even to who knows which cells are small), a district's table, wards by quarters, and 600 areas by 12
months by 8 types, attacked as they are when nothing but small counts is hidden.
"""

import argparse
import contextlib
import io
import os
import resource
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl

from upstander.contracts.asking import CountRule
from upstander.disclosure import Cube, Publication, attack, protect_cube
from upstander.disclosure.bounds import Free, Wanted, reach
from upstander.disclosure.cubes import link, tidy
from upstander.disclosure.suppression import Problem, complementary

FIVE = CountRule("under five", "", 4, 1)
HOSPITAL = CountRule("hospital", "", 7, 5)
Tree = Mapping[str, str]  # child → parent


def cube(counts: np.ndarray, trees: Mapping[str, Tree]) -> Cube:
    """A cube of leaf counts and all the sums of its trees; `trees` has a dimension each, leaves first in its keys."""
    names: dict[str, list[str]] = {}
    for axis, (name, tree) in enumerate(trees.items()):
        values = [child for child in tree if child not in tree.values()]
        while missing := [parent for parent in dict.fromkeys(tree.values()) if parent not in values]:
            ready = [one for one in missing if all(child in values for child in tree if tree[child] == one)]
            for parent in ready:
                parts = [values.index(child) for child in tree if tree[child] == parent]
                counts = np.concatenate([counts, counts.take(parts, axis).sum(axis, keepdims=True)], axis)
                values.append(parent)
        names[name] = values
    where = np.indices(counts.shape).reshape(counts.ndim, -1)
    keys = {name: np.array(values)[at] for (name, values), at in zip(names.items(), where, strict=True)}
    hierarchies = {
        name: pl.DataFrame({"parent": list(tree.values()), "child": list(tree)}) for name, tree in trees.items()
    }
    cells = pl.DataFrame({**keys, "count": counts.ravel()})
    return Cube(tuple(trees), tidy(tuple(trees), cells), hierarchies)


def flat(letter: str, size: int) -> Tree:
    return {f"{letter}{at:03d}": "Total" for at in range(size)}


def nested(size: int, parents: int) -> Tree:
    """Leaves in parents in one whole; names of tau-ARGUS's "2 2" kind: the parent's two digits, then two more."""
    each = size // parents
    leaves = {f"{at // each:02d}{at % each:02d}": f"{at // each:02d}" for at in range(size)}
    return {**leaves, **{f"{at:02d}": "Total" for at in range(parents)}}


def draws(shape: tuple[int, ...], seed: int, mean: float) -> np.ndarray:
    r = np.random.default_rng(seed)
    return r.poisson(r.gamma(1.2, mean, shape))


def tables() -> dict[str, Cube]:
    return {
        "A2": cube(draws((24, 8), 5, 8), {"a": flat("a", 24), "k": flat("k", 8)}),
        "A": cube(draws((24, 12, 8), 5, 8), {"a": flat("a", 24), "m": flat("m", 12), "k": flat("k", 8)}),
        "B": cube(draws((600, 8), 6, 4), {"a": nested(600, 24), "k": flat("k", 8)}),
    }


def by_one(table: Cube) -> tuple[Problem, np.ndarray]:
    """The problem of tau-ARGUS: primary cells can be one more and one less; nobody knows more than that none is < 0."""
    linked = link([table])
    true = np.zeros(linked.keys.height)
    true[linked.at[0]] = table.cells["count"].to_numpy()
    primary = (true > 0) & (true < 5)
    may, most = ~primary & (true > 0), 2 * true.max()
    low, high = np.where(primary, 0.0, true), np.where(primary, most, true)
    hidden = np.where(may, 0.0, low), np.where(may, most, high)
    targets = np.flatnonzero(primary)
    wanted = Wanted(targets, np.ones(len(targets)), true[targets] - 1, true[targets] + 1)
    return Problem(linked.sums, (low, high), hidden, 1 + true, may, wanted), primary


def timed(work: Callable[[], object]) -> tuple[float, object]:
    began = perf_counter()
    found = work()
    return perf_counter() - began, found


def one_programme(problem: Problem, chosen: np.ndarray) -> float:
    """Seconds for one question of the attacker, the programme built and solved from nothing; the best of five."""

    def ask() -> None:
        free = Free.of(problem.sums, *problem.ranges(chosen))
        cost = np.zeros(len(free.cells))
        cost[0] = 1.0
        free.programme().least(cost)

    return min(timed(ask)[0] for _ in range(5))


def theirs(table: Cube, method: str) -> tuple[float, int] | None:
    """Seconds and secondary cells of pytauargus; None where it is not installed."""
    try:
        from pytauargus import protect
    except ImportError:
        return None
    sums = {parent for tree in table.hierarchies.values() for parent in tree["parent"]}
    leaves = table.cells.filter(~pl.any_horizontal(pl.col(name).is_in(sums) for name in table.dimensions))
    rows = leaves.select(pl.exclude("count").repeat_by("count").explode()).select(table.dimensions)
    micro = {name: rows[name].to_list() for name in table.dimensions} | {"one": [1.0] * rows.height}
    extra = {"hrc": {"a": "2 2"}} if len(sums) > 1 else {}
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)  # its engine drops logs where it stands
        try:
            took, found = timed(
                lambda: protect(
                    micro, list(table.dimensions), response="one", safety_rules="FREQ(5,20)", suppress=method,
                    workdir=folder, **extra,
                )
            )  # fmt: skip
        finally:
            os.chdir(here)
    return took, int((found.tables[0].dataframe()["status"] == "M").sum())


def compared(name: str, table: Cube) -> list[str]:
    problem, primary = by_one(table)
    one_programme(problem, np.zeros(len(primary)))  # the solver is loaded once, before anything is timed
    none = np.zeros(len(primary))
    plain, found = timed(lambda: reach(problem.sums, *problem.ranges(none), problem.wanted))
    took, choice = timed(lambda: complementary(problem))
    chosen = choice.hide.astype(float)
    again, left = timed(lambda: reach(problem.sums, *problem.ranges(chosen), problem.wanted))
    limit = one_programme(problem, chosen)
    lines = [
        f"| {name} | one programme of the attacker | {limit:.4f} | 1 | |",
        (
            f"| {name} | attack on small counts hidden | {plain:.3f} | {plain / limit:.1f} "
            f"| {(~found.met).sum()} exposed |"
        ),
        f"| {name} | our suppression | {took:.3f} | {took / limit:.0f} | {choice.hide.sum()} more cells |",
        f"| {name} | attack on it | {again:.3f} | {again / limit:.1f} | {(~left.met).sum()} exposed |",
    ]
    for method in ("OPT(1,3)", "MOD(1)"):
        if other := theirs(table, method):
            seconds, secondary = other
            times = f"{seconds:.3f} | {seconds / limit:.0f}"
            lines.append(f"| {name} | pytauargus {method} | {times} | {secondary} more cells |")
    return lines


def plainly_hidden(table: Cube, rule: CountRule) -> Publication:
    few = (pl.col("count") > 0) & (pl.col("count") <= rule.width)
    rounded = (pl.col("count") + rule.round_to // 2) // rule.round_to * rule.round_to
    cells = table.cells.with_columns(
        value=pl.when(~few).then(rounded.cast(pl.Float64)),
        status=pl.when(few).then(pl.lit("suppressed")).otherwise(pl.lit("shown")),
        why=pl.when(few).then(pl.lit("count")),
    ).drop("count")
    return Publication(table.dimensions, cells, table.hierarchies, rule)


def released(name: str, table: Cube, rule: CountRule) -> str:
    took, published = timed(lambda: protect_cube(table, rule))
    again, found = timed(lambda: attack([published]))
    hidden = published.cells.filter(pl.col("why").is_in(["others", "withdrawn"])).height
    return (
        f"| {name}, {rule.name} | {table.cells.height:,} | {took:.1f} | {hidden:,} | {again:.2f} "
        f"| {found.exposed.height} |"
    )


def measured(largest: bool) -> str:
    quarters = {f"2{at // 4:02d}-Q{at % 4 + 1}": f"2{at // 4:02d}" for at in range(40)}
    wards = {f"W{at:03d}": f"D{at // 25}" for at in range(100)} | {f"D{at}": "all" for at in range(4)}
    districts = {f"D{at}": "all" for at in range(8)}
    eight = dict(list(quarters.items())[:8])
    district = cube(draws((8, 8, 4), 3, 25), {"area": districts, "period": eight, "type": flat("k", 4)})
    ward = cube(draws((100, 40), 4, 8), {"area": wards, "period": quarters})
    lines = [row for name, table in tables().items() for row in compared(name, table)]
    rows = [released(name, table, rule) for rule in (FIVE, HOSPITAL)
            for name, table in (("districts by quarter and type", district), ("wards by quarter", ward),
                                ("A", tables()["A"]))]  # fmt: skip
    said = [
        "| table | what | seconds | × one programme | |", "|---|---|---|---|---|", *lines, "",
        "| table and rule | cells | protected in seconds | more cells hidden | attacked in seconds | exposed |",
        "|---|---|---|---|---|---|", *rows, "",
    ]  # fmt: skip
    if largest:
        big = cube(draws((600, 12, 8), 7, 4), {"a": nested(600, 24), "m": flat("m", 12), "k": flat("k", 8)})
        for rule in (FIVE, HOSPITAL):
            took, found = timed(lambda rule=rule: attack([plainly_hidden(big, rule)]))
            said.append(
                f"600 areas by 12 months by 8 types with all sums ({big.cells.height:,} cells), {rule.name}: attacked "
                f"in {took:.0f} seconds with {found.programmes:,} programmes; {found.exposed.height:,} cells exposed."
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return "\n".join([*said, "", f"Memory at most {peak:.1f} GB.", ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-the-largest", action="store_true")
    asked = parser.parse_args()
    print(f"## Disclosure control\n\n{__doc__}\n{measured(not asked.without_the_largest)}")


if __name__ == "__main__":
    main()
