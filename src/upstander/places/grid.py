"""Squares by arithmetic in a metric frame: the default grid, which needs no boundaries at all.

A square is named by its south-west corner in metres, `E459250N304500`; its size stands in the layer, `square250`.
A point on a line between squares belongs to the square east or north of it. Squares of 250 and 500 m nest.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from upstander.contracts.places import AreaShape
from upstander.errors import WrongUsage
from upstander.values.areas import AreaKey

SIZES_M = (250, 500)
_CODE = re.compile(r"E(-?\d+)N(-?\d+)")
_LAYER = re.compile(r"square(\d+)")


def square_layer(size_m: int) -> str:
    """The layer of squares of that size, `square250`."""
    return f"square{size_m}"


def square_size(layer: str) -> int:
    """Metres along a side of the squares of a layer; raises WrongUsage for a layer that is no grid."""
    found = _LAYER.fullmatch(layer)
    if found is None or int(found[1]) == 0:
        raise WrongUsage(f"'{layer}' is no layer of squares.", found=layer, expected="square250 or square500")
    return int(found[1])


def square_of(x: pl.Expr, y: pl.Expr, size_m: int) -> pl.Expr:
    """The code of the square that holds a point in metres; null where a coordinate is missing or not finite."""
    east, north = (
        pl.when(metres.is_finite()).then((metres / size_m).floor() * size_m).cast(pl.Int64) for metres in (x, y)
    )
    return pl.format("E{}N{}", east, north)


def square_in_query(x: Any, y: Any, size_m: int) -> Any:
    """The same code as an Ibis expression over two Ibis columns of metres."""
    east, north = (((metres / size_m).floor() * size_m).cast("int64").cast("string") for metres in (x, y))
    return "E" + east + "N" + north


def square_corner(code: str) -> tuple[int, int]:
    """South-west corner of a square in metres; raises WrongUsage for what is no code of one."""
    found = _CODE.fullmatch(code)
    if found is None:
        raise WrongUsage(f"'{code}' is no square.", found=code, expected="such as E459250N304500")
    return int(found[1]), int(found[2])


def square_shape(code: str, size_m: int) -> AreaShape:
    """A square's outline. Its name is its code."""
    west, south = square_corner(code)
    steps = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], dtype=np.float64)
    return AreaShape(AreaKey(square_layer(size_m), "", code), code, (steps * size_m + (west, south),))


def square_neighbours(codes: Sequence[str], size_m: int) -> pl.DataFrame:
    """Pairs among the given squares that share a side or a corner, each pair both ways: code, neighbour."""
    corners = pl.DataFrame({"code": pl.Series(sorted(set(codes)), dtype=pl.String)}).with_columns(
        east=pl.col("code").str.extract(_CODE.pattern, 1).cast(pl.Int64),
        north=pl.col("code").str.extract(_CODE.pattern, 2).cast(pl.Int64),
    )
    around = pl.DataFrame(
        [(east, north) for east in (-1, 0, 1) for north in (-1, 0, 1) if (east, north) != (0, 0)],
        schema=["step_east", "step_north"], orient="row",
    )  # fmt: skip
    beside = corners.join(around, how="cross").select(
        "code",
        east=pl.col("east") + pl.col("step_east") * size_m,
        north=pl.col("north") + pl.col("step_north") * size_m,
    )
    there = corners.rename({"code": "neighbour"})
    return beside.join(there, on=["east", "north"]).select("code", "neighbour").sort("code", "neighbour")
