"""How complete are the last weeks: the share reported by delay, and what weeks not yet all reported will come to.

Records of late events are seen only if they came quickly, so a plain share would flatter. The share is built from the
longest delay backwards, each step from the events old enough to have shown it. Sources: Kalbfleisch and Lawless,
Statistica Sinica 1, 1991; Lawless, Canadian Journal of Statistics 22(1), 1994; interval of a share from clustered
records: Korn and Graubard, Survey Methodology 24(2), 1998. Clusters are four weeks of events, for backlogs last.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.outbreaks.counts import quantile

Numbers = NDArray[np.float64]
Days = NDArray[np.int64]
_FEWEST_RECORDS = 20
_FEWEST_BLOCKS = 5
_BLOCK = 28  # days of events whose records may be late together, as in a backlog
_WEEK = 7


@dataclass(frozen=True)
class Completeness:
    """By delay in days, 0 first: `share` of all records that come within `delays.size - 1` days, with its interval.
    `at_risk`: records the step is taken from. `clustering`: how many times as much blocks of weeks differ as by chance.
    `error`: standard error of the share.
    """

    share: Numbers
    low: Numbers
    high: Numbers
    at_risk: Days
    error: Numbers
    clustering: Numbers
    weekday_share: Numbers


@dataclass(frozen=True)
class Nowcast:
    """One entry a week, by the day number of its Monday. `reported` so far; `completeness` expected by now, with its
    interval; `total`, `low`, `high`: what the week will come to.
    """

    week: Days
    reported: Days
    completeness: Numbers
    completeness_low: Numbers
    completeness_high: Numbers
    total: Numbers
    low: Numbers
    high: Numbers
    is_over: NDArray[np.bool_]


def completeness(
    event: ArrayLike, recorded: ArrayLike, as_of: int, *, longest: int = 90, history: int = 365,
    confidence: float = 0.95,
) -> Completeness:  # fmt: skip
    """Share of records that have come after so many days.

    event, recorded: day numbers of each record (1 January of year 1 is 1), recorded not before the event. as_of: the
    day of the snapshot; later records are not seen. longest: delays beyond it are left out, and the share is of those
    within it. history: events of so many last days are used, besides the longest delay.
    Raises TooFewPoints under 20 records or when no event is old enough to have shown the longest delay.
    """
    day, delay = _seen(event, recorded, as_of)
    is_used = (delay <= longest) & (day >= as_of - history - longest)
    day, delay = day[is_used], delay[is_used]
    if day.size < _FEWEST_RECORDS or int(day.min()) > as_of - longest:
        raise TooFewPoints(where="records old enough to show the longest delay", found=day.size, needed=_FEWEST_RECORDS)
    block = (day - day.min()) // _BLOCK
    came, could = _steps(block, day, delay, as_of, longest)
    share = share_by_delay(came.sum(axis=0), could.sum(axis=0))
    greenwood = _greenwood(came.sum(axis=0), could.sum(axis=0))
    clustering = _clustering(came, could, greenwood)
    variance = greenwood * clustering
    low, high = _interval(share, variance, could.sum(axis=0), clustering, 1 - confidence, blocks=len(came))
    settled = day[day <= as_of - longest]
    by_weekday = np.bincount((settled - 1) % _WEEK, minlength=_WEEK) + 0.5
    return Completeness(
        share, low, high, could.sum(axis=0).astype(np.int64), share * np.sqrt(variance), clustering,
        by_weekday / by_weekday.sum(),
    )  # fmt: skip


def nowcast(
    event: ArrayLike, recorded: ArrayLike, as_of: int, curve: Completeness, *, weeks: int = 13, confidence: float = 0.95
) -> Nowcast:
    """The last `weeks` weeks, Monday to Sunday: what has been reported and what they will come to.

    The interval holds the chance of what is still to come, the weeks' own differences, and the doubt in the curve.
    Source: Höhle and an der Heiden, Biometrics 70(4), 2014, here with moments instead of sampling.
    """
    day, delay = _seen(event, recorded, as_of)
    longest = curve.share.size - 1
    day = day[delay <= longest]
    last = (as_of - 1) // _WEEK
    number = np.arange(last - weeks + 1, last + 1)
    reported = np.bincount(np.clip((day - 1) // _WEEK - number[0] + 1, 0, weeks), minlength=weeks + 1)[1:]
    days = number[:, None] * _WEEK + 1 + np.arange(_WEEK)
    since = np.clip(as_of - days, 0, longest)
    has_come = days <= as_of
    weights = curve.weekday_share * has_come
    known, low_known, high_known, error, clustering = (
        (values[since] * weights).sum(axis=1)
        for values in (curve.share, curve.low, curve.high, curve.error, curve.clustering)
    )
    total, low, high = _forecast(reported.astype(float), known, error, np.maximum(clustering, 1.0), 1 - confidence)
    return Nowcast(
        number * _WEEK + 1, reported.astype(np.int64), known, low_known, high_known, total, low, high,
        np.asarray(has_come.all(axis=1)),
    )  # fmt: skip


def then_and_now(stood: pl.DataFrame, *, again_after: int) -> pl.DataFrame:
    """weeks, then, now: the records that weeks had when they were read so many whole weeks after their end, and those
    that the same weeks had when they were read last, `again_after` days later or more.

    stood: week (its Monday), age (days after its end on which it was read) and count, a row for each such reading. A
    week counts once for each number of weeks, by its first reading then. What is taken back lowers `now`.
    """
    last = stood.sort("age").group_by("week").agg(last=pl.col("age").last(), now=pl.col("count").last())
    pairs = stood.join(last, on="week").with_columns(weeks=pl.col("age") // _WEEK)
    apart = pairs.filter((pl.col("last") - pl.col("age") >= again_after) & (pl.col("weeks") >= 0))
    once = apart.sort("age").unique(["week", "weeks"], keep="first")
    return once.group_by("weeks").agg(then=pl.col("count").sum(), now=pl.col("now").sum()).sort("weeks")


def came_and_could(records: pl.DataFrame, *, weeks: int) -> pl.DataFrame:
    """weeks, came, could: for each whole number of weeks under `weeks`, the records that came after just so many, and
    those that came after so many or less, both of events old enough to have shown it.

    records: day, recorded, read_on (the day on which the record was last looked for) and n, their number. Records dated
    before their event or after they were read are left out. See `share_by_delay`.
    """
    delay = (pl.col("recorded") - pl.col("day")).dt.total_days() // _WEEK
    age = ((pl.col("read_on") - pl.col("day")).dt.total_days() + 1) // _WEEK - 1
    told = records.select(delay=delay, age=age, n=pl.col("n")).filter(pl.col("delay").is_between(0, pl.col("age")))
    steps = [
        (at, told.filter(delay=at)["n"].sum(), told.filter((pl.col("delay") <= at) & (pl.col("age") >= at))["n"].sum())
        for at in range(weeks)
    ]
    return pl.DataFrame(steps, schema={"weeks": pl.Int64, "came": pl.Int64, "could": pl.Int64}, orient="row")


def _forecast(
    reported: Numbers, known: Numbers, error: Numbers, clustering: Numbers, tail: float
) -> tuple[Numbers, Numbers, Numbers]:
    share = np.clip(known, 1e-6, 1.0)
    missing = (reported + 0.5) * (1 - share) / share
    variance = clustering * missing / share + ((reported + 0.5) / share**2 * error) ** 2
    dispersion = np.maximum(variance / np.maximum(missing, 1e-12), 1.0)
    is_short = share < 1
    low = np.where(is_short, quantile(tail / 2, missing, dispersion), 0.0)
    high = np.where(is_short, quantile(1 - tail / 2, missing, dispersion), 0.0)
    return reported / share, reported + low, reported + high


def _seen(event: ArrayLike, recorded: ArrayLike, as_of: int) -> tuple[Days, Days]:
    day, came = np.asarray(event, dtype=np.int64), np.asarray(recorded, dtype=np.int64)
    is_seen = (came <= as_of) & (day <= as_of)
    delay = came[is_seen] - day[is_seen]
    if (delay < 0).any():
        raise UnfitNumbers(
            "A record is older than its event.", where="recorded", found=f"{int((delay < 0).sum())} records",
            expected="recorded on the day of the event or later",
        )  # fmt: skip
    return day[is_seen], delay


def _steps(block: Days, day: Days, delay: Days, as_of: int, longest: int) -> tuple[Numbers, Numbers]:
    """Blocks × delays: records with just that delay, and with that or less, of events old enough to have shown it."""
    blocks = int(block.max()) + 1
    size = longest + 1
    # An event seen on day `day` could have shown delays up to `age`.
    age = np.minimum(as_of - day, longest)
    enters = np.bincount(block * size + delay, minlength=blocks * size).reshape(blocks, size)
    leaves = np.bincount(block * (size + 1) + age + 1, minlength=blocks * (size + 1)).reshape(blocks, size + 1)[
        :, :size
    ]
    could = np.cumsum(enters - leaves, axis=1).astype(float)
    return enters.astype(float), could


def share_by_delay(came: Numbers, could: Numbers) -> Numbers:
    """Share that has come by each delay; the last is 1. Works along the last axis.

    came: records with just that delay; could: records with that or less, of events old enough to have shown it.
    """
    stays = 1 - np.divide(came, could, out=np.zeros_like(came), where=could > 0)
    later = np.cumprod(stays[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([later[..., 1:], np.ones((*later.shape[:-1], 1))], axis=-1)


def _greenwood(came: Numbers, could: Numbers) -> Numbers:
    """Variance of the log of the share if records were independent."""
    left = could * (could - came)
    terms = np.divide(came, left, out=np.zeros_like(came), where=left > 0)
    return np.append(np.cumsum(terms[::-1])[::-1][1:], 0.0)


def _clustering(came: Numbers, could: Numbers, greenwood: Numbers) -> Numbers:
    """Jackknife variance over the blocks, over that of independent records, by delay; the median where few are late."""
    blocks = len(came)
    if blocks < _FEWEST_BLOCKS:
        return np.ones_like(greenwood)
    without = share_by_delay(came.sum(axis=0) - came, could.sum(axis=0) - could)
    logs = np.log(np.maximum(without, 1e-12))
    jackknife = (blocks - 1) / blocks * ((logs - logs.mean(axis=0)) ** 2).sum(axis=0)
    share = share_by_delay(came.sum(axis=0), could.sum(axis=0))
    tells = (share > 0.05) & (share < 0.99) & (greenwood > 0)
    usual = float(np.median(jackknife[tells] / greenwood[tells])) if tells.any() else 1.0
    each: Numbers = np.divide(jackknife, greenwood, out=np.full_like(greenwood, usual), where=tells)
    bounded: Numbers = np.maximum(each, 1.0)
    return bounded


def _interval(
    share: Numbers, variance: Numbers, could: Numbers, clustering: Numbers, tail: float, *, blocks: int
) -> tuple[Numbers, Numbers]:
    """The exact interval of a binomial share of as many records as would leave that variance."""
    from scipy.special import betaincinv, ndtri, stdtrit

    later = np.append(could[1:], could[-1])
    whole = np.divide(1 - share, share * variance, out=later / clustering, where=(variance > 0) & (share > 0))
    narrow = (ndtri(tail / 2) / stdtrit(max(blocks - 1, 1), tail / 2)) ** 2
    effective = np.maximum(whole * narrow, 1.0)
    hits = share * effective
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 1e-9), effective - hits + 1, tail / 2), 0.0)
    misses = effective - hits
    high = np.where(misses > 1e-9, betaincinv(hits + 1, np.maximum(misses, 1e-9), 1 - tail / 2), 1.0)
    low[-1] = high[-1] = 1.0
    return low, high
