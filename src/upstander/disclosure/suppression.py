"""Which further cells to hide, so that no hidden count can be worked out: complementary suppression.

Source: Fischetti and Salazar, Solving the cell suppression problem on tabular data with linear constraints
(Management Science 47, 2001): the master problem chooses cells, the attacker's problems answer with capacity cuts
until the attacker finds nothing. Integer programmes by HiGHS; the answer is optimal wherever their search ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from upstander.disclosure.bounds import Proof, Wanted, rates, reach
from upstander.disclosure.errors import UnfitTables
from upstander.disclosure.programmes import SLACK, Programme
from upstander.disclosure.types import Flags, Ints, Numbers

_ROUNDS = 200
_NODES = 20_000
_NEGLIGIBLE = 1e-7


@dataclass(frozen=True)
class Problem:
    """Cells, the sums they are in, and what an attacker knows of each if it is shown and if it is hidden.

    sums: rows that are zero. shown, hidden: pairs of low and high; hidden is at least as wide. cost: of hiding each
    cell. may: the cells that may still be hidden. wanted: what must stay possible for the targets.
    """

    sums: csr_matrix
    shown: tuple[Numbers, Numbers]
    hidden: tuple[Numbers, Numbers]
    cost: Numbers
    may: Flags
    wanted: Wanted

    def ranges(self, chosen: Numbers) -> tuple[Numbers, Numbers]:
        """What each cell can be on its own where `chosen` (0 to 1) are hidden."""
        low = self.shown[0] + (self.hidden[0] - self.shown[0]) * chosen
        return low, self.shown[1] + (self.hidden[1] - self.shown[1]) * chosen


@dataclass(frozen=True)
class Choice:
    """hide: the cells chosen. stuck: the targets that stay too narrow whatever is hidden.

    is_optimal: whether no cheaper choice protects every other target.
    """

    hide: Flags
    stuck: frozenset[int]
    is_optimal: bool


@dataclass(frozen=True)
class _Cut:
    """The chosen cells among `at` must weigh at least 1 together."""

    at: Ints
    weight: Numbers


def complementary(problem: Problem) -> Choice:
    """The cheapest cells to hide so that every target keeps what is wanted."""
    master = _Master(problem)
    stuck: set[int] = set()
    chosen = np.zeros(len(problem.may))
    for turn in range(_ROUNDS):
        is_whole = bool(np.all((chosen < SLACK) | (chosen > 1 - SLACK)))
        new = list(_cuts(problem, chosen, stuck, is_whole=is_whole))
        if not new and is_whole:
            break
        master.add(new)
        chosen = master.relaxed() if new and turn < _ROUNDS // 2 else master.whole()
    return Choice(chosen > 0.5, frozenset(stuck), master.is_optimal)


class _Master:
    """The cheapest choice that meets all cuts so far, in parts of cells or in whole ones."""

    def __init__(self, problem: Problem) -> None:
        self.columns = np.flatnonzero(problem.may)
        self.place = np.full(len(problem.may), -1)
        self.place[self.columns] = np.arange(len(self.columns))
        self.cost = problem.cost[self.columns]
        self.none, self.all = np.zeros(len(self.columns)), np.ones(len(self.columns))
        self.cuts: list[_Cut] = []
        self.is_optimal = True
        self._relaxed = Programme(csr_matrix((0, len(self.columns))), self.none, self.all)

    def add(self, cuts: Sequence[_Cut]) -> None:
        self.cuts += cuts
        for cut in cuts:
            self._relaxed.add_row(1.0, self.place[cut.at], cut.weight)

    def relaxed(self) -> Numbers:
        self.is_optimal = True
        return self._spread(self._relaxed.least(self.cost))

    def whole(self) -> Numbers:
        starts = np.cumsum([0, *(len(cut.at) for cut in self.cuts)])
        weights = np.concatenate([cut.weight for cut in self.cuts])
        at = np.concatenate([self.place[cut.at] for cut in self.cuts])
        rows = csr_matrix((weights, at, starts), shape=(len(self.cuts), len(self.columns)))
        once, free = np.ones(len(self.cuts)), np.full(len(self.cuts), np.inf)
        programme = Programme(rows, self.none, self.all, row_low=once, row_high=free, whole=True, nodes=_NODES)
        try:
            chosen = np.round(programme.least(self.cost))
            self.is_optimal = programme.is_optimal
        except UnfitTables:  # no whole answer within the nodes: every cell of which the relaxed answer hides a part
            chosen = np.ceil(self._relaxed.least(self.cost) - SLACK)
            self.is_optimal = False
        return self._spread(chosen)

    def _spread(self, chosen: Numbers) -> Numbers:
        spread = np.zeros(len(self.place))
        spread[self.columns] = chosen
        return spread


def _cuts(problem: Problem, chosen: Numbers, stuck: set[int], *, is_whole: bool) -> Iterator[_Cut]:
    """A cut for each bound that is too narrow; a target that nothing could help is entered as stuck."""
    kept = np.flatnonzero(~np.isin(problem.wanted.cells, np.array(sorted(stuck), np.int64)))
    wanted = problem.wanted.part(kept)
    found = reach(problem.sums, *problem.ranges(chosen), wanted)
    everything = problem.may.astype(np.float64)
    for at in np.flatnonzero(~found.met):
        target = int(wanted.cells[at])
        if target not in found.proofs:
            stuck.add(target)
            continue
        most, least = (
            _Bound.of(problem, target, proof, sign) for proof, sign in zip(found.proofs[target], (-1, 1), strict=True)
        )
        span = most.plus(least)
        # Where the ends are no whole numbers, a span of the width itself is sure to hold as many.
        width = wanted.width[at] - (0 if is_whole and span.at(chosen) >= wanted.width[at] - 1 - SLACK else 1)
        for bound, goal in ((most, wanted.high[at]), (least, -wanted.low[at]), (span, width)):
            if bound.at(everything) < goal - SLACK:
                stuck.add(target)
                break
            if bound.at(chosen) < goal - SLACK:
                yield bound.cut(goal)


@dataclass(frozen=True)
class _Bound:
    """What a proof says of a bound for any choice: at most `base + extra · chosen`."""

    base: float
    extra: Numbers

    @classmethod
    def of(cls, problem: Problem, target: int, proof: Proof, sign: int) -> "_Bound":
        """The bound of the target's most (sign -1), or of its least with the sign turned (1)."""
        rate = rates(problem.sums, target, proof, sign)
        up, down = np.maximum(-rate, 0), np.maximum(rate, 0)
        extra = up * (problem.hidden[1] - problem.shown[1]) + down * (problem.shown[0] - problem.hidden[0])
        base = float(up @ problem.shown[1] - down @ problem.shown[0])
        return cls(base, np.where(problem.may, extra, 0.0))

    def plus(self, other: "_Bound") -> "_Bound":
        return _Bound(self.base + other.base, self.extra + other.extra)

    def at(self, chosen: Numbers) -> float:
        return self.base + float(self.extra @ chosen)

    def cut(self, goal: float) -> _Cut:
        """What lifts the bound to the goal. No cell needs to weigh more than all that is missing."""
        at = np.flatnonzero(self.extra > _NEGLIGIBLE)
        return _Cut(at, np.minimum(self.extra[at] / (goal - self.base), 1.0))
