"""Official lookups: which area of one layer goes with which area of another."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from upstander.places.errors import UnknownLayout
from upstander.places.holding import Normalised
from upstander.places.layers import EXPECTED_COLUMNS, LayerColumns, layer_columns
from upstander.places.tables import header_of, text_columns


def read_lookup(paths: Sequence[Path]) -> Normalised:
    """One table with a column of codes a layer (`lsoa21`) and one of names (`lsoa21_name`), one row a pair of areas.

    Several files of one layout are read as one. Raises UnknownLayout where fewer than two layers are found.
    """
    layouts = [layer_columns(header_of(path)) for path in paths]
    for path, layout in zip(paths, layouts, strict=True):
        if len(layout) < 2 or layout.keys() != layouts[0].keys():
            raise UnknownLayout(
                f"{path.name} does not relate the same two or more layers of areas.",
                where=path.name, found=", ".join(layout) or ", ".join(header_of(path)), expected=EXPECTED_COLUMNS,
            )  # fmt: skip
    layers = tuple(layouts[0])
    parts = [_pairs(path, layout) for path, layout in zip(paths, layouts, strict=True)]
    pairs = pl.concat(parts, how="diagonal").unique().sort(layers)
    return Normalised("lookup", "-".join(layers), layers, {"pairs": pairs}, pairs.height)


def _pairs(path: Path, layout: dict[str, LayerColumns]) -> pl.DataFrame:
    codes = {columns.code: layer for layer, columns in layout.items()}
    names = {columns.name: f"{layer}_name" for layer, columns in layout.items() if columns.name}
    return text_columns(path, [*codes, *names]).rename(codes | names).drop_nulls(list(codes.values()))
