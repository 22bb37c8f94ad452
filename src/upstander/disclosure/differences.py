"""Published regions whose difference leaves few people of whom nobody told: A less B, A less B and C, A and B less C.

The attack bounds every region that is a cell. What is left over of a ward when the beats inside it are taken away, or
of two beats when the ward between them is, may be no cell; here such remainders are gone through one by one.
Source: Duke-Williams and Rees, Can census offices publish statistics for more than one small area geography? An
analysis of the differencing problem (International Journal of Geographical Information Science 12, 1998).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, identity

from upstander.disclosure.cubes import Publication, tidy
from upstander.disclosure.knowledge import own_range
from upstander.disclosure.types import Ints, Numbers

_AT_ONCE = 4_000_000
_NONE = -1


def differences(publications: Sequence[Publication]) -> pl.DataFrame:
    """Every remainder of published regions that is certain to hold somebody, and no more than the rule calls few.

    One row a remainder: `dimension`, the other dimensions (null for the one), `plus` and `minus` (lists of its values),
    `low` and `high`: what is left, from these cells alone. The newest published of each cell counts.
    """
    dimensions = publications[0].dimensions
    shown = [tidy(dimensions, each.cells).filter("told").select(*dimensions, *own_range(each.rule))
             for each in publications]  # fmt: skip
    cells = pl.concat(shown).unique(dimensions, keep="last", maintain_order=True)
    few = max(each.rule.width for each in publications)
    trees: dict[str, pl.DataFrame] = {}
    for each in publications:
        for name, tree in each.hierarchies.items():
            pairs = tree.select("parent", "child")
            trees[name] = pl.concat([trees[name], pairs]).unique() if name in trees else pairs
    return few_left(dimensions, cells, trees, few)


def few_left(
    dimensions: Sequence[str], cells: pl.DataFrame, hierarchies: Mapping[str, pl.DataFrame], few: int
) -> pl.DataFrame:
    """The same of cells with their own `low` and `high`, along every dimension that has a hierarchy."""
    schema: dict[str, Any] = dict.fromkeys(("dimension", *dimensions), pl.String)
    schema |= {"plus": pl.List(pl.String), "minus": pl.List(pl.String), "low": pl.Float64, "high": pl.Float64}
    found = [_along(dimensions, cells, name, tree, few).select(
                pl.col(column).cast(kind) for column, kind in schema.items())
             for name, tree in hierarchies.items() if name in dimensions]  # fmt: skip
    return pl.concat([pl.DataFrame(schema=schema), *found])


def _along(dimensions: Sequence[str], cells: pl.DataFrame, name: str, tree: pl.DataFrame, few: int) -> pl.DataFrame:
    """The remainders along one dimension, for every value of the others."""
    others = [other for other in dimensions if other != name]
    values = cells[name].unique().sort()
    slices = cells.select(others).unique().sort(others).with_row_index("slice") if others else None
    placed = cells.join(slices, on=others) if slices is not None else cells.with_columns(slice=pl.lit(0))
    width = slices.height if slices is not None else 1
    at = (values.search_sorted(placed[name]).to_numpy(), placed["slice"].to_numpy())
    low, high = np.full((len(values) + 1, width), np.nan), np.full((len(values) + 1, width), np.nan)
    low[at], high[at] = placed["low"].to_numpy(), placed["high"].to_numpy()
    low[_NONE], high[_NONE] = 0.0, 0.0  # the last row: no region
    ways = remainders(tree, values.to_list())
    hits = [_hits(ways[start : start + _AT_ONCE // width], low, high, few)
            for start in range(0, len(ways), max(_AT_ONCE // width, 1))]  # fmt: skip
    ways, slice_, least, most = (np.concatenate(each) for each in zip(*hits, strict=True)) if hits else _NO_HITS
    named = [[None if way == _NONE else values[int(way)] for way in row] for row in ways.tolist()]
    told = pl.DataFrame({
        "dimension": [name] * len(named), name: pl.Series([None] * len(named), dtype=pl.String),
        "plus": pl.Series([[each for each in row[:2] if each] for row in named], dtype=pl.List(pl.String)),
        "minus": pl.Series([[each for each in row[2:] if each] for row in named], dtype=pl.List(pl.String)),
        "low": least, "high": most, "slice": pl.Series(slice_, dtype=pl.UInt32),
    })  # fmt: skip
    return told.join(slices, on="slice", maintain_order="left") if slices is not None else told


_NO_HITS = (np.zeros((0, 4), np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def _hits(ways: Ints, low: Numbers, high: Numbers, few: int) -> tuple[Ints, Ints, Numbers, Numbers]:
    """Of ways to take regions apart, those that leave few, in which slice, and the bounds of what is left."""
    one, two, three, four = ways.T
    least = low[one] + low[two] - high[three] - high[four]
    most = high[one] + high[two] - low[three] - low[four]
    least = np.maximum(least, 0.0)
    with np.errstate(invalid="ignore"):
        row, column = np.nonzero((least >= 1) & (most <= few))
    return ways[row], column.astype(np.int64), least[row, column], most[row, column]


def remainders(tree: pl.DataFrame, values: Sequence[str]) -> Ints:
    """Ways to take regions apart, a row each: places among the values of two to add and two to take away, -1 for none.

    What is taken away lies in what it is taken from, without overlap, and what is left is no value of the tree.
    """
    names, leaves = _leaves(tree, values)
    place = {name: number for number, name in enumerate(names)}
    told = leaves[np.array([place[value] for value in values], np.int64)]
    known = {leaves[row].indices.tobytes() for row in range(len(names))}
    size = np.diff(told.indptr)
    shared = (told @ told.T).tocsr()
    rows = [
        (*plus, *minus)
        for at in range(len(values))
        for plus, minus in (*_inside(at, shared, size), *_between(at, shared, size))
        if (rest := _rest(told, plus, minus)).size and rest.tobytes() not in known
    ]
    return np.array(rows, np.int64).reshape(-1, 4)


Way = tuple[tuple[int, int], tuple[int, int]]


def _inside(at: int, shared: csr_matrix, size: Ints) -> Iterator[Way]:
    """The region less each one in it, and less each two in it that share nothing."""
    near, both = _near(at, shared)
    parts = near[(both == size[near]) & (size[near] < size[at])]
    yield from (((at, _NONE), (int(part), _NONE)) for part in parts)
    first, second = np.nonzero(np.triu(shared[parts][:, parts].toarray() == 0, 1))
    yield from (((at, _NONE), (int(parts[a]), int(parts[b]))) for a, b in zip(first, second, strict=True))


def _between(at: int, shared: csr_matrix, size: Ints) -> Iterator[Way]:
    """Each two regions that share nothing and hold the region between them, less the region."""
    near, both = _near(at, shared)
    across = (both < size[at]) & (both > 0)
    near, both = near[across], both[across]
    apart = np.triu(shared[near][:, near].toarray() == 0, 1)
    first, second = np.nonzero(apart & (both[:, None] + both[None, :] == size[at]))
    yield from (((int(near[a]), int(near[b])), (at, _NONE)) for a, b in zip(first, second, strict=True))


def _near(at: int, shared: csr_matrix) -> tuple[Ints, Numbers]:
    row = slice(shared.indptr[at], shared.indptr[at + 1])
    order = np.argsort(shared.indices[row])
    return shared.indices[row][order].astype(np.int64), shared.data[row][order]


def _rest(told: csr_matrix, plus: tuple[int, int], minus: tuple[int, int]) -> Ints:
    held = [told[each].indices for each in plus if each != _NONE]
    taken = [told[each].indices for each in minus if each != _NONE]
    rest: Ints = np.setdiff1d(np.concatenate(held), np.concatenate(taken))
    return rest


def _leaves(tree: pl.DataFrame, values: Sequence[str]) -> tuple[list[str], csr_matrix]:
    """The values of a tree and others, and which leaves (values without children) each is made of, in order."""
    names = sorted({*tree["parent"].to_list(), *tree["child"].to_list(), *values})
    place = {name: number for number, name in enumerate(names)}
    parent, child = ([place[name] for name in tree[column]] for column in ("parent", "child"))
    down = csr_matrix((np.ones(tree.height), (parent, child)), shape=(len(names), len(names)))
    is_leaf = np.asarray(down.sum(axis=1)).ravel() == 0
    reached = identity(len(names), format="csr")
    while True:
        further = ((reached + reached @ down) > 0).astype(np.float64)
        if further.nnz == reached.nnz:
            leaves = further[:, np.flatnonzero(is_leaf)].tocsr()
            leaves.sort_indices()
            return names, leaves
        reached = further
