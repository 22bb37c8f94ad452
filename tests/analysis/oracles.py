"""Where a method's published result lies, and its files as `upstander method run` reads them: every value as text."""

import polars as pl

from shared_data import SHARED

ORACLES = SHARED / "oracles"


def as_text(path: str) -> pl.DataFrame:
    """An oracle's CSV, nothing inferred."""
    return pl.read_csv(ORACLES / path, infer_schema=False)


def as_numbers(path: str) -> pl.DataFrame:
    """An oracle's CSV with numbers read as numbers."""
    return pl.read_csv(ORACLES / path, null_values=["NA"])
