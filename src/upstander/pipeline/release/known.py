"""What outsiders know of counts besides all that is published (`upstander known`), as cells of a release."""

import polars as pl

from upstander.contracts.known import known_cells
from upstander.pipeline.home import Home
from upstander.pipeline.knowledge import held_known
from upstander.pipeline.release.ground import WHOLE
from upstander.pipeline.release.plan import ALL_AGES, ALL_SEXES, DIMENSIONS_TOLD, Known

_ALL = {"area": WHOLE, "age": ALL_AGES, "sex": ALL_SEXES}


def declared(home: Home) -> tuple[Known, ...]:
    """Everything written down, in order. Raises BadKnown for a file that cannot be read or a fact that cannot be."""
    known = held_known(home)
    datasets = sorted({fact.dataset for one in known for fact in one.facts})
    return tuple(
        (dataset, tuple(map(str, row[:-2])), row[-2], row[-1])
        for dataset in datasets for row in known_cells(known, dataset, DIMENSIONS_TOLD, _ALL).rows()
    )  # fmt: skip


def known_now(home: Home, dataset: str) -> pl.DataFrame | None:
    """What is written down now of one dataset; None where nothing is."""
    return known_of(declared(home), dataset)


def known_of(known: tuple[Known, ...], dataset: str) -> pl.DataFrame | None:
    """What is known of one dataset: the dimensions, low, high; None where nothing is."""
    rows = [(*cell, low, high) for name, cell, low, high in known if name == dataset]
    schema = dict.fromkeys(DIMENSIONS_TOLD, pl.String) | {"low": pl.Int64, "high": pl.Int64}
    return pl.DataFrame(rows, schema, orient="row") if rows else None
