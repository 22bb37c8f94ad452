"""Asking a method as a person does: files, words, and the JSON that the command prints."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from typer.testing import CliRunner

from oracles.reading import ORACLES
from upstander.cli.app import app

File = str | Path | pl.DataFrame | Mapping[str, Any]
_ENVELOPE = {"method", "version", "parameters", "source", "seed", "rows", "summary", "warnings"}


@dataclass(frozen=True)
class Told:
    """What a method answered: one row a row, single values, warnings as sentences."""

    rows: pl.DataFrame
    summary: Mapping[str, Any]
    warnings: tuple[str, ...]


def answer(method: str, inputs: Mapping[str, File], params: Mapping[str, object] | None = None) -> Told:
    """What `upstander method run METHOD --json` answers for files by role."""
    told = json.loads(printed(method, inputs, params or {}))
    assert set(told) == _ENVELOPE
    assert told["method"] == method
    rows = pl.DataFrame(told["rows"], infer_schema_length=None)
    return Told(rows, told["summary"], tuple(told["warnings"]))


def printed(method: str, inputs: Mapping[str, File], params: Mapping[str, object]) -> str:
    """The line of JSON itself.

    A text is a path under the published results; a table or columns become a CSV that lives as long as the command.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = [f"--input={role}={_path(role, file, Path(folder))}" for role, file in inputs.items()]
        words += [f"--param={name}={value}" for name, value in params.items()]
        ran = CliRunner().invoke(app, ["method", "run", method, *words, "--json"])
    if ran.exception is not None and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return ran.stdout.splitlines()[-1]


def _path(role: str, file: File, folder: Path) -> Path:
    if isinstance(file, str | Path):
        return ORACLES / file
    path = folder / f"{role}.csv"
    pl.DataFrame(file).write_csv(path)
    return path
