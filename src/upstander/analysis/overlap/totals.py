"""Totals across agencies: never a bare sum, since one event may be in several agencies' records.

The only function that adds agencies up. What pairs say is shared is taken off; what they cannot say is a band, from the
largest source (all others hold nothing new) to the sum (they share nothing).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from upstander.analysis.errors import TooFewPoints, UnfitNumbers


@dataclass(frozen=True)
class Shared:
    """How many records two agencies share: the middle, and the limits of it."""

    middle: float
    low: float
    high: float


@dataclass(frozen=True)
class Total:
    """Events across agencies. `low` to `high` is the band; `middle` is None where a pair of agencies was not compared.

    largest: records of the largest agency; added_up: the bare sum, which counts shared events again.
    """

    low: float
    middle: float | None
    high: float
    largest: int
    added_up: int


def total_across_agencies(records: Mapping[str, int], shared: Mapping[tuple[str, str], Shared]) -> Total:
    """How many events agencies hold together, from each one's records and what pairs of them share.

    records: by agency; shared: by pair, in either order; a pair that was not compared may share anything. With three
    agencies what all three share is not known from pairs: the band allows none of it and as much as fits.
    Raises TooFewPoints under two agencies, UnfitNumbers for a pair of unknown agencies or limits that cross.
    Source: bounds of Bonferroni; Hunter, J. Applied Probability 13(3), 1976 (upper), Dawson and Sankoff 1967 (lower).
    """
    if len(records) < 2:
        raise TooFewPoints(where="agencies", found=len(records), needed=2)
    known = _by_pair(records, shared)
    sizes = list(records.values())
    largest, added_up = max(sizes), sum(sizes)
    pairs = list(combinations(records, 2))
    lows = {pair: known[pair].low if pair in known else 0.0 for pair in pairs}
    highs = [known[pair].high if pair in known else min(records[pair[0]], records[pair[1]]) for pair in pairs]
    low = max(float(largest), added_up - sum(highs))
    high = added_up - _most_taken(list(records), lows)
    middle = _middle(records, known, pairs)
    return Total(low, None if middle is None else float(np.clip(middle, low, high)), high, largest, added_up)


def _middle(
    records: Mapping[str, int], known: Mapping[tuple[str, str], Shared], pairs: list[tuple[str, str]]
) -> float | None:
    """Between the two bounds that the middles of the pairs leave; None where a pair was not compared."""
    if any(pair not in known for pair in pairs):
        return None
    middles = {pair: known[pair].middle for pair in pairs}
    added_up = sum(records.values())
    least = max(float(max(records.values())), added_up - sum(middles.values()))
    return (least + added_up - _most_taken(list(records), middles)) / 2


def _most_taken(agencies: list[str], shared: Mapping[tuple[str, str], float]) -> float:
    """What is shared along the tree of agencies that shares most: no event can be taken off twice along a tree."""
    joined, taken = {agencies[0]}, 0.0
    while len(joined) < len(agencies):
        open_pairs = [pair for pair in shared if len(joined & set(pair)) == 1]
        best = max(open_pairs, key=lambda pair: shared[pair])
        taken += shared[best]
        joined |= set(best)
    return taken


def _by_pair(records: Mapping[str, int], shared: Mapping[tuple[str, str], Shared]) -> dict[tuple[str, str], Shared]:
    order = list(records)
    found = {}
    for (one, other), share in shared.items():
        is_fit = one in records and other in records and one != other
        if not is_fit or not 0 <= share.low <= share.middle <= share.high <= min(records[one], records[other]):
            raise UnfitNumbers(
                "What two agencies share lies within its limits, and is at most the smaller of the two.",
                where=f"shared, {one} and {other}", found=f"{share.low} to {share.high}",
                expected="0 ≤ low ≤ middle ≤ high ≤ the smaller agency's records",
            )  # fmt: skip
        found[(one, other) if order.index(one) < order.index(other) else (other, one)] = share
    return found
