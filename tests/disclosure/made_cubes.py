"""Small cubes for the tests of this room, and the simplest attacker there is: one who lists every table."""

from itertools import product

import numpy as np
import polars as pl

from upstander.disclosure import Cube

TOTAL = "Total"


def with_margins(counts: np.ndarray, names: tuple[str, ...], vintage: str = "") -> Cube:
    """A cube of these counts and all their sums; the values of dimension `a` are a0, a1, … and Total."""
    full = counts
    for axis in range(counts.ndim):
        full = np.concatenate([full, full.sum(axis, keepdims=True)], axis)
    where = np.indices(full.shape).reshape(counts.ndim, -1)
    keys = {
        name: [TOTAL if at == size else f"{name}{at}" for at in column]
        for name, column, size in zip(names, where, counts.shape, strict=True)
    }
    trees = {
        name: pl.DataFrame({"parent": [TOTAL] * size, "child": [f"{name}{at}" for at in range(size)]})
        for name, size in zip(names, counts.shape, strict=True)
    }
    cells = pl.DataFrame({**keys, "count": full.ravel()}).with_columns(vintage=pl.lit(vintage))
    return Cube(names, cells, trees)


def plainly_hidden(cube: Cube, up_to: int) -> Cube:
    """The cube's cells as a careless publisher would show them: small ones hidden, nothing else."""
    few = (pl.col("count") > 0) & (pl.col("count") <= up_to)
    cells = cube.cells.with_columns(
        told=pl.lit(True),
        value=pl.when(~few).then(pl.col("count").cast(pl.Float64)),
        status=pl.when(few).then(pl.lit("suppressed")).otherwise(pl.lit("shown")),
        why=pl.when(few).then(pl.lit("count")),
    )
    return Cube(cube.dimensions, cells.drop("count"), cube.hierarchies)


def every_table(sums: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """All whole-number vectors within the ranges that make each sum zero, one a row."""
    grid = np.array(list(product(*(range(int(a), int(b) + 1) for a, b in zip(low, high, strict=True)))))
    return grid[(grid @ sums.T == 0).all(axis=1)]
