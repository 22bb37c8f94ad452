"""Where a method's published result lies, and its files: as numbers, or as `upstander method run` reads them."""

import json
from typing import Any

import polars as pl

from shared_data import SHARED

ORACLES = SHARED / "oracles"


def as_text(path: str) -> pl.DataFrame:
    """An oracle's CSV, nothing inferred."""
    return pl.read_csv(ORACLES / path, infer_schema=False)


def as_numbers(path: str) -> pl.DataFrame:
    """An oracle's CSV with numbers read as numbers."""
    return pl.read_csv(ORACLES / path, null_values=["NA"])


def facts(path: str) -> dict[str, Any]:
    """An oracle's JSON."""
    found: dict[str, Any] = json.loads((ORACLES / path).read_text("utf-8"))
    return found
