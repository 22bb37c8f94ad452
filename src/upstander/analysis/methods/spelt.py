"""Methods about how alike two spellings are: what names of places are compared by."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from upstander.contracts.methods import Answer, Method, Output, WantedColumn


def _similarity(frames: Mapping[str, pl.DataFrame], params: Mapping[str, Any], seed: int) -> Answer:  # noqa: ARG001
    from rapidfuzz.distance import Jaro, JaroWinkler, Levenshtein
    from rapidfuzz.process import cpdist

    pairs = frames["pairs"]
    first, second = pairs["a"].to_list(), pairs["b"].to_list()
    scored = {
        "jaro": cpdist(first, second, scorer=Jaro.normalized_similarity, dtype=np.float64),
        "jaro_winkler": cpdist(first, second, scorer=JaroWinkler.normalized_similarity, dtype=np.float64),
    }
    edits = cpdist(first, second, scorer=Levenshtein.distance, dtype=np.int64)
    return Answer(pairs.with_columns(**scored, levenshtein=edits), {"pairs": pairs.height})


STRING_SIMILARITY = Method(
    name="string_similarity",
    version="1.0.0",
    title="How alike two spellings are",
    says="Jaro and Jaro–Winkler similarity (0 to 1) and the edits that turn one spelling into the other, letter for "
    "letter as given: capitals differ from small letters.",
    source="Jaro, J. American Statistical Association 84(406), 1989; Winkler, Proc. Section on Survey Research "
    "Methods, ASA, 1990 and 1994; Levenshtein, Soviet Physics Doklady 10(8), 1966; by rapidfuzz",
    inputs={"pairs": (WantedColumn("a", "text", "one spelling"), WantedColumn("b", "text", "the other"))},
    params=(),
    outputs=(
        Output("a", "text", "as given"),
        Output("b", "text", "as given"),
        Output("jaro", "number", "Jaro similarity, 1 is the same"),
        Output("jaro_winkler", "number", "Jaro similarity, raised by a common beginning of up to four letters"),
        Output("levenshtein", "integer", "letters put in, taken out or changed", "edits"),
    ),
    compute=_similarity,
)
