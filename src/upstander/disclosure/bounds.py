"""What an attacker can work out about each cell: bounds over all tables that fit what is shown.

Source: Fischetti and Salazar, Solving the cell suppression problem on tabular data with linear constraints
(Management Science 47, 2001), attacker's problems. Each programme solved gives a table that fits, and so widens what
is known to be possible for every cell at once: most cells need no programme of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from upstander.disclosure.programmes import SLACK, Programme
from upstander.disclosure.types import Flags, Ints, Numbers

_ROUNDS, _WORTH, _SHARE, _LARGE, _HUGE = 40, 8, 0.03, 500, 10_000
_NEGLIGIBLE = 1e-7


@dataclass(frozen=True)
class Wanted:
    """What must stay possible for each target: `width` whole numbers, down to `low` and up to `high`."""

    cells: Ints
    width: Numbers
    low: Numbers
    high: Numbers

    @classmethod
    def widths(cls, cells: Ints, width: Numbers) -> "Wanted":
        """Any range of `width` whole numbers."""
        return cls(cells, width, np.full(len(cells), np.inf), np.full(len(cells), -np.inf))

    def part(self, of: Flags | Ints) -> "Wanted":
        """The same of some of the targets."""
        return Wanted(self.cells[of], self.width[of], self.low[of], self.high[of])

    def met(self, least: Numbers, most: Numbers) -> Flags:
        """Whether bounds of the targets, in their order, leave what is wanted."""
        values = whole_numbers(least, most)
        return (values >= self.width) & (least <= self.low + SLACK) & (most >= self.high - SLACK)


def whole_numbers(low: Numbers, high: Numbers) -> Numbers:
    """How many whole numbers lie between."""
    count: Numbers = np.maximum(np.floor(high + SLACK) - np.ceil(low - SLACK) + 1, 0)
    return count


@dataclass(frozen=True)
class Proof:
    """Why one bound of a target is no wider: the multiple of each sum that adds up to it (linear duality)."""

    sums: Ints
    multiples: Numbers


@dataclass(frozen=True)
class Reach:
    """Bounds of every cell. Of a target that is not `met` they are exact (where many thousand cells hang together, as
    close as sums one by one can tell); of others at least so wide is possible.

    proofs: of each target in a sum that is not met, why it is no larger and why it is no smaller.
    """

    least: Numbers
    most: Numbers
    met: Flags
    programmes: int
    proofs: Mapping[int, tuple[Proof, Proof]]


def reach(sums: csr_matrix, low: Numbers, high: Numbers, wanted: Wanted, *, seed: int = 0) -> Reach:
    """Bounds of the targets, exact wherever less is possible than wanted.

    sums: rows that are zero (parts less total). low, high: what each cell can be on its own, finite.
    Raises UnfitTables where no table fits.
    """
    least, most = np.where(low < high, np.inf, low), np.where(low < high, -np.inf, high)
    free = Free.of(sums, low, high)
    alone = free.unlinked(wanted.cells)
    least[alone], most[alone] = low[alone], high[alone]
    search = _Search(free, least, most)
    if np.bincount(free.label, minlength=1).max() > _HUGE:
        search.by_single_sums(sums, low, high, wanted)
    search.together(wanted, np.random.default_rng(seed))
    left = wanted.cells[~wanted.met(least[wanted.cells], most[wanted.cells])]
    for part, cells in free.parts(np.setdiff1d(left, search.closed)):
        search.one_by_one(part, cells, wanted)
    least[search.closed], most[search.closed] = search.outer
    met = wanted.met(least[wanted.cells], most[wanted.cells])
    return Reach(least, most, met, search.programmes, search.proofs)


@dataclass(frozen=True)
class Free:
    """The cells that are not known, and the sums that hold any of them; what is known stands on the right."""

    cells: Ints
    sums: Ints
    rows: csr_matrix
    right: Numbers
    low: Numbers
    high: Numbers
    label: Ints  # the connected part that each cell belongs to

    @classmethod
    def of(cls, sums: csr_matrix, low: Numbers, high: Numbers) -> "Free":
        """What is not known of cells with these ranges."""
        is_free = low < high
        cells = np.flatnonzero(is_free)
        rows = sums[:, cells].tocsr()
        right = -(sums @ np.where(is_free, 0.0, low))
        held = np.flatnonzero(np.diff(rows.indptr))
        rows, right = rows[held], right[held]
        links = abs(rows.T) @ abs(rows)
        _, label = connected_components(links, directed=False)
        return cls(cells, held, rows, right, low[cells], high[cells], label.astype(np.int64))

    def programme(self) -> Programme:
        """All tables that fit."""
        return Programme(self.rows, self.low, self.high, row_low=self.right, row_high=self.right)

    def unlinked(self, targets: Ints) -> Ints:
        """The targets that are in no sum."""
        linked = np.unique(self.cells[self.rows.indices])
        return np.setdiff1d(targets, linked)

    def parts(self, targets: Ints) -> Iterator[tuple["Free", Ints]]:
        """Each connected part that holds targets, with them."""
        is_free = np.isin(targets, self.cells)
        place = np.searchsorted(self.cells, targets)
        labels = self.label[place[is_free]]
        for label in np.unique(labels):
            columns = np.flatnonzero(self.label == label)
            rows = self.rows[:, columns].tocsr()
            held = np.flatnonzero(np.diff(rows.indptr))
            part = Free(
                self.cells[columns], self.sums[held], rows[held], self.right[held],
                self.low[columns], self.high[columns], np.zeros(len(columns), np.int64),
            )  # fmt: skip
            yield part, targets[is_free][labels == label]


class _Search:
    """The bounds found so far, and how many programmes they took."""

    def __init__(self, free: Free, least: Numbers, most: Numbers) -> None:
        self.free, self.least, self.most, self.programmes = free, least, most, 0
        self.proofs: dict[int, tuple[Proof, Proof]] = {}
        self.closed, self.outer = np.zeros(0, np.int64), (np.zeros(0), np.zeros(0))

    def by_single_sums(self, sums: csr_matrix, low: Numbers, high: Numbers, wanted: Wanted) -> None:
        """Closes the targets that no programme is needed for: one sum alone holds them too close, and is the proof.

        What only sums of sums hold too close is left to programmes, which prove it.
        """
        alone = by_one_sum(sums, low, high, wanted.cells)
        self.closed = wanted.cells[~wanted.met(alone.least, alone.most)]
        least, most = tightened(sums, low, high)
        self.outer = least[self.closed], most[self.closed]
        alone = by_one_sum(sums, low, high, self.closed)
        self.proofs = {int(target): alone.proofs(place) for place, target in enumerate(self.closed)}

    def together(self, wanted: Wanted, draw: np.random.Generator) -> None:
        """Random directions over all targets that are not met, until a round brings little."""
        if not len(self.free.cells):
            return
        programme, cost = self.free.programme(), np.zeros(len(self.free.cells))
        if np.bincount(self.free.label).max() > _LARGE:
            programme.expect_unlike()
        place = np.searchsorted(self.free.cells, wanted.cells).clip(max=len(self.free.cells) - 1)
        place = np.where(self.free.cells[place] == wanted.cells, place, -1)
        is_searched = (place >= 0) & ~np.isin(wanted.cells, self.closed)
        for turn in range(_ROUNDS):
            open_ = is_searched & ~wanted.met(self.least[wanted.cells], self.most[wanted.cells])
            if not open_.any():
                return
            cost[:] = 0.0
            cost[place[open_]] = self._direction(place[open_], turn, draw) * (0.2 + draw.random(open_.sum()))
            self._widen(self.free, programme.least(cost))
            now = (is_searched & ~wanted.met(self.least[wanted.cells], self.most[wanted.cells])).sum()
            if turn > 1 and open_.sum() - now < max(_WORTH, open_.sum() * _SHARE):
                return

    def _direction(self, place: Ints, turn: int, draw: np.random.Generator) -> Numbers:
        """Up (-1) for all first, then down, then for each the end that it has not reached; either, where neither is."""
        if turn < 2:
            return np.full(len(place), -1.0 if turn == 0 else 1.0)
        cells = self.free.cells[place]
        is_up = self.most[cells] >= self.free.high[place] - SLACK
        is_down = self.least[cells] <= self.free.low[place] + SLACK
        drawn = np.where(draw.random(len(place)) < 0.5, -1.0, 1.0)
        return np.where(is_up & ~is_down, 1.0, np.where(is_down & ~is_up, -1.0, drawn))

    def one_by_one(self, part: Free, targets: Ints, wanted: Wanted) -> None:
        """Exact bounds of each target of one connected part that is still not met."""
        programme, cost = part.programme(), np.zeros(len(part.cells))
        if len(part.cells) > _LARGE:  # a large part takes long to get into; every question after starts from an answer
            programme.expect_unlike()
            programme.least(cost)
        programme.expect_alike()
        order = np.argsort(wanted.cells)
        for target in targets:
            at = int(np.searchsorted(part.cells, target))
            own = wanted.part(order[np.searchsorted(wanted.cells[order], [target])])
            proofs: list[Proof] = []
            for sign in (-1.0, 1.0):
                if own.met(self.least[[target]], self.most[[target]])[0]:
                    break
                cost[at] = sign
                self._widen(part, programme.least(cost))
                proofs.append(_proof(part, programme))
                cost[at] = 0.0
            if not own.met(self.least[[target]], self.most[[target]])[0]:
                self.proofs[int(target)] = (proofs[0], proofs[1])

    def _widen(self, part: Free, found: Numbers) -> None:
        self.programmes += 1
        self.least[part.cells] = np.minimum(self.least[part.cells], found)
        self.most[part.cells] = np.maximum(self.most[part.cells], found)


def _proof(part: Free, programme: Programme) -> Proof:
    multiples = programme.multiples()
    used = np.flatnonzero(np.abs(multiples) > SLACK)
    return Proof(part.sums[used], multiples[used])


def rates(sums: csr_matrix, target: int, proof: Proof, sign: int) -> tuple[Ints, Numbers]:
    """The cells whose own bounds a proof of the target's most (sign -1) or least (1) rests on, and how much on each."""
    rows = sums[proof.sums]
    columns = np.append(rows.indices, target).astype(np.int64)
    multiples = np.repeat(proof.multiples, np.diff(rows.indptr))
    cells, place = np.unique(columns, return_inverse=True)
    rate = np.bincount(place, np.append(-rows.data * multiples, sign), len(cells)).astype(np.float64)
    used = np.abs(rate) > _NEGLIGIBLE
    return cells[used], rate[used]


