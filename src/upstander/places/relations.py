"""How areas stand to one another: which lies in which, and which touch."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from upstander.places.errors import NoSuchLayer, NotNested
from upstander.places.holding import Held

# Outlines digitised district by district meet to within this, not always corner to corner.
_TOUCHING_M = 0.5


def parents(lookups: Sequence[Held], layer: str, to: str) -> pl.DataFrame:
    """Each area of a layer and the one area of another it lies in: code, parent. Ordered by code.

    Follows official lookups, several one after the other if need be (LSOA to district to police force). Raises
    NoSuchLayer where none leads there, NotNested where an area has more than one parent.
    """
    tables = [held.table("pairs") for held in lookups]
    steps = deque([(layer, pl.DataFrame())])
    seen = {layer}
    split = False
    while steps:
        at, known = steps.popleft()
        for table in (table for table in tables if at in table.columns):
            for further in (column for column in table.columns if _is_layer(column) and column not in seen):
                step = table.select(code=at, parent=further).unique()
                if step["code"].is_duplicated().any():
                    split = split or further == to
                    continue
                reached = step if known.is_empty() else _followed(known, step)
                if further == to:
                    return reached.sort("code")
                seen.add(further)
                steps.append((further, reached))
    if split:
        raise NotNested(
            f"An area of {layer} can lie in several of {to}.", found=layer, expected="joined areas for two vintages"
        )
    raise NoSuchLayer(f"No lookup leads from {layer} to {to}.", found=layer, expected=f"a lookup that names {to}")


def _is_layer(column: str) -> bool:
    return not column.endswith("_name")


def _followed(known: pl.DataFrame, step: pl.DataFrame) -> pl.DataFrame:
    onward = step.rename({"code": "parent", "parent": "further"})
    return known.join(onward, on="parent").select("code", parent="further")


def touching(lines: Mapping[str, Any]) -> pl.DataFrame:
    """Pairs of areas that share an edge or a corner (queen contiguity), each pair both ways: code, neighbour.

    lines: the outline of each area as a shapely line, by code, in metres. Touching means within half a metre.
    """
    import shapely

    codes = np.array(list(lines), dtype=str)
    shapes = np.array(list(lines.values()), dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_TOUCHING_M)
    apart = one != other
    return pl.DataFrame(
        {"code": codes[one[apart]], "neighbour": codes[other[apart]]},
        schema={"code": pl.String, "neighbour": pl.String},
    ).sort("code", "neighbour")
