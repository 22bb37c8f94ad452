"""What one reader must not be shown of a picture: areas in which they declared a conflict, and what lies in them."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import polars as pl

from upstander.contracts.places import AreaShape
from upstander.disclosure import without
from upstander.places import NoSuchLayer, NotNested, Reference
from upstander.publish.model import Bulletin
from upstander.values.areas import AreaKey


def hidden(bulletin: Bulletin, declared: Collection[str], reference: Reference) -> Bulletin:
    """The picture without these areas (keys), the areas in them and the areas round them: in tables, maps and names."""
    if not declared:
        return bulletin
    layers = {about.area_layer for about in (table.about for table in bulletin.tables.values()) if about.area_layer}
    gone = {area for key in declared for layer in layers for area in _within(key, layer, bulletin.shapes, reference)}
    gone |= set(declared)
    return replace(
        bulletin,
        tables={name: without(table, gone) for name, table in bulletin.tables.items()},
        shapes=tuple(shape for shape in bulletin.shapes if str(shape.key) not in gone),
        area_names={area: name for area, name in bulletin.area_names.items() if area not in gone},
        actions=tuple(one for one in bulletin.actions if one.area not in gone),
        rise_readings={key: one for key, one in bulletin.rise_readings.items() if key[1] not in gone},
    )


def _within(key: str, layer: str, shapes: Iterable[AreaShape], reference: Reference) -> set[str]:
    """The areas of a layer that share any ground with one area, of this layer or another.

    By the official lookups; where none relates the two, every area whose box meets its box: rather too many.
    """
    declared = AreaKey.parse(key)
    if declared.layer == layer:
        return {key}
    for finer, coarser in ((layer, declared.layer), (declared.layer, layer)):
        try:
            pairs = reference.parents(finer, coarser)
        except (NoSuchLayer, NotNested):
            continue
        own, other = ("parent", "code") if finer == layer else ("code", "parent")
        return {f"{layer}:{code}" for code in pairs.filter(pl.col(own) == declared.code)[other]}
    return _near(declared, layer, shapes, reference)


def _near(declared: AreaKey, layer: str, shapes: Iterable[AreaShape], reference: Reference) -> set[str]:
    try:
        outlines = [shape for shape in reference.shapes(declared.layer) if shape.key == declared]
    except NoSuchLayer:
        return set()
    return {
        str(shape.key) for shape in shapes for one in outlines if shape.key.layer == layer and _meet(shape, one)
    }  # fmt: skip


def _meet(one: AreaShape, other: AreaShape) -> bool:
    boxes = [(min(ring[:, axis].min() for ring in shape.rings), max(ring[:, axis].max() for ring in shape.rings))
             for axis in (0, 1) for shape in (one, other)]  # fmt: skip
    across, also_across, up, also_up = boxes
    return bool(
        across[0] <= also_across[1] and also_across[0] <= across[1] and up[0] <= also_up[1] and also_up[0] <= up[1]
    )
