"""How a method is declared, described and answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any, Literal

import polars as pl

Type = Literal["integer", "number", "text", "date", "datetime", "boolean"]
OTHERS = "*"
Value = int | float | str | bool


@dataclass(frozen=True)
class WantedColumn:
    """One column of an input. A column that is not required may be missing or hold gaps; a required one neither.

    `gaps` allows a required column to hold missing values, which then mean something (an unknown end). The name `*`
    (OTHERS), last, stands for every column of the file that no other names: one a period, say, or, of the type `any`,
    those that a parameter names, as they are. `unnamed` columns may stand first under an empty heading, as R and pandas
    write the names of rows.
    """

    name: str
    type: Type | Literal["any"]
    means: str
    unit: str = ""
    required: bool = True
    gaps: bool = False
    unnamed: bool = False


@dataclass(frozen=True)
class Param:
    """One parameter. `choices` closes a text; `least` and `most` are inclusive."""

    name: str
    type: Type
    means: str
    default: Value
    unit: str = ""
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Output:
    """One column of the rows that come out."""

    column: str
    type: Type
    means: str
    unit: str = ""


@dataclass(frozen=True)
class Answer:
    """What a method's own function gives back: rows in order, a summary of single values, warnings as sentences."""

    rows: pl.DataFrame
    summary: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


Compute = Callable[[Mapping[str, pl.DataFrame], Mapping[str, Any], int], Answer]


@dataclass(frozen=True)
class Method:
    """A method that anyone can run on their own files.

    `inputs`: role → columns; the first role is meant when a file is given without one. `optional_roles` may be left
    out. `compute` gets frames with exactly the declared columns and types, parameters as values, and the seed.
    `assumes`: what must hold for the answer to mean what it says, in plain sentences.
    """

    name: str
    version: str
    title: str
    says: str
    source: str
    inputs: Mapping[str, tuple[WantedColumn, ...]]
    params: tuple[Param, ...]
    outputs: tuple[Output, ...]
    compute: Compute
    optional_roles: tuple[str, ...] = ()
    assumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """One run: what was asked and what came out. `rows` and `summary` hold plain values, dates among them."""

    method: str
    version: str
    parameters: Mapping[str, Value]
    source: str
    seed: int
    rows: tuple[Mapping[str, Any], ...]
    summary: Mapping[str, Any]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The run as plain JSON values: absent is null, dates are ISO 8601."""
        return {
            "method": self.method, "version": self.version, "parameters": dict(self.parameters),
            "source": self.source, "seed": self.seed,
            "rows": [{name: _plain(value) for name, value in row.items()} for row in self.rows],
            "summary": {name: _plain(value) for name, value in self.summary.items()},
            "warnings": list(self.warnings),
        }  # fmt: skip


def describe(method: Method) -> dict[str, Any]:
    """The declaration as `method show --json` prints it."""
    return {
        "name": method.name, "version": method.version, "source": method.source,
        "inputs": {
            role: [
                {"column": wanted.name, "type": wanted.type, "unit": wanted.unit,
                 "required": wanted.required and role not in method.optional_roles}
                for wanted in columns
            ]
            for role, columns in method.inputs.items()
        },
        "params": [
            {"name": param.name, "type": param.type, "unit": param.unit, "default": param.default,
             "min": param.least, "max": param.most}
            for param in method.params
        ],
        "output": [{"column": out.column, "type": out.type, "unit": out.unit} for out in method.outputs],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
