"""Any declared method on any file: no home, no agreement, nothing stored. The file is the analyst's own."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from upstander.analysis import methods
from upstander.contracts.methods import Method, Result
from upstander.disclosure import methods as of_disclosure
from upstander.errors import NotAcceptable, WrongUsage

ALL: Mapping[str, Method] = dict(sorted({**methods.ALL, **of_disclosure.ALL}.items()))


def find_method(name: str) -> Method:
    """The method of that name. Raises WrongUsage, naming those there are."""
    if name not in ALL:
        raise WrongUsage(f"There is no method '{name}'.", found=name, expected=", ".join(ALL))
    return ALL[name]


def run_method(name: str, inputs: Mapping[str, Path], params: Mapping[str, str], *, seed: int) -> Result:
    """Run a method on CSV or JSON files by role; the role "" means the method's first."""
    method = find_method(name)
    first = next(iter(method.inputs))
    return methods.run(method, {role or first: read_frame(path) for role, path in inputs.items()}, params, seed=seed)


def read_frame(path: Path) -> pl.DataFrame:
    """A CSV (every cell as text), a JSON list of rows, or a JSON object of named series that differ in length.

    Such series become rows: case (the name), i (the position, from 1), value. An object of objects is one row of
    JSON. Semicolons part the cells where the
    heading has some and no comma, as spreadsheets write in much of Europe. Raises NotAcceptable for anything else.
    """
    if not path.is_file():
        raise NotAcceptable(
            f"There is no file {path}.", where=str(path), found="nothing", expected="a CSV or JSON file"
        )
    try:
        if path.suffix.lower() == ".json":
            rows = json.loads(path.read_text("utf-8"))
            if _is_deep(rows):
                return pl.DataFrame({name: [json.dumps(value)] for name, value in rows.items()})
            return _series_in_rows(rows) if _is_series(rows) else pl.DataFrame(_rows(rows))
        with path.open("rb") as file:
            heading = file.readline()
        separator = ";" if b";" in heading and b"," not in heading else ","
        return pl.read_csv(path, infer_schema=False, separator=separator)
    except (pl.exceptions.PolarsError, ValueError, TypeError) as why:
        raise NotAcceptable(
            f"{path.name} cannot be read.", where=str(path), found=type(why).__name__,
            expected="a CSV with a header line, or a JSON list of rows",
        ) from why  # fmt: skip


def _is_deep(told: object) -> bool:
    """Whether it is an object that holds objects, such as patterns by table: one row, each value as JSON."""
    return isinstance(told, dict) and any(isinstance(each, dict) for each in told.values())


def _rows(told: object) -> Any:
    return told.get("rows", told) if isinstance(told, dict) else told


def _is_series(told: object) -> bool:
    """Whether it is an object of lists that are no columns, because they differ in length."""
    if not isinstance(told, dict) or not all(isinstance(each, list) for each in told.values()):
        return False
    return len({len(each) for each in told.values()}) > 1


def _series_in_rows(told: Mapping[str, list[Any]]) -> pl.DataFrame:
    rows = pl.DataFrame({"case": list(told), "value": list(told.values())}).explode("value")
    return rows.with_columns(i=pl.int_range(1, pl.len() + 1).over("case"))
