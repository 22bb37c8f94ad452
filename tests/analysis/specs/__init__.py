"""Worked examples of the methods: a tiny table in, the table that must come out. Each file is also a public page.

`NAME.toml` holds `[[example]]`: `says` (the claim, a sentence), `worked` (where the expected numbers come from: a hand
calculation or a cited source, with its page), `params` (as a person writes them), `input.ROLE` (CSV), `rows` (CSV: the
columns shown, every row in order), `summary` (single values, if any), `tolerance` (absolute, 1e-9 unless said).
"""

import tomllib
from dataclasses import dataclass, field
from io import StringIO
from math import isclose
from pathlib import Path
from typing import Any

import polars as pl

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Example:
    """One worked example of a method."""

    method: str
    says: str
    worked: str
    inputs: dict[str, str]
    rows: str
    params: dict[str, str] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    tolerance: float = 1e-9

    def frames(self) -> dict[str, pl.DataFrame]:
        """The inputs by role, every value as text, as `upstander method run` reads a file."""
        return {role: table(text) for role, text in self.inputs.items()}


def table(text: str) -> pl.DataFrame:
    """CSV as written in a spec; nothing inferred."""
    return pl.read_csv(StringIO(text.strip()), infer_schema=False)


def examples() -> list[Example]:
    """Every worked example, by method."""
    return [
        Example(method=path.stem, inputs=said.pop("input"), **said)
        for path in sorted(HERE.glob("*.toml"))
        for said in tomllib.loads(path.read_text("utf-8"))["example"]
    ]


def differs(found: Any, expected: str | None, tolerance: float) -> bool:
    """Whether a value that came out is another than the one a spec writes; an empty field stands for absent."""
    if expected is None or found is None:
        return found is not expected
    if isinstance(found, bool):
        return expected != str(found).lower()
    if isinstance(found, int | float):
        return not isclose(found, float(expected), rel_tol=0, abs_tol=tolerance)
    return str(found) != expected
