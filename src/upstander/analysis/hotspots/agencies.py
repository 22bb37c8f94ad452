"""Places that one agency sees and the others do not.

The rule: of the same list of places, a source sees a place *high* when its whole rank interval lies within the first
`top` ranks, *not high* when its whole interval lies below them, and cannot say otherwise. A place is seen by one
agency only when exactly one source sees it high and every other source sees it as not high. A source with too few
events to say leaves the place open: silence is no evidence.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from upstander.analysis.errors import UnfitNumbers
from upstander.analysis.hotspots.ranks import RankIntervals

HIGH, NOT_HIGH, CANNOT_SAY = "high", "not high", "cannot say"


def seen_by(by_source: Mapping[str, RankIntervals], *, top: int) -> pl.DataFrame:
    """How each source sees each place: one row per place and source, `place` (number in the order given), `source`,
    `seen` (high, not high, cannot say), `rank`, `low`, `high`.

    Raises UnfitNumbers where the sources do not rank the same number of places, or `top` is not below it.
    """
    sizes = {ranks.rank.size for ranks in by_source.values()}
    if len(sizes) != 1 or not 0 < top < min(sizes):
        raise UnfitNumbers(
            "Sources are compared over one list of places, and `top` is shorter than it.",
            where="by_source", found=f"{sorted(sizes)} places, top {top}", expected="one list of places for all",
        )  # fmt: skip
    return pl.concat([
        pl.DataFrame({
            "place": np.arange(ranks.rank.size),
            "source": [source] * ranks.rank.size,
            "seen": np.where(ranks.high <= top, HIGH, np.where(ranks.low > top, NOT_HIGH, CANNOT_SAY)),
            "rank": ranks.rank, "low": ranks.low, "high": ranks.high,
        })
        for source, ranks in by_source.items()
    ]).sort("place", "source")  # fmt: skip


def seen_by_one_only(by_source: Mapping[str, RankIntervals], *, top: int) -> pl.DataFrame:
    """Places seen by one agency only, by the rule above: `place`, `source`, `rank` there, best rank first."""
    seen = seen_by(by_source, top=top)
    places = seen.group_by("place").agg(
        highs=(pl.col("seen") == HIGH).sum(),
        lows=(pl.col("seen") == NOT_HIGH).sum(),
        source=pl.col("source").filter(pl.col("seen") == HIGH).first(),
        rank=pl.col("rank").filter(pl.col("seen") == HIGH).first(),
    )
    alone = places.filter((pl.col("highs") == 1) & (pl.col("lows") == len(by_source) - 1))
    return alone.select("place", "source", "rank").sort("rank", "place")