@dataclass(frozen=True)
class Alone:
    """Bounds of targets that follow from one sum alone, and which: `over` and `under` hold its place among `entries`.

    -1 where the cell's own range is no wider.
    """

    least: Numbers
    most: Numbers
    over: Ints
    under: Ints
    rows: Ints
    signs: Numbers

    def proofs(self, place: int) -> tuple[Proof, Proof]:
        """Why the target in that place is no larger and no smaller."""
        return self._proof(int(self.over[place]), -1.0), self._proof(int(self.under[place]), 1.0)

    def _proof(self, entry: int, sign: float) -> Proof:
        at = np.array([entry] if entry >= 0 else [], np.int64)
        return Proof(self.rows[at], sign * self.signs[at])


def by_one_sum(sums: csr_matrix, low: Numbers, high: Numbers, targets: Ints) -> Alone:
    """The closest bounds of each target that any one sum gives."""
    entries = sums.tocoo()
    rows, columns, signs = entries.row.astype(np.int64), entries.col.astype(np.int64), entries.data
    if not rows.size:  # tables that add up to nothing give nothing away
        none = np.full(len(targets), -1, np.int64)
        return Alone(low[targets], high[targets], none, none, rows, signs)
    least, most = held_to_sums(rows, columns, signs, low, high)
    under, over = _closest(columns, -least, len(low))[targets], _closest(columns, most, len(low))[targets]
    under = np.where((under >= 0) & (least[under] > low[targets]), under, -1)
    over = np.where((over >= 0) & (most[over] < high[targets]), over, -1)
    return Alone(
        np.where(under >= 0, least[under], low[targets]), np.where(over >= 0, most[over], high[targets]),
        over, under, rows, signs,
    )  # fmt: skip


