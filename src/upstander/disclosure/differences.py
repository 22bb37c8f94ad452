"""Published regions whose difference is a small region that nobody published: A less B, and A less B less C.

The attack bounds every region that is a cell. What is left over of a ward when the beats inside it are taken away, or
of a year when three rolling quarters are, may be no cell; here such remainders are listed and bounded one by one.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, identity

from upstander.disclosure.cubes import Publication, tidy
from upstander.disclosure.knowledge import own_range, tells_of_few
from upstander.disclosure.types import Ints

_SHOWN = ("shown", "suppressed")


def differences(publications: Sequence[Publication]) -> pl.DataFrame:
    """Every remainder, in one dimension, of one or two published regions inside another, that is itself no cell.

    One row a remainder: the dimensions and vintage of the region, `dimension`, `less` (list of the values taken away),
    `low`, `high` (what is left, from the cells alone) and `is_exposed`: 1 to few people, narrower than the rule allows.
    Regions of the two sides may be of different vintages; the newest published of each cell counts.
    """
    dimensions = publications[0].dimensions
    shown = [
        tidy(dimensions, each.cells).filter(pl.col("told") & pl.col("status").is_in(_SHOWN))
        .select(*dimensions, "vintage", *own_range(each.rule))
        for each in publications
    ]  # fmt: skip
    cells = pl.concat(shown).unique(dimensions, keep="last", maintain_order=True).sort(dimensions)
    few = max(each.rule.width for each in publications)
    trees: Mapping[str, pl.DataFrame] = {
        name: pl.concat([each.hierarchies[name].select("parent", "child") for each in publications
                         if name in each.hierarchies]).unique()
        for name in dimensions if any(name in each.hierarchies for each in publications)
    }  # fmt: skip
    found = [_along(dimensions, cells, name, tree, few) for name, tree in trees.items()]
    empty = cells.clear().with_columns(
        dimension=pl.lit(""),
        less=pl.lit([], pl.List(pl.String)),
        is_exposed=pl.lit(False),  # noqa: FBT003 # a literal
    )
    columns = [*dimensions, "vintage", "dimension", "less", "low", "high", "is_exposed"]
    told = pl.concat([empty.select(columns), *(each.select(columns) for each in found)])
    return told.sort(["is_exposed", *dimensions, "less"], descending=[True, *[False] * (len(dimensions) + 1)])


def _along(dimensions: Sequence[str], cells: pl.DataFrame, name: str, tree: pl.DataFrame, few: int) -> pl.DataFrame:
    """The remainders along one dimension, bounded for every value of the others."""
    others = [other for other in dimensions if other != name]
    nested = remainders(tree, cells[name].unique().sort().to_list())
    first = cells.rename({name: "whole"}).join(nested, on="whole")
    inner = cells.select(*others, name, "low", "high")
    for number in ("one", "two"):
        taken = inner.rename({name: number, "low": f"low_{number}", "high": f"high_{number}"})
        first = first.join(taken, on=[*others, number], how="left")
    first = first.filter(pl.col("low_one").is_not_null() & (pl.col("two").is_null() | pl.col("low_two").is_not_null()))
    low = pl.col("low") - pl.col("high_one") - pl.col("high_two").fill_null(0)
    high = pl.col("high") - pl.col("low_one") - pl.col("low_two").fill_null(0)
    told = first.with_columns(low=pl.max_horizontal(low, 0.0), high=high, dimension=pl.lit(name)).with_columns(
        less=pl.concat_list("one", "two").list.drop_nulls()
    )
    least, most = told["low"].to_numpy(), told["high"].to_numpy()
    is_exposed = tells_of_few(least, most, few) & (most - least + 1 < few)
    return told.with_columns(is_exposed=pl.Series(is_exposed)).rename({"whole": name})


def remainders(tree: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    """whole, one, two (null for a pair): values of which one, or two that do not overlap, lie in the whole, and where
    what is left is not nothing and no value of the tree.
    """
    names, leaves = _leaves(tree)
    place = {name: number for number, name in enumerate(names)}
    told = np.array([place[value] for value in values if value in place], np.int64)
    size = np.asarray(leaves.sum(axis=1)).ravel()
    known = {_key(leaves[row]) for row in range(len(names))}
    shared = (leaves[told] @ leaves[told].T).tocoo()
    rows = []
    inside: dict[int, list[int]] = {}
    for a, b, both in zip(told[shared.row], told[shared.col], shared.data, strict=True):
        if both == size[b] < size[a]:
            inside.setdefault(int(a), []).append(int(b))
    for a, parts in sorted(inside.items()):
        rows += [
            (names[a], names[b], names[c] if c >= 0 else None)
            for b, c in _taken(leaves, sorted(parts))
            if _rest(leaves, a, b, c) not in known
        ]
    return pl.DataFrame(rows, schema={"whole": pl.String, "one": pl.String, "two": pl.String}, orient="row")


def _taken(leaves: csr_matrix, parts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each part alone (-1), then each two that share no leaf."""
    yield from ((part, -1) for part in parts)
    overlap = (leaves[parts] @ leaves[parts].T).toarray()
    first, second = np.nonzero(np.triu(overlap == 0, 1))
    yield from ((parts[b], parts[c]) for b, c in zip(first.tolist(), second.tolist(), strict=True))


def _rest(leaves: csr_matrix, a: int, b: int, c: int) -> bytes:
    rest = set(leaves[a].indices) - set(leaves[b].indices) - (set(leaves[c].indices) if c >= 0 else set())
    return _key_of(np.array(sorted(rest), np.int64))


def _key(row: csr_matrix) -> bytes:
    return _key_of(np.sort(row.indices).astype(np.int64))


def _key_of(leaves: Ints) -> bytes:
    return leaves.tobytes()


def _leaves(tree: pl.DataFrame) -> tuple[list[str], csr_matrix]:
    """The values of a tree, and which of its leaves (values without children) each is made of; nothing is a value."""
    names = sorted({*tree["parent"].to_list(), *tree["child"].to_list()})
    place = {name: number for number, name in enumerate(names)}
    parent, child = ([place[name] for name in tree[column]] for column in ("parent", "child"))
    down = csr_matrix((np.ones(tree.height), (parent, child)), shape=(len(names), len(names)))
    is_leaf = np.asarray(down.sum(axis=1)).ravel() == 0
    reached = identity(len(names), format="csr")
    while True:
        further = ((reached + reached @ down) > 0).astype(np.float64)
        if further.nnz == reached.nnz:
            return names, further[:, np.flatnonzero(is_leaf)].tocsr()
        reached = further
