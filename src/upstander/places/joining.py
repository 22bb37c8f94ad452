"""Joined areas: the connected parts of an official lookup, so that counts of two vintages add up whole.

An area that was split and its parts are one joined area; so are areas that were merged. Nothing is shared out by
weights, so every count stays a whole number; best fit and weights are for rates only.
"""

import numpy as np
import polars as pl

from upstander.places.errors import NoSuchLayer
from upstander.values.areas import split_layer

JOINED_KIND = "joined"


def joined_areas(lookup: pl.DataFrame, older: str, newer: str) -> pl.DataFrame:
    """One row an area of either layer: layer, vintage, code, joined (a code), name (of the joined area).

    lookup: one row a pair, columns of codes named by the two layers (`lsoa11`, `lsoa21`) and, if at hand, of names
    (`lsoa11_name`). A joined area is called by the one area it was or has become; where it was several and has become
    several, by its first older code and a plus sign.
    """
    if not {older, newer} <= set(lookup.columns):
        raise NoSuchLayer(
            f"The lookup does not relate {older} and {newer}.", found=", ".join(lookup.columns), expected=older
        )
    pairs = lookup.select(older, newer).drop_nulls().unique().sort(older, newer)
    areas = pl.concat([_side(pairs, lookup, older), _side(pairs, lookup, newer)]).with_row_index("place")
    ends = [_places(pairs[layer], areas.filter(pl.col("layer") == layer)) for layer in (older, newer)]
    part = areas.with_columns(part=pl.Series(_connected(ends[0], ends[1], areas.height)))
    return part.join(_called(part, older, newer), on="part").select(
        "layer", vintage=pl.col("layer").replace_strict({layer: split_layer(layer)[1] for layer in (older, newer)}),
        code="code", joined="joined", name="joined_name",
    ).sort("layer", "code")  # fmt: skip


def _side(pairs: pl.DataFrame, lookup: pl.DataFrame, layer: str) -> pl.DataFrame:
    """The areas of one layer with their names; the code stands for a name that is not there."""
    codes = pairs.select(code=pl.col(layer)).unique().sort("code")
    named = f"{layer}_name"
    if named not in lookup.columns:
        return codes.select(layer=pl.lit(layer), code="code", name="code")
    names = lookup.select(code=pl.col(layer), name=pl.col(named)).unique("code", keep="first", maintain_order=True)
    return codes.join(names, on="code", how="left").select(
        layer=pl.lit(layer), code="code", name=pl.coalesce("name", "code")
    )


def _places(codes: pl.Series, areas: pl.DataFrame) -> np.ndarray:
    """The row number of each code among the areas of its layer."""
    return codes.replace_strict(areas["code"], areas["place"]).to_numpy()


def _connected(ones: np.ndarray, others: np.ndarray, count: int) -> np.ndarray:
    """The number of the connected part that each area is in, given which are linked."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(ones)), (ones, others)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def _called(part: pl.DataFrame, older: str, newer: str) -> pl.DataFrame:
    """One row a joined area: part, joined, joined_name."""
    old, new = pl.col("layer") == older, pl.col("layer") == newer
    first_old, first_old_name = (pl.col(column).filter(old).first() for column in ("code", "name"))
    first_new, first_new_name = (pl.col(column).filter(new).first() for column in ("code", "name"))
    more = pl.format("{} and {} more", first_old_name, old.sum() - 1)
    return part.sort("part", "layer", "code").group_by("part").agg(
        joined=pl.when(old.sum() == 1).then(first_old).when(new.sum() == 1).then(first_new).otherwise(first_old + "+"),
        joined_name=pl.when(old.sum() == 1).then(first_old_name).when(new.sum() == 1).then(first_new_name)
        .otherwise(more),
    )  # fmt: skip
