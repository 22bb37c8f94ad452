"""Any declared method on any file: no home, no agreement, nothing stored. The file is the analyst's own."""

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from upstander.analysis import methods
from upstander.analysis.methods import Method, Result
from upstander.errors import NotAcceptable, WrongUsage


def find_method(name: str) -> Method:
    """The method of that name. Raises WrongUsage, naming those there are."""
    if name not in methods.ALL:
        raise WrongUsage(f"There is no method '{name}'.", found=name, expected=", ".join(sorted(methods.ALL)))
    return methods.ALL[name]


def run_method(name: str, inputs: Mapping[str, Path], params: Mapping[str, str], *, seed: int) -> Result:
    """Run a method on CSV or JSON files by role; the role "" means the method's first."""
    method = find_method(name)
    first = next(iter(method.inputs))
    return methods.run(method, {role or first: read_frame(path) for role, path in inputs.items()}, params, seed=seed)


def read_frame(path: Path) -> pl.DataFrame:
    """A CSV (every cell as text) or a JSON list of rows. Raises NotAcceptable for anything else.

    Semicolons part the cells where the heading has some and no comma, as spreadsheets write in much of Europe.
    """
    if not path.is_file():
        raise NotAcceptable(
            f"There is no file {path}.", where=str(path), found="nothing", expected="a CSV or JSON file"
        )
    try:
        if path.suffix.lower() == ".json":
            rows = json.loads(path.read_text("utf-8"))
            return pl.DataFrame(rows.get("rows", rows) if isinstance(rows, dict) else rows)
        with path.open("rb") as file:
            heading = file.readline()
        separator = ";" if b";" in heading and b"," not in heading else ","
        return pl.read_csv(path, infer_schema=False, separator=separator)
    except (pl.exceptions.PolarsError, ValueError, TypeError) as why:
        raise NotAcceptable(
            f"{path.name} cannot be read.", where=str(path), found=type(why).__name__,
            expected="a CSV with a header line, or a JSON list of rows",
        ) from why  # fmt: skip
