"""Matched excess: how many more records of two sources lie together than chance alone would put together.

Chance is what time-shifted controls show: one source moved by whole weeks keeps its places, weekdays and hours, and
loses every real link. A busy Saturday in the town centre matches by chance; the shifts count that, a radius does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.overlap.assigning import most_pairs
from upstander.analysis.overlap.pairs import DAY_S, Grid, Near, Points

Numbers = NDArray[np.float64]
Claims = NDArray[np.bool_]

SHIFT_DAYS = (-21, -14, -7, 7, 14, 21)
CROWDED = 0.25
"""Where chance alone matches more than this share of the smaller source, one-to-one matches run out and a share can no
longer be trusted; such a rule is shown, and left out of a band."""
_FEWEST_BLOCKS = 8
_FEW_MATCHES = 30  # below it, weeks drawn again understate chance; limits are then at least as wide as Poisson's
_BLOCK_S = 7 * DAY_S


@dataclass(frozen=True)
class Rule:
    """What counts as near: metres, and minutes by which the second source's record is later."""

    radius_m: float = 500.0
    from_min: float = -30.0
    to_min: float = 180.0

    def __str__(self) -> str:
        return f"{self.radius_m:g} m, {self.from_min:g} to {self.to_min:g} min"

    def turned(self) -> "Rule":
        """The same rule with the two sources in the other order."""
        return Rule(self.radius_m, -self.to_min, -self.from_min)


@dataclass(frozen=True)
class Shifted:
    """What one shift of the second source gives: pairs, pairs one to one, and these scaled to as many meetings as were
    observed (`scaled`). A shift of 0 is what was observed.
    """

    days: int
    pairs: int
    matched: int
    scaled: float


@dataclass(frozen=True)
class Excess:
    """More matches than chance. `chance`: mean of the shifts, scaled; `excess`: what is above it.

    links: real links behind it, since a record that is really linked is no longer free to match by chance.
    known_share: links as a share of the first source's records. low, high: block bootstrap limits, of `excess` and of
    `known_share`. NaN where so much matches by chance that links cannot be told.
    """

    records: int
    observed: int
    chance: float
    excess: float
    low: float
    high: float
    links: float
    known_share: float
    share_low: float
    share_high: float
    shifts: tuple[Shifted, ...]
    blocks: int


def matched_excess(
    first: Points, second: Points, rule: Rule, *, shift_days: Sequence[int] = SHIFT_DAYS, replicates: int = 1000,
    seed: int = 0, confidence: float = 0.95,
) -> Excess:  # fmt: skip
    """Pairs one to one under a rule, less what shifted controls match, with a block bootstrap over weeks.

    first: the records that are asked whether the other source knows them; second: the other source. Local wall-clock
    seconds. shift_days: whole weeks, so that weekday and hour stay.
    Raises TooFewPoints under eight weeks or without records, UnfitNumbers for shifts that are no weeks or too long.
    """
    check_shifts(first, second, shift_days)
    grid = grid_of(second, rule)
    every = [grid.near(first, shift_s=days * DAY_S) for days in (0, *shift_days)]
    counts = blocks_of(first, second, every, (0, *shift_days))
    return summed(counts, replicates=replicates, seed=seed, confidence=confidence)


def grid_of(second: Points, rule: Rule) -> Grid:
    """The second source, to be asked for pairs under a rule."""
    return Grid(second, rule.radius_m, round(rule.from_min * 60), round(rule.to_min * 60))


@dataclass(frozen=True)
class Blocks:
    """Counts by week: `records` of the first source, `others` of the second, and for each shift (0 first), by the first
    source's record, `matched` and `meetings`: records times the others that the shift brings to the same week.

    Chance is a rate a meeting. So weeks that are busy for both sources alike do not pass for links, and a shift that
    brings fewer records, at the ends of the period, counts for as many.
    """

    shift_days: tuple[int, ...]
    records: Numbers
    others: Numbers
    matched: Numbers
    meetings: Numbers
    pairs: tuple[int, ...]


