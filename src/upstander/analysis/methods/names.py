"""Names of cells, events and places, as the file that was given writes them."""

import polars as pl


def as_given(names: pl.Series) -> pl.Series:
    """Names that are all whole numbers as numbers, so that they join with the file they came from."""
    number = names.cast(pl.Int64, strict=False)
    return number if bool((number.cast(pl.String) == names).all()) and not number.null_count() else names
