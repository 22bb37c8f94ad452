"""The areas of a release: which small area, large area and area beside them each located record lies in."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from upstander.pipeline.home import ReleaseSettings
from upstander.places import NoSuchLayer, Reference
from upstander.places.errors import NotNested
from upstander.values.areas import split_layer

WHOLE = "all areas"
NOWHERE = "no area known"
REMAINDER = "not in an area told"


@dataclass(frozen=True)
class Ground:
    """`small`, `large`, `beside`: layers such as ward24; empty where none is loaded. `of`: key, small, large, beside,
    one row a located area of any layer, null where it does not lie in one whole.
    """

    small: str
    large: str
    beside: str
    of: pl.DataFrame


def ground_of(reference: Reference, settings: ReleaseSettings, layers: Sequence[str]) -> Ground:
    """The newest layer of each kind the settings name, and where the areas of `layers` (the rows') lie in them."""
    small, large = (_newest(reference, kind) for kind in (settings.small, settings.large))
    beside = next((layer for layer in (_newest(reference, kind) for kind in settings.beside) if layer), "")
    found = [_within(reference, layer, small, large, beside) for layer in sorted(set(layers))]
    blank = dict.fromkeys(("key", "small", "large", "beside"), pl.String)
    return Ground(small, large, beside, pl.concat([pl.DataFrame(schema=blank), *found]))


def _newest(reference: Reference, kind: str) -> str:
    found = [layer for layer in reference.layers() if split_layer(layer)[0] == kind]
    return max(found, key=lambda layer: int(split_layer(layer)[1] or 0), default="")


def _within(reference: Reference, layer: str, small: str, large: str, beside: str) -> pl.DataFrame:
    codes = reference.codes(layer).select("code") if layer in reference.layers() else pl.DataFrame({"code": []})
    found = codes.with_columns(pl.col("code").cast(pl.String), key=pl.format(f"{layer}:{{}}", pl.col("code")))
    for name, to in (("small", small), ("large", large), ("beside", beside)):
        found = found.join(_parents(reference, layer, to), on="code", how="left").rename({"parent": name})
    if small and large:
        above = _parents(reference, small, large).select(pl.format(f"{small}:{{}}", "code").alias("small"), "parent")
        found = found.join(above, on="small", how="left", maintain_order="left")
        found = found.with_columns(large=pl.coalesce("parent", "large")).drop("parent")
    return found.select("key", "small", "large", "beside").sort("key")


def _parents(reference: Reference, layer: str, to: str) -> pl.DataFrame:
    """code, parent (a key). Of an older set of areas, what became of each where that lies whole in one of `to`."""
    nothing = pl.DataFrame(schema={"code": pl.String, "parent": pl.String})
    if not to:
        return nothing
    if layer == to:
        return reference.codes(layer).select("code", parent=pl.format(f"{to}:{{}}", "code"))
    try:
        return reference.parents(layer, to).with_columns(pl.format(f"{to}:{{}}", "parent").alias("parent"))
    except (NoSuchLayer, NotNested):
        return _parents_by_newer(reference, layer, to, nothing)


def _parents_by_newer(reference: Reference, layer: str, to: str, nothing: pl.DataFrame) -> pl.DataFrame:
    kind, vintage = split_layer(layer)
    newer = [one for one in reference.layers() if split_layer(one)[0] == kind and split_layer(one)[1] > vintage]
    for other in sorted(newer, reverse=True):
        try:
            joined, above = reference.joined_areas(layer, other), reference.parents(other, to)
        except (NoSuchLayer, NotNested):
            continue
        new = joined.filter(layer=other).join(above, on="code").select("joined", "parent").unique()
        one_parent = new.filter(pl.len().over("joined") == 1)
        old = joined.filter(layer=layer).select("code", "joined").join(one_parent, on="joined")
        return old.select("code", pl.format(f"{to}:{{}}", "parent").alias("parent")).sort("code")
    return nothing


def with_remainders(ground: Ground, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that have small, large, beside (keys or null): each null becomes the remainder of what it would lie in."""
    large = pl.col("large").fill_null(NOWHERE) if ground.large else pl.lit(WHOLE)
    # A small area of which no large one is known could not be added up.
    small_known = pl.when(pl.col("large").is_not_null()).then("small") if ground.large else pl.col("small")
    told = rows.with_columns(small=small_known).with_columns(large=large)
    rest = pl.format(f"{{}}, {REMAINDER}", "large")
    small = pl.coalesce("small", pl.when(pl.col("large") == NOWHERE).then(pl.lit(NOWHERE)).otherwise(rest))
    beside = pl.coalesce("beside", pl.lit(f"{WHOLE}, {REMAINDER} beside"))
    return told.with_columns(
        small=small if ground.small else pl.col("large"), beside=beside if ground.beside else pl.lit(WHOLE)
    )


def areas_above(ground: Ground, leaves: pl.DataFrame) -> pl.DataFrame:
    """How areas add up: parent, child, split. leaves: the (small, large, beside) there are, remainders filled in."""
    rows = leaves.unique().with_columns(whole=pl.lit(WHOLE), atom=_atoms())
    steps = [("whole", "large", "areas"), ("large", "small", "areas")]
    if ground.beside:
        steps += [("whole", "beside", "beside"), ("beside", "atom", "areas"), ("small", "atom", "beside")]
    parts = [
        rows.select(parent=above, child=below, split=pl.lit(split)).filter(pl.col("parent") != pl.col("child"))
        for above, below, split in steps
    ]
    parts.append(around(ground, leaves).select(parent="around", child="atom", split=pl.lit("areas")))
    return pl.concat(parts).unique().sort("parent", "split", "child")


def with_atoms(leaves: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `atom`, the part of their small area that lies in the area beside it."""
    named = leaves.unique().with_columns(atom=_atoms()).select("small", "beside", "atom")
    return rows.join(named, on=["small", "beside"], how="left")


def around(ground: Ground, leaves: pl.DataFrame) -> pl.DataFrame:
    """around, atom: what the areas beside that touch an area have beyond it, and the other way round; never told.

    Two beats less the ward they cover between them are people of two places, who are few all the same.
    """
    rows = leaves.unique().with_columns(atom=_atoms())
    pairs = (("small", "beside"), ("large", "beside"), ("beside", "small")) if ground.beside else ()
    found = [pl.DataFrame(schema={"around": pl.String, "atom": pl.String})]
    for inner, other in pairs:
        is_told = (pl.col("area") != NOWHERE) & ~pl.col("area").str.contains(REMAINDER, literal=True)
        touching = rows.select(pl.col(inner).alias("area"), other).unique().filter(is_told)
        beyond = touching.join(rows, on=other).filter(pl.col(inner) != pl.col("area"))
        found.append(beyond.select(pl.format("around {}", "area").alias("around"), "atom").unique())
    return pl.concat(found).unique().filter(pl.len().over("around") > 1).sort("around", "atom")


def _atoms() -> pl.Expr:
    """Where one of the two lies whole in the other, the part is that one."""
    alone = (pl.len().over(name) == 1 for name in ("small", "beside"))
    in_beside, in_small = alone
    shared = pl.format("{} in {}", "small", "beside")
    return pl.when(in_beside).then("small").when(in_small).then("beside").otherwise(shared)