def blocks_of(
    first: Points, second: Points, near: Sequence[Near], shift_days: Sequence[int], keep: Sequence[Claims] | None = None
) -> Blocks:
    """Matches one to one by week and shift. keep: which pairs of each shift a narrower rule leaves."""
    start, end = _period(first, second)
    week = (first.at_s - start) // _BLOCK_S
    weeks = int((end - start) // _BLOCK_S) + 1
    records = np.bincount(week, minlength=weeks).astype(float)
    others = np.bincount((second.at_s - start) // _BLOCK_S, minlength=weeks).astype(float)
    matched = []
    for number, pairs in enumerate(near):
        one, other = (pairs.first, pairs.second) if keep is None else _kept(pairs, keep[number])
        taken = most_pairs(one, other, (first.size, second.size))
        matched.append(np.bincount(week[one[taken]], minlength=weeks))
    meetings = [records * _moved(others, days // 7) for days in shift_days]
    sizes = tuple(pairs.first.size if keep is None else int(keep[at].sum()) for at, pairs in enumerate(near))
    return Blocks(tuple(shift_days), records, others, np.array(matched, float), np.array(meetings), sizes)


def _moved(by_week: Numbers, weeks: int) -> Numbers:
    """Counts by week moved on by so many weeks; nothing comes in from outside the period."""
    moved = np.zeros_like(by_week)
    if weeks >= 0:
        moved[weeks:] = by_week[: by_week.size - weeks]
    else:
        moved[:weeks] = by_week[-weeks:]
    return moved


def _kept(pairs: Near, keep: Claims) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return pairs.first[keep], pairs.second[keep]


def summed(counts: Blocks, *, replicates: int, seed: int, confidence: float) -> Excess:
    """Observed, chance and excess of all weeks, with limits from weeks drawn again."""
    weeks = counts.records.size
    weights = np.random.default_rng(seed).multinomial(weeks, np.full(weeks, 1 / weeks), size=replicates)
    observed, chance, records, others = (part[0] for part in _totals(counts, np.ones((1, weeks))))
    drawn = _totals(counts, weights.astype(float))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(drawn[0] - drawn[1], tails)
    shares = real_links(*drawn) / drawn[2]
    told = shares[np.isfinite(shares)]
    share_low, share_high = np.quantile(told, tails) if told.size * 2 > replicates else (np.nan, np.nan)
    links = float(real_links(observed, chance, records, others))
    if observed < _FEW_MATCHES:
        fewest, most = _poisson_limits(observed, confidence)
        low, high = min(low, fewest - chance), max(high, most - chance)
        wide = real_links([fewest, most], chance, records, others) / records
        share_low, share_high = np.fmin(share_low, wide[0]), np.fmax(share_high, wide[1])
    shifts = tuple(
        Shifted(days, counts.pairs[at], int(counts.matched[at].sum()), _scaled(counts, at))
        for at, days in enumerate(counts.shift_days)
    )
    return Excess(
        int(records), int(observed), float(chance), float(observed - chance), float(low), float(high),
        links, links / float(records), float(share_low), float(share_high), shifts, weeks,
    )  # fmt: skip


def _poisson_limits(count: float, confidence: float) -> tuple[float, float]:
    """Exact limits of a Poisson mean. Source: Garwood, Biometrika 28, 1936."""
    from scipy.stats import chi2

    tail = (1 - confidence) / 2
    return float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2


def _scaled(counts: Blocks, at: int) -> float:
    met = counts.meetings[at].sum()
    return float(counts.matched[at].sum() * counts.meetings[0].sum() / met) if met else float("nan")


def observed_and_chance(counts: Blocks) -> tuple[int, float]:
    """Matches of all weeks, and how many of them chance makes."""
    observed, chance, _, _ = _totals(counts, np.ones((1, counts.records.size)))
    return int(observed[0]), float(chance[0])


def _totals(counts: Blocks, weights: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Observed, chance, and records of both sources, for each row of weights of the weeks."""
    matched, meetings = weights @ counts.matched.T, weights @ counts.meetings.T
    rate = np.divide(matched[:, 1:], meetings[:, 1:], out=np.zeros_like(matched[:, 1:]), where=meetings[:, 1:] > 0)
    chance = rate.mean(axis=1) * meetings[:, 0]
    return matched[:, 0], chance, weights @ counts.records, weights @ counts.others


def real_links(observed: ArrayLike, chance: ArrayLike, records: ArrayLike, others: ArrayLike) -> Numbers:
    """Real links L behind what is matched: observed = L + chance × (1 - L / records) × (1 - L / others).

    Real links are matched whatever chance does; what is left of both sources is matched by chance as the controls show,
    in proportion to how many are left on either side. NaN where chance alone uses up the smaller source, and drifting
    upwards as it comes near that (see `CROWDED`).
    """
    seen, by_chance, first, second = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (observed, chance, records, others))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        square = by_chance / (first * second)
        slope = 1 - by_chance / first - by_chance / second
        root = np.sqrt(np.maximum(slope**2 + 4 * square * (seen - by_chance), 0))
        # The smaller root, written so that it also stands where there is no chance at all.
        found = 2 * (seen - by_chance) / (slope + root)
    return np.where((slope > 0) & (first > 0) & (second > 0), np.minimum(found, np.minimum(first, second)), np.nan)


def _period(first: Points, second: Points) -> tuple[int, int]:
    return (
        int(min(first.at_s.min(), second.at_s.min())) // DAY_S * DAY_S,
        int(max(first.at_s.max(), second.at_s.max())),
    )


def check_shifts(first: Points, second: Points, shift_days: Sequence[int]) -> None:
    """Raises where the shifts are no controls, or the records too few or too short for them."""
    for name, points in (("first", first), ("second", second)):
        if not points.size:
            raise TooFewPoints(where=name, found=0, needed=1)
    if not shift_days or any(days % 7 or not days for days in shift_days) or len(set(shift_days)) < len(shift_days):
        raise UnfitNumbers(
            "Controls are shifted by whole weeks, so that the weekday and the hour stay.",
            where="shift_days", found=", ".join(map(str, shift_days)), expected="such as -14, -7, 7, 14, each once",
        )  # fmt: skip
    start, end = _period(first, second)
    weeks = (end - start) // _BLOCK_S + 1
    longest = max(abs(days) for days in shift_days)
    if weeks < max(_FEWEST_BLOCKS, 2 * longest // 7):
        raise TooFewPoints(where="weeks of records", found=weeks, needed=max(_FEWEST_BLOCKS, 2 * longest // 7))
