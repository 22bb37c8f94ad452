"""Links without identifiers: pairs near in time and place, weighed against what chance puts together.

How often comparisons agree by chance is read from time-shifted controls; how often they agree among links is learnt by
EM; then each record is linked once at most, so that the weights sum to most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.overlap.assigning import best_pairs
from upstander.analysis.overlap.excess import Rule
from upstander.analysis.overlap.pairs import DAY_S, Grid, Near, Points

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]

_DISTANCES = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7])
_TIMES = 12
_SMALL = 1e-6
_ENOUGH_CONTROLS = 50_000
_MOST_ROUNDS, _STILL = 500, 1e-9


@dataclass(frozen=True)
class Compared:
    """One thing that both sources say of the person or the act. `codes`: the same code means the same; -1 is unknown.

    `step`: None where codes are equal or not; else how far apart numbers may lie to be near.
    """

    name: str
    first: Whole
    second: Whole
    step: int | None = None

    def levels(self, near: Near) -> Whole:
        """0 equal, 1 different (or 1 near and 2 different where there is a step); -1 where either is unknown."""
        one, other = self.first[near.first], self.second[near.second]
        differ = np.abs(one - other)
        level = (differ > 0).astype(np.int64)
        if self.step is not None:
            level += differ > self.step
        return np.where((one < 0) | (other < 0), -1, level)


@dataclass(frozen=True)
class Linked:
    """Pairs that are linked, one to one, and what the weights rest on.

    first, second: positions; probability: that the pair is a link. weights: one row a comparison and level: `column`,
    `level`, `m`, `u`, `weight` (log2 m/u). share: of candidate pairs that are links; candidates: how many there were;
    by_chance: how many controls give.
    """

    first: Whole
    second: Whole
    probability: Numbers
    weights: pl.DataFrame
    share: float
    candidates: int
    by_chance: float


def linked(
    first: Points, second: Points, rule: Rule, compared: Sequence[Compared] = (), *,
    shift_days: Sequence[int] = (-7, 7), least: float = 0.5,
) -> Linked:  # fmt: skip
    """Link two sources by time, place and what else both say.

    least: probability from which a pair may be a link, 0.5 or more. The answer depends on the inputs alone.
    """
    grid = Grid(second, rule.radius_m)
    span = (round(rule.from_min * 60), round(rule.to_min * 60))
    near = grid.near(first, *span)
    # A sample of the first source is enough to know what chance looks like.
    step = max(1, first.size // _ENOUGH_CONTROLS)
    some = np.arange(0, first.size, step)
    sample = Points(first.at_s[some], first.x_m[some], first.y_m[some])
    u_levels: dict[str, list[Whole]] = {}
    chance = 0
    for days in shift_days:
        control = grid.near(sample, *span, shift_s=days * DAY_S)
        control = Near(some[control.first], control.second, control.apart_m, control.later_s)
        chance += control.first.size
        for name, level in _levels(control, rule, compared).items():
            u_levels.setdefault(name, []).append(level)
    by_chance = chance * (first.size / max(some.size, 1)) / len(shift_days)
    levels = _levels(near, rule, compared)
    sizes = _sizes(compared)
    u = {name: _spread(np.concatenate(u_levels[name]), size) for name, size in sizes.items()}
    m, share = _learnt(levels, sizes, u, start=1 - by_chance / max(near.first.size, 1))
    odds = np.log(share / (1 - share)) + sum(
        np.append(np.log(m[name] / u[name]), 0.0)[levels[name]]
        for name in sizes  # level -1 reads the zero at the end
    )
    usable = np.where(odds >= np.log(least / (1 - least)), np.maximum(odds, _SMALL), 0.0)
    taken = best_pairs(near.first, near.second, usable, (first.size, second.size))
    return Linked(
        near.first[taken], near.second[taken], 1 / (1 + np.exp(-odds[taken])), _weights(sizes, m, u), share,
        near.first.size, by_chance,
    )  # fmt: skip


def _levels(near: Near, rule: Rule, compared: Sequence[Compared]) -> dict[str, Whole]:
    span = max(rule.to_min - rule.from_min, 1.0)
    time = np.floor((near.later_s / 60 - rule.from_min) / span * _TIMES).astype(np.int64)
    place = np.searchsorted(_DISTANCES, near.apart_m / rule.radius_m, side="left")
    own = {"time": np.clip(time, 0, _TIMES - 1), "place": place.astype(np.int64)}
    return own | {each.name: each.levels(near) for each in compared}


def _sizes(compared: Sequence[Compared]) -> dict[str, int]:
    own = {"time": _TIMES, "place": _DISTANCES.size + 1}
    return own | {each.name: 2 if each.step is None else 3 for each in compared}


def _spread(level: Whole, size: int, weight: Numbers | None = None) -> Numbers:
    """Share of each level among those compared, a half added to each so that none is impossible."""
    known = level >= 0
    found = np.bincount(level[known], minlength=size, weights=None if weight is None else weight[known]) + 0.5
    return np.asarray(found / found.sum())


def _learnt(
    levels: Mapping[str, Whole], sizes: Mapping[str, int], u: Mapping[str, Numbers], *, start: float
) -> tuple[dict[str, Numbers], float]:
    """The m of each comparison and the share of links, by EM over patterns, u held as the controls say."""
    code = np.zeros(next(iter(levels.values())).size, dtype=np.int64)
    for name, size in sizes.items():
        code = code * (size + 1) + levels[name] + 1
    _, at, many = np.unique(code, return_index=True, return_counts=True)
    seen = {name: levels[name][at] for name in sizes}
    chance = np.prod([np.append(u[name], 1.0)[seen[name]] for name in sizes], axis=0)
    share = float(np.clip(start, 0.01, 0.99))
    m = {name: _sharper(u[name]) for name in sizes}
    for _ in range(_MOST_ROUNDS):
        likely = np.prod([np.append(m[name], 1.0)[seen[name]] for name in sizes], axis=0)
        posterior = share * likely / (share * likely + (1 - share) * chance)
        weight = many * posterior
        now = float(np.clip(weight.sum() / max(many.sum(), 1), _SMALL, 1 - _SMALL))
        m = {name: _spread(seen[name], size, weight) for name, size in sizes.items()}
        if abs(now - share) < _STILL:
            break
        share = now
    return m, share


def _sharper(u: Numbers) -> Numbers:
    """Where EM starts: links agree more than chance does, the more so the nearer."""
    tilted = u * np.exp(-3 * np.arange(u.size) / max(u.size - 1, 1))
    return np.asarray(tilted / tilted.sum())


def _weights(sizes: Mapping[str, int], m: Mapping[str, Numbers], u: Mapping[str, Numbers]) -> pl.DataFrame:
    return pl.concat([
        pl.DataFrame({
            "column": name, "level": np.arange(size), "m": m[name], "u": u[name], "weight": np.log2(m[name] / u[name]),
        })
        for name, size in sizes.items()
    ])  # fmt: skip
