"""Which further cells to hide, so that no hidden count can be worked out: complementary suppression.

Source: Fischetti and Salazar, Solving the cell suppression problem on tabular data with linear constraints
(Management Science 47, 2001): the master problem chooses cells, the attacker's problems answer with capacity cuts
until the attacker finds nothing. Integer programmes by HiGHS; the answer is optimal wherever their search ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from upstander.disclosure.bounds import Proof, Wanted, by_one_sum, rates, reach
from upstander.disclosure.errors import UnfitTables
from upstander.disclosure.programmes import SLACK, Programme
from upstander.disclosure.types import Flags, Ints, Numbers

_ROUNDS, _RELAXED, _EXACT, _NODES, _TRIES = 2_000, 4, 5, 200, 60
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
    """The cheapest cells to hide so that every target keeps what is wanted.

    A round first asks single sums, which is quick, and the whole attack only where they find nothing.
    """
    master, search = _Master(problem), _Search(problem)
    chosen, attacks = np.zeros(len(problem.may)), 0
    for _ in range(_ROUNDS):
        is_whole = bool(np.all((chosen < SLACK) | (chosen > 1 - SLACK)))
        new = list(search.of_single_sums(chosen, is_whole=is_whole))
        if not new:
            new, attacks = list(search.of_the_attack(chosen, is_whole=is_whole)), attacks + 1
        if not new and is_whole:
            break
        master.add(new)
        chosen = master.relaxed() if new and attacks < _RELAXED else master.whole()
    if not master.is_optimal:
        chosen = _spared(problem, master, search, chosen)
    return Choice(chosen > 0.5, frozenset(search.stuck), master.is_optimal)


def _spared(problem: Problem, master: "_Master", search: "_Search", chosen: Numbers) -> Numbers:
    """The choice less the cells, dearest first, that it can do without."""
    tries = 0
    for cell in sorted(np.flatnonzero(chosen > SLACK), key=lambda cell: (-problem.cost[cell], cell)):
        fewer = chosen.copy()
        fewer[cell] = 0.0
        if tries == _TRIES or not master.allows(fewer):
            continue
        tries += 1
        new = list(search.of_the_attack(fewer, is_whole=True))
        master.add(new)
        chosen = chosen if new else fewer
    return chosen


class _Master:
    """The cheapest choice that meets all cuts so far, in parts of cells or in whole ones.

    After so many whole choices, what was chosen stays chosen: near the cheapest, in far fewer rounds.
    """

    def __init__(self, problem: Problem) -> None:
        self.columns = np.flatnonzero(problem.may)
        self.place = np.full(len(problem.may), -1)
        self.place[self.columns] = np.arange(len(self.columns))
        self.cost = problem.cost[self.columns]
        self.kept, self.all = np.zeros(len(self.columns)), np.ones(len(self.columns))
        self.cuts: list[_Cut] = []
        self.choices = 0
        self.is_optimal = True
        self._relaxed = Programme(csr_matrix((0, len(self.columns))), self.kept, self.all)

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
        programme = Programme(rows, self.kept, self.all, row_low=once, row_high=free, whole=True, nodes=_NODES)
        try:
            chosen = np.round(programme.least(self.cost))
            self.is_optimal = programme.is_optimal and not self.kept.any()
        except UnfitTables:  # no whole answer within the nodes: every cell of which the relaxed answer hides a part
            chosen = np.ceil(self._relaxed.least(self.cost) - SLACK)
            self.is_optimal = False
        self.choices += 1
        if self.choices >= _EXACT or not programme.is_optimal:
            self.kept = chosen
        return self._spread(chosen)

    def allows(self, chosen: Numbers) -> bool:
        """Whether a choice meets all cuts so far."""
        return all(float(cut.weight @ chosen[cut.at]) >= 1 - SLACK for cut in self.cuts)

    def _spread(self, chosen: Numbers) -> Numbers:
        spread = np.zeros(len(self.place))
        spread[self.columns] = chosen
        return spread


class _Search:
    """The cuts that a choice breaks, and the targets that no choice could help."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.stuck = problem, set[int]()

    def of_single_sums(self, chosen: Numbers, *, is_whole: bool) -> Iterator[_Cut]:
        """Cuts for the targets that one sum above and one below already hold too close."""
        wanted = self._wanted()
        alone = by_one_sum(self.problem.sums, *self.problem.ranges(chosen), wanted.cells)
        for at in np.flatnonzero(~wanted.met(alone.least, alone.most)):
            own = wanted.part(np.array([at]))
            yield from self._cuts(own, alone.proofs(int(at)), chosen, is_whole=is_whole, is_last=False)

    def of_the_attack(self, chosen: Numbers, *, is_whole: bool) -> Iterator[_Cut]:
        """Cuts for every target that all sums together hold too close."""
        wanted = self._wanted()
        found = reach(self.problem.sums, *self.problem.ranges(chosen), wanted)
        for at in np.flatnonzero(~found.met):
            target = int(wanted.cells[at])
            if target in found.proofs:
                proofs = found.proofs[target]
                yield from self._cuts(wanted.part(np.array([at])), proofs, chosen, is_whole=is_whole, is_last=True)
            else:
                self.stuck.add(target)

    def _wanted(self) -> Wanted:
        stuck = np.array(sorted(self.stuck), np.int64)
        return self.problem.wanted.part(~np.isin(self.problem.wanted.cells, stuck))

    def _cuts(
        self, wanted: Wanted, proofs: tuple[Proof, Proof], chosen: Numbers, *, is_whole: bool, is_last: bool
    ) -> Iterator[_Cut]:
        """A cut for each bound of one target that is too narrow."""
        target = int(wanted.cells[0])
        most, least = (
            _Bound.of(self.problem, target, proof, sign) for proof, sign in zip(proofs, (-1, 1), strict=True)
        )
        span = most.plus(least)
        # Where the ends are no whole numbers, a span of the width itself is sure to hold as many.
        is_between = is_last and is_whole and span.at(chosen) >= wanted.width[0] - 1 - SLACK
        width = wanted.width[0] - (0 if is_between else 1)
        for bound, goal in ((most, wanted.high[0]), (least, -wanted.low[0]), (span, width)):
            if bound.base + bound.extra.sum() < goal - SLACK:
                self.stuck.add(target)
                return
            if bound.at(chosen) < goal - SLACK:
                yield bound.cut(goal)


