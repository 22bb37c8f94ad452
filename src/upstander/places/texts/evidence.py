"""What speaks for each candidate of a text: the street beside it, the town round it, the site it is near to.

One row a text, site and candidate. Distances are in metres between boxes: a street and a town reach further than a
point.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from upstander.places.texts.gazetteer import Gazetteer
from upstander.places.texts.matching import Matched
from upstander.places.texts.registers import STREET, TOWN

RINGS_KM = (2.0, 5.0, 10.0, 25.0, 50.0)
WITHOUT_SITE = len(RINGS_KM) + 1
PART = "part"
_BESIDE_M: Mapping[str, float] = {STREET: 200.0, TOWN: 1_200.0, PART: 300.0}
_WHOLE = 0.9  # how much of a street's or town's name has to stand there before it speaks for anything else
_FARTHEST_M = 100_000.0
_BOX = ("x_min", "y_min", "x_max", "y_max")


def candidates(
    asked: pl.DataFrame, matched: Matched, gazetteer: Gazetteer, sites: pl.DataFrame, parts: pl.DataFrame
) -> pl.DataFrame:
    """One row a question and candidate: ask, text, entry, kind, cover, similarity, explained, is_compact, by_street,
    by_town, by_part (1 beside one that is named, -1 far from every one, 0 where none is named), distance_km (null
    without a site), ring.

    asked: ask (number), text (number of a cleaned text), site. sites: code, x, y. parts: text, x_min … y_max of a
    postcode's part that the text names.
    """
    shape = gazetteer.entries.select("entry", "kind", "x", "y", *_BOX)
    rows = matched.rows.join(shape, on="entry").with_row_index("row")
    named = rows.filter(pl.col("cover") >= _WHOLE)
    streets = _beside(rows, named.filter(kind=STREET), STREET)
    town = _beside(rows, named.filter(kind=TOWN), TOWN)
    part = _beside(rows, parts.with_columns(bits=pl.lit(0, pl.Int64)), PART)
    told = rows.join(streets, on="row", how="left").join(town, on="row", how="left").join(part, on="row", how="left")
    explained = _explained(told, matched)
    scored = explained.with_columns(pl.col("by_street", "by_town", "by_part").fill_null(0))
    return _near_site(asked.join(scored, on="text"), sites)


def _beside(rows: pl.DataFrame, anchors: pl.DataFrame, kind: str) -> pl.DataFrame:
    """row, by_<kind>, bits_<kind>: whether a candidate lies by a place of that kind that other words of its text
    name.
    """
    theirs = anchors.select(
        "text", pl.col("bits").alias("their_bits"), *(pl.col(side).alias(f"t_{side}") for side in _BOX)
    )
    pairs = rows.select("row", "text", "bits", *_BOX).join(theirs.unique(), on="text").filter(
        (pl.col("bits") & pl.col("their_bits")) == 0
    )  # fmt: skip
    apart = [
        pl.max_horizontal(
            pl.col(f"t_{axis}_min") - pl.col(f"{axis}_max"), pl.col(f"{axis}_min") - pl.col(f"t_{axis}_max"), 0.0
        )
        for axis in ("x", "y")
    ]
    measured = pairs.with_columns(apart=(apart[0] ** 2 + apart[1] ** 2).sqrt())
    near = pl.col("apart") <= _BESIDE_M[kind]
    return measured.group_by("row").agg(
        pl.when(near.any()).then(1).otherwise(-1).alias(f"by_{kind}"),
        pl.when(near).then(pl.col("their_bits")).otherwise(0).max().alias(f"bits_{kind}"),
        pl.when(near).then(pl.col("apart")).otherwise(None).min().alias(f"apart_{kind}"),
    )


def _explained(told: pl.DataFrame, matched: Matched) -> pl.DataFrame:
    """How much of what the text says the candidate and what lies beside it explain, 0 to 1."""
    anchors = matched.rows.select("text", "bits", anchor="weight").unique(["text", "bits"])
    for kind in (STREET, TOWN):
        bits = pl.col(f"bits_{kind}").fill_null(0)
        told = told.with_columns(bits.alias(f"bits_{kind}")).join(
            anchors.rename({"bits": f"bits_{kind}", "anchor": f"weight_{kind}"}),
            on=["text", f"bits_{kind}"],
            how="left",
        )
    own = pl.col("weight") * pl.col("similarity")
    weight = own + pl.col(f"weight_{STREET}").fill_null(0) + pl.col(f"weight_{TOWN}").fill_null(0)
    return told.join(matched.says, on="text", how="left").with_columns(
        explained=(weight / pl.max_horizontal("says", own)).clip(0.0, 1.0).fill_nan(1.0).fill_null(1.0)
    )


def _near_site(rows: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    """With the distance to the treating site and its ring; what lies beyond a day's journey is no candidate."""
    at = sites.select(site="code", site_x="x", site_y="y")
    measured = rows.join(at, on="site", how="left").with_columns(
        distance_km=((pl.col("x") - pl.col("site_x")) ** 2 + (pl.col("y") - pl.col("site_y")) ** 2).sqrt() / 1000
    )
    ring = pl.Series("ring", np.searchsorted(RINGS_KM, measured["distance_km"].fill_null(np.inf).to_numpy()))
    near = measured.with_columns(ring.cast(pl.Int64)).with_columns(
        ring=pl.when(pl.col("distance_km").is_null()).then(WITHOUT_SITE).otherwise("ring")
    )
    return near.filter(pl.col("distance_km").is_null() | (pl.col("distance_km") <= _FARTHEST_M / 1000))
