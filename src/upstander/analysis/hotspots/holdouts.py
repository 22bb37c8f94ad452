"""Would last year's places have caught this quarter's events? Rankings tried on later periods they have not seen.

Training periods rank the places, the periods after them are the test, then both move on. Every ranking may name the
same share of the whole area and no more: PAI rewards tiny areas and PEI large ones, so only at one budget can two maps
be compared. Baselines: places at random, the busiest places of the training periods, and the best that could be named
with hindsight.

Sources as in `accuracy`; rolling hold-outs and a fixed area: Adepeju, Rosser and Cheng, International Journal of
Geographical Information Science 30(11), 2016; RRI as Levine, Security Journal 21(4), 2008: growth of the places
named ÷ growth of all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from upstander.analysis.errors import TooFewPoints, UnfitNumbers
from upstander.analysis.hotspots.accuracy import densest_first, within_budget

LAST_YEAR, RECENT, RANDOM, BEST, GIVEN = "last year", "recent", "random", "best", "given"
_DRAWS = 1000


@dataclass(frozen=True)
class Windows:
    """How many periods train a ranking, how many test it, and by how many both move on."""

    train: int = 12
    test: int = 3
    step: int = 3

    def starts(self, periods: int) -> range:
        """The first test period of each hold-out."""
        return range(self.train, periods - self.test + 1, self.step)


def hold_outs(
    counts: ArrayLike, area: ArrayLike, *, windows: Windows, budget: float = 0.01, scores: ArrayLike | None = None,
    seed: int,
) -> pl.DataFrame:  # fmt: skip
    """Each ranking on each hold-out, then on all of them together (`first` is null there).

    counts: places × periods, every place and period, zeros too. area: of each place. scores: places × periods, a
    forecast made before each period for the test that begins with it; only those columns are read.
    Gives `first` and `last` (numbers of the test periods, from 0), `ranking` ("last year": most events in the training
    periods; "recent": in the last of them, as many as are tested; "random": expected; "best": with hindsight; "given":
    by scores), `places` named, `area_share`, `hits`, `events`, `hit_rate` (NaN without events), `pai`, `pei` (÷ the
    best), `rri` (above 1: the named places held more than their share of the change).
    Raises TooFewPoints where the periods hold no hold-out, UnfitNumbers for what does not count.
    """
    events, size = _checked(counts, area)
    starts = windows.starts(events.shape[1])
    if not starts:
        raise TooFewPoints(where="periods", found=events.shape[1], needed=windows.train + windows.test)
    share = _share_at_random(size, budget, np.random.default_rng(seed))
    given = None if scores is None else np.asarray(scores, dtype=np.float64)
    tried = [row for start in starts for row in _one_hold_out(events, size, windows, start, budget, share, given)]
    return _scored(pl.DataFrame(tried, infer_schema_length=None))


def _one_hold_out(
    events: NDArray[np.float64], size: NDArray[np.float64], windows: Windows, start: int, budget: float,
    at_random: tuple[float, float], given: NDArray[np.float64] | None,
) -> Iterator[dict[str, object]]:  # fmt: skip
    before, seen = events[:, start - windows.train : start], events[:, start : start + windows.test].sum(axis=1)
    trained = before.sum(axis=1)
    rankings = {LAST_YEAR: trained, RECENT: before[:, -windows.test :].sum(axis=1), BEST: seen}
    if given is not None:
        rankings[GIVEN] = _finite(given[:, start], start)
    common = {"first": start, "last": start + windows.test - 1, "events": seen.sum(), "before": trained.sum()}
    for name, score in rankings.items():
        order = densest_first(score, size, seen)
        named = order[: within_budget(size[order], budget, float(size.sum()))]
        yield {
            **common, "ranking": name, "places": float(named.size), "area_share": size[named].sum() / size.sum(),
            "hits": seen[named].sum(), "hits_before": trained[named].sum(),
        }  # fmt: skip
    share, covered = at_random
    yield {
        **common, "ranking": RANDOM, "places": share * size.size, "area_share": covered, "hits": share * seen.sum(),
        "hits_before": share * trained.sum(),
    }  # fmt: skip


def _scored(tried: pl.DataFrame) -> pl.DataFrame:
    """Shares and indices by hold-out, and of all hold-outs together."""
    sums = ("hits", "events", "hits_before", "before")
    together = tried.group_by("ranking", maintain_order=True).agg(
        pl.col(*sums).sum(), pl.col("places", "area_share").mean(), first=pl.lit(None, pl.Int64),
        last=pl.lit(None, pl.Int64),
    )  # fmt: skip
    every = pl.concat([tried, together.select(tried.columns)]).with_columns(
        hit_rate=pl.col("hits") / pl.col("events"),
    )
    best = pl.col("hit_rate").filter(pl.col("ranking") == BEST).first().over("first")
    best_pai = best / pl.col("area_share").filter(pl.col("ranking") == BEST).first().over("first")
    pai = pl.col("hit_rate") / pl.col("area_share")
    growth = (pl.col("hits") / pl.col("hits_before")) / (pl.col("events") / pl.col("before"))
    return every.with_columns(pai=pai, pei=pai / best_pai, rri=growth).select(
        "first", "last", "ranking", "places", "area_share", "hits", "events", "hit_rate", "pai", "pei", "rri"
    )


def _share_at_random(size: NDArray[np.float64], budget: float, rng: np.random.Generator) -> tuple[float, float]:
    """Share of the places, and of the area, that a random order fits in the budget, on average."""
    whole, equal = float(size.sum()), bool((size == size[0]).all())
    orders = [size] if equal else [rng.permutation(size) for _ in range(_DRAWS)]
    fitted = [within_budget(order, budget, whole) for order in orders]
    covered = [float(order[:many].sum()) / whole for order, many in zip(orders, fitted, strict=True)]
    return float(np.mean(fitted)) / size.size, float(np.mean(covered))


def _finite(scores: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    if not np.isfinite(scores).all():
        raise UnfitNumbers(
            f"A place has no score for the test that begins with period {period + 1}.",
            where=f"scores, period {period + 1}", found="nothing", expected="a score for every place",
        )  # fmt: skip
    return scores


def _checked(counts: ArrayLike, area: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    events, size = np.asarray(counts, dtype=np.float64), np.asarray(area, dtype=np.float64)
    if events.ndim != 2 or not (np.isfinite(events).all() and (events >= 0).all()):
        raise UnfitNumbers(
            "Every place and period needs a count of 0 or more.",
            where="counts", found="one that is missing or negative", expected="0, 1, 2, …",
        )  # fmt: skip
    if size.shape != events.shape[:1] or not (np.isfinite(size).all() and (size > 0).all()):
        raise UnfitNumbers(
            "Every place needs an area above 0.",
            where="area", found="one that is missing or not above 0", expected="a number above 0",
        )  # fmt: skip
    return events, size
