"""Links without identifiers: pairs near in time and place, weighed against what chance puts together.

How often comparisons agree by chance is read from time-shifted controls; how often they agree among links is learnt by
EM; then each record is linked once at most, so that the weights sum to most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from upstander.analysis.overlap.assigning import best_pairs
from upstander.analysis.overlap.excess import Rule, grid_of
from upstander.analysis.overlap.pairs import DAY_S, MINUTE_S, Columns, Grid, Near, Points

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]

_DISTANCES = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7])
_TIMES = 12
_SMALL = 1e-6
_ENOUGH_CONTROLS = 25_000
_MOST_ROUNDS, _STILL = 500, 1e-9
_MANY_KINDS = 1_000_000


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
    grid, table = grid_of(second, rule), _Table.of(compared)
    first_of, second_of, code = grid.joined(
        first, lambda near: (near.first, near.second, table.coded(_levels(near, grid, compared)))
    )
    # A sample of the first source is enough to know what chance looks like.
    step = max(1, first.size // _ENOUGH_CONTROLS)
    sample = Points(first.at_s[::step], first.x_m[::step], first.y_m[::step])

    def of_control(near: Near) -> Columns:
        whole = Near(near.first * step, near.second, near.apart_m, near.later_s)
        return (table.coded(_levels(whole, grid, compared)),)

    controls = np.concatenate([grid.joined(sample, of_control, days * DAY_S)[0] for days in shift_days])
    by_chance = controls.size * (first.size / max(sample.size, 1)) / len(shift_days)
    u = table.shares(*_tallied(table, controls)[:2])
    pattern, many, which = _tallied(table, code)
    m, share = _learnt(table, pattern, many, u, start=1 - by_chance / max(code.size, 1))
    odds = np.log(share / (1 - share)) + np.log(m / u)[pattern].sum(axis=0)
    usable = np.where(odds >= np.log(least / (1 - least)), np.maximum(odds, _SMALL), 0.0)
    taken = best_pairs(first_of, second_of, usable[which], (first.size, second.size))
    return Linked(
        first_of[taken], second_of[taken], 1 / (1 + np.exp(-odds[which[taken]])), table.weights(m, u), share,
        code.size, by_chance,
    )  # fmt: skip


def _levels(near: Near, grid: Grid, compared: Sequence[Compared]) -> list[Whole]:
    """Time, place, then what is compared."""
    time = (near.later_s - grid.from_s) * _TIMES // max(grid.to_s - grid.from_s, MINUTE_S)
    place = np.searchsorted(_DISTANCES * grid.radius_m, near.apart_m, side="left")
    return [np.minimum(time, _TIMES - 1), place.astype(np.int64), *(each.levels(near) for each in compared)]


@dataclass(frozen=True)
class _Table:
    """The levels of all comparisons in one row, those of a comparison side by side and its unknown before them.

    sizes: how many levels each has, with the unknown; begins: where each begins.
    """

    names: tuple[str, ...]
    sizes: Whole
    begins: Whole

    @classmethod
    def of(cls, compared: Sequence[Compared]) -> "_Table":
        sizes = {"time": _TIMES, "place": _DISTANCES.size + 1}
        sizes |= {each.name: 2 if each.step is None else 3 for each in compared}
        with_unknown = np.array([*sizes.values()]) + 1
        return cls(tuple(sizes), with_unknown, np.cumsum(with_unknown) - with_unknown)

    def coded(self, levels: Sequence[Whole]) -> Whole:
        """One number for all levels of a pair, from 0 on."""
        code = np.zeros_like(levels[0])
        for level, size in zip(levels, self.sizes, strict=True):
            code *= size
            code += level
            code += 1
        return code

    def decoded(self, code: Whole) -> Whole:
        """Where in the row the levels of each code stand: one line a comparison."""
        kinds = np.cumprod(self.sizes[::-1])[::-1]
        return np.asarray(code % kinds[:, None] // (kinds // self.sizes)[:, None] + self.begins[:, None])

    def shares(self, pattern: Whole, weight: NDArray[Any]) -> Numbers:
        """Share of each level among those compared, a half added to each so that none is impossible; 1 for unknown."""
        tiled = np.tile(weight, self.sizes.size)
        return self._shared_out(np.bincount(pattern.ravel(), tiled, int(self.sizes.sum())) + 0.5)

    def sharper(self, u: Numbers) -> Numbers:
        """Where EM starts: links agree more than chance does, the more so the nearer."""
        level = np.arange(u.size) - np.repeat(self.begins + 1, self.sizes)
        return self._shared_out(u * np.exp(-3 * level / np.repeat(np.maximum(self.sizes - 2, 1), self.sizes)))

    def _shared_out(self, amounts: NDArray[np.floating]) -> Numbers:
        amounts[self.begins] = 0.0
        amounts /= np.repeat(np.add.reduceat(amounts, self.begins), self.sizes)
        amounts[self.begins] = 1.0
        return np.asarray(amounts)

    def weights(self, m: Numbers, u: Numbers) -> pl.DataFrame:
        """One row a comparison and level, as `Linked` says."""
        known = np.delete(np.arange(u.size), self.begins)
        return pl.DataFrame({
            "column": np.repeat(self.names, self.sizes - 1),
            "level": known - np.repeat(self.begins + 1, self.sizes - 1),
            "m": m[known], "u": u[known], "weight": np.log2(m[known] / u[known]),
        })  # fmt: skip


def _tallied(table: _Table, code: Whole) -> tuple[Whole, Whole, Whole]:
    """The patterns of levels that occur, how often each does, and which of them each pair has."""
    kinds = prod(table.sizes.tolist())
    if kinds > _MANY_KINDS:
        found, which = np.unique(code, return_inverse=True)
    else:
        found = np.flatnonzero(np.bincount(code, minlength=kinds))
        number = np.zeros(kinds, dtype=np.int64)
        number[found] = np.arange(found.size)
        which = number[code]
    return table.decoded(found), np.bincount(which, minlength=found.size), which


def _learnt(table: _Table, pattern: Whole, many: Whole, u: Numbers, *, start: float) -> tuple[Numbers, float]:
    """The m of each level and the share of links, by EM over patterns, u held as the controls say."""
    chance = np.prod(u[pattern], axis=0)
    share, m = float(np.clip(start, 0.01, 0.99)), table.sharper(u)
    for _ in range(_MOST_ROUNDS):
        likely = share * np.prod(m[pattern], axis=0)
        weight = many * likely / (likely + (1 - share) * chance)
        now = float(np.clip(weight.sum() / max(many.sum(), 1), _SMALL, 1 - _SMALL))
        m = table.shares(pattern, weight)
        if abs(now - share) < _STILL:
            break
        share = now
    return m, share