@dataclass(frozen=True)
class _Bound:
    """What a proof says of a bound for any choice: at most `base`, and `extra` for each of `cells` that is chosen."""

    base: float
    cells: Ints
    extra: Numbers

    @classmethod
    def of(cls, problem: Problem, target: int, proof: Proof, sign: int) -> "_Bound":
        """The bound of the target's most (sign -1), or of its least with the sign turned (1)."""
        cells, rate = rates(problem.sums, target, proof, sign)
        up, down = np.maximum(-rate, 0), np.maximum(rate, 0)
        (shown_low, shown_high), (hidden_low, hidden_high) = (
            (low[cells], high[cells]) for low, high in (problem.shown, problem.hidden)
        )
        extra = up * (hidden_high - shown_high) + down * (shown_low - hidden_low)
        counts = problem.may[cells] & (extra > _NEGLIGIBLE)
        return cls(float(up @ shown_high - down @ shown_low), cells[counts], extra[counts])

    def plus(self, other: "_Bound") -> "_Bound":
        cells, place = np.unique(np.concatenate([self.cells, other.cells]), return_inverse=True)
        extra = np.bincount(place, np.concatenate([self.extra, other.extra]), len(cells)).astype(np.float64)
        return _Bound(self.base + other.base, cells, extra)

    def at(self, chosen: Numbers) -> float:
        return self.base + float(self.extra @ chosen[self.cells])

    def cut(self, goal: float) -> _Cut:
        """What lifts the bound to the goal. No cell needs to weigh more than all that is missing."""
        return _Cut(self.cells, np.minimum(self.extra / (goal - self.base), 1.0))
