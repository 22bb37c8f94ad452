"""The truth beside declared files: who each line is about, what is wrong with it, what was planted."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True)
class DeclaredTruth:
    """What was made of one layout.

    `lines`: one row a line of a file: path, line (from 2: the first is the header), person_ref (empty for nobody),
    area_code_true, place (whole, part, none), rule (why it is kept back, empty where it is not), reason (why it is set
    aside by its code).
    `facts`: the layout's dataset, shape and supplier, and the effect that was planted.
    """

    lines: pl.DataFrame
    facts: dict[str, Any]


def write_declared_truth(folder: Path, name: str, truth: DeclaredTruth) -> None:
    """Write what `read_declared_truth` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    truth.lines.write_parquet(folder / f"{name}.parquet")
    text = json.dumps(truth.facts, indent=2, sort_keys=True, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def read_declared_truth(folder: Path, name: str) -> DeclaredTruth:
    """The truth of one layout, by its supplier's name."""
    return DeclaredTruth(
        pl.read_parquet(folder / f"{name}.parquet"), json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    )
