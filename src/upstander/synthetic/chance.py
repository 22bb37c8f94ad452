"""One stream of randomness for each subject, so that a change in one leaves the others as they were."""

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]
Claims = NDArray[np.bool_]


def stream(seed: int, subject: str) -> np.random.Generator:
    """The generator of one subject, such as "postcodes", under a seed."""
    return np.random.default_rng([seed, zlib.crc32(subject.encode())])


def pick(rng: np.random.Generator, weights: Numbers, size: int) -> Indices:
    """`size` positions in `weights`, with chances proportional to them."""
    edges = np.cumsum(weights)
    return np.asarray(np.searchsorted(edges, rng.random(size) * edges[-1], side="right"), dtype=np.int64)


def pick_by_row(rng: np.random.Generator, weights: Numbers, rows: Indices) -> Indices:
    """One position for each of `rows`, with chances from that row of the two-dimensional `weights`."""
    edges = np.cumsum(weights, axis=1)
    edges /= edges[:, -1:]
    return np.asarray((rng.random(len(rows))[:, None] >= edges[rows]).sum(axis=1), dtype=np.int64)


def table(shares: Mapping[str, Mapping[str, float]], columns: tuple[str, ...]) -> Numbers:
    """Named shares as rows of weights in the order of `columns`; a share left out is zero."""
    return np.array([[row.get(column, 0.0) for column in columns] for row in shares.values()], dtype=np.float64)


def words(choices: Sequence[str], positions: Indices) -> pl.Series:
    """The word at each position."""
    return pl.Series(choices, dtype=pl.String).gather(positions)
