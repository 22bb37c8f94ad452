"""A home as a small pure model sees it: what has been sent, what was ended or erased, and so what can be read."""

from dataclasses import dataclass, field, replace
from datetime import date

Record = tuple[int, date, int]  # number, day, person


@dataclass(frozen=True)
class Sending:
    """One file of one supplier: its days (first and last), its records; `is_whole` if it speaks for its days."""

    supplier: str
    first: date
    last: date
    records: tuple[Record, ...]
    is_whole: bool


@dataclass(frozen=True)
class Model:
    """What must be true of the home. Promise 3: of whole files the newest holds each day; increments add."""

    taken: tuple[Sending, ...] = ()
    erased: frozenset[tuple[Sending, int]] = frozenset()  # of a file, a person; who comes in again later is there
    shared: frozenset[str] = frozenset()  # suppliers whose schedule is in force

    def took(self, sending: Sending) -> "Model":
        """After a delivery that loaded; the same file again changes nothing."""
        return self if sending in self.taken else replace(self, taken=(*self.taken, sending))

    def without(self, person: int) -> "Model":
        """After a person was erased from everything held."""
        return replace(self, erased=self.erased | {(sending, person) for sending in self.taken})

    def visible(self, supplier: str) -> list[Record]:
        """The records that the gate shows, sorted."""
        mine = [self._left(one) for one in self.taken if one.supplier == supplier]
        return sorted(self._increments(mine) if mine and not mine[0].is_whole else self._by_day(mine))

    def _left(self, sending: Sending) -> Sending:
        return replace(sending, records=tuple(row for row in sending.records if (sending, row[2]) not in self.erased))

    @staticmethod
    def _by_day(sendings: list[Sending]) -> list[Record]:
        days: dict[date, list[Record]] = {}
        for sending in sendings:
            for ordinal in range(sending.first.toordinal(), sending.last.toordinal() + 1):
                day = date.fromordinal(ordinal)
                days[day] = [row for row in sending.records if row[1] == day]
        return [row for rows in days.values() for row in rows]

    @staticmethod
    def _increments(sendings: list[Sending]) -> list[Record]:
        first: dict[int, Record] = {}
        for sending in sendings:
            for row in sending.records:
                first.setdefault(row[0], row)
        return list(first.values())


@dataclass
class Numbers:
    """Record numbers that were never given out before."""

    last: int = field(default=0)

    def more(self, count: int) -> list[int]:
        """So many of them."""
        self.last += count
        return list(range(self.last - count + 1, self.last + 1))