def held_to_sums(rows: Ints, columns: Ints, signs: Numbers, low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    """For each entry of the sums, what the others of its sum leave possible: least and most."""
    small = np.where(signs > 0, low[columns], -high[columns])
    large = np.where(signs > 0, high[columns], -low[columns])
    others_least = np.bincount(rows, small)[rows] - small
    others_most = np.bincount(rows, large)[rows] - large
    return np.where(signs > 0, -others_most, others_least), np.where(signs > 0, -others_least, others_most)


def tightened(sums: csr_matrix, low: Numbers, high: Numbers, *, rounds: int = 6) -> tuple[Numbers, Numbers]:
    """The ranges after each sum has been held to its parts, a few times over: cheap, and never too narrow."""
    entries = sums.tocoo()
    rows, columns, signs = entries.row, entries.col, entries.data
    for _ in range(rounds):
        least, most = held_to_sums(rows, columns, signs, low, high)
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, columns, least)
        np.minimum.at(new_high, columns, most)
        if np.array_equal(new_low, low) and np.array_equal(new_high, high):
            break
        low, high = new_low, new_high
    return low, high


def _closest(columns: Ints, values: Numbers, size: int) -> Ints:
    """For each column the entry with the least value; -1 where it has none."""
    order = np.lexsort((values, columns))
    ordered = columns[order]
    heads = np.flatnonzero(np.diff(ordered, prepend=-1))
    first = np.full(size, -1, np.int64)
    first[ordered[heads]] = order[heads]
    return first
