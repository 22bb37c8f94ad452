"""Which 64-bit hashes have been seen in this file: a table in one array, probed for a whole batch at once."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Hashes: TypeAlias = npt.NDArray[np.uint64]
Flags: TypeAlias = npt.NDArray[np.bool_]
_EMPTY = np.uint64(0)


class Seen:
    """An open-addressing hash set. It takes 8 to 16 bytes a hash; two unequal rows share one once in 10^19 pairs."""

    def __init__(self) -> None:
        self._table: Hashes = np.zeros(1 << 16, np.uint64)
        self._count = 0

    def add(self, hashes: Hashes) -> Flags:
        """Whether each was there before, in an earlier batch or earlier in this one; all are there afterwards."""
        hashes = np.where(hashes == _EMPTY, np.uint64(1), hashes)
        distinct, first = np.unique(hashes, return_index=True)
        was_there = np.ones(len(hashes), bool)
        was_there[first] = False
        self._make_room(len(distinct))
        is_known = self._insert(distinct)
        self._count += int((~is_known).sum())
        was_there[first[is_known]] = True
        return was_there

    def _make_room(self, more: int) -> None:
        size = len(self._table)
        while (self._count + more) * 2 > size:
            size *= 2
        if size > len(self._table):
            held = self._table[self._table != _EMPTY]
            self._table = np.zeros(size, np.uint64)
            self._insert(held)

    def _insert(self, distinct: Hashes) -> Flags:
        """Put distinct hashes in; says which were known. Those that meet another in their slot try the next one."""
        is_known = np.zeros(len(distinct), bool)
        left = np.arange(len(distinct))
        slots = (distinct & np.uint64(len(self._table) - 1)).astype(np.int64)
        while len(left):
            wanted = distinct[left]
            held = self._table[slots]
            is_known[left[held == wanted]] = True
            is_free = held == _EMPTY
            self._table[slots[is_free]] = wanted[is_free]
            is_settled = self._table[slots] == wanted
            left = left[~is_settled]
            slots = (slots[~is_settled] + 1) & (len(self._table) - 1)
        return is_known
