"""How sure a match is: the chance that it is the right place, from a few features, by coefficients kept as data.

The coefficients are fitted on the labelled texts of the fictional county by `tools/text_confidence.py`; the page
docs/methods/free-text-places.md shows how often a stated confidence came true on other texts of that county.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from upstander.places.texts.evidence import RINGS_KM, WITHOUT_SITE
from upstander.places.texts.registers import STREET, TOWN
from upstander.places.texts.wordlists import word_list

Numbers = npt.NDArray[np.float64]
FEATURES = (
    "cover",
    "similarity",
    "explained",
    "unknown",
    "is_compact",
    "with_street",
    "against_street",
    "with_town",
    "against_town",
    "with_part",
    "against_part",
    "margin",
    "rivals",
    "ring",
    "without_site",
    "is_street",
    "is_town",
    "is_implied",
)
DEFAULT_THRESHOLD = 0.75  # at and above it the place is told; below, the text is ambiguous
_WIDEST_MARGIN = 2.0


def features(chosen: pl.DataFrame) -> Numbers:
    """The features of each chosen candidate, a column each in the order of FEATURES, all about 0 to 1.

    Takes the columns of `candidates` and margin, rivals, is_implied; see choosing.
    """
    ring = pl.col("ring").clip(upper_bound=len(RINGS_KM)) / len(RINGS_KM)
    has_no_site = pl.col("ring") == WITHOUT_SITE
    told = chosen.select(
        "cover", "similarity", "explained",
        unknown=(pl.col("unknown") / pl.max_horizontal("says", pl.lit(1e-9))).fill_null(0.0).clip(0.0, 1.0),
        is_compact="is_compact",
        with_street=pl.col("by_street") == 1, against_street=pl.col("by_street") == -1,
        with_town=pl.col("by_town") == 1, against_town=pl.col("by_town") == -1,
        with_part=pl.col("by_part") == 1, against_part=pl.col("by_part") == -1,
        margin=pl.col("margin").fill_null(_WIDEST_MARGIN).clip(0.0, _WIDEST_MARGIN) / _WIDEST_MARGIN,
        rivals=(1 + pl.col("rivals").clip(upper_bound=20)).log() / np.log(21),
        ring=pl.when(has_no_site).then(0.0).otherwise(ring), without_site=has_no_site,
        is_street=pl.col("kind") == STREET, is_town=pl.col("kind") == TOWN, is_implied="is_implied",
    )  # fmt: skip
    return told.select(pl.col(FEATURES).cast(pl.Float64)).to_numpy()


def confidences(chosen: pl.DataFrame) -> pl.Series:
    """The chance, 0 to 1, that each chosen candidate is the place meant."""
    held = word_list("confidence")
    weights = np.array([held["weights"][name] for name in FEATURES])
    return pl.Series("confidence", chance(features(chosen), float(held["intercept"]), weights))


def chance(rows: Numbers, intercept: float, weights: Numbers | Sequence[float]) -> Numbers:
    """The logistic of a weighted sum."""
    return np.asarray(1 / (1 + np.exp(-(intercept + rows @ np.asarray(weights)))))
