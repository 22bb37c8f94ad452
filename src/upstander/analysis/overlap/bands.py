"""What one agency alone would miss, as a band over rules of matching, never as one figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.overlap.excess import (
    CROWDED,
    SHIFT_DAYS,
    Blocks,
    Rule,
    blocks_of,
    check_shifts,
    grid_of,
    real_links,
    summed,
)
from upstander.analysis.overlap.pairs import DAY_S, Near, Points

Numbers = NDArray[np.float64]
Claims = NDArray[np.bool_]

RULES = tuple(
    Rule(radius, start, end)
    for radius in (250.0, 500.0, 1000.0)
    for start, end in ((-30.0, 60.0), (-30.0, 180.0), (-60.0, 1440.0))
)
"""The rules of a band where no others are asked for: narrow and wide places; the hour, the evening and the day after
the time that the other agency states, which for a crime is often the start of a span or a day alone."""


MISSED_LINKS = 0.2
"""How many of real links the widest rule may miss, as the band allows: events that two agencies place in different
places or a day apart. An assumption, stated beside every band; it moves the lower end alone. One in ten was too few for
hospitals, whose places are read from words: in four fictional counties it held 44 of 48 bands; one in five held all 48
in four others."""


@dataclass(frozen=True)
class Attributes:
    """What is known of the person of each record, as codes; -1 is not known, which never speaks against a match."""

    first: tuple[NDArray[np.int64], ...] = ()
    second: tuple[NDArray[np.int64], ...] = ()

    def agree(self, near: Near) -> Claims:
        """Which pairs disagree in nothing that both records know."""
        fits = np.ones(near.first.size, dtype=bool)
        for ours, theirs in zip(self.first, self.second, strict=True):
            one, other = ours[near.first], theirs[near.second]
            fits &= (one == other) | (one < 0) | (other < 0)
        return fits


@dataclass(frozen=True)
class Band:
    """The share of the first source's records that the second does not know, lowest to highest over the rules.

    rules: one row a rule: `radius_m`, `from_min`, `to_min`, `attributes` (none, or agree), `observed`, `chance`,
    `known_share`, `unknown_share`, `low`, `high` (of the unknown share, sampling alone), `is_told` (false where chance
    matches too much to say; such a rule is not in the band). 0 to 1 where no rule tells anything.
    """

    low: float
    high: float
    rules: pl.DataFrame


def unknown_band(
    first: Points, second: Points, *, rules: Sequence[Rule] = RULES, attributes: Attributes | None = None,
    matchable: float = 1.0, missed_links: float = MISSED_LINKS, shift_days: Sequence[int] = SHIFT_DAYS,
    replicates: int = 500, seed: int = 0, confidence: float = 0.95,
) -> Band:  # fmt: skip
    """Every rule's chance-corrected share, and the band they leave.

    first: the records that are asked about; second: the agency that may not know them. A rule's minutes say how much
    later the first source's record is than the second's. attributes: adds to each rule one that asks the person to fit
    as well. matchable: share of the second source's records that have a time and a place; those without cannot be
    found, so the band reaches down to what would be unknown had they been. missed_links: share of real links that the
    widest rule may miss, for which the band reaches down likewise.
    Raises as `matched_excess`.
    """
    rows = []
    turned = [rule.turned() for rule in rules]
    for rule, name, counts in each_rule(first, second, turned, attributes=attributes, shift_days=shift_days):
        found = summed(counts, replicates=replicates, seed=seed, confidence=confidence)
        rows.append({
            "radius_m": rule.radius_m, "from_min": -rule.to_min, "to_min": -rule.from_min, "attributes": name,
            "observed": found.observed, "chance": found.chance, "known_share": found.known_share,
            "unknown_share": 1 - found.known_share, "low": 1 - found.share_high, "high": 1 - found.share_low,
            "is_told": bool(np.isfinite(found.share_low)) and not is_crowded(found.chance, first.size, second.size),
        })  # fmt: skip
    table = pl.DataFrame(rows).with_columns(pl.selectors.float().fill_nan(None))
    told = table.filter("is_told")
    if told.is_empty():
        return Band(0.0, 1.0, table)
    low = 1 - (1 - told["low"].to_numpy()) / max(matchable * (1 - missed_links), 1e-9)
    return Band(float(np.clip(low.min(), 0, 1)), float(np.clip(told["high"].to_numpy().max(), 0, 1)), table)


def each_rule(
    first: Points, second: Points, rules: Sequence[Rule], *, attributes: Attributes | None = None,
    shift_days: Sequence[int] = SHIFT_DAYS,
) -> Iterator[tuple[Rule, str, Blocks]]:  # fmt: skip
    """Counts by week under each rule, and with attributes that have to agree; one join serves all rules.

    A rule's minutes say how much later the second source's record is than the first's.
    """
    check_shifts(first, second, shift_days)
    shifts = (0, *shift_days)
    widest = Rule(
        max(rule.radius_m for rule in rules), min(rule.from_min for rule in rules), max(rule.to_min for rule in rules)
    )
    grid = grid_of(second, widest)
    near = [grid.near(first, shift_s=days * DAY_S) for days in shifts]
    fits = None if attributes is None else [attributes.agree(each) for each in near]
    for rule in rules:
        inside = [each.within(rule.radius_m, round(rule.from_min * 60), round(rule.to_min * 60)) for each in near]
        yield rule, "none", blocks_of(first, second, near, shifts, inside)
        if fits is not None:
            both = [one & other for one, other in zip(inside, fits, strict=True)]
            yield rule, "agree", blocks_of(first, second, near, shifts, both)


def is_crowded(chance: float, records: float, others: float) -> bool:
    """Whether chance matches so much of the smaller source that a rule tells nothing."""
    return chance > CROWDED * min(records, others)


def share_limits(
    observed: ArrayLike, chance: ArrayLike, records: ArrayLike, others: ArrayLike, *, shifts: int = len(SHIFT_DAYS),
    z: float = 1.96,
) -> tuple[Numbers, Numbers]:  # fmt: skip
    """Limits of the known share from its counts alone, where no week is at hand to draw again.

    Matches are taken as binomial, the mean of the shifts as a mean of Poisson counts. Clipped to 0 and 1; 0 and 1 where
    chance matches so many that nothing can be told.
    """
    seen, by_chance, first, second = (
        np.asarray(each, dtype=np.float64) for each in (observed, chance, records, others)
    )
    links = real_links(seen, by_chance, first, second)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 1 - by_chance / first * (1 - links / second) - by_chance / second * (1 - links / first)
        spread = np.sqrt(np.maximum(seen * (1 - seen / first), 0) + by_chance / shifts)
        reach, middle = z * spread / (slope * first), links / first
    told = np.isfinite(middle) & (slope > 0) & (by_chance <= CROWDED * np.minimum(first, second))
    return np.where(told, np.clip(middle - reach, 0, 1), 0.0), np.where(told, np.clip(middle + reach, 0, 1), 1.0)
