"""Running a method of `impact` in a test, and what comes out as a frame."""

import polars as pl

from upstander.analysis import methods
from upstander.analysis.methods import ALL, Result


def run(name: str, params: dict | None = None, *, seed: int = 1, **inputs: dict | pl.DataFrame) -> Result:
    frames = {role: pl.DataFrame(frame) for role, frame in inputs.items()}
    words = {key: str(value) for key, value in (params or {}).items()}
    return methods.run(ALL[name], frames, words, seed=seed)


def rows_of(result: Result) -> pl.DataFrame:
    return pl.DataFrame(list(result.rows), infer_schema_length=None)
