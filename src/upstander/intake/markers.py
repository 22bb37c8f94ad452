"""Cells of published figures: a number, or the mark that stands in its place. None is nought, and none is another."""

from collections.abc import Mapping

import polars as pl

from upstander.contracts.indicators import MARKERS
from upstander.intake.suppliers import Supplier

SHOWN, MISSING = "shown", "missing"
_NUMBER = r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


def read_figures(name: str, text: pl.Series, markers: Mapping[str, str]) -> list[pl.Series]:
    """`name.number`, `name.marker` (shown, what stands there instead, or missing) and `name.unread`.

    markers: what stands in the place of a number, in small letters -> what it says.
    """
    sent, words = pl.col("sent"), pl.col("sent").str.to_lowercase()
    is_number = sent.str.contains(_NUMBER)
    read = pl.DataFrame({"sent": text}).select(
        pl.when(is_number).then(sent.str.replace_all(",", "").cast(pl.Float64, strict=False)).alias(f"{name}.number"),
        pl.when(is_number).then(pl.lit(SHOWN)).when(sent.is_null()).then(pl.lit(MISSING))
        .otherwise(words.replace_strict(markers, default=None, return_dtype=pl.String)).alias(f"{name}.marker"),
    )  # fmt: skip
    return [*read.get_columns(), read[f"{name}.marker"].is_null().alias(f"{name}.unread")]


def markers_of(supplier: Supplier) -> dict[str, str]:
    """What may stand in the place of a number: the map's own marks and, in every file, our words for them."""
    ours = {name: name for name in MARKERS if name not in (SHOWN, MISSING)}
    return ours | {text.lower(): marker for text, marker in supplier.markers.items()}
