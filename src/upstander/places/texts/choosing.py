"""The best place of each question among its candidates, and how far ahead of the next place it is."""

import polars as pl

from upstander.places.texts.confidence import confidences
from upstander.places.texts.gazetteer import Gazetteer
from upstander.places.texts.registers import STREET, TOWN, VENUE

# What each piece of evidence adds when candidates are put in order. How sure the first then is, is fitted to labelled
# texts (see confidence); the order itself only has to be sensible.
_COVER, _EXPLAINED, _COMPACT, _VENUE = 2.0, 2.0, 0.3, 0.2
_BESIDE = {"by_street": (1.0, -0.5), "by_town": (1.2, -2.0), "by_part": (1.0, -1.5)}
_FAR_AWAY = 0.35  # lost for each e-fold of kilometres from the site
_UNKNOWN_KM = 12.0
_SAME_PLACE_M = 250.0
_RIVAL_WITHIN = 0.75
_BOX = ("x_min", "y_min", "x_max", "y_max")


def chosen(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a question that has candidates of points or streets, and one that has towns: the best of each.

    Adds worth, margin (to the best other place; null where there is none), rivals (other places nearly as good),
    confidence. `is_town` tells the two apart.
    """
    ordered = _ordered(rows)
    best = ordered.unique(["ask", "is_town"], keep="first", maintain_order=True)
    told = best.join(_rivals(ordered, best), on=["ask", "is_town"], how="left").with_columns(
        pl.col("rivals").fill_null(0), is_implied=pl.lit(value=False)
    )
    return told.with_columns(confidences(told))


def weighed(rows: pl.DataFrame) -> pl.DataFrame:
    """Every candidate with worth and confidence: the best as it is chosen, any other as if it were, with no margin."""
    best = chosen(rows).select("ask", "entry", pl.col("confidence").alias("chosen"))
    others = pl.len().over("ask", "is_town") - 1
    told = _ordered(rows).with_columns(margin=pl.lit(0.0), rivals=others, is_implied=pl.lit(value=False))
    both = told.with_columns(confidences(told)).join(best, on=["ask", "entry"], how="left")
    return both.with_columns(confidence=pl.coalesce("chosen", "confidence")).drop("chosen")


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """The candidates of each question, those of points and streets first, the worthiest first, each entry once."""
    return rows.with_columns(worth=_worth(), is_town=pl.col("kind") == TOWN).sort(
        "ask", "is_town", "worth", "entry", descending=[False, False, True, False]
    ).unique(["ask", "entry"], keep="first", maintain_order=True)  # fmt: skip


def _worth() -> pl.Expr:
    worth = _COVER * pl.col("cover") + _EXPLAINED * pl.col("explained") + _COMPACT * pl.col("is_compact")
    worth += _VENUE * (pl.col("kind") == VENUE)
    for column, (beside, apart) in _BESIDE.items():
        worth += pl.when(pl.col(column) == 1).then(beside).when(pl.col(column) == -1).then(apart).otherwise(0.0)
    return worth - _FAR_AWAY * (1 + pl.col("distance_km").fill_null(_UNKNOWN_KM)).log()


def _rivals(ordered: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """ask, is_town, margin, rivals: what the other candidates are worth that lie somewhere else."""
    first = best.select(
        "ask", "is_town", pl.col("worth").alias("first"), *(pl.col(side).alias(f"f_{side}") for side in _BOX)
    )
    both = ordered.join(first, on=["ask", "is_town"])
    apart = [
        pl.max_horizontal(
            pl.col(f"f_{axis}_min") - pl.col(f"{axis}_max"), pl.col(f"{axis}_min") - pl.col(f"f_{axis}_max"), 0.0
        )
        for axis in ("x", "y")
    ]
    elsewhere = both.filter((apart[0] ** 2 + apart[1] ** 2).sqrt() > _SAME_PLACE_M)
    behind = pl.col("first") - pl.col("worth")
    return elsewhere.group_by("ask", "is_town").agg(margin=behind.min(), rivals=(behind <= _RIVAL_WITHIN).sum())


def crossings(best: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """ask, x, y, reach_m of those whose best place is a street that another street of the text crosses.

    Where the boxes of two streets meet is where they cross: it is a smaller place than either.
    """
    streets = best.filter((pl.col("kind") == STREET) & (pl.col("by_street") == 1))
    others = rows.filter((pl.col("kind") == STREET) & (pl.col("cover") >= 0.9)).select(
        "ask", pl.col("bits").alias("their_bits"), *(pl.col(side).alias(f"t_{side}") for side in _BOX)
    )
    pairs = streets.select("ask", "bits", *_BOX).join(others, on="ask").filter(
        (pl.col("bits") & pl.col("their_bits")) == 0
    )  # fmt: skip
    low = {axis: pl.max_horizontal(f"{axis}_min", f"t_{axis}_min") for axis in ("x", "y")}
    high = {axis: pl.min_horizontal(f"{axis}_max", f"t_{axis}_max") for axis in ("x", "y")}
    # Boxes that just miss one another have high below low; their middle is still between the two streets.
    met = pairs.with_columns(
        x=(low["x"] + high["x"]) / 2, y=(low["y"] + high["y"]) / 2,
        reach_m=((high["x"] - low["x"]) ** 2 + (high["y"] - low["y"]) ** 2).sqrt() / 2,
        miss=pl.max_horizontal(low["x"] - high["x"], low["y"] - high["y"]),
    ).filter(pl.col("miss") <= _SAME_PLACE_M)  # fmt: skip
    return (
        met.sort("ask", "miss", "reach_m")
        .unique("ask", keep="first", maintain_order=True)
        .select("ask", "x", "y", "reach_m")
    )


def implied_towns(asked: pl.DataFrame, gazetteer: Gazetteer, sites: pl.DataFrame) -> pl.DataFrame:
    """The town that "town" means at a site: the one that the site lies in, else the nearest; one row a question.

    asked: ask, site of texts that say "town" and no other word of a place. The columns of `chosen`.
    """
    towns = gazetteer.entries.filter(pl.col("kind") == TOWN)
    at = asked.join(sites.select(site="code", site_x="x", site_y="y"), on="site").join(towns, how="cross")
    apart = [
        pl.max_horizontal(
            pl.col(f"{axis}_min") - pl.col(f"site_{axis}"), pl.col(f"site_{axis}") - pl.col(f"{axis}_max"), 0.0
        )
        for axis in ("x", "y")
    ]
    area = (pl.col("x_max") - pl.col("x_min")) * (pl.col("y_max") - pl.col("y_min"))
    nearest = at.with_columns(apart=(apart[0] ** 2 + apart[1] ** 2).sqrt(), area=area).sort(
        "ask", "apart", "area", "entry", descending=[False, False, True, False]
    ).unique("ask", keep="first", maintain_order=True)  # fmt: skip
    told = nearest.with_columns(
        cover=pl.lit(0.5), similarity=pl.lit(1.0), explained=pl.lit(0.5), unknown=pl.lit(0.0), says=pl.lit(1.0),
        is_compact=pl.lit(value=True), by_street=pl.lit(0), by_town=pl.lit(0), by_part=pl.lit(0),
        margin=pl.lit(None, pl.Float64), rivals=pl.lit(0), ring=pl.lit(0), is_implied=pl.lit(value=True),
        is_town=pl.lit(value=True),
    )  # fmt: skip
    return told.with_columns(confidences(told))
